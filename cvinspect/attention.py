"""How often to look: less often where no verdict is pending."""

from collections.abc import Sequence

from cvinspect.domain import Frame, Incident, Pace


class Attention:
    """Says after each sample how to go on."""

    def __init__(self) -> None:
        self._before_s: float | None = None

    def pace(self, frame: Frame, standing: Sequence[Incident]) -> Pace:
        """How to go on until the next sample; `standing` is as of this frame."""
        is_first = self._before_s is None or frame.media_s <= self._before_s  # of all, or of a new run
        self._before_s = frame.media_s
        is_pending = any(one.is_pending for one in standing)
        return Pace.USUAL if is_first or is_pending else Pace.SPARSE
