"""How many cameras this machine carries: the daemon itself, on RTSP streams of this machine, in growing numbers."""

import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import yaml

from cvinspect.assembly.eyes import with_careful
from cvinspect.assembly.models import load_model
from cvinspect.commands.watch import Watch
from cvinspect.config.site import load_site
from cvinspect.daemon import CameraStatus
from cvinspect.daemon.camera_builder import Surroundings
from cvinspect.errors import SourceOpenError
from cvinspect.modes import Sampling
from cvinspect.sources.live.loopback import read_recording

SETTLING_S = 12.0
"""Until every camera is connected and its key frames are measured."""

_LATE_S = 5.0
_FULL_SHARE = 0.8
"""Of the cores; what is left is for bursts, evidence and everything else that the machine does."""

_LOST_SHARE = 0.01


@dataclass(frozen=True, slots=True)
class Load:
    """What so many cameras cost."""

    cameras: int
    up: int
    """Of which pictures came."""
    seconds: float
    cpu_s: float
    """Of the daemon alone, not of the streams' server."""
    inference_s: float
    """Of workers' time, spent in the networks and what prepares their input."""
    inspected: int
    lost: int
    """Samples that nobody looked at before the next one came."""
    lag_s: float
    """From capture to the end of inspection, the worst at the end."""
    sampling: str
    opened: tuple[int, ...] = ()
    """Violations opened at each camera since it was connected to."""

    @property
    def cost_ms(self) -> float:
        """CPU milliseconds for each camera and second."""
        return 1000 * self.cpu_s / self.seconds / self.cameras

    @property
    def is_carried(self) -> bool:
        """Whether every camera was watched, in time and without losing samples."""
        is_whole = self.lost <= _LOST_SHARE * max(1, self.inspected + self.lost)
        return self.up == self.cameras and self.lag_s < _LATE_S and is_whole


def capacity(loads: Sequence[Load], *, cores: int) -> int | None:
    """Cameras like these that the machine carries, by the cost of the largest number that it did carry; None: none."""
    carried = [load for load in loads if load.is_carried]
    if not carried:
        return None
    largest = max(carried, key=lambda load: load.cameras)
    return max(largest.cameras, int(_FULL_SHARE * cores * 1000 / largest.cost_ms))


class Bench:
    """Measures one number of cameras after the other, all showing one recording."""

    def __init__(
        self,
        clip: Path,
        around: Surroundings,
        *,
        model: Path | None = None,
        careful: str | None = None,
        sampling: Sampling | None = None,
        zones: Sequence[Mapping[str, object]] = (),
        violations: Mapping[str, object] | None = None,
    ) -> None:
        """Every camera has these `zones`, and rules differ by these `violations`, both as a configuration has them.

        Raises SourceOpenError where the clip is no H.264 video.
        """
        read_recording(clip)
        self._clip = clip
        self._around = around
        self._model = model
        self._careful = careful
        self._sampling = sampling
        self._zones = [dict(zone) for zone in zones]
        self._violations = dict(violations or {})

    def load(self, cameras: int, *, seconds: float, wait: Callable[[float], object]) -> Load:
        """Watch so many cameras for `seconds` once they have settled; `wait` lets seconds go by."""
        with _streams(self._clip) as port, tempfile.TemporaryDirectory() as folder:
            daemon = self._daemon(Path(folder), port, cameras)
            daemon.start()
            try:
                _tick_for(daemon, SETTLING_S + cameras / 10, wait)
                before, cpu_s, began_s = daemon.views(), time.process_time(), time.monotonic()
                _tick_for(daemon, seconds, wait)
                after, cpu_s, passed_s = daemon.views(), time.process_time() - cpu_s, time.monotonic() - began_s
            finally:
                daemon.stop()
        return _compared(before, after, cpu_s=cpu_s, passed_s=passed_s)

    def _daemon(self, folder: Path, port: int, cameras: int) -> Watch:
        config = {
            "cameras": [
                {"id": f"c{n}", "source": f"rtsp://127.0.0.1:{port}/{n}", "zones": self._zones} for n in range(cameras)
            ],
            "violations": self._violations,
            "watch": {"api": None},
        }
        path = folder / "bench.yaml"
        path.write_text(yaml.safe_dump(config), encoding="utf-8")
        site = load_site(path)
        model = with_careful(site, load_model(site, self._model), self._careful)
        return Watch(lambda: (site, model), self._around, sampling=self._sampling)


def _tick_for(daemon: Watch, seconds: float, wait: Callable[[float], object]) -> None:
    until_s = time.monotonic() + seconds
    while (left_s := until_s - time.monotonic()) > 0:
        daemon.tick()
        wait(min(1.0, left_s))


def _compared(before: Sequence[CameraStatus], after: Sequence[CameraStatus], *, cpu_s: float, passed_s: float) -> Load:
    def grown(count: Callable[[CameraStatus], float]) -> float:
        return sum(map(count, after)) - sum(map(count, before))

    return Load(
        cameras=len(after),
        up=sum(now.frames_read > then.frames_read for then, now in zip(before, after, strict=True)),
        seconds=passed_s,
        cpu_s=cpu_s,
        inference_s=grown(_in_networks_s),
        inspected=round(grown(lambda one: one.frames_inspected)),
        lost=round(grown(lambda one: one.drops.get("overtaken", 0))),
        lag_s=max((one.lag_s or 0.0 for one in after), default=0.0),
        sampling=next((one.sampling for one in after if one.sampling), ""),
        opened=tuple(sum(one.incidents.values()) for one in after),
    )


def _in_networks_s(one: CameraStatus) -> float:
    return one.inference.total_s + (0.0 if one.careful is None else one.careful.cost.total_s)


@contextmanager
def _streams(clip: Path) -> Iterator[int]:
    """The port of a process that serves the clip; another process, so that its cost is not counted."""
    command = [sys.executable, "-m", "cvinspect.sources.live.loopback", str(clip)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            said = process.stdout.readline() if process.stdout else ""
            if not said.strip().isdigit():
                raise SourceOpenError(f"{clip}: cannot be served")
            yield int(said)
        finally:
            process.kill()


def counts_up_to(most: int) -> Iterator[int]:
    """1, 2, 4, ... and the most itself.

    >>> list(counts_up_to(6))
    [1, 2, 4, 6]
    """
    count = 1
    while count < most:
        yield count
        count *= 2
    yield most


def cores() -> int:
    """That this process may use."""
    return len(os.sched_getaffinity(0))


def pause() -> Callable[[float], object]:
    """A way to let seconds go by that an interrupt ends."""
    return threading.Event().wait
