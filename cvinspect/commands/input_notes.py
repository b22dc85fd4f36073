"""What is told of an input besides its incidents: how it was sampled, what was cut, spared or odd."""

from collections.abc import Callable, Sequence

from cvinspect.assembly.clips import FootageClips
from cvinspect.detect.yolo import YoloDetector
from cvinspect.pipeline import Pipeline
from cvinspect.sources import Source
from cvinspect.sources.recorded.pictures import PictureSource
from cvinspect.sources.recorded.reel import ReelSource
from cvinspect.sources.recorded.video import VideoSource

_WORTH_TELLING_S = 1.0


def notes_of(
    source: Source, clips: FootageClips | None, pipeline: Pipeline, detector: YoloDetector, assumed: Sequence[str]
) -> Callable[[], tuple[str, ...]]:
    """What was cut or left out of this input, counted from now on; asked once it was read."""
    before, gate, text, careful = detector.cut, pipeline.gate, pipeline.burned_in, pipeline.second_look

    def notes() -> tuple[str, ...]:
        cut = detector.cut - before
        broken = tuple(getattr(source, "broken_names", ()))
        sampling = (f"{source.sampling}",) if isinstance(source, VideoSource) else ()
        spacing = source.notes if isinstance(source, PictureSource) else ()
        lines = (f"{cut} detections over the budget were left out",) if cut else ()
        missing = [] if clips is None else clips.missing
        spared = () if gate is None else (f"gate: {gate.counts}",)
        again = () if careful is None else (f"the careful network looked {careful.counts}",)
        unread = (f"could not be read: {name}" for name in broken)
        written = () if text is None else text.notes
        told = (*sampling, *spacing, *spared, *again, *written, *lines, *missing, *unread)
        return (*assumed, *_odd_times(source), *told)

    return notes


def _odd_times(source: Source) -> list[str]:
    """What the times within a file were like, where they were not like those of a clock."""
    if not isinstance(source, VideoSource):
        return []
    lines, pauses_s = [], source.pauses.lengths_s
    if source.mended:
        are = "time stamp was wrong and was" if source.mended == 1 else "time stamps were wrong and were"
        lines.append(f"{source.mended} {are} put right by the others")
    if pauses_s:
        count = "1 pause," if len(pauses_s) == 1 else f"{len(pauses_s)} pauses, longest"
        lines.append(f"{count} {max(pauses_s):.0f} s; nobody saw what was in between")
    return lines


def joints(source: Source) -> list[str]:
    """How a file joins on to what was read of its recording before."""
    if not isinstance(source, ReelSource):
        return []
    hole = f"begins {source.hole_s:.1f} s after the file before ended; nobody saw what was in between"
    overlap = f"its first {source.overlap_s:.1f} s lie in the file before and were not looked at twice"
    return [
        line for line, lasts_s in ((hole, source.hole_s), (overlap, source.overlap_s)) if lasts_s >= _WORTH_TELLING_S
    ]
