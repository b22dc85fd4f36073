"""The output folder: lines as things happen, tables and a map at the end."""

import re
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Protocol

from pydantic import ValidationError

from cvinspect.domain import Stage
from cvinspect.errors import DeliveryError
from cvinspect.records.incident import IncidentRecord
from cvinspect.records.summary import RunSummary
from cvinspect.records.tables import geojson, ledger_csv

INCIDENTS = "incidents.jsonl"
PRE_ALARMS = "pre_alarms.jsonl"
LEDGER = "incidents.csv"
MAP = "incidents.geojson"
SUMMARY = "summary.json"
REPORT = "report.html"

_ID = r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"
_OWN_FILES = re.compile(
    r"incidents\.(jsonl|csv|geojson)|pre_alarms\.jsonl|summary\.json|report\.html|annotated-.*\.mp4"
)
_OWN_EVIDENCE = re.compile(rf"{_ID}_((panorama|closeup|after)_\d+\.jpg|clip_\d+\.mp4)")
_OWN_ORIGINALS = re.compile(rf"{_ID}_(closeup_\d+\.jpg|clip_\d+\.mp4)|frame_.+_\d{{8}}T\d{{9}}Z_[0-9a-f]{{8}}\.jpg")
_WITHOUT_PICTURES = {INCIDENTS, PRE_ALARMS, LEDGER, MAP, SUMMARY, REPORT}
_PART = re.compile(r"\.(.+)\.part")
"""A file that was being written when the process was killed."""


class AppendFile(Protocol):
    """What is asked of an unbuffered file opened for appending; `io.FileIO` is one."""

    def write(self, data: bytes, /) -> int | None:
        """Write some or all of the bytes and say how many."""
        ...

    def truncate(self, size: int, /) -> int:
        """Cut the file to that many bytes."""
        ...

    def close(self) -> None:
        """Release the file."""
        ...


def open_append(path: Path) -> AppendFile:
    """The file, unbuffered: a line that was written stays, whatever becomes of the process."""
    return path.open("ab", buffering=0)


def prepare_folder(out: Path, *, overwrite: bool, inputs: Sequence[Path] = ()) -> None:
    """Make the folder ready to be written into, with its `evidence/` folder.

    Raises DeliveryError when it cannot be made, holds earlier outputs and `overwrite` is false, or holds an
    output that is now an input. With `overwrite`, or where the earlier run inspected nothing, those outputs are
    removed; files that this program did not write are kept.
    """
    try:
        earlier = _own_files(out)
        for path in inputs:
            if any(_is_same(path, own) for own in earlier):
                raise DeliveryError(f"{path}: is an input and would be overwritten; name another output folder")
        if earlier and not overwrite and not _is_worthless(out, earlier):
            found = earlier[0].relative_to(out)
            raise DeliveryError(
                f"{out}: already holds the results of an earlier run ({found}); name another folder or add --overwrite"
            )
        for path in earlier:
            path.unlink()
        (out / "evidence").mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise _not_written(out, error) from error


def write_whole(path: Path, text: str, *, encoding: str = "utf-8") -> None:
    """Write a file so that readers see the old one or the new one, never a part. Raises DeliveryError."""
    part = path.with_name(f".{path.name}.part")
    try:
        part.write_bytes(text.encode(encoding))
        part.replace(path)
    except OSError as error:
        with suppress(OSError):  # half a file helps nobody, and its room may let the next, smaller one in
            part.unlink(missing_ok=True)
        raise _not_written(path, error) from error


class LineFile:
    """A file that only ever holds whole lines."""

    def __init__(self, path: Path, *, open_file: Callable[[Path], AppendFile] = open_append) -> None:
        self._path = path
        try:
            self._file = open_file(path)
            self._length_bytes = path.stat().st_size if path.exists() else 0
        except OSError as error:
            raise _not_written(path, error) from error

    def append(self, line: str) -> None:
        """Write one line; what a failing write left of it is cut off again. Raises DeliveryError."""
        data = line.encode() + b"\n"
        rest = memoryview(data)
        try:
            while rest:
                rest = rest[self._file.write(bytes(rest)) or 0 :]
        except OSError as error:
            self._cut()
            raise _not_written(self._path, error) from error
        self._length_bytes += len(data)

    def close(self) -> None:
        """Release the file; safe to call twice."""
        self._file.close()

    def _cut(self) -> None:
        try:
            self._file.truncate(self._length_bytes)
        except OSError as error:
            raise _not_written(self._path, error) from error


class RecordFiles:
    """All record files of one output folder.

    Violations go to `incidents.jsonl`, everything in the pre-alarm stage to `pre_alarms.jsonl`, one line for
    each revision, at once. `finish` writes the tables from the latest revisions, at any time and again.
    """

    def __init__(self, folder: Path, *, open_file: Callable[[Path], AppendFile] = open_append) -> None:
        self._folder = folder
        self._violations = LineFile(folder / INCIDENTS, open_file=open_file)
        self._pre_alarm_lines = LineFile(folder / PRE_ALARMS, open_file=open_file)
        self._latest: dict[str, IncidentRecord] = {}
        self._latest_pre_alarm: dict[str, IncidentRecord] = {}

    @property
    def incidents(self) -> tuple[IncidentRecord, ...]:
        """The latest revision of every violation, in order of first sight."""
        return _in_order(self._latest)

    @property
    def pre_alarms(self) -> tuple[IncidentRecord, ...]:
        """The latest state of every pre-alarm that has not become a violation, in order of first sight."""
        lapsed = {key: record for key, record in self._latest_pre_alarm.items() if key not in self._latest}
        return _in_order(lapsed)

    def write(self, record: IncidentRecord) -> None:
        """Append one revision to its file. Raises DeliveryError; the file then ends with the line before."""
        if record.stage is Stage.PRE_ALARM:
            self._pre_alarm_lines.append(record.to_json())
            self._latest_pre_alarm[record.incident_id] = record
        else:
            self._violations.append(record.to_json())
            self._latest[record.incident_id] = record
            self._latest_pre_alarm.pop(record.incident_id, None)

    def finish(self, summary: RunSummary | None = None) -> None:
        """Write the tables, and the summary where there is one. Raises DeliveryError."""
        write_whole(self._folder / LEDGER, ledger_csv(self.incidents), encoding="utf-8-sig")
        write_whole(self._folder / MAP, geojson(self.incidents))
        if summary is not None:
            write_whole(self._folder / SUMMARY, summary.to_json())

    def close(self) -> None:
        """Release the files; safe to call twice."""
        self._violations.close()
        self._pre_alarm_lines.close()


def _in_order(records: dict[str, IncidentRecord]) -> tuple[IncidentRecord, ...]:
    return tuple(sorted(records.values(), key=lambda record: (record.first_seen_at, record.incident_id)))


def _own_files(out: Path) -> list[Path]:
    places = (
        (out, _OWN_FILES),
        (out / "evidence", _OWN_EVIDENCE),
        (out / "evidence" / "original", _OWN_ORIGINALS),
    )
    return [
        path
        for folder, own in places
        if folder.is_dir()
        for path in sorted(folder.iterdir())
        if own.fullmatch(_PART.sub(r"\1", path.name)) and (path.is_file() or path.is_symlink())
    ]


def _is_worthless(out: Path, earlier: Sequence[Path]) -> bool:
    """Whether the earlier run came to its end without having inspected a frame: nothing but tables without rows."""
    if not {path.name for path in earlier} <= _WITHOUT_PICTURES:
        return False
    if any(path.name in (INCIDENTS, PRE_ALARMS) and path.stat().st_size for path in earlier):
        return False
    try:
        return RunSummary.model_validate_json((out / SUMMARY).read_bytes()).totals.frames_sampled == 0
    except (FileNotFoundError, ValidationError):
        return False


def _is_same(path: Path, own: Path) -> bool:
    try:
        return path.samefile(own)
    except OSError:  # one of them is not there, or may not be looked at
        return False


def _not_written(path: Path, error: OSError) -> DeliveryError:
    return DeliveryError(f"{path}: cannot be written: {error.strerror or error}")
