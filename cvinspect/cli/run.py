"""`cvinspect run`: recorded footage."""

import signal
from pathlib import Path
from typing import Annotated

import typer

from cvinspect.cli.interrupts import on_interrupt
from cvinspect.cli.loading import load_both, name_unbacked
from cvinspect.cli.options import (
    AnnotateOption,
    CameraOption,
    CarefulOption,
    ClipsOption,
    ConfigOption,
    FpsOption,
    GateOption,
    IntervalOption,
    ModelOption,
    NoOriginalsOption,
    OutOption,
    OverwriteOption,
    SamplingOption,
    StartOption,
    WholePictureOption,
    chosen_fps,
    chosen_sampling,
    chosen_start,
)
from cvinspect.errors import INTERRUPTED
from cvinspect.words import say


def run(  # noqa: PLR0913, PLR0917  one for each option
    inputs: Annotated[
        list[Path], typer.Argument(help="Video files, folders of pictures, single pictures.", readable=False)
    ],
    config: ConfigOption = None,
    out: OutOption = Path("out"),
    fps: FpsOption = None,
    sampling: SamplingOption = None,
    start: StartOption = None,
    model: ModelOption = None,
    careful: CarefulOption = None,
    annotate: AnnotateOption = False,
    clips: ClipsOption = False,
    overwrite: OverwriteOption = False,
    gate: GateOption = None,
    interval: IntervalOption = None,
    camera: CameraOption = None,
    whole_picture: WholePictureOption = False,
    no_originals: NoOriginalsOption = False,
) -> None:
    """Inspect recorded footage; write incident records, evidence and a report."""
    from cvinspect.assembly.sources import refuse_addresses
    from cvinspect.cli.terminal import Progress, Stop, closing_table
    from cvinspect.commands.run import FootageRun, Options

    refuse_addresses(inputs)
    site, loaded = load_both(config, model, careful)
    options = Options(
        out,
        chosen_fps(fps, interval),
        chosen_sampling(sampling, fps),
        chosen_start(start, site.timezone),
        annotate,
        clips,
        overwrite,
        gate,
        interval is not None,
        camera,
        whole_picture,
        not no_originals,
    )
    name_unbacked(site, loaded)
    footage = FootageRun(site, loaded, options, progress := Progress(), inputs=inputs)
    for note in footage.masking.notes:
        say(f"note: {note}")
    stop = Stop()
    with progress:
        footage.run.over(inputs, is_stopping=stop.is_asked)
    summary = footage.finish()
    on_interrupt(signal.SIG_IGN)  # all is written; Python's own end is not to be disturbed
    closing_table(summary)
    for item in summary.inputs:
        for note in item.notes:
            say(f"note: {item.name}: {note}")
        if item.error is not None:
            say(f"error: {item.error}")
    say(f"report: {footage.report}")
    if footage.run.interrupted or stop.is_asked():
        raise typer.Exit(INTERRUPTED)
    raise typer.Exit(footage.run.exit_code)
