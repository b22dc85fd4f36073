"""How clips were sampled: two runs that looked at other pictures are not to be compared without a word."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from cvinspect.modes import Sampling


@dataclass(frozen=True, slots=True)
class Sampled:
    """How one clip was sampled."""

    mode: Sampling
    """What was asked for or configured."""
    fps: float
    """Samples a second, at most."""
    keyframes_only: bool
    """Whether key frames alone were decoded, by what was known at the clip's end."""
    samples: int
    """Pictures that were looked at."""


class Alike(StrEnum):
    """Whether two runs sampled the clips that both scored in the same way."""

    SAME = "same"
    OTHER = "other"
    UNKNOWN = "unknown"
    """One of them does not say."""


def alike(pairs: Iterable[tuple[Sampled | None, Sampled | None]]) -> Alike:
    """Over every clip; how many samples came of it may differ, since what goes on in the picture asks for some."""
    found = set()
    for one, other in pairs:
        if one is None or other is None:
            found.add(Alike.UNKNOWN)
        else:
            found.add(Alike.SAME if one == replace(other, samples=one.samples) else Alike.OTHER)
    return next((answer for answer in (Alike.OTHER, Alike.UNKNOWN) if answer in found), Alike.SAME)


def sampled_in_words(clips: Sequence[tuple[Sampled | None, float]]) -> str:
    """One line about clips, each with the seconds of it that were watched.

    >>> often, seldom = Sampled(Sampling.AUTO, 2.0, True, 42), Sampled(Sampling.AUTO, 2.0, False, 20)
    >>> sampled_in_words([(often, 60.0), (seldom, 10.0)])
    'auto, key frames alone in 1 of 2 clips: 62 samples in 70.0 s, at most 2 a second'
    >>> sampled_in_words([(None, 60.0)])
    'not known'
    """
    known = [(one, watched_s) for one, watched_s in clips if one is not None]
    if not known or len(known) < len(clips):
        return "not known"
    modes = " and ".join(sorted({one.mode.value for one, _ in known}))
    alone = sum(one.keyframes_only for one, _ in known)
    samples, watched_s = sum(one.samples for one, _ in known), sum(watched_s for _, watched_s in known)
    where = f", key frames alone in {alone} of {len(known)} clips" if alone else ""
    return f"{modes}{where}: {samples} samples in {watched_s:.1f} s, at most {known[0][0].fps:g} a second"
