"""`cvinspect incidents`: what the ledger holds can be looked through, taken out, sent again and tidied up."""

import csv
import io
import json
import os
import pty
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from cvinspect.cli import incidents as incidents_command
from cvinspect.domain import ChangeKind, Location, Moment
from cvinspect.records.incident import IncidentRecord
from cvinspect.store import OutboxEvent
from cvinspect.store.database import Database
from cvinspect.store.outbox import SqlOutbox
from cvinspect.store.site_store import PlatformStatus, SiteStore
from tests.command_line import Outcome, cvinspect
from tests.incident_makers import START
from tests.store.databases import KINDS, new_address
from tests.store.ledger_makers import entry, picture, sqlite_at, stores

HOUR = timedelta(hours=1)


def first_seen(hours: float) -> dict[str, Moment]:
    """Of an incident that came to rest so many hours after START."""
    moments = {"first_seen": 2, "confirmed": 7, "last_seen": 10}
    return {name: Moment(s, START + hours * HOUR + timedelta(seconds=s)) for name, s in moments.items()}


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """Three incidents of two cameras: one cleared, one open, one a pre-alarm, an hour after one another."""
    path = tmp_path / "site.yaml"
    path.write_text("cameras: [{id: gate}, {id: yard}]\nwatch: {database: sqlite:///ledger.db, evidence: data}\n")
    with closing(Database(sqlite_at(tmp_path / "ledger.db"))) as database:
        fill(database)
    return path


def fill(database: Database) -> None:
    ledger, outbox = stores(database)
    outbox.register("platform")
    ledger.record("gate", [entry("a", 1, camera="gate", **first_seen(0))])
    ledger.record("gate", [entry("a", 2, ChangeKind.CLEARED, camera="gate", **first_seen(0))])
    ledger.record("yard", [entry("b", 1, camera="yard", location=Location(), **first_seen(1))])
    ledger.record("gate", [entry("c", 0, ChangeKind.PRE_ALARM, camera="gate", **{**first_seen(2), "confirmed": None})])


def lines(outcome: Outcome) -> list[dict[str, Any]]:
    assert outcome.code == 0, outcome.err
    return [json.loads(line) for line in outcome.out.splitlines()]


def ids(outcome: Outcome) -> list[str]:
    return [line["incident_id"] for line in lines(outcome)]


def test_incidents_are_listed_as_recorded_the_newest_first(config: Path) -> None:
    outcome = cvinspect("incidents", "list", config)
    assert ids(outcome) == ["c", "b", "a"]
    assert lines(outcome)[2] == json.loads(
        entry("a", 2, ChangeKind.CLEARED, camera="gate", **first_seen(0)).record.to_json()
    )
    assert outcome.err == ""


@pytest.mark.parametrize(
    ("words", "found"),
    [
        (("--status", "open"), ["c", "b"]),
        (("--status", "cleared"), ["a"]),
        (("--stage", "violation"), ["b", "a"]),
        (("--stage", "pre_alarm", "--status", "open"), ["c"]),
        (("--camera", "yard"), ["b"]),
        (("--class", "illegal_parking_motor"), ["c", "b", "a"]),
        (("--class", "road_damage"), []),
        (("--since", "2026-11-21T11:00:02"), ["c", "b"]),
        (("--since", "2026-11-21T11:00:03"), ["c"]),
        (("--until", "2026-11-21T03:00:02+00:00"), ["a"]),
        (("--since", "2026-11-21", "--until", "2026-11-22"), ["c", "b", "a"]),
        (("--since", "2027-01-01"), []),
    ],
)
def test_a_list_holds_what_is_asked_for(config: Path, words: tuple[str, ...], found: list[str]) -> None:
    assert ids(cvinspect("incidents", "list", config, *words)) == found


def test_a_list_that_is_cut_says_so(config: Path) -> None:
    outcome = cvinspect("incidents", "list", config, "--limit", 2)
    assert (ids(outcome), outcome.err) == (["c", "b"], "note: 2 of 3 incidents are shown; more with --limit 3\n")


@pytest.mark.parametrize(
    ("words", "note"),
    [
        (("--camera", "gaet"), "note: --camera: 'gaet' is none of this configuration's: gate, yard"),
        (("--class", "parking"), "note: --class: 'parking' is none of this configuration's: out_of_store_operation, "),
    ],
)
def test_a_filter_that_is_probably_mistyped_is_told(config: Path, words: tuple[str, ...], note: str) -> None:
    outcome = cvinspect("incidents", "list", config, *words)
    assert (ids(outcome), outcome.err.startswith(note)) == ([], True)


@pytest.mark.parametrize("given", ["soon", "", "2026-13-01", "0001-01-01", "9999-12-31T23:59:59-12:00"])
def test_a_moment_that_is_none_is_refused(config: Path, given: str) -> None:
    outcome = cvinspect("incidents", "list", config, "--since", given)
    assert (outcome.code, outcome.errors) == (
        2, [f"--since: {given!r} is no time; allowed: ISO 8601, like 2026-11-21T08:30"],
    )  # fmt: skip


def on_a_terminal(*words: object, columns: int = 200) -> str:
    """What a person sees who types it."""
    master, end = pty.openpty()
    command = [sys.executable, "-c", "from cvinspect.cli.app import main; main()", *map(str, words)]
    with subprocess.Popen(
        command,
        stdin=end,
        stdout=end,
        stderr=end,
        close_fds=True,
        env={**os.environ, "COLUMNS": str(columns), "TERM": "xterm", "NO_COLOR": "1"},
    ) as process:
        os.close(end)
        said = b""
        try:
            while chunk := os.read(master, 65_536):
                said += chunk
        except OSError:  # its end, on Linux
            pass
        assert process.wait(60) == 0
    os.close(master)
    return said.decode()


def cells(said: str) -> list[list[str]]:
    return [[cell.strip() for cell in row.split("│")[1:-1]] for row in said.splitlines() if row.startswith("│")]


def test_on_a_terminal_incidents_are_a_table(config: Path) -> None:
    words = ("illegal_parking_motor", "机动车乱停放")
    assert cells(on_a_terminal("incidents", "list", config)) == [
        ["c", *words, "gate", "pre_alarm", "2026-11-21 12:00:02", "8"],
        ["b", *words, "yard", "open", "2026-11-21 11:00:02", "8"],
        ["a", *words, "gate", "cleared", "2026-11-21 10:00:02", "8"],
    ]


def test_on_a_terminal_json_is_to_be_had_and_a_narrow_one_cuts_no_id(tmp_path: Path) -> None:
    name = "0f8fad5b-d9cb-469f-a165-70867728950e"
    (tmp_path / "site.yaml").write_text("watch: {database: sqlite:///ledger.db}")
    with closing(Database(sqlite_at(tmp_path / "ledger.db"))) as database:
        ledger, _ = stores(database)
        ledger.record("gate", [entry(name, camera="gate")])
    said = on_a_terminal("incidents", "list", tmp_path / "site.yaml", columns=80)
    assert f" {name} " in said
    assert json.loads(on_a_terminal("incidents", "list", tmp_path / "site.yaml", "--json"))["incident_id"] == name


def test_one_incident_is_shown_with_its_history_and_what_platforms_said(config: Path) -> None:
    with closing(Database(sqlite_at(config.parent / "ledger.db"))) as database:
        SiteStore(database, now=lambda: START).note("a", PlatformStatus.ACCEPTED, by_whom="王 Wang", why="seen")
    outcome = cvinspect("incidents", "show", config, "a")
    assert outcome.code == 0
    assert json.loads(outcome.out) == {
        "record": json.loads(entry("a", 2, ChangeKind.CLEARED, camera="gate", **first_seen(0)).record.to_json()),
        "history": [
            {"revision": 1, "event": "opened", "recorded_at": "2026-11-21T10:00:00.000+08:00"},
            {"revision": 2, "event": "cleared", "recorded_at": "2026-11-21T10:00:00.000+08:00"},
        ],
        "platform": [
            {"status": "accepted", "by_whom": "王 Wang", "why": "seen", "at": "2026-11-21T10:00:00.000+08:00"}
        ],
    }


def test_an_incident_that_is_not_there_is_told(config: Path) -> None:
    outcome = cvinspect("incidents", "show", config, "nobody\n'")
    assert outcome.code == 2
    [line] = outcome.errors
    assert line.startswith('incident "nobody\\n\'": is not in ')


def test_exported_lines_are_the_latest_records_of_violations_in_order(config: Path) -> None:
    exported = [IncidentRecord.model_validate(line) for line in lines(cvinspect("incidents", "export", config))]
    assert [(record.incident_id, record.revision) for record in exported] == [("a", 2), ("b", 1)]


def test_the_exported_table_is_what_evaluate_review_reads(config: Path, tmp_path: Path) -> None:
    out = tmp_path / "incidents.csv"
    outcome = cvinspect("incidents", "export", config, "--format", "csv", "--out", out)
    assert (outcome.code, outcome.out, outcome.err) == (0, "", f"{out}: 2 incidents\n")
    [heading, *rows] = list(csv.reader(io.StringIO(out.read_text(encoding="utf-8-sig"), newline="")))
    column = next(number for number, name in enumerate(heading) if name.endswith(" review"))
    for row, verdict in zip(rows, ("confirmed", "驳回"), strict=True):
        row[column] = verdict
    with out.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([heading, *rows])
    reviewed = cvinspect("evaluate", "review", out)
    assert reviewed.code == 0
    assert "50.0" in reviewed.out


def test_the_exported_map_places_what_has_a_place(config: Path) -> None:
    outcome = cvinspect("incidents", "export", config, "-f", "geojson", "--status", "open", "--stage", "violation")
    [feature] = json.loads(outcome.out)["features"]
    assert (feature["id"], feature["geometry"]) == ("b", None)


def test_an_export_of_nothing_is_an_empty_file_of_its_kind(config: Path) -> None:
    outcomes = [
        cvinspect("incidents", "export", config, "-f", form, "--since", "2027-01-01") for form in ("jsonl", "csv")
    ]
    assert [outcome.out.count("\n") for outcome in outcomes] == [0, 1]


def test_an_export_replaces_files_only(config: Path) -> None:
    outcome = cvinspect("incidents", "export", config, "--out", config.parent)
    assert (outcome.code, outcome.errors) == (
        2, [f"--out: {config.parent} is no ordinary file; leave --out away for stdout"],
    )  # fmt: skip


def test_words_that_are_no_text_find_nothing(config: Path) -> None:
    assert ids(cvinspect("incidents", "list", config, "--camera", "\udcff", "--class", "\udcff")) == []
    assert lines(cvinspect("incidents", "dead", config, "--sink", "\udcff")) == []
    assert [cvinspect("incidents", command, config, "\udcff").code for command in ("show", "replay")] == [2, 2]


def test_an_export_that_cannot_be_written_is_told(config: Path) -> None:
    outcome = cvinspect("incidents", "export", config, "--out", config / "x")
    assert (outcome.code, outcome.errors) == (5, [f"{config / 'x'}: cannot be written: Not a directory"])


def test_many_incidents_are_listed_and_exported_page_by_page_without_a_gap(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(incidents_command, "_PAGE", 7)
    config = tmp_path / "site.yaml"
    config.write_text("watch: {database: sqlite:///ledger.db}")
    names = [f"i{number:02}" for number in range(36)]
    with closing(Database(sqlite_at(tmp_path / "ledger.db"))) as database:
        ledger, _ = stores(database)
        ledger.record("gate", [entry(name, camera="gate", **first_seen(n // 3)) for n, name in enumerate(names)])
    assert ids(cvinspect("incidents", "export", config)) == names
    assert ids(cvinspect("incidents", "list", config, "--limit", 29)) == names[:6:-1]


@pytest.fixture
def refused(config: Path) -> Path:
    """The platform has taken `a`, and would not have `b` nor the first revision of `a`."""
    with closing(Database(sqlite_at(config.parent / "ledger.db"))) as database:
        outbox = SqlOutbox(database, now=lambda: START)
        events: list[OutboxEvent] = []
        while (event := outbox.next_event("platform")) is not None:
            events.append(event)
            if (event.incident_id, event.revision) in (("a", 1), ("b", 1)):
                outbox.rejected("platform", event, reason="https://platform/: 422 no such 车")
            else:
                outbox.delivered("platform", event, receipt=None)
        outbox.register("room")
    return config


def test_dead_letters_are_listed_with_their_reason(refused: Path) -> None:
    letters = lines(cvinspect("incidents", "dead", refused))
    assert [(letter["sequence"], letter["incident_id"], letter["is_superseded"]) for letter in letters] == [
        (1, "a", True), (3, "b", False),
    ]  # fmt: skip
    assert letters[1] == {
        "sink": "platform",
        "sequence": 3,
        "incident_id": "b",
        "revision": 1,
        "at": "2026-11-21T10:00:00.000+08:00",
        "is_superseded": False,
        "reason": "https://platform/: 422 no such 车",
    }
    assert lines(cvinspect("incidents", "dead", refused, "--sink", "room")) == []


def test_on_a_terminal_dead_letters_are_a_table(refused: Path) -> None:
    reason = "https://platform/: 422 no such 车"
    assert cells(on_a_terminal("incidents", "dead", refused)) == [
        ["platform", "1", "a", "1", "2026-11-21 10:00:00", "superseded", reason],
        ["platform", "3", "b", "1", "2026-11-21 10:00:00", "can be", reason],
    ]


def test_what_is_replayed_is_sent_again_and_what_was_superseded_stays_dead(refused: Path) -> None:
    outcome = cvinspect("incidents", "replay", refused, "platform")
    assert (outcome.code, outcome.out) == (0, "1\n")
    assert outcome.err == "1 of 2 dead letters are lined up again; a running `cvinspect watch` sends them\n"
    assert [letter["sequence"] for letter in lines(cvinspect("incidents", "dead", refused))] == [1]
    with closing(Database(sqlite_at(refused.parent / "ledger.db"))) as database:
        outbox = SqlOutbox(database, now=lambda: START)
        again = [outbox.waiting_event("platform", sequence) for sequence in outbox.waiting("platform")]
    assert [event and (event.incident_id, event.revision) for event in again] == [("b", 1)]


def test_single_letters_are_replayed_by_their_number(refused: Path) -> None:
    outcome = cvinspect("incidents", "replay", refused, "platform", "--sequence", 1, "--sequence", 77)
    assert (outcome.code, outcome.out) == (0, "0\n")
    assert outcome.err.splitlines()[0] == "note: platform has no dead letter 77"


def test_a_sink_that_is_not_known_is_told_with_those_that_are(refused: Path) -> None:
    outcome = cvinspect("incidents", "replay", refused, "plattform")
    assert (outcome.code, outcome.errors) == (2, ["sink 'plattform': is not known; allowed: platform, room"])


@pytest.fixture
def old_pictures(config: Path) -> Path:
    """Of an incident that was cleared in 2015, and of nobody's."""
    with closing(Database(sqlite_at(config.parent / "ledger.db"))) as database:
        ledger, _ = stores(database)
        cleared = Moment(20.0, START - timedelta(days=4000))
        for revision, kind, given in ((1, ChangeKind.OPENED, {}), (2, ChangeKind.CLEARED, {"cleared": cleared})):
            pictures = (picture("evidence/old_panorama_1.jpg"),)
            ledger.record("gate", [entry("old", revision, kind, camera="gate", evidence=pictures, **given)])
    (config.parent / "data" / "evidence").mkdir(parents=True)
    for name in ("old_panorama_1.jpg", "b_panorama_1.jpg"):
        (config.parent / "data" / "evidence" / name).write_bytes(b"x" * 1000)
    return config


def test_a_dry_run_says_what_would_go_and_prune_removes_just_that(old_pictures: Path) -> None:
    folder = old_pictures.parent / "data"
    doomed = {
        "uri": "evidence/old_panorama_1.jpg",
        "bytes": 1000,
        "reason": "age",
        "ended_at": "2015-12-09T10:00:00+08:00",
    }
    dry = cvinspect("incidents", "prune", old_pictures, "--dry-run")
    assert lines(dry) == [doomed]
    assert dry.err == f"{folder}: 1 files, 0.0 MB, would go; 0.0 MB stay\n"
    assert len(list((folder / "evidence").iterdir())) == 2
    assert lines(cvinspect("incidents", "prune", old_pictures)) == [doomed]
    assert [path.name for path in (folder / "evidence").iterdir()] == ["b_panorama_1.jpg"]
    assert lines(cvinspect("incidents", "prune", old_pictures)) == []
    assert "old" in ids(cvinspect("incidents", "list", old_pictures))


def test_without_a_ledger_yet_nothing_is_made_and_it_is_told(tmp_path: Path) -> None:
    config = tmp_path / "site.yaml"
    config.write_text("watch:\n  database: sqlite:///data/ledger.db\n")
    file = tmp_path / "data" / "ledger.db"
    for command in (("list",), ("show", "a"), ("export",), ("dead",), ("replay", "platform"), ("prune",)):
        outcome = cvinspect("incidents", command[0], config, *command[1:])
        assert (outcome.code, outcome.errors) == (
            2, [f"{config}:2: watch.database: {file} is not there yet; `cvinspect watch` makes it"],
        )  # fmt: skip
    assert list(tmp_path.iterdir()) == [config]


@pytest.mark.parametrize("kind", KINDS)
def test_the_ledger_of_either_database_is_read(kind: str, tmp_path: Path) -> None:
    address = new_address(kind, tmp_path)
    with closing(Database(address)) as database:
        fill(database)
    config = tmp_path / "site.yaml"
    config.write_text(f"watch: {{database: '{address}'}}")
    assert ids(cvinspect("incidents", "list", config)) == ["c", "b", "a"]
    assert ids(cvinspect("incidents", "export", config)) == ["a", "b"]


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"no database at all, but some words" * 100, "file is not a database"),
        (b"", "holds no ledger yet; this one reads version 0004: `cvinspect watch` brings it up to date"),
    ],
)
def test_a_file_that_is_no_ledger_is_told_and_left_as_it_is(config: Path, data: bytes, says: str) -> None:
    file = config.parent / "ledger.db"
    file.write_bytes(data)
    outcome = cvinspect("incidents", "list", config)
    assert (outcome.code, outcome.out, outcome.errors) == (5, "", [f"{file}: {says}"])
    assert file.read_bytes() == data


def test_a_ledger_of_another_program_is_left_as_it_is(config: Path) -> None:
    path = config.parent / "other.db"
    with closing(sqlite3.connect(path)) as other:
        other.execute("CREATE TABLE cats (name TEXT)")
    config.write_text("watch: {database: sqlite:///other.db}")
    outcome = cvinspect("incidents", "prune", config)
    assert (outcome.code, outcome.errors) == (5, [f"{path}: is a database of another program; name another one"])


def test_a_ledger_that_somebody_writes_to_is_read_at_once_and_written_to_later(refused: Path) -> None:
    with closing(sqlite3.connect(refused.parent / "ledger.db", isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        began_s = time.monotonic()
        assert ids(cvinspect("incidents", "list", refused)) == ["c", "b", "a"]
        assert ids(cvinspect("incidents", "export", refused)) == ["a", "b"]
        assert cvinspect("incidents", "show", refused, "a").code == 0
        assert ids(cvinspect("incidents", "dead", refused)) == ["a", "b"]
        assert time.monotonic() - began_s < 4.0  # a writer is waited for 5 s
        outcome = cvinspect("incidents", "replay", refused, "platform")
    assert (outcome.code, outcome.errors) == (5, [f"{refused.parent / 'ledger.db'}: database is locked"])


def test_looking_leaves_an_older_ledger_as_it_is_and_says_what_brings_it_up_to_date(config: Path) -> None:
    file = config.parent / "ledger.db"
    with closing(sqlite3.connect(file)) as older, older:
        older.execute("UPDATE alembic_version SET version_num = '0001'")
    outcome = cvinspect("incidents", "list", config)
    assert (outcome.code, outcome.errors) == (5, [
        f"{file}: is of version 0001, made by an older cvinspect; this one reads version 0004: "
        "`cvinspect watch` brings it up to date"
    ])  # fmt: skip
    with closing(sqlite3.connect(file)) as older:
        assert older.execute("SELECT version_num FROM alembic_version").fetchall() == [("0001",)]


_AS_NOBODY = """
import contextlib, io, os, sys
from cvinspect.cli.app import main
for number, words in enumerate((sys.argv[1:2], sys.argv[2:])):
    if number == 1 and os.getuid() == 0:
        os.setgid(65534)
        os.setuid(65534)
    sys.argv = ["cvinspect", "incidents", "list", *words]
    with contextlib.redirect_stdout(io.StringIO()) if number == 0 else contextlib.nullcontext():
        try:
            main()
        except SystemExit as stop:
            assert not stop.code, stop.code
"""
"""Looks at another ledger first, since the program itself may lie where nobody may read it."""


@pytest.fixture
def locked_up(config: Path) -> Iterator[Path]:
    """A site in a folder where everybody may read and nobody else may write."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        shutil.copy(config, folder)
        with closing(Database(sqlite_at(folder / "ledger.db"))) as database:
            fill(database)
        folder.chmod(0o755)
        yield folder / config.name


@pytest.mark.parametrize("writer", ["is writing", "has ended", "was killed"])
def test_whoever_may_only_read_the_ledger_reads_it(config: Path, locked_up: Path, writer: str) -> None:
    file = locked_up.parent / "ledger.db"
    command = [sys.executable, "-c", _AS_NOBODY, str(config), str(locked_up)]
    with ExitStack() as stack:
        if writer != "has ended":
            database = stack.enter_context(closing(Database(sqlite_at(file))))
            stores(database)[0].record("gate", [entry("d", camera="gate", **first_seen(3))])
            stack.enter_context(database.writing())
        if writer == "was killed":
            left = {path: path.read_bytes() for path in file.parent.glob("ledger.db*")}
            stack.close()
            for path, data in left.items():
                path.write_bytes(data)
        if os.getuid() != 0:
            locked_up.parent.chmod(0o555)
            stack.callback(locked_up.parent.chmod, 0o755)
        before = {path.name for path in file.parent.iterdir()}
        outcome = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
        assert {path.name for path in file.parent.iterdir()} == before
    assert (outcome.returncode, outcome.stderr) == (0, "")
    known = ["d", "c", "b", "a"][writer == "has ended" :]
    assert [json.loads(line)["incident_id"] for line in outcome.stdout.splitlines()] == known
