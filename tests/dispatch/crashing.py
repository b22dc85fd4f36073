"""A small inspection that records and delivers as fast as it can, to be killed at any moment."""

import os
import threading
import time
from datetime import UTC, datetime
from multiprocessing.reduction import DupFd
from pathlib import Path
from random import Random

from cvinspect.dispatch.back_off import BackOff
from cvinspect.dispatch.deliverer import Deliverer
from cvinspect.dispatch.dispatcher import Dispatcher
from cvinspect.dispatch.jsonl import JsonLines
from cvinspect.dispatch.webhook import Webhook
from cvinspect.domain import ChangeKind
from cvinspect.store import Entry, Snapshot
from cvinspect.store.database import Database
from cvinspect.store.ledger_store import LedgerStore
from cvinspect.store.outbox import SqlOutbox
from tests.store.ledger_makers import entry

CAMERA = "gate"
KINDS = (ChangeKind.PRE_ALARM, ChangeKind.OPENED, ChangeKind.UPDATED, ChangeKind.CLEARED)


def scene(number: int) -> list[Entry]:
    """What the camera sees in its n-th moment: the next revision of each of three incidents."""
    stand = number // len(KINDS)
    revision = number % len(KINDS)
    return [entry(f"inc-{stand}-{place}", revision, KINDS[revision], camera=CAMERA) for place in range(3)]


def ids_of(moments: int) -> list[str]:
    """The ids of all events of so many moments, in order of recording."""
    return [f"{one.record.incident_id}/{one.record.revision}" for number in range(moments) for one in scene(number)]


def inspect(address: str, url: str, lines: str, teller: DupFd, records: bool) -> None:
    """Go on where the last process ended; with `records` for ever, without it until everything is delivered.

    Says 0 as it begins, and then again and again how many moments are recorded.
    """
    told = teller.detach()
    os.write(told, b"0\n")
    database = Database(address)
    ledger, outbox = LedgerStore(database, now=_now), SqlOutbox(database, now=_now)
    sinks = [
        Webhook("webhook", url, secret=None, seconds=time.monotonic, now=_now, read_s=0.5),
        JsonLines("lines", Path(lines)),
    ]
    for sink in sinks:
        outbox.register(sink.name)
    pauses = BackOff(Random().random, first_s=0.01, longest_s=0.05)
    dispatcher = Dispatcher([Deliverer(one, outbox, back_off=pauses, seconds=time.monotonic) for one in sinks])
    dispatcher.start()
    if records:
        _record(ledger, dispatcher, told)
    while any(state.pending for state in outbox.states()):
        assert dispatcher.ended == ()
        threading.Event().wait(0.02)
    assert dispatcher.stop(timeout_s=5)
    database.close()


def _record(ledger: LedgerStore, dispatcher: Dispatcher, told: int) -> None:
    before = ledger.snapshot(CAMERA)
    number = 0 if before is None else int(before.document)
    os.write(told, f"{number}\n".encode())
    while True:
        ledger.record(CAMERA, scene(number), snapshot=Snapshot(1, str(number + 1)))
        number += 1
        os.write(told, f"{number}\n".encode())  # from here on it must never be lost
        dispatcher.wake()


def _now() -> datetime:
    return datetime.now(UTC)
