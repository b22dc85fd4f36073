"""How far the reading of an input came, and what of it was not seen."""

from pathlib import Path

from cvinspect.commands.job import Job
from cvinspect.errors import SourceError
from cvinspect.records.summary import speed
from cvinspect.sources import Source, SourceKind

_CUT_SHORT_SHARE = 0.9
_CUT_SHORT_S = 5.0
"""Footage that ends this much before the length its container states was cut off: some formats give no other sign."""


def read_so_far(job: Job, elapsed_s: float) -> dict[str, object]:
    """What a summary says of an input that was opened."""
    info, counts = job.source.info, job.source.counts
    return {
        "kind": info.kind.value,
        "width": info.width,
        "height": info.height,
        "codec": info.codec,
        "duration_s": info.duration_s,
        "begins_s": job.begins_s,
        "frames_read": counts.read,
        "frames_sampled": counts.sampled,
        "frames_broken": counts.broken,
        "media_s": counts.media_s,
        "clock": info.clock.value,
        "started_at": info.started_at.astimezone(job.context.timezone),
        "notes": job.notes(),
        "speed": speed(counts.media_s - counts.paused_s, elapsed_s),
    }


def lack_of(path: Path, source: Source) -> SourceError | None:
    """What of an input that was read to its end was not seen; None: nothing to speak of."""
    info, counts = source.info, source.counts
    if info.kind is SourceKind.PICTURES and counts.broken:
        pictures = counts.read + counts.broken
        return SourceError(f"{path}: {counts.broken} of its {pictures} pictures could not be read; the others were")
    stated_s, reached_s = info.duration_s, counts.media_s
    if stated_s is None or info.kind is not SourceKind.VIDEO:
        return None
    if reached_s >= min(_CUT_SHORT_SHARE * stated_s, stated_s - _CUT_SHORT_S):
        return None
    stated = f"{stated_s:.1f} s that the file states"
    return SourceError(f"{path}: ends at {reached_s:.1f} s of the {stated}; the rest was not seen; copy it again")
