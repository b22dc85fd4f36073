"""Daemons behind the HTTP interface, and clients that ask them."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.api.api_makers import Daemon, a_daemon, client_of, serving
from tests.incident_makers import CAMERA
from tests.store.databases import KINDS, new_address
from tests.store.ledger_makers import entry


@pytest.fixture(params=KINDS)
def daemon(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Daemon]:
    address = new_address(request.param, tmp_path)
    with a_daemon(tmp_path, address=address, lock_timeout_s=1.0) as started:
        yield started


@pytest.fixture
def client(daemon: Daemon) -> Iterator[httpx.Client]:
    with serving(daemon.app()) as server, client_of(server) as client:
        yield client


@pytest.fixture(scope="module")
def quiet(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Daemon]:
    """One incident of which nothing is said."""
    with a_daemon(tmp_path_factory.mktemp("quiet")) as started:
        started.ledger.record(CAMERA.id, [entry("inc-1")])
        yield started


@pytest.fixture(scope="module")
def asker(quiet: Daemon) -> Iterator[httpx.Client]:
    """For what changes nothing."""
    with serving(quiet.app()) as server, client_of(server) as client:
        yield client
