"""A real mosquitto for tests, and somebody who listens to it."""

import shutil
import socket
import subprocess
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import paho.mqtt.client as paho
import pytest
from paho.mqtt.enums import CallbackAPIVersion


def program() -> str:
    """Where mosquitto is; skips the test where it is not."""
    found = shutil.which("mosquitto", path="/usr/sbin:/usr/local/sbin:/usr/bin:/usr/local/bin")
    if found is None:
        pytest.skip("no mosquitto on this machine (Debian: mosquitto)")
    return found


class Broker:
    """One broker on a port of its own, which can be stopped and started again."""

    def __init__(self, folder: Path, options: Sequence[str] = ("allow_anonymous true",)) -> None:
        self._program = program()
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = int(probe.getsockname()[1])
        self._config = folder / "mosquitto.conf"
        self._config.write_text("\n".join([f"listener {self.port} 127.0.0.1", *options]) + "\n")
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self._process = subprocess.Popen(
            [self._program, "-c", self._config], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        for _ in range(200):
            with socket.socket() as probe:
                probe.settimeout(0.05)
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            threading.Event().wait(0.02)
        raise AssertionError("mosquitto does not start")

    def stop(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None


@contextmanager
def running(folder: Path, *options: str) -> Iterator[Broker]:
    """A broker while the block runs."""
    broker = Broker(folder, options or ("allow_anonymous true",))
    broker.start()
    try:
        yield broker
    finally:
        broker.stop()


@dataclass
class Listener:
    """What was published, as a subscriber sees it."""

    messages: list[paho.MQTTMessage] = field(default_factory=list)
    news: threading.Condition = field(default_factory=threading.Condition)

    def wait_for(self, count: int) -> list[paho.MQTTMessage]:
        """The first messages, as soon as there are so many."""
        with self.news:
            assert self.news.wait_for(lambda: len(self.messages) >= count, timeout=10), self.messages
            return self.messages[:count]


@contextmanager
def listening(port: int, topic: str = "#", **credentials: str) -> Iterator[Listener]:
    """Subscribed to a topic while the block runs."""
    heard, subscribed = Listener(), threading.Event()
    client = paho.Client(CallbackAPIVersion.VERSION2, protocol=paho.MQTTv5)
    if credentials:
        client.username_pw_set(**credentials)

    def on_message(_client: object, _data: object, message: paho.MQTTMessage) -> None:
        with heard.news:
            heard.messages.append(message)
            heard.news.notify_all()

    client.on_message = on_message
    client.on_connect = lambda *_: client.subscribe(topic, qos=1)
    client.on_subscribe = lambda *_: subscribed.set()
    client.connect("127.0.0.1", port)
    client.loop_start()
    assert subscribed.wait(10)
    try:
        yield heard
    finally:
        client.disconnect()
        client.loop_stop()
