"""All families, and any number of scenes of each from their seeds."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from zlib import crc32

import numpy as np

from samples.scenarios.families import (
    askew,
    back_again,
    clock,
    covered,
    creep,
    cut,
    dropouts,
    edge,
    lights,
    night,
    occlusion,
    onlooker,
    plain,
    rain,
    restart,
    rubbish,
    shaking,
    street,
    tour,
    turns,
    vendor,
    zones,
)
from samples.scenarios.pixel_families import PIXEL_FAMILIES
from samples.scenarios.play import Played, played
from samples.scenarios.scene import Scene

FAMILIES: Mapping[str, Callable[[np.random.Generator], Scene]] = {
    "plain": plain.scene,
    "occlusion": occlusion.scene,
    "dropouts": dropouts.scene,
    "turns": turns.scene,
    "edge": edge.scene,
    "lights": lights.scene,
    "creep": creep.scene,
    "night": night.scene,
    "rain": rain.scene,
    "shaking": shaking.scene,
    "askew": askew.scene,
    "covered": covered.scene,
    "clock": clock.scene,
    "vendor": vendor.scene,
    "rubbish": rubbish.scene,
    "onlooker": onlooker.scene,
    "zones": zones.scene,
    "restart": restart.scene,
    "tour": tour.scene,
    "cut": cut.scene,
    "back_again": back_again.scene,
}


def scene_of(family: str, seed: int) -> Scene:
    """The same scene for the same seed, with false boxes at the measured rates."""
    rng = np.random.default_rng([crc32(family.encode()), seed])
    return replace(FAMILIES[family](rng), spots=street.spots(rng))


def pixel_scene_of(family: str, seed: int) -> Scene:
    """The same scene for the same seed, to be played from pixels."""
    return PIXEL_FAMILIES[family](np.random.default_rng([crc32(family.encode()), seed]))


def play_family(family: str, seeds: range) -> Iterator[Played]:
    """Every scene of a family."""
    for seed in seeds:
        yield played(scene_of(family, seed), seed=seed)
