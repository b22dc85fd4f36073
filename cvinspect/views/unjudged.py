"""How much time of a camera was judged, and how much was not, by reason."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from cvinspect.views import Why

_MOST_SPANS = 100_000
"""Of one recording that are remembered one by one: a day's of a dome on its tour and more. Sums go on."""


@dataclass(slots=True)
class Span:
    """Some seconds in which one thing was so, on the clock of the pictures."""

    begin_s: float
    end_s: float
    why: Why | None
    """Why they were not judged; None: they were."""
    view: str | None
    """The view that was shown; None: none that is known."""

    @property
    def lasts_s(self) -> float:
        """How long it was so."""
        return self.end_s - self.begin_s


@dataclass(slots=True)
class TimeAccount:
    """The time of one camera; grows with each picture."""

    spans: list[Span] = field(default_factory=list)
    """One after the other, as long as there are not too many."""
    most_spans: int = _MOST_SPANS
    _unjudged_s: Counter[Why] = field(default_factory=Counter)
    _judged_s: Counter[str] = field(default_factory=Counter)

    def add(self, begin_s: float, end_s: float, why: Why | None, view: str | None) -> None:
        """From one second to another it was so."""
        lasts_s = end_s - begin_s
        if lasts_s <= 0:
            return
        if why is not None:
            self._unjudged_s[why] += lasts_s  # type: ignore[assignment]
        elif view is not None:
            self._judged_s[view] += lasts_s  # type: ignore[assignment]
        last = self.spans[-1] if self.spans else None
        if last is not None and (last.why, last.view) == (why, view) and abs(last.end_s - begin_s) < 1e-6:
            last.end_s = max(last.end_s, end_s)
        elif len(self.spans) < self.most_spans:
            self.spans.append(Span(begin_s, end_s, why, view))

    @property
    def unjudged_s(self) -> Mapping[Why, float]:
        """Seconds that were not judged, by reason."""
        return {why: seconds for why, seconds in self._unjudged_s.items() if seconds > 0}

    @property
    def judged_s(self) -> Mapping[str, float]:
        """Seconds that were judged, by view."""
        return dict(self._judged_s)
