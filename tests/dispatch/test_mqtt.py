"""MQTT against a real mosquitto."""

import json
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from cvinspect.dispatch import Answer
from cvinspect.dispatch.mqtt import Broker, Mqtt, topic_of
from cvinspect.errors import ConfigError, DeliveryDelayed, DeliveryRejected
from tests.dispatch.broker import listening, running
from tests.dispatch.certificates import certificate
from tests.dispatch.sink_fakes import an_event

ROOT = Path(__file__).parents[2]
TOPIC = "city/{camera_id}/{event}"


@contextmanager
def mqtt(port: int, *, topic: str = TOPIC, answer_s: float = 5.0, **broker: object) -> Iterator[Mqtt]:
    where = Broker("127.0.0.1", port, has_tls=False, **broker)  # type: ignore[arg-type]
    sink = Mqtt("mqtt", where, topic=topic, status_topic="city/status", answer_s=answer_s)
    yield sink
    sink.close()


def test_an_event_reaches_a_subscriber_as_a_structured_cloudevent(tmp_path: Path) -> None:
    with running(tmp_path) as broker, listening(broker.port, "city/+/+") as heard, mqtt(broker.port) as sink:
        assert sink.deliver(an_event(), receipt=None) == Answer()
        [message] = heard.wait_for(1)
    assert (message.topic, message.payload, message.qos) == ("city/kerb-01/opened", an_event().structured(), 1)
    assert message.properties.ContentType == "application/cloudevents+json; charset=UTF-8"


def test_the_status_topic_says_online_and_offline(tmp_path: Path) -> None:
    with running(tmp_path) as broker, listening(broker.port, "city/status") as heard:
        with mqtt(broker.port) as sink:
            sink.deliver(an_event(), receipt=None)
        states = [json.loads(one.payload)["state"] for one in heard.wait_for(2)]
    assert states == ["online", "offline"]


def test_a_program_that_is_killed_is_told_offline_by_its_will(tmp_path: Path) -> None:
    code = (
        "import os, sys\n"
        "from cvinspect.dispatch.mqtt import Broker, Mqtt\n"
        "from tests.dispatch.sink_fakes import an_event\n"
        "sink = Mqtt('m', Broker('127.0.0.1', int(sys.argv[1]), has_tls=False), status_topic='city/status')\n"
        "sink.deliver(an_event(), receipt=None)\n"
        "os.kill(os.getpid(), 9)\n"
    )
    with running(tmp_path) as broker, listening(broker.port, "city/status") as heard:
        ended = subprocess.run([sys.executable, "-c", code, str(broker.port)], cwd=ROOT, check=False)
        states = [json.loads(one.payload)["state"] for one in heard.wait_for(2)]
    assert (ended.returncode, states) == (-9, ["online", "offline"])


def test_a_broker_that_goes_away_delays_and_is_found_again(tmp_path: Path) -> None:
    with running(tmp_path) as broker, mqtt(broker.port) as sink:
        sink.deliver(an_event(incident_id="a"), receipt=None)
        broker.stop()
        with pytest.raises(DeliveryDelayed, match=r"mqtt://127\.0\.0\.1:\d+: "):
            sink.deliver(an_event(incident_id="b"), receipt=None)
        broker.start()
        with listening(broker.port, "city/+/+") as heard:
            sink.deliver(an_event(incident_id="b"), receipt=None)
            sink.deliver(an_event(incident_id="c"), receipt=None)
            ids = [json.loads(one.payload)["id"] for one in heard.wait_for(2)]
    assert ids == ["b/1", "c/1"]  # in order, and nothing sent behind our back


def test_a_broker_that_says_nothing_delays() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        with mqtt(port, answer_s=0.2) as sink, pytest.raises(DeliveryDelayed, match="no answer to the connection"):
            sink.deliver(an_event(), receipt=None)


def test_a_wrong_password_is_told_without_the_password(tmp_path: Path) -> None:
    passwords = tmp_path / "passwords"
    subprocess.run(["mosquitto_passwd", "-b", "-c", passwords, "city", "right-one"], check=True, capture_output=True)
    passwords.chmod(0o644)
    tmp_path.chmod(0o755)
    with running(tmp_path, "allow_anonymous false", f"password_file {passwords}", "user root") as broker:
        with mqtt(broker.port, username="city", password="wr0ng-one") as sink:
            with pytest.raises(DeliveryDelayed, match="refused the connection: Not authorized") as failure:
                sink.deliver(an_event(), receipt=None)
            assert ("wr0ng-one" in str(failure.value), "wr0ng-one" in repr(sink._broker)) == (False, False)
        with mqtt(broker.port, username="city", password="right-one") as sink:
            assert sink.deliver(an_event(), receipt=None) == Answer()


def test_a_topic_that_is_not_allowed_is_rejected(tmp_path: Path) -> None:
    rules = tmp_path / "acl"
    rules.write_text("topic readwrite city/status\ntopic read #\n")
    with (
        running(tmp_path, "allow_anonymous true", f"acl_file {rules}", "user root") as broker,
        mqtt(broker.port) as sink,
        pytest.raises(DeliveryRejected, match="not authorized"),
    ):
        sink.deliver(an_event(), receipt=None)


# paho leaves the socket of a failed handshake to be collected
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_tls_is_verified(tmp_path: Path) -> None:
    made, key = certificate()
    shutil.copy(made, tmp_path / "cert.pem")
    shutil.copy(key, tmp_path / "key.pem")
    options = (f"certfile {tmp_path / 'cert.pem'}", f"keyfile {tmp_path / 'key.pem'}", "user root")
    with running(tmp_path, "allow_anonymous true", *options) as broker:
        trusting = Mqtt("mqtt", Broker("127.0.0.1", broker.port, ca_file=made))
        assert trusting.deliver(an_event(), receipt=None) == Answer()
        trusting.close()
        wary = Mqtt("mqtt", Broker("127.0.0.1", broker.port))
        with pytest.raises(DeliveryDelayed, match="CERTIFICATE_VERIFY_FAILED"):
            wary.deliver(an_event(), receipt=None)
        wary.close()


def test_what_is_too_large_for_the_broker_is_rejected_and_the_rest_goes_on(tmp_path: Path) -> None:
    with running(tmp_path, "allow_anonymous true", "max_packet_size 3000") as broker, mqtt(broker.port) as sink:
        assert sink.deliver(an_event(), receipt=None) == Answer()
        with pytest.raises(DeliveryRejected, match="at most 3000 bytes"):
            sink.deliver(an_event(recurrence_of="x" * 3000), receipt=None)
        assert sink.deliver(an_event(), receipt=None) == Answer()


def test_many_events_all_arrive_in_order(tmp_path: Path) -> None:
    with running(tmp_path) as broker, listening(broker.port, "city/+/+") as heard, mqtt(broker.port) as sink:
        for number in range(200):
            sink.deliver(an_event(revision=number), receipt=None)
        ids = [json.loads(one.payload)["id"] for one in heard.wait_for(200)]
    assert ids == [f"inc-1/{number}" for number in range(200)]


def test_nobody_there_delays() -> None:
    with mqtt(1) as sink, pytest.raises(DeliveryDelayed, match="refused"):
        sink.deliver(an_event(), receipt=None)


@pytest.mark.parametrize(
    ("camera", "topic"),
    [("gate", "city/gate/opened"), ("a/b+c#d\0e", "city/a_b_c_d_e/opened"), ("门口", "city/门口/opened")],
)
def test_names_are_made_fit_for_topics(camera: str, topic: str) -> None:
    assert topic_of(TOPIC, an_event(camera=camera)) == topic


def test_a_topic_that_is_too_long_is_rejected() -> None:
    with pytest.raises(DeliveryRejected, match="longer than 65535 bytes"):
        topic_of(TOPIC, an_event(camera="门" * 30_000))


@pytest.mark.parametrize(
    ("topic", "told"),
    [
        ("a/{camera}", r"unknown field \{camera\}; allowed: \{camera_id\}"),
        ("a/{0}", "unknown field"),
        ("a/{camera_id.x}", "unknown field"),
        ("a/{", "topic: "),
        ("", "none to publish to"),
        ("a/#", "none to publish to"),
        ("$SYS/x", "none to publish to"),
    ],
)
def test_a_topic_template_that_is_none_is_told_of(topic: str, told: str) -> None:
    with pytest.raises(ConfigError, match=told), mqtt(1, topic=topic):
        pass


def test_a_password_is_not_sent_in_the_clear_over_a_network() -> None:
    where = Broker("broker.example", 1883, has_tls=False, username="city", password="s3cret")
    with pytest.raises(ConfigError, match="the password would be sent in the clear"):
        Mqtt("mqtt", where)
