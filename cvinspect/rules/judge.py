"""Tracks of one camera -> sightings: what is still, where a rule holds, at an hour when it holds.

How long it has stayed is the ledger's to say: dwell belongs to the violation, not to a track that a passing bus
can break.
"""

from collections.abc import Mapping, Sequence
from datetime import timedelta, tzinfo

from cvinspect.domain import Camera, Frame, Moment, Sighting, Track
from cvinspect.geometry import Box, covered_share, iou
from cvinspect.rules.zones import claim, strongest
from cvinspect.taxonomy import ON_IT_SHARE, Violation

_STILL_S = 0.4
"""At many samples a second anything stands still from one to the next; at two, one step is enough."""

_HELD_IOU = 0.5
"""A box that lies off its own smoothed self by more than this is leaving or half hidden: no proof of presence."""

_PART_SHARE = 0.85
_CUT_OFF_MEMORY_S = 30.0
"""A thing of which this much lies within one that is cut off, or was so long ago, is a part of it."""

_EDGE_SHARE = 0.005
"""A box this near to the picture's edge (as a share of its width or height) is cut off by it."""


class RuleJudge:
    """Applies `violations` to what one camera sees."""

    def __init__(
        self,
        camera: Camera,
        violations: Sequence[Violation],
        *,
        thresholds: Mapping[str, float],
        timezone: tzinfo,
        snapshot: bool = False,
    ) -> None:
        """Judge in local time of `timezone`; a confidence of `thresholds[label]` or more is sure.

        With `snapshot` there is one picture only and nothing can be said about motion: every thing counts as still.
        """
        self._camera = camera
        self._violations = tuple(violations)
        self._thresholds = thresholds
        self._timezone = timezone
        self._snapshot = snapshot
        self._cut_off: list[Track] = []
        """Things at rest, as last seen cut off by the picture's edge."""

    def begin_run(self) -> None:
        """The frames to come are of another run: media time and track numbers begin anew."""
        self._cut_off = []

    def judge(self, tracks: Sequence[Track], frame: Frame) -> list[Sighting]:
        """The tracks that meet a rule in this frame; one track meets at most one rule."""
        self._remember_cut_off(tracks, frame)
        found = (self._sighting(track, tracks, frame) for track in tracks)
        return [sighting for sighting in found if sighting is not None]

    def _sighting(self, track: Track, tracks: Sequence[Track], frame: Frame) -> Sighting | None:
        rest_since_s = frame.media_s if self._snapshot else track.rest_since_s
        if rest_since_s is None or iou(track.box, track.smoothed) < _HELD_IOU:
            return None
        if not self._snapshot and frame.media_s - rest_since_s < _STILL_S:
            return None
        now = frame.captured_at.astimezone(self._timezone).time()
        height, width = frame.pixels.shape[:2]
        claims = []
        for violation in self._violations:
            if not _applies(violation, track, tracks, (width, height)):
                continue
            if violation.whole and self._is_part_of_cut_off(track, tracks, (width, height)):
                continue
            if violation.hours and not any(now in hours for hours in violation.hours):
                continue
            found = claim(violation, track.smoothed, camera=self._camera, size=(width, height), now=now)
            if found is not None:
                claims.append(found)
        best = strongest(claims, track.label)
        if best is None:
            return None
        rested = timedelta(seconds=frame.media_s - rest_since_s)
        return Sighting(
            violation=best.violation,
            zone=best.zone,
            track=track.id,
            label=track.label,
            confidence=track.confidence,
            box=track.smoothed,
            rest_since=Moment(rest_since_s, frame.captured_at - rested),
            sure=track.confidence >= self._thresholds.get(track.label, 1.0),
        )

    def _remember_cut_off(self, tracks: Sequence[Track], frame: Frame) -> None:
        """Note which still things are cut off: the detector may see a whole part of one a moment later."""
        height, width = frame.pixels.shape[:2]
        since_s = frame.media_s - _CUT_OFF_MEMORY_S
        resting = [track for track in tracks if track.rest_since_s is not None]
        now = [track for track in resting if is_cut_off(track.box, (width, height))]
        ids = {track.id for track in now}
        self._cut_off = [one for one in self._cut_off if one.last_seen_s >= since_s and one.id not in ids] + now

    def _is_part_of_cut_off(self, track: Track, tracks: Sequence[Track], size: tuple[int, int]) -> bool:
        """Whether the thing, or one of its label that holds it now or lately held it, is cut off by the edge."""
        views = [one.box for one in (*tracks, *self._cut_off) if one.label == track.label]
        holding = (box for box in views if covered_share(track.smoothed, box) >= _PART_SHARE)
        return is_cut_off(track.smoothed, size) or any(is_cut_off(box, size) for box in holding)


def _applies(violation: Violation, track: Track, tracks: Sequence[Track], size: tuple[int, int]) -> bool:
    """Whether the thing is one that the violation speaks of, wherever it may be."""
    if track.label not in violation.labels:
        return False
    width, height = size
    if track.smoothed.size < violation.min_size_share * (width * height) ** 0.5:
        return False
    return not any(
        other.label in violation.unless_with and covered_share(other.box, track.box) >= ON_IT_SHARE for other in tracks
    )


def is_cut_off(box: Box, size: tuple[int, int]) -> bool:
    """By the left, right or lower edge; what is cut at the top stands on visible ground."""
    width, height = size
    return box.x0 <= _EDGE_SHARE * width or box.x1 >= (1 - _EDGE_SHARE) * width or box.y1 >= (1 - _EDGE_SHARE) * height
