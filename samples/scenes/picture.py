"""From Blender to pixels: renders rectangles, lays them over a still picture, adds noise, encodes H.264."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import bpy
import numpy as np
import numpy.typing as npt

Pixels = npt.NDArray[np.uint8]
"""(h, w, 3) RGB, row 0 on top."""
FEATHER_PX = 8
NOISE_LEVELS = 1.6
"""Standard deviation of the sensor noise, in 8-bit levels."""


@dataclass(frozen=True, slots=True)
class Rect:
    """Half-open pixel rectangle, origin top-left."""

    x0: int
    y0: int
    x1: int
    y1: int

    def touches(self, other: Rect) -> bool:
        """Whether the two overlap."""
        return self.x0 < other.x1 and other.x0 < self.x1 and self.y0 < other.y1 and other.y0 < self.y1

    def union(self, other: Rect) -> Rect:
        """The smallest rectangle around both."""
        return Rect(min(self.x0, other.x0), min(self.y0, other.y0), max(self.x1, other.x1), max(self.y1, other.y1))


def merged(rects: Iterable[Rect]) -> list[Rect]:
    """The same area in rectangles that do not overlap one another."""
    apart: list[Rect] = []
    for added in rects:
        rect = added
        while clash := next((r for r in apart if r.touches(rect)), None):
            apart.remove(clash)
            rect = rect.union(clash)
        apart.append(rect)
    return apart


def prepare(*, threads: int) -> None:
    """Cycles on the CPU with few bounces and OpenImageDenoise; film-like tones."""
    scene = bpy.context.scene
    scene.render.engine, scene.render.use_persistent_data = "CYCLES", True
    scene.render.threads_mode, scene.render.threads = "FIXED", threads
    scene.render.image_settings.file_format, scene.render.image_settings.compression = "PNG", 0
    cycles = scene.cycles
    cycles.use_denoising, cycles.denoiser, cycles.denoising_prefilter = True, "OPENIMAGEDENOISE", "FAST"
    cycles.max_bounces, cycles.diffuse_bounces, cycles.glossy_bounces, cycles.transmission_bounces = (
        3,
        2,
        2,
        0,
    )
    cycles.caustics_reflective = cycles.caustics_refractive = False
    cycles.seed, cycles.use_adaptive_sampling = 7, False
    scene.view_settings.view_transform, scene.view_settings.look = "AgX", "AgX - Medium High Contrast"


def render(rect: Rect, *, samples: int) -> Pixels:
    """The scene as it stands, inside `rect`."""
    scene = bpy.context.scene
    width, height = scene.render.resolution_x, scene.render.resolution_y
    # A quarter pixel inwards: Blender cuts to whole pixels in single precision and now and then loses a row.
    scene.render.use_border = scene.render.use_crop_to_border = True
    scene.render.border_min_x, scene.render.border_max_x = (rect.x0 + 0.25) / width, (rect.x1 + 0.25) / width
    scene.render.border_min_y, scene.render.border_max_y = (
        (height - rect.y1 + 0.25) / height,
        (height - rect.y0 + 0.25) / height,
    )
    scene.cycles.samples = samples
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "part.png"
        scene.render.filepath = str(path)
        bpy.ops.render.render(write_still=True)
        return _load(path)


def _load(path: Path) -> Pixels:
    with av.open(str(path)) as container:
        return next(container.decode(video=0)).to_ndarray(format="rgb24").astype(np.uint8)


def lay_over(base: Pixels, part: Pixels, rect: Rect) -> Pixels:
    """`base` with `part` where the two differ; soft at the edges of mask and rectangle: no seam."""
    under = base[rect.y0 : rect.y1, rect.x0 : rect.x1].astype(np.float32)
    over = part.astype(np.float32)
    change = _blur(np.abs(over - under).max(axis=2), 3)
    mask = _blur(np.clip((_blur((change > 7).astype(np.float32), 4)) * 3, 0, 1), 2) * _feather(
        under.shape[0], under.shape[1], rect, base.shape
    )
    result = base.copy()
    result[rect.y0 : rect.y1, rect.x0 : rect.x1] = (under + (over - under) * mask[..., None] + 0.5).astype(np.uint8)
    return result


def _blur(plane: npt.NDArray[np.float32], reach: int) -> npt.NDArray[np.float32]:
    """Box mean over 2 * reach + 1 pixels each way."""
    size = 2 * reach + 1
    for axis in (0, 1):
        sums = np.cumsum(
            np.pad(plane, [(reach + 1, reach) if a == axis else (0, 0) for a in (0, 1)], mode="edge"),
            axis=axis,
            dtype=np.float64,
        )
        high, low = (
            np.take(sums, range(size, sums.shape[axis]), axis),
            np.take(sums, range(sums.shape[axis] - size), axis),
        )
        plane = ((high - low) / size).astype(np.float32)
    return plane


def _feather(height: int, width: int, rect: Rect, full: tuple[int, ...]) -> npt.NDArray[np.float32]:
    """0 at the rectangle's edges to 1 inside; edges on the picture's own border stay 1."""
    x, y = np.arange(width) + 0.5, np.arange(height) + 0.5
    left = x if rect.x0 > 0 else np.full(width, np.inf)
    right = x[::-1] if rect.x1 < full[1] else np.full(width, np.inf)
    top = y if rect.y0 > 0 else np.full(height, np.inf)
    bottom = y[::-1] if rect.y1 < full[0] else np.full(height, np.inf)
    inside = np.minimum.outer(np.minimum(top, bottom), np.minimum(left, right))
    soft: npt.NDArray[np.float32] = np.clip(inside / FEATHER_PX, 0, 1).astype(np.float32)
    return soft


def encode(
    frames: Iterable[Pixels],
    out: Path,
    size_px: tuple[int, int],
    *,
    rate_hz: Fraction,
    seed: int,
    quality: int,
) -> None:
    """Writes H.264, yuv420p, a key frame every 2 s; `quality` is x264's CRF."""
    noise = np.random.default_rng(seed)
    with av.open(str(out), "w", options={"movflags": "+faststart"}) as container:
        stream = container.add_stream("libx264", rate=rate_hz)
        stream.pix_fmt = "yuv420p"
        gop = round(2 * rate_hz)
        stream.options = {
            "crf": str(quality),
            "preset": "slow",
            "x264-params": f"keyint={gop}:min-keyint={gop}:scenecut=0:threads=2",
        }
        stream.width, stream.height = size_px
        for pixels in frames:
            grain = noise.standard_normal(pixels.shape[:2], dtype=np.float32)[..., None] * NOISE_LEVELS
            noisy = np.clip(pixels.astype(np.float32) + grain, 0, 255).astype(np.uint8)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(noisy, format="rgb24")))
        container.mux(stream.encode(None))
