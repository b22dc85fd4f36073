"""What is done now and then beside the work: camera states written down, the ledger's claim looked after, unused
memory given back, old pictures thrown away."""

import logging
import threading
from collections.abc import Callable

from cvinspect.errors import CvinspectError

_LOG = logging.getLogger(__name__)

_STATES_S = 5.0
_PRUNE_EVERY = 720
"""Every so many rounds, about once an hour; the first time after a few minutes."""
_FIRST_PRUNE = 60
_LOOK_AFTER_EVERY = 6
"""Every so many rounds, twice a minute."""


class Housekeeper:
    """A thread that goes round from `start` to `stop`."""

    def __init__(
        self,
        note_states: Callable[[], None],
        prune: Callable[[], object],
        keep_claim: Callable[[], None],
        give_back: Callable[[], object],
    ) -> None:
        self._note_states = note_states
        self._prune = prune
        self._keep_claim = keep_claim
        self._give_back = give_back
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="housekeeper", daemon=True)

    def start(self) -> None:
        """Begin; once."""
        self._thread.start()

    def stop(self) -> None:
        """End; what it is at is left to itself."""
        self._stopping.set()

    def _run(self) -> None:
        rounds = 0
        while not self._stopping.wait(_STATES_S):
            rounds += 1
            self._do(self._note_states)
            if rounds % _LOOK_AFTER_EVERY == 0:
                self._do(self._keep_claim)
                self._do(self._give_back)
            if rounds % _PRUNE_EVERY == _FIRST_PRUNE:
                self._do(self._prune)

    def _do(self, task: Callable[[], object]) -> None:
        """What fails now is done again the next time."""
        try:
            task()
        except CvinspectError as error:
            _LOG.warning("housekeeping: %s", error)
        except Exception:  # noqa: BLE001  # it must go on going round
            _LOG.exception("housekeeping: a fault of this program")
