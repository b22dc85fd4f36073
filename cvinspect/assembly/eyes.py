"""The second pair of eyes: the careful network, loaded, and its looks at one camera."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from cvinspect.assembly.models import Model
from cvinspect.config.site import Site, shipped
from cvinspect.detect import Detector
from cvinspect.detect.model import ModelCard
from cvinspect.detect.windows import View
from cvinspect.domain import Camera
from cvinspect.errors import ModelError
from cvinspect.incidents.testimony import LOOKS_A_DWELL
from cvinspect.records.parts import ModelPart
from cvinspect.rules import Judge
from cvinspect.rules.zones import may_hold
from cvinspect.second_look import Allowance, SecondLook
from cvinspect.taxonomy import Violation
from cvinspect.track.tracker import OverlapTracker

CAREFUL_MODEL = "models/street-world-s.yaml"
NONE = "none"
"""In place of a card: the quick network looks alone."""

_SHORTEST_LIVE_S = 10.0
_LONGEST_S = 60.0
"""From one patrol to the next, whatever the dwells."""
_MOST_TILES = 2
"""A look costs ten times a quick one."""
_MISSED = 3.0
"""A thing may be the same after so many patrols without it."""


@dataclass(frozen=True, slots=True)
class Careful:
    """The careful network, ready to look."""

    card: ModelCard
    detector: Detector
    """For any thread: it keeps nothing from one picture to the next."""

    @property
    def named(self) -> ModelPart:
        """As records name it."""
        return ModelPart(name=self.card.name, sha256=self.card.sha256)


def load_careful(site: Site, quick: Model, given: str | None = None) -> Model | None:
    """The careful network given, else the site's, else the shipped one where it knows the same labels.

    None where `none` is said, or nothing and none fits. Raises ModelError.
    """
    said = given if given is not None else site.config.careful
    if said == NONE:
        return None
    if said is None:
        path = shipped(CAREFUL_MODEL)
        if not path.exists() or quick.path.resolve() == path.resolve():
            return None
        careful = Model.at(path)
        return careful if _lacking(quick, careful) == [] else None
    careful = Model.at(Path(said) if given is not None else site.resolved(said))
    require_labels_of(quick, careful)
    return careful


def with_careful(site: Site, quick: Model, given: str | None = None) -> Model:
    """The quick model with the careful one that looks after it, see `load_careful`."""
    return replace(quick, careful=load_careful(site, quick, given))


def require_labels_of(quick: Model, careful: Model) -> None:
    """Raises ModelError where the careful network lacks a label of the quick one, which it could never agree with."""
    lacking = _lacking(quick, careful)
    if lacking:
        raise ModelError(
            f"{careful.path}: has no {', '.join(lacking)}; allowed: a careful network with every label of "
            f"{quick.card.name}"
        )


def _lacking(quick: Model, careful: Model) -> list[str]:
    return [name for name in quick.card.names if name not in careful.card.names]


def opened(careful: Model | None, *, at_once: int = 1) -> Careful | None:
    """The network, opened for so many threads; raises ModelError."""
    return None if careful is None else Careful(careful.card, careful.detectors(at_once)[0])


def second_look_at(
    camera: Camera,
    careful: Careful,
    violations: Sequence[Violation],
    new_judge: Callable[[dict[str, float]], Judge],
    view: View | None,
    *,
    period_s: float,
    allowance: Allowance | None = None,
) -> SecondLook:
    """The careful network's looks at one camera, sampled every `period_s`; live where there is an `allowance`.

    `new_judge` makes a judge that is sure from these confidences on.
    """
    card = careful.card
    patrol_s = patrol_of(camera, violations, is_live=allowance is not None)
    pause_s = _MISSED * max(_LONGEST_S, period_s)  # live, patrols may be stretched
    return SecondLook(
        camera=camera.id,
        detector=careful.detector,
        new_tracker=lambda: OverlapTracker(thresholds=card.thresholds, pause_s=pause_s),
        judge=new_judge(card.thresholds),
        view=None if view is None else replace(view, tiles=min(view.tiles, _MOST_TILES)),
        agrees_from=card.agree_thresholds,
        sure_from=card.thresholds,
        patrol_s=patrol_s,
        allowance=allowance,
    )


def patrol_of(camera: Camera, violations: Sequence[Violation], *, is_live: bool) -> float:
    """Seconds from one patrol to the next: a sixth of the shortest dwell that may come about there."""
    dwells_s = [one.dwell_s for one in violations if may_hold(one, camera)]
    patrol_s = min([_LONGEST_S, *(dwell_s / LOOKS_A_DWELL for dwell_s in dwells_s)])
    return max(patrol_s, _SHORTEST_LIVE_S) if is_live else patrol_s
