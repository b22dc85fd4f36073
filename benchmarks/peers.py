"""What one clip costs: `cvinspect run`, whole pipeline, in each mode, against its peers and the floors, interleaved.

    .venv/bin/python benchmarks/peers.py --peer-python OTHER_VENV/bin/python --weights WEIGHTS.pt

Prints CPU seconds per second of video, wall time, peak memory (median and range of the rounds) and their ratios.
"Key frames" is what `--sampling auto` does with such a clip. The clip is the sample as 1080p25 H.264, 4 Mb/s, a key
frame every 2 s, looped, unless --clip names another. The floors are decoding and inference alone, the same network: of
every key frame, or of two frames a second. The peer needs a Python with ultralytics; without one its rows are left
out, and the output says so. Tracking every frame is measured on the first ten seconds.
"""

import argparse
import json
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

from cvinspect.assembly.models import DEFAULT_MODEL

ROOT = Path(__file__).resolve().parents[1]
STRIDE = 12
"""Every 12th of 25 frames a second: about the 2 samples a second that cvinspect takes."""

PREDICT = """
import sys
from ultralytics import YOLO
for _ in YOLO(sys.argv[1]).predict(sys.argv[2], vid_stride=int(sys.argv[3]), stream=True, verbose=False): pass
"""

TRACK = """
import sys
from ultralytics import YOLO
for _ in YOLO(sys.argv[1]).track(sys.argv[2], stream=True, verbose=False): pass
"""

FLOOR = """
import sys
import av
from cvinspect.config.site import load_site
from cvinspect.sources.decoding.sampler import Sampler
from cvinspect.assembly.models import load_model
detector, sampler = load_model(load_site(None), None).detector(), Sampler(fps=2)
with av.open(sys.argv[1]) as clip:
    stream = clip.streams.video[0]
    stream.codec_context.thread_count = 1
    if sys.argv[2] == "keyframes":
        stream.codec_context.skip_frame = "NONKEY"
    for frame in clip.decode(stream):
        if sampler.takes(frame.time):
            detector.detect(frame.reformat(640, 360, "bgr24").to_ndarray())
"""

IMPORTS = {"import, cvinspect": "import cvinspect.commands.run", "import, ultralytics": "from ultralytics import YOLO"}
TRACKED_S = 10.0
KEY_FRAMES_ORT = "the same, ONNX Runtime, fp32"


@dataclass(frozen=True, slots=True)
class Cost:
    """What one process used."""

    cpu_s: float
    wall_s: float
    peak_mb: float


METER = """
import json, os, sys
child = os.posix_spawn(sys.argv[1], sys.argv[1:], os.environ)
_, status, usage = os.wait4(child, 0)
print(json.dumps([os.waitstatus_to_exitcode(status), usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024]))
"""
"""Runs a command and reads its resource usage off the kernel; small, since a process begins with its parent's peak."""


def measured(command: list[str], env: dict[str, str]) -> Cost:
    """Run a command to its end."""
    began = time.perf_counter()
    meter = [sys.executable, "-S", "-E", "-c", METER, *command]
    done = subprocess.run(meter, env=env, capture_output=True, text=True, check=True)
    elapsed_s = time.perf_counter() - began
    code, cpu_s, peak_mb = json.loads(done.stdout.splitlines()[-1])
    if code != 0:
        sys.exit(f"{command[0]} failed:\n{done.stderr[-2000:]}")
    return Cost(cpu_s, elapsed_s, peak_mb)


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
    return (
        f"{name:36} {1000 * statistics.median(cpu) / video_s:7.0f}  ({1000 * min(cpu) / video_s:.0f}"
        f"-{1000 * max(cpu) / video_s:.0f})  {wall:6.1f}  {peak_mb(costs):6.0f}"
    )


def cut(source: Path, target: Path, *, seconds: float, loops: int = 1) -> None:
    """The first seconds of a clip, so many times over, without encoding."""
    with av.open(str(target), "w") as sink:
        stream = None
        for loop in range(loops):
            with av.open(str(source)) as clip:
                video = clip.streams.video[0]
                stream = stream or sink.add_stream_from_template(video)
                for packet in clip.demux(video):
                    if packet.pts is None or packet.dts is None or packet.pts * packet.time_base >= seconds:
                        continue
                    offset = round(loop * seconds / packet.time_base)
                    packet.pts, packet.dts, packet.stream = packet.pts + offset, packet.dts + offset, stream
                    sink.mux(packet)


def ours(clip: Path, out: str, sampling: str, *, model: str | None = None) -> list[str]:
    """The whole pipeline, with evidence and records; without a model, the one that runs quickest here."""
    program = str(Path(sys.executable).parent / "cvinspect")
    network = [] if model is None else ["--model", str(ROOT / model)]
    return [program, "run", str(clip), "--out", out, "--overwrite", "--sampling", sampling, *network]


def commands_of(options: argparse.Namespace, clip: Path, folder: str) -> dict[str, tuple[list[str], float]]:
    """What is measured: a command and how many seconds of video it works through."""
    video_s, short = length_s(clip), Path(folder) / "short.mp4"
    cut(clip, short, seconds=TRACKED_S)
    out = f"{folder}/out"
    commands = {
        "cvinspect run, key frames": (ours(clip, out, "auto"), video_s),
        "cvinspect run, all at 2 fps": (ours(clip, out, "all"), video_s),
        KEY_FRAMES_ORT: (ours(clip, out, "auto", model=DEFAULT_MODEL), video_s),
        "floor, key frames": ([sys.executable, "-c", FLOOR, str(clip), "keyframes"], video_s),
        "floor, all at 2 fps": ([sys.executable, "-c", FLOOR, str(clip), "all"], video_s),
        "import, cvinspect": ([sys.executable, "-c", IMPORTS["import, cvinspect"]], 1.0),
        "cvinspect --help": ([ours(clip, out, "all")[0], "--help"], 1.0),
    }
    if not (options.peer_python and options.weights):
        print("no --peer-python and --weights: the peer is left out")
        return commands
    peer, weights = [options.peer_python, "-c"], str(options.weights.resolve())
    return commands | {
        "ultralytics predict, vid_stride=12": ([*peer, PREDICT, weights, str(clip), str(STRIDE)], video_s),
        "ultralytics track, every frame": ([*peer, TRACK, weights, str(short)], length_s(short)),
        "import, ultralytics": ([*peer, IMPORTS["import, ultralytics"]], 1.0),
    }


RATIOS = (
    ("cvinspect run, all at 2 fps", "ultralytics predict, vid_stride=12"),
    ("cvinspect run, key frames", "ultralytics predict, vid_stride=12"),
    (KEY_FRAMES_ORT, "ultralytics predict, vid_stride=12"),
    ("cvinspect run, all at 2 fps", "floor, all at 2 fps"),
    ("cvinspect run, key frames", "floor, key frames"),
    ("ultralytics track, every frame", "cvinspect run, key frames"),
    ("import, cvinspect", "import, ultralytics"),
)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--clip", type=Path)
    parser.add_argument("--loops", type=int, default=4, help="of the sample clip, one minute each")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--peer-python")
    parser.add_argument("--weights", type=Path)
    options = parser.parse_args()
    costs: dict[str, list[Cost]] = {}
    with tempfile.TemporaryDirectory() as folder:
        clip = options.clip or Path(folder) / "street-1080p25.mp4"
        if options.clip is None:
            once = Path(folder) / "once.mp4"
            make_clip(once, 60.0)
            cut(once, clip, seconds=60.0, loops=options.loops)
        commands = commands_of(options, clip, folder)
        for _ in range(options.rounds):
            for name, (command, _) in commands.items():
                costs.setdefault(name, []).append(measured(command, dict(os.environ)))
        print(f"{clip.name}, {length_s(clip):.1f} s, {options.rounds} rounds, interleaved")
    print(f"{'':36} CPU ms per s of video      wall s  peak MB")
    for name, found in costs.items():
        print(row(name, found, commands[name][1]))
    for above, below in RATIOS:
        if above in costs and below in costs:
            cpu = per_second(costs[above], commands[above][1]) / per_second(costs[below], commands[below][1])
            memory = peak_mb(costs[above]) / peak_mb(costs[below])
            print(f"{above} / {below}: CPU {cpu:.3g}, peak memory {memory:.3g}")


def peak_mb(costs: list[Cost]) -> float:
    """Median of the peaks of resident memory."""
    return statistics.median(cost.peak_mb for cost in costs)


def per_second(costs: list[Cost], video_s: float) -> float:
    """Median CPU seconds for each second of video."""
    return statistics.median(cost.cpu_s for cost in costs) / video_s


if __name__ == "__main__":
    main()
