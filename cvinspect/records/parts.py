"""The parts that records are made of, and the types of their fields."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    WithJsonSchema,
)


def _to_milliseconds(moment: datetime) -> datetime:
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


def _encodable(name: object) -> object:
    return name.encode("utf-8", "replace").decode() if isinstance(name, str) else name


Instant = Annotated[
    AwareDatetime,
    AfterValidator(_to_milliseconds),
    PlainSerializer(lambda moment: moment.isoformat(timespec="milliseconds"), return_type=str, when_used="json"),
    WithJsonSchema({"type": "string", "format": "date-time"}),
]
"""ISO 8601 with milliseconds and the offset of the site's time zone."""

Seconds = Annotated[float, Field(ge=0), AfterValidator(lambda value: round(value, 3))]
MediaSeconds = Annotated[float, AfterValidator(lambda value: round(value, 3))]
"""On the footage's clock; negative for what an earlier file of the same camera showed."""
Confidence = Annotated[float, Field(ge=0, le=1), AfterValidator(lambda value: round(value, 4))]
Pixel = Annotated[float, AfterValidator(lambda value: round(value, 1))]
Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
FileName = Annotated[str, BeforeValidator(_encodable)]
"""Linux lets a file name be bytes that are no text; a question mark stands for each of them."""
Identifier = Annotated[str, Field(min_length=1)]


class Part(BaseModel):
    """Base of all that is written down: unchangeable, and nothing unknown comes in."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", allow_inf_nan=False, json_schema_serialization_defaults_required=True
    )


class RecordPart(Part):
    """What an incident's record is made of: fields that this version does not know are left alone by it."""

    model_config = ConfigDict(extra="ignore")


class NamesPart(RecordPart):
    """What people call the class."""

    zh: str = Field(description="Name in Chinese.")
    en: str = Field(description="Name in English.")


class CodePart(RecordPart):
    """The jurisdiction's event code; strings, since leading zeros and widths differ between schemas."""

    major: str = Field(description="Major class (大类), for instance 05.")
    minor: str = Field(description="Minor class (小类), for instance 05 or 005.")


class CameraPart(RecordPart):
    """Which camera saw it."""

    id: Identifier = Field(description="The camera's id in this installation.")
    device_gbid: str | None = Field(description="GB/T 28181 device id, 20 digits; null if not configured.")


class LocationPart(RecordPart):
    """Where the camera stands; every value is null that was not configured."""

    lon: float | None = Field(description="Longitude in degrees, -180 to 180.", ge=-180, le=180)
    lat: float | None = Field(description="Latitude in degrees, -90 to 90.", ge=-90, le=90)
    crs: Literal["WGS-84"] = Field("WGS-84", description="Reference system of lon and lat.")
    address: str | None = Field(description="Address in words.")
    grid_code: str | None = Field(description="单元网格 cell-grid code, 15 digits.")
    road_id: str | None = Field(description="The road's id in the city's register.")


class ZonePart(RecordPart):
    """The drawn area that the rule held in."""

    id: str = Field(description="The zone's id; whole_picture where no zone was drawn or the rule holds anywhere.")
    kind: str = Field(description="The zone's kind, for instance no_parking; whole_picture as above.")


class ObjectPart(RecordPart):
    """One thing that belongs to the incident, as last seen."""

    label: str = Field(description="The detector's label.")
    confidence: Confidence = Field(description="Of this detection, 0 to 1.")
    box: tuple[Pixel, Pixel, Pixel, Pixel] = Field(
        description="x0, y0, x1, y1 in pixels of the source picture, origin top-left."
    )
    track: int = Field(description="The track's number, unique within one run only.")


class OriginalPart(RecordPart):
    """The untouched picture behind a piece of evidence."""

    uri: str = Field(description="Path relative to the output folder, with forward slashes.")
    sha256: Sha256 = Field(description="SHA-256 of the file's bytes, lower-case hexadecimal.")
    width: int = Field(description="Pixels.", gt=0)
    height: int = Field(description="Pixels.", gt=0)
    bytes: int = Field(description="Size of the file in bytes.", gt=0)


class EvidencePart(RecordPart):
    """One picture for people, with the facts burned into a band beside it; or a clip."""

    role: Literal["before", "panorama", "closeup", "mosaic", "after", "clip"] = Field(
        description="What the picture is for; clip: video (MP4), masked where it has an original, "
        "else as the camera sent it; nothing is drawn in it."
    )
    uri: str = Field(description="Path relative to the output folder, with forward slashes.")
    sha256: Sha256 = Field(description="SHA-256 of the file's bytes, lower-case hexadecimal.")
    captured_at: Instant = Field(description="When the picture, or the clip's first one, was captured.")
    media_s: MediaSeconds | None = Field(description="Seconds since the footage began; null for live feeds.")
    width: int = Field(description="Pixels, band included.", gt=0)
    height: int = Field(description="Pixels, band included.", gt=0)
    bytes: int = Field(description="Size of the file in bytes.", gt=0)
    original: OriginalPart | None = Field(
        description="The untouched picture or clip; null where it is not kept, and of a clip that is untouched itself."
    )
    duration_s: Seconds | None = Field(None, description="Seconds of a clip; null for a picture.")


class ModelPart(RecordPart):
    """A model that looked."""

    name: str = Field(description="The model's name, as its card says.")
    sha256: Sha256 = Field(description="SHA-256 of the model file, lower-case hexadecimal.")


class MediaPart(RecordPart):
    """The same moments on the footage's own clock."""

    first_seen_s: MediaSeconds = Field(description="Seconds since the footage began.")
    confirmed_s: MediaSeconds | None = Field(description="Seconds since the footage began; null before confirmation.")
    last_seen_s: MediaSeconds = Field(description="Seconds since the footage began.")
    cleared_s: MediaSeconds | None = Field(description="Seconds since the footage began; null while not cleared.")
