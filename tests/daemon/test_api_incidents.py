"""Incidents over HTTP: looked up, and spoken of by platforms."""

import threading
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from sqlalchemy import text

from cvinspect.domain import ChangeKind
from cvinspect.store.site_store import PlatformNote, PlatformStatus
from tests.daemon.api_makers import Daemon, a_daemon, client_of, serving
from tests.incident_makers import CAMERA, START, a_violation, at
from tests.store.databases import KINDS, new_address
from tests.store.ledger_makers import entry, story

WORD = {"status": "resolved", "by_whom": "街道中队 3", "why": "Towed.\nAt 10:40."}


@pytest.fixture(params=KINDS)
def daemon(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Daemon]:
    address = new_address(request.param, tmp_path)
    with a_daemon(tmp_path, address=address, lock_timeout_s=1.0) as started:
        yield started


@pytest.fixture
def client(daemon: Daemon) -> Iterator[httpx.Client]:
    with serving(daemon.app()) as server, client_of(server) as client:
        yield client


@pytest.fixture(scope="module")
def quiet(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Daemon]:
    """One incident of which nothing is said."""
    with a_daemon(tmp_path_factory.mktemp("quiet")) as started:
        started.ledger.record(CAMERA.id, [entry("inc-1")])
        yield started


@pytest.fixture(scope="module")
def asker(quiet: Daemon) -> Iterator[httpx.Client]:
    """For what changes nothing."""
    with serving(quiet.app()) as server, client_of(server) as client:
        yield client


def ids(answer: httpx.Response) -> list[str]:
    assert answer.status_code == 200, answer.text
    return [one["incident_id"] for one in answer.json()["incidents"]]


def detail(answer: httpx.Response, status: int) -> str:
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
    found = answer.json()
    assert (found["type"], found["status"], "\n" in found["detail"]) == ("about:blank", status, False)
    return str(found["detail"])


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
    assert found(status="closed") == found(camera="x' OR 1=1 --") == set()


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


def test_times_at_the_ends_of_the_calendar_are_asked_for_without_harm(asker: httpx.Client) -> None:
    first, last = "0001-01-01T00:00:00%2B14:00", "9999-12-31T23:59:59-14:00"
    assert ids(asker.get(f"/incidents?since={first}&until={last}")) == ["inc-1"]
    assert ids(asker.get(f"/incidents?since={last}")) == ids(asker.get(f"/incidents?until={first}")) == []


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


def test_what_a_platform_says_is_kept_and_the_camera_looks(daemon: Daemon, client: httpx.Client) -> None:
    daemon.ledger.record(CAMERA.id, [entry("inc-1")])
    answer = client.post("/incidents/inc-1/status", json=WORD)
    assert (answer.status_code, answer.json()) == (201, {**WORD, "at": "2026-11-21T02:00:00Z"})
    assert daemon.sites.notes("inc-1") == (
        PlatformNote(PlatformStatus.RESOLVED, "街道中队 3", "Towed.\nAt 10:40.", START),
    )
    assert daemon.fleet.looked_at == ["inc-1"]


def test_a_word_that_is_repeated_is_kept_once(daemon: Daemon, client: httpx.Client) -> None:
    daemon.ledger.record(CAMERA.id, [entry("inc-1")])
    answers = [client.post("/incidents/inc-1/status", json=WORD) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [201, 200, 200]
    assert answers[0].json() == answers[1].json() == answers[2].json()
    assert len(daemon.sites.notes("inc-1")) == 1
    client.post("/incidents/inc-1/status", json={"status": "dispatched", "by_whom": "city"})
    assert client.post("/incidents/inc-1/status", json=WORD).status_code == 201  # not cleared after all, and again
    assert [note.status for note in daemon.sites.notes("inc-1")] == ["resolved", "dispatched", "resolved"]


def test_many_who_say_the_same_at_once_are_heard_once(daemon: Daemon, client: httpx.Client) -> None:
    daemon.ledger.record(CAMERA.id, [entry("inc-1")])
    found: list[int] = []

    def say() -> None:
        found.append(client.post("/incidents/inc-1/status", json=WORD).status_code)

    threads = [threading.Thread(target=say) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(found) == [200] * 11 + [201]
    assert len(daemon.sites.notes("inc-1")) == 1


def test_a_closed_case_is_opened_again_or_stays_closed(daemon: Daemon, client: httpx.Client) -> None:
    daemon.ledger.record(CAMERA.id, [entry("inc-1")])

    def say(status: str) -> httpx.Response:
        return client.post("/incidents/inc-1/status", json={"status": status, "by_whom": "city"})

    assert [say(status).status_code for status in ("accepted", "closed", "closed")] == [201, 201, 200]
    assert detail(say("resolved"), 409) == (
        "incident inc-1: was closed by city, so not resolved; allowed: accepted or dispatched, which open it again"
    )
    assert say("rejected").status_code == 409
    assert [say(status).status_code for status in ("dispatched", "resolved")] == [201, 201]
    assert [note.status for note in daemon.sites.notes("inc-1")] == ["accepted", "closed", "dispatched", "resolved"]
    assert daemon.fleet.looked_at == ["inc-1"] * 5


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (b"", "body: is missing"),
        (b"[1]", "body: a JSON object is needed; found [1]"),
        (b'{"status": "resolved"}', "body.by_whom: is missing"),
        (
            b'{"status": "done", "by_whom": "x"}',
            "body.status: Input should be 'accepted', 'rejected', 'dispatched', 'resolved' or 'closed'; found 'done'",
        ),
        (
            b'{"status": "resolved", "by_whom": " \\t"}',
            "body.by_whom: is blank, or holds a letter that is not allowed; found ' \\t'",
        ),
        (
            b'{"status": "resolved", "by_whom": "x", "why": "\\u0000"}',
            "body.why: is blank, or holds a letter that is not allowed; found '\\x00'",
        ),
        (
            b'{"status": "resolved", "by_whom": "x", "note": "y"}',
            "body: unknown key 'note'; allowed: status, by_whom, why",
        ),
    ],
)
def test_a_word_that_is_none_is_told_in_one_line_and_changes_nothing(
    quiet: Daemon, asker: httpx.Client, body: bytes, says: str
) -> None:
    answer = asker.post("/incidents/inc-1/status", content=body, headers={"content-type": "application/json"})
    assert detail(answer, 422) == says
    assert (quiet.sites.notes("inc-1"), quiet.fleet.looked_at) == ((), [])


@pytest.mark.parametrize(
    "body",
    [
        b'{"status": "resolved", "by_whom": "\\ud800"}',
        b'{"status": "resolved", "by_whom": "\xff"}',
        b"[" * 16_000,
        b'{"status": ' * 1400,
        b'{"status": 1e999, "by_whom": NaN}',
        b"\x00",
        b"{",
    ],
)
def test_what_cannot_be_read_is_told_in_one_line(quiet: Daemon, asker: httpx.Client, body: bytes) -> None:
    answer = asker.post("/incidents/inc-1/status", content=body, headers={"content-type": "application/json"})
    assert answer.status_code in (400, 422)
    assert len(detail(answer, answer.status_code)) < 400
    assert quiet.sites.notes("inc-1") == ()


def test_a_form_that_another_page_could_send_is_not_taken(quiet: Daemon, asker: httpx.Client) -> None:
    word = b'{"status": "closed", "by_whom": "x"}'
    for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"):
        answer = asker.post("/incidents/inc-1/status", content=word, headers={"content-type": kind})
        assert answer.status_code in (400, 422)
    assert asker.post("/incidents/inc-1/status", content=word).status_code == 422
    assert quiet.sites.notes("inc-1") == ()


def test_while_the_database_is_locked_a_word_is_refused_in_one_line_and_may_come_again(
    daemon: Daemon, client: httpx.Client
) -> None:
    daemon.ledger.record(CAMERA.id, [entry("inc-1")])
    with daemon.database.writing():
        answer = client.post("/incidents/inc-1/status", json=WORD)
        assert client.get("/incidents/inc-1").status_code == 200
    assert detail(answer, 503) == f"{daemon.database.name}: others have been writing for 1 s"
    assert answer.headers["retry-after"] == "5"
    assert daemon.fleet.looked_at == []
    assert client.post("/incidents/inc-1/status", json=WORD).status_code == 201


def test_a_broken_database_is_told_in_one_line(daemon: Daemon, client: httpx.Client) -> None:
    with daemon.database.writing() as connection:
        for table in ("platform_statuses", "receipts", "outbox", "revisions", "evidence"):
            connection.execute(
                text(f"DROP TABLE {table} " + ("CASCADE" if "postgresql" in daemon.database.name else ""))
            )
    for answer in (client.get("/incidents/inc-1"), client.get("/incidents")):
        assert detail(answer, 503).startswith(f"{daemon.database.name}: ")
        assert len(answer.text) < 500
