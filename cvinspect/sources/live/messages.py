"""RTSP and HTTP, message by message: what FFmpeg asks and what cameras answer."""

import re
import socket
import ssl
from dataclasses import dataclass

HEAD_END = b"\r\n\r\n"
MOST_BYTES = 65_536
"""Of a request or an answer's head."""


@dataclass(frozen=True, slots=True)
class Message:
    """A request, or an answer."""

    head: str
    body: bytes = b""

    @property
    def is_refusal(self) -> bool:
        """Whether it asks for a login."""
        return " 401 " in self.head.partition("\r\n")[0] + " "

    @property
    def moved_to(self) -> str | None:
        """Where it sends us, if it does."""
        found = re.search(r"(?im)^Location:[ \t]*(.*?)[ \t]*$", self.head.replace("\r", ""))
        is_moved = re.match(r"\S+ 3\d\d\b", self.head) is not None
        return found[1] if found and is_moved else "" if is_moved else None

    def without_challenges(self) -> "Message":
        """A refusal that FFmpeg does not try to answer: each wrong login counts towards a lock."""
        return Message(re.sub(r"(?im)^WWW-Authenticate:.*\r?\n?", "", self.head + "\r\n").rstrip("\r\n"), self.body)

    def encoded(self) -> bytes:
        """As it goes out."""
        return self.head.encode("latin-1") + HEAD_END + self.body


class Line:
    """One side's socket, read message by message. Raises OSError, EOFError or ValueError where it does not speak so."""

    def __init__(self, connection: socket.socket) -> None:
        self.socket = connection
        self.held = b""
        """Read, and not handed out yet."""

    def message(self, *, with_body: bool = True) -> Message:
        """The next one, with as much of a body as it states."""
        while HEAD_END not in self.held:
            self._read()
        head, _, self.held = self.held.partition(HEAD_END)
        text = head.decode("latin-1")
        stated = re.search(r"(?im)^Content-Length:\s*(\d+)", text)
        size = int(stated[1]) if stated and with_body else 0
        while len(self.held) < size:
            self._read()
        body, self.held = self.held[:size], self.held[size:]
        return Message(text, body)

    def frame(self) -> bytes | None:
        """The next interleaved frame, where one comes next and is whole."""
        if len(self.held) < 4 or len(self.held) < (size := 4 + int.from_bytes(self.held[2:4])):
            return None
        frame, self.held = self.held[:size], self.held[size:]
        return frame

    @property
    def has_more(self) -> bool:
        """Whether something was read already, by us or by TLS."""
        is_pending = isinstance(self.socket, ssl.SSLSocket) and self.socket.pending() > 0
        return bool(self.held) or is_pending

    def more(self) -> bytes:
        """What comes next, whatever it is."""
        if self.held:
            held, self.held = self.held, b""
            return held
        part = self.socket.recv(MOST_BYTES)
        if not part:
            raise EOFError
        return part

    def _read(self) -> None:
        if len(self.held) > MOST_BYTES:
            raise ValueError("no end of a message")
        part = self.socket.recv(4096)
        if not part:
            raise EOFError
        self.held += part
