"""What `cvinspect check` tries of a site that is to be watched, beside its cameras and sinks."""

import os
from collections.abc import Iterator, Mapping
from pathlib import Path

from cvinspect.config.daemon import check_token
from cvinspect.config.site import Site
from cvinspect.daemon.disk_watch import unwritable, unwritable_evidence
from cvinspect.errors import ConfigError, CvinspectError, DeliveryError
from cvinspect.store.claim import lock_beside, real_ledger
from cvinspect.store.database import Database
from cvinspect.store.migration import NotCurrentError

_SQLITE = "sqlite:///"
_BESIDE = ("-wal", "-shm")
"""What SQLite keeps beside a ledger that was not closed."""


def check_site(site: Site, environ: Mapping[str, str]) -> list[CvinspectError]:
    """What would keep the daemon from starting, or from keeping its pictures; changes nothing."""
    return list(_faults(site, environ))


def _faults(site: Site, environ: Mapping[str, str]) -> Iterator[CvinspectError]:
    try:
        api_token(site, environ)
    except ConfigError as error:
        yield error
    if (fault := unwritable_evidence(site.evidence)) is not None:
        yield DeliveryError(fault)
    if (refusal := _database_fault(site)) is not None:
        yield refusal


def api_token(site: Site, environ: Mapping[str, str]) -> str | None:
    """What the API asks for, out of the environment; None where it asks for nothing. Raises ConfigError."""
    variable = None if site.config.watch.api is None else site.config.watch.api.token_env
    if variable is None:
        return None
    token = site.secret(variable, environ, "watch", "api", "token_env")
    check_token(token)
    return token


def _database_fault(site: Site) -> CvinspectError | None:
    """A ledger that is there is opened to be read; its files, and a new one's folder, must be open to writing."""
    address = site.database
    try:
        if address.startswith(_SQLITE):
            file = real_ledger(Path(address.removeprefix(_SQLITE)))
            beside = (file.with_name(f"{file.name}{end}") for end in _BESIDE)
            protected = map(_protected, (file, *beside, lock_beside(file)))
            fault = unwritable(file.parent) or next(filter(None, protected), None)
            if fault is not None or not file.exists():
                return None if fault is None else DeliveryError(fault)
        Database(address, reads_only=True).close()
    except NotCurrentError:  # the daemon sees to that
        return None
    except CvinspectError as error:
        return error
    except OSError as error:
        return DeliveryError(f"{error.filename or address}: {error.strerror or error}")
    return None


def _protected(file: Path) -> str | None:
    return f"{file}: may not be written to" if file.exists() and not os.access(file, os.W_OK) else None
