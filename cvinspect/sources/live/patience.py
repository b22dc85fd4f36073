"""How long to wait for a camera's next packet: a few seconds, or longer for one that sends few pictures."""

from cvinspect.sources.live.feed import FeedPace
from cvinspect.sources.live.states import Reason

_USUAL_GAPS = 3.0
_LONGEST_S = 90.0
"""Slower than a picture in half a minute is as good as none for dwells of minutes."""

_FEW = 3
"""A connection that broke off for want of packets after no more than so many may be a slow camera's."""

_LACKING = frozenset({Reason.STALLED, Reason.HUNG})


class Patience:
    """The time-out of one camera's next connection, learnt from the ones before. For one thread at a time."""

    def __init__(self, usual_s: float) -> None:
        """`usual_s`: for a camera of which nothing is known."""
        self._usual_s = usual_s
        self._longest_tried_s = usual_s
        self.time_out_s = usual_s

    def learn(self, pace: FeedPace, reason: Reason) -> None:
        """A connection broke off for this reason; so fast its packets had come.

        >>> patience = Patience(5.0)
        >>> patience.learn(FeedPace(packets=1), Reason.STALLED)
        >>> patience.time_out_s
        15.0
        >>> patience.learn(FeedPace(packets=20, usual_s=0.04), Reason.STALLED)
        >>> patience.time_out_s
        5.0
        """
        if pace.packets > _FEW:
            self.time_out_s = min(max(self._usual_s, _USUAL_GAPS * pace.usual_s), _LONGEST_S)
            self._longest_tried_s = self._usual_s
        elif reason in _LACKING:
            if pace.packets:
                self.time_out_s = min(_USUAL_GAPS * self.time_out_s, _LONGEST_S)
            else:
                self._try_longer()

    def refused(self, reason: Reason, *, is_http: bool) -> None:
        """No connection came about: FFmpeg opens a slide show only after its first pictures."""
        if is_http and reason is Reason.SILENT:
            self._try_longer()

    def _try_longer(self) -> None:
        """Every other time: a slow camera sends nothing for long, and so does one that hangs and had better be left."""
        if self.time_out_s > self._usual_s:
            self.time_out_s = self._usual_s
        else:
            self._longest_tried_s = min(_USUAL_GAPS * self._longest_tried_s, _LONGEST_S)
            self.time_out_s = self._longest_tried_s
