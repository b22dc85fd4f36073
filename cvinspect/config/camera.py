"""Configuration of a camera: where it stands, how it is reached, what is drawn into its picture."""

from fractions import Fraction
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from cvinspect.config.addresses import LiveAddress, Sender, Source, has_places, is_address
from cvinspect.config.daemon import SamplesPerSecond, Variable
from cvinspect.config.strict_yaml import Name, Number, PathText, Strict, refuse_doubles
from cvinspect.domain import Camera, Location, View, Zone
from cvinspect.geometry import crosses_itself, polygon_area
from cvinspect.modes import Gate, Sampling

_SMALLEST_ZONE = 1e-6
"""Share of the picture under which a polygon is a line."""

_NARROWEST = Fraction(1, 5)

Coordinate = Annotated[Number, Field(ge=0, le=1, allow_inf_nan=False)]


def _polygon(corners: tuple[tuple[float, float], ...]) -> tuple[tuple[float, float], ...]:
    if len(corners) < 3:
        raise ValueError(f"a polygon of {len(corners)} points; allowed: 3 or more")
    if crosses_itself(corners):
        raise ValueError("the polygon's edges cross each other; list its corners in order, around the area")
    if polygon_area(corners) < _SMALLEST_ZONE:
        raise ValueError("the polygon's corners lie on one line; allowed: an area")
    return corners


def _aspect(value: object) -> object:
    """YAML reads 16:9 without quotes as 969, minutes and seconds."""
    if isinstance(value, int) and not isinstance(value, bool) and value >= 60:
        value = f"{value // 60}:{value % 60}"
    text = f"{value:g}" if isinstance(value, float | int) and not isinstance(value, bool) else value
    if not isinstance(text, str):
        return value
    across, _, down = text.partition(":")
    try:
        aspect = Fraction(across.strip()) / Fraction(down.strip() or "1")
    except (ValueError, ZeroDivisionError):
        aspect = Fraction(0)
    if not _NARROWEST <= aspect <= 1 / _NARROWEST:
        raise ValueError(f'{text!r} is no shape of a picture; allowed: width:height in quotes, like "16:9" or "4:3"')
    return text


class ZoneConfig(Strict):
    """A drawn area."""

    id: Name
    kind: str = Field(description="one of zone_kinds in the table of violations")
    closer: bool = Field(
        False,
        strict=True,
        description="the network looks at it by itself too, for small things; costs as much again",
    )
    polygon: Annotated[tuple[tuple[Coordinate, Coordinate], ...], AfterValidator(_polygon)] = Field(
        description="corners [x, y] as shares of the picture's width and height, 0 to 1"
    )


class ViewConfig(Strict):
    """One of the pictures that a camera which turns goes back to."""

    id: Name
    still: PathText = Field(description="a picture of the view, by day if there is one; relative to this file")
    zones: tuple[ZoneConfig, ...] = ()
    sampling: Sampling | None = Field(
        None, description="frames to decode for this view; the camera is decoded as the view that asks for most"
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
    source: Source | None = Field(None, description="file, folder or address; a path is relative to this file")
    sub_stream: LiveAddress | None = Field(
        None, description="a smaller stream of the same view; where it is named, `watch` reads this one"
    )
    transport: Literal["tcp", "udp"] = Field(
        "tcp", description="of RTSP; UDP loses pictures, and many firewalls drop it"
    )
    credentials_env: Variable | None = Field(None, description="environment variable that holds USER:PASSWORD")
    hosts: tuple[Sender, ...] = Field(
        (), description="other hosts that the camera may send us to, HOST or HOST:PORT; they are given its login too"
    )
    fps: SamplesPerSecond | None = Field(None, description="most samples a second of this camera, instead of watch.fps")
    sampling: Sampling | None = Field(None, description="frames of this camera to decode, instead of watch.sampling")
    look: Literal["zones", "all"] = Field(
        "zones", description="the network sees the part of the picture where rules hold, or all of it"
    )
    eyes: Literal["both", "quick"] = Field(
        "both", description="whether the careful network looks again before a ticket, or the quick one looks alone"
    )
    tiles: Annotated[int, Field(ge=1, le=4, strict=True)] = Field(
        1, description="tiles along each side of what the network sees, for 4K pictures of small things"
    )
    gate: Gate = Field(
        Gate.NONE,
        description="pictures that the network is spared: none, unchanged, or none with an audit of the unchanged",
    )
    aspect: Annotated[str, BeforeValidator(_aspect)] | None = Field(
        None,
        description='width to height of the picture as it should look, like "16:9", where the stream does not say: '
        "recorders store pictures half as wide",
    )
    location: LocationConfig = LocationConfig()
    device_gbid: str | None = Field(None, pattern=r"^[0-9]{20}$", description="GB/T 28181 device id, in quotes")
    zones: tuple[ZoneConfig, ...] = ()
    still: PathText | None = Field(
        None, description="a picture of the view that the zones are drawn in; a path is relative to this file"
    )
    views: tuple[ViewConfig, ...] = Field(
        (), description="the views of a camera that turns, each with its own zones; none: it has one, that of `zones`"
    )

    @model_validator(mode="after")
    def _names_are_unique(self) -> Self:
        refuse_doubles([view.id for view in self.views], "view id")
        refuse_doubles([zone.id for zone in self.all_zones], "zone id")
        return self

    @model_validator(mode="after")
    def _zones_are_of_one_view(self) -> Self:
        if self.views and (self.zones or self.still is not None):
            what = "zones" if self.zones else "still"
            raise ValueError(f"{what} of the camera beside views; of a camera with views each has its own")
        return self

    @property
    def all_zones(self) -> tuple[ZoneConfig, ...]:
        """Those of all views."""
        return (*self.zones, *(zone for view in self.views for zone in view.zones))

    @property
    def wanted_sampling(self) -> Sampling | None:
        """Which frames are decoded, by what is configured: as the view that asks for most of them."""
        said = {view.sampling or self.sampling for view in self.views} or {self.sampling}
        order = (Sampling.ALL, Sampling.AUTO, None, Sampling.KEYFRAMES)
        return next(one for one in order if one in said)

    @model_validator(mode="after")
    def _has_somewhere_to_log_in(self) -> Self:
        if self.credentials_env is not None and not (self.feed and is_address(self.feed)):
            raise ValueError("credentials_env without an address to log in to; name it in source or sub_stream")
        if self.credentials_env is None and has_places(self.feed or "") and is_address(self.feed or ""):
            raise ValueError("the address has places for user and password; name credentials_env, which holds them")
        return self

    @property
    def shown_aspect(self) -> Fraction | None:
        """Width to height of the picture as it should look; None: as the stream says."""
        if self.aspect is None:
            return None
        across, _, down = self.aspect.partition(":")
        return Fraction(across.strip()) / Fraction(down.strip() or "1")

    @property
    def feed(self) -> str | None:
        """What the daemon reads: the smaller stream, else the source."""
        return self.sub_stream or self.source

    def camera(self) -> Camera:
        """The noun."""
        views = tuple(View(view.id, _nouns(view.zones)) for view in self.views)
        return Camera(self.id, Location(**self.location.model_dump()), _nouns(self.zones), self.device_gbid, views)


def _nouns(zones: tuple[ZoneConfig, ...]) -> tuple[Zone, ...]:
    return tuple(Zone(zone.id, zone.kind, zone.polygon) for zone in zones)
