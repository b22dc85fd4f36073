"""The program's entry point, and the commands `run`, `detect`, `check` and `schema`."""

import json
import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cvinspect import __version__
from cvinspect.cli import bench, detections, evaluate, incidents, rehearse, train, watch
from cvinspect.cli.options import (
    AnnotateOption,
    CameraOption,
    ClipsOption,
    FpsOption,
    GateOption,
    IntervalOption,
    OutOption,
    OverwriteOption,
    SamplingOption,
    StartOption,
    WholePictureOption,
    chosen_fps,
    chosen_sampling,
    chosen_start,
)
from cvinspect.cli.streams import drop_stdout, mend_streams
from cvinspect.errors import INTERRUPTED, CvinspectError, DatasetError, DeliveryError
from cvinspect.words import say

if TYPE_CHECKING:
    from cvinspect.assembly.models import Model
    from cvinspect.config.site import Site

app = typer.Typer(
    name="cvinspect",
    help="Street inspection from video: violations in, one evidenced incident record each out.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,  # the library for it takes longer to load than all the rest
)

# readable=False everywhere: whether a file may be read is found out where it is opened, one by one.
ConfigOption = Annotated[
    Path | None, typer.Option("--config", "-c", help="Cameras, zones and rules (YAML).", readable=False)
]
ModelOption = Annotated[
    Path | None,
    typer.Option("--model", help="Model card (YAML) beside its network; default: the shipped one.", readable=False),
]


def main() -> None:
    """Entry point: errors become one line and an exit code."""
    mend_streams()
    _on_interrupt(_leave_at_once)
    try:
        app()
    except CvinspectError as error:
        for line in str(error).split("\n") if isinstance(error, DatasetError) else [error]:
            say(f"error: {line}")
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        say("interrupted")
        sys.exit(INTERRUPTED)
    except OSError as error:  # that of any other file was translated where it was opened
        drop_stdout()
        say(f"error: {error.filename or 'standard output'}: {error.strerror or error}")
        sys.exit(DeliveryError.exit_code)


def _leave_at_once(number: int, frame: FrameType | None) -> None:  # noqa: ARG001
    """Nothing was begun, so nothing is lost; libraries that are being loaded turn an exception into another one."""
    os._exit(INTERRUPTED)


def _on_interrupt(handler: Callable[[int, FrameType | None], None] | signal.Handlers) -> None:
    """Let Ctrl-C, a shutdown and a closed terminal call this, where our parent does not want them ignored."""
    for name in ("SIGINT", "SIGTERM", "SIGHUP"):
        number = getattr(signal, name, None)
        if number is not None and signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, handler)


def _tell_version(wanted: bool) -> None:
    if not wanted:
        return
    from cvinspect.assembly.models import load_model
    from cvinspect.config.site import load_site

    card = load_model(load_site(None), None).card
    print(f"cvinspect {__version__}  model {card.name}  sha256 {card.sha256}")
    raise typer.Exit


@app.callback()
def common(
    version: Annotated[
        bool,
        typer.Option("--version", help="Name package, model and its sha256.", callback=_tell_version, is_eager=True),
    ] = False,
) -> None:
    """Street inspection from video: violations in, one evidenced incident record each out."""


@app.command()
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
    annotate: AnnotateOption = False,
    clips: ClipsOption = False,
    overwrite: OverwriteOption = False,
    gate: GateOption = None,
    interval: IntervalOption = None,
    camera: CameraOption = None,
    whole_picture: WholePictureOption = False,
) -> None:
    """Inspect recorded footage; write incident records, evidence and a report."""
    from cvinspect.assembly.sources import refuse_addresses
    from cvinspect.cli.terminal import Progress, Stop, closing_table
    from cvinspect.commands.run import FootageRun, Options

    refuse_addresses(inputs)
    site, loaded = _load(config, model)
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
    )
    _name_unbacked(site, loaded)
    footage = FootageRun(site, loaded, options, progress := Progress(), inputs=inputs)
    stop = Stop()
    with progress:
        footage.run.over(inputs, is_stopping=stop.is_asked)
    summary = footage.finish()
    _on_interrupt(signal.SIG_IGN)  # all is written; Python's own end is not to be disturbed
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


@app.command()
def detect(
    paths: Annotated[list[Path], typer.Argument(help="Pictures, or folders of them.", readable=False)],
    confidence: Annotated[float, typer.Option(help="Show what is at least this sure.", min=0.0, max=1.0)] = 0.25,
    model: ModelOption = None,
) -> None:
    """Print one JSON line a picture: what the detector sees, in pixels of the picture."""
    from cvinspect.assembly.sources import refuse_addresses
    from cvinspect.sources.decoding.files import is_folder
    from cvinspect.sources.recorded.pictures import pictures_in, read_picture

    refuse_addresses(paths)
    _, loaded = _load(None, model)
    detector = loaded.detector(floor=confidence, load_now=False)
    failed: list[CvinspectError] = []
    for path in paths:
        with _collected(failed):
            for picture in pictures_in(path) if is_folder(path) else [path]:
                with _collected(failed):
                    pixels = read_picture(picture)
                    found = [
                        {
                            "label": one.label,
                            "confidence": round(one.confidence, 4),
                            "box": [round(value, 1) for value in one.box.xyxy],
                        }
                        for one in detector.detect(pixels)
                    ]
                    height, width = pixels.shape[:2]
                    _print_json({"image": str(picture), "width": width, "height": height, "detections": found})
    if failed:
        raise typer.Exit(failed[0].exit_code)


@app.command()
def check(
    config: Annotated[Path, typer.Argument(help="The configuration to check (YAML).", readable=False)],
    model: ModelOption = None,
    pictures: Annotated[
        Path | None,
        typer.Option("--pictures", help="Folder for a picture of each camera with its zones drawn.", readable=False),
    ] = None,
    only_faults: Annotated[
        bool, typer.Option("--only-faults", help="Only a summary, and the cameras to look at.")
    ] = False,
) -> None:
    """Load everything, open each source for some seconds, make each sink, and tell what each camera can raise."""
    from cvinspect.cli.check import check_site

    site, loaded = _load(config, model)
    failed = check_site(site, loaded, pictures, only_faults=only_faults)
    _name_unbacked(site, loaded)
    for error in failed:
        say(f"error: {error}")
    if failed:
        raise typer.Exit(failed[0].exit_code)


@app.command()
def schema() -> None:
    """Print the JSON Schema of the incident record."""
    from cvinspect.records.incident import json_schema

    _print_json(json_schema(), indent=2)


app.command()(watch.watch)
app.command()(bench.bench)
app.command()(rehearse.rehearse)
app.command()(train.train)
app.command()(train.export)
app.add_typer(evaluate.app)
app.add_typer(incidents.app)
evaluate.app.command()(detections.detections)
app.command()(detections.calibrate)


def _load(config: Path | None, model: Path | None) -> tuple["Site", "Model"]:
    from cvinspect.assembly.models import load_model
    from cvinspect.config.site import load_site

    site = load_site(config)
    return site, load_model(site, model)


def _name_unbacked(site: "Site", model: "Model") -> None:
    from cvinspect.assembly.models import unbacked

    blind = unbacked(site, model)
    if blind:
        names = ", ".join(f"{one.id} ({one.names.zh})" for one in blind)
        say(f"note: model {model.card.name} cannot see these classes, no label of it backs them: {names}")


@contextmanager
def _collected(errors: list[CvinspectError]) -> Iterator[None]:
    """An error of one input is told and kept; the others are still done."""
    try:
        yield
    except CvinspectError as error:
        errors.append(error)
        say(f"error: {error}")


def _print_json(data: dict[str, Any], *, indent: int | None = None) -> None:
    in_words = (sys.stdout.encoding or "utf-8").lower() == "utf-8"
    print(json.dumps(data, ensure_ascii=not in_words, indent=indent), flush=True)
