"""Stills that live: incident precision and recall of every class on photographs that a fixed camera might have shown.

    .venv/bin/python -m benchmarks.stills ../shared/data/street/data.yaml [--pictures 12] [--out out/stills.md]

Real clips hold parked vehicles and little else. Here validation photographs from which no network has learnt are shown
with a sensor's noise, drifting light, a shake of a pixel and somebody who walks through; each drawn thing is due once
in a zone drawn around it. They are stills: nothing but the passer-by moves, and no thing comes or goes. Numbers say how
well things are seen and told apart, and nothing of traffic. `samples/stills/` makes them; docs/evaluation.md tells how.
"""

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from cvinspect.assembly.eyes import opened, with_careful
from cvinspect.assembly.models import load_model
from cvinspect.config.site import Site, shipped
from cvinspect.errors import CvinspectError, DatasetError
from cvinspect.evaluate.incidents.event_scores import EventScores, EventTally, WatchedClip, score
from cvinspect.evaluate.labelled.manifest import Split
from cvinspect.evaluate.labelled.yolo_dataset import Dataset, load_dataset
from cvinspect.evaluate.statistics.rates import Rate
from cvinspect.geometry import Box
from cvinspect.records.files import write_whole
from samples.stills.passers import passers_of
from samples.stills.play import Eyes, played, site_of
from samples.stills.scene import Still
from samples.stills.suite import chosen, stills_among
from samples.stills.unlearnt import learnt_by, unlearnt

PASSERS = 12
COLUMNS = ("class", "stills", "due", "found", "recall", "raised", "right", "doubled", "precision")
SAYS = (
    "Stills that live: photographs shown as by a fixed camera, each drawn thing due once. Not footage: nothing comes "
    "or goes but a passer-by."
)


def main(arguments: Sequence[str] | None = None) -> None:
    options = parsed(arguments)
    try:
        table = run(options)
    except CvinspectError as error:
        print(error, file=sys.stderr)
        raise SystemExit(error.exit_code) from error
    print(table)


def parsed(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path, help="data.yaml of labelled pictures with source.csv; val is shown")
    parser.add_argument("--pictures", type=int, default=12, help="at most so many of each class, evenly chosen")
    parser.add_argument("--empty", type=int, default=12, help="at most so many in which nothing is due")
    parser.add_argument("--only", action="append", metavar="CLASS", help="pictures of this class; may be repeated")
    parser.add_argument("--model", type=Path)
    parser.add_argument("--seconds", type=float, default=60.0, help="how long each is shown")
    parser.add_argument("--dwell", type=float, default=20.0, help="seconds after which everything is due")
    parser.add_argument("--fps", type=float, default=1.0)
    parser.add_argument("--careful", help="card of the network that looks again, or none; default: the shipped one")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path, help="a file for the results: .md or .json")
    options = parser.parse_args(arguments)
    if options.pictures < 1 or options.empty < 0:
        parser.error(f"--pictures {options.pictures} --empty {options.empty}; allowed: 1 or more, 0 or more")
    if not 0 < options.fps <= 25:
        parser.error(f"--fps: {options.fps:g}; allowed: above 0, 25 at most")
    if not 1 <= options.dwell < options.seconds <= 3600:
        parser.error(f"--dwell {options.dwell:g} --seconds {options.seconds:g}; allowed: 1 <= dwell < seconds <= 3600")
    if options.out is not None and options.out.suffix not in {".md", ".json"}:
        parser.error(f"--out: {options.out}; allowed: a name that ends with .md or .json")
    if options.out is not None and not options.out.parent.is_dir():
        parser.error(f"--out: {options.out}: no folder {options.out.parent}; make it first")
    known = [one.id for one in site_of(options.dwell).violations(period_s=1.0)]
    if set(options.only or ()) - set(known):
        parser.error(f"--only: allowed: {', '.join(known)}")
    return options


def run(options: argparse.Namespace) -> str:
    """The table; raises CvinspectError."""
    site = site_of(options.dwell)
    model = with_careful(site, load_model(site, options.model), options.careful)
    eyes = Eyes(site, model, model.detector(), opened(model.careful))
    dataset = load_dataset(options.data)
    folders = {one.path.parent for one in (model, model.careful) if one is not None}
    stills = stills_of(dataset, site, options, folders)
    if not any(still.due for still in stills):
        raise DatasetError(f"{options.data}: nothing is due in any picture of val that nothing has learnt from")
    everybody = [*dataset.split(Split.VAL), *(one for one in dataset.pictures if one.split is Split.TRAIN)]
    passers = passers_of(everybody, dataset.names, most=PASSERS)
    clips = []
    for number, still in enumerate(stills, start=1):
        clips.append(played(still, eyes, passers, seed=options.seed, seconds=options.seconds, fps=options.fps))
        print(f"{number} of {len(stills)}: {still.name}", file=sys.stderr)
    scores = score(clips, classes=[one.id for one in site.violations(period_s=1.0)])
    if options.out is not None:
        is_json = options.out.suffix == ".json"
        write_whole(options.out, as_json(stills, clips, scores) if is_json else as_markdown(stills, scores))
    return as_text(stills, scores)


def stills_of(dataset: Dataset, site: Site, options: argparse.Namespace, models: set[Path]) -> list[Still]:
    violations = site.violations(period_s=1 / options.fps)
    pictures = unlearnt(dataset.split(Split.VAL), learnt_by({shipped("models"), *models}))
    stills = stills_among(pictures, dataset.names, violations, seconds=options.seconds)
    wanted = options.only or [one.id for one in violations]
    return chosen(stills, wanted, most=options.pictures, most_empty=options.empty, seed=options.seed)


def cells(stills: Sequence[Still], scores: EventScores) -> list[tuple[str, ...]]:
    """The rows of the table, without its heading."""
    rows = [row(name, sum(name in one.due for one in stills), tally) for name, tally in scores.by_class.items()]
    macro = scores.macro
    shares = [("recall", macro.recall), ("precision", macro.precision)]
    mean = {name: "-" if share is None else f"{100 * share:.0f} %" for name, share in shares}
    last = {"class": f"mean of {macro.classes} classes", **mean}
    return [*rows, row("all", len(stills), scores.total), tuple(last.get(column, "") for column in COLUMNS)]


def row(name: str, stills: int, tally: EventTally) -> tuple[str, ...]:
    found, right = in_words(tally.recall), in_words(tally.precision)
    numbers = [stills, tally.recall.of, tally.hits, found, tally.raised, tally.hits, tally.duplicates, right]
    return (name, *map(str, numbers))


def in_words(rate: Rate) -> str:
    share = rate.share
    return "-" if share is None else f"{100 * share:.0f} % ({100 * rate.low:.0f} to {100 * rate.high:.0f})"


def as_text(stills: Sequence[Still], scores: EventScores) -> str:
    rows = [COLUMNS, *cells(stills, scores)]
    widths = [max(len(line[place]) for line in rows) for place in range(len(COLUMNS))]
    lines = ["  ".join(f"{cell:<{width}}" for cell, width in zip(line, widths, strict=True)).rstrip() for line in rows]
    return "\n".join([SAYS, "", *lines])


def as_markdown(stills: Sequence[Still], scores: EventScores) -> str:
    lines = [f"| {' | '.join(line)} |" for line in (COLUMNS, ("---",) * len(COLUMNS), *cells(stills, scores))]
    return "\n".join([SAYS, "", *lines, ""])


def as_json(stills: Sequence[Still], clips: Sequence[WatchedClip], scores: EventScores) -> str:
    """The same numbers, and what went wrong in which picture; boxes as shares of width and height."""
    shown = [
        {
            "picture": still.picture.path.name,
            "still": still.name,
            "due": [_thing(one.truth.class_id, one.truth.box, one.fate.value) for one in clip.matching.events],
            "raised": [
                _thing(one.incident.class_id, one.incident.box, one.outcome.value) for one in clip.matching.incidents
            ],
        }
        for still, clip in zip(stills, clips, strict=True)
    ]
    classes = {name: _numbers(tally) for name, tally in scores.by_class.items()}
    mean = {"classes": scores.macro.classes, "precision": scores.macro.precision, "recall": scores.macro.recall}
    what = {"about": SAYS, "classes": classes, "all": _numbers(scores.total), "mean": mean, "stills": shown}
    return json.dumps(what, indent=1, ensure_ascii=False) + "\n"


def _thing(class_id: str, box: Box | None, what: str) -> dict[str, object]:
    return {"class": class_id, "box": box and [round(edge, 4) for edge in box.xyxy], "what": what}


def _numbers(tally: EventTally) -> dict[str, object]:
    return {
        "due": tally.recall.of,
        "found": tally.hits,
        "raised": tally.raised,
        "false": tally.false_alarms,
        "doubled": tally.duplicates,
        "ignored": tally.ignored,
        "taken_in": tally.taken_in,
        "precision": _rate(tally.precision),
        "recall": _rate(tally.recall),
    }


def _rate(rate: Rate) -> dict[str, float | None]:
    return {"share": rate.share, "low": rate.low, "high": rate.high}


if __name__ == "__main__":
    main()
