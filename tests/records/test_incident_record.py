"""The wire format: whole records, their laws, their schema."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cvinspect.domain import Camera, ChangeKind, Incident, Moment, Reason, SeenObject, Stage, Status
from cvinspect.geometry import Box
from cvinspect.records.incident import IncidentRecord, RecordContext, json_schema
from cvinspect.records.parts import EvidencePart, ModelPart, OriginalPart
from cvinspect.taxonomy import Code
from tests.incident_makers import CAMERA, SHANGHAI, a_violation, an_incident, at

CONTEXT = RecordContext(SHANGHAI, "container", "kerb.mp4", "street-26n", "a" * 64, "b" * 64)
PICTURE = EvidencePart(
    role="panorama",
    uri="evidence/inc-1_panorama_1.jpg",
    sha256="c" * 64,
    captured_at=at(7).at,
    media_s=7.00049,
    width=640,
    height=451,
    bytes=1000,
    original=OriginalPart(uri="evidence/original/f.jpg", sha256="d" * 64, width=640, height=360, bytes=900),
)
VALIDATOR = jsonschema.Draft202012Validator(
    json_schema(), format_checker=jsonschema.Draft202012Validator.FORMAT_CHECKER
)


def a_record(incident: Incident | None = None, **given_values: object) -> IncidentRecord:
    values: dict[str, Any] = {"backing": "real", "evidence": (PICTURE,), "context": CONTEXT, **given_values}
    camera = values.pop("camera", CAMERA)
    event = values.pop("event", ChangeKind.OPENED)
    return IncidentRecord.from_incident(incident or an_incident(), event, camera, **values)


def test_a_violation_becomes_this_record() -> None:
    assert a_record().model_dump(mode="json", by_alias=True) == {
        "schema": "cvinspect.incident/v2",
        "incident_id": "inc-1",
        "revision": 1,
        "event": "opened",
        "class_id": "illegal_parking_motor",
        "names": {"zh": "机动车乱停放", "en": "Illegal parking"},
        "code": {"major": "05", "minor": "05"},
        "stage": "violation",
        "status": "open",
        "first_seen_at": "2026-11-21T10:00:02.000+08:00",
        "confirmed_at": "2026-11-21T10:00:07.000+08:00",
        "last_seen_at": "2026-11-21T10:00:10.000+08:00",
        "cleared_at": None,
        "dwell_s": 8.0,
        "dwell_threshold_s": 5.0,
        "camera": {"id": "kerb-01", "device_gbid": "34020000001320000001"},
        "location": {
            "lon": 121.4737,
            "lat": 31.2304,
            "crs": "WGS-84",
            "address": "人民路18号 18 Renmin Road",
            "grid_code": "310101001002003",
            "road_id": "R-7",
        },
        "zone": {"id": "kerb-1", "kind": "no_parking"},
        "objects": [{"label": "motor_vehicle", "confidence": 0.8765, "box": [100.0, 60.0, 180.0, 120.0], "track": 3}],
        "evidence": [
            {
                "role": "panorama",
                "uri": "evidence/inc-1_panorama_1.jpg",
                "sha256": "c" * 64,
                "captured_at": "2026-11-21T10:00:07.000+08:00",
                "media_s": 7.0,
                "width": 640,
                "height": 451,
                "bytes": 1000,
                "original": {
                    "uri": "evidence/original/f.jpg",
                    "sha256": "d" * 64,
                    "width": 640,
                    "height": 360,
                    "bytes": 900,
                },
                "duration_s": None,
            }
        ],
        "confidence": 0.9124,
        "backing": "real",
        "model": {"name": "street-26n", "sha256": "a" * 64},
        "config_sha256": "b" * 64,
        "recurrence_of": None,
        "duplicate_of": None,
        "related": [],
        "review": None,
        "clock": "container",
        "media": {"first_seen_s": 2.0, "confirmed_s": 7.0, "last_seen_s": 10.0, "cleared_s": None},
        "source": "kerb.mp4",
        "view": None,
        "seen_by": {"quick": 0.9124},
        "careful_model": None,
        "reason": None,
        "seen_s": 8.0,
        "unseen_s": 0.0,
        "uncounted_s": 0.0,
        "reopenings": 0,
    }


def test_a_camera_without_a_zone_reports_the_whole_picture() -> None:
    record = a_record(an_incident(zone=None), camera=Camera("c"))
    assert record.zone.model_dump() == {"id": "whole_picture", "kind": "whole_picture"}


def test_the_code_is_that_of_the_label_that_was_seen() -> None:
    violation = a_violation(codes=(("graffiti", Code("02", "01")),))
    seen = SeenObject("graffiti", 0.5, Box(0, 0, 9, 9), 1)
    record = a_record(an_incident(violation=violation, objects=(seen,)))
    assert record.code is not None
    assert record.code.model_dump() == {"major": "02", "minor": "01"}


def test_a_live_feed_has_no_media_time_and_dwells_by_the_clock_that_nobody_sets() -> None:
    live = RecordContext(SHANGHAI, "live", "gate", "m", "a" * 64, "b" * 64, live=True)
    clock_set = an_incident(first_seen=at(2), last_seen=Moment(30.0, at(3600).at))
    record = a_record(clock_set, context=live)
    assert (record.media, record.evidence[0].media_s, record.dwell_s) == (None, None, 28.0)


def test_a_file_name_that_is_no_text_still_gives_a_line() -> None:
    context = RecordContext(SHANGHAI, "file", "clip-\udcff.mp4", "m", "a" * 64, "b" * 64)
    assert a_record(context=context).source == "clip-?.mp4"


def test_fields_of_a_later_version_are_left_alone() -> None:
    values = a_record().model_dump(mode="json", by_alias=True)
    later = {**values, "weather": "rain", "camera": {**values["camera"], "lens": "wide"}}

    assert IncidentRecord.model_validate(later) == a_record()
    VALIDATOR.validate(later)


@pytest.mark.parametrize(
    ("quick", "careful", "seen_by"),
    [
        (0.4, 0.8, {"quick": 0.4, "careful": 0.8}),
        (0.4, 0.0, {"quick": 0.4}),
        (0.0, 0.8, {"careful": 0.8}),
        (0.0, 0.0, {"quick": 0.9}),
    ],
)
def test_a_network_that_never_saw_it_is_not_named_and_before_there_were_two_it_was_the_quick_one(
    quick: float, careful: float, seen_by: dict[str, float]
) -> None:
    assert a_record(an_incident(confidence=0.9, quick=quick, careful=careful)).seen_by == seen_by


def test_the_network_that_looks_again_is_named() -> None:
    context = replace(CONTEXT, careful_model=ModelPart(name="street-world-s", sha256="c" * 64))
    record = a_record(context=context)

    assert json.loads(record.to_json())["careful_model"] == {"name": "street-world-s", "sha256": "c" * 64}


V2_FIELDS = {"view", "seen_by", "careful_model", "reason", "seen_s", "unseen_s", "uncounted_s", "reopenings"}


def as_version_1(record: IncidentRecord) -> dict[str, Any]:
    """What an older version recorded of it."""
    values = json.loads(record.to_json())
    return {
        **{key: value for key, value in values.items() if key not in V2_FIELDS},
        "schema": "cvinspect.incident/v1",
    }


def test_what_was_recorded_as_version_1_is_read_and_written_as_it_was() -> None:
    before = as_version_1(a_record())
    record = IncidentRecord.model_validate(before)

    assert (record.seen_s, record.seen_by, record.reason, record.dwell_s) == (None, None, None, 8.0)
    assert json.loads(record.to_json()) == before


def test_dwell_is_what_was_seen_and_what_counts_though_nobody_saw_it() -> None:
    record = a_record(replace(an_incident(), unseen_s=2.5, uncounted_s=1.25))
    between_s = (record.last_seen_at - record.first_seen_at).total_seconds()

    assert (record.dwell_s, record.seen_s, record.unseen_s, record.uncounted_s) == (6.75, 4.25, 2.5, 1.25)
    assert record.dwell_s + record.uncounted_s == between_s


@pytest.mark.parametrize("reason", [None, *Reason])
def test_a_reason_goes_into_the_record_as_a_word(reason: Reason | None) -> None:
    record = a_record(replace(an_incident(), reason=reason))

    assert json.loads(record.to_json())["reason"] == (reason and reason.value)


def test_every_field_of_the_schema_says_what_it_is() -> None:
    schema = json_schema()
    parts = [schema, *schema["$defs"].values()]
    bare = [name for part in parts for name, field in part.get("properties", {}).items() if "description" not in field]
    assert (bare, schema["$id"], set(schema["required"])) == (
        [],
        "urn:cvinspect:schema:incident:v2",
        set(schema["properties"]),
    )


moments = st.builds(
    Moment,
    st.floats(-1000, 1e6),
    st.floats(946_684_800, 4_102_444_800).map(lambda seconds: datetime.fromtimestamp(seconds, UTC)),
)
texts = st.text(min_size=1, max_size=20)
shares = st.floats(0, 1)
pixels = st.floats(-100, 9000)
objects = st.builds(SeenObject, texts, shares, st.builds(Box, pixels, pixels, pixels, pixels), st.integers(0, 10**6))
incidents = st.builds(
    Incident,
    id=texts,
    revision=st.integers(0, 10**6),
    camera=texts,
    violation=st.just(a_violation()),
    zone=st.none(),
    stage=st.sampled_from(Stage),
    status=st.sampled_from(Status),
    objects=st.lists(objects, max_size=3).map(tuple),
    confidence=shares,
    first_seen=moments,
    last_seen=moments,
    confirmed=st.none() | moments,
    cleared=st.none() | moments,
    recurrence_of=st.none() | texts,
    duplicate_of=st.none() | texts,
    related=st.lists(texts, max_size=2).map(tuple),
    unseen_s=st.floats(0, 1e6),
    uncounted_s=st.floats(0, 1e6),
    reason=st.none() | st.sampled_from(Reason),
    reopenings=st.integers(0, 10**6),
)
zones_of_time = st.integers(-12 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))


@settings(max_examples=60, deadline=None)
@given(incidents, zones_of_time, st.sampled_from(ChangeKind))
def test_every_record_survives_its_line_and_fits_the_schema(
    incident: Incident, zone_of_time: tzinfo, event: ChangeKind
) -> None:
    context = RecordContext(zone_of_time, "exif", "a.jpg", "m", "a" * 64, "b" * 64)
    record = a_record(incident, event=event, context=context)
    line = record.to_json()
    again = IncidentRecord.model_validate_json(line)
    assert (again, again.to_json(), "\n" in line) == (record, line, False)
    VALIDATOR.validate(record.model_dump(mode="json", by_alias=True))
