"""All faults, at the same time, each on a site of its own."""

import os
import tempfile
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

from tests.faults import camera_faults, process_faults, server_faults, soak, store_faults
from tests.faults.nursery import Nursery
from tests.faults.stand import Outcome, Stand

_AT_ONCE = 2 * (os.cpu_count() or 1)
"""Sites: more of them, and two cores have no time left for the cameras."""

Script = Callable[[Stand], list[Outcome]]

SCRIPTS: dict[str, Script] = {
    "cameras": camera_faults.cameras,
    "killed": process_faults.killed,
    "ended": process_faults.ended,
    "reloaded": process_faults.reloaded,
    "unreadable": process_faults.unreadable,
    "clock": process_faults.clock_stepped,
    "locked": store_faults.locked,
    "readonly": store_faults.readonly,
    "full": store_faults.disk_full,
    "power": store_faults.power_cut,
    "sinks": store_faults.sinks,
    "postgres-killed": server_faults.killed_with_postgres,
    "postgres-away": server_faults.postgres_away,
    "postgres-frozen": server_faults.postgres_frozen,
    "broker": server_faults.broker_away,
}


ALONE: dict[str, Script] = {"soak": soak.soak}
"""Not beside others."""


class Campaign:
    """Runs the scripts from its beginning on; each one's outcomes can be waited for."""

    def __init__(
        self, nursery: Nursery, folder: Path, *, is_long: bool, names: tuple[str, ...] = tuple(SCRIPTS)
    ) -> None:
        stand = Stand(nursery, folder, is_long)
        self._stand = stand
        self._pool = ThreadPoolExecutor(_AT_ONCE)
        self._running: dict[str, Future[list[Outcome]]] = {
            name: self._pool.submit(SCRIPTS[name], stand) for name in names if name in SCRIPTS
        }

    def outcomes(self, name: str) -> list[Outcome]:
        """Of one script, once it is done; empty where it cannot be run on this machine."""
        if name in ALONE:
            self.close()
            return ALONE[name](self._stand)
        return self._running[name].result()

    def close(self) -> None:
        """Wait until all scripts have ended."""
        self._pool.shutdown(wait=True)


def a_folder() -> Path:
    """For everything that a campaign leaves behind."""
    return Path(tempfile.mkdtemp(prefix="cvinspect-faults-"))
