"""A broker that speaks no MQTT, or never comes to an end, delays and is told; it needs no mosquitto."""

import socket
from collections.abc import Callable

import pytest

from cvinspect.dispatch.mqtt import Broker, Mqtt
from cvinspect.errors import DeliveryDelayed
from tests.dispatch.raw_server import answering, dripping
from tests.dispatch.sink_fakes import an_event

CONNACK = b"\x20\x03\x00\x00\x00"


def packet(kind: int, body: bytes) -> bytes:
    return bytes([kind, len(body)]) + body


def says(data: bytes) -> Callable[[socket.socket], None]:
    def answer(connection: socket.socket) -> None:
        connection.sendall(data)
        while connection.recv(65_536):
            pass

    return answer


def floods(connection: socket.socket) -> None:
    connection.sendall(CONNACK)
    while True:
        connection.sendall(packet(0x30, b"\x00\x01x\x00" + b"y" * 100) * 500)


@pytest.mark.parametrize(
    "answer",
    [
        says(b"HTTP/1.1 400 Bad Request\r\n\r\n"),
        says(b"\x20\x03\x00\xff\x00"),
        says(b"\x20\x08\x00\x00\x05\xff\xff\xff\xff\xff"),
        says(b"\x20\x02\x00"),
        says(b"\x20\xff\xff\xff\xff"),
        says(CONNACK + packet(0x40, b"\x00")),
        says(CONNACK + packet(0x40, b"\x00\x01\xff\x00")),
        says(CONNACK + packet(0xF0, b"\xff" * 20)),
        says(CONNACK + packet(0xE0, b"\xff\xff\xff")),
        says(CONNACK + packet(0x30, b"\xff\xff\xfe")),
        says(b"\x00" * 1000),
        says(b""),
        floods,
        dripping(b"", b"\x20"),
    ],
    ids=[
        "HTTP", "no such code", "no such property", "cut short", "no length", "no id", "no reason", "no auth",
        "no parting", "no topic", "zeros", "nothing", "floods", "drips",
    ],
)  # fmt: skip
def test_a_broker_that_misbehaves_delays(answer: Callable[[socket.socket], None]) -> None:
    with answering(answer) as port:
        sink = Mqtt("mqtt", Broker("127.0.0.1", port, has_tls=False), answer_s=1.0)
        try:
            with pytest.raises(DeliveryDelayed, match=r"mqtt://127\.0\.0\.1:\d+: ."):
                sink.deliver(an_event(), receipt=None)
        finally:
            sink.close()


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # paho leaves its socket to be collected
def test_a_handshake_that_never_comes_to_an_end_delays() -> None:
    with answering(dripping(b"\x16\x03\x03\x40\x00\x02\x00\x3f\xfc", b"\x00")) as port:
        sink = Mqtt("mqtt", Broker("127.0.0.1", port), answer_s=0.5)
        with pytest.raises(DeliveryDelayed, match=r"mqtts://127\.0\.0\.1:\d+: .*timed out"):
            sink.deliver(an_event(), receipt=None)
        sink.close()
