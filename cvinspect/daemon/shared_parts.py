"""What the inspection of all cameras shares."""

from collections.abc import Callable
from dataclasses import dataclass

from cvinspect.daemon.careful_share import LiveCareful
from cvinspect.daemon.clips import ClipTaker
from cvinspect.daemon.ledger_writer import LedgerWriter
from cvinspect.daemon.resuming import SteadyClock
from cvinspect.evidence.masking import Hiding, heads
from cvinspect.evidence.snapshots import Snapshots
from cvinspect.records import Backing
from cvinspect.store.ledger_store import LedgerStore


@dataclass(frozen=True, slots=True)
class SharedParts:
    """What all cameras share."""

    writer: LedgerWriter
    store: LedgerStore
    pictures: Snapshots
    backing: Callable[[str], Backing]
    """What a label rests on."""
    clock: SteadyClock
    seconds: Callable[[], float]
    """The clock that nobody sets."""
    may_keep_pictures: Callable[[], bool]
    hide: Hiding = heads
    clips: ClipTaker | None = None
    careful: LiveCareful | None = None
    """None: the quick network looks alone, at every camera."""
