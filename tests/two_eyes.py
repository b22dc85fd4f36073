"""A scripted street that two networks look at: the quick one in every frame, the careful one when it is its turn."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from cvinspect.domain import Camera, Change, Detection, Frame, Pixels
from cvinspect.incidents import LookMatcher
from cvinspect.incidents.ledger import PlaceLedger
from cvinspect.incidents.look import PatchMatcher
from cvinspect.pipeline import Pipeline
from cvinspect.rules.judge import RuleJudge
from cvinspect.second_look import Allowance, SecondLook
from cvinspect.taxonomy import Violation
from cvinspect.track.tracker import OverlapTracker
from tests.fakes import SHANGHAI, ScriptedDetector, Thing, camera, detected, frame, painted, seconds

LABELS = ("motor_vehicle", "two_wheeler", "person", "garbage_bag", "vendor_stall", "umbrella", "bin")
QUICK_FROM = dict.fromkeys(LABELS, 0.5)
AGREES_FROM = dict.fromkeys(LABELS, 0.25)
SURE_FROM = dict.fromkeys(LABELS, 0.6)


class CarefulEye:
    """Sees its things as they are at the moment of the frame, and remembers when it looked."""

    def __init__(self, things: Sequence[Thing]) -> None:
        self.now_s = 0.0
        self.looked_s: list[float] = []
        self._things = things

    def detect(self, pixels: Pixels) -> list[Detection]:
        """What is there now."""
        self.looked_s.append(self.now_s)
        return detected(self._things, self.now_s)


def second_look(
    eye: CarefulEye,
    violations: Sequence[Violation],
    *,
    patrol_s: float = 10.0,
    where: Camera | None = None,
    allowance: Allowance | None = None,
    snapshot: bool = False,
) -> SecondLook:
    """The real thing, put together as `assembly` does."""
    return SecondLook(
        camera="gate",
        detector=eye,
        new_tracker=lambda: OverlapTracker(thresholds=SURE_FROM, pause_s=3 * patrol_s),
        judge=RuleJudge(where or camera(), violations, thresholds=SURE_FROM, timezone=SHANGHAI, snapshot=snapshot),
        view=None,
        agrees_from=AGREES_FROM,
        sure_from=SURE_FROM,
        patrol_s=patrol_s,
        allowance=allowance,
    )


@dataclass
class Watched:
    """What was said, and what said it."""

    changes: list[Change]
    eye: CarefulEye
    ledger: PlaceLedger
    standings: list[int] = field(default_factory=list)
    """How many places were under watch after each frame."""


def look_twice(
    *violations: Violation,
    until_s: float,
    quick: Sequence[Thing] = (),
    careful: Sequence[Thing] = (),
    street: Sequence[Thing] | None = None,
    patrol_s: float = 10.0,
    matcher: LookMatcher | None = None,
    snapshot: bool = False,
    restart_s: float | None = None,
    again: Callable[[PlaceLedger], PlaceLedger] | None = None,
) -> Watched:
    """What is said of a scene until `until_s`: `street` is painted (else what any eye sees), each eye sees its own.

    At `restart_s` the ledger is what `again` makes of it, and a new run begins.
    """
    times = seconds(until_s)
    scene = [*quick, *(one for one in careful if one not in quick)] if street is None else street
    eye = CarefulEye(careful)
    ledger = new_ledger(matcher)
    line = Pipeline(
        detector=ScriptedDetector([detected(quick, media_s) for media_s in times]),
        new_tracker=lambda: OverlapTracker(thresholds=QUICK_FROM),
        judge=RuleJudge(camera(), violations, thresholds=QUICK_FROM, timezone=SHANGHAI, snapshot=snapshot),
        ledger=ledger,
        second_look=second_look(eye, violations, patrol_s=patrol_s, snapshot=snapshot),
    )
    said, standings = [], list[int]()

    def shots(of_s: Sequence[float]) -> Iterator[Frame]:
        for media_s in of_s:
            eye.now_s = media_s
            shown = frame(media_s, painted(scene, media_s))
            yield Frame(shown.camera, shown.index, media_s - of_s[0], shown.captured_at, shown.pixels)
            standings.append(len(ledger.state.standings))

    first = [one for one in times if restart_s is None or one < restart_s]
    said += line.incidents(shots(first))
    if restart_s is not None and again is not None:
        line.ledger = ledger = again(ledger)
        said += line.incidents(shots(times[len(first) :]))
    return Watched(said, eye, ledger, standings)


def new_ledger(matcher: LookMatcher | None = None) -> PlaceLedger:
    """Of a camera with two eyes."""
    return PlaceLedger("gate", matcher=matcher or PatchMatcher(), source="clip.mp4", second_look=True)
