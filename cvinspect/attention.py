"""How often to look: more often when a verdict is so near that the next sample would tell it too late, else seldom."""

from collections.abc import Sequence

from cvinspect.domain import Frame, Incident, Pace, Stage


class Attention:
    """Says after each sample how densely to go on."""

    def __init__(self) -> None:
        self._before_s: float | None = None

    def pace(self, frame: Frame, standing: Sequence[Incident], *, ledger_s: float) -> Pace:
        """How densely to go on until the next sample; `standing` is as of this frame.

        `ledger_s` is the frame's moment in the time of `standing`, which goes on from run to run.
        """
        passed_s = 0.0 if self._before_s is None else frame.media_s - self._before_s
        self._before_s = frame.media_s
        if passed_s <= 0:  # the first one, or a new run
            return Pace.USUAL
        pending = (one for one in standing if one.stage is Stage.PRE_ALARM)
        left_s = [one.first_seen.media_s + one.violation.dwell_s - ledger_s for one in pending]
        if any(-passed_s < one < passed_s for one in left_s):  # ends before the next sample, or just ended unseen
            return Pace.DENSE
        return Pace.USUAL if left_s else Pace.SPARSE
