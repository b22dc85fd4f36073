"""What platforms say of incidents over HTTP."""

import threading

import httpx
import pytest

from cvinspect.store.site_store import PlatformNote, PlatformStatus
from tests.api.api_makers import Daemon, detail
from tests.incident_makers import CAMERA, START
from tests.store.ledger_makers import entry

WORD = {"status": "resolved", "by_whom": "街道中队 3", "why": "Towed.\nAt 10:40."}


def test_what_a_platform_says_is_kept_and_the_camera_looks(daemon: Daemon, client: httpx.Client) -> None:
    daemon.ledger.record(CAMERA.id, [entry("inc-1")])
    answer = client.post("/incidents/inc-1/status", json=WORD)
    assert (answer.status_code, answer.json()) == (201, {**WORD, "at": "2026-11-21T02:00:00Z"})
    assert daemon.sites.notes("inc-1") == (
        PlatformNote(PlatformStatus.RESOLVED, "街道中队 3", "Towed.\nAt 10:40.", START),
    )
    assert daemon.cameras.looked_at == ["inc-1"]


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
    assert daemon.cameras.looked_at == ["inc-1"] * 5


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
    assert (quiet.sites.notes("inc-1"), quiet.cameras.looked_at) == ((), [])


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
    assert daemon.cameras.looked_at == []
    assert client.post("/incidents/inc-1/status", json=WORD).status_code == 201
