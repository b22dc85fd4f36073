"""Renders synthetic training objects: `python samples/objects/render.py --out DIR --count N --seed S`.

Every object is a straight-alpha picture, a shadow mask of the same size and a line in `DIR/index.jsonl`. Object
number k depends on the seed and k alone; what is already there is skipped.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "scenes"))
sys.path.insert(0, str(Path(__file__).parent))

import catalogue
import develop
import numpy as np
import studio
from build import Build, family
from PIL import Image, ImageDraw
from view import View

SMALL_PX = 14
"""Below this a thing's outline is taken for an ellipse when masks are drawn."""
LEAST_SHARE = 0.35
"""A box less visible than this is left out, its pixels stay."""


def outline(build: Build, eye: View) -> dict[str, develop.Mask]:
    """Each group's mask as if it stood alone, drawn from its faces."""
    masks = {}
    for name, parts in build.groups.items():
        picture = Image.new("1", eye.size_px)
        draw = ImageDraw.Draw(picture)
        for thing in family(parts):
            if thing.type != "MESH":
                continue
            flat = eye.project(studio.vertices(thing))
            low, high = flat.min(axis=0), flat.max(axis=0)
            if float((high - low).max()) < SMALL_PX:
                draw.ellipse((*low, *high), fill=1)
                continue
            for face in thing.data.polygons:
                draw.polygon([tuple(flat[i]) for i in face.vertices], fill=1)
        masks[name] = np.asarray(picture, bool)
    return masks


def make(number: int, label: str, seed: int, folder: Path, raw: Path, args: argparse.Namespace) -> dict[str, object]:
    """Builds, photographs and writes object `number`; the line for the index."""
    rng = random.Random(f"{seed}/{number}")
    studio.empty_scene(threads=args.threads)
    made = catalogue.MAKERS[label](rng)
    negative, eye, sun = studio.photograph(made, rng, raw, long_px=args.width, samples=args.samples)
    colour = develop.exposed(negative.colour, rng, exposure=sun.exposure, auto=sun.auto)
    size = (colour.shape[1], colour.shape[0])
    shadow = np.zeros(colour.shape[:2], np.uint8) if negative.shadow is None else develop.shade(negative.shadow, size)
    cut = develop.crop(colour[..., 3], shadow)
    window = (slice(cut.y0, cut.y1), slice(cut.x0, cut.x1))
    name = f"{label}-{number:05d}"
    Image.fromarray(colour[window]).save(folder / f"{name}.webp", quality=92, method=4)
    Image.fromarray(shadow[window]).save(folder / f"{name}.shadow.png")
    numbers = {group: k for k, group in enumerate(made.groups, 1)}
    alone = outline(made, eye) if len(made.groups) > 1 else None
    boxes = [(box.label, box.groups) for box in made.boxes]
    found = develop.labelled(negative.index, alone, boxes, numbers, (cut.x0, cut.y0), least_share=LEAST_SHARE)
    return {
        "file": f"{name}.webp",
        "shadow": f"{name}.shadow.png",
        "label": label,
        "boxes": found,
        "camera_height_m": round(eye.height_m, 2),
        "pitch_deg": round(eye.pitch_deg, 1),
        "pixels_per_metre": round(eye.pixels_per_metre, 1),
        "stands_on": made.stands_on,
        "light": sun.kind,
        "seed": f"{seed}/{number}",
    }


def finished(index: Path) -> set[str]:
    """The files that the index already names."""
    if not index.exists():
        return set()
    return {json.loads(line)["file"] for line in index.read_text("utf-8").splitlines() if line.strip()}


def arguments() -> argparse.Namespace:
    """From the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--out", type=Path, required=True, help="folder for pictures and index.jsonl")
    parser.add_argument("--count", type=int, required=True, help="objects in all")
    parser.add_argument("--first", type=int, default=0, help="number of the first object (default: 0)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--labels", default=",".join(catalogue.MAKERS), help="in turn; a label named twice comes twice")
    parser.add_argument("--width", type=int, default=384, help="long side of the object in pixels (default: 384)")
    parser.add_argument("--samples", type=int, default=8, help="paths a pixel (default: 8)")
    parser.add_argument("--threads", type=int, default=1)
    return parser.parse_args()


def main() -> None:
    """Renders what is missing."""
    args = arguments()
    labels = args.labels.split(",")
    if unknown := sorted(set(labels) - set(catalogue.MAKERS)):
        raise SystemExit(f"unknown label {', '.join(unknown)}; known: {', '.join(catalogue.MAKERS)}")
    args.out.mkdir(parents=True, exist_ok=True)
    index = args.out / "index.jsonl"
    done = finished(index)
    with tempfile.TemporaryDirectory() as raw:
        for number in range(args.first, args.first + args.count):
            label = labels[number % len(labels)]
            if f"{label}-{number:05d}.webp" in done:
                continue
            began = time.perf_counter()
            line = make(number, label, args.seed, args.out, Path(raw), args)
            with index.open("a", encoding="utf-8") as file:
                file.write(json.dumps(line, ensure_ascii=False) + "\n")
            print(f"{line['file']} {time.perf_counter() - began:.1f} s", flush=True)


if __name__ == "__main__":
    main()
