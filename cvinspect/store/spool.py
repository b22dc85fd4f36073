"""What could not be written into the database before the program had to end, in a file until the next start.

A file of two lines: what it is, with the hash of the second line; and that, the pages. It is there whole or not at
all, also after a power cut.
"""

import json
import os
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from cvinspect.durable import sync_folder
from cvinspect.errors import DeliveryError
from cvinspect.records.incident import IncidentRecord
from cvinspect.store import Entry, Snapshot
from cvinspect.store.incident_json import incident_from_json, incident_to_json

_FORMAT = "cvinspect.unwritten/1"


@dataclass(frozen=True, slots=True)
class Unwritten:
    """What one camera has still to be written down."""

    entries: tuple[Entry, ...]
    snapshot: Snapshot | None
    """The ledger's state after them; None where it is none of theirs."""


class DamagedSpoolError(ValueError):
    """What lies there is no spool of this version, or not what was laid down."""


class Spool:
    """One file. For one thread."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def keep(self, pages: Mapping[str, Unwritten]) -> None:
        """Lay down what each camera has unwritten, in place of what lay there. Raises DeliveryError."""
        body = json.dumps({camera: _plain(page) for camera, page in pages.items()}, ensure_ascii=False).encode()
        head = json.dumps({"format": _FORMAT, "sha256": sha256(body).hexdigest()}).encode()
        part = self.path.with_name(f".{self.path.name}.part")
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with part.open("wb") as file:
                file.write(head + b"\n" + body + b"\n")
                file.flush()
                os.fsync(file.fileno())
            part.replace(self.path)
            sync_folder(self.path.parent)
        except OSError as error:
            with suppress(OSError):
                part.unlink(missing_ok=True)
            raise DeliveryError(f"{self.path}: cannot be written: {error.strerror or error}") from error

    @property
    def age_rank(self) -> float:
        """Smaller for what was laid down earlier; 0 where there is nothing."""
        try:
            return self.path.stat().st_mtime
        except OSError:
            return 0.0

    def kept(self) -> dict[str, Unwritten]:
        """What lies there, by camera; empty where there is no file.

        Raises DamagedSpoolError, and DeliveryError where it cannot be read.
        """
        try:
            data = self.path.read_bytes()
        except FileNotFoundError:
            return {}
        except OSError as error:
            raise DeliveryError(f"{self.path}: cannot be read: {error.strerror or error}") from error
        return _pages(data)

    def remove(self) -> None:
        """What lay there is written. Raises DeliveryError."""
        try:
            self.path.unlink(missing_ok=True)
            sync_folder(self.path.parent)
        except OSError as error:
            raise DeliveryError(f"{self.path}: cannot be removed: {error.strerror or error}") from error

    def set_aside(self) -> Path:
        """Rename a damaged file, for somebody to look at; returns its new name. Raises DeliveryError."""
        names = (self.path.with_name(f"{self.path.name}.damaged-{number}") for number in range(1, 1000))
        aside = next((one for one in names if not one.exists()), None)
        if aside is None:
            raise DeliveryError(f"{self.path}: cannot be set aside: there are 999 damaged ones already")
        try:
            self.path.rename(aside)
            sync_folder(self.path.parent)
        except OSError as error:
            raise DeliveryError(f"{self.path}: cannot be set aside: {error.strerror or error}") from error
        return aside


def _plain(page: Unwritten) -> dict[str, Any]:
    snapshot = page.snapshot
    return {
        "entries": [[incident_to_json(one.incident), one.record.to_json()] for one in page.entries],
        "snapshot": snapshot and {"version": snapshot.version, "document": snapshot.document},
    }


def _pages(data: bytes) -> dict[str, Unwritten]:
    head, _, rest = data.partition(b"\n")
    body = rest.removesuffix(b"\n")
    try:
        told = json.loads(head)
        if not isinstance(told, dict) or told.get("format") != _FORMAT:
            raise DamagedSpoolError(f"is none of this version; allowed: {_FORMAT}")
        if told.get("sha256") != sha256(body).hexdigest():
            raise DamagedSpoolError("is damaged: its hash is another one")
        return {camera: _page(camera, page) for camera, page in json.loads(body).items()}
    except DamagedSpoolError:
        raise
    except (ValueError, KeyError, TypeError, AttributeError, ValidationError, DeliveryError) as error:
        raise DamagedSpoolError(f"is damaged: {type(error).__name__}") from error


def _page(camera: str, plain: dict[str, Any]) -> Unwritten:
    pairs: Sequence[tuple[str, str]] = plain["entries"]
    entries = [
        Entry(incident_from_json(noun, name=camera), IncidentRecord.model_validate_json(body)) for noun, body in pairs
    ]
    snapshot = plain["snapshot"]
    return Unwritten(tuple(entries), snapshot and Snapshot(snapshot["version"], snapshot["document"]))
