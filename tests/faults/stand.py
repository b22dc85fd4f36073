"""What the faults are done on: cameras on real servers behind relays, and the outcome of one fault done many times."""

import math
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from statistics import median

from tests.faults.house import House, a_house
from tests.faults.nursery import Nursery
from tests.faults.painted import FPS, SIZE, Scene, scene_of
from tests.faults.relay import Relay, relaying
from tests.faults.rtsp_server import RtspServer, running
from tests.faults.scoring import Score, Span, Stay, faults_of_delivery, found_in, score, stays

RECOVERED_S = 10.0
"""A camera that is back is inspected again within this."""

_AFTER_S = 1.5
"""Around a fault nothing is owed for so long: pictures on the way, and the daemon's own view of them."""


Disturbed = Mapping[str, Sequence[Span]]
"""By camera: when nothing is owed of it."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """One fault, done so many times."""

    fault: str
    times: int
    score: Score
    delivery: tuple[str, ...] = ()
    """What was wrong with revisions and sinks."""
    recoveries_s: tuple[float, ...] = ()
    faults: tuple[str, ...] = ()
    """What else went wrong."""
    note: str = ""

    @property
    def row(self) -> str:
        """A line of the table."""
        found = self.score
        counts = f"{found.owed} | {len(found.lost)} | {len(found.duplicated)} | {len(found.false)}"
        times_s = self.recoveries_s
        recovery = f"{median(times_s):.1f} / {max(times_s):.1f}" if times_s else "—"
        undelivered = len(self.delivery)
        return f"| {self.fault} | {self.times} | {counts} | {undelivered} | {recovery} | {self.note} |"

    @property
    def complaints(self) -> list[str]:
        """Everything that must not be, one line each."""
        found = self.score
        parts = {
            "lost": found.lost,
            "duplicated": found.duplicated,
            "false": found.false,
            "standing": found.standing,
            "late": found.late,
        }
        told = [f"{word}: {one}" for word, several in parts.items() for one in several]
        return [*told, *self.delivery, *self.faults]


HEADER = (
    "| fault | times | owed | lost | duplicated | false | sinks' faults | recovery s, median / max | |\n"
    "|---|---|---|---|---|---|---|---|---|"
)


@dataclass
class Spot:
    """A camera that stands somewhere: its server, the relay before it, and what it shows."""

    camera: str
    server: RtspServer
    relay: Relay
    scene: Scene
    clip: Path
    began_s: float
    """On the monotonic clock."""

    @property
    def path(self) -> str:
        return f"/{self.camera}"

    @property
    def source(self) -> str:
        return self.relay.url(self.path)

    def mount(self) -> None:
        """Show the scene, as far as it has come."""
        self.server.mount(self.path, self.clip, fps=FPS, began_s=self.began_s)

    def show(self, clip: Path) -> None:
        """The same scene from another clip."""
        self.server.show(self.path, clip, fps=FPS, began_s=self.began_s)

    @property
    def scene_s(self) -> float:
        """How far the scene has come, loops and all."""
        return time.monotonic() - self.began_s

    def stays(self, seen: Span) -> list[Stay]:
        """What stood before it."""
        began_s = self.began_s + time.time() - time.monotonic()
        return stays(self.camera, self.scene, began_s=began_s, seen=seen)


@dataclass
class Stand:
    """Everything that faults share; safe to use from many threads."""

    nursery: Nursery
    folder: Path
    is_long: bool
    _clips: dict[tuple[Scene, tuple[int, int]], Path] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def period_s(self) -> float:
        """Of the scenes: nothing looks as something did in its place ten minutes before; the short form ends sooner."""
        return 720.0 if self.is_long else 300.0

    def clip(self, scene: Scene, *, size: tuple[int, int] = SIZE) -> Path:
        """Each scene is encoded once."""
        with self._lock:
            key = scene, size
            if key not in self._clips:
                self._clips[key] = scene.clip(self.folder / f"clip-{len(self._clips)}.h264", size=size)
            return self._clips[key]

    @contextmanager
    def house(
        self,
        name: str,
        spots: Sequence[Spot],
        *,
        environ: Mapping[str, str] | None = None,
        fps: float = 2.0,
        address: str | None = None,
        more_sinks: Sequence[Mapping[str, object]] = (),
    ) -> Iterator[House]:
        """A site with these cameras."""
        cameras = {one.camera: {"source": one.source} for one in spots}
        with a_house(
            self.nursery, self.folder / name, cameras, environ=environ, fps=fps, address=address, more_sinks=more_sinks
        ) as house:
            yield house

    @contextmanager
    def spots(self, *cameras: str, scenes: Sequence[Scene] = (), size: tuple[int, int] = SIZE) -> Iterator[list[Spot]]:
        """Cameras on one server, each with a scene of its own unless some are given."""
        scenes = scenes or [scene_of(number % 3, period_s=self.period_s) for number in range(len(cameras))]
        clips = [self.clip(scene, size=size) for scene in scenes]
        with ExitStack() as stack:
            server = stack.enter_context(running())
            found = []
            for camera, scene, clip in zip(cameras, scenes, clips, strict=True):
                relay = stack.enter_context(relaying(server.port))
                found.append(Spot(camera, server, relay, scene, clip, time.monotonic()))
                found[-1].mount()
            yield found


def wait(seconds: float) -> None:
    """Real time goes by."""
    threading.Event().wait(seconds)


def disturb(house: House, spot: Spot, fault: Callable[[], None]) -> tuple[Span, float]:
    """Do something to a camera; from when to when nothing is owed of it, and seconds to recover from its end."""
    from_s = time.time()
    fault()
    until_s = time.time()
    camera = spot.camera
    house.until(
        lambda: house.seen_again_s(camera, until_s) is not None, within_s=3 * RECOVERED_S, what=f"{camera} seen again"
    )
    again_s = house.seen_again_s(camera, until_s)
    assert again_s is not None
    return Span(from_s - _AFTER_S, again_s + _AFTER_S), again_s - until_s


def finish(house: House, spots: Sequence[Spot], *, within_s: float = 60.0) -> list[str]:
    """Let everything be delivered, end the daemon in order; what went wrong with that."""
    for spot in spots:
        spot.relay.hold()  # nothing more is found from here on
    house.until_delivered(within_s=within_s)
    took_s, code = house.terminate()
    faults = [] if code == 0 else [f"SIGTERM: exit code {code}: {house.log[-1500:]}"]
    return faults if took_s < RECOVERED_S else [*faults, f"SIGTERM: took {took_s:.1f} s"]


def scored(house: House, spots: Sequence[Spot], disturbed: Disturbed, seen: Span) -> dict[str, Score]:
    """Each camera's score, after the daemon has ended; `seen` is from when to when it watched.

    Nothing is owed either while the machine had no time to look at a camera; how long that was stands in the score.
    """
    found = found_in(house)
    scores = {}
    for spot in spots:
        faults = list(disturbed.get(spot.camera, ()))
        starved = [Span(*one) for one in house.starved(spot.camera, seen.until_s)]
        starved = [one for one in starved if not any(one.from_s < f.until_s and f.from_s < one.until_s for f in faults)]
        own = [one for one in found if one.camera == spot.camera]
        unseen = [Span(0.0, seen.from_s), Span(seen.until_s, math.inf)]
        one = score(spot.stays(seen), own, {spot.camera: [*unseen, *faults, *starved]})
        scores[spot.camera] = replace(one, starved_s=sum(span.length_s for span in starved))
    return scores


def whole(house: House, spots: Sequence[Spot], disturbed: Disturbed, seen: Span) -> Score:
    """All cameras' scores together."""
    scores = scored(house, spots, disturbed, seen).values()
    return Score(
        sum(one.owed for one in scores),
        sum(one.found for one in scores),
        tuple(stay for one in scores for stay in one.lost),
        tuple(found for one in scores for found in one.duplicated),
        tuple(found for one in scores for found in one.false),
        tuple(found for one in scores for found in one.standing),
        tuple(found for one in scores for found in one.late),
        sum(one.starved_s for one in scores),
    )


def delivered(house: House) -> tuple[str, ...]:
    """What is wrong with revisions and sinks."""
    return tuple(faults_of_delivery(house))
