"""Of what is hidden nothing is left in any kind of picture that leaves, nor in smaller copies of it."""

import base64
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cvinspect.domain import Change, ChangeKind, Pixels
from cvinspect.evidence.exhibit import exhibit
from cvinspect.evidence.snapshots import Snapshots
from cvinspect.evidence.zone_map import zone_map
from cvinspect.geometry import Box
from cvinspect.opencv import cv2
from cvinspect.records.parts import EvidencePart
from cvinspect.report.detection_pictures import marked
from cvinspect.report.pictures import Embedding, shown
from tests.fakes import SHANGHAI, frame
from tests.incident_makers import CAMERA, an_incident

WIDTH, HEIGHT = 640, 360


def decoded(data: bytes) -> Pixels:
    pixels = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
    assert pixels is not None
    return np.asarray(pixels, np.uint8)


def stored(folder: Path, pixels: Pixels, regions: list[Box]) -> EvidencePart:
    opened = Change(ChangeKind.OPENED, an_incident(objects=()), frame(7, pixels))
    picture = Snapshots(folder, timezone=SHANGHAI).take(opened, CAMERA, hidden=lambda _: regions)[0]
    return EvidencePart(
        role="panorama",
        uri=picture.uri,
        sha256=picture.sha256,
        captured_at=picture.captured_at.astimezone(SHANGHAI),
        media_s=1.0,
        width=picture.width,
        height=picture.height,
        bytes=picture.bytes,
        original=None,
    )


def panorama(folder: Path, pixels: Pixels, regions: list[Box]) -> Pixels:
    return decoded((folder / stored(folder, pixels, regions).uri).read_bytes())


def on_the_page(folder: Path, pixels: Pixels, regions: list[Box]) -> Pixels:
    embedded = shown(stored(folder, pixels, regions), folder, Embedding(WIDTH, WIDTH))
    assert embedded is not None
    return decoded(base64.b64decode(embedded.source.partition(",")[2]))


def in_a_score(folder: Path, pixels: Pixels, regions: list[Box]) -> Pixels:
    return decoded(exhibit(pixels, [], hidden=regions))


def with_zones(folder: Path, pixels: Pixels, regions: list[Box]) -> Pixels:
    return zone_map(pixels, [], hidden=regions)


def among_detections(folder: Path, pixels: Pixels, regions: list[Box]) -> Pixels:
    return marked(pixels, [], lambda *_: regions)


def likeness(a: Pixels, b: Pixels) -> float:
    """Correlation of two pictures of one size, in [-1, 1]; 0 where one of them is flat."""
    x, y = (one.astype(float).mean(axis=2).ravel() for one in (a, b))
    x, y = x - x.mean(), y - y.mean()
    size = float(np.linalg.norm(x) * np.linalg.norm(y))
    return float(x @ y) / size if size > 1e-6 else 0.0


@pytest.mark.parametrize("made", [panorama, on_the_page, in_a_score, with_zones, among_detections])
@settings(max_examples=6, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.integers(0, WIDTH - 90), st.integers(0, HEIGHT - 90), st.integers(48, 88), st.integers(48, 88), st.integers(0, 9)
)
def test_the_stripes_of_a_face_are_gone(
    tmp_path: Path,
    made: Callable[[Path, Pixels, list[Box]], Pixels],
    x: int,
    y: int,
    width: int,
    height: int,
    seed: int,
) -> None:
    pixels = np.full((HEIGHT, WIDTH, 3), 120, np.uint8)
    secret = np.random.default_rng(seed).integers(0, 2, (height // 2 + 1, width // 2 + 1, 1), np.uint8) * 200 + 20
    secret = np.repeat(np.repeat(secret, 2, 0), 2, 1)[:height, :width].repeat(3, axis=2)
    pixels[y : y + height, x : x + width] = secret
    folder = tmp_path / f"{x}-{y}-{width}-{height}-{seed}"
    part = np.s_[y : y + height, x : x + width]
    assert likeness(made(folder / "open", pixels, [])[part], secret) > 0.8
    hidden = made(folder / "hidden", pixels, [Box(x, y, x + width, y + height)])[part]
    assert likeness(hidden, secret) < 0.45
    assert np.ptp(hidden.astype(int).mean(axis=2)) < 110 < np.ptp(secret)
