"""`cvinspect bench`: how many cameras this machine carries."""

import os
import random
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cvinspect.cli.options import CarefulOption, ModelOption, SamplingOption
from cvinspect.cli.watch import since_boot_s
from cvinspect.words import say

if TYPE_CHECKING:
    from cvinspect.commands.bench import Load


def bench(
    clip: Annotated[
        Path, typer.Argument(help="An H.264 recording of such a camera; every stream shows it.", readable=False)
    ],
    cameras: Annotated[
        int | None,
        typer.Option(help="Measure so many only; default: 1, 2, 4, ... until full.", min=1, max=1000),
    ] = None,
    seconds: Annotated[float, typer.Option(help="Seconds to measure each number for.", min=1, max=86_400)] = 30.0,
    sampling: SamplingOption = None,
    model: ModelOption = None,
    careful: CarefulOption = None,
) -> None:
    """Watch real RTSP streams on this machine, in growing numbers, and say how many it carries."""
    from cvinspect.config.daemon import require_daemon_extra

    require_daemon_extra()
    from cvinspect.commands.bench import Bench, capacity, cores, counts_up_to, pause
    from cvinspect.daemon.camera_builder import Surroundings

    around = Surroundings(lambda: datetime.now(UTC), since_boot_s, random.random, os.environ)
    measure = Bench(clip, around, model=model, careful=careful, sampling=sampling)
    print("cameras  cores used  ms/camera/s  network  samples/s  lost  lag s")
    loads: list[Load] = []
    for count in [cameras] if cameras else counts_up_to(1024):
        load = measure.load(count, seconds=seconds, wait=pause())
        loads.append(load)
        print(_row(load), flush=True)
        if not load.is_carried or load.cpu_s / load.seconds > 0.5 * cores():
            break
    say(f"sampling: {loads[-1].sampling or 'no camera was read'}")
    found = capacity(loads, cores=cores())
    if found is None:
        say("not even so few are carried: samples were lost, or came late")
        raise typer.Exit(1)
    last = loads[-1]
    bound = "the network" if last.inference_s > last.cpu_s / 2 else "reading and decoding"
    say(f"{cores()} cores carry about {found} such cameras at 80 % load; most of it is {bound}")


def _row(load: "Load") -> str:
    used = load.cpu_s / load.seconds
    network = min(1.0, load.inference_s / load.cpu_s)
    rate = load.inspected / load.seconds
    return (
        f"{load.cameras:7}  {used:10.2f}  {load.cost_ms:11.1f}  {network:7.0%}  {rate:9.1f}"
        f"  {load.lost:4}  {load.lag_s:5.1f}"
    )
