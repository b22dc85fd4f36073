"""Open311 GeoReport v2: requests as its description says, and answers of every kind."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import parse_qs

import pytest

from cvinspect.dispatch import Answer
from cvinspect.dispatch.open311 import Open311, Platform, description
from cvinspect.domain import ChangeKind, Location
from cvinspect.errors import ConfigError, DeliveryDelayed, DeliveryRejected
from tests.dispatch import http_server
from tests.dispatch.http_server import says, serving
from tests.dispatch.sink_fakes import Clock, an_event
from tests.store.ledger_makers import entry, picture

PLATFORM = Platform(
    service_codes={"illegal_parking_motor": "0505", "road_damage": None},
    jurisdiction_id="city.gov",
    evidence_url="https://evidence.city.gov/files/",
    attributes={"SOURCE": "camera"},
)


@contextmanager
def open311(url: str, *, platform: Platform = PLATFORM, api_key: str | None = "k-123 456") -> Iterator[Open311]:
    clock = Clock()
    sink = Open311("city", url, platform=platform, api_key=api_key, seconds=clock, now=clock.now, read_s=0.3)
    yield sink
    sink.close()


def created(**answer: object) -> http_server.Answer:
    return says("201 Created", json.dumps([answer]).encode())


def sent_to(answer: http_server.Answer) -> Answer:
    with serving(answer) as server, open311(f"{server.url}/v2") as sink:
        return sink.deliver(an_event(), receipt=None)


def test_a_violation_that_opens_becomes_a_request_as_georeport_describes_it() -> None:
    event = an_event(evidence=(picture("evidence/近 1.jpg"),))
    with serving(created(service_request_id="SR-1")) as server, open311(f"{server.url}/v2/") as sink:
        assert sink.deliver(event, receipt=None) == Answer(receipt="service_request_id=SR-1")
    [request] = server.requests
    form = parse_qs(request.body.decode(), strict_parsing=True)
    assert request.line == "POST /v2/requests.json HTTP/1.1"
    assert request.headers["content-type"] == "application/x-www-form-urlencoded; charset=UTF-8"
    assert form == {
        "jurisdiction_id": ["city.gov"],
        "api_key": ["k-123 456"],
        "service_code": ["0505"],
        "lat": ["31.2304000"],
        "long": ["121.4737000"],
        "address_string": ["人民路18号 18 Renmin Road"],
        "description": [description(event.record)],
        "device_id": ["34020000001320000001"],
        "media_url": ["https://evidence.city.gov/files/evidence/%E8%BF%91%201.jpg"],
        "attribute[SOURCE]": ["camera"],
    }


def test_the_description_says_what_where_and_since_when() -> None:
    assert description(entry(recurrence_of="inc-0").record).splitlines() == [
        "机动车乱停放 Illegal parking",
        "时间 since 2026-11-21T10:00:02+08:00",
        "地点 at 人民路18号 18 Renmin Road",
        "单元网格 cell grid 310101001002003",
        "摄像机 camera kerb-01, 区域 zone kerb-1",
        "事件 incident inc-1, 置信度 confidence 0.91",
        "复发自 came back after inc-0",
    ]


def test_a_description_has_at_most_4000_letters() -> None:
    text = description(entry(location=Location(address="路" * 9000)).record)
    assert (len(text), text[-1]) == (4000, "…")


@pytest.mark.parametrize("kind", [kind for kind in ChangeKind if kind is not ChangeKind.OPENED])
def test_only_an_opening_creates_a_request(kind: ChangeKind) -> None:
    with open311("https://127.0.0.1:1") as sink:
        assert sink.deliver(an_event(kind=kind), receipt=None) == Answer(taken=False)


def test_an_incident_that_has_a_request_gets_no_second_one() -> None:
    with open311("https://127.0.0.1:1") as sink:
        assert sink.deliver(an_event(), receipt="token=t") == Answer(receipt="token=t")


@pytest.mark.parametrize(
    ("answer", "receipt"),
    [
        ({"token": "t-9", "service_notice": "soon"}, "token=t-9"),
        ({"service_request_id": 293944, "token": ""}, "service_request_id=293944"),
        ({"service_request_id": None, "token": None}, "none"),
        ({}, "none"),
    ],
)
def test_id_or_token_is_kept(answer: dict[str, object], receipt: str) -> None:
    assert sent_to(created(**answer)) == Answer(receipt=receipt)


@pytest.mark.parametrize("body", [b"", b"<html>hello", b"{}", b"[]", b"[1]", b"null", b"\xff" * 10, b"[{" * 30_000])
def test_success_without_a_list_of_requests_is_looked_at_by_a_person(body: bytes) -> None:
    with pytest.raises(DeliveryRejected, match="answered 200, but not with a list of requests"):
        sent_to(says("200 OK", body))


def test_errors_are_told_in_the_platforms_words() -> None:
    said = json.dumps([{"code": 400, "description": "service_code was not provided"}]).encode()
    with pytest.raises(DeliveryRejected, match=r"400 Bad Request: .*service_code was not provided"):
        sent_to(says("400 Bad Request", said))
    with pytest.raises(DeliveryDelayed, match="503"):
        sent_to(says("503 Down"))


@pytest.mark.parametrize("echo", ["k-123 456", "k-123%20456"])
def test_the_api_key_is_in_no_message(echo: str) -> None:
    with pytest.raises(DeliveryRejected) as failure:
        sent_to(says("403 Forbidden", f"key {echo} is blocked".encode()))
    assert "key *** is blocked" in str(failure.value)


def test_the_api_key_is_not_told_where_the_reason_of_a_status_repeats_it() -> None:
    with pytest.raises(DeliveryRejected, match=r"403 No key \*\*\*$"):
        sent_to(says("403 No key k-123+456"))


def test_a_class_without_a_code_is_told_of_and_one_that_is_not_for_the_platform_is_passed_over() -> None:
    with open311("https://127.0.0.1:1", platform=Platform({})) as sink:
        with pytest.raises(DeliveryRejected, match="service_codes: has no code for illegal_parking_motor"):
            sink.deliver(an_event(), receipt=None)
        assert sink.deliver(an_event(kind=ChangeKind.CLEARED), receipt=None) == Answer(taken=False)
    with open311("https://127.0.0.1:1", platform=Platform({"illegal_parking_motor": None})) as sink:
        assert sink.deliver(an_event(), receipt=None) == Answer(taken=False)


def test_a_camera_that_is_nowhere_is_told_of() -> None:
    with open311("https://127.0.0.1:1") as sink, pytest.raises(DeliveryRejected, match="neither position nor address"):
        sink.deliver(an_event(location=Location(lon=120.0)), receipt=None)


def test_a_position_of_zero_is_a_position() -> None:
    with serving(created(token="t")) as server, open311(server.url) as sink:
        sink.deliver(an_event(location=Location(lon=0.0, lat=0.0)), receipt=None)
    form = parse_qs(server.requests[0].body.decode())
    assert (form["lat"], form["long"], "address_string" in form) == (["0.0000000"], ["0.0000000"], False)


def test_a_key_is_not_sent_in_the_clear_over_a_network() -> None:
    with pytest.raises(ConfigError, match="would send a secret in the clear"), open311("http://city.example/v2"):
        pass
    with open311("http://city.example/v2", api_key=None):
        pass
