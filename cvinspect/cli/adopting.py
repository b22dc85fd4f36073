"""`cvinspect incidents adopt`: a ledger that was restored from a backup goes on as another one."""

from datetime import UTC, datetime

import typer

from cvinspect.cli.incidents import ConfigArgument, open_ledger
from cvinspect.words import say


def adopt(config: ConfigArgument) -> None:
    """Send again from a ledger that was restored from a backup: its events carry a new number; print that."""
    with open_ledger(config, reads_only=False) as (site, database):
        from cvinspect.config.daemon import JsonlSink
        from cvinspect.daemon.restored import adopt as adopted
        from cvinspect.daemon.restored import reached_file_of
        from cvinspect.dispatch.jsonl import JsonLines
        from cvinspect.store.outbox import SqlOutbox

        files = [one for one in site.config.sinks if isinstance(one, JsonlSink)]
        sinks = [JsonLines(one.name, site.resolved(one.path)) for one in files]
        found = adopted(database, reached_file_of(site.evidence), sinks, now=_now)
        waiting = {state.name: state.pending for state in SqlOutbox(database, now=_now).states()}
    typer.echo(found.number)
    say(f"{database.name}: what is recorded after event {found.after_sequence} is sent with ?ledger={found.number}")
    for name, pending in waiting.items():
        say(f"sink {name}: {pending} events wait; what was recorded before the backup may come a second time")
    say("note: incidents that were opened after the backup was made stay open at their receivers: close them there")


def _now() -> datetime:
    return datetime.now(UTC)
