"""MQTT 5: structured CloudEvents with quality of service 1, and a will that tells when this program is gone.

Every connection is a new one without memory of the last: what was not acknowledged is in the outbox and is sent again
from there, in order, not by the client library behind our back.
"""

import json
import logging
import ssl
import string
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import paho.mqtt.client as paho
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from cvinspect.dispatch import Answer
from cvinspect.dispatch.cloudevents import CONTENT_TYPE, CloudEvent
from cvinspect.dispatch.mqtt_client import MqttClient
from cvinspect.dispatch.secrets import is_this_machine
from cvinspect.errors import ConfigError, DeliveryDelayed, DeliveryError, DeliveryRejected

_LOG = logging.getLogger(__name__)

_KEEP_ALIVE_S = 30
_LONGEST_TOPIC_BYTES = 65_535
_REFUSALS = {0x87: "not authorized", 0x90: "topic name invalid", 0x95: "packet too large", 0x99: "payload invalid"}
"""Reason codes (MQTT 5, 2.4) that sending the same again does not change."""

_FIELDS = ("camera_id", "class_id", "event", "incident_id", "zone_id", "grid_code")


@dataclass(frozen=True, slots=True)
class Broker:
    """Where the broker is, and who we are to it."""

    host: str
    port: int = 8883
    client_id: str = "cvinspect"
    """The broker knows one connection of this name; a second one throws the first out."""
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    has_tls: bool = True
    ca_file: Path | None = None
    """Certificates of an authority of one's own, in place of the system's."""


class Mqtt:
    """A sink that takes an event by acknowledging it."""

    def __init__(
        self,
        name: str,
        broker: Broker,
        *,
        topic: str = "cvinspect/incidents/{camera_id}/{class_id}/{event}",
        status_topic: str = "cvinspect/status",
        answer_s: float = 10.0,
    ) -> None:
        """`topic` may hold {camera_id}, {class_id}, {event}, {incident_id}, {zone_id} and {grid_code}.

        `status_topic` holds, retained, whether this program is online. Raises ConfigError.
        """
        self.name = name
        self._broker = broker
        self._topic = _checked(topic)
        self._status_topic = _checked(status_topic)
        self._answer_s = answer_s
        if broker.password is not None and not broker.has_tls and not is_this_machine(broker.host):
            raise ConfigError(f"broker {broker.host}: the password would be sent in the clear; allowed: TLS")
        self._tls = _trusted(broker)
        self._link: _Link | None = None
        self.place = f"mqtt{'s' if broker.has_tls else ''}://{broker.host}:{broker.port}"

    def deliver(self, event: CloudEvent, *, receipt: str | None) -> Answer:
        """Publish and wait for the acknowledgement; raises DeliveryDelayed or DeliveryRejected."""
        body, topic = event.structured(), topic_of(self._topic, event)
        try:
            link = self._connected()
            link.publish(topic, body, _properties())
        except DeliveryRejected:
            raise
        except DeliveryError:
            self._drop()
            raise
        return Answer()

    def close(self) -> None:
        """Say that this program is offline and leave; safe to call twice."""
        link, self._link = self._link, None
        if link is not None:
            link.leave()

    def _connected(self) -> "_Link":
        if self._link is None or not self._link.is_up:
            self._drop()
            self._link = _Link(self._broker, self._tls, self._status_topic, self.place, self._answer_s)
            self._link.connect()
        return self._link

    def _drop(self) -> None:
        link, self._link = self._link, None
        if link is not None:
            link.drop()


class _Link:
    """One connection, from its beginning to its end."""

    def __init__(
        self, broker: Broker, tls: ssl.SSLContext | None, status_topic: str, place: str, answer_s: float
    ) -> None:
        self._broker, self._status_topic, self._place, self._answer_s = broker, status_topic, place, answer_s
        self._answered = threading.Condition()
        self._welcome: ReasonCode | None = None
        self._acknowledged: dict[int, ReasonCode] = {}
        self._largest_bytes: int | None = None
        self._parting: ReasonCode | None = None
        self._client = MqttClient(broker.client_id, broke_off=self._broke_off)
        if tls is not None:
            self._client.tls_set_context(tls)
        if broker.username is not None:
            self._client.username_pw_set(broker.username, broker.password)
        self._client.connect_timeout = answer_s
        self._client.will_set(status_topic, _status("offline"), qos=1, retain=True)
        self._client.on_connect = self._on_connect
        self._client.on_disconnect = self._on_disconnect
        self._client.on_publish = self._on_publish

    @property
    def is_up(self) -> bool:
        """Whether nothing has ended it so far."""
        return self._parting is None and self._client.is_connected()

    def connect(self) -> None:
        """Connect and say that this program is online; raises DeliveryDelayed."""
        try:
            self._client.connect(self._broker.host, self._broker.port, keepalive=_KEEP_ALIVE_S, clean_start=True)
        except (OSError, ValueError) as error:  # ssl.SSLError is an OSError
            raise DeliveryDelayed(f"{self._place}: {error}") from error
        self._client.loop_start()
        welcome = self._wait(lambda: self._welcome or self._parting)
        if welcome is None:
            raise DeliveryDelayed(f"{self._place}: no answer to the connection within {self._answer_s:.0f} s")
        if welcome.is_failure or self._parting is not None:
            raise DeliveryDelayed(f"{self._place}: refused the connection: {welcome}")
        self._tell_status("online")

    def publish(self, topic: str, body: bytes, properties: Properties) -> None:
        """Publish one message and return when the broker has it; raises DeliveryDelayed or DeliveryRejected."""
        if self._largest_bytes is not None and len(body) + len(topic.encode()) + 100 > self._largest_bytes:
            raise DeliveryRejected(f"{self._place}: takes packets of at most {self._largest_bytes} bytes")
        try:
            sent = self._client.publish(topic, body, qos=1, properties=properties)
        except ValueError as error:  # a topic that is none
            raise DeliveryRejected(f"{self._place}: topic {topic!r}: {error}") from error
        answer = self._wait(lambda: self._acknowledged.pop(sent.mid, None) or self._parting)
        if answer is None:
            raise DeliveryDelayed(f"{self._place}: no acknowledgement within {self._answer_s:.0f} s")
        if answer.packetType == PacketTypes.PUBACK and not answer.is_failure:
            return
        if answer.value in _REFUSALS:
            raise DeliveryRejected(f"{self._place}: {_REFUSALS[answer.value]}")
        raise DeliveryDelayed(f"{self._place}: {answer}", one_event=answer.packetType == PacketTypes.PUBACK)

    def leave(self) -> None:
        """Say that this program is offline, and go."""
        if self.is_up:
            self._tell_status("offline")
        self._client.disconnect()
        self._release()

    def drop(self) -> None:
        """End the connection, whatever its state; the will is left in force, since nothing follows that says more."""
        self._client.disconnect(ReasonCode(PacketTypes.DISCONNECT, "Disconnect with will message"))
        self._release()

    def _release(self) -> None:
        """End its thread, and let go of the callbacks: without them its sockets are closed at once, not some day."""
        self._client.loop_stop()
        self._client.on_connect = self._client.on_disconnect = self._client.on_publish = None

    def _tell_status(self, state: str) -> None:
        sent = self._client.publish(self._status_topic, _status(state), qos=1, retain=True)
        self._wait(lambda: self._acknowledged.pop(sent.mid, None) or self._parting)

    def _wait(self, ready: Callable[[], ReasonCode | None]) -> ReasonCode | None:
        with self._answered:
            return self._answered.wait_for(ready, timeout=self._answer_s) or None

    def _broke_off(self, error: Exception) -> None:
        """Of the thread that reads from the broker."""
        _LOG.warning("%s: what it sends is no MQTT: %s", self._place, type(error).__name__)
        with self._answered:
            self._parting = ReasonCode(PacketTypes.DISCONNECT, "Malformed packet")
            self._answered.notify_all()

    def _on_connect(
        self, client: paho.Client, data: Any, flags: paho.ConnectFlags, code: ReasonCode, properties: Properties | None
    ) -> None:
        with self._answered:
            self._largest_bytes = getattr(properties, "MaximumPacketSize", None)
            self._welcome = code
            self._answered.notify_all()

    def _on_disconnect(
        self,
        client: paho.Client,
        data: Any,
        flags: paho.DisconnectFlags,
        code: ReasonCode,
        properties: Properties | None,
    ) -> None:
        with self._answered:
            self._parting = code
            self._answered.notify_all()

    def _on_publish(
        self, client: paho.Client, data: Any, mid: int, code: ReasonCode, properties: Properties | None
    ) -> None:
        with self._answered:
            self._acknowledged[mid] = code
            self._answered.notify_all()


def topic_of(template: str, event: CloudEvent) -> str:
    """The topic of an event; letters that mean something in topics are replaced in what is filled in."""
    record = event.record
    values = (
        record.camera.id,
        record.class_id,
        record.event.value,
        record.incident_id,
        record.zone.id,
        record.location.grid_code or "none",
    )
    topic = template.format(**{key: _level(value) for key, value in zip(_FIELDS, values, strict=True)})
    if len(topic.encode()) > _LONGEST_TOPIC_BYTES:
        raise DeliveryRejected(f"topic: longer than {_LONGEST_TOPIC_BYTES} bytes")
    return topic


def _level(value: str) -> str:
    """One level of a topic (MQTT 5, 4.7): no separator, wildcard or control character."""
    return "".join("_" if letter in "/+#" or not letter.isprintable() else letter for letter in value) or "_"


def _checked(template: str) -> str:
    try:
        parts = list(string.Formatter().parse(template))
    except ValueError as error:
        raise ConfigError(f"topic: {template!r}: {error}") from error
    fields = [name for _, name, _, _ in parts if name is not None]
    unknown = [name for name in fields if name not in _FIELDS]
    if unknown:
        allowed = ", ".join(f"{{{name}}}" for name in _FIELDS)
        raise ConfigError(f"topic: unknown field {{{unknown[0]}}}; allowed: {allowed}")
    if any(form or conversion for _, name, form, conversion in parts if name is not None):
        raise ConfigError(f"topic: {template!r}: fields stand alone in their braces, without : and !")
    if not template or template.startswith("$") or any(letter in "+#\0" for letter in template):
        raise ConfigError(f"topic: {template!r} is none to publish to: no wildcards, no $ at its start")
    return template


def _trusted(broker: Broker) -> ssl.SSLContext | None:
    if not broker.has_tls:
        return None
    try:
        return ssl.create_default_context(cafile=broker.ca_file)
    except OSError as error:
        raise ConfigError(f"{broker.ca_file}: holds no certificates that can be read") from error


def _properties() -> Properties:
    properties = Properties(PacketTypes.PUBLISH)  # type: ignore[no-untyped-call]
    properties.ContentType = CONTENT_TYPE
    properties.PayloadFormatIndicator = 1
    return properties


def _status(state: str) -> str:
    return json.dumps({"state": state})
