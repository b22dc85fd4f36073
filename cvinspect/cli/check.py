"""`cvinspect check`: a configuration, tried."""

from pathlib import Path
from typing import Annotated

import typer

from cvinspect.cli.loading import load_both, name_unbacked
from cvinspect.cli.options import CarefulOption, ModelOption
from cvinspect.words import say


def check(
    config: Annotated[Path, typer.Argument(help="The configuration to check (YAML).", readable=False)],
    model: ModelOption = None,
    careful: CarefulOption = None,
    pictures: Annotated[
        Path | None,
        typer.Option("--pictures", help="Folder for a picture of each camera with its zones drawn.", readable=False),
    ] = None,
    only_faults: Annotated[
        bool, typer.Option("--only-faults", help="Only a summary, and the cameras to look at.")
    ] = False,
) -> None:
    """Load everything, open each source for some seconds, make each sink, and tell what each camera can raise."""
    from cvinspect.cli.check_report import check_site

    site, loaded = load_both(config, model, careful)
    failed = check_site(site, loaded, pictures, only_faults=only_faults)
    name_unbacked(site, loaded)
    for error in failed:
        say(f"error: {error}")
    if failed:
        raise typer.Exit(failed[0].exit_code)
