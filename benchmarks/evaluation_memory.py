"""What scoring costs: `python benchmarks/evaluation_memory.py`. Prints seconds and peak memory, fails nothing.

A YOLO data set of so many pictures, each with 3 things of 15 labels, and a file of detections, 20 a picture, are made
up in a temporary folder and scored by `cvinspect evaluate detections --predictions`, each time in a process of its
own. The pictures are one small file under many names: scoring reads no pixels.
"""

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from cvinspect.config.site import shipped
from cvinspect.detect.model import read_card
from cvinspect.opencv import cv2

WIDTH, HEIGHT = 640, 480
THINGS = 3


def make(folder: Path, pictures: int, detections: int, names: tuple[str, ...]) -> None:
    """data.yaml, links to one picture, label files and found.json."""
    for part in ("images", "labels"):
        (folder / "val" / part).mkdir(parents=True)
    (folder / "data.yaml").write_text(f"val: val/images\nnames: [{', '.join(names)}]\n", encoding="utf-8")
    picture = cv2.imencode(".jpg", np.zeros((HEIGHT, WIDTH, 3), np.uint8))[1].tobytes()
    rng = np.random.default_rng(0)
    with (folder / "found.json").open("w", encoding="utf-8") as found:
        found.write("[")
        for number in range(pictures):
            name = f"p{number:06}"
            (folder / "val" / "images" / f"{name}.jpg").write_bytes(picture)
            labels = rng.integers(0, len(names), THINGS)
            places = rng.uniform(0.2, 0.8, (THINGS, 2))
            sizes = rng.uniform(0.05, 0.3, (THINGS, 2))
            lines = np.column_stack([labels, places, sizes])
            text = "".join("{:.0f} {:.5f} {:.5f} {:.5f} {:.5f}\n".format(*line) for line in lines.tolist())
            (folder / "val" / "labels" / f"{name}.txt").write_text(text, encoding="utf-8")
            found.write(("," if number else "") + ",".join(rows(rng, name, lines, detections, len(names))))
        found.write("]\n")


def rows(rng: np.random.Generator, name: str, things: np.ndarray, count: int, labels: int) -> list[str]:
    """Detections in a results file's form: the things, loosely, and what is not there."""
    made = []
    for number in range(count):
        label, x, y, w, h = things[number % len(things)]
        if number >= len(things):
            label, x, y = rng.integers(0, labels), rng.uniform(0.2, 0.8), rng.uniform(0.2, 0.8)
        x, y = x + rng.normal(0, 0.01), y + rng.normal(0, 0.01)
        box = (x - w / 2) * WIDTH, (y - h / 2) * HEIGHT, w * WIDTH, h * HEIGHT
        score = rng.beta(3, 2) if number < len(things) else rng.beta(1, 4)
        edges = ", ".join(f"{edge:.3f}" for edge in box)
        made.append(
            f'\n{{"image_id": "{name}", "category_id": {int(label) + 1}, "bbox": [{edges}], "score": {score:.5f}}}'
        )
    return made


def measure(pictures: int, detections: int) -> None:
    """One line: seconds and peak memory of the scoring process."""
    names = read_card(shipped("models/street-26n.yaml")).names
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        make(folder, pictures, detections, names)
        code = "import sys; from cvinspect.cli.app import main; sys.argv[0] = 'cvinspect'; main()"
        words = ["evaluate", "detections", folder / "data.yaml", "--predictions", folder / "found.json"]
        before_s = time.perf_counter()
        subprocess.run([sys.executable, "-c", code, *map(str, words)], check=True, stdout=subprocess.DEVNULL)
        elapsed_s = time.perf_counter() - before_s
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)  # the largest child so far: sizes ascend
    busy_s = usage.ru_utime + usage.ru_stime
    print(
        f"{pictures:7} pictures, {pictures * detections:8} detections: {elapsed_s:6.1f} s, "
        f"{busy_s:6.1f} s of CPU since the first, peak {usage.ru_maxrss / 1024:6.0f} MB",
        flush=True,
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pictures", type=int, nargs="+", default=[5_000, 10_000, 100_000])
    parser.add_argument("--detections", type=int, default=20, help="a picture")
    asked = parser.parse_args()
    for pictures in sorted(asked.pictures):
        measure(pictures, asked.detections)
    print(f"{os.cpu_count()} CPUs")
