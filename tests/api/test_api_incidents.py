"""Incidents looked up over HTTP."""

import httpx
import pytest
from sqlalchemy import text

from cvinspect.domain import ChangeKind
from cvinspect.store.site_store import PlatformStatus
from tests.api.api_makers import Daemon, detail
from tests.incident_makers import CAMERA, a_violation, at
from tests.store.ledger_makers import entry, story

WORD = {"status": "resolved", "by_whom": "city"}


def ids(answer: httpx.Response) -> list[str]:
    assert answer.status_code == 200, answer.text
    return [one["incident_id"] for one in answer.json()["incidents"]]


def test_incidents_come_as_they_were_recorded_the_latest_first(daemon: Daemon, client: httpx.Client) -> None:
    older, newer = entry("inc-1", first_seen=at(2)), entry("inc-2", first_seen=at(3))
    daemon.ledger.record(CAMERA.id, [older, newer])
    answer = client.get("/incidents")
    records = f"{newer.record.to_json()},{older.record.to_json()}"
    assert answer.text == f'{{"total":2,"next":null,"incidents":[{records}]}}'
    assert answer.headers["content-type"] == "application/json"


def test_incidents_are_found_by_status_stage_class_camera_and_time(daemon: Daemon, client: httpx.Client) -> None:
    banner = a_violation(id="illegal_advertising")
    daemon.ledger.record(CAMERA.id, [entry("open", first_seen=at(1)), *story("announced", 1)])
    daemon.ledger.record(CAMERA.id, [entry("gone"), entry("gone", 2, ChangeKind.CLEARED)])
    daemon.ledger.record("门口 & 2", [entry("banner", camera="门口 & 2", violation=banner, first_seen=at(9))])

    def found(**wanted: str) -> set[str]:
        return set(ids(client.get("/incidents", params=wanted)))

    assert found() == {"open", "announced", "gone", "banner"}
    assert found(status="cleared") == {"gone"}
    assert found(stage="pre_alarm") == {"announced"}
    assert found(**{"class": "illegal_advertising"}) == found(camera="门口 & 2") == {"banner"}
    assert found(since=at(2).at.isoformat()) == {"announced", "gone", "banner"}
    assert found(until=at(2).at.isoformat()) == {"open"}
    assert found(since="2026-11-21T10:00:09+08:00", status="open") == {"banner"}
    assert found(status="closed") == set()
    assert client.get("/incidents", params={"camera": "x' OR 1=1 --"}).status_code == 422


def test_pages_tell_each_incident_once_while_new_ones_come_in(daemon: Daemon, client: httpx.Client) -> None:
    daemon.ledger.record(CAMERA.id, [entry(f"inc-{number}", first_seen=at(number // 2)) for number in range(7)])
    seen, after, totals = [], {}, []
    while True:
        answer = client.get("/incidents", params={"limit": "2", **after})
        seen += ids(answer)
        totals.append(answer.json()["total"])
        if answer.json()["next"] is None:
            break
        after = {"after": answer.json()["next"]}
        if len(totals) == 1:
            daemon.ledger.record(CAMERA.id, [entry("newcomer", first_seen=at(20), last_seen=at(30))])
    assert seen == [f"inc-{number}" for number in (6, 5, 4, 3, 2, 1, 0)]
    assert totals == [7, 8, 8, 8]


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ("status=gone", "query.status: Input should be 'open', 'cleared' or 'closed'; found 'gone'"),
        ("limit=0", "query.limit: Input should be greater than or equal to 1; found '0'"),
        (
            "limit=1e9",
            "query.limit: Input should be a valid integer, unable to parse string as an integer; found '1e9'",
        ),
        (
            "since=2026-11-21T10:00:00",
            "query.since: the offset from UTC is missing; allowed: 2026-11-21T10:00:00Z, "
            "2026-11-21T10:00:00%2B08:00; found '2026-11-21T10:00:00'",
        ),
        ("camera=%00", "query.camera: is blank, or holds a letter that is not allowed; found '\\x00'"),
        (
            "statsu=open",
            "query: unknown key 'statsu'; allowed: status, stage, class, camera, since, until, limit, after",
        ),
    ],
)
def test_a_question_that_is_none_is_told_in_one_line(asker: httpx.Client, query: str, says: str) -> None:
    assert detail(asker.get(f"/incidents?{query}"), 422) == says


def test_a_place_to_go_on_from_that_is_none_is_told(asker: httpx.Client) -> None:
    says = "query.after: there is no incident 'inc-9'; allowed: `next` of the page before"
    assert detail(asker.get("/incidents?after=inc-9"), 404) == says


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ("since=0001-01-01T00:00:00%2B14:00", "query.since: cannot be meant; allowed: years 2000 to 2099"),
        ("until=9999-12-31T23:59:59-14:00", "query.until: cannot be meant; allowed: years 2000 to 2099"),
        ("since=1700000000", "query.since: is no date and time; allowed: 2026-11-21T10:00:00Z, "),
        ("since=5", "query.since: is no date and time"),
        ("since=2026-11-21", "query.since: is no date and time"),
        (
            "since=2026-11-22T00:00:00Z&until=2026-11-21T00:00:00Z",
            "query: since is not before until: nothing can lie between",
        ),
        ("class=illegal_parking", "query.class: there is none of this name; allowed: illegal_parking_motor, "),
        ("camera=kerb-99", "query.camera: there is none of this name; allowed: kerb-01; found 'kerb-99'"),
    ],
)
def test_what_cannot_be_meant_is_not_answered_with_nothing(asker: httpx.Client, query: str, says: str) -> None:
    assert detail(asker.get(f"/incidents?{query}"), 422).startswith(says)


def test_an_incident_comes_with_its_history_and_what_platforms_have_said(daemon: Daemon, client: httpx.Client) -> None:
    revisions = story("inc-1", 3)
    daemon.ledger.record(CAMERA.id, revisions)
    daemon.sites.note("inc-1", PlatformStatus.ACCEPTED, by_whom="city")
    found = client.get("/incidents/inc-1").json()
    recorded_at = "2026-11-21T02:00:00Z"
    assert found["history"] == [
        {"revision": 0, "event": "pre_alarm", "recorded_at": recorded_at},
        {"revision": 1, "event": "opened", "recorded_at": recorded_at},
        {"revision": 2, "event": "updated", "recorded_at": recorded_at},
    ]
    assert found["notes"] == [{"status": "accepted", "by_whom": "city", "why": None, "at": recorded_at}]
    assert found["incident"] == client.get("/incidents/inc-1/revisions/2").json()
    assert client.get("/incidents/inc-1/revisions/0").text == revisions[0].record.to_json()


@pytest.mark.parametrize("incident_id", ["no-such", "%F0%9F%9A%97", "..", "x' OR 1=1 --", "%ff", "a" * 200, "%2e%2e"])
def test_an_incident_that_is_not_known_is_404(asker: httpx.Client, incident_id: str) -> None:
    assert asker.get(f"/incidents/{incident_id}/revisions/1").status_code == 404
    assert asker.post(f"/incidents/{incident_id}/status", json=WORD).status_code == 404


@pytest.mark.parametrize("incident_id", ["%00", "a" * 201, "a" * 12_000])
def test_an_id_that_can_be_none_is_422(asker: httpx.Client, incident_id: str) -> None:
    assert detail(asker.get(f"/incidents/{incident_id}"), 422).startswith("path.incident_id: ")


@pytest.mark.parametrize("number", ["-1", "x", "2147483648", "9" * 5000])
def test_a_revision_that_can_be_none_is_422(asker: httpx.Client, number: str) -> None:
    assert detail(asker.get(f"/incidents/inc-1/revisions/{number}"), 422).startswith("path.number: ")


def test_a_broken_database_is_told_in_one_line(daemon: Daemon, client: httpx.Client) -> None:
    with daemon.database.writing() as connection:
        for table in ("platform_statuses", "receipts", "outbox", "revisions", "evidence"):
            connection.execute(
                text(f"DROP TABLE {table} " + ("CASCADE" if "postgresql" in daemon.database.name else ""))
            )
    for answer in (client.get("/incidents/inc-1"), client.get("/incidents")):
        assert detail(answer, 503).startswith(f"{daemon.database.name}: ")
        assert len(answer.text) < 500
