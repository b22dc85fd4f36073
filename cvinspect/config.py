"""Configuration of a site: YAML into checked models, models into the nouns of the domain."""

import hashlib
import json
from pathlib import Path
from typing import Annotated, Self
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, Field, model_validator

from cvinspect.domain import Camera, Location, Zone, as_text
from cvinspect.errors import ConfigError
from cvinspect.geometry import crosses_itself, polygon_area
from cvinspect.rulebook import RuleBook, RuleOverride, read_rule_book, resolve
from cvinspect.strict import Number, Strict, line_of, read_yaml, validated
from cvinspect.taxonomy import Violation

_PACKAGE = Path(__file__).parent
_SMALLEST_ZONE = 1e-6
"""Share of the picture under which a polygon is a line."""

Name = Annotated[str, Field(min_length=1, max_length=80, pattern=r"^[^\x00-\x1f/\\]+$")]
PathText = Annotated[str, Field(min_length=1, pattern=r"^[^\x00]+$")]
Coordinate = Annotated[Number, Field(ge=0, le=1, allow_inf_nan=False)]


def shipped(name: str) -> Path:
    """A file of `configs/` or `models/` that comes with the program, such as `configs/violations.yaml`."""
    installed = _PACKAGE / "_shipped" / name
    return installed if installed.exists() else _PACKAGE.parent / name


def _polygon(corners: tuple[tuple[float, float], ...]) -> tuple[tuple[float, float], ...]:
    if len(corners) < 3:
        raise ValueError(f"a polygon of {len(corners)} points; allowed: 3 or more")
    if crosses_itself(corners):
        raise ValueError("the polygon's edges cross each other; list its corners in order, around the area")
    if polygon_area(corners) < _SMALLEST_ZONE:
        raise ValueError("the polygon's corners lie on one line; allowed: an area")
    return corners


class ZoneConfig(Strict):
    """A drawn area."""

    id: Name
    kind: str = Field(description="one of zone_kinds in the table of violations")
    polygon: Annotated[tuple[tuple[Coordinate, Coordinate], ...], AfterValidator(_polygon)] = Field(
        description="corners [x, y] as shares of the picture's width and height, 0 to 1"
    )


class LocationConfig(Strict):
    """Where a camera stands."""

    lon: Number | None = Field(None, ge=-180, le=180, description="degrees, WGS-84")
    lat: Number | None = Field(None, ge=-90, le=90, description="degrees, WGS-84")
    address: str | None = None
    grid_code: str | None = Field(None, pattern=r"^[0-9]{15}$", description="单元网格 code, 15 digits in quotes")
    road_id: str | None = None


class CameraConfig(Strict):
    """One fixed view."""

    id: Name
    source: PathText | None = Field(None, description="file, folder or URL; a path is relative to this file")
    location: LocationConfig = LocationConfig()
    device_gbid: str | None = Field(None, pattern=r"^[0-9]{20}$", description="GB/T 28181 device id, in quotes")
    zones: tuple[ZoneConfig, ...] = ()

    @model_validator(mode="after")
    def _zone_ids_are_unique(self) -> Self:
        _refuse_doubles([zone.id for zone in self.zones], "zone id")
        return self

    def camera(self) -> Camera:
        """The noun."""
        zones = tuple(Zone(zone.id, zone.kind, zone.polygon) for zone in self.zones)
        return Camera(self.id, Location(**self.location.model_dump()), zones, self.device_gbid)


def _timezone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        raise ValueError(f"{name!r} is no time zone known here; allowed: names like Asia/Shanghai") from error
    return name


class Config(Strict):
    """A site."""

    cameras: tuple[CameraConfig, ...] = ()
    violations: dict[str, RuleOverride] = Field(default={}, description="overrides of the table, by class id")
    violations_file: PathText | None = Field(None, description="a table of your own instead of the shipped one")
    model: PathText | None = Field(None, description="model card; a path is relative to this file")
    timezone: Annotated[str, AfterValidator(_timezone)] = Field(
        "Asia/Shanghai", description="hours and records are in this time; the users sit in China"
    )

    @model_validator(mode="after")
    def _camera_ids_are_unique(self) -> Self:
        _refuse_doubles([camera.id for camera in self.cameras], "camera id")
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

    def camera_for(self, source: Path) -> Camera:
        """The camera whose source this is, else the only one, else a new one without zones."""
        for camera in self.config.cameras:
            if camera.source is not None and self.resolved(camera.source) == _resolved(source):
                return camera.camera()
        if len(self.config.cameras) == 1:
            return self.config.cameras[0].camera()
        return Camera(as_text(source.stem if source.suffix else source.name or source.resolve().name))

    def resolved(self, written: str) -> Path:
        """A path of the configuration: relative to its file."""
        base = self.path.parent if self.path is not None else Path()
        return _resolved(base / written)

    @property
    def _named(self) -> Path:
        return self.path or Path("(no configuration)")

    def _check(self) -> None:
        unknown = [name for name in self.config.violations if name not in self.book.violations]
        if unknown:
            allowed = ", ".join(self.book.violations)
            raise self._fault("violations", unknown[0], says=f"no such class; allowed: {allowed}")
        for c, camera in enumerate(self.config.cameras):
            for z, zone in enumerate(camera.zones):
                if zone.kind not in self.book.zone_kinds:
                    allowed = ", ".join(self.book.zone_kinds)
                    says = f"{zone.kind!r} is no kind of zone; allowed: {allowed}"
                    raise self._fault("cameras", c, "zones", z, "kind", says=says)
        self._check_zone_names()
        self.violations(period_s=1.0)

    def _check_zone_names(self) -> None:
        ids = {zone.id for camera in self.config.cameras for zone in camera.zones}
        for name, override in self.config.violations.items():
            for key in ("zones", "outside_zones", "exempt_zones"):
                for word in getattr(override, key) or ():
                    if word not in self.book.zone_kinds and word not in ids:
                        kinds = ", ".join(self.book.zone_kinds)
                        says = f"{word!r} is neither a kind of zone nor the id of a drawn one; allowed kinds: {kinds}"
                        raise self._fault("violations", name, key, says=says)

    def _fault(self, *keys: int | str, says: str) -> ConfigError:
        return ConfigError(f"{self._named}{line_of(self._named, *keys)}: {'.'.join(map(str, keys))}: {says}")


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


def _refuse_doubles(names: list[str], what: str) -> None:
    doubled = sorted({name for name in names if names.count(name) > 1})
    if doubled:
        raise ValueError(f"{what} {doubled[0]!r} stands here twice; allowed: each once")
