"""`cvinspect incidents`: what the ledger holds, what sinks would not have, and which pictures may go."""

import json
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from cvinspect.errors import ConfigError, DeliveryError
from cvinspect.words import say

if TYPE_CHECKING:
    from cvinspect.config.site import Site
    from cvinspect.records.incident import IncidentRecord
    from cvinspect.store.database import Database
    from cvinspect.store.queries import IncidentFilter

_PAGE = 500
"""Incidents that are read at once."""
_ALL_LETTERS = 10**9
_SQLITE = "sqlite:///"

app = typer.Typer(
    name="incidents",
    help="What the ledger of `watch` holds: list, show, export, replay to a sink, prune, adopt.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)

ConfigArgument = Annotated[
    Path,
    typer.Argument(metavar="CONFIG", help="The site's configuration (YAML), which names the ledger.", readable=False),
]
StatusOption = Annotated[
    Literal["open", "cleared", "closed"] | None, typer.Option("--status", help="Only those that stand so.")
]
StageOption = Annotated[
    Literal["pre_alarm", "violation"] | None, typer.Option("--stage", help="Only those that have come so far.")
]
ClassOption = Annotated[str | None, typer.Option("--class", help="Only those of this class, such as street_vendor.")]
CameraOption = Annotated[str | None, typer.Option("--camera", help="Only those of the camera of this id.")]
SinceOption = Annotated[
    str | None, typer.Option("--since", help="First seen then or later (ISO 8601; the site's time without an offset).")
]
UntilOption = Annotated[str | None, typer.Option("--until", help="First seen before that (ISO 8601).")]
JsonOption = Annotated[bool, typer.Option("--json", help="One JSON object a line, also on a terminal.")]


@app.callback()
def common() -> None:
    """What the ledger of `watch` holds: list, show, export, replay to a sink, prune pictures."""


@app.command("list")
def list_incidents(
    config: ConfigArgument,
    status: StatusOption = None,
    stage: StageOption = None,
    class_id: ClassOption = None,
    camera: CameraOption = None,
    since: SinceOption = None,
    until: UntilOption = None,
    limit: Annotated[int, typer.Option(help="How many at most, the newest first.", min=1, max=1_000_000)] = 100,
    as_json: JsonOption = False,
) -> None:
    """List incidents, the one that was first seen last first: a table on a terminal, else JSON lines."""
    with open_ledger(config) as (site, database):
        wanted = _wanted(site, status, stage, class_id, camera, since, until)
        total = _total(database, wanted)
        records = list(islice(_records(database, wanted), limit))
    if as_json or not sys.stdout.isatty():
        for record in records:
            typer.echo(record.to_json())
    else:
        from cvinspect.cli.terminal import table_console
        from cvinspect.daemon.listing import incident_table

        table_console().print(incident_table(records))
    if total > limit:
        say(f"note: {len(records)} of {total} incidents are shown; more with --limit {total}")


@app.command()
def show(
    config: ConfigArgument,
    incident_id: Annotated[str, typer.Argument(metavar="ID", help="The incident's id.")],
) -> None:
    """Print one incident as JSON: its latest record, its history, and what platforms said of it."""
    with open_ledger(config) as (site, database):
        from cvinspect.daemon.listing import dossier_json
        from cvinspect.store.queries import IncidentQueries
        from cvinspect.store.site_store import SiteStore

        incident_id = _as_text(incident_id)
        dossier = IncidentQueries(database).dossier(incident_id)
        if dossier is None:
            raise ConfigError(f"incident {incident_id!r}: is not in {database.name}; `cvinspect incidents list` helps")
        notes = SiteStore(database, now=_now).notes(incident_id)
    typer.echo(dossier_json(dossier, notes, site.timezone))


@app.command()
def export(
    config: ConfigArgument,
    form: Annotated[
        Literal["jsonl", "csv", "geojson"], typer.Option("--format", "-f", help="Lines, a table or a map.")
    ] = "jsonl",
    out: Annotated[
        Path | None,
        typer.Option("--out", "-o", help="File to write, replaced if there; default: stdout.", readable=False),
    ] = None,
    status: StatusOption = None,
    stage: StageOption = "violation",
    class_id: ClassOption = None,
    camera: CameraOption = None,
    since: SinceOption = None,
    until: UntilOption = None,
) -> None:
    """Export each incident's latest record, in order of first sight; the table has columns for reviewers' verdicts."""
    with open_ledger(config) as (site, database):
        from cvinspect.daemon.listing import exported
        from cvinspect.records.files import write_whole

        if out is not None and out.exists() and not out.is_file():
            raise ConfigError(f"--out: {out} is no ordinary file; leave --out away for stdout")
        records = list(_records(database, _wanted(site, status, stage, class_id, camera, since, until)))
    text = exported(records[::-1], form)
    if out is None:
        typer.echo(text, nl=False)
        return
    write_whole(out, text, encoding="utf-8-sig" if form == "csv" else "utf-8")
    say(f"{out}: {len(records)} incidents")


@app.command()
def dead(
    config: ConfigArgument,
    sink: Annotated[str | None, typer.Option("--sink", help="Only those of this sink.")] = None,
    as_json: JsonOption = False,
) -> None:
    """List dead letters, what sinks would not have and why: a table on a terminal, else JSON lines."""
    with open_ledger(config) as (site, database):
        from cvinspect.cli.terminal import table_console
        from cvinspect.daemon.listing import letter_json, letter_table
        from cvinspect.store.outbox import SqlOutbox

        letters = SqlOutbox(database, now=_now).dead_letters(sink and _as_text(sink), limit=_ALL_LETTERS)
    if as_json or not sys.stdout.isatty():
        for letter in letters:
            typer.echo(letter_json(letter, site.timezone))
    else:
        table_console().print(letter_table(letters, site.timezone))


@app.command()
def replay(
    config: ConfigArgument,
    sink: Annotated[str, typer.Argument(metavar="SINK", help="The sink's name.")],
    sequence: Annotated[
        list[int] | None,
        typer.Option("--sequence", help="Number of one dead letter, as `dead` shows it; can be given many times."),
    ] = None,
) -> None:
    """Line up a sink's dead letters again, all or some; print how many. Those that were superseded stay."""
    with open_ledger(config, reads_only=False) as (_, database):
        from cvinspect.store.outbox import SqlOutbox

        outbox, sink = SqlOutbox(database, now=_now), _as_text(sink)
        known = {letter.sequence for letter in outbox.dead_letters(sink, limit=_ALL_LETTERS)}
        lined_up = outbox.replay(sink, sequence)
    strange = sorted({*(sequence or ())} - known)
    if strange:
        say(f"note: {sink} has no dead letter {', '.join(map(str, strange))}")
    typer.echo(lined_up)
    say(f"{lined_up} of {len(known)} dead letters are lined up again; a running `cvinspect watch` sends them")


@app.command()
def prune(
    config: ConfigArgument,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would go; remove nothing.")] = False,
) -> None:
    """Remove pictures of ended incidents by age and budget; print one JSON line a file. Records stay."""
    with open_ledger(config) as (site, database):
        from cvinspect.daemon.retention import retention_of
        from cvinspect.store.evidence_index import EvidenceIndex

        retention = retention_of(site, EvidenceIndex(database), now=_now)
        plan = retention.plan()
        gone = plan.files if dry_run else retention.carry_out(plan)
    for one in gone:
        ended = one.ended_at and one.ended_at.astimezone(site.timezone).isoformat(timespec="seconds")
        typer.echo(json.dumps({"uri": one.uri, "bytes": one.size_bytes, "reason": one.reason.value, "ended_at": ended}))
    gone_bytes = sum(one.size_bytes for one in gone)
    say(
        f"{site.evidence}: {len(gone)} files, {gone_bytes / 1e6:.1f} MB, {'would go' if dry_run else 'are gone'}; "
        f"{plan.kept_bytes / 1e6:.1f} MB stay"
    )
    if plan.doubt is not None:
        say(f"note: no picture goes by its age: {plan.doubt}; set the clock right")
    if plan.over_budget_bytes:
        over = f"{plan.over_budget_bytes / 1e6:.1f} MB over disk_budget_gb"
        say(f"note: {over}: all of it of incidents that stand or are held")
    if len(gone) < len(plan.files):
        raise DeliveryError(f"{site.evidence}: {len(plan.files) - len(gone)} files cannot be removed")


@contextmanager
def open_ledger(config: Path, *, reads_only: bool = True) -> Iterator[tuple["Site", "Database"]]:
    """The site and its database, open; raises ConfigError where there is none yet.

    Whoever only reads needs no right to write, and waits for nobody who does.
    """
    from cvinspect.config.daemon import require_daemon_extra
    from cvinspect.config.site import load_site

    site = load_site(config)
    require_daemon_extra()
    from cvinspect.store.database import Database

    file = site.database.removeprefix(_SQLITE)
    if file != site.database and not Path(file).is_file():
        raise site.fault("watch", "database", says=f"{file} is not there yet; `cvinspect watch` makes it")
    with closing(Database(site.database, reads_only=reads_only)) as database:
        yield site, database


def _wanted(
    site: "Site",
    status: str | None,
    stage: str | None,
    class_id: str | None,
    camera: str | None,
    since: str | None,
    until: str | None,
) -> "IncidentFilter":
    from cvinspect.domain import Stage, Status
    from cvinspect.store.queries import IncidentFilter

    cameras = [one.id for one in site.config.cameras]
    for option, word, known in (("--class", class_id, list(site.book.violations)), ("--camera", camera, cameras)):
        if word is not None and word not in known:
            say(f"note: {option}: {word!r} is none of this configuration's: {', '.join(known) or 'it has none'}")
    return IncidentFilter(
        status=None if status is None else Status(status),
        stage=None if stage is None else Stage(stage),
        class_id=class_id and _as_text(class_id),
        camera_id=camera and _as_text(camera),
        since=_moment("--since", since, site),
        until=_moment("--until", until, site),
    )


def _moment(option: str, text: str | None, site: "Site") -> datetime | None:
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
        return (moment if moment.tzinfo is not None else moment.replace(tzinfo=site.timezone)).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise ConfigError(f"{option}: {text!r} is no time; allowed: ISO 8601, like 2026-11-21T08:30") from error


def _total(database: "Database", wanted: "IncidentFilter") -> int:
    from cvinspect.store.queries import IncidentQueries

    return IncidentQueries(database).page(wanted, limit=1).total


def _records(database: "Database", wanted: "IncidentFilter") -> Iterator["IncidentRecord"]:
    """All that are wanted, page by page, the one that was first seen last first."""
    from cvinspect.store.queries import IncidentQueries

    queries = IncidentQueries(database)
    page = queries.page(wanted, limit=_PAGE)
    yield from page.records
    while page.after is not None:
        page = queries.page(wanted, limit=_PAGE, after=page.after)
        yield from page.records


def _as_text(word: str) -> str:
    """A word of the command line may be bytes that are no text; no database takes those."""
    return word.encode("utf-8", "replace").decode()


def _now() -> datetime:
    return datetime.now(UTC)
