"""`cvinspect incidents hold`, `release` and `held`: whose evidence stays, whatever its age."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cvinspect.cli.incidents import ConfigArgument, open_ledger
from cvinspect.errors import ConfigError
from cvinspect.words import say

if TYPE_CHECKING:
    from cvinspect.daemon.holds import Holds

IdArgument = Annotated[str, typer.Argument(metavar="ID", help="The incident's id.")]
WhyOption = Annotated[str | None, typer.Option("--why", help="A reason, such as the number of the case.")]


def hold(config: ConfigArgument, incident_id: IdArgument, why: WhyOption = None) -> None:
    """Keep an incident's evidence, whatever its age and the budget, until it is released."""
    _say(config, incident_id, held=True, why=why)


def release(config: ConfigArgument, incident_id: IdArgument, why: WhyOption = None) -> None:
    """Let an incident's evidence go by age and budget again."""
    _say(config, incident_id, held=False, why=why)


def held(config: ConfigArgument) -> None:
    """Print a JSON line for each incident whose evidence is held: since when, and why."""
    with open_ledger(config) as (site, _):
        holds = _holds(site.evidence)
        for one in holds.held().values():
            at = one.at.astimezone(site.timezone).isoformat(timespec="seconds")
            typer.echo(json.dumps({"incident_id": one.incident_id, "since": at, "why": one.why}, ensure_ascii=False))


def _say(config: Path, incident_id: str, *, held: bool, why: str | None) -> None:
    with _known(config, incident_id) as holds:
        is_news = holds.say(incident_id, held=held, why=why)
    state = "held" if held else "released"
    say(
        f"incident {incident_id}: its evidence is {state}"
        if is_news
        else f"note: incident {incident_id} was {state} already"
    )


@contextmanager
def _known(config: Path, incident_id: str) -> Iterator["Holds"]:
    with open_ledger(config) as (site, database):
        from cvinspect.store.queries import IncidentQueries

        shown = incident_id.encode("utf-8", "replace").decode()
        if IncidentQueries(database).dossier(shown) is None:
            raise ConfigError(f"incident {shown!r}: is not in {database.name}; `cvinspect incidents list` helps")
        yield _holds(site.evidence)


def _holds(folder: Path) -> "Holds":
    from cvinspect.daemon.holds import Holds

    return Holds(folder, now=lambda: datetime.now(UTC))
