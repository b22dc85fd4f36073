"""What SIGHUP changes, what it leaves, and when it waits; and signals that come close together."""

import logging
import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from cvinspect.assembly.models import Model, load_model
from cvinspect.cli.watch import keep_watching, since_boot_s
from cvinspect.commands.watch import Watch
from cvinspect.config.site import Site, load_site
from cvinspect.daemon.camera_builder import CameraBuilder, Surroundings
from cvinspect.errors import DeliveryError
from cvinspect.store.claim import FileClaim

PAIRS = 4000


class Blind(Model):
    """A card, and a network that sees nothing."""

    def detectors(self, count: int, **given: object) -> Any:  # noqa: ANN401
        return [object()] * count


@dataclass
class Bench:
    """A daemon of one camera that is away, its configuration, and what is loaded next."""

    path: Path
    model: Model
    ahead_s: float = 0.0
    watch: Watch = field(init=False)

    def __post_init__(self) -> None:
        self.write(300)
        around = Surroundings(lambda: datetime.now(UTC), lambda: since_boot_s() + self.ahead_s, random.random, {})
        self.watch = Watch(self._load, around, workers=1)
        self.watch.start()

    def write(self, dwell_s: float, *, cameras: Sequence[str] = ("gate",)) -> None:
        listed = ", ".join(f"{{id: {name}, source: 'rtsp://127.0.0.1:1/x'}}" for name in cameras)
        camera = f"cameras: [{listed}]"
        rule = f"violations: {{illegal_parking_motor: {{dwell_s: {dwell_s}}}}}"
        self.path.write_text(f"{camera}\nwatch: {{api: null}}\n{rule}\n", encoding="ascii")

    def _load(self) -> tuple[Site, Model]:
        return load_site(self.path), self.model

    @property
    def dwell_s(self) -> float:
        """Of the rule in force."""
        [watched] = self.watch._cameras.watched_cameras()
        judge: Any = watched.inspection.tour.front.judge
        return next(one.dwell_s for one in judge._violations if one.id == "illegal_parking_motor")


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    path = tmp_path / "site.yaml"
    path.write_text("", encoding="ascii")
    real = load_model(load_site(None), None)
    bench = Bench(path, Blind(real.card, real.path))
    yield bench
    bench.watch.stop()


def test_a_reload_keeps_the_model_that_runs(bench: Bench, caplog: pytest.LogCaptureFixture) -> None:
    running = bench.model
    bench.model = Blind(running.card.model_copy(update={"name": "other", "sha256": "b" * 64}), running.path)
    bench.write(301)
    with caplog.at_level(logging.WARNING):
        bench.watch.reload()
    [watched] = bench.watch._cameras.watched_cameras()
    assert bench.dwell_s == 301
    assert watched.inspection._context.model_sha256 == running.card.sha256
    assert "takes effect with the next start only: model" in caplog.text


def test_a_reload_tells_what_it_changes(bench: Bench, caplog: pytest.LogCaptureFixture) -> None:
    bench.write(301, cameras=("gate", "yard"))
    with caplog.at_level(logging.INFO):
        bench.watch.reload()
        bench.watch.reload()
    told = [line.removeprefix("reload: ") for line in caplog.messages if line.startswith("reload: ")]
    assert told[0] == "cameras added: yard"
    assert told[1].startswith("rule illegal_parking_motor changed: dwell_s from 300 to 301")
    assert told[2:] == ["nothing changed"]


def test_an_override_that_moves_to_another_class_is_a_change(bench: Bench) -> None:
    text = bench.path.read_text(encoding="ascii")
    bench.path.write_text(text.replace("illegal_parking_motor: {dwell_s: 300}", "road_damage: {dwell_s: 300}"))
    bench.watch.reload()
    assert bench.dwell_s == 300  # as the table has it
    bench.path.write_text(text.replace("dwell_s: 300", "dwell_s: 77"))
    bench.watch.reload()
    bench.path.write_text(text.replace("illegal_parking_motor: {dwell_s: 300}", "street_vendor: {dwell_s: 77}"))
    bench.watch.reload()
    assert bench.dwell_s == 300


def test_while_the_ledger_cannot_be_written_a_reload_waits_and_the_camera_goes_on(bench: Bench) -> None:
    with closing(sqlite3.connect(bench.path.parent / "data" / "ledger.db", isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        bench.write(301)
        bench.watch.reload()
        assert [view.id for view in bench.watch.views()] == ["gate"]
        assert bench.dwell_s == 300
        assert "as soon as the ledger can be written" in (bench.watch._cameras.reload_error or "")
        other.execute("ROLLBACK")
    bench.ahead_s += 11.0
    bench.watch.tick()
    assert bench.dwell_s == 301
    assert bench.watch._cameras.reload_error is None


def test_a_fault_while_reloading_leaves_the_old_configuration_at_work(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails() -> tuple[Site, Model]:
        raise RuntimeError("out of the blue")

    monkeypatch.setattr(bench.watch, "_load", fails)
    bench.watch.reload()
    assert [view.id for view in bench.watch.views()] == ["gate"]
    assert bench.watch._cameras.reload_error == "a fault of this program: RuntimeError"


def test_signals_that_come_close_together_are_all_heeded() -> None:
    program = (
        "from cvinspect.cli.watch import Signals\n"
        "signals = Signals()\n"
        "print('ready', flush=True)\n"
        "while not signals.stopping:\n"
        "    signals.wait(1.0)\n"
    )
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE) as waiting:
        assert waiting.stdout is not None
        waiting.stdout.readline()
        for number in range(PAIRS):
            os.kill(waiting.pid, signal.SIGHUP)
            until_s = time.perf_counter() + (number % 150) / 1e6
            while time.perf_counter() < until_s:
                pass
            os.kill(waiting.pid, signal.SIGHUP)
            until_s = time.perf_counter() + 0.0005
            while time.perf_counter() < until_s:
                pass
        waiting.send_signal(signal.SIGTERM)
        try:
            assert waiting.wait(10.0) == 0
        finally:
            waiting.kill()


def test_a_camera_that_fails_to_start_takes_no_other_along(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    made = CameraBuilder.build

    def fails_at_gate(maker: CameraBuilder, name: str, shared: Any, queue: Any) -> Any:  # noqa: ANN401
        if name == "gate":
            raise RuntimeError("out of the blue")
        return made(maker, name, shared, queue)

    monkeypatch.setattr(CameraBuilder, "build", fails_at_gate)
    bench.write(301, cameras=("gate", "yard"))
    bench.watch.reload()
    assert [view.id for view in bench.watch.views()] == ["yard"]
    bench.ahead_s += 11.0
    bench.watch.tick()
    monkeypatch.undo()
    bench.ahead_s += 11.0
    bench.watch.tick()
    assert [view.id for view in bench.watch.views()] == ["gate", "yard"]


def test_a_fault_with_the_sinks_leaves_the_cameras_at_work(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*given: object, **named: object) -> bool:
        raise RuntimeError("out of the blue")

    monkeypatch.setattr(bench.watch._dispatcher, "replace", fails)
    bench.write(301)
    bench.watch.reload()
    assert bench.dwell_s == 301
    assert bench.watch._cameras.reload_error == "a fault of this program: RuntimeError"


def test_a_reload_asks_a_locked_ledger_for_a_moment_only(bench: Bench) -> None:
    """Signals are heeded in the thread that reloads."""
    with closing(sqlite3.connect(bench.path.parent / "data" / "ledger.db", isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        began_s = time.monotonic()
        bench.watch.reload()
        assert time.monotonic() - began_s < 3.0
        other.execute("ROLLBACK")


def test_a_ledger_that_another_daemon_has_taken_is_told_as_trouble(bench: Bench) -> None:
    lock = bench.path.parent / "data" / "ledger.db.lock"
    lock.unlink()
    other = FileClaim(bench.path.parent / "data" / "ledger.db", timeout_s=1.0)
    with pytest.raises(DeliveryError):
        bench.watch._claim.keep()
    bench.watch.tick()
    assert "another `cvinspect watch` uses this ledger" in (bench.watch._cameras.trouble or "")
    other.close()
    bench.watch._claim.keep()
    bench.watch.tick()
    assert bench.watch._cameras.trouble is None


def test_what_a_reload_took_is_missing_from_the_time_to_stop_in() -> None:
    program = (
        "import threading\n"
        "from cvinspect.cli.watch import Signals\n"
        "signals = Signals()\n"
        "print('ready', flush=True)\n"
        "while not signals.stopping:\n"
        "    signals.wait(1.0)\n"
        "threading.Event().wait(1.5)\n"
        "print(signals.stop_within_s)\n"
    )
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True) as waiting:
        assert waiting.stdout is not None
        waiting.stdout.readline()
        waiting.send_signal(signal.SIGTERM)
        left_s = float(waiting.communicate(timeout=10.0)[0])
    assert 3.0 <= left_s <= 7.5


def test_who_is_asked_to_stop_and_to_reload_stops(monkeypatch: pytest.MonkeyPatch) -> None:
    class Asked:
        stopping, reloading, stop_within_s = False, False, 9.0

        def wait(self, _: float) -> None:
            self.stopping = self.reloading = True

    done: list[str] = []

    class Fake:
        def __init__(self, *_: object, **__: object) -> None: ...

        def __getattr__(self, name: str) -> Any:  # noqa: ANN401
            return lambda **_: done.append(name)

    monkeypatch.setattr("cvinspect.commands.watch.Watch", Fake)
    monkeypatch.setattr("cvinspect.daemon.logs.configure", lambda *_, **__: None)
    around = Surroundings(lambda: datetime.now(UTC), since_boot_s, random.random, {})
    keep_watching(lambda: (load_site(None), load_model(load_site(None), None)), around, Asked())  # type: ignore[arg-type]
    assert done == ["start", "stop"]
