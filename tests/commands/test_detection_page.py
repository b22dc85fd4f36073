"""The page of `evaluate detections`: whole without the network, safe with hostile names; the pictures on it."""

import re
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from cvinspect.commands.evaluate_detections import measure, metrics, read_back, write_pages
from cvinspect.config.site import shipped
from cvinspect.detect.model import read_card
from cvinspect.evaluate.labelled.labelled_split import read_labelled_set
from cvinspect.evaluate.labelled.manifest import Split
from cvinspect.evaluate.labelled.picture_size import PictureSize, picture_size
from cvinspect.geometry import Box
from cvinspect.opencv import cv2
from cvinspect.report.detection_metrics import DetectionMetrics
from cvinspect.report.detection_pictures import Mark, MarkedBox, marked, shown_picture
from tests.evaluate.coco_folder import CocoFolder, row
from tests.report.test_page import Page

STREET = Path(__file__).parents[3] / "shared" / "data" / "street" / "val" / "images"
EVIL = '<script>alert(1)</script>"><img src=x onerror=alert(1)>'


def pages(tmp_path: Path, coco: CocoFolder, *rows: object) -> tuple[DetectionMetrics, str]:
    labelled = read_labelled_set(coco.write(), Split.VAL)
    card = read_card(shipped("models/street-26n.yaml"))
    seen = coco.results(*rows)
    measured = measure(labelled, card, read_back(labelled, seen))
    figures = metrics(measured, scored_at=datetime(2026, 11, 22, tzinfo=UTC), elapsed_s=1.0, predictions=seen)
    write_pages(tmp_path, measured, figures)
    return figures, (tmp_path / "report.html").read_text("utf-8")


def test_the_page_needs_nothing_from_elsewhere_and_runs_nothing(tmp_path: Path) -> None:
    _, text = pages(tmp_path, CocoFolder(tmp_path), row(score=0.9), row(9, 1, (50, 40, 20, 10)))
    page = Page(text)
    assert [link for link in page.links if not link.startswith("data:image/jpeg;base64,")] == []
    assert (len(page.links), page.tags.count("script"), page.broken, page.open) == (1, 0, "", [])
    assert re.search(r"https?://", text) is None


def test_hostile_names_stay_text(tmp_path: Path) -> None:
    coco = CocoFolder(tmp_path)
    coco.content["categories"][0]["name"] = EVIL
    _, text = pages(tmp_path, coco, row(9))
    page = Page(text)
    assert (page.tags.count("script"), page.tags.count("img"), page.broken, page.open) == (0, 2, "", [])
    assert EVIL in page.words


def test_the_page_tells_the_figures_in_both_languages(tmp_path: Path) -> None:
    coco = CocoFolder(tmp_path)
    coco.content["categories"] = [{"id": 3, "name": "garbage_bag"}, {"id": 1, "name": "bin"}]
    _, text = pages(tmp_path, coco, row(), row(9, 1, (0, 0, 40, 30)))
    words = " ".join(Page(text).words.split())
    told = ["检测评测报告Detection report", "垃圾袋 garbage_bag 22 0.505 0.505", "1 / 0 / 1 100.0 %20.7–100.0 %",
            "漏检 missed 1: garbage_bag", "误检 false 1: bin", "faster-coco-eval"]  # fmt: skip
    assert [line for line in told if line not in words] == []


def test_a_set_in_which_nobody_drew_anything_says_so(tmp_path: Path) -> None:
    coco = CocoFolder(tmp_path)
    coco.content["annotations"] = []
    figures, text = pages(tmp_path, coco)
    assert (figures.macro.ap50, figures.micro.precision.value, figures.worst) == (None, None, ())
    words = Page(text).words
    assert "没有可评测的标注" in words
    assert "No errors." in words


def test_a_worst_picture_that_is_gone_is_named_and_the_page_is_whole(tmp_path: Path) -> None:
    coco = CocoFolder(tmp_path)
    (tmp_path / "images" / "街 b.png").unlink()
    _, text = pages(tmp_path, coco, row())
    page = Page(text)
    assert ("图片无法读取" in page.words, "街 b.png" in page.words, page.open) == (True, True, [])


def test_a_name_that_is_no_text_is_shown_with_marks(tmp_path: Path) -> None:
    shown = shown_picture(tmp_path / b"caf\xe9.jpg".decode("utf-8", "surrogateescape"), [], elapsed_ms=None)
    assert shown.name == "caf?.jpg"


def test_metrics_are_read_back_equal(tmp_path: Path) -> None:
    figures, _ = pages(tmp_path, CocoFolder(tmp_path), row())
    assert DetectionMetrics.model_validate_json((tmp_path / "metrics.json").read_text("utf-8")) == figures


@pytest.mark.parametrize(("side", "longer"), [(40, 640), (800, 800), (3000, 1000)])
def test_pictures_are_shown_large_enough_to_read_and_small_enough_to_send(side: int, longer: int) -> None:
    drawn = marked(np.zeros((side // 2, side, 3), np.uint8), [])
    assert drawn.shape == (longer // 2, longer, 3)


def test_what_is_wrong_is_drawn_in_its_colour_and_heads_are_masked() -> None:
    pixels = np.random.default_rng(0).integers(0, 255, (400, 800, 3), dtype=np.uint8)
    boxes = [
        MarkedBox("bin", Box(0.1, 0.5, 0.3, 0.9), Mark.MISSED, None),
        MarkedBox("person", Box(0.5, 0.1, 0.7, 0.9), Mark.HIT, 0.9),
    ]
    drawn = marked(pixels, boxes)
    assert drawn[280, 80].tolist() == [48, 48, 230]
    head, body = drawn[50:80, 420:540], drawn[200:240, 420:540]
    assert len(np.unique(head.reshape(-1, 3), axis=0)) <= 25
    assert np.array_equal(body, pixels[200:240, 420:540])


def test_a_file_that_is_no_picture_is_shown_as_such(tmp_path: Path) -> None:
    (tmp_path / "a.jpg").write_bytes(b"no picture")
    shown = shown_picture(tmp_path / "a.jpg", [], elapsed_ms=3.0)
    assert (shown.name, shown.source, shown.elapsed_ms) == ("a.jpg", None, 3.0)


@pytest.mark.parametrize("suffix", [".jpg", ".png", ".bmp", ".webp", ".tiff"])
def test_a_pictures_size_is_that_of_its_pixels(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"a{suffix}"
    path.write_bytes(cv2.imencode(suffix, np.zeros((37, 53, 3), np.uint8))[1].tobytes())
    assert picture_size(path) == PictureSize(53, 37)


def test_a_picture_that_lies_on_its_side_is_measured_upright(tmp_path: Path) -> None:
    """EXIF orientation 6: to be turned by a quarter (CIPA DC-008)."""
    jpeg = cv2.imencode(".jpg", np.zeros((37, 53, 3), np.uint8))[1].tobytes()
    tiff = b"MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0"
    segment = b"Exif\0\0" + tiff
    path = tmp_path / "a.jpg"
    path.write_bytes(jpeg[:2] + b"\xff\xe1" + (len(segment) + 2).to_bytes(2, "big") + segment + jpeg[2:])
    assert picture_size(path) == PictureSize(37, 53)


@pytest.mark.skipif(not STREET.is_dir(), reason=f"needs the labelled street pictures in {STREET}, which are not here")
def test_the_sizes_of_street_pictures_are_those_of_their_pixels() -> None:
    for path in sorted(STREET.iterdir())[::8]:
        height, width = cv2.imread(str(path)).shape[:2]
        assert picture_size(path) == PictureSize(width, height), path.name
