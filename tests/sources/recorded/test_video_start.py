import os
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from cvinspect.sources import Clock
from cvinspect.sources.recorded.video import open_video
from tests import clips
from tests.reading import opened

MAY = datetime(2024, 5, 1, 8, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("suffix", "stated", "expected"),
    [
        (".mp4", "2024-05-01T08:00:00.000000Z", (MAY, Clock.CONTAINER)),
        (".mkv", "2024-05-01T08:00:00.000000Z", (MAY, Clock.CONTAINER)),
        (".mp4", "1970-01-01T00:00:00.000000Z", (datetime(2024, 6, 1, tzinfo=UTC), Clock.FILE)),
        (".mp4", "1904-01-01T00:00:00.000000Z", (datetime(2024, 6, 1, tzinfo=UTC), Clock.FILE)),
        (".mp4", "2000-01-01T03:00:00.000000Z", (datetime(2024, 6, 1, tzinfo=UTC), Clock.FILE)),
        (".mp4", "2031-01-01T00:00:00.000000Z", (datetime(2024, 6, 1, tzinfo=UTC), Clock.FILE)),
        (".mp4", "", (datetime(2024, 6, 1, tzinfo=UTC), Clock.FILE)),
    ],
)
def test_the_start_is_the_containers_if_plausible_else_the_files(
    suffix: str, stated: str, expected: tuple[datetime, Clock], tmp_path: Path
) -> None:
    metadata = {"creation_time": stated} if stated else {}
    path = clips.encode(tmp_path / f"clip{suffix}", ticks=range(20), metadata=metadata)
    changed = datetime(2024, 6, 1, 0, 0, 2, tzinfo=UTC).timestamp()
    os.utime(path, (changed, changed))

    with opened(path) as source:
        assert (source.info.started_at, source.info.clock) == expected


def test_an_apple_date_with_its_offset_goes_before_the_time_of_writing(tmp_path: Path) -> None:
    path = clips.encode(
        tmp_path / "clip.mov",
        metadata={
            "com.apple.quicktime.creationdate": "2024-05-01T16:00:00+0800",
            "creation_time": "2024-05-01T09:30:00.000000Z",
        },
        options={"bf": "0"},
        muxer_options={"movflags": "use_metadata_tags"},
    )

    with opened(path) as source:
        assert (source.info.started_at, source.info.clock) == (MAY, Clock.CONTAINER)


def test_a_given_start_goes_before_all_and_is_kept_in_utc(tmp_path: Path) -> None:
    path = clips.encode(tmp_path / "clip.mp4", metadata={"creation_time": "2023-01-01T00:00:00Z"})
    beijing = timezone(timedelta(hours=8))

    with opened(path, started_at=datetime(2024, 5, 1, 16, 0, tzinfo=beijing)) as source:
        frames = list(source.frames())

    assert (source.info.started_at, source.info.clock) == (MAY, Clock.GIVEN)
    assert frames[1].captured_at == MAY + timedelta(seconds=0.5)
    assert frames[1].captured_at.tzinfo is UTC


def test_a_start_without_a_time_zone_is_refused(tmp_path: Path) -> None:
    path = clips.encode(tmp_path / "clip.mp4")

    with pytest.raises(ValueError, match="no time zone"):
        open_video(path, camera="gate", started_at=datetime(2024, 5, 1))  # noqa: DTZ001
