"""A real PostgreSQL server for tests, where its programs are installed."""

import atexit
import os
import shutil
import signal
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from itertools import count
from pathlib import Path

import pytest


class Server:
    """One server on a port of its own, which can be stopped and started again; skips where there is no PostgreSQL."""

    def __init__(self) -> None:
        found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
        if not found:
            pytest.skip("no PostgreSQL server on this machine (Debian: postgresql)")
        self._bin, self._folder, self._port = found[-1].parent, _folder(), _free_port()
        self._numbers = count()
        self._run("initdb", "-D", self._folder, "-U", "postgres", "-A", "trust", "--no-sync", "-E", "UTF8")
        self.start()
        atexit.register(self.close)

    def new_database(self, encoding: str = "UTF8") -> str:
        """The address of a new, empty database."""
        name = f"ledger_{next(self._numbers)}"
        kind = ("-E", encoding, "-T", "template0", "--locale=C")
        self._run("createdb", "-h", "127.0.0.1", "-p", self._port, "-U", "postgres", *kind, name)
        return f"postgresql://postgres@127.0.0.1:{self._port}/{name}"

    @contextmanager
    def held_up(self) -> Iterator[None]:
        """None of its processes goes on; the machine answers for them all the same."""
        first = int((self._folder / "postmaster.pid").read_text(encoding="utf-8").splitlines()[0])
        os.kill(first, signal.SIGSTOP)
        children = Path(f"/proc/{first}/task/{first}/children").read_text(encoding="ascii")
        processes = [first, *map(int, children.split())]
        for process in processes[1:]:
            os.kill(process, signal.SIGSTOP)
        try:
            yield
        finally:
            for process in processes:
                with suppress(ProcessLookupError):
                    os.kill(process, signal.SIGCONT)

    def start(self) -> None:
        options = f"-p {self._port} -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c fsync=off"
        self._run("pg_ctl", "-D", self._folder, "-o", options, "-l", self._folder / "server.log", "-w", "start")

    def stop(self) -> None:
        """At once, as an operator in a hurry does; when it starts again, it has to recover."""
        self._run("pg_ctl", "-D", self._folder, "-m", "immediate", "-w", "stop")

    def close(self) -> None:
        """It is of no more use."""
        if self._folder.exists():
            if (self._folder / "postmaster.pid").exists():
                self.stop()
            shutil.rmtree(self._folder, ignore_errors=True)

    def _run(self, program: str, *arguments: object) -> None:
        """Run one of PostgreSQL's programs; its server refuses to be run by root."""
        user = "postgres" if os.getuid() == 0 else None
        subprocess.run(
            [self._bin / program, *map(str, arguments)], check=True, stdout=subprocess.DEVNULL, user=user, cwd="/",
            stdin=subprocess.DEVNULL, timeout=60,
        )  # fmt: skip


def new_database(encoding: str = "UTF8") -> str:
    """The address of a new, empty database on a server that tests share; skips where there is no PostgreSQL."""
    return _shared().new_database(encoding)


def restart() -> None:
    """Stop the shared server at once and start it again."""
    _shared().stop()
    _shared().start()


@cache
def _shared() -> Server:
    return Server()


def _folder() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="cvinspect-postgres-"))
    if os.getuid() == 0:
        shutil.chown(folder, "postgres", "postgres")
    return folder


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
