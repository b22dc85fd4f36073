"""The envelope is that of CloudEvents 1.0."""

import json
from datetime import UTC, datetime
from urllib.parse import urlsplit

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cvinspect.dispatch.cloudevents import cloud_event
from cvinspect.domain import ChangeKind
from cvinspect.errors import DeliveryRejected
from cvinspect.records.incident import json_schema
from tests.dispatch.sink_fakes import an_event
from tests.store.ledger_makers import entry


def test_an_event_is_the_record_in_its_envelope() -> None:
    event = an_event(revision=3, kind=ChangeKind.CLEARED)
    sent = json.loads(event.structured())
    data = sent.pop("data")
    assert sent == {
        "specversion": "1.0",
        "id": "inc-1/3",
        "source": "/cameras/kerb-01",
        "type": "cn.cvinspect.incident.cleared.v1",
        "subject": "inc-1",
        "time": "2026-11-21T02:00:20.000Z",
        "datacontenttype": "application/json",
        "dataschema": "urn:cvinspect:schema:incident:v2",
    }
    assert data == json.loads(entry(revision=3, kind=ChangeKind.CLEARED).record.to_json())
    jsonschema.validate(data, json_schema())


@pytest.mark.parametrize("kind", list(ChangeKind))
def test_every_change_has_a_type_of_its_own(kind: ChangeKind) -> None:
    assert an_event(kind=kind).type == f"cn.cvinspect.incident.{kind.value}.v1"


@given(camera=st.text(min_size=1))
def test_any_camera_makes_a_source_that_is_a_uri_and_a_single_line(camera: str) -> None:
    event = an_event(camera=camera)
    assert event.source.isascii()
    assert urlsplit(event.source).path == event.source
    assert json.loads(event.structured())["data"]["camera"]["id"] == camera
    assert b"\n" not in event.structured()


def test_sending_again_sends_the_same_bytes() -> None:
    body = entry().record.to_json()
    assert cloud_event(body).structured() == cloud_event(body).structured()


def test_the_time_is_in_utc_whatever_the_sites_zone() -> None:
    event = an_event()
    assert (event.time, event.record.last_seen_at.utcoffset() is not None) == (
        datetime(2026, 11, 21, 2, 0, 10, tzinfo=UTC),
        True,
    )


def test_what_was_recorded_as_version_1_is_sent_as_that() -> None:
    values = json.loads(entry().record.to_json())
    body = json.dumps({key: values[key] for key in list(values)[:-7]} | {"schema": "cvinspect.incident/v1"})
    event = cloud_event(body)

    assert event.attributes["dataschema"] == "urn:cvinspect:schema:incident:v1"
    assert json.loads(event.structured())["data"] == json.loads(body)


@pytest.mark.parametrize("body", ["", "{}", "[1]", '{"schema": "cvinspect.incident/v9"}'])
def test_what_is_no_record_is_rejected_in_one_line(body: str) -> None:
    with pytest.raises(DeliveryRejected, match="what is recorded is no urn:cvinspect:schema:incident:v2") as failure:
        cloud_event(body)
    assert "\n" not in str(failure.value)


def test_a_restored_ledger_is_another_source_and_its_webhooks_have_ids_of_their_own() -> None:
    body = entry("inc 1").record.to_json()
    first, second = cloud_event(body), cloud_event(body, ledger=2)
    assert (first.source, second.source) == ("/cameras/kerb-01", "/cameras/kerb-01?ledger=2")
    assert (first.id, second.id) == ("inc 1/1", "inc 1/1")
    assert (first.message_id, second.message_id) == ("inc%201/1", "inc%201/1?ledger=2")
    assert first.data == second.data
