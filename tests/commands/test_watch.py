"""`cvinspect watch` as its process is seen from outside."""

import os
import signal
import socket
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from cvinspect.config.site import load_site
from cvinspect.daemon.site_check import check_site
from cvinspect.errors import DeliveryError
from cvinspect.store.database import Database
from tests.command_line import cvinspect

_WITHIN_S = 60.0


def _site(folder: Path, watch: str) -> Path:
    path = folder / "site.yaml"
    camera = "{id: gate, source: 'rtsp://127.0.0.1:1/x'}"
    path.write_text(f"cameras: [{camera}]\ncareful: none\nwatch: {watch}\n", encoding="utf-8")
    return path


def _daemon(site: Path) -> "subprocess.Popen[str]":
    words = [sys.executable, "-c", "from cvinspect.cli.app import main; main()", "watch", str(site), "--workers", "1"]
    return subprocess.Popen(words, stderr=subprocess.PIPE, text=True)


def test_an_api_port_that_is_taken_is_told_in_one_line(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with _daemon(_site(tmp_path, f"{{api: {{port: {port}}}}}")) as daemon:
            _, said = daemon.communicate(timeout=_WITHIN_S)
    assert daemon.returncode == 2, said
    assert said.splitlines()[-1].startswith(f"error: watch.api.port: {port} at 127.0.0.1 is taken by another program")
    assert [line for line in said.splitlines() if "Traceback" in line] == []


def test_a_camera_that_cannot_be_reached_and_the_end_are_told_once_in_the_log(tmp_path: Path) -> None:
    lines = []
    with _daemon(_site(tmp_path, "{api: {port: 0}}")) as daemon:
        guard = threading.Timer(_WITHIN_S, daemon.kill)
        guard.start()
        assert daemon.stderr is not None
        for line in daemon.stderr:
            lines.append(line)
            if "refuses the connection" in line:
                break
        threading.Event().wait(2.0)
        daemon.send_signal(signal.SIGTERM)
        lines += list(daemon.stderr)
        guard.cancel()
    said = "".join(lines)
    assert daemon.returncode == 0, said
    assert said.count("camera gate: down: 127.0.0.1:1: refuses the connection") == 1
    assert "the API listens at http://127.0.0.1:" in said
    assert lines[-1].rstrip().endswith("ended")


@pytest.mark.parametrize("token", ["", "short"])
def test_check_tries_what_watch_needs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, token: str) -> None:
    monkeypatch.setenv("API_TOKEN_OF_TEST", token)
    (tmp_path / "file").write_text("", encoding="ascii")
    keys = "{evidence: file, database: 'sqlite:///file/l.db', api: {token_env: API_TOKEN_OF_TEST}}"
    site = _site(tmp_path, keys)
    site.write_text(site.read_text(encoding="utf-8").replace("'rtsp://127.0.0.1:1/x'", "street.mp4"), encoding="utf-8")
    outcome = cvinspect("check", site)
    token_fault, *others = outcome.errors[1:]
    assert ("is not set, or empty" if token == "" else "the token is too short") in token_fault
    assert [line.partition(": ")[2] for line in others] == [
        f"no folder can be made there: {tmp_path}/file is none",
        f"no folder can be made there: {tmp_path}/file is none",
    ]


def test_check_passes_a_site_whose_ledger_is_not_made_yet(tmp_path: Path) -> None:
    site = _site(tmp_path, "{database: 'sqlite:///data/ledger.db'}")
    assert [line for line in cvinspect("check", site).errors if "gate" not in line] == []
    assert not (tmp_path / "data").exists()


def test_check_tells_a_ledger_that_may_not_be_written_to(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is protected from root, who may run these tests."""
    site = load_site(_site(tmp_path, "{database: 'sqlite:///ledger.db'}"))
    Database(site.database).close()
    assert check_site(site, {}) == []
    monkeypatch.setattr(os, "access", lambda path, _: Path(path).name != "ledger.db")
    assert [str(one) for one in check_site(site, {})] == [f"{tmp_path}/ledger.db: may not be written to"]


def test_check_looks_where_the_ledger_really_lies(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    site = load_site(_site(tmp_path, "{database: 'sqlite:///links/ledger.db'}"))
    (tmp_path / "links").mkdir()
    (tmp_path / "real").mkdir()
    (tmp_path / "links" / "ledger.db").symlink_to("../real/ledger.db")
    shut = {tmp_path / "links"}
    monkeypatch.setattr(os, "access", lambda path, _: Path(path) not in shut)
    assert check_site(site, {}) == []
    Database(site.database).close()
    (tmp_path / "real" / "ledger.db-wal").write_bytes(b"")
    shut.add(tmp_path / "real" / "ledger.db-wal")
    assert [str(one) for one in check_site(site, {})] == [f"{tmp_path}/real/ledger.db-wal: may not be written to"]
    shut.add(tmp_path / "real")
    assert [str(one) for one in check_site(site, {})] == [f"{tmp_path}/real: {tmp_path}/real may not be written to"]


def test_a_ledger_behind_a_circle_of_links_is_told_in_one_line(tmp_path: Path) -> None:
    site = load_site(_site(tmp_path, "{database: 'sqlite:///ledger.db'}"))
    (tmp_path / "ledger.db").symlink_to("ledger.db")
    [fault] = check_site(site, {})
    assert str(fault).startswith(f"{tmp_path}/ledger.db: cannot be opened: ")
    with pytest.raises(DeliveryError, match="cannot be opened"):
        Database(site.database, claims=True)


def test_a_reload_that_is_asked_for_while_the_daemon_starts_does_not_end_it(tmp_path: Path) -> None:
    """It has begun to load what reads the configuration, and watches nothing yet."""
    with _daemon(_site(tmp_path, "{api: {port: 0}}")) as daemon:
        guard = threading.Timer(_WITHIN_S, daemon.kill)
        guard.start()
        while daemon.poll() is None and "numpy" not in Path(f"/proc/{daemon.pid}/maps").read_text("utf-8"):
            threading.Event().wait(0.01)
        daemon.send_signal(signal.SIGHUP)
        assert daemon.stderr is not None
        said = ""
        while "the configuration was read again" not in said and (line := daemon.stderr.readline()):
            said += line
        daemon.send_signal(signal.SIGTERM)
        said += daemon.stderr.read()
        guard.cancel()
    assert daemon.returncode == 0, said
    assert said.index("watching 1 cameras") < said.index("the configuration was read again")
