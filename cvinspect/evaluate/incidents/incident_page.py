"""From metrics of incidents to what stands on their page."""

from collections.abc import Callable, Mapping
from datetime import UTC

from cvinspect.evaluate.incidents.event_matching import Fate, Outcome
from cvinspect.evaluate.incidents.incident_metrics import (
    ClipPart,
    ComparisonPart,
    EventPart,
    IncidentMetrics,
    IncidentPart,
    RatePart,
    ScorePart,
    VerdictPart,
)
from cvinspect.evaluate.incidents.incident_results import sampling_words
from cvinspect.evaluate.incidents.sampling_facts import Alike
from cvinspect.evaluate.statistics.poisson import Frequency, in_words
from cvinspect.report.incident_scores import (
    MOST_PICTURES,
    Bar,
    ClipTimeline,
    DisjointGroups,
    Finding,
    RateCell,
    ScorePage,
    ScoreRow,
    Words,
)
from cvinspect.report.timeline import clock_time

PictureOf = Callable[[str, str], bytes | None]
"""The JPEG for a clip and the id of an incident or the key of an event."""

Names = Mapping[str, Words]
"""What people call each class, by id."""


def page_of(metrics: IncidentMetrics, names: Names, picture_of: PictureOf) -> ScorePage:
    """The page; `picture_of` is asked for each false, doubled and missed thing until there are enough."""
    findings = _findings(metrics, names, picture_of)
    return ScorePage(
        made=f"cvinspect {metrics.version} · {metrics.model.name} · {metrics.truth.path}",
        at=f"{metrics.evaluated_at.astimezone(UTC):%Y-%m-%d %H:%M} UTC",
        numbers=_numbers(metrics.total),
        verdicts=(
            _verdict(Words("精确率", "Precision"), metrics.verdicts["precision"]),
            _verdict(Words("召回率", "Recall"), metrics.verdicts["recall"]),
        ),
        classes=tuple(_row(names[one.id], one.scores) for one in metrics.classes),
        micro=_row(Words("合计", "Micro: all"), metrics.total),
        macro={
            "precision": metrics.macro.precision,
            "lenient": metrics.macro.precision_lenient,
            "recall": metrics.macro.recall,
            "f1": metrics.macro.f1,
        },
        cameras=tuple(_row(Words(one.id, one.id), one.scores) for one in metrics.cameras),
        facts=_facts(metrics),
        failed=tuple((clip.name, clip.error or "") for clip in metrics.clips if clip.state == "failed"),
        interrupted=tuple(clip.name for clip in metrics.clips if clip.state == "interrupted"),
        unlabelled=metrics.truth.unlabelled,
        timelines=tuple(_timeline(clip, names) for clip in metrics.clips if clip.state == "scored"),
        findings=findings,
        differences=None if metrics.comparison is None else _differences(metrics.comparison),
        unpictured=sum(one.picture is None for one in findings),
        sampling_note=sampling_note(metrics),
    )


def sampling_note(metrics: IncidentMetrics) -> Words | None:
    """What to know of the baseline's sampling before its differences are read; None: it was the same, or there is none.

    What differs may be the sampling's doing and not the program's.
    """
    part = metrics.comparison
    if part is None or part.sampling is Alike.SAME:
        return None
    if part.sampling is Alike.UNKNOWN:
        return Words("基线未记录采样方式", "how the baseline was sampled is not known: its metrics do not say")
    ways = f"{part.sampling_before}; now {sampling_words(metrics)}"
    return Words("基线的采样方式不同", f"the baseline was sampled otherwise: {ways}")


def _verdict(name: Words, found: VerdictPart) -> tuple[Words, str, str]:
    return name, found.words, found.answer.value


def _numbers(total: ScorePart) -> tuple[tuple[Words, str, str], ...]:
    return (
        (Words("应报事件", "Events due"), str(total.hits + total.misses), ""),
        (Words("已报事件", "Incidents raised"), str(total.precision.of), ""),
        (Words("正确", "Right"), str(total.hits), "green" if total.hits else ""),
        (Words("误报", "False"), str(total.false_alarms), "red" if total.false_alarms else ""),
        (Words("重复", "Raised twice"), str(total.duplicates), "amber" if total.duplicates else ""),
        (Words("漏报", "Missed"), str(total.misses), "red" if total.misses else ""),
    )


def _row(name: Words, one: ScorePart) -> ScoreRow:
    return ScoreRow(
        name=name,
        counts=(one.hits + one.misses, one.precision.of, one.hits, one.false_alarms, one.duplicates, one.misses),
        precision=_cell(one.precision),
        lenient=one.precision_lenient.share,
        recall=_cell(one.recall),
        f1=one.f1,
        latency_median_s=one.latency_median_s,
        latency_p95_s=one.latency_p95_s,
    )


def _cell(rate: RatePart) -> RateCell:
    return RateCell(rate.hits, rate.of, rate.share, rate.low, rate.high)


def _facts(metrics: IncidentMetrics) -> tuple[tuple[Words, str], ...]:
    total = metrics.total
    frequency = Frequency(total.false_per_camera_day.count, total.false_per_camera_day.camera_days)
    duplicates = total.duplicate_rate
    rows = [
        (Words("误报 / 摄像机·日", "False incidents a camera-day"), in_words(frequency)),
        (Words("重复率", "Duplicate rate"), f"{duplicates.hits} / {duplicates.of}"),
        (Words("身份切换", "Identity switches"), str(total.switches)),
        (Words("提前报警", "Early alarms"), str(total.early)),
        (Words("未达时限", "Left before the dwell; of these raised"), f"{total.not_due}; {total.not_due_raised}"),
        (Words("并入其他事件", "Told within another incident"), str(total.taken_in)),
        (Words("不评", "Not judged"), str(total.ignored)),
        (Words("采样", "Sampling"), sampling_words(metrics)),
    ]
    part = metrics.bootstrap
    if part is not None:
        pairs = (("precision", part.precision), ("recall", part.recall), ("F1", part.f1))
        spans = [f"{name} {100 * one.low:.1f}–{100 * one.high:.1f} %" for name, one in pairs if one is not None]
        rows.append((Words("按视频重抽样 95 %", f"95 % over draws of {part.clips} clips"), ", ".join(spans) or "–"))
    return tuple(rows)


def _differences(part: ComparisonPart) -> tuple[tuple[str, str], ...]:
    return tuple(
        (
            one.measure.value if one.class_id is None else f"{one.measure.value}, {one.class_id}",
            f"{one.better} better, {one.worse} worse, p = {one.p:.3g}: "
            + ("超出偶然 beyond chance" if one.is_beyond_chance else "可能是偶然 may be chance"),
        )
        for one in part.differences
        if one.better + one.worse
    )


def _timeline(clip: ClipPart, names: Names) -> ClipTimeline:
    ends_s = [one.end_s for one in clip.events] + [one.end_s for one in clip.incidents]
    length_s = max(clip.watched_s, 1.0, *ends_s)
    told = [[one for one in clip.incidents if one.event == i] for i in range(len(clip.events))]
    lanes = [
        DisjointGroups(names[event.class_id], event.fate.value, _truth_bar(event, length_s), _bars(told[i], length_s))
        for i, event in enumerate(clip.events)
    ]
    lanes += [
        DisjointGroups(names[one.class_id], one.outcome.value, None, _bars([one], length_s))
        for one in clip.incidents
        if one.event is None
    ]
    return ClipTimeline(clip.name, clip.camera, length_s, tuple(lanes), clip.samples)


def _truth_bar(event: EventPart, length_s: float) -> Bar:
    due_s = min(event.start_s + event.dwell_s, event.end_s)
    words = f"{clock_time(event.start_s)} – {clock_time(event.end_s)}, dwell {event.dwell_s:g} s"
    return Bar("truth", event.start_s / length_s, due_s / length_s, event.end_s / length_s, words)


def _bars(incidents: list[IncidentPart], length_s: float) -> tuple[Bar, ...]:
    return tuple(
        Bar(
            one.outcome.value,
            max(0.0, one.first_seen_s) / length_s,
            max(0.0, one.confirmed_s) / length_s,
            max(0.0, one.end_s) / length_s,
            f"{clock_time(one.first_seen_s)}, raised {clock_time(one.confirmed_s)}, last seen {clock_time(one.end_s)}",
        )
        for one in incidents
    )


def _findings(metrics: IncidentMetrics, names: Names, picture_of: PictureOf) -> tuple[Finding, ...]:
    found: list[Finding] = []
    for clip in metrics.clips:
        wrong = [one for one in clip.incidents if one.outcome in (Outcome.FALSE, Outcome.DUPLICATE)]
        missed = [(i, one) for i, one in enumerate(clip.events) if one.fate is Fate.MISSED]
        for one in wrong:
            picture = picture_of(clip.name, one.incident_id) if len(found) < MOST_PICTURES else None
            found.append(_wrong(clip, one, names, picture))
        for i, event in missed:
            picture = picture_of(clip.name, f"event {i}") if len(found) < MOST_PICTURES else None
            found.append(_missed(clip, event, names, picture))
    return tuple(found)


def _wrong(clip: ClipPart, one: IncidentPart, names: Names, picture: bytes | None) -> Finding:
    why = one.why
    if one.outcome is Outcome.FALSE and one.event is not None:
        stood_s = clip.events[one.event].end_s - clip.events[one.event].start_s
        why = f"停留 {stood_s:.1f} s，未达 {clip.events[one.event].dwell_s:g} s · it did not stay for its dwell"
    when = f"{clock_time(one.first_seen_s)} – {clock_time(one.end_s)}, raised {clock_time(one.confirmed_s)}"
    return Finding(one.outcome.value, names[one.class_id], clip.name, when, why, picture)


def _missed(clip: ClipPart, event: EventPart, names: Names, picture: bytes | None) -> Finding:
    due_s = event.start_s + event.dwell_s
    when = f"{clock_time(event.start_s)} – {clock_time(event.end_s)}, due {clock_time(due_s)}"
    return Finding("missed", names[event.class_id], clip.name, when, None, picture)
