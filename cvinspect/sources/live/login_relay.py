"""Stands between FFmpeg and a camera that wants a login, and makes it: FFmpeg cannot make each, and would hand the
password to whatever host the camera sends it to.

It listens on the loopback, for FFmpeg alone: who does not name its token is shut out. Video passes as it comes.
"""

import re
import secrets
import select
import socket
import ssl
import threading
from contextlib import suppress

from cvinspect.sources.live.address import Address
from cvinspect.sources.live.challenge import Challenge, best, challenges
from cvinspect.sources.live.faults import TIME_OUT_S, sent_elsewhere
from cvinspect.sources.live.messages import HEAD_END, Line, Message
from cvinspect.sources.live.states import LinkLostError, Reason

_MOST_MOVES = 5
_FRAME = b"$"
"""Begins RTP and RTCP within RTSP (RFC 2326, 10.12)."""


def dial(address: Address) -> socket.socket:
    """A connection to the camera, encrypted where its address says so; raises OSError. Certificates are not checked."""
    connection = socket.create_connection((address.host, address.port), timeout=TIME_OUT_S)
    if address.scheme not in {"rtsps", "https"}:
        return connection
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context.wrap_socket(connection, server_hostname=address.host)


def asked_login(address: Address) -> list[Challenge]:
    """What logins the camera takes, asked without one; nothing where it wants none or does not say."""
    try:
        with dial(address) as connection:
            connection.sendall(_question(address).encode())
            answer = Line(connection).message(with_body=False)
    except (OSError, EOFError, ValueError):
        return []
    return challenges(answer.head) if answer.is_refusal else []


def _question(address: Address) -> str:
    if address.is_rtsp:
        return f"DESCRIBE {address.target} RTSP/1.0\r\nCSeq: 1\r\nAccept: application/sdp\r\n\r\n"
    path = "/" + address.target.partition("://")[2].partition("/")[2]
    return f"GET {path} HTTP/1.0\r\nHost: {address.place}\r\n\r\n"


class LoginRelay:
    """One camera's; closed when its stream is."""

    def __init__(self, address: Address) -> None:
        self._address = address
        self._token = secrets.token_urlsafe(16)
        self._listening = socket.create_server(("127.0.0.1", 0))
        self._here = f"127.0.0.1:{self._listening.getsockname()[1]}"
        self._is_closed = False
        self._moves = 0
        self.lost: LinkLostError | None = None
        """Why the camera's answer was kept from FFmpeg."""
        threading.Thread(target=self._accept, name="login relay", daemon=True).start()

    @property
    def address(self) -> Address:
        """Where the camera is to be had without a login; RTP over UDP passes by."""
        scheme = "rtsp" if self._address.is_rtsp else "http"
        path = self._address.url.partition("://")[2].partition("/")[2]
        return Address(f"{scheme}://{self._here}/{self._token}/{path}", self._address.transport)

    def close(self) -> None:
        """Take nobody any more; who is connected goes on until FFmpeg hangs up."""
        self._is_closed = True
        with suppress(OSError):
            self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()

    def _accept(self) -> None:
        while not self._is_closed:
            try:
                connection, _ = self._listening.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(connection,), name="login relay", daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with connection, suppress(OSError, EOFError, ValueError):
            client = Line(connection)
            first = client.message()
            if self._token not in first.head.partition("\r\n")[0]:
                return
            talk = _Talk(self, client)
            try:
                talk.go_on(first)
            finally:
                talk.camera.socket.close()

    def dial(self) -> Line:
        """A new connection to the camera; raises OSError."""
        return Line(dial(self._address))

    def moved(self, answer: Message, location: str) -> Message:
        """What FFmpeg is told instead: that what it wants is still here. Raises EOFError where it is elsewhere."""
        following = self._address.elsewhere(location)
        self._moves += 1
        if following is None:
            self.lost = sent_elsewhere(self._address, location)
            raise EOFError
        if self._moves > _MOST_MOVES:
            self.lost = LinkLostError(Reason.FAULTY, f"{self._address.place}: sends us on again and again")
            raise EOFError
        self._address = following
        number = re.search(r"(?im)^CSeq:.*$", answer.head)
        line = number[0].strip() if number else "CSeq: 0"
        return Message(f"RTSP/1.0 302 Moved\r\n{line}\r\nLocation: {self.address.url}")

    def rewritten(self, request: Message) -> Message:
        """As the camera wants it addressed."""
        there = self._address.url.partition("://")[0] + "://" + self._address.place
        head = request.head.replace(f"rtsp://{self._here}/{self._token}", there)
        head = head.replace(f"/{self._token}/", "/", 1).replace(f"Host: {self._here}", f"Host: {self._address.place}")
        return Message(head, request.body)

    def authorised(self, request: Message, challenge: Challenge) -> Message:
        """With a login."""
        method, uri = request.head.partition("\r\n")[0].split(" ", 2)[:2]
        answer = challenge.answer(method, uri, user=self._address.user or "", password=self._address.password or "")
        return Message(f"{request.head}\r\nAuthorization: {answer}", request.body)


class _Talk:
    """One connection: request for request until video comes, then both ways as it comes."""

    def __init__(self, relay: LoginRelay, client: Line) -> None:
        """Raises OSError."""
        self._relay = relay
        self._client = client
        self.camera = relay.dial()
        self._challenge: Challenge | None = None
        self._was_let_in = False

    def go_on(self, first: Message) -> None:
        """Until one side hangs up, which is told by OSError or EOFError."""
        request = first
        while True:
            answer = self._answered(self._relay.rewritten(request))
            if answer.head.startswith("RTSP") and (location := answer.moved_to) is not None:
                answer = self._relay.moved(answer, location)
            elif request.head.startswith("SETUP "):
                answer = self._with_source(answer)
            self._client.socket.sendall(answer.encoded())
            is_rtsp = answer.head.startswith("RTSP")
            if not is_rtsp or (request.head.startswith("PLAY ") and " 200 " in answer.head.partition("\r\n")[0]):
                self._pass_on()
            request = self._client.message()

    def _with_source(self, answer: Message) -> Message:
        """RTP over UDP comes from the camera, and goes to it: not to the relay, nor to whom the answer names."""
        host = self.camera.socket.getpeername()[0]
        line = re.compile(r"(?im)^(Transport:[ \t]*[^\r\n]*)$")
        found = line.search(answer.head.replace("\r\n", "\n"))
        if found is None or "server_port" not in found[1]:
            return answer
        plain = re.sub(r"(?i);source=[^;\r\n]*", "", found[1])
        return Message(answer.head.replace(found[1], f"{plain};source={host}", 1), answer.body)

    def _answered(self, request: Message) -> Message:
        """The camera's answer, with a login where it asks for one; a second refusal is handed on."""
        answer = self._asked(request)
        if answer.is_refusal and (self._challenge is None or self._was_let_in):
            self._challenge = best(challenges(answer.head))
            if not answer.head.startswith("RTSP"):
                self.camera.socket.close()
                self.camera = self._relay.dial()
            answer = self._asked(request)
        self._was_let_in = self._challenge is not None and not answer.is_refusal
        return answer.without_challenges() if answer.is_refusal else answer

    def _asked(self, request: Message) -> Message:
        self._send(request)
        return self.camera.message(with_body=" RTSP/1.0" in request.head)

    def _send(self, request: Message) -> None:
        known = self._challenge
        self.camera.socket.sendall((self._relay.authorised(request, known) if known else request).encoded())

    def _pass_on(self) -> None:
        client, camera = self._client, self.camera
        client.socket.settimeout(None)
        camera.socket.settimeout(None)
        while True:
            ready = [camera.socket] if camera.has_more else select.select([client.socket, camera.socket], [], [])[0]
            if camera.socket in ready:
                client.socket.sendall(camera.more())
            if client.socket in ready:
                client.held += client.socket.recv(4096) or self._hung_up()
                self._pass_requests()

    def _pass_requests(self) -> None:
        """What FFmpeg says while video comes: reports, and now and then that it is still there."""
        client = self._client
        while client.held:
            if client.held.startswith(_FRAME):
                frame = client.frame()
                if frame is None:
                    return
                self.camera.socket.sendall(frame)
            elif HEAD_END in client.held:
                self._send(self._relay.rewritten(client.message()))
            else:
                return

    @staticmethod
    def _hung_up() -> bytes:
        raise EOFError
