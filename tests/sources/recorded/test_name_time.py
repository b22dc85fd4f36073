"""What cameras and recorders call their files."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from cvinspect.sources.recorded.name_time import time_in_name
from cvinspect.sources.recorded.start import CHINA

EIGHT = datetime(2026, 11, 21, 8, tzinfo=CHINA)

NAMES = {
    "gate_20261121080000.jpg": ("gate_", 0.0),
    "192.168.1.64_01_20261121080000123_TIMING.jpg": ("192.168.1.64_01_", 0.123),
    "Camera1_00_20261121080000.mp4": ("Camera1_00_", 0.0),
    "ch01_20261121080000_20261121080500.mp4": ("ch01_", 0.0),
    "D1_S20261121080000_E20261121080500.mp4": ("D1_S", 0.0),
    "XVR_ch1_main_20261121080000_20261121080500.dav": ("XVR_ch1_main_", 0.0),
    "2026-11-21/001/dav/08/08.00.00-08.05.00[M][0@0][0].dav": ("", 0.0),
    "RecM01_20261121_080000_080459_6D28808_ED1F8C.mp4": ("RecM01_", 0.0),
    "MDAlarm_20261121-080000.jpg": ("MDAlarm_", 0.0),
    "2026-11-21_08-00-00.mp4": ("", 0.0),
    "2026-11-21T08:00:00+08:00.mp4": ("", 0.0),
    "out-2026-11-21T00-00-00Z.mkv": ("out-", 0.0),
    "20261121T080000+0800.mkv": ("", 0.0),
    "2026.11.21 08.00.00.250.ts": ("", 0.25),
    "2026_11_21_08_00_00.ts": ("", 0.0),
    "20261121-08h00m00s.jpg": ("", 0.0),
    "2026年11月21日08时00分00秒.mp4": ("", 0.0),
    "recordings/2026-11-21/00/front/00.00.mp4": ("front", 0.0),
    "front-1795219200.25-abcdef.mp4": ("front-", 0.25),
    "front-1795219200.123456-abcdef.jpg": ("front-", 0.123),
    "2026112108/00M00S_1795219200.mp4": ("", 0.0),
    "1795219200123.jpg": ("", 0.123),
    "cam2-2026-11-21_08-00.mp4": ("cam2-", 0.0),
}


@pytest.mark.parametrize("name", NAMES)
def test_a_time_in_a_name_is_read(name: str) -> None:
    prefix, fraction_s = NAMES[name]

    named = time_in_name(Path(name), local=CHINA)

    assert named is not None
    assert (named.at, named.prefix) == (EIGHT.astimezone(UTC) + timedelta(seconds=fraction_s), prefix)


@pytest.mark.parametrize(
    "name",
    [
        "clip.mp4",
        "lot_1101_0949.mp4",
        "20261131080000.mp4",
        "20261121250000.mp4",
        "00000000123000000.mp4",
        "13912345678.jpg",
        "gate_20261121.mp4",
        "08.00.00-08.05.00[M][0@0][0].dav",
        "img_0000000001.jpg",
        "19700101080000.mp4",
    ],
)
def test_what_merely_looks_like_a_time_is_none(name: str) -> None:
    assert time_in_name(Path(name), local=CHINA) is None


def test_a_name_without_seconds_says_so() -> None:
    named = time_in_name(Path("2026-11-21_08-00.mp4"), local=CHINA)

    assert named is not None
    assert named.exact_s == 60.0
