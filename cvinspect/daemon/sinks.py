"""The sinks that a configuration names, ready to deliver; their secrets come from the environment."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from cvinspect.config.daemon import JsonlSink, MqttSink, Open311Sink, SinkConfig, WebhookSink
from cvinspect.config.site import Site
from cvinspect.dispatch import Sink
from cvinspect.dispatch.answers import Success
from cvinspect.dispatch.jsonl import JsonLines
from cvinspect.dispatch.mqtt import Broker, Mqtt
from cvinspect.dispatch.open311 import Open311, Platform
from cvinspect.dispatch.secrets import checked_url, shown
from cvinspect.dispatch.webhook import Webhook
from cvinspect.errors import ConfigError

_NEVER = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class SinkCheck:
    """One configured sink, made and thrown away; nothing was sent."""

    name: str
    type: str
    place: str
    """Where it sends to, without anything secret."""
    error: ConfigError | None


def build_sinks(
    site: Site, environ: Mapping[str, str], *, seconds: Callable[[], float], now: Callable[[], datetime]
) -> list[Sink]:
    """Every sink of the configuration, in its order; none of them connects yet.

    `seconds` is a clock that only goes forward, `now` the wall clock, aware. Raises ConfigError: file, line, key, and
    which variable is not set or what the sink will not have; the sinks made until then are closed.
    """
    builder = _Builder(site, environ, seconds, now)
    built: list[Sink] = []
    try:
        for number in range(len(site.config.sinks)):
            built.append(builder.build(number))
    except BaseException:
        for sink in built:
            sink.close()
        raise
    return built


def check_sinks(site: Site, environ: Mapping[str, str]) -> Sequence[SinkCheck]:
    """Whether each sink can be made; all are tried."""
    builder = _Builder(site, environ, seconds=lambda: 0.0, now=lambda: _NEVER)  # what sends nothing needs no clock
    return [_check(builder, number, config) for number, config in enumerate(site.config.sinks)]


def _check(builder: "_Builder", number: int, config: SinkConfig) -> SinkCheck:
    error: ConfigError | None = None
    try:
        builder.build(number).close()
    except ConfigError as failure:
        error = failure
    return SinkCheck(config.name, config.type, _place(config), error)


def _place(config: SinkConfig) -> str:
    match config:
        case JsonlSink():
            return config.path
        case MqttSink():
            return f"mqtt{'s' if config.tls else ''}://{config.host}:{config.port}"
        case WebhookSink() | Open311Sink():
            with suppress(ConfigError):
                return shown(checked_url(config.url, carries_secret=False))
            return ""


@dataclass(frozen=True, slots=True)
class _Builder:
    site: Site
    environ: Mapping[str, str]
    seconds: Callable[[], float]
    now: Callable[[], datetime]

    def build(self, number: int) -> Sink:
        """The sink of that position; what it refuses is told with its place in the file."""
        config = self.site.config.sinks[number]
        secret = self._secret(number, config)
        try:
            return self._sink(config, secret)
        except ConfigError as error:
            raise self.site.fault("sinks", number, says=f"{config.name}: {error}") from error

    def _secret(self, number: int, config: SinkConfig) -> str | None:
        match config:
            case WebhookSink(secret_env=str(variable)):
                key = "secret_env"
            case MqttSink(password_env=str(variable)):
                key = "password_env"
            case Open311Sink(api_key_env=str(variable)):
                key = "api_key_env"
            case _:
                return None
        return self.site.secret(variable, self.environ, "sinks", number, key)

    def _sink(self, config: SinkConfig, secret: str | None) -> Sink:
        match config:
            case JsonlSink():
                return JsonLines(config.name, self.site.resolved(config.path), sync=config.sync)
            case WebhookSink():
                return self._webhook(config, secret)
            case MqttSink():
                return self._mqtt(config, secret)
            case Open311Sink():
                return self._open311(config, secret)

    def _webhook(self, config: WebhookSink, secret: str | None) -> Sink:
        return Webhook(
            config.name,
            config.url,
            secret=secret,
            seconds=self.seconds,
            now=self.now,
            ca_file=self._file(config.ca_file),
            read_s=config.read_s,
            success=None if config.success is None else Success(config.success.pointer, config.success.equals),
        )

    def _mqtt(self, config: MqttSink, secret: str | None) -> Sink:
        broker = Broker(
            host=config.host,
            port=config.port,
            client_id=config.client_id,
            username=config.username,
            password=secret,
            has_tls=config.tls,
            ca_file=self._file(config.ca_file),
        )
        return Mqtt(config.name, broker, topic=config.topic, status_topic=config.status_topic, answer_s=config.answer_s)

    def _open311(self, config: Open311Sink, secret: str | None) -> Sink:
        platform = Platform(config.service_codes, config.jurisdiction_id, config.evidence_url, config.attributes)
        return Open311(
            config.name,
            config.url,
            platform=platform,
            api_key=secret,
            seconds=self.seconds,
            now=self.now,
            ca_file=self._file(config.ca_file),
            read_s=config.read_s,
        )

    def _file(self, written: str | None) -> Path | None:
        return None if written is None else self.site.resolved(written)
