"""Renders the sample clip: `python samples/scenes/street.py --out samples/street.mp4`.

The camera stands still, so the empty street is rendered once and well; what comes to rest is rendered into a
new still picture; in between only the rectangles round moving things are rendered, shadows and all, and laid
over the still.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).parent))

import cast as scene
import picture
import timeline
import truth
from picture import Pixels, Rect

SIZE_PX = (1280, 720)
FONT = Path("/usr/share/fonts/truetype/wqy/wqy-microhei.ttc")
DWELL_S = {
    "illegal_parking_motor": 15,
    "exposed_garbage": 10,
    "bagged_garbage": 10,
    "street_vendor": 10,
    "illegal_umbrella": 10,
    "piled_materials": 10,
    "illegal_advertising": 10,
    "street_drying": 10,
}


class Studio:
    """Makes any frame of the clip; keeps the parts in a folder, so that a broken-off run goes on."""

    def __init__(self, players: scene.Cast, folder: Path, *, samples: int, still_samples: int) -> None:
        self._players, self._folder = players, folder
        self._samples, self._still_samples = samples, still_samples
        self._stills: dict[frozenset[str], Pixels] = {}
        folder.mkdir(parents=True, exist_ok=True)

    def frame(self, index: int) -> Pixels:
        """The picture at `index`, before sensor noise."""
        t = index / timeline.RATE_HZ
        here, before, after = (scene.signatures(t + d) for d in (0.0, -1 / timeline.RATE_HZ, 1 / timeline.RATE_HZ))
        present = {name for name, value in here.items() if value is not None}
        resting = frozenset(n for n in present if here[n] == before[n] or here[n] == after[n])
        still, moving = self.still(resting, t), present - resting
        if not moving:
            return still
        return self._with_patches(still, index, t, present, moving)

    def still(self, resting: frozenset[str], t: float) -> Pixels:
        """The street with only what rests at `t`."""
        if resting in self._stills:
            return self._stills[resting]
        path = self._folder / _still_name(resting)
        if path.exists():
            self._stills[resting] = np.load(path)
            return self._stills[resting]
        if not resting:
            scene.pose(self._players, t, set())
            made = picture.render(Rect(0, 0, *SIZE_PX), samples=self._still_samples)
        else:
            self.still(frozenset(), t)
            known = max((names for names in self._stills if names < resting), key=len)
            made = self._stills[known]
            scene.pose(self._players, t, set(resting))
            for rect in self._rects(resting - known):
                made = picture.lay_over(made, picture.render(rect, samples=self._still_samples), rect)
        np.save(path, made)
        self._stills[resting] = made
        return made

    def _with_patches(self, still: Pixels, index: int, t: float, present: set[str], moving: set[str]) -> Pixels:
        path = self._folder / f"patch-{index:05d}.npz"
        if not path.exists():
            scene.pose(self._players, t, present)
            made: dict[str, Any] = {}
            for rect in self._rects(frozenset(moving)):
                made[f"{rect.x0}_{rect.y0}_{rect.x1}_{rect.y1}"] = picture.render(rect, samples=self._samples)
            np.savez(path, **made)
        with np.load(path) as patches:
            for key in patches.files:
                still = picture.lay_over(still, patches[key], Rect(*map(int, key.split("_"))))
        return still

    def _rects(self, names: frozenset[str]) -> list[Rect]:
        found = (truth.rect_of(scene.parts(self._players, name), *SIZE_PX) for name in sorted(names))
        return picture.merged(rect for rect in found if rect is not None)


def _still_name(resting: frozenset[str]) -> str:
    """A file name; the heap's clumps come to rest together and count as one."""
    words = {name.removeprefix("car ") if name.startswith("car ") else name.split()[0] for name in resting}
    return f"still-{'-'.join(sorted(words)) or 'empty'}.npy"


def frames(studio: Studio, count: int) -> Iterator[Pixels]:
    """All frames in order, with a line of progress on stderr."""
    began = time.monotonic()
    for index in range(count):
        yield studio.frame(index)
        if index % 25 == 0:
            print(f"frame {index}/{count}, {time.monotonic() - began:.0f} s", file=sys.stderr, flush=True)


def _box_at(players: scene.Cast, t: float, *names: str) -> list[float]:
    scene.pose(players, t, set(names))
    return truth.box_of(part for name in names for part in scene.parts(players, name))


def _events(players: scene.Cast) -> list[dict[str, object]]:
    """What must be found; each box is taken from the meshes in their pose, without poles and posts."""
    heap = tuple(f"clump {k}" for k in range(timeline.CLUMPS))
    found = [
        (kind, 0.0, truth.box_of(t for t in things if "post" not in t.name and "banner pole" not in t.name))
        for kind, things in players.standing.items()
    ]
    parasol = [thing for thing in players.standing["street_vendor"] if thing.name.startswith("parasol")]
    found.append(("illegal_umbrella", 0.0, truth.box_of(parasol)))
    found.append(("illegal_parking_motor", timeline.A_REST_S, _box_at(players, 30.0, "car a")))
    found.append(("exposed_garbage", timeline.HEAP_REST_S, _box_at(players, 40.0, *heap)))
    end = {"end_s": timeline.LENGTH_S}
    return [
        {"class": kind, "start_s": round(start_s, 2), **end, "box": box, "ends": "clip ends"}
        for kind, start_s, box in found
    ]


def _negatives(players: scene.Cast) -> list[dict[str, object]]:
    """What must raise nothing; a moving thing's box is that of the middle of its stay."""
    stop = "car B stops for less than the dwell, then drives off"
    found = [(stop, timeline.B_REST_S, timeline.B_GO_S, _box_at(players, 20.0, "car b"))]
    times = [k / timeline.RATE_HZ for k in range(round(timeline.LENGTH_S * timeline.RATE_HZ))]
    for name, what in (
        ("car c", "car C drives through"),
        ("walker", "a pedestrian walks past"),
        ("keeper", "a shopkeeper throws rubbish out"),
    ):
        seen = [t for t in times if scene.signatures(t)[name] is not None]
        middle = seen[len(seen) // 2]
        found.append((f"{what}; the box is at {middle:.2f} s", seen[0], seen[-1], _box_at(players, middle, name)))
    return [{"what": w, "from_s": round(a, 2), "to_s": round(b, 2), "box": box} for w, a, b, box in found]


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--out", type=Path, default=Path("samples/street.mp4"), help="the clip; truth and config go beside it"
    )
    parser.add_argument(
        "--work",
        type=Path,
        default=Path("/tmp/cvinspect-street"),
        help="folder for rendered parts; empty it after a change of the scene",
    )
    parser.add_argument("--samples", type=int, default=4, help="paths per pixel in moving parts")
    parser.add_argument("--still-samples", type=int, default=40, help="paths per pixel in the still pictures")
    parser.add_argument("--seed", type=int, default=5)
    parser.add_argument(
        "--font", type=Path, default=FONT, help="a font with Chinese characters (Debian: fonts-wqy-microhei)"
    )
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--quality", type=int, default=27, help="x264 CRF")
    parser.add_argument(
        "--truth-only", action="store_true", help="write the truth and the configuration, render nothing"
    )
    return parser.parse_args()


def main() -> None:
    """Builds, renders, encodes."""
    options = _arguments()
    players = scene.build(options.font, seed=options.seed, width_px=SIZE_PX[0], height_px=SIZE_PX[1])
    picture.prepare(threads=options.threads)
    truth.write_truth(options.out.with_suffix(".truth.json"), options.out.name, _events(players), _negatives(players))
    truth.write_config(options.out.with_suffix(".yaml"), options.out.name, DWELL_S)
    if options.truth_only:
        return
    studio = Studio(players, options.work, samples=options.samples, still_samples=options.still_samples)
    count = round(timeline.LENGTH_S * timeline.RATE_HZ)
    rate = Fraction(timeline.RATE_HZ).limit_denominator(1000)
    picture.encode(
        frames(studio, count), options.out, SIZE_PX, rate_hz=rate, seed=options.seed, quality=options.quality
    )


if __name__ == "__main__":
    main()
