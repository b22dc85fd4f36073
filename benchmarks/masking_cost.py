"""What masking costs a picture: `.venv/bin/python -m benchmarks.masking_cost`. Seconds of one core, and memory.

Noise of the sizes of cameras, with so many vehicles of 240 x 160 px: what is in a picture changes the cost only by
the vehicles in it.
"""

import resource
import sys
import time

import numpy as np

from cvinspect.assembly.masking import opened_masking
from cvinspect.domain import Detection
from cvinspect.evidence.masking import masked
from cvinspect.geometry import Box

SIZES = ((640, 360), (1280, 720), (1920, 1080), (2560, 1440))
VEHICLES = (0, 4, 16)
ROUNDS = 3


def main() -> None:
    masking = opened_masking()
    before_mb = peak_mb()
    print("picture     vehicles   core-s")
    for width, height in SIZES:
        pixels = np.random.default_rng(0).integers(0, 256, (height, width, 3), np.uint8)
        for count in VEHICLES:
            places = [
                (x % (width - 240), x // (width - 240) * 170 % (height - 160)) for x in range(0, count * 250, 250)
            ]
            cars = [Detection("motor_vehicle", 0.9, Box(x, y, x + 240, y + 160)) for x, y in places]
            masked(pixels, masking(pixels, cars))
            began_s = time.process_time()
            for _ in range(ROUNDS):
                masked(pixels, masking(pixels, cars))
            print(f"{width}x{height:<6} {count:>8}   {(time.process_time() - began_s) / ROUNDS:.2f}", flush=True)
    print(f"peak memory {peak_mb():.0f} MB, {before_mb:.0f} MB of it before the first picture")


def peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1e6 if sys.platform == "darwin" else 1e3)


if __name__ == "__main__":
    main()
