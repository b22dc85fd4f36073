"""Cameras whose time stamps are wrong, read from real RTSP streams: each second counts once."""

import random
from collections.abc import Callable

import pytest

from cvinspect.modes import Sampling
from cvinspect.sources.decoding.packet_ring import PacketRing
from cvinspect.sources.decoding.sampling_choice import EVERY_FRAME, SamplingRule
from tests import clips
from tests.sources.live.odd_camera import Footage, Habits, odd_camera
from tests.sources.live.test_live import watching

Stamps = Callable[[float], float]


@pytest.fixture(scope="module")
def footage(tmp_path_factory: pytest.TempPathFactory) -> Footage:
    options = {"x264-params": "keyint=10:min-keyint=10:scenecut=0:bframes=2"}
    return Footage.of(clips.encode(tmp_path_factory.mktemp("clip") / "gate.mp4", ticks=range(40), options=options))


def leaping(at_s: float) -> float:
    """Every two seconds one picture's stamp is hours ahead."""
    return at_s + (37_600.0 if round(at_s * 10) % 20 == 7 else 0.0)


@pytest.mark.parametrize("rule", [EVERY_FRAME, SamplingRule(Sampling.AUTO, 2.0)], ids=["all", "keys"])
@pytest.mark.parametrize(
    ("stamps", "says"),
    [
        (lambda at_s: at_s * 1.6, "its clock runs 1."),
        (lambda at_s: at_s * 0.5, "its clock runs 0."),
        (lambda _: 5.0, "its time stamps stand still or run backwards"),
        (lambda at_s: 40_000.0 - at_s, "its time stamps "),
        (leaping, "its time stamps leap and come back"),
        (lambda at_s: at_s + (10_000.0 if at_s < 2.0 else 6_400.0), "its clock leapt by -3600 s"),
    ],
    ids=["fast", "slow", "still", "backwards", "leaping", "set back"],
)
def test_a_camera_with_a_wrong_clock_is_read_by_ours(
    footage: Footage, stamps: Stamps, says: str, rule: SamplingRule
) -> None:
    ring = PacketRing()
    with (
        odd_camera(footage, Habits(stamps=stamps)) as camera,
        watching(camera.url, rule=rule, ring=ring) as watcher,
    ):
        watcher.until(lambda: watcher.camera.clock_trouble is not None)
        samples = watcher.more(6)
        counts, lag_s, trouble = watcher.camera.counts, watcher.camera.lag_s, watcher.camera.clock_trouble
        cut = ring.cut(samples[-1].captured_s, before_s=1.0, after_s=1.0)

    passed_s = samples[-1].captured_s - samples[0].captured_s
    media_s = samples[-1].frame.media_s - samples[0].frame.media_s
    assert media_s == pytest.approx(passed_s, abs=0.01)
    wall_s = (samples[-1].frame.captured_at - samples[0].frame.captured_at).total_seconds()
    assert wall_s == pytest.approx(passed_s, abs=0.1)
    assert str(trouble).startswith(says)
    assert lag_s is not None
    assert lag_s < 2.5
    assert (counts.connections, counts.failures, counts.skipped, counts.broken) == (1, {}, 0, 0)
    assert {sample.run for sample in samples} == {1}
    assert cut is not None  # clips can be cut from it


@pytest.mark.parametrize(
    "stamps",
    [
        lambda at_s: at_s + 2**32 / 90_000 - 2.0,
        lambda at_s: at_s + random.Random(int(at_s * 10)).uniform(-0.03, 0.03),
    ],
    ids=["wraps", "jitters"],
)
def test_a_counter_that_wraps_or_jitters_is_nothing_to_tell_of(footage: Footage, stamps: Stamps) -> None:
    with odd_camera(footage, Habits(stamps=stamps)) as camera, watching(camera.url) as watcher:
        samples = watcher.more(10)

        assert watcher.camera.clock_trouble is None
        assert {sample.run for sample in samples} == {1}
        assert samples[-1].frame.media_s == pytest.approx(4.5, abs=0.8)
