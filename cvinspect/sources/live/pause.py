"""How long to leave a camera alone that cannot be read, and how to notice that it is back.

Pauses double from 0.5 s to 30 s while nobody answers at the camera's port, but the port is knocked at every two
seconds meanwhile, and a pause ends when it answers: a camera that has come back is read within a few seconds. Where the
camera answers and will not give a picture, only trying tells, so pauses stay short.
"""

import socket
import threading
from collections.abc import Callable
from contextlib import suppress

from cvinspect.sources.live.address import Address
from cvinspect.sources.live.states import Reason

_FIRST_S = 0.5
_LONGEST_S = 30.0
_LONGEST_ANSWERED_S = 5.0
"""With an attempt of a second or two that is under the 10 s in which a camera that is back must be read."""

_UNAUTHORISED_S = 8.0
"""From the first refusal on: cameras lock accounts after a handful of wrong passwords in a short time."""

_HELD_S = 10.0
"""A link that was up for so long was sound: what comes after it is a new failure. With a stall of 5 s and the pauses of
several failures on top a camera that fails now and then would not be read again within 10 s."""

_KNOCK_EVERY_S = 2.0
_KNOCK_S = 1.0

_ABSENT = frozenset({Reason.REFUSED, Reason.UNREACHABLE, Reason.SILENT, Reason.HUNG})


class BackOff:
    """Pauses after failures in a row, each differing by chance so that what failed together comes back spread."""

    def __init__(self, jitter: Callable[[], float]) -> None:
        """`jitter` gives numbers in [0, 1)."""
        self._jitter = jitter
        self._failures = 0

    def pause_s(self, reason: Reason, *, up_s: float) -> float:
        """Seconds to wait after a failure; the link was up for `up_s` before it.

        >>> back_off = BackOff(lambda: 1.0)
        >>> [back_off.pause_s(Reason.REFUSED, up_s=0.0) for _ in range(8)]
        [0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 30.0, 30.0]
        >>> back_off.pause_s(Reason.STALLED, up_s=31.0)
        0.5
        """
        self._failures = 1 if up_s >= _HELD_S else self._failures + 1
        top_s = min(_FIRST_S * 2.0 ** min(self._failures - 1, 60), _longest_s(reason))
        if reason is Reason.UNAUTHORISED:
            top_s = _UNAUTHORISED_S
        return top_s * (0.5 + 0.5 * self._jitter())


def _longest_s(reason: Reason) -> float:
    return _LONGEST_S if reason in _ABSENT else _LONGEST_ANSWERED_S


def wait(pause_s: float, reason: Reason, address: Address, *, stop: threading.Event) -> None:
    """Let the pause go by; it ends early when an absent camera answers again, or when told to stop."""
    while pause_s > 0 and not stop.wait(min(pause_s, _KNOCK_EVERY_S)):
        pause_s -= _KNOCK_EVERY_S
        if pause_s > 0 and reason in _ABSENT and not address.is_file and answers(address):
            return


def answers(address: Address) -> bool:
    """Whether the camera takes a connection, and, where it speaks plain RTSP, says something; within two seconds."""
    with (
        suppress(OSError, UnicodeError),
        socket.create_connection((address.host, address.port), timeout=_KNOCK_S) as connection,
    ):
        if address.scheme != "rtsp":
            return True
        connection.settimeout(_KNOCK_S)
        connection.sendall(f"OPTIONS rtsp://{address.place}/ RTSP/1.0\r\nCSeq: 1\r\n\r\n".encode())
        return bool(connection.recv(1))
    return False


def absence(address: Address) -> Reason | None:
    """Why no connection can be made to the camera's port; None where one can."""
    try:
        socket.create_connection((address.host, address.port), timeout=_KNOCK_S).close()
    except ConnectionRefusedError:
        return Reason.REFUSED
    except (OSError, UnicodeError):  # Python's word for a host name that cannot be one
        return Reason.UNREACHABLE
    return None
