"""The parts of a live camera that need no camera: address, clock, pauses."""

import socket
import threading
from datetime import UTC, datetime

import pytest

from cvinspect.errors import ConfigError
from cvinspect.sources.live.address import Address, Transport
from cvinspect.sources.live.pause import BackOff, absence, answers, wait
from cvinspect.sources.live.reader import Handover
from cvinspect.sources.live.states import Reason, Sample
from tests.fakes import frame
from tests.faults.relay import free_port


def test_credentials_are_written_into_the_url_only_when_it_is_opened() -> None:
    address = Address("rtsp://10.0.0.1:8554/gate?x=1", user="城管", password="p@:/ %x?#")

    assert address.authenticated() == ("rtsp://%E5%9F%8E%E7%AE%A1:p%40%3A%2F%20%25x%3F%23@10.0.0.1:8554/gate?x=1")
    assert repr(address) == "Address(url='rtsp://10.0.0.1:8554/gate?x=1', transport=<Transport.TCP: 'tcp'>)"


@pytest.mark.parametrize(
    ("url", "place"),
    [
        ("rtsp://gate.example/live", "gate.example:554"),
        ("RTSPS://gate.example/live", "gate.example:322"),
        ("http://10.0.0.1/user=admin&password=secret", "10.0.0.1:80"),
        ("https://[fe80::1]:8443/x", "[fe80::1]:8443"),
        ("clips/gate.mp4", "clips/gate.mp4"),
        ("odd:name.mp4", "odd:name.mp4"),
    ],
)
def test_messages_name_host_and_port_or_the_file(url: str, place: str) -> None:
    assert Address(url).place == place


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("rtsp://admin:secret@10.0.0.1/gate", "source: holds a user name or password; they come from the environment"),
        ("rtsp:///gate", "source: names no camera"),
        ("rtsp://10.0.0.1:secret/gate", "source: is no URL: its host or port is malformed"),
        ("rtsp://[10.0.0.1/secret", "source: is no URL: its host or port is malformed"),
    ],
)
def test_a_url_that_cannot_be_one_is_refused_without_being_repeated(url: str, says: str) -> None:
    with pytest.raises(ConfigError, match=says) as caught:
        Address(url)

    assert "secret" not in str(caught.value)
    assert caught.value.__cause__ is None


def test_credentials_that_would_be_cut_short_are_refused() -> None:
    Address("rtsp://gate/x", user="u", password="x" * 125)
    Address("http://gate/x", user="u", password="x" * 126)
    with pytest.raises(ConfigError, match="gate:554: user and password are too long for RTSP; allowed: 127 letters"):
        Address("rtsp://gate/x", user="u", password="x" * 126)


def test_a_transport_may_be_given_by_its_word() -> None:
    assert Address("rtsp://gate/x", "udp").transport is Transport.UDP  # type: ignore[arg-type]


def test_pauses_differ_by_chance_between_half_and_all_of_their_length() -> None:
    assert BackOff(lambda: 0.0).pause_s(Reason.REFUSED, up_s=0.0) == 0.25
    assert BackOff(lambda: 1.0).pause_s(Reason.REFUSED, up_s=0.0) == 0.5


@pytest.mark.parametrize(
    ("reason", "longest_s"), [(Reason.REFUSED, 30.0), (Reason.GARBAGE, 5.0), (Reason.UNAUTHORISED, 8.0)]
)
def test_where_a_camera_answers_no_pause_keeps_it_from_being_read_within_ten_seconds(
    reason: Reason, longest_s: float
) -> None:
    back_off = BackOff(lambda: 1.0)

    assert max(back_off.pause_s(reason, up_s=0.0) for _ in range(100)) == longest_s


def test_wrong_passwords_are_never_tried_in_quick_succession() -> None:
    assert BackOff(lambda: 0.0).pause_s(Reason.UNAUTHORISED, up_s=0.0) == 4.0


def test_a_port_is_told_from_one_where_nobody_listens() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        there = Address(f"http://127.0.0.1:{listening.getsockname()[1]}/")
        silent = Address(f"rtsp://127.0.0.1:{listening.getsockname()[1]}/")
        assert (answers(there), absence(there)) == (True, None)
        assert (answers(silent), absence(silent)) == (False, None)
    nobody = Address(f"rtsp://127.0.0.1:{free_port()}/")
    assert (answers(nobody), absence(nobody)) == (False, Reason.REFUSED)
    nowhere = Address("rtsp://no-such-camera.invalid/")
    assert (answers(nowhere), absence(nowhere)) == (False, Reason.UNREACHABLE)
    no_name = Address(f"rtsp://{'x' * 70}.invalid/")
    assert (answers(no_name), absence(no_name)) == (False, Reason.UNREACHABLE)


def test_a_pause_ends_at_once_when_told_to_stop() -> None:
    stop = threading.Event()
    stop.set()

    wait(3600.0, Reason.REFUSED, Address("rtsp://127.0.0.1:9/"), stop=stop)


@pytest.mark.parametrize(("apart_s", "most"), [(0.04, 5), (0.5, 5), (1.0, 3), (2.0, 2), (4.0, 1)])
def test_pictures_of_the_last_moments_wait_and_older_ones_are_given_up(apart_s: float, most: int) -> None:
    handover = Handover(now=lambda: datetime.now(UTC), seconds=lambda: 0.0)
    samples = [Sample(frame(i * apart_s), 1, i * apart_s) for i in range(8)]

    for one in samples:
        handover.lay(one)

    assert list(handover.waiting) == samples[-most:]
    assert (handover.counts.sampled, handover.counts.overtaken) == (8, 8 - most)
