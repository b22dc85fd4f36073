"""How often to look: more often at something new or a verdict that the next sample would tell too late, else seldom."""

from collections.abc import Sequence
from datetime import tzinfo

from cvinspect.domain import Camera, Frame, Incident, Pace, Stage, Track
from cvinspect.rules.zones import claim
from cvinspect.taxonomy import Violation

_SHORT_DWELL_S = 40.0
"""Of a dwell under this, key frames tell only roughly when it began."""

_SHORT_BUDGET_SHARE = 0.1
_BUDGET_SHARE = 0.01
_LOOK_S = 2.0
"""As long as a closer look lasts: until the next key frame."""
_SAVED_S = 4.0
"""Looking closely at what is new may take this share of the time, saved up for so long: a busy street has something new
in every sample. A dwell that ends is looked at closely whatever it costs: that is once for each incident."""


class Attention:
    """Says after each sample how densely to go on."""

    def __init__(self, camera: Camera, violations: Sequence[Violation], *, timezone: tzinfo) -> None:
        self._camera = camera
        self._violations = tuple(violations)
        self._timezone = timezone
        self._before_s: float | None = None
        self._saved_s = 0.0
        is_short = any(one.dwell_s < _SHORT_DWELL_S for one in self._violations)
        self._budget_share = _SHORT_BUDGET_SHARE if is_short else _BUDGET_SHARE

    def pace(self, frame: Frame, tracks: Sequence[Track], standing: Sequence[Incident], *, ledger_s: float) -> Pace:
        """How densely to go on until the next sample; `tracks` and `standing` are as of this frame.

        `ledger_s` is the frame's moment in the time of `standing`, which goes on from run to run.
        """
        passed_s = 0.0 if self._before_s is None else frame.media_s - self._before_s
        self._before_s = frame.media_s
        if passed_s <= 0:  # the first one, or a new run
            return Pace.USUAL
        self._saved_s = min(self._saved_s + self._budget_share * passed_s, _SAVED_S)
        if _is_due(standing, ledger_s, passed_s):
            return Pace.DENSE
        costs_s = min(passed_s, _LOOK_S)
        if self._saved_s >= costs_s and self._is_new(frame, tracks):
            self._saved_s -= costs_s
            return Pace.DENSE
        return Pace.USUAL if any(one.stage is Stage.PRE_ALARM for one in standing) else Pace.SPARSE

    def _is_new(self, frame: Frame, tracks: Sequence[Track]) -> bool:
        """Whether something is there for the first time, where it may become a violation."""
        new = [track for track in tracks if track.first_seen_s == frame.media_s]
        height, width = frame.pixels.shape[:2]
        now = frame.captured_at.astimezone(self._timezone).time()
        return any(
            claim(violation, track.box, camera=self._camera, size=(width, height), now=now) is not None
            for track in new
            for violation in self._violations
            if track.label in violation.labels
        )


def _is_due(standing: Sequence[Incident], at_s: float, passed_s: float) -> bool:
    """Whether a dwell ends before the next sample."""
    return any(
        incident.stage is Stage.PRE_ALARM
        and 0 < incident.first_seen.media_s + incident.violation.dwell_s - at_s < passed_s
        for incident in standing
    )
