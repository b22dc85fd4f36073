"""What holds for all tests: where doctests are, no deadlines, signals, and at the end what was skipped and why.

Doctests are looked for neither where only Alembic can load, nor in the room of torch without the extra.
"""

import ctypes
import re
import signal
from collections import Counter
from collections.abc import Iterator
from importlib.util import find_spec

import pytest
from hypothesis import HealthCheck, settings

from cvinspect.assembly import eyes, masking

# A busy machine is no fault of the code. What --hypothesis-profile names is loaded after this one.
settings.register_profile("unhurried", settings(), deadline=None)
settings.register_profile(
    "ci",
    settings(),
    deadline=None,
    derandomize=True,
    database=None,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("unhurried")

collect_ignore_glob = ["cvinspect/store/migrations/*"]
if not (find_spec("torch") and find_spec("ultralytics")):
    collect_ignore_glob.append("cvinspect/train/*")


def pytest_configure() -> None:
    """Signals do what they usually do, also for a test run in the background, to which the shell gave them ignored."""
    for number in (signal.SIGINT, signal.SIGHUP):
        if signal.getsignal(number) is signal.SIG_IGN:
            signal.signal(number, signal.default_int_handler if number == signal.SIGINT else signal.SIG_DFL)


@pytest.hookimpl(trylast=True)  # below the slowest tests
def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """One line for each reason why tests were skipped, with what would run them."""
    skipped = terminalreporter.stats.get("skipped", [])
    reasons = Counter(str(report.longrepr[2]).removeprefix("Skipped: ") for report in skipped)
    if reasons:
        terminalreporter.section("skipped tests, and what would run them")
    for reason, tests in sorted(reasons.items(), key=lambda one: (-one[1], one[0])):
        terminalreporter.line(f"{tests:4}  {reason}: {_what_runs(reason)}")


def _what_runs(reason: str) -> str:
    """What would run the tests that were skipped for this reason."""
    if packages := re.search(r"\(Debian: ([^)]+)\)", reason):
        return f"sh tools/system-packages {packages[1]}"
    if extra := re.search(r"the extra `(\w+)` is not installed", reason):
        return f".venv/bin/pip install -e '.[{extra[1]}]'"
    if re.search(r"(is|are) not here|^no base weights at ", reason):
        return "put that there"
    return "another machine, or another user"


_SHIPPED = eyes.CAREFUL_MODEL

eyes.CAREFUL_MODEL = "models/none.yaml"
"""The careful network costs ten times a quick look: it looks only in tests that are about it."""


_MASKING = masking.NETWORKS

masking.NETWORKS = ()
"""A picture is searched for faces and plates for a quarter of a second: only in tests that are about it."""


@pytest.fixture(autouse=True)
def _masking_networks(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """The shipped ones, for a test that is marked `masking`."""
    if request.node.get_closest_marker("masking") is not None:
        monkeypatch.setattr(masking, "NETWORKS", _MASKING)


@pytest.fixture(autouse=True)
def _careful_network(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """The shipped one, for a test that is marked `careful`."""
    if request.node.get_closest_marker("careful") is not None:
        monkeypatch.setattr(eyes, "CAREFUL_MODEL", _SHIPPED)


class _Stack(ctypes.Structure):
    """`stack_t` of sigaltstack(2)."""

    _fields_ = (("start", ctypes.c_void_p), ("flags", ctypes.c_int), ("size", ctypes.c_size_t))


@pytest.fixture(autouse=True)
def _signal_stack() -> Iterator[None]:
    """Each test leaves the signals' stack as it was.

    OpenVINO lays a stack of its own under signal handlers (AMX needs a larger one) and, of several networks, leaves
    one that is freed: the next signal that a test raises would end the process.
    """
    libc, before = ctypes.CDLL(None), _Stack()
    libc.sigaltstack(None, ctypes.byref(before))
    yield
    libc.sigaltstack(ctypes.byref(before), None)
