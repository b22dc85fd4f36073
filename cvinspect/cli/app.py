"""The program's entry point, its commands, and `schema`."""

import os
import sys
from types import FrameType
from typing import Annotated

import typer

from cvinspect import __version__
from cvinspect.cli import (
    adopting,
    bench,
    check,
    detect,
    detections,
    evaluate,
    holds,
    incidents,
    rehearse,
    run,
    train,
    views,
    watch,
)
from cvinspect.cli.interrupts import on_interrupt
from cvinspect.cli.streams import drop_stdout, mend_streams, print_json
from cvinspect.errors import INTERRUPTED, CvinspectError, DatasetError, DeliveryError
from cvinspect.words import say

app = typer.Typer(
    name="cvinspect",
    help="Street inspection from video: violations in, one evidenced incident record each out.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,  # the library for it takes longer to load than all the rest
)


def main() -> None:
    """Entry point: errors become one line and an exit code."""
    mend_streams()
    on_interrupt(_leave_at_once)
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


app.command()(run.run)
app.command()(detect.detect)
app.command()(check.check)


@app.command()
def schema() -> None:
    """Print the JSON Schema of the incident record."""
    from cvinspect.records.incident import json_schema

    print_json(json_schema(), indent=2)


app.command()(watch.watch)
app.command()(bench.bench)
app.command()(rehearse.rehearse)
app.command()(train.train)
app.command()(train.export)
app.add_typer(evaluate.app)
app.add_typer(incidents.app)
app.add_typer(views.app)
incidents.app.command()(adopting.adopt)
evaluate.app.command()(detections.detections)
app.command()(detections.calibrate)
for command in (holds.hold, holds.release, holds.held):
    incidents.app.command()(command)
