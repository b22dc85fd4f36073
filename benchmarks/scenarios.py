"""The scenario suite at length: incident precision, recall and duplicates per family, with Wilson's 95 % intervals.

    .venv/bin/python -m benchmarks.scenarios --scenes 20 [--family occlusion] [--processes 2]
    .venv/bin/python -m benchmarks.scenarios --scenes 3 --pixels

With `--pixels` whole pictures are made and the shipped network looks at them: fewer and shorter scenes, other families.

Every scene is made from its seed and its truth is exact; `samples/scenarios/README.md` says what each family holds.
Prints the scores, each thing that went wrong with its seed, and how many camera-hours were played a minute.
"""

import argparse
import time
from collections.abc import Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial

from cvinspect.evaluate.incidents.event_scores import EventTally, tally_of
from cvinspect.evaluate.statistics.rates import Rate
from cvinspect.evaluate.statistics.verdict import in_words, verdict
from samples.scenarios.pixel_families import PIXEL_FAMILIES
from samples.scenarios.play import Played, faults, from_pixels, played
from samples.scenarios.suite import FAMILIES, pixel_scene_of, scene_of

TARGET = 0.99


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--scenes", type=int, default=10, help="of each family")
    parser.add_argument("--first", type=int, default=0, help="seed of each family's first scene")
    parser.add_argument("--family", action="append", help="only this one; may be repeated")
    parser.add_argument("--pixels", action="store_true", help="the network looks at pictures; nothing is scripted")
    parser.add_argument("--keyframes", type=float, metavar="SECONDS", help="of key frames so far apart, no others")
    parser.add_argument("--processes", type=int, default=1)
    options = parser.parse_args()
    known = PIXEL_FAMILIES if options.pixels else FAMILIES
    families = options.family or list(known)
    if set(families) - set(known):
        parser.error(f"--family: allowed: {', '.join(known)}")
    seeds = range(options.first, options.first + options.scenes)
    began_s = time.perf_counter()
    results: list[Played] = []
    print(
        f"{'family':<11}{'due':>5}{'precision':>24}{'recall':>24}{'dup':>5}{'unclear':>9}{'open':>6}{'latency s':>14}"
    )
    with ProcessPoolExecutor(options.processes) as pool:
        for family in families:
            of_family = list(
                pool.map(partial(play_pixels if options.pixels else play, family, options.keyframes), seeds)
            )
            print(row(family, of_family), flush=True)
            results += of_family
    print(row("all", results))
    report_claims(results)
    report_unjudged(results)
    report_faults(results)
    hours = sum(one.watched.watched_s for one in results) / 3600
    minutes = (time.perf_counter() - began_s) / 60
    print(
        f"\n{hours:.1f} camera-hours, {sum(one.frames for one in results)} frames, {hours / minutes:.0f} hours a minute"
    )


def play(family: str, keyframes_s: float | None, seed: int) -> Played:
    return played(scene_of(family, seed), seed=seed, keyframes_s=keyframes_s)


def play_pixels(family: str, keyframes_s: float | None, seed: int) -> Played:
    return played(pixel_scene_of(family, seed), seed=seed, stage=from_pixels(), keyframes_s=keyframes_s)


def row(name: str, results: Sequence[Played]) -> str:
    found = total(results)
    unclear = sum(one.wrong_clearings for one in results)
    left_open = sum(one.left_open for one in results)
    latency = "-" if not found.hits else f"{found.median_latency_s:.1f} / {found.p95_latency_s:.1f}"
    return (
        f"{name:<11}{found.recall.of:>5}{interval(found.precision):>24}{interval(found.recall):>24}"
        f"{found.duplicates:>5}{unclear:>9}{left_open:>6}{latency:>14}"
    )


def total(results: Iterable[Played]) -> EventTally:
    return sum((tally_of(one.watched) for one in results), EventTally())


def interval(rate: Rate) -> str:
    if not rate.of:
        return "nothing"
    return f"{rate.hits}/{rate.of} {100 * rate.low:.1f} to {100 * rate.high:.1f} %"


def report_claims(results: Sequence[Played]) -> None:
    found = total(results)
    print(f"\nprecision {in_words(verdict(found.precision, target=TARGET))}")
    print(f"recall    {in_words(verdict(found.recall, target=TARGET))}")


def report_unjudged(results: Sequence[Played]) -> None:
    """Of the families that ask: seconds told not to have been judged, those of the truth, and the farthest off."""
    asked = [one.unjudged_s for one in results if one.unjudged_s is not None]
    if asked:
        told_s, true_s = (sum(column) for column in zip(*asked, strict=True))
        off_s = max(abs(told - true) for told, true in asked)
        print(
            f"not judged {told_s:.1f} s, in truth {true_s:.1f} s, in {len(asked)} scenes; off by {off_s:.1f} s at most"
        )


def report_faults(results: Sequence[Played]) -> None:
    for one in results:
        for fault in faults(one):
            print(f"  {one.family} seed {one.seed}: {fault}")


if __name__ == "__main__":
    main()
