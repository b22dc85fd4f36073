"""How far apart a stream's key frames are, and whether they alone will do."""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

from cvinspect.modes import Sampling

_REMEMBERED = 8
"""Distances of key frames, of which the longest decides: encoders put extra ones where a scene changes."""

_LEAST = 2
"""Distances that must be known before anything is decided on them."""

KEYS_LOOKED_AT = _REMEMBERED
"""More need not be looked ahead for."""

_SLACK = 1.1
"""A key frame may come this much later than the distance that was asked for: cameras round."""


Keys = Sequence[float | None]
"""When key frames come, seconds on the stream's own clock; None where one has no time."""


@dataclass(frozen=True, slots=True)
class SamplingRule:
    """What is asked of the sampling."""

    wanted: Sampling = Sampling.ALL
    apart_s: float = 0.0
    """Samples this far apart are close enough."""
    asked: str = "as configured"
    """Who wants what is wanted, where that is not auto."""


EVERY_FRAME = SamplingRule()


@dataclass(frozen=True, slots=True)
class SamplingChoice:
    """What was chosen, and why."""

    keyframes_only: bool
    why: str
    is_final: bool = True
    """False while too little is known to choose."""

    def __str__(self) -> str:
        if not self.keyframes_only:
            return f"all frames decoded: {self.why}"
        return f"key frames {'only' if self.is_final else 'first'}: {self.why}"


class KeyframeWatch:
    """Measures the distance of key frames and chooses by it."""

    def __init__(self, rule: SamplingRule) -> None:
        self._rule = rule
        self._distances: deque[float] = deque(maxlen=_REMEMBERED)
        self._last_s: float | None = None
        self._untimed = 0
        self.choice = self._chosen()

    def key(self, at_s: float | None) -> None:
        """A key frame stands at this second of the stream's own clock; None where it has none."""
        if at_s is not None and self._last_s is not None and at_s > self._last_s:
            self._distances.append(at_s - self._last_s)
            self.choice = self._chosen()
        elif at_s is None and self._rule.wanted is Sampling.AUTO:
            self._untimed += 1
            if self._untimed >= _LEAST:  # the first one of an RTSP connection never has one
                self.choice = SamplingChoice(keyframes_only=False, why="its frames have no times")
        self._last_s = at_s

    def look_ahead(self, keys: Keys) -> None:
        """These are the stream's first key frames; they will come again."""
        for at_s in keys:
            self.key(at_s)
        self._last_s = None

    def may_pass(self, at_s: float, *, looked_at_s: float) -> bool:
        """Whether the key frame at `at_s` need not be decoded, for the next one will come early enough."""
        if self._rule.wanted is not Sampling.AUTO or not self.choice.keyframes_only or not self.choice.is_final:
            return False
        return looked_at_s < at_s <= looked_at_s + self.longest_s - max(self._distances)

    @property
    def longest_s(self) -> float:
        """After this long without a key frame the frames in between are decoded after all."""
        return float("inf") if self._rule.wanted is Sampling.KEYFRAMES else self._rule.apart_s * _SLACK

    def _chosen(self) -> SamplingChoice:
        apart_s = self._rule.apart_s
        if self._rule.wanted is not Sampling.AUTO:
            return SamplingChoice(self._rule.wanted is Sampling.KEYFRAMES, self._rule.asked)
        if len(self._distances) < _LEAST:
            # Else all cameras of a site would be decoded whole at the start, and lag from then on.
            why = (
                f"how far apart they are is not known yet; where none comes for {self.longest_s:.3g} s, "
                "all frames are decoded"
            )
            return SamplingChoice(keyframes_only=True, why=why, is_final=False)
        distance_s = max(self._distances)
        found = f"its key frames are {distance_s:.3g} s apart, samples {apart_s:.3g} s apart are enough"
        return SamplingChoice(distance_s <= self.longest_s, found)
