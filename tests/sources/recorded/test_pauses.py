"""Pauses within a file are told, and are no footage."""

from collections.abc import Iterable
from pathlib import Path

import pytest

from cvinspect.modes import Sampling
from cvinspect.sources.decoding.sampling_choice import SamplingRule
from cvinspect.sources.recorded.pauses import Pauses
from tests import clips
from tests.reading import opened


def lengths_s(times_s: Iterable[float]) -> list[float]:
    pauses = Pauses()
    for time_s in times_s:
        pauses.note(time_s)
    return pauses.lengths_s


@pytest.mark.parametrize("sampling", [Sampling.ALL, Sampling.KEYFRAMES])
def test_a_pause_of_an_hour_is_met_whatever_is_decoded(sampling: Sampling, tmp_path: Path) -> None:
    ticks = [*range(300), *range(36_300, 36_600)]
    path = clips.encode(tmp_path / "clip.mkv", ticks=ticks, options={"bf": "0", "g": "50"})

    with opened(path, rule=SamplingRule(sampling, 1.0)) as source:
        list(source.frames())

    assert source.pauses.lengths_s == pytest.approx([3600.0], abs=5.0)
    assert source.counts.paused_s == pytest.approx(3600.0, abs=5.0)


def test_time_lapse_has_no_pauses_but_where_pictures_are_missing() -> None:
    assert lengths_s(60.0 * i for i in range(50)) == []
    assert lengths_s(60.0 * i for i in range(50) if i not in range(20, 30)) == [600.0]


def test_a_frame_a_second_and_short_breaks_are_no_pauses() -> None:
    assert lengths_s([0.0, 1.0, 2.0, 32.0, 33.0, 34.0]) == []
    assert lengths_s([0.0, 1.0, 2.0, 34.0, 35.0, 36.0]) == [31.0]
