"""The error tree, sorted by what the caller does next.

    CvinspectError
    ├── ConfigError      exit 2   file, key path, what was found, what is allowed
    ├── SourceError      exit 3   ├── SourceOpenError (do not retry)   └── SourceLostError (reconnect)
    ├── ModelError       exit 4   file missing, hash or class order differs from its card
    ├── DeliveryError    exit 5   ├── DeliveryDelayed (try again later)   └── DeliveryRejected (dead letter)
    ├── DatasetError     exit 6   which file, which line
    └── InstallationError exit 7  a system library is missing; which package brings it

Each message is one line that a person can act on: which file, which key or frame, what was found, what is
allowed. Third-party exceptions are translated in the one adapter that calls them (`raise ... from error`).
"""

INTERRUPTED = 130
"""Exit code after Ctrl-C, SIGTERM or SIGHUP: what was found so far is written."""


class CvinspectError(Exception):
    """Base of every error that this program raises on purpose."""

    exit_code = 1


class ConfigError(CvinspectError):
    """A configuration that cannot be used: file, key path, what was found, what is allowed."""

    exit_code = 2


class SourceError(CvinspectError):
    """A source of pictures that cannot be read."""

    exit_code = 3


class SourceOpenError(SourceError):
    """The source will not open; trying again does not help."""


class SourceLostError(SourceError):
    """The source was open and went away; reconnecting may help."""


class ModelError(CvinspectError):
    """A model file that is missing or differs from its card."""

    exit_code = 4


class DeliveryError(CvinspectError):
    """A record or a picture could not be written or sent."""

    exit_code = 5


class DeliveryDelayed(DeliveryError):
    """It cannot be written or sent now; nothing is lost, and the same thing may work later."""

    def __init__(self, message: str, *, retry_after_s: float | None = None, one_event: bool = False) -> None:
        """`retry_after_s`: what the receiver asked for; `one_event`: the receiver is there, but fails at this event."""
        super().__init__(message)
        self.retry_after_s = retry_after_s
        self.one_event = one_event


class DeliveryRejected(DeliveryError):
    """The receiver will not have it: sending the same thing again does not help, so it goes to the dead letters."""


class DatasetError(CvinspectError):
    """A data set that cannot be used: which file, which line; one line for each fault, the first twenty."""

    exit_code = 6


class InstallationError(CvinspectError):
    """The machine lacks something that this program needs: what, and which package brings it."""

    exit_code = 7
