"""`cvinspect watch`: the daemon on live cameras."""

import atexit
import logging
import os
import random
import signal
import sys
import threading
import time
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from queue import Empty, SimpleQueue
from types import FrameType
from typing import TYPE_CHECKING, Annotated

import typer

from cvinspect.cli.options import CarefulOption, ModelOption
from cvinspect.errors import ConfigError
from cvinspect.modes import Sampling

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from cvinspect.assembly.models import Model
    from cvinspect.commands.watch import Watch
    from cvinspect.config.site import Site
    from cvinspect.daemon.camera_builder import Surroundings
    from cvinspect.daemon.sinks import SinkCheck
    from cvinspect.errors import CvinspectError

_TICK_S = 1.0
_STOP_S = 9.0


class Signals:
    """What was asked of the daemon from outside.

    A handler may come upon another one at any place, also within `wait`: of what threads tell one another with, only
    `SimpleQueue` allows that. An Event's lock would be waited for by the thread that holds it.
    """

    def __init__(self) -> None:
        """For the main thread."""
        self.stopping = False
        self._stop_asked_s = 0.0
        self.asked_to_stop: Callable[[], None] | None = None
        """Called at once, by the handler; it may raise where nothing runs yet that has to be ended."""
        self.reloading = False
        self._news: SimpleQueue[None] = SimpleQueue()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._stop)
        signal.signal(signal.SIGHUP, self._reload)

    def wait(self, timeout_s: float) -> None:
        """Until something is asked, at most so long."""
        with suppress(Empty):
            self._news.get(timeout=timeout_s)

    @property
    def stop_within_s(self) -> float:
        """What is left of the time in which a stop is to be over; some seconds at least."""
        return max(_STOP_S / 3, _STOP_S - (time.monotonic() - self._stop_asked_s)) if self.stopping else _STOP_S

    def _stop(self, number: int, frame: FrameType | None) -> None:  # noqa: ARG002
        if not self.stopping:
            self._stop_asked_s = time.monotonic()
        self.stopping = True
        self._news.put(None)
        if self.asked_to_stop is not None:
            self.asked_to_stop()

    def _reload(self, number: int, frame: FrameType | None) -> None:  # noqa: ARG002
        self.reloading = True
        self._news.put(None)


def watch(
    config: Annotated[
        Path, typer.Argument(metavar="CONFIG", help="Cameras, zones, rules, ledger and sinks (YAML).", readable=False)
    ],
    model: ModelOption = None,
    careful: CarefulOption = None,
    workers: Annotated[
        int | None, typer.Option(help="Threads that run the network; default: watch.workers.", min=1, max=256)
    ] = None,
    sampling: Annotated[
        Sampling | None, typer.Option(help="Frames to decode, of every camera; default: as configured.")
    ] = None,
) -> None:
    """Inspect live cameras day and night; SIGTERM ends it without loss, SIGHUP reads the configuration again."""
    signals = Signals()  # before anything that takes long: a reload asked for early must not end it
    from cvinspect.config.daemon import require_daemon_extra

    require_daemon_extra()
    from cvinspect.daemon.camera_builder import Surroundings
    from cvinspect.daemon.inference_threads import INFERENCE

    around = Surroundings(lambda: datetime.now(UTC), since_boot_s, random.random, os.environ)
    done = keep_watching(lambda: _load(config, model, careful), around, signals, workers=workers, sampling=sampling)
    code = 0 if done else 1
    if any(thread.name.startswith(INFERENCE) for thread in threading.enumerate()):
        atexit.register(_end_at_once, code)
    raise typer.Exit(code)


def _end_at_once(code: int) -> None:
    """A network that still computes in its thread while Python takes itself apart would abort the program."""
    logging.shutdown()
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    os._exit(code)


def keep_watching(
    load: "Callable[[], tuple[Site, Model]]",
    around: "Surroundings",
    signals: Signals,
    *,
    workers: int | None = None,
    sampling: Sampling | None = None,
) -> bool:
    """Watch until `signals` tell to stop; to reload, `load` is called again. Whether everything was written in time.

    For the main thread. Raises ConfigError, ModelError, DeliveryError or InstallationError before anything runs.
    """
    try:
        daemon = _built(load, around, signals, workers=workers, sampling=sampling)
    except _Unstarted:
        return True
    daemon.start()
    try:
        while not signals.stopping:
            signals.wait(_TICK_S)
            if signals.reloading and not signals.stopping:
                signals.reloading = False
                daemon.reload()
            if not signals.stopping:
                daemon.tick()
    finally:
        done = daemon.stop(timeout_s=signals.stop_within_s)
    return done


class _Unstarted(BaseException):
    """A stop was asked for before anything ran. No Exception: nobody on the way is to take it for a fault."""


def _built(
    load: "Callable[[], tuple[Site, Model]]",
    around: "Surroundings",
    signals: Signals,
    *,
    workers: int | None,
    sampling: Sampling | None,
) -> "Watch":
    """The daemon, not started; raises _Unstarted at whatever moment a stop is asked for."""
    signals.asked_to_stop = _give_up
    if signals.stopping:
        raise _Unstarted
    from cvinspect.commands.watch import Watch
    from cvinspect.daemon.logs import configure

    site, _ = load()
    configure(site.config.watch.log, stream=sys.stderr, timezone=site.timezone)
    daemon = Watch(load, around, workers=workers, sampling=sampling)
    signals.asked_to_stop = daemon.end_start
    if signals.stopping:  # Python drops what a handler raises in some places
        raise _Unstarted
    return daemon


def _give_up() -> None:
    raise _Unstarted


def checked_sinks(site: "Site") -> "Sequence[SinkCheck]":
    """Whether each sink can be made."""
    from cvinspect.config.daemon import require_daemon_extra

    require_daemon_extra()
    from cvinspect.daemon.sinks import check_sinks

    return check_sinks(site, os.environ)


def checked_site(site: "Site") -> "Sequence[CvinspectError]":
    """What would keep a site from being watched; of a configuration that says nothing of watching, nothing."""
    if "watch" not in site.config.model_fields_set:
        return ()
    from cvinspect.config.daemon import require_daemon_extra

    require_daemon_extra()
    from cvinspect.daemon.site_check import check_site

    return check_site(site, os.environ)


def since_boot_s() -> float:
    """Counts while the machine sleeps, and nobody sets it; the same for every program, so that it outlives this one."""
    return time.clock_gettime(time.CLOCK_BOOTTIME)


def _load(config: Path, model: Path | None, careful: str | None) -> tuple["Site", "Model"]:
    from cvinspect.assembly.eyes import with_careful
    from cvinspect.assembly.models import load_model
    from cvinspect.config.site import load_site

    site = load_site(config)
    if not site.config.cameras:
        raise ConfigError(f"{config}: cameras: none; allowed: one or more")
    return site, with_careful(site, load_model(site, model), careful)
