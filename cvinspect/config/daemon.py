"""What a site says of the daemon: how its cameras are reached, what is kept where, and where records are sent."""

import ipaddress
import math
import re
from importlib.util import find_spec
from typing import Annotated, Any, Literal, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from cvinspect.config.addresses import SECRET_KEYS, Host, WebAddress
from cvinspect.config.strict_yaml import Name, Number, PathText, Strict
from cvinspect.errors import ConfigError, InstallationError
from cvinspect.modes import Sampling

_VARIABLE = re.compile(r"[A-Z_][A-Z0-9_]*")

_LONGEST_DAYS = 36_500

_SHORTEST_TOKEN = 16
"""Letters; what is shorter can be tried out."""

_PACKAGES = ("alembic", "fastapi", "httpcore", "httpx", "paho", "prometheus_client", "sqlalchemy", "uvicorn")
"""What the extra `daemon` brings, but for PostgreSQL's driver."""


def _variable(value: Any) -> Any:  # noqa: ANN401  what YAML holds is anything
    """Its value is not repeated: whoever mistakes the key writes the secret itself here."""
    if value is not None and not (isinstance(value, str) and _VARIABLE.fullmatch(value)):
        raise ValueError("is no name of an environment variable; allowed: capital letters, digits and _, no secret")
    return value


def _database(address: str) -> str:
    scheme, _, rest = address.partition("://")
    if scheme == "sqlite" and rest.startswith("/") and rest.strip("/") not in ("", ":memory:") and "?" not in rest:
        return address
    if scheme != "postgresql":
        raise ValueError("is no address of a database; allowed: sqlite:///FILE, postgresql://HOST/NAME")
    try:
        _ = urlsplit(address).port
    except ValueError:
        raise ValueError("its host or port is none; allowed: postgresql://HOST:PORT/NAME") from None
    if ":" in rest.rpartition("@")[0] or SECRET_KEYS.search(rest.partition("?")[2]):
        raise ValueError("the address holds a password; put it into PGPASSWORD or .pgpass and leave it out")
    return address


def _careful_share(share: float) -> float:
    if share == 0:
        raise ValueError("0 leaves the careful network nothing; to do without it say careful: none")
    if 0 < share < 1:
        return share
    what = "leaves nothing for the quick network" if share >= 1 else "is no part of the cores"
    raise ValueError(f"{share:g} {what}; allowed: more than 0 and less than 1, like 0.2")


Variable = Annotated[str, BeforeValidator(_variable)]
"""The name of an environment variable."""
SamplesPerSecond = Annotated[Number, Field(ge=0.01, le=30, allow_inf_nan=False)]
Wait = Annotated[Number, Field(ge=0.1, le=300, allow_inf_nan=False)]
Gigabytes = Annotated[Number, Field(gt=0, le=1e9, allow_inf_nan=False)]


class ApiConfig(Strict):
    """The HTTP interface: health, metrics, incidents, and what platforms say of them."""

    host: Host = Field("127.0.0.1", description="own address to listen at; others than loopback need a token")
    port: int = Field(8080, ge=0, le=65_535, strict=True, description="0: any free one")
    token_env: Variable | None = Field(None, description="environment variable that holds the bearer token")
    originals: bool = Field(
        False,
        strict=True,
        description="whether who holds the token may also fetch untouched pictures and clips, which show faces and "
        "plates; needs token_env",
    )

    @model_validator(mode="after")
    def _is_guarded(self) -> Self:
        if self.originals and self.token_env is None:
            raise ValueError("originals without token_env; anybody on this machine could fetch faces and plates")
        if self.token_env is None and not _is_loopback(self.host):
            raise ValueError(f"host {self.host!r} can be reached by others; allowed: 127.0.0.1, or with token_env")
        return self


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


class RetentionConfig(Strict):
    """What becomes of pictures; records stay for ever."""

    evidence_days: Annotated[Number, Field(ge=1, le=_LONGEST_DAYS, allow_inf_nan=False)] = Field(
        90, description="after this many days from an incident's end its pictures go; 90 as a default of ours"
    )
    originals_days: Annotated[Number, Field(ge=0, le=_LONGEST_DAYS, allow_inf_nan=False)] | None = Field(
        None,
        description="the same for untouched pictures, which show faces and plates; 0: none are kept; "
        "none: as long as evidence_days",
    )
    disk_budget_gb: Gigabytes | None = Field(
        None, description="10^9 bytes of pictures, above which those of the longest ended incidents go; none: no limit"
    )
    min_free_gb: Annotated[Number, Field(ge=0, le=1e9, allow_inf_nan=False)] = Field(
        1, description="10^9 bytes free, below which no more pictures are taken, so that records still can be"
    )


class WatchConfig(Strict):
    """How `cvinspect watch` runs."""

    fps: SamplesPerSecond = Field(2, description="most samples a second of each camera that says nothing else")
    sampling: Sampling = Field(Sampling.AUTO, description="frames to decode: auto, all or keyframes")
    workers: Annotated[int, Field(ge=1, le=256, strict=True)] | None = Field(
        None, description="threads that run the network; one for each core"
    )
    careful_share: Annotated[Number, AfterValidator(_careful_share)] = Field(
        0.2,
        description="part of the cores that the careful network's patrols may take; 0.2 carries a look each 30 s at 40 "
        "cameras on 2 cores",
    )
    database: Annotated[PathText, AfterValidator(_database)] = Field(
        "sqlite:///data/ledger.db", description="SQLite's file, relative to this file; or postgresql://USER@HOST/NAME"
    )
    evidence: PathText = Field(
        "data", description="folder in which evidence/ with the pictures lies; records name them relative to it"
    )
    clips: bool = Field(
        False,
        strict=True,
        description="a few seconds of video of each violation; kept as filmed; the API masks it when it is asked for",
    )
    api: ApiConfig | None = Field(ApiConfig(), description="null: none")
    retention: RetentionConfig = RetentionConfig()
    log: Literal["text", "json"] = Field("text", description="one line a message on stderr either way")


class JsonlSink(Strict):
    """A file of events, one a line."""

    type: Literal["jsonl"]
    name: Name
    path: PathText = Field(description="relative to this file")
    sync: Literal["always", "system"] = Field(
        "always", description="on disk before it counts as delivered, or when the system writes it"
    )


def _pointer(text: str) -> str:
    if not re.fullmatch(r"(/([^~/]|~[01])*)*", text):
        raise ValueError(
            "is no JSON pointer (RFC 6901); allowed: like /code or /result/0/status, or empty for all of it"
        )
    return text


def _single(value: Any) -> Any:  # noqa: ANN401
    if value is None or isinstance(value, bool | int | str) or (isinstance(value, float) and math.isfinite(value)):
        return value
    raise ValueError("is no single value; allowed: a number, text, true, false or null")


class SuccessConfig(Strict):
    """What the body of an answer says when the event was taken; 2xx with anything else is tried again."""

    pointer: Annotated[str, AfterValidator(_pointer)] = Field(description="JSON pointer into the body, such as /code")
    equals: Annotated[Any, AfterValidator(_single)] = Field(description="the one value that means success, such as 0")


class WebhookSink(Strict):
    """HTTP POST of signed events."""

    type: Literal["webhook"]
    name: Name
    url: WebAddress
    secret_env: Variable | None = Field(None, description="environment variable with what signs; none: not signed")
    ca_file: PathText | None = Field(None, description="certificates of an authority of your own")
    read_s: Wait = Field(10, description="longest pause within an answer")
    success: SuccessConfig | None = Field(None, description="what a success looks like; none: 2xx without a web page")


class MqttSink(Strict):
    """Messages to a broker."""

    type: Literal["mqtt"]
    name: Name
    host: Host = Field(description="the broker's name or address")
    port: int = Field(8883, ge=1, le=65_535, strict=True)
    client_id: str = Field("cvinspect", min_length=1, max_length=200, description="known once to the broker")
    username: str | None = Field(None, min_length=1)
    password_env: Variable | None = Field(None, description="environment variable that holds the password")
    tls: bool = Field(True, strict=True)
    ca_file: PathText | None = Field(None, description="certificates of an authority of your own")
    topic: str = "cvinspect/incidents/{camera_id}/{class_id}/{event}"
    status_topic: str = "cvinspect/status"
    answer_s: Wait = Field(10, description="how long the broker may take to answer")

    @model_validator(mode="after")
    def _uses_what_it_has(self) -> Self:
        if self.password_env is not None and self.username is None:
            raise ValueError("password_env without username; a broker takes both or none")
        if self.ca_file is not None and not self.tls:
            raise ValueError("ca_file without tls; nothing would be checked with it")
        return self


class Open311Sink(Strict):
    """Service requests to a platform that speaks Open311 GeoReport v2."""

    type: Literal["open311"]
    name: Name
    url: WebAddress = Field(description="the endpoint, to which /requests.json is added")
    service_codes: dict[str, Annotated[str, Field(min_length=1)] | None] = Field(
        description="the platform's code for each class; null: not for this platform"
    )
    jurisdiction_id: str | None = None
    api_key_env: Variable | None = Field(None, description="environment variable that holds the key")
    evidence_url: WebAddress | None = Field(None, description="where the platform can read the pictures")
    attributes: dict[str, str] = Field(default={}, description="what its services ask for besides")
    ca_file: PathText | None = Field(None, description="certificates of an authority of your own")
    read_s: Wait = Field(10, description="longest pause within an answer")


SinkConfig = Annotated[JsonlSink | WebhookSink | MqttSink | Open311Sink, Field(discriminator="type")]


def require_daemon_extra() -> None:
    """Raise InstallationError unless what the daemon and its ledger need is installed."""
    missing = [name for name in _PACKAGES if find_spec(name) is None]
    if missing:
        raise InstallationError(f"not installed: {', '.join(missing)}; pip install 'cvinspect[daemon]' brings it")


def check_token(token: str) -> None:
    """Raise ConfigError for a token that is too short or cannot stand in a header."""
    if len(token) < _SHORTEST_TOKEN or not token.isascii() or not token.isprintable() or " " in token:
        raise ConfigError(
            f"watch.api.token_env: the token is too short or holds blanks or letters that no header can hold; "
            f"allowed: {_SHORTEST_TOKEN} or more ASCII letters, digits and signs"
        )
