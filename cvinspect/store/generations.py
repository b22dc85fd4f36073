"""The generations of a ledger: one that was restored from a backup goes on as another.

What a restored ledger records has numbers and ids that others have had already, with other content. So whatever is
recorded from then on belongs to a new generation, which stands in the events' `source`. Until somebody has adopted it,
nothing is sent.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, func, insert, select, update

from cvinspect.store.database import Database
from cvinspect.store.tables import GENERATIONS, OUTBOX, REVISIONS, SINKS

FIRST = 1
"""The generation of a ledger that was never restored."""


@dataclass(frozen=True, slots=True, order=True)
class Reached:
    """How far a ledger has come; of two, the one that has come farther is the greater."""

    generation: int
    sequence: int
    """In the outbox; 0 for an empty one."""


@dataclass(frozen=True, slots=True)
class Generation:
    """One that was begun because the ledger was restored."""

    number: int
    after_sequence: int
    """What comes after this in the outbox belongs to it, up to the next generation's."""
    reason: str
    """What showed that it was restored, and from when."""


class Generations:
    """Those of one database. Safe to use from many threads."""

    def __init__(self, database: Database, *, now: Callable[[], datetime]) -> None:
        """`now` is the wall clock, aware."""
        self._database = database
        self._now = now
        self.place = database.name
        """What to call the ledger in messages."""

    def reached(self) -> Reached:
        """How far the ledger itself has come."""
        with self._database.reading() as connection:
            return _reached(connection)

    def is_new(self) -> bool:
        """Whether nothing was ever recorded, and no sink has ever begun."""
        with self._database.reading() as connection:
            sinks = connection.execute(select(func.count()).select_from(SINKS)).scalar_one()
            return sinks == 0 and _reached(connection) == Reached(FIRST, 0)

    def last_recorded_at(self) -> datetime | None:
        """When the last revision was recorded, aware UTC; None where there is none."""
        last = REVISIONS.c.recorded_at
        query = select(last).join(OUTBOX, _same_revision()).order_by(OUTBOX.c.sequence.desc()).limit(1)
        with self._database.reading() as connection:
            found: datetime | None = connection.execute(query).scalar_one_or_none()
            return found

    def sink_ahead(self) -> str | None:
        """A sink whose cursor lies beyond the end of the outbox, as after a restore of some tables; None: none does."""
        with self._database.reading() as connection:
            beyond = select(SINKS.c.sink).where(SINKS.c.cursor > _reached(connection).sequence).order_by(SINKS.c.sink)
            found: str | None = connection.execute(beyond.limit(1)).scalar_one_or_none()
            return found

    def unadopted(self) -> Generation | None:
        """The one that waits for somebody to adopt it; None where none does."""
        with self._database.reading() as connection:
            return unadopted(connection)

    def begin(self, number: int, *, reason: str, is_adopted: bool) -> None:
        """What is recorded from now on belongs to that generation; one of that number is left as it is."""
        with self._database.writing() as connection:
            known = select(GENERATIONS.c.number).where(GENERATIONS.c.number == number)
            if connection.execute(known).first() is None:
                row = {"after_sequence": _end(connection), "reason": reason, "found_at": self._now()}
                adopted_at = self._now() if is_adopted else None
                connection.execute(insert(GENERATIONS).values(number=number, **row, adopted_at=adopted_at))

    def adopt(self, *, above: int) -> Generation:
        """Let the ledger be sent from again, as a generation with a number above that one and all before; returns it.

        Where none waits, it is begun now: whoever asks knows that the ledger was restored.
        """
        with self._database.writing() as connection:
            waiting = unadopted(connection)
            number = max(above + 1, waiting.number if waiting is not None else _reached(connection).generation + 1)
            if waiting is None:
                found = Generation(number, _end(connection), "as somebody said")
                row = {"after_sequence": found.after_sequence, "reason": found.reason}
                times = {"found_at": self._now(), "adopted_at": self._now()}
                connection.execute(insert(GENERATIONS).values(number=number, **row, **times))
                return found
            own = update(GENERATIONS).where(GENERATIONS.c.number == waiting.number)
            connection.execute(own.values(number=number, adopted_at=self._now()))
            return Generation(number, waiting.after_sequence, waiting.reason)


def held_back(place: str, generation: Generation) -> str:
    """One line: what was found, and what to do."""
    return (
        f"{place}: was restored from a backup: {generation.reason}; nothing is sent until "
        "`cvinspect incidents adopt CONFIG`"
    )


def unadopted(connection: Connection) -> Generation | None:
    """The one that waits for somebody to adopt it, as one transaction sees it."""
    query = select(GENERATIONS).where(GENERATIONS.c.adopted_at.is_(None)).order_by(GENERATIONS.c.number.desc())
    row = connection.execute(query.limit(1)).first()
    return None if row is None else Generation(row.number, row.after_sequence, row.reason)


def generation_of_event() -> ColumnElement[int]:
    """The generation of a row of the outbox."""
    last = select(func.max(GENERATIONS.c.number)).where(GENERATIONS.c.after_sequence < OUTBOX.c.sequence)
    return func.coalesce(last.correlate(OUTBOX).scalar_subquery(), FIRST)


def _reached(connection: Connection) -> Reached:
    number = connection.execute(select(func.max(GENERATIONS.c.number))).scalar_one()
    return Reached(number or FIRST, connection.execute(select(func.max(OUTBOX.c.sequence))).scalar_one() or 0)


def _end(connection: Connection) -> int:
    """Of the outbox; a cursor that lies beyond is put there: whatever is recorded next would be passed over."""
    end = _reached(connection).sequence
    connection.execute(update(SINKS).where(SINKS.c.cursor > end).values(cursor=end))
    return end


def _same_revision() -> ColumnElement[bool]:
    return (REVISIONS.c.incident_id == OUTBOX.c.incident_id) & (REVISIONS.c.revision == OUTBOX.c.revision)
