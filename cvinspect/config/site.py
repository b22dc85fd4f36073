"""Configuration of a site: YAML into checked models, models into the nouns of the domain."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Annotated, Self
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, Field, model_validator

from cvinspect.config.addresses import is_address
from cvinspect.config.camera import CameraConfig, ZoneConfig
from cvinspect.config.daemon import Open311Sink, SinkConfig, WatchConfig
from cvinspect.config.rulebook import RuleBook, RuleOverride, read_rule_book, resolve
from cvinspect.config.strict_yaml import PathText, Strict, line_of, read_yaml, refuse_doubles, validated
from cvinspect.domain import Camera, as_text
from cvinspect.errors import ConfigError
from cvinspect.taxonomy import Violation

_PACKAGE = Path(__file__).parents[1]


def shipped(name: str) -> Path:
    """A file of `configs/` or `models/` that comes with the program, such as `configs/violations.yaml`."""
    installed = _PACKAGE / "_shipped" / name
    return installed if installed.exists() else _PACKAGE.parent / name


def _timezone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        raise ValueError(f"{name!r} is no time zone known here; allowed: names like Asia/Shanghai") from error
    return name


@dataclass(frozen=True, slots=True)
class Login:
    """What a camera asks for."""

    user: str = field(repr=False)
    password: str = field(repr=False)


class Config(Strict):
    """A site."""

    cameras: tuple[CameraConfig, ...] = ()
    violations: dict[str, RuleOverride] = Field(default={}, description="overrides of the table, by class id")
    violations_file: PathText | None = Field(None, description="a table of your own instead of the shipped one")
    model: PathText | None = Field(None, description="model card; a path is relative to this file")
    careful: PathText | None = Field(
        None, description="card of the careful network, which looks again before a ticket; none: the quick one alone"
    )
    timezone: Annotated[str, AfterValidator(_timezone)] = Field(
        "Asia/Shanghai", description="hours and records are in this time; the users sit in China"
    )
    watch: WatchConfig = Field(WatchConfig(), description="how `cvinspect watch` runs; nothing else reads it")
    sinks: tuple[SinkConfig, ...] = Field((), description="where `cvinspect watch` sends records")

    @model_validator(mode="after")
    def _names_are_unique(self) -> Self:
        refuse_doubles([camera.id for camera in self.cameras], "camera id")
        refuse_doubles([sink.name for sink in self.sinks], "sink name")
        return self


class Site:
    """A configuration with the files it names read, and everything checked against everything."""

    def __init__(self, config: Config, book: RuleBook, path: Path | None) -> None:
        self.config = config
        self.book = book
        self.path = path
        self._check()

    @property
    def timezone(self) -> ZoneInfo:
        """Local time of hours and records."""
        return ZoneInfo(self.config.timezone)

    @property
    def sha256(self) -> str:
        """Of everything that was configured, whatever its layout or comments."""
        data = [self.config.model_dump(mode="json"), self.book.model_dump(mode="json")]
        text = json.dumps(data, sort_keys=True, ensure_ascii=False, default=str)
        return hashlib.sha256(text.encode()).hexdigest()

    def violations(self, *, period_s: float) -> tuple[Violation, ...]:
        """Every class with this site's values, for samples `period_s` apart."""
        return resolve(self.book, self.config.violations, period_s=period_s, path=self._named)

    def camera_at(self, source: Path) -> Camera | None:
        """The camera whose source this is, or whose source is a folder or a pattern of names that it lies in."""
        path = _resolved(source)
        found: list[tuple[int, CameraConfig]] = []
        for camera in self.config.cameras:
            if camera.source is None or is_address(camera.source):
                continue
            target = self.resolved(camera.source)
            if target == path:
                return camera.camera()
            if target in path.parents or (_is_pattern(target) and fnmatchcase(str(path), str(target))):
                found.append((len(target.parts), camera))
        return max(found, key=lambda one: one[0])[1].camera() if found else None

    def camera_for(self, source: Path) -> Camera:
        """The camera whose source this is, else the only one, else a new one without zones."""
        found = self.camera_at(source)
        if found is None and len(self.config.cameras) == 1:
            return self.config.cameras[0].camera()
        return found or camera_named_after(source)

    def config_of(self, camera: str) -> CameraConfig | None:
        """What is configured for a camera; None for one that is made up from its footage."""
        return next((one for one in self.config.cameras if one.id == camera), None)

    def resolved(self, written: str) -> Path:
        """A path of the configuration: relative to its file."""
        base = self.path.parent if self.path is not None else Path()
        return _resolved(base / written)

    @property
    def database(self) -> str:
        """The ledger's address; SQLite's file with its whole path."""
        written = self.config.watch.database
        if not written.startswith("sqlite:///"):
            return written
        file = str(self.resolved(written.removeprefix("sqlite:///")))
        if "?" in file:  # an address ends there
            raise self.fault("watch", "database", says="lies in a folder with ? in its name; name another place")
        return f"sqlite:///{file}"

    @property
    def evidence(self) -> Path:
        """The folder that records name their pictures relative to."""
        return self.resolved(self.config.watch.evidence)

    def secret(self, variable: str, environ: Mapping[str, str], *keys: int | str) -> str:
        """The value of an environment variable that stands at these keys; raises ConfigError where it holds nothing."""
        value = environ.get(variable, "").strip()
        if not value:
            raise self.fault(*keys, says=f"environment variable {variable} is not set, or empty")
        return value

    def login(self, camera: str, environ: Mapping[str, str]) -> Login | None:
        """What the camera of this id asks for; None where nothing is configured. Raises ConfigError."""
        number, config = next((n, one) for n, one in enumerate(self.config.cameras) if one.id == camera)
        if config.credentials_env is None:
            return None
        keys = ("cameras", number, "credentials_env")
        user, colon, password = self.secret(config.credentials_env, environ, *keys).partition(":")
        if not user or not colon:
            says = f"environment variable {config.credentials_env} does not hold USER:PASSWORD"
            raise self.fault(*keys, says=says)
        return Login(user, password)

    def fault(self, *keys: int | str, says: str) -> ConfigError:
        """The error for what stands at these keys: file, line, keys, and what is the matter."""
        return ConfigError(f"{self._named}{line_of(self._named, *keys)}: {'.'.join(map(str, keys))}: {says}")

    @property
    def _named(self) -> Path:
        return self.path or Path("(no configuration)")

    def _check(self) -> None:
        unknown = [name for name in self.config.violations if name not in self.book.violations]
        if unknown:
            allowed = ", ".join(self.book.violations)
            raise self.fault("violations", unknown[0], says=f"no such class; allowed: {allowed}")
        for c, camera in enumerate(self.config.cameras):
            self._check_zone_kinds(camera.zones, "cameras", c)
            for v, view in enumerate(camera.views):
                self._check_zone_kinds(view.zones, "cameras", c, "views", v)
        self._check_zone_names()
        self._check_service_codes()
        self.violations(period_s=1.0)

    def _check_zone_kinds(self, zones: tuple[ZoneConfig, ...], *keys: int | str) -> None:
        for z, zone in enumerate(zones):
            if zone.kind not in self.book.zone_kinds:
                allowed = ", ".join(self.book.zone_kinds)
                raise self.fault(
                    *keys, "zones", z, "kind", says=f"{zone.kind!r} is no kind of zone; allowed: {allowed}"
                )

    def _check_zone_names(self) -> None:
        ids = {zone.id for camera in self.config.cameras for zone in camera.all_zones}
        for name, override in self.config.violations.items():
            for key in ("zones", "outside_zones", "exempt_zones"):
                for word in getattr(override, key) or ():
                    if word not in self.book.zone_kinds and word not in ids:
                        kinds = ", ".join(self.book.zone_kinds)
                        says = f"{word!r} is neither a kind of zone nor the id of a drawn one; allowed kinds: {kinds}"
                        raise self.fault("violations", name, key, says=says)

    def _check_service_codes(self) -> None:
        for number, sink in enumerate(self.config.sinks):
            if not isinstance(sink, Open311Sink):
                continue
            unknown = [name for name in sink.service_codes if name not in self.book.violations]
            if unknown:
                allowed = ", ".join(self.book.violations)
                says = f"no such class; allowed: {allowed}"
                raise self.fault("sinks", number, "service_codes", unknown[0], says=says)
            missing = [name for name in self.book.violations if name not in sink.service_codes]
            if missing:
                says = f"no code for {', '.join(missing)}; give one, or null for what is not for this platform"
                raise self.fault("sinks", number, "service_codes", says=says)


def camera_named_after(source: Path) -> Camera:
    """A camera without zones that is called as its footage."""
    return Camera(as_text(source.stem if source.suffix else source.name or source.resolve().name))


def _is_pattern(path: Path) -> bool:
    return any(letter in str(path) for letter in "*?[")


def load_site(path: Path | None) -> Site:
    """The site described at `path`; None: no cameras, the shipped table.

    Raises ConfigError: file, line, key path, what was found, what is allowed.
    """
    config = Config() if path is None else validated(Config, read_yaml(path), path)
    table = shipped("configs/violations.yaml")
    if config.violations_file is not None and path is not None:
        table = path.parent / config.violations_file
    return Site(config, read_rule_book(table), path)


def _resolved(path: Path) -> Path:
    """The path without links; as it is where they go round in circles, for whoever opens it to say so."""
    try:
        return path.resolve()
    except (OSError, RuntimeError):
        return path
