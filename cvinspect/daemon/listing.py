"""Incidents and dead letters as people and other programs read them: tables, files, JSON."""

import json
from collections.abc import Sequence
from datetime import datetime, tzinfo
from typing import Any, Literal

from rich.table import Column, Table
from rich.text import Text

from cvinspect.domain import Stage, Status
from cvinspect.records.incident import IncidentRecord
from cvinspect.records.tables import geojson, ledger_csv
from cvinspect.store import DeadLetter
from cvinspect.store.queries import Dossier
from cvinspect.store.site_store import PlatformNote

Form = Literal["jsonl", "csv", "geojson"]


def incident_table(records: Sequence[IncidentRecord]) -> Table:
    """One row an incident, its id never cut; times are those of the record's own offset."""
    table = Table(_whole("incident"), "class", "类别", "camera", "state", _whole("first seen"), "dwell s")
    for record in records:
        words = (record.incident_id, record.class_id, record.names.zh, record.camera.id, _state(record))
        table.add_row(*map(Text, words), f"{record.first_seen_at:%Y-%m-%d %H:%M:%S}", f"{record.dwell_s:.0f}")
    return table


def _state(record: IncidentRecord) -> str:
    """Its status; of a pre-alarm that is not over, that it is no more than that."""
    is_pre_alarm = record.stage is Stage.PRE_ALARM and record.status is Status.OPEN
    return record.stage.value if is_pre_alarm else record.status.value


def letter_table(letters: Sequence[DeadLetter], timezone: tzinfo) -> Table:
    """One row a dead letter."""
    table = Table("sink", _whole("sequence"), _whole("incident"), "revision", "since", "replay", "reason")
    for letter in letters:
        can = "superseded" if letter.is_superseded else "can be"
        since = f"{letter.at.astimezone(timezone):%Y-%m-%d %H:%M:%S}"
        words = (letter.sink, str(letter.sequence), letter.incident_id, str(letter.revision), since, can, letter.reason)
        table.add_row(*map(Text, words))
    return table


def _whole(heading: str) -> Column:
    """A column that is never cut nor broken, however narrow the terminal: people copy from it."""
    return Column(heading, no_wrap=True, overflow="ignore")


def letter_json(letter: DeadLetter, timezone: tzinfo) -> str:
    """One line."""
    data = {
        "sink": letter.sink,
        "sequence": letter.sequence,
        "incident_id": letter.incident_id,
        "revision": letter.revision,
        "at": _local(letter.at, timezone),
        "is_superseded": letter.is_superseded,
        "reason": letter.reason,
    }
    return json.dumps(data, ensure_ascii=False)


def dossier_json(dossier: Dossier, notes: Sequence[PlatformNote], timezone: tzinfo) -> str:
    """The record, its revisions, and what platforms said, on many lines."""
    history = [
        {"revision": one.revision, "event": one.event.value, "recorded_at": _local(one.recorded_at, timezone)}
        for one in dossier.history
    ]
    said = [
        {"status": one.status.value, "by_whom": one.by_whom, "why": one.why, "at": _local(one.at, timezone)}
        for one in notes
    ]
    record: Any = json.loads(dossier.body)
    return json.dumps({"record": record, "history": history, "platform": said}, ensure_ascii=False, indent=2)


def exported(records: Sequence[IncidentRecord], form: Form) -> str:
    """The records as one file's text."""
    match form:
        case "jsonl":
            return "".join(f"{record.to_json()}\n" for record in records)
        case "csv":
            return ledger_csv(records)
        case "geojson":
            return geojson(records)


def _local(moment: datetime, timezone: tzinfo) -> str:
    return moment.astimezone(timezone).isoformat(timespec="milliseconds")
