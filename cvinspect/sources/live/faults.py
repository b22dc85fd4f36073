"""FFmpeg's errors in our words. Its own hold the URL, and with it the password: nothing of them is passed on."""

from urllib.parse import urlsplit

import av

from cvinspect.sources.live.address import Address, shown_place
from cvinspect.sources.live.pause import absence
from cvinspect.sources.live.states import LinkLostError, Reason

TIME_OUT_S = 5.0
"""For opening, and for each packet."""

_HTTP_TIME_OUT_S = 7.5
"""The same over HTTP, where cameras send a JPEG every five seconds, and no reports in between."""

TIMED_OUT_SHARE = 0.9
"""What took so much of the time-out ran into it, whatever it then says it died of."""

_ANSWERED: tuple[tuple[type[av.FFmpegError], Reason, str], ...] = (
    (av.HTTPUnauthorizedError, Reason.UNAUTHORISED, "refuses user or password"),
    (av.HTTPForbiddenError, Reason.UNAUTHORISED, "forbids this user its stream"),
    (av.HTTPNotFoundError, Reason.NOT_FOUND, "has no such stream"),
    (av.HTTPClientError, Reason.NOT_FOUND, "does not take the request"),
    (av.HTTPServerError, Reason.FAULTY, "reports a fault of its own"),
    (av.ConnectionRefusedError, Reason.REFUSED, "refuses the connection"),
    (av.ConnectionResetError, Reason.ENDED, "tore the connection"),
)

_SHOWN = 100
"""Letters of what a camera answers."""

_SAYS = {
    Reason.REFUSED: "refuses the connection",
    Reason.UNREACHABLE: "cannot be reached: no such name, no way to it, or nobody answers there",
}


def usual_time_out_s(address: Address) -> float:
    """For a camera of which nothing is known yet."""
    return _HTTP_TIME_OUT_S if address.scheme.startswith("http") else TIME_OUT_S


def not_opened(address: Address, error: Exception, *, took_s: float, time_out_s: float = TIME_OUT_S) -> LinkLostError:
    """Why a stream did not open that was tried for `took_s` seconds."""
    known = _answered(address, error)
    if known is not None:
        return known
    absent = not_there(address)
    if absent is not None:
        return absent
    if took_s >= TIMED_OUT_SHARE * time_out_s or isinstance(error, av.TimeoutError | av.ExitError):
        return LinkLostError(Reason.SILENT, f"{address.place}: takes the connection and says nothing")
    return LinkLostError(Reason.GARBAGE, f"{address.place}: sends no video that can be read ({_kind(error)})")


def not_there(address: Address) -> LinkLostError | None:
    """Why no connection can be made to the camera's port; None where one can."""
    absent = absence(address)
    return None if absent is None else LinkLostError(absent, f"{address.place}: {_SAYS[absent]}")


def broken_off(address: Address, error: Exception, *, waited_s: float, time_out_s: float = TIME_OUT_S) -> LinkLostError:
    """Why a stream broke off, `waited_s` seconds after its last packet."""
    if waited_s >= TIMED_OUT_SHARE * time_out_s or isinstance(error, av.TimeoutError | av.ExitError):
        return stalled(address, time_out_s=time_out_s)
    known = _answered(address, error)
    if known is not None:
        return known
    if isinstance(error, OSError):
        return ended(address)
    return LinkLostError(
        Reason.GARBAGE, f"{address.place}: the connection is torn, or what comes is no video ({_kind(error)})"
    )


def stalled(address: Address, *, time_out_s: float = TIME_OUT_S) -> LinkLostError:
    """Nothing came for too long."""
    return LinkLostError(Reason.STALLED, f"{address.place}: sent nothing for {time_out_s:g} s")


def sent_elsewhere(address: Address, url: str) -> LinkLostError:
    """The camera's answer names a host that it may not send us to; nobody is asked there."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        host = port = None
    named = "an address that is none" if not host else host if port is None else shown_place(host, port)
    shown = "".join(letter if letter.isprintable() else "?" for letter in named)[:_SHOWN]
    advice = f'; name it in hosts of the camera if that is right: hosts: ["{shown}"]' if host else ""
    return LinkLostError(Reason.ELSEWHERE, f"{address.place}: sends us elsewhere: {shown}{advice}")


def ended(address: Address) -> LinkLostError:
    """A live stream has no end."""
    return LinkLostError(Reason.ENDED, f"{address.place}: ended its stream")


def _answered(address: Address, error: Exception) -> LinkLostError | None:
    for kind, reason, says in _ANSWERED:
        if isinstance(error, kind):
            return LinkLostError(reason, f"{address.place}: {says}")
    return None


def _kind(error: Exception) -> str:
    return type(error).__name__
