"""What one clip costs: `cvinspect run`, whole pipeline, against `ultralytics predict`, interleaved in one run.

    .venv/bin/python benchmarks/peers.py --peer-python OTHER_VENV/bin/python --weights WEIGHTS.pt

Prints CPU seconds per second of video, wall time, peak memory (median and range of the rounds) and their ratios.
The clip is the sample's first seconds as 1080p25 H.264, 4 Mb/s, a key frame every 2 s, unless --clip names another.
The peer needs a Python with ultralytics; without one its rows are left out, and the output says so.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import cv2

ROOT = Path(__file__).resolve().parents[1]
STRIDE = 12
"""Every 12th of 25 frames a second: about the 2 samples a second that cvinspect takes."""

PEER = """
import sys
from ultralytics import YOLO
for _ in YOLO(sys.argv[1]).predict(sys.argv[2], vid_stride=int(sys.argv[3]), stream=True, verbose=False): pass
"""


@dataclass(frozen=True, slots=True)
class Cost:
    """What one process used."""

    cpu_s: float
    wall_s: float
    peak_mb: float


def measured(command: list[str], env: dict[str, str]) -> Cost:
    """Run a command to its end and read its resource usage off the kernel."""
    began = time.perf_counter()
    with tempfile.TemporaryFile() as words:
        process = subprocess.Popen(command, env=env, stdout=words, stderr=words)
        _, status, usage = os.wait4(process.pid, 0)
        if os.waitstatus_to_exitcode(status) != 0:
            words.seek(0)
            sys.exit(f"{command[0]} failed:\n{words.read().decode(errors='replace')[-2000:]}")
    return Cost(usage.ru_utime + usage.ru_stime, time.perf_counter() - began, usage.ru_maxrss / 1024)


def make_clip(path: Path, seconds: float) -> None:
    """The sample clip as 1920x1080 at 25 frames a second."""
    with av.open(str(ROOT / "samples" / "street.mp4")) as source, av.open(str(path), "w") as sink:
        stream = sink.add_stream("libx264", rate=25, options={"g": "50", "preset": "veryfast"})
        stream.width, stream.height, stream.pix_fmt, stream.bit_rate = 1920, 1080, "yuv420p", 4_000_000
        index = 0
        for frame in source.decode(video=0):
            while index / 25 <= float(frame.time) and index / 25 < seconds:
                picture = frame.reformat(1920, 1080, "yuv420p")
                picture.pts, picture.time_base = index, Fraction(1, 25)
                sink.mux(stream.encode(picture))
                index += 1
        sink.mux(stream.encode(None))


def length_s(path: Path) -> float:
    """Seconds of video in a file."""
    with av.open(str(path)) as clip:
        return clip.duration / av.time_base


def row(name: str, costs: list[Cost], video_s: float) -> str:
    """Median and range of the CPU time, medians of the rest."""
    cpu = [cost.cpu_s for cost in costs]
    wall = statistics.median(cost.wall_s for cost in costs)
    peak = statistics.median(cost.peak_mb for cost in costs)
    return (
        f"{name:34} {1000 * statistics.median(cpu) / video_s:7.0f}  ({1000 * min(cpu) / video_s:.0f}"
        f"-{1000 * max(cpu) / video_s:.0f})  {wall:6.1f}  {peak:6.0f}"
    )


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--clip", type=Path)
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--peer-python")
    parser.add_argument("--weights", type=Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        clip = options.clip or Path(folder) / "street-1080p25.mp4"
        if options.clip is None:
            make_clip(clip, options.seconds)
        video_s = length_s(clip)
        ours = [str(Path(sys.executable).parent / "cvinspect"), "run", str(clip), "--out", f"{folder}/out"]
        ours += ["--overwrite", "--config", str(ROOT / "samples" / "street.yaml")]
        still = [ours[0], "detect", str(Path(folder) / "still.png")]
        with av.open(str(clip)) as source:
            frame = next(source.decode(video=0))
            cv2.imwrite(still[2], frame.to_ndarray(format="bgr24"))
        commands = {"cvinspect run, 2 fps": ours, "cvinspect detect, one picture": still}
        if options.peer_python and options.weights:
            weights = str(options.weights.resolve())
            commands["ultralytics predict, vid_stride=12"] = [
                options.peer_python, "-c", PEER, weights, str(clip), str(STRIDE),
            ]  # fmt: skip
        else:
            print("no --peer-python and --weights: the peer is left out")
        costs: dict[str, list[Cost]] = {name: [] for name in commands}
        for _ in range(options.rounds):
            for name, command in commands.items():
                costs[name].append(measured(command, dict(os.environ)))
    print(f"{clip.name}, {video_s:.1f} s, {options.rounds} rounds, interleaved")
    print(f"{'':34} CPU ms per s of video   wall s  peak MB")
    for name, found in costs.items():
        print(row(name, found, video_s))
    peer = costs.get("ultralytics predict, vid_stride=12")
    if peer:
        mine = costs["cvinspect run, 2 fps"]
        ratio = statistics.median(c.cpu_s for c in mine) / statistics.median(c.cpu_s for c in peer)
        print(f"CPU, cvinspect run / ultralytics predict: {ratio:.2f}")


if __name__ == "__main__":
    main()
