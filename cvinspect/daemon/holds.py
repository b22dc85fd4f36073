"""Which incidents' evidence must not be thrown away, whatever its age: a case is open, somebody has asked for it.

It is kept in a file beside the evidence, one JSON object a line, and nothing is ever taken out of it: who holds and
releases what, and when, stays to be read.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from cvinspect.daemon.journal import append_lines
from cvinspect.errors import DeliveryError

FILE = "holds.jsonl"


@dataclass(frozen=True, slots=True)
class Hold:
    """Something said of an incident's evidence."""

    incident_id: str
    at: datetime
    """Aware UTC."""
    held: bool
    """Whether it is held from then on, or released."""
    why: str | None = None


class Holds:
    """The holds of one evidence folder."""

    def __init__(self, folder: Path, *, now: Callable[[], datetime]) -> None:
        """`folder` is what records' URIs are relative to; `now` is the wall clock, aware."""
        self._path = folder / FILE
        self._now = now

    def said(self) -> list[Hold]:
        """All that was ever said, in order. Raises DeliveryError where a line cannot be read: then nothing may go."""
        try:
            text = self._path.read_text(encoding="utf-8")
        except FileNotFoundError:
            return []
        except (OSError, UnicodeDecodeError) as error:
            raise DeliveryError(
                f"{self._path}: cannot be read: {error}; nothing is thrown away until it can"
            ) from error
        whole = text[: text.rfind("\n") + 1]  # a last line without end was being written when the power failed
        return [self._read(line, number) for number, line in enumerate(whole.splitlines(), start=1) if line.strip()]

    def held(self) -> dict[str, Hold]:
        """What is held now, by incident. Raises DeliveryError."""
        latest = {one.incident_id: one for one in self.said()}
        return {incident_id: one for incident_id, one in latest.items() if one.held}

    def say(self, incident_id: str, *, held: bool, why: str | None = None) -> bool:
        """Hold or release an incident; whether that was news. On disk when it returns. Raises DeliveryError."""
        if (incident_id in self.held()) == held:
            return False
        line = {"at": self._now().astimezone(UTC).isoformat(), "incident_id": incident_id, "held": held, "why": why}
        append_lines(self._path, [line])
        return True

    def _read(self, line: str, number: int) -> Hold:
        try:
            data = json.loads(line)
            held, why, incident_id = data["held"], data["why"], data["incident_id"]
            at = datetime.fromisoformat(data["at"])
            if not isinstance(held, bool) or not isinstance(incident_id, str) or at.tzinfo is None:
                raise ValueError("a key holds something else")
        except (ValueError, KeyError, TypeError) as error:
            says = "is no hold; allowed: at, incident_id, held, why; nothing is thrown away until it is mended"
            raise DeliveryError(f"{self._path}:{number}: {says}") from error
        return Hold(incident_id, at, held, why)
