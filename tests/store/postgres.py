"""A real PostgreSQL server for tests, where its programs are installed."""

import atexit
import os
import shutil
import socket
import subprocess
import tempfile
from functools import cache
from itertools import count
from pathlib import Path

import pytest

_NUMBERS = count()


def new_database() -> str:
    """The address of a new, empty database on a server of its own; skips the test where there is no PostgreSQL."""
    bin_folder, port = _server()
    name = f"ledger_{next(_NUMBERS)}"
    _run(bin_folder, "createdb", "-h", "127.0.0.1", "-p", str(port), "-U", "postgres", name)
    return f"postgresql://postgres@127.0.0.1:{port}/{name}"


def restart() -> None:
    """Stop the server at once, as an operator in a hurry does, and start it again."""
    bin_folder, port = _server()
    folder = _folder()
    _run(bin_folder, "pg_ctl", "-D", str(folder), "-m", "immediate", "-w", "stop")
    _start(bin_folder, folder, port)


@cache
def _server() -> tuple[Path, int]:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if not found:
        pytest.skip("no PostgreSQL server on this machine (Debian: postgresql)")
    bin_folder, folder, port = found[-1].parent, _folder(), _free_port()
    _run(bin_folder, "initdb", "-D", str(folder), "-U", "postgres", "-A", "trust", "--no-sync", "-E", "UTF8")
    _start(bin_folder, folder, port)
    atexit.register(_run, bin_folder, "pg_ctl", "-D", str(folder), "-m", "immediate", "stop")
    return bin_folder, port


def _start(bin_folder: Path, folder: Path, port: int) -> None:
    options = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c fsync=off"
    log = str(folder / "server.log")
    _run(bin_folder, "pg_ctl", "-D", str(folder), "-o", options, "-l", log, "-w", "start")


@cache
def _folder() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="cvinspect-postgres-"))
    if os.getuid() == 0:
        shutil.chown(folder, "postgres", "postgres")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


def _run(bin_folder: Path, program: str, *arguments: str) -> None:
    """Run one of PostgreSQL's programs; its server refuses to be run by root."""
    user = "postgres" if os.getuid() == 0 else None
    subprocess.run(
        [bin_folder / program, *arguments], check=True, stdout=subprocess.DEVNULL, stdin=subprocess.DEVNULL,
        user=user, cwd="/", timeout=60,
    )  # fmt: skip


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
