"""Whose pictures are whose: what must be known before one may be thrown away."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from cvinspect.domain import Status
from cvinspect.store.database import Database
from cvinspect.store.tables import EVIDENCE, INCIDENTS, REVISIONS

_ROWS_AT_ONCE = 1000


@dataclass(frozen=True, slots=True)
class Claim:
    """What the incidents that show a file make of it."""

    ended_at: datetime | None
    """Aware UTC: when the last of them was cleared or closed; None where one still stands, or is held."""

    def with_other(self, other: "Claim") -> "Claim":
        """What both of them make of it."""
        if self.ended_at is None or other.ended_at is None:
            return Claim(None)
        return Claim(max(self.ended_at, other.ended_at))


class EvidenceIndex:
    """The pictures in one database. Safe to use from many threads."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def claims(self, uris: Collection[str], *, held: Collection[str] = ()) -> dict[str, Claim]:
        """What each of these files is to the recorded incidents; without those that none of them names.

        Those of incidents that are `held` count as of ones that stand. An untouched picture may belong to many
        incidents. Memory grows with `uris`, not with what is recorded.
        Raises DeliveryDelayed or DeliveryError.
        """
        found: dict[str, Claim] = {}
        for uri, claim in self._all(held):
            if uri in uris:
                found[uri] = claim.with_other(found[uri]) if uri in found else claim
        return found

    def last_recorded(self, *, before: datetime | None = None) -> datetime | None:
        """When the last revision was recorded, or the last one before a moment (aware); None where there is none.

        Aware UTC. Raises DeliveryDelayed or DeliveryError.
        """
        query = select(func.max(REVISIONS.c.recorded_at))
        if before is not None:
            query = query.where(REVISIONS.c.recorded_at < before)
        with self._database.reading() as connection:
            found: datetime | None = connection.execute(query).scalar_one_or_none()
        return found

    def _all(self, held: Collection[str]) -> Iterator[tuple[str, Claim]]:
        query = select(
            EVIDENCE.c.incident_id,
            EVIDENCE.c.uri,
            EVIDENCE.c.original_uri,
            INCIDENTS.c.status,
            INCIDENTS.c.cleared_at,
            INCIDENTS.c.last_seen_at,
        ).join(INCIDENTS, INCIDENTS.c.incident_id == EVIDENCE.c.incident_id)
        with self._database.reading() as connection:
            streamed = connection.execution_options(yield_per=_ROWS_AT_ONCE)
            for row in streamed.execute(query):
                is_standing = row.status == Status.OPEN.value or row.incident_id in held
                claim = Claim(None if is_standing else row.cleared_at or row.last_seen_at)
                yield row.uri, claim
                if row.original_uri is not None:
                    yield row.original_uri, claim
