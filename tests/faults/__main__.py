"""`python -m tests.faults [SCRIPT …]` prints the table of results; CVINSPECT_FAULTS=long does everything many times."""

# ruff: noqa: T201  the table goes to stdout
import os
import sys
import time

import pytest

from tests.faults.campaign import ALONE, SCRIPTS, Campaign, a_folder
from tests.faults.nursery import a_nursery
from tests.faults.rtsp_server import need_gstreamer
from tests.faults.stand import HEADER


def main() -> int:
    """1 where anything was wrong."""
    try:
        need_gstreamer()
    except pytest.skip.Exception as reason:
        print(f"error: {reason}", file=sys.stderr)
        return 1
    folder, began_s, complaints = a_folder(), time.monotonic(), 0
    names = tuple(sys.argv[1:]) or (*SCRIPTS, *ALONE)
    print(f"everything is left in {folder}", file=sys.stderr)
    print(HEADER, flush=True)
    with a_nursery() as nursery:
        campaign = Campaign(nursery, folder, is_long=os.environ.get("CVINSPECT_FAULTS") == "long", names=names)
        for name in names:
            try:
                outcomes = campaign.outcomes(name)
            except pytest.skip.Exception as reason:
                print(f"{name}: {reason}", file=sys.stderr)
                continue
            for outcome in outcomes:
                print(outcome.row, flush=True)
                complaints += len(outcome.complaints)
                for line in outcome.complaints:
                    print(f"{outcome.fault}: {line}", file=sys.stderr)
        campaign.close()
    print(f"{time.monotonic() - began_s:.0f} s", file=sys.stderr)
    return min(1, complaints)


if __name__ == "__main__":
    sys.exit(main())
