"""What a stop could not write into the ledger: kept in a file, told, and written with the next start."""

import logging
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from hashlib import sha256
from pathlib import Path

from cvinspect.daemon.ledger_writer import LedgerWriter
from cvinspect.errors import DeliveryError
from cvinspect.store.claim import real_ledger
from cvinspect.store.spool import DamagedSpoolError, Spool, Unwritten

_LOG = logging.getLogger(__name__)

_SQLITE = "sqlite:///"


def spools_of(database: str, evidence: Path) -> list[Spool]:
    """Where what is unwritten may lie: beside the file of an SQLite ledger, else in the folder of the evidence.

    The second place is for a first one that cannot be written to. Raises DeliveryError.
    """
    ledger = sha256(database.encode()).hexdigest()[:8]
    spare = Spool(evidence / f"ledger-{ledger}.unwritten")
    if not database.startswith(_SQLITE):
        return [spare]
    file = real_ledger(Path(database.removeprefix(_SQLITE)))
    return [Spool(file.with_name(f"{file.name}.unwritten")), spare]


class UnwrittenKeeper:
    """Takes in at the start what the last stop left, and keeps at the stop what is left then. For one thread."""

    def __init__(self, writer: LedgerWriter, spools: Sequence[Spool]) -> None:
        """`spools` in order of preference, not empty."""
        self._writer = writer
        self._spools = spools
        self._taken: list[Spool] = []
        self.cameras: frozenset[str] = frozenset()
        """Cameras that must not begin yet: they would go on from what was so before what is still unwritten."""

    def take_in(self) -> None:
        """Hand what the last stop left to the writer; a file that is damaged is set aside, and told.

        Raises DeliveryError where a file can be neither read nor set aside: whatever it holds must not be passed over.
        """
        for spool in sorted(self._spools, key=lambda one: one.age_rank):
            try:
                pages = spool.kept()
            except DamagedSpoolError as error:
                aside = spool.set_aside()
                _LOG.error(
                    "%s %s; what it held of the last stop is not written; it is kept as %s", spool.path, error, aside
                )
                continue
            if not pages:
                continue
            self._taken.append(spool)
            self.cameras |= pages.keys()
            for camera, page in pages.items():
                self._writer.put(camera, page.entries, page.snapshot)
            _LOG.info("what the last stop could not write is written now: %s", _counts(pages))

    def settle(self) -> None:
        """Remove the files whose pages are all written; their cameras may begin then."""
        if not self._taken or any(self._writer.holds(camera) for camera in self.cameras):
            return
        for spool in self._taken:
            try:
                spool.remove()
            except DeliveryError as error:
                _LOG.error("%s; it is written: remove it before the next start", error)
        _LOG.info("what the last stop could not write is in the ledger")
        self._taken, self.cameras = [], frozenset()

    def keep(self) -> None:
        """Lay down what is unwritten now; says so in one line of the log. Never raises DeliveryError."""
        pages = self._writer.unwritten()
        if not pages:
            self.settle()
            return
        faults = []
        for spool in self._spools:
            try:
                spool.keep(pages)
            except DeliveryError as error:
                faults.append(str(error))
                continue
            self._forget(one for one in self._spools if one is not spool)
            _LOG.error(
                "not written in time: %s; kept in %s, from which the next start writes it", _counts(pages), spool.path
            )
            return
        _LOG.error(
            "not written in time, and lost: %s; it could not be kept either: %s", _counts(pages), "; ".join(faults)
        )

    def _forget(self, older: Iterable[Spool]) -> None:
        """What lies there is among what was just kept elsewhere."""
        for spool in older:
            with suppress(DeliveryError):
                spool.remove()


def _counts(pages: Mapping[str, Unwritten]) -> str:
    """How many revisions of which camera.

    >>> _counts({"gate": Unwritten((), None)})
    '0 revisions of camera gate, and its state'
    """
    return "; ".join(
        f"{len(page.entries)} revision{'' if len(page.entries) == 1 else 's'} of camera {camera}, and its state"
        for camera, page in sorted(pages.items(), key=lambda item: (-len(item[1].entries), item[0]))
    )
