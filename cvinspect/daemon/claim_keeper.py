"""Looks after the claim of the ledger, which a database may forget while the daemon runs."""

from cvinspect.errors import DeliveryDelayed, DeliveryError
from cvinspect.store.database import Database


class ClaimKeeper:
    """Asked now and then from one thread; `trouble` may be read from any."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.trouble: str | None = None
        """Who else has the ledger, one line; None while it is ours."""

    def keep(self) -> None:
        """Claim it anew where that was lost; raises DeliveryError when another has it, or it cannot be reached now."""
        try:
            self._database.keep_claim()
        except DeliveryDelayed:
            raise
        except DeliveryError as error:
            self.trouble = str(error)
            raise
        self.trouble = None
