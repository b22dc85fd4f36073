"""Each sink's way through the recorded events, kept in the database beside them.

A sink has a cursor in the order of recording. An event at which only it fails steps aside, and the later revisions of
its incident line up behind it, so that a sink never sees a revision before an earlier one. What the sink rejects goes
to its dead letters and holds nothing up: every revision says all there is to say of its incident.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, delete, func, insert, select, update

from cvinspect.errors import ConfigError, DeliveryDelayed
from cvinspect.store import DeadLetter, OutboxEvent, SinkState
from cvinspect.store.database import Database
from cvinspect.store.generations import Reached, generation_of_event, held_back, unadopted
from cvinspect.store.reached_file import ReachedFile
from cvinspect.store.tables import ATTEMPTS, DEAD_LETTERS, OUTBOX, RECEIPTS, REVISIONS, SINKS


class SqlOutbox:
    """The outbox of one database. Safe to use from many threads, one for each sink."""

    def __init__(self, database: Database, *, now: Callable[[], datetime], reached: ReachedFile | None = None) -> None:
        """`now` is the wall clock, aware; `reached`: where to note how far it has come before an event is sent."""
        self._database = database
        self._now = now
        self._reached = reached
        self.held_back: str | None = None
        """Why no sink got anything when one asked last, a restored ledger; None where that is not so."""

    def register(self, sink: str, *, from_start: bool = False) -> None:
        """Begin a cursor for a sink that has none: at the end of what is recorded, or at its start."""
        with self._database.writing() as connection:
            if connection.execute(select(SINKS.c.sink).where(SINKS.c.sink == sink)).first() is None:
                end = connection.execute(select(func.max(OUTBOX.c.sequence))).scalar_one() or 0
                row = {"sink": sink, "cursor": 0 if from_start else end, "registered_at": self._now()}
                connection.execute(insert(SINKS).values(**row))

    def next_event(self, sink: str) -> OutboxEvent | None:
        """The first event past the cursor that does not wait behind an earlier one of its incident.

        This, and what waits, raises DeliveryDelayed while a restored ledger waits to be adopted.
        """
        while True:
            with self._database.reading() as connection:
                self._prove_adopted(connection)
                row = connection.execute(_past_the_cursor(sink)).first()
            if row is None:
                return None
            if not row.is_behind:
                return self._handed_out(_event(row))
            with self._database.writing() as connection:
                _line_up(connection, sink, _event(row), attempts=0)

    def waiting(self, sink: str) -> Sequence[int]:
        """The first waiting event of each incident, in order of recording: their sequences, all of them."""
        first = func.min(ATTEMPTS.c.sequence)
        query = select(first).where(ATTEMPTS.c.sink == sink).group_by(ATTEMPTS.c.incident_id).order_by(first)
        with self._database.reading() as connection:
            self._prove_adopted(connection)
            return connection.execute(query).scalars().all()

    def waiting_event(self, sink: str, sequence: int) -> OutboxEvent | None:
        """One of them; None where it waits no more."""
        query = _events(sink).where(OUTBOX.c.sequence == sequence, ATTEMPTS.c.sequence.is_not(None))
        with self._database.reading() as connection:
            row = connection.execute(query).first()
        return None if row is None else self._handed_out(_event(row))

    def delivered(self, sink: str, event: OutboxEvent, *, receipt: str | None) -> None:
        """The sink has the event; a receipt is kept for the incident's later revisions."""
        with self._database.writing() as connection:
            _pass(connection, sink, event)
            _take(connection, sink, event, receipt)

    def skipped(self, sink: str, event: OutboxEvent) -> None:
        """The sink has no use for the event."""
        with self._database.writing() as connection:
            _pass(connection, sink, event)

    def postponed(self, sink: str, event: OutboxEvent, *, counts: bool = True) -> None:
        """The sink failed at this event: it steps aside, and later revisions of its incident behind it.

        With `counts` it is one of the attempts after which the event is given up.
        """
        with self._database.writing() as connection:
            place = (ATTEMPTS.c.sink == sink, ATTEMPTS.c.sequence == event.sequence)
            tried = update(ATTEMPTS).where(*place).values(attempts=ATTEMPTS.c.attempts + int(counts))
            if connection.execute(tried).rowcount == 0:
                _line_up(connection, sink, event, attempts=int(counts))

    def rejected(self, sink: str, event: OutboxEvent, *, reason: str) -> None:
        """The sink will not have the event: into its dead letters."""
        with self._database.writing() as connection:
            _pass(connection, sink, event)
            key = {"sink": sink, "sequence": event.sequence}
            connection.execute(
                delete(DEAD_LETTERS).where(*_letter_of(sink, event.sequence))
            )  # two programs may share an outbox
            connection.execute(insert(DEAD_LETTERS).values(**key, reason=reason, at=self._now()))

    def dead_letters(self, sink: str | None = None, *, limit: int = 1000) -> Sequence[DeadLetter]:
        """What sinks would not have, in order of recording; of one sink or of all."""
        query = _letters().limit(limit)
        if sink is not None:
            query = query.where(DEAD_LETTERS.c.sink == sink)
        with self._database.reading() as connection:
            return [_letter(row) for row in connection.execute(query)]

    def replay(self, sink: str, sequences: Sequence[int] | None = None) -> int:
        """Line dead letters up again, all of a sink's or some; returns how many.

        One that is superseded stays: the sink would see an older state after a newer one.
        """
        with self._database.writing() as connection:
            self._known(connection, sink)
            letters = connection.execute(_letters().where(DEAD_LETTERS.c.sink == sink)).all()
            chosen = [row for row in letters if sequences is None or row.sequence in set(sequences)]
            again = [row for row in chosen if not row.is_superseded]
            for row in again:
                key = {"sink": sink, "sequence": row.sequence}
                connection.execute(delete(DEAD_LETTERS).where(*_letter_of(sink, row.sequence)))
                connection.execute(insert(ATTEMPTS).values(**key, incident_id=row.incident_id, attempts=0))
            return len(again)

    def discard(self, sink: str, sequences: Sequence[int]) -> int:
        """Throw dead letters away; returns how many. The incidents and their revisions stay recorded."""
        with self._database.writing() as connection:
            self._known(connection, sink)
            chosen = DEAD_LETTERS.c.sequence.in_(list(sequences))
            return connection.execute(delete(DEAD_LETTERS).where(DEAD_LETTERS.c.sink == sink, chosen)).rowcount

    def states(self) -> Sequence[SinkState]:
        """How far each sink has come, by name."""
        with self._database.reading() as connection:
            return [_state(row) for row in connection.execute(_states())]

    def _prove_adopted(self, connection: Connection) -> None:
        found = unadopted(connection)
        self.held_back = None if found is None else held_back(self._database.name, found)
        if self.held_back is not None:
            raise DeliveryDelayed(self.held_back)

    def _handed_out(self, event: OutboxEvent) -> OutboxEvent:
        if self._reached is not None:
            self._reached.note(Reached(event.ledger, event.sequence))
        return event

    def _known(self, connection: Connection, sink: str) -> None:
        names = connection.execute(select(SINKS.c.sink).order_by(SINKS.c.sink)).scalars().all()
        if sink not in names:
            raise ConfigError(f"sink {sink!r}: is not known; allowed: {', '.join(names) or 'none yet'}")


def _past_the_cursor(sink: str) -> Select[Any]:
    earlier = ATTEMPTS.alias("earlier")
    behind = (
        select(earlier.c.sequence)
        .where(earlier.c.sink == sink, earlier.c.incident_id == OUTBOX.c.incident_id)
        .exists()
        .label("is_behind")
    )
    cursor = select(SINKS.c.cursor).where(SINKS.c.sink == sink).scalar_subquery()
    return _events(sink).add_columns(behind).where(OUTBOX.c.sequence > cursor).order_by(OUTBOX.c.sequence).limit(1)


def _events(sink: str) -> Select[Any]:
    revision = (REVISIONS.c.incident_id == OUTBOX.c.incident_id) & (REVISIONS.c.revision == OUTBOX.c.revision)
    tried = (ATTEMPTS.c.sink == sink) & (ATTEMPTS.c.sequence == OUTBOX.c.sequence)
    taken = (RECEIPTS.c.sink == sink) & (RECEIPTS.c.incident_id == OUTBOX.c.incident_id)
    joined = OUTBOX.join(REVISIONS, revision).outerjoin(ATTEMPTS, tried).outerjoin(RECEIPTS, taken)
    columns = (OUTBOX.c.sequence, OUTBOX.c.incident_id, OUTBOX.c.revision, REVISIONS.c.body)
    ledger = generation_of_event().label("ledger")
    taken_revision = RECEIPTS.c.revision.label("taken")
    return select(*columns, ATTEMPTS.c.attempts, RECEIPTS.c.receipt, taken_revision, ledger).select_from(joined)


def _event(row: Row[Any]) -> OutboxEvent:
    where = (row.sequence, row.incident_id, row.revision)
    return OutboxEvent(
        *where, row.body, row.attempts or 0, row.receipt, row.taken, waits=row.attempts is not None, ledger=row.ledger
    )


def _line_up(connection: Connection, sink: str, event: OutboxEvent, *, attempts: int) -> None:
    row = {"sink": sink, "sequence": event.sequence, "incident_id": event.incident_id, "attempts": attempts}
    connection.execute(insert(ATTEMPTS).values(**row))
    _move_past(connection, sink, event)


def _pass(connection: Connection, sink: str, event: OutboxEvent) -> None:
    """The event is done with, wherever it waited."""
    connection.execute(delete(ATTEMPTS).where(ATTEMPTS.c.sink == sink, ATTEMPTS.c.sequence == event.sequence))
    _move_past(connection, sink, event)


def _move_past(connection: Connection, sink: str, event: OutboxEvent) -> None:
    """The cursor never goes back: an event that had stepped aside lies behind it already."""
    behind = (SINKS.c.sink == sink, SINKS.c.cursor < event.sequence)
    connection.execute(update(SINKS).where(*behind).values(cursor=event.sequence))


def _take(connection: Connection, sink: str, event: OutboxEvent, receipt: str | None) -> None:
    """Note the latest revision that the sink has taken, and what it answered."""
    place = (RECEIPTS.c.sink == sink, RECEIPTS.c.incident_id == event.incident_id)
    before = connection.execute(select(RECEIPTS).where(*place)).first()
    if before is None:
        row = {"revision": event.revision, "receipt": receipt}
        connection.execute(insert(RECEIPTS).values(sink=sink, incident_id=event.incident_id, **row))
    else:
        row = {"revision": max(before.revision, event.revision), "receipt": receipt or before.receipt}
        connection.execute(update(RECEIPTS).where(*place).values(**row))


def _letter_of(sink: str, sequence: int) -> tuple[Any, Any]:
    return DEAD_LETTERS.c.sink == sink, DEAD_LETTERS.c.sequence == sequence


def _letters() -> Select[Any]:
    taken = (RECEIPTS.c.sink == DEAD_LETTERS.c.sink) & (RECEIPTS.c.incident_id == OUTBOX.c.incident_id)
    joined = DEAD_LETTERS.join(OUTBOX, OUTBOX.c.sequence == DEAD_LETTERS.c.sequence).outerjoin(RECEIPTS, taken)
    superseded = func.coalesce(RECEIPTS.c.revision > OUTBOX.c.revision, False).label("is_superseded")
    columns = (DEAD_LETTERS, OUTBOX.c.incident_id, OUTBOX.c.revision, superseded)
    return select(*columns).select_from(joined).order_by(DEAD_LETTERS.c.sequence, DEAD_LETTERS.c.sink)


def _letter(row: Row[Any]) -> DeadLetter:
    return DeadLetter(
        row.sink, row.sequence, row.incident_id, row.revision, row.reason, row.at, bool(row.is_superseded)
    )


def _states() -> Select[Any]:
    ahead = select(func.count()).where(OUTBOX.c.sequence > SINKS.c.cursor).scalar_subquery()
    aside = select(func.count()).where(ATTEMPTS.c.sink == SINKS.c.sink).scalar_subquery()
    dead = select(func.count()).where(DEAD_LETTERS.c.sink == SINKS.c.sink).scalar_subquery()
    counts = (ahead.label("ahead"), aside.label("aside"), dead.label("dead"))
    return select(SINKS.c.sink, SINKS.c.cursor, *counts).order_by(SINKS.c.sink)


def _state(row: Row[Any]) -> SinkState:
    return SinkState(row.sink, row.cursor, row.ahead + row.aside, row.aside, row.dead)
