"""How often to look: more often at something new or a verdict that the next sample would tell too late, else seldom."""

from collections.abc import Sequence
from datetime import tzinfo

from cvinspect.domain import Camera, Frame, Incident, Pace, Stage, Track
from cvinspect.rules.zones import claim
from cvinspect.taxonomy import Violation

_COARSE_SHARE = 0.05
"""Samples farther apart than this share of a dwell tell roughly when it began."""

_COARSE_BUDGET_SHARE = 0.1
_BUDGET_SHARE = 0.01
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
        self._saved_s = _SAVED_S
        self._budget_share = _BUDGET_SHARE
        self._pace = Pace.USUAL

    def pace(self, frame: Frame, tracks: Sequence[Track], standing: Sequence[Incident]) -> Pace:
        """How densely to go on until the next sample; `tracks` and `standing` are as of this frame."""
        self._pace = self._next(frame, tracks, standing)
        return self._pace

    def _next(self, frame: Frame, tracks: Sequence[Track], standing: Sequence[Incident]) -> Pace:
        passed_s = 0.0 if self._before_s is None else frame.media_s - self._before_s
        self._before_s = frame.media_s
        if passed_s <= 0:  # the first one, or a new run
            return Pace.USUAL
        self._save(passed_s)
        if _is_due(standing, frame.media_s, passed_s):
            return Pace.DENSE
        if self._saved_s >= passed_s and self._is_new(frame, tracks):
            self._saved_s -= passed_s
            return Pace.DENSE
        return Pace.USUAL if any(one.stage is Stage.PRE_ALARM for one in standing) else Pace.SPARSE

    def _save(self, passed_s: float) -> None:
        if self._pace is not Pace.SPARSE:
            is_coarse = any(passed_s > _COARSE_SHARE * one.dwell_s for one in self._violations)
            self._budget_share = _COARSE_BUDGET_SHARE if is_coarse else _BUDGET_SHARE
        self._saved_s = min(self._saved_s + self._budget_share * passed_s, _SAVED_S)

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
