"""Records in the CloudEvents 1.0 envelope, structured JSON.

Source: https://github.com/cloudevents/spec, version 1.0.2, `cloudevents/spec.md` and `formats/json-format.md`.
"""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import quote

from pydantic import ValidationError

from cvinspect.errors import DeliveryRejected
from cvinspect.records.incident import SCHEMA, SCHEMA_IDS, IncidentRecord

CONTENT_TYPE = "application/cloudevents+json; charset=UTF-8"


@dataclass(frozen=True, slots=True)
class CloudEvent:
    """One revision of one incident as it is sent; source and id together tell a repetition from news."""

    record: IncidentRecord
    data: str
    """The record's JSON, letter by letter as it was recorded."""
    ledger: int = 1
    """The ledger's generation: more than 1 after it was restored from a backup."""

    @property
    def id(self) -> str:
        """`{incident_id}/{revision}`."""
        return f"{self.record.incident_id}/{self.record.revision}"

    @property
    def source(self) -> str:
        """A URI reference: letters that may not stand in one are percent-encoded.

        A restored ledger gives ids again that were given before: its generation tells the two apart.
        """
        return f"/cameras/{quote(self.record.camera.id, safe='')}{self._generation}"

    @property
    def message_id(self) -> str:
        """One word for source and id together, percent-encoded, for receivers that know a single id."""
        return f"{quote(self.id, safe='/')}{self._generation}"

    @property
    def _generation(self) -> str:
        return "" if self.ledger == 1 else f"?ledger={self.ledger}"

    @property
    def type(self) -> str:
        """What happened, with the version of what is told by that word."""
        return f"cn.cvinspect.incident.{self.record.event.value}.v1"

    @property
    def time(self) -> datetime:
        """When it happened, aware UTC: the latest moment that the record tells of."""
        record = self.record
        moments = (record.first_seen_at, record.confirmed_at, record.last_seen_at, record.cleared_at)
        return max(moment for moment in moments if moment is not None).astimezone(UTC)

    @property
    def attributes(self) -> dict[str, str]:
        """The envelope's attributes, in the order in which they are written."""
        return {
            "specversion": "1.0",
            "id": self.id,
            "source": self.source,
            "type": self.type,
            "subject": self.record.incident_id,
            "time": self.time.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "datacontenttype": "application/json",
            "dataschema": SCHEMA_IDS[self.record.schema_],
        }

    def structured(self) -> bytes:
        """The whole event on one line of UTF-8 JSON: the same bytes whenever it is sent."""
        head = json.dumps(self.attributes, ensure_ascii=False, separators=(",", ":"))
        return f'{head[:-1]},"data":{self.data}}}'.encode()


def cloud_event(body: str, *, ledger: int = 1) -> CloudEvent:
    """The event of a record as it was recorded in that generation of the ledger.

    Raises DeliveryRejected for text that is none.
    """
    try:
        return CloudEvent(IncidentRecord.model_validate_json(body), body, ledger)
    except ValidationError as error:
        place = ".".join(str(part) for part in error.errors()[0]["loc"])
        raise DeliveryRejected(f"what is recorded is no {SCHEMA_IDS[SCHEMA]} of this program: {place}") from error
