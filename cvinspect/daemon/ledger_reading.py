"""What the database holds of a camera's ledger, read back; what is damaged is set aside, and gone on without."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field

from cvinspect.daemon.shared_parts import SharedParts
from cvinspect.incidents.snapshot import TourState, tour_of_incidents
from cvinspect.store import Snapshot
from cvinspect.taxonomy import Violation

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class LedgerRead:
    """What a ledger goes on from."""

    state: TourState
    captured_s: float | None = None
    """Of the last sample, on the clock that nobody sets; None where that cannot be told."""
    before: Mapping[str, Violation] = field(default_factory=dict)
    """The rule that each standing incident was under, by its id, as far as that is known."""
    is_set_aside: bool = False
    """Whether the state was damaged, or of another version: it is kept for somebody to look at."""


def read_ledger(snapshot: Snapshot, camera: str, shared: SharedParts, *, rules: Mapping[str, Violation]) -> LedgerRead:
    """The state under these rules; the incidents alone where the state cannot be read. Raises DeliveryError."""
    try:
        was, _ = shared.clock.read(snapshot, rules={})
        state, captured_s = shared.clock.read(snapshot, rules=rules)
    except ValueError as error:
        number = shared.store.set_aside(camera, snapshot, reason=str(error))
        _LOG.error(
            "camera %s: %s; it is kept as number %d of ledgers_set_aside; going on from the incidents, "
            "dwells begin anew", camera, error, number,
        )  # fmt: skip
        return LedgerRead(tour_of_incidents(shared.store.standing(camera, rules=rules)), is_set_aside=True)
    before = {one.incident.id: one.incident.violation for one in was.standings}
    return LedgerRead(state, captured_s, before)
