"""`cvinspect views`: the views of a camera that turns."""

import os
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from cvinspect.cli.options import ModelOption
from cvinspect.errors import SourceLostError
from cvinspect.words import say

_ONE_S = 30.0
"""For a picture at rest, a camera that is on its way is waited for."""

app = typer.Typer(
    name="views",
    help="The views of a camera that turns: take stills of them.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)


@app.callback()
def common() -> None:
    """The views of a camera that turns: take stills of them."""


@app.command()
def take(
    config: Annotated[Path, typer.Argument(help="The site's configuration (YAML).", readable=False)],
    camera: Annotated[str, typer.Argument(help="Id of the camera.")],
    name: Annotated[
        str | None, typer.Option("--name", help="Keep what it shows now as the view of this id; else each, numbered.")
    ] = None,
    seconds: Annotated[
        float, typer.Option("--seconds", min=3.0, help="How long to watch its tour, without --name; of a file, all.")
    ] = 300.0,
    out: Annotated[
        Path | None,
        typer.Option("--out", help="Folder for the stills; else `views`, beside CONFIG.", readable=False),
    ] = None,
    model: ModelOption = None,
) -> None:
    """Keep a still of what a camera shows now, or of each view as its tour passes."""
    from cvinspect.assembly.masking import opened_masking
    from cvinspect.cli.loading import load
    from cvinspect.cli.terminal import Stop
    from cvinspect.commands.take_views import FOLDER, as_yaml, config_named, pictures_of
    from cvinspect.commands.take_views import take as taken

    site, loaded = load(config, model)
    one, stop = config_named(site, camera), Stop()
    base = config.absolute().parent
    frames = pictures_of(
        one,
        site,
        os.environ,
        seconds=time.monotonic,
        now=lambda: datetime.now(UTC),
        lasts_s=seconds if name is None else _ONE_S,
        is_stopping=stop.is_asked,
    )
    stills, folder, hide = [], base / FOLDER if out is None else out.absolute(), opened_masking()
    for still in taken(frames, one, folder, loaded.detector(), name=name, hide=hide):
        say(f"kept {still.path}")
        stills.append(still)
    if not stills:
        raise SourceLostError(f"camera {camera}: it never rested for 3 s on a picture that shows something")
    print(as_yaml(stills, base))
