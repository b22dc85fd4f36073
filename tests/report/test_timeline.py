"""When incidents stood, as shares of the footage."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cvinspect.domain import ChangeKind, Incident, Status
from cvinspect.records.incident import IncidentRecord, RecordContext
from cvinspect.report.timeline import DisjointGroups, clock_time, ticks, timelines
from tests.incident_makers import CAMERA, SHANGHAI, an_incident, at


def record(incident: Incident, source: str = "kerb.mp4", *, live: bool = False) -> IncidentRecord:
    context = RecordContext(SHANGHAI, "container", source, "m", "a" * 64, "b" * 64, live=live)
    return IncidentRecord.from_incident(
        incident, ChangeKind.UPDATED, CAMERA, backing="real", evidence=(), context=context
    )


def test_a_lane_runs_from_first_sight_over_confirmation_to_clearance() -> None:
    cleared = record(an_incident(status=Status.CLEARED, cleared=at(20)))
    line = timelines([cleared], {("kerb-01", "kerb.mp4"): 40.0})[0]
    assert (line.camera, line.source, line.length_s, line.lanes) == (
        "kerb-01",
        "kerb.mp4",
        40.0,
        (
            DisjointGroups(
                record=cleared,
                start_share=0.05,
                confirmed_share=0.175,
                end_share=0.25,
                cleared_share=0.5,
                times=(
                    "首次发现 first seen 0:02",
                    "确认 confirmed 0:07",
                    "最后看见 last seen 0:10",
                    "清除 cleared 0:20",
                ),
            ),
        ),
    )


def test_each_file_of_a_camera_has_its_own_axis() -> None:
    both = [record(an_incident(id="b"), "b.mp4"), record(an_incident(id="a"), "a.mp4")]
    assert [(line.source, len(line.lanes)) for line in timelines(both, {})] == [("a.mp4", 1), ("b.mp4", 1)]


def test_without_media_time_the_axis_begins_with_the_first_incident() -> None:
    first = record(an_incident(id="a"), live=True)
    second = record(an_incident(id="b", first_seen=at(4), last_seen=at(12), confirmed=None), live=True)
    lanes = timelines([second, first], {})[0].lanes
    assert [(lane.start_share, lane.confirmed_share, lane.end_share) for lane in lanes] == [
        (0.0, 0.5, 0.8),
        (0.2, 1.0, 1.0),
    ]


@given(st.floats(1, 10**6))
def test_an_axis_of_any_length_has_few_marks_inside_it(length_s: float) -> None:
    marks = ticks(length_s)
    assert (len(marks) <= 8, marks[0].label, all(0 <= mark.share <= 1 for mark in marks)) == (True, "0:00", True)


@pytest.mark.parametrize(("seconds", "words"), [(-1, "0:00"), (59.9, "0:59"), (3600, "1:00:00")])
def test_times_read_like_a_player_shows_them(seconds: float, words: str) -> None:
    assert clock_time(seconds) == words
