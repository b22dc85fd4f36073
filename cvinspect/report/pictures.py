"""Evidence pictures inside the page: smaller copies as data URIs, or links where there would be too many."""

from base64 import b64encode
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from cvinspect.opencv import cv2
from cvinspect.records.parts import EvidencePart

_JPEG_QUALITY = 80
_ROLES = {
    "panorama": ("全景", "Panorama"),
    "closeup": ("特写", "Close-up"),
    "after": ("清除后", "After"),
    "before": ("处置前", "Before"),
    "mosaic": ("拼图", "Mosaic"),
}


@dataclass(frozen=True, slots=True)
class Embedding:
    """How large pictures are embedded; None: they are linked."""

    panorama_px: int
    """Widest, in pixels."""
    closeup_px: int


def embedding_for(incidents: int) -> Embedding | None:
    """What keeps the page quick to open: about 50 MB at most, links from 200 incidents on."""
    if incidents > 200:
        return None
    return Embedding(960, 480) if incidents <= 60 else Embedding(640, 360)


@dataclass(frozen=True, slots=True)
class Shown:
    """One picture on the page."""

    role: str
    zh: str
    en: str
    source: str
    """A data URI, or a path relative to the page."""
    uri: str
    sha256: str
    width: int
    height: int
    """Pixels of the evidence file: the page keeps their ratio free while it loads."""
    at: str


def shown(picture: EvidencePart, folder: Path, embedding: Embedding | None) -> Shown | None:
    """The picture for the page, or None where its file cannot be read."""
    source = picture.uri if embedding is None else _embedded(folder / picture.uri, picture.role, embedding)
    if source is None:
        return None
    zh, en = _ROLES.get(picture.role, (picture.role, picture.role))
    return Shown(
        role=picture.role,
        zh=zh,
        en=en,
        source=source,
        uri=picture.uri,
        sha256=picture.sha256,
        width=picture.width,
        height=picture.height,
        at=f"{picture.captured_at:%Y-%m-%d %H:%M:%S}",
    )


def _embedded(path: Path, role: str, embedding: Embedding) -> str | None:
    try:
        data = np.frombuffer(path.read_bytes(), np.uint8)
    except OSError:
        return None
    pixels = cv2.imdecode(data, cv2.IMREAD_COLOR) if data.size else None
    if pixels is None:
        return None
    widest = embedding.closeup_px if role == "closeup" else embedding.panorama_px
    height, width = pixels.shape[:2]
    scale = min(1.0, widest / width)
    if scale < 1.0:
        size = widest, max(1, round(height * scale))
        pixels = cv2.resize(pixels, size, interpolation=cv2.INTER_AREA)
    done, encoded = cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, _JPEG_QUALITY])
    return f"data:image/jpeg;base64,{b64encode(encoded.tobytes()).decode()}" if done else None
