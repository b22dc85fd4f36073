"""Whole pictures of a scene, composited from cut-outs of the sample clip: what the shipped network is given to see."""

import numpy as np
from numpy.typing import NDArray

from cvinspect.geometry import Box
from cvinspect.opencv import cv2
from samples.scenarios.scene import HEIGHT, WIDTH, Scene, Thing, View
from samples.scenarios.sprites import Picture, Sprite, plate, sprite

_LIGHT_BLUR_PX = 25.0
"""How softly a beam ends."""


def picture(scene: Scene, at_s: float, *, seed: int) -> Picture:
    """The scene at one second, (720, 1280, 3) uint8 BGR; the same for the same seed."""
    view = scene.view(at_s)
    rng = np.random.default_rng([seed, round(1000 * at_s)])
    if view.cover is not None:
        return _grainy(np.full((HEIGHT, WIDTH, 3), view.cover, np.float32), view, rng)
    present = scene.present(at_s)
    street = plate().astype(np.float32)
    for thing, box in present:
        if thing.label is not None and not thing.is_false:
            _lay(street, _tinted(sprite(thing.label), thing.look), box)
    lit = street * view.gain + view.offset
    for thing, box in present:
        if thing.light:
            lit += _beam(box, thing)[:, :, None]
    moved = np.array([[1, 0, view.dx_px], [0, 1, view.dy_px]], np.float32)
    shifted = cv2.warpAffine(lit, moved, (WIDTH, HEIGHT), borderMode=cv2.BORDER_REPLICATE)
    return _grainy(np.asarray(shifted, np.float32), view, rng)


def _lay(street: NDArray[np.float32], thing: Sprite, box: Box) -> None:
    """The thing onto the street, scaled so that it fills `box`."""
    scale_x, scale_y = box.width / thing.inner.width, box.height / thing.inner.height
    left, top = box.x0 - thing.inner.x0 * scale_x, box.y0 - thing.inner.y0 * scale_y
    placed = np.array([[scale_x, 0, left], [0, scale_y, top]], np.float32)
    size = WIDTH, HEIGHT
    alpha = cv2.warpAffine(thing.alpha, placed, size, flags=cv2.INTER_AREA, borderValue=0)
    pixels = cv2.warpAffine(thing.pixels, placed, size, flags=cv2.INTER_AREA, borderMode=cv2.BORDER_REPLICATE)
    street += np.asarray(alpha, np.float32)[:, :, None] * (np.asarray(pixels, np.float32) - street)


def _tinted(thing: Sprite, look: int) -> Sprite:
    """The same in other paint; 0: as it is."""
    if look == 0:
        return thing
    paint = np.random.default_rng(look).uniform(0.55, 1.1, 3).astype(np.float32)
    return Sprite(np.clip(thing.pixels * paint, 0, 255).astype(np.uint8), thing.alpha, thing.inner)


def _beam(box: Box, thing: Thing) -> NDArray[np.float32]:
    light = np.zeros((HEIGHT, WIDTH), np.float32)
    cv2.ellipse(light, (box.centre, (box.width, box.height), 0.0), thing.light, cv2.FILLED)
    return np.asarray(cv2.GaussianBlur(light, (0, 0), _LIGHT_BLUR_PX), np.float32)


def _grainy(levels: NDArray[np.float32], view: View, rng: np.random.Generator) -> Picture:
    noise = rng.standard_normal((HEIGHT, WIDTH, 1), np.float32) * view.grain
    return np.asarray(np.clip(levels + noise, 0, 255), np.uint8)
