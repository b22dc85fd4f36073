"""Bringing a database's tables up to date, in one transaction: a program that is killed meanwhile changes nothing."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect

from cvinspect.errors import DeliveryError

_SCRIPTS = Path(__file__).with_name("migrations")


class NotCurrentError(DeliveryError):
    """The tables are older than this program, or not made yet; `upgrade` brings them up to date."""


def upgrade(connection: Connection, name: str, *, to: str = "head") -> None:
    """Bring the database of this transaction to the version `to`, the newest unless told otherwise.

    Raises DeliveryError for a database of a newer program or of another one; `name` is what to call it.
    """
    scripts = ScriptDirectory(str(_SCRIPTS))
    if _version(connection, name, scripts) == scripts.get_current_head():
        return
    config = Config()
    config.set_main_option("script_location", str(_SCRIPTS).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, to)


def prove_current(connection: Connection, name: str) -> None:
    """Raise DeliveryError unless the tables are those of this program, NotCurrentError where it can make them so.

    Nothing is changed.
    """
    scripts = ScriptDirectory(str(_SCRIPTS))
    present, needed = _version(connection, name, scripts), scripts.get_current_head()
    if present != needed:
        found = "holds no ledger yet" if present is None else f"is of version {present}, made by an older cvinspect"
        raise NotCurrentError(
            f"{name}: {found}; this one reads version {needed}: `cvinspect watch` brings it up to date"
        )


def _version(connection: Connection, name: str, scripts: ScriptDirectory) -> str | None:
    """None for an empty database; raises DeliveryError for one of a newer program or of another one."""
    known = [script.revision for script in scripts.walk_revisions()]
    present = MigrationContext.configure(connection).get_current_revision()
    if present is not None and present not in known:
        raise DeliveryError(
            f"{name}: is of version {present}, made by a newer cvinspect; this one knows versions up to {known[0]}: "
            "install the newer program"
        )
    if present is None and inspect(connection).get_table_names():
        raise DeliveryError(f"{name}: is a database of another program; name another one")
    return present
