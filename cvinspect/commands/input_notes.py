"""What is told of an input besides its incidents: how it was sampled, what was cut, spared or odd."""

from collections.abc import Callable, Sequence
from dataclasses import astuple

from cvinspect.assembly.clips import FootageClips
from cvinspect.detect.gate import GateCounts
from cvinspect.detect.yolo import YoloDetector
from cvinspect.second_look import LookCounts
from cvinspect.sources import Source
from cvinspect.sources.recorded.pictures import PictureSource
from cvinspect.sources.recorded.reel import ReelSource
from cvinspect.sources.recorded.video import VideoSource
from cvinspect.tour import Tour

_WORTH_TELLING_S = 1.0


def notes_of(
    source: Source,
    clips: FootageClips | None,
    pipeline: Tour,
    detector: YoloDetector,
    assumed: Sequence[str],
    view: str = "",
) -> Callable[[], tuple[str, ...]]:
    """What was cut or left out of this input, counted from now on; asked once it was read.

    `view`: what is to be told of the view in which zones hold.
    """
    before = detector.cut

    def notes() -> tuple[str, ...]:
        cut, lines_of = detector.cut - before, [one.pipeline for one in pipeline.visited]
        gates = [one.gate.counts for one in lines_of if one.gate is not None]
        texts = [one.burned_in for one in lines_of if one.burned_in is not None]
        careful = [one.second_look.counts for one in lines_of if one.second_look is not None]
        broken = tuple(getattr(source, "broken_names", ()))
        sampling = (f"{source.sampling}",) if isinstance(source, VideoSource) else ()
        spacing = source.notes if isinstance(source, PictureSource) else ()
        lines = (f"{cut} detections over the budget were left out",) if cut else ()
        missing = [] if clips is None else clips.missing
        spared = [f"gate: {sum_of_gates(gates)}"] if gates else []
        again = [f"the careful network looked {sum_of_looks(careful)}"] if careful else []
        unread = (f"could not be read: {name}" for name in broken)
        written = dict.fromkeys(note for text in texts for note in text.notes)
        told = (*sampling, *spacing, *spared, *again, *written, *lines, *missing, *unread)
        return (*assumed, *([view] if view else _views(pipeline)), *_odd_times(source), *told)

    return notes


def _views(tour: Tour) -> list[str]:
    """How long each view was judged, where there are several."""
    judged_s = tour.time.judged_s
    if len(judged_s) < 2:
        return []
    return ["shows several views: " + ", ".join(f"{view} for {seconds:.1f} s" for view, seconds in judged_s.items())]


def sum_of_gates(counts: Sequence[GateCounts]) -> GateCounts:
    """Over all views."""
    return GateCounts(*(sum(column) for column in zip(*(astuple(one) for one in counts), strict=True)))


def sum_of_looks(counts: Sequence[LookCounts]) -> LookCounts:
    """Over all views."""
    longest_s = max(one.longest_wait_s for one in counts)
    return LookCounts(sum(one.looks for one in counts), sum(one.on_patrol for one in counts), longest_s)


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
