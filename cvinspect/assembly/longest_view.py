"""Which of several views a recording shows longest: in that, zones hold that somebody drew without a still."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from cvinspect.assembly.pipelines import ADOPTED_AFTER_S
from cvinspect.assembly.sources import open_source
from cvinspect.config.site import Site
from cvinspect.domain import FIRST_VIEW, Camera, Pace
from cvinspect.errors import SourceError
from cvinspect.modes import Sampling
from cvinspect.sources import Source, SourceKind
from cvinspect.sources.decoding.sampling_choice import SamplingRule
from cvinspect.views.known import KnownView
from cvinspect.views.unjudged import TimeAccount
from cvinspect.views.watch import ViewWatch

_PICTURES = 120
"""So many of a recording tell which view it shows longest."""

_FILES = 60

_SHORT_S = 120.0
"""A recording that is no longer is decoded whole for that; of others, key frames are."""


@dataclass(frozen=True, slots=True)
class LongestView:
    """A view among several that a recording shows."""

    known: KnownView
    shown_s: float
    views: int
    """How many there are."""
    is_first: bool
    """Whether it is also what the recording begins with."""

    @property
    def as_note(self) -> str:
        """A line for the user."""
        where = "is the first one" if self.is_first else "is not what it begins with"
        return (
            f"shows {self.views} views: zones hold in the one that is shown longest, for about {self.shown_s:.0f} s, "
            f"which {where}; a still of the camera says in which they were drawn"
        )


def longest_view(paths: Sequence[Path], camera: Camera, site: Site) -> LongestView | None:
    """The view that the recording shows longest, under the name of a first one; None where it shows but one.

    Looks quickly through the files. What cannot be read is left for the inspection to tell.
    """
    watch, account, offset_s = ViewWatch(adopts_after_s=ADOPTED_AFTER_S, follows_shifts=True), TimeAccount(), 0.0
    for path in paths[:: max(1, len(paths) // _FILES)]:
        try:
            source = _opened(path, camera, site, files=min(len(paths), _FILES))
        except SourceError:
            continue
        try:
            offset_s = _look_through(source, watch, account, offset_s)
        except SourceError:
            continue
        finally:
            source.close()
    shown_s = account.judged_s
    if len(watch.views) < 2:
        return None
    found = max(watch.views, key=lambda view: shown_s.get(view.id, 0.0))
    is_first = found.id == FIRST_VIEW
    lasts_s = shown_s.get(found.id, 0.0)
    found.id, found.followed_s = FIRST_VIEW, None
    return LongestView(found, lasts_s, len(watch.views), is_first)


def _opened(path: Path, camera: Camera, site: Site, *, files: int) -> Source:
    source = open_source(path, camera=camera.id, fps=1.0, started_at=None, site=site)
    length_s = source.info.duration_s
    if source.info.kind is not SourceKind.VIDEO or length_s is None or files * length_s <= _SHORT_S:
        return source
    source.close()
    apart_s = max(1.0, length_s * files / _PICTURES)
    rule = SamplingRule(Sampling.KEYFRAMES, apart_s)
    source = open_source(path, camera=camera.id, fps=1 / apart_s, started_at=None, site=site, rule=rule)
    source.go(Pace.SPARSE)
    return source


def _look_through(source: Source, watch: ViewWatch, account: TimeAccount, offset_s: float) -> float:
    """Every picture of one file, which begins at that second; the second at which it ends."""
    before_s, view = offset_s, None
    for frame in source.frames():
        at_s = offset_s + frame.media_s
        outlook = watch.see(frame.pixels, at_s)
        if view is not None:
            account.add(before_s, at_s, None, view)
        before_s, view = at_s, outlook.view if outlook.why is None else None
    ends_s = offset_s + source.counts.media_s
    if view is not None:
        account.add(before_s, ends_s, None, view)
    watch.begin_run()
    return ends_s
