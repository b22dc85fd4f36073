"""A configuration that is none: one line that says what it is, whatever command it is given to."""

from pathlib import Path

import pytest

from tests.clips import corners, encode, write_picture
from tests.command_line import cvinspect

WORDS = {
    "check": lambda path: ["check", path],
    "watch": lambda path: ["watch", path],
    "run": lambda path: ["run", "clip.mp4", "--config", path, "--out", path.parent / "out"],
}


def _made(folder: Path, name: str) -> Path:
    path = folder / name
    match path.suffix:
        case ".mp4" | ".mkv" | ".avi" | ".ts" | ".mov" | ".flv":
            return encode(path, ticks=range(3), codec="mpeg4" if path.suffix == ".avi" else "libx264")
        case ".png" | ".jpg" | ".webp" | ".bmp":
            return write_picture(path, corners(64, 48))
        case ".db":
            path.write_bytes(b"SQLite format 3\0" + bytes(4000))
        case ".gz":
            path.write_bytes(b"\x1f\x8b\x08\x00" + bytes(range(256)))
        case _:
            path.write_bytes(bytes(5000))
    return path


@pytest.mark.parametrize("command", WORDS)
@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("street.mp4", "a video"), ("street.mkv", "a video"), ("street.avi", "a video"), ("street.ts", "a video"),
        ("street.mov", "a video"), ("street.flv", "a video"), ("street.png", "a picture"), ("street.jpg", "a picture"),
        ("street.webp", "a picture"), ("street.bmp", "a picture"), ("ledger.db", "a database"),
        ("old.gz", "an archive"), ("hole.bin", "a binary file"),
    ],
)  # fmt: skip
def test_another_kind_of_file_is_told_in_one_line(tmp_path: Path, command: str, name: str, kind: str) -> None:
    path = _made(tmp_path, name)
    outcome = cvinspect(*WORDS[command](path))
    assert outcome.code == 2
    assert len(outcome.err.splitlines()) == 1
    assert outcome.errors[0].startswith(f"{path}: is {kind}, no configuration; allowed: YAML")


def test_a_video_that_is_called_yaml_is_told_just_so(tmp_path: Path) -> None:
    path = encode(tmp_path / "street.mp4").rename(tmp_path / "site.yaml")
    assert "is a video, no configuration" in cvinspect("check", path).errors[0]


def test_a_file_that_is_too_large_for_a_configuration_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "site.yaml"
    with path.open("wb") as file:
        file.write(b"cameras: []\n" * 400)
        file.truncate(10_000_000_000)
    outcome = cvinspect("check", path)
    assert (outcome.code, "10000000000 bytes" in outcome.errors[0]) == (2, True)
