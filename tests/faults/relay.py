"""A TCP relay that does what bad networks do: between a camera and its reader, for tests.

with relaying(server.port) as relay:
    url = relay.url("/gate")
    relay.hold()      # both directions stand still, connections stay open
    relay.go_on()
"""

import asyncio
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

_CHUNK_BYTES = 65_536


def free_port() -> int:
    """A port of the loopback on which nobody listens at the moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Relay:
    """Listens on `port` for as long as this object runs, and passes everything on to another port of the loopback."""

    def __init__(self, target_port: int) -> None:
        self.port = free_port()
        self._target_port = target_port
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="relay", daemon=True)
        self._going = asyncio.Event()
        self._server: asyncio.Server | None = None
        self._streams: set[asyncio.StreamWriter] = set()
        self._downwards: set[asyncio.StreamWriter] = set()
        self._loses = False
        self._damage = 0

    def start(self) -> None:
        """Begin to listen."""
        self._thread.start()
        self._going.set()
        self.accept()

    def stop(self) -> None:
        """Cut everything and end."""
        self.refuse()
        self._do(self._end)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)
        self._loop.close()

    def hold(self) -> None:
        """Nothing passes, in either direction; connections stay open and new ones are accepted."""
        self._soon(self._going.clear)

    def go_on(self) -> None:
        """What was held passes, all at once."""
        self._soon(self._going.set)

    def cut(self) -> None:
        """Tear all connections (reset); new ones are welcome."""
        self._soon(self._abort)

    def refuse(self) -> None:
        """Tear all connections and refuse new ones."""

        async def close() -> None:
            if self._server is not None:
                self._server.close()
                self._server = None
            self._abort()

        self._do(close)

    def accept(self) -> None:
        """Listen again after `refuse`."""

        async def listen() -> None:
            if self._server is None:
                self._server = await asyncio.start_server(self._connected, "127.0.0.1", self.port)

        self._do(listen)

    def lose(self) -> None:
        """Half-open: what comes is read and thrown away; neither side is told."""
        self._soon(lambda: setattr(self, "_loses", True))

    def find(self) -> None:
        """Pass things on again; what was thrown away is lost, so streams have holes in their middle."""
        self._soon(lambda: setattr(self, "_loses", False))

    def inject(self, data: bytes) -> None:
        """Put bytes into what the camera sends, in the middle of wherever it is."""

        def write() -> None:
            for writer in self._downwards:
                writer.write(data)

        self._soon(write)

    def damage(self, chunks: int) -> None:
        """Turn over bits in the middle of the next so many chunks that the camera sends."""
        self._soon(lambda: setattr(self, "_damage", chunks))

    def url(self, path: str, scheme: str = "rtsp") -> str:
        """The address of something behind the relay."""
        return f"{scheme}://127.0.0.1:{self.port}{path}"

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            upstream, upwards = await asyncio.open_connection("127.0.0.1", self._target_port)
        except OSError:
            writer.transport.abort()
            return
        self._streams |= {writer, upwards}
        self._downwards.add(writer)
        try:
            with suppress(asyncio.CancelledError):  # which asyncio's own callback would complain of
                await asyncio.gather(self._pass(reader, upwards), self._pass(upstream, writer, is_down=True))
        finally:
            self._streams -= {writer, upwards}
            self._downwards.discard(writer)

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, is_down: bool = False) -> None:
        with suppress(OSError):
            while data := await reader.read(_CHUNK_BYTES):
                await self._going.wait()
                if not self._loses:
                    writer.write(self._damaged(data) if is_down else data)
                    await writer.drain()
        await self._going.wait()
        writer.close()

    def _damaged(self, data: bytes) -> bytes:
        if not self._damage:
            return data
        self._damage -= 1
        third = len(data) // 3
        return data[:third] + bytes(one ^ 0xA5 for one in data[third : 2 * third]) + data[2 * third :]

    def _abort(self) -> None:
        for writer in self._streams:
            writer.transport.abort()

    async def _end(self) -> None:
        self._going.set()
        mine = asyncio.current_task()
        tasks = [task for task in asyncio.all_tasks() if task is not mine]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _soon(self, act: Callable[[], object]) -> None:
        async def do() -> None:
            act()

        self._do(do)

    def _do(self, act: Callable[[], "asyncio.Future[None]"] | Callable[[], object]) -> None:
        asyncio.run_coroutine_threadsafe(act(), self._loop).result(5)  # type: ignore[arg-type]


@contextmanager
def relaying(target_port: int) -> Iterator[Relay]:
    """A relay to that port while the block runs."""
    relay = Relay(target_port)
    relay.start()
    try:
        yield relay
    finally:
        relay.stop()
