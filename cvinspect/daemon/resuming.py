"""What is written down of a camera's ledger, with the moment by a clock that nobody sets, and how it is taken up."""

from collections.abc import Mapping
from dataclasses import dataclass

from pydantic import BaseModel, ConfigDict, ValidationError

from cvinspect.incidents.snapshot import TourState, tour_from_text, tour_to_text
from cvinspect.store import Snapshot
from cvinspect.taxonomy import Violation

_VERSION = 2
"""From 2 on a document holds the ledgers of all views; one of version 1 holds that of the only one."""

_READ = (1, _VERSION)


class _Page(BaseModel):
    model_config = ConfigDict(extra="forbid")

    boot: str
    captured_s: float
    ledger: str


@dataclass(frozen=True, slots=True)
class SteadyClock:
    """Seconds that nobody sets, and since which start of the machine they count."""

    boot: str
    """Names the machine's start; seconds of another one cannot be compared with these."""

    def written(self, state: TourState, captured_s: float) -> Snapshot:
        """The state of a camera's ledgers after the sample that was captured at that second."""
        page = _Page(boot=self.boot, captured_s=captured_s, ledger=tour_to_text(state))
        return Snapshot(_VERSION, page.model_dump_json())

    def read(self, snapshot: Snapshot, *, rules: Mapping[str, Violation]) -> tuple[TourState, float | None]:
        """The state, and the second of its last sample; None when the machine was started since.

        Raises ValueError when the snapshot is damaged, or of another version.
        """
        if snapshot.version not in _READ:
            allowed = ", ".join(map(str, _READ))
            raise ValueError(f"the ledger's state is of version {snapshot.version}; allowed: {allowed}")
        try:
            page = _Page.model_validate_json(snapshot.document)
        except ValidationError as error:
            raise ValueError("what is stored of the ledger cannot be read: no JSON of this program") from error
        state = tour_from_text(page.ledger, rules=rules)
        return state, page.captured_s if page.boot == self.boot else None
