"""What the careful network costs at many cameras, and whether anything due is lost: one and two eyes, interleaved.

    .venv/bin/python -m benchmarks.two_eyes ../shared/footage/more/truth.json kerbs_bus_passes.mp4 [--cameras 30]

The daemon itself watches so many RTSP streams of this machine, all of which show the clip again and again, each from
another moment, with the zones that its truth has. Printed for each round and choice: CPU milliseconds of a camera and
second (without the server of the streams), samples lost, the worst lag, and how many violations each camera opened, the
fewest, the median and the most, beside what stands in the clip for its whole length. Then the ratio of both costs.
Nothing else may run beside it.
"""

import argparse
import json
import os
import random
import statistics
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

from cvinspect.assembly.eyes import NONE
from cvinspect.commands.bench import Bench, Load, cores, pause
from cvinspect.daemon.camera_builder import Surroundings
from cvinspect.errors import CvinspectError

SECONDS_TO_OPEN = 4.0
"""Dwells: a patrol finds a thing after one, and its own dwell begins then."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("truth", type=Path, help="truth.json beside the clip")
    parser.add_argument("clip", help="its name; H.264")
    parser.add_argument("--cameras", type=int, default=30)
    parser.add_argument("--dwell", type=float, default=30.0, help="seconds, of every class")
    parser.add_argument("--rounds", type=int, default=2)
    options = parser.parse_args()
    truth = json.loads(options.truth.read_text(encoding="utf-8"))["clips"][options.clip]
    standing = sum(event["start_s"] <= 1 for event in truth["events"] if event["ends"] == "end of clip")
    print(f"{options.cameras} cameras, {cores()} cores, dwell {options.dwell:g} s, {standing} things stand in the clip")
    costs: dict[str, list[float]] = {"quick": [], "both": []}
    for number in range(options.rounds):
        for eyes in ("quick", "both"):
            load = _load(options, truth["zones"], careful=NONE if eyes == "quick" else None)
            costs[eyes].append(load.cost_ms)
            print(f"round {number + 1}, {eyes}: {_said(load)}", flush=True)
    ratio = statistics.median(costs["both"]) / statistics.median(costs["quick"])
    print(f"two eyes cost {ratio:.2f} times as much as one")


def _load(options: argparse.Namespace, zones: list[dict[str, object]], *, careful: str | None) -> Load:
    around = Surroundings(
        now=lambda: datetime.now(UTC),
        seconds=time.monotonic,
        random=random.Random(0).random,  # of the pauses between attempts
        environ=os.environ,
    )
    rule = {"dwell_s": options.dwell, "pre_alarm_s": options.dwell / 3}
    bench = Bench(
        options.truth.parent / options.clip,
        around,
        careful=careful,
        zones=zones,
        violations={"illegal_parking_motor": rule},
    )
    return bench.load(options.cameras, seconds=SECONDS_TO_OPEN * options.dwell, wait=pause())


def _said(load: Load) -> str:
    opened = f"{min(load.opened)}, {statistics.median(load.opened):g}, {max(load.opened)}"
    return (
        f"{load.cost_ms:.1f} ms, {load.lost} of {load.inspected + load.lost} samples lost, "
        f"{load.lag_s:.1f} s behind, opened {opened}"
    )


if __name__ == "__main__":
    try:
        main()
    except CvinspectError as error:
        print(error, file=sys.stderr)
        raise SystemExit(error.exit_code) from error
