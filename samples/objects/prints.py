"""Pictures drawn for surfaces: slogans, posters, cloth patterns, cartons, sacks. PIL images, sRGB."""

from __future__ import annotations

import functools
import math
import random
from pathlib import Path

import slogans
from PIL import Image, ImageDraw, ImageFont

Ink = tuple[int, int, int]
FONT_FILES = (
    "truetype/wqy/wqy-microhei.ttc",
    "truetype/wqy/wqy-zenhei.ttc",
    "truetype/arphic-gkai00mp/gkai00mp.ttf",
    "truetype/smiley-sans/SmileySans-Oblique.ttf",
    "truetype/lxgw-wenkai/LXGWWenKai-Bold.ttf",
    "opentype/noto/NotoSansCJK-Bold.ttc",
    "opentype/noto/NotoSerifCJK-Bold.ttc",
)
WHITE, YELLOW, RED, BLACK = (245, 245, 240), (250, 225, 40), (200, 20, 20), (20, 20, 20)


@functools.cache
def fonts() -> tuple[str, ...]:
    """The font files that this machine has."""
    found = [path for name in FONT_FILES if (path := Path("/usr/share/fonts") / name).exists()]
    if not found:
        raise SystemExit("no Chinese font: apt-get install fonts-wqy-microhei")
    return tuple(map(str, found))


@functools.cache
def _font(file: str, size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(file, size)


def ink(rng: random.Random, *, light: bool | None = None) -> Ink:
    """Any colour; `light` asks for a bright or a dark one."""
    if light is None:
        light = rng.random() < 0.5
    low, high = (150, 255) if light else (0, 130)
    r, g, b = (rng.randint(low, high) for _ in range(3))
    return (r, g, b)


def write(picture: Image.Image, words: str, area: tuple[float, float, float, float], colour: Ink, file: str) -> None:
    """Fits `words` on one line into `area` (x0, y0, x1, y1), stretched as a sign painter would."""
    x0, y0, x1, y1 = area
    font = _font(file, 96)
    left, top, right, bottom = font.getbbox(words)
    stamp = Image.new("L", (max(1, int(right - left)), max(1, int(bottom - top))))
    ImageDraw.Draw(stamp).text((-left, -top), words, fill=255, font=font)
    width, tall = max(2, round(x1 - x0)), max(2, round(y1 - y0))
    share = min(width / stamp.width, 1.35 * tall / stamp.height)
    size = (min(width, max(2, round(stamp.width * share))), min(tall, max(2, round(stamp.height * share))))
    stamp = stamp.resize(size, Image.Resampling.BILINEAR)
    at = (round(x0 + (width - size[0]) / 2), round(y0 + (tall - size[1]) / 2))
    picture.paste(Image.new("RGB", size, colour), at, stamp)


def write_down(
    picture: Image.Image, words: str, area: tuple[float, float, float, float], colour: Ink, file: str
) -> None:
    """One character under another."""
    x0, y0, x1, y1 = area
    step = (y1 - y0) / len(words)
    for k, word in enumerate(words):
        write(picture, word, (x0, y0 + (k + 0.05) * step, x1, y0 + (k + 0.95) * step), colour, file)


def banner_inks(rng: random.Random) -> tuple[Ink, Ink]:
    """Cloth and lettering: red with white or yellow most of the time."""
    if rng.random() < 0.7:
        return (rng.randint(165, 225), rng.randint(5, 40), rng.randint(5, 45)), rng.choice((WHITE, YELLOW, WHITE))
    pairs: tuple[tuple[Ink, Ink], ...] = (
        ((245, 205, 30), RED),
        ((20, 70, 170), WHITE),
        ((15, 120, 60), WHITE),
        ((235, 235, 230), RED),
        ((240, 240, 235), (20, 50, 140)),
        ((230, 90, 20), WHITE),
    )
    return rng.choice(pairs)


def slogan(rng: random.Random, words: str, size_px: tuple[int, int]) -> Image.Image:
    """A banner's face: one line, sometimes with a small second one, a border or a fading edge."""
    cloth, letters = banner_inks(rng)
    picture, file = Image.new("RGB", size_px, cloth), rng.choice(fonts())
    width, tall = size_px
    low = rng.uniform(0.78, 0.92)
    if rng.random() < 0.3:
        low = 0.68
        small = rng.choice(slogans.PUBLIC) + "宣"
        write(picture, small, (width * 0.35, tall * 0.74, width * 0.97, tall * 0.93), letters, file)
    side = rng.uniform(0.02, 0.12)
    write(picture, words, (width * side, tall * 0.12, width * (1 - side), tall * low), letters, file)
    if rng.random() < 0.15:
        ImageDraw.Draw(picture).rectangle((4, 4, width - 5, tall - 5), outline=letters, width=4)
    return picture


def hanging(rng: random.Random, words: str, size_px: tuple[int, int]) -> Image.Image:
    """A vertical banner's face."""
    cloth, letters = banner_inks(rng)
    picture, (width, tall) = Image.new("RGB", size_px, cloth), size_px
    write_down(picture, words, (width * 0.15, tall * 0.05, width * 0.85, tall * 0.95), letters, rng.choice(fonts()))
    return picture


def _blots(picture: Image.Image, rng: random.Random, count: int) -> None:
    """Round and square shapes that stand for a photograph or an ornament."""
    draw, (width, tall) = ImageDraw.Draw(picture), picture.size
    for _ in range(count):
        x, y, r = rng.uniform(0, width), rng.uniform(0, tall), rng.uniform(0.05, 0.3) * width
        shape = rng.choice((draw.ellipse, draw.rectangle, draw.pieslice))
        more = {"start": rng.uniform(0, 180), "end": rng.uniform(180, 360)} if shape == draw.pieslice else {}
        shape((x - r, y - r * rng.uniform(0.4, 1.2), x + r, y + r), fill=ink(rng), **more)


def poster(rng: random.Random, size_px: tuple[int, int]) -> Image.Image:
    """An advertisement: ground, picture, headline, lines of small print."""
    ground = ink(rng, light=rng.random() < 0.6)
    picture, (width, tall) = Image.new("RGB", size_px, ground), size_px
    draw, file = ImageDraw.Draw(picture), rng.choice(fonts())
    if rng.random() < 0.6:
        split = int(tall * rng.uniform(0.3, 0.7))
        photo = Image.new("RGB", (width, split), ink(rng))
        _blots(photo, rng, rng.randint(3, 14))
        picture.paste(photo, (0, rng.choice((0, tall - split))))
    else:
        _blots(picture, rng, rng.randint(0, 6))
    head, letters = rng.choice(slogans.PROMOTIONS + slogans.SHORT), rng.choice((WHITE, YELLOW, RED, BLACK, ink(rng)))
    y = rng.uniform(0.03, 0.5) * tall
    write(picture, head, (width * 0.06, y, width * 0.94, y + tall * rng.uniform(0.1, 0.28)), letters, file)
    for _ in range(rng.randint(0, 6)):
        y = rng.uniform(0.3, 0.95) * tall
        words = rng.choice(slogans.EVERYTHING)
        write(picture, words, (width * 0.1, y, width * rng.uniform(0.4, 0.9), y + tall * 0.045), letters, file)
    if rng.random() < 0.2:
        draw.rectangle((2, 2, width - 3, tall - 3), outline=ink(rng), width=rng.randint(3, 10))
    return picture


def sign(rng: random.Random, words: str, size_px: tuple[int, int]) -> Image.Image:
    """A cart's or stall's name board."""
    pairs = (banner_inks(rng), (YELLOW, RED), (WHITE, RED), (BLACK, YELLOW), (ink(rng, light=False), WHITE))
    ground, letters = rng.choice(pairs)
    picture, (width, tall) = Image.new("RGB", size_px, ground), size_px
    write(picture, words, (width * 0.06, tall * 0.12, width * 0.94, tall * 0.88), letters, rng.choice(fonts()))
    return picture


def card(rng: random.Random) -> Image.Image:
    """A hand-written price card."""
    picture = Image.new("RGB", (96, 64), rng.choice((WHITE, YELLOW, (235, 200, 150), (250, 180, 190))))
    words = rng.choice((*slogans.GOODS_SIGNS, f"{rng.randint(1, 30)}元", f"{rng.randint(2, 9)}.5"))
    write(picture, words, (6, 8, 90, 56), rng.choice((RED, BLACK)), fonts()[rng.randrange(len(fonts()))])
    return picture


def carton(rng: random.Random) -> Image.Image:
    """One side of a cardboard box."""
    base = rng.choice(((178, 138, 96), (196, 158, 112), (150, 112, 76), (225, 222, 214), ink(rng)))
    picture = Image.new("RGB", (160, 128), base)
    draw, letters = ImageDraw.Draw(picture), rng.choice((BLACK, RED, (20, 60, 140), (15, 100, 50)))
    if rng.random() < 0.4:
        draw.rectangle((0, rng.randint(50, 90), 160, 128), fill=ink(rng))
    if rng.random() < 0.8:
        write(picture, rng.choice(slogans.BRANDS), (16, 24, 144, 70), letters, rng.choice(fonts()))
    if rng.random() < 0.6:
        draw.rectangle((0, 58, 160, 68), fill=(200, 170, 120))
    return picture


def sack(rng: random.Random) -> Image.Image:
    """A printed woven sack."""
    base = rng.choice(((205, 200, 188), (225, 222, 215), (170, 165, 155), (205, 180, 130), ink(rng, light=True)))
    picture, letters = Image.new("RGB", (128, 160), base), ink(rng, light=False)
    ImageDraw.Draw(picture).rectangle((10, rng.randint(8, 30), 118, rng.randint(36, 60)), fill=letters)
    write(picture, rng.choice(slogans.SACKS), (18, 66, 110, 120), letters, rng.choice(fonts()))
    return picture


def pattern(rng: random.Random, size_px: tuple[int, int] = (128, 128)) -> Image.Image:
    """A cloth print: stripes, checks, dots, flowers, or a plain colour with a badge."""
    drawn = rng.choice((_stripes, _checks, _dots, _flowers, _flowers, _badge))
    picture = Image.new("RGB", size_px, ink(rng))
    drawn(picture, rng)
    return picture


def _stripes(picture: Image.Image, rng: random.Random) -> None:
    draw, (width, tall) = ImageDraw.Draw(picture), picture.size
    upright, step = rng.random() < 0.5, rng.uniform(6, 28)
    colours = [ink(rng) for _ in range(rng.randint(1, 3))]
    for k in range(int(max(width, tall) / step) + 1):
        if k % 2:
            a, b = k * step, k * step + step * 0.8
            draw.rectangle((a, 0, b, tall) if upright else (0, a, width, b), fill=colours[k // 2 % len(colours)])


def _checks(picture: Image.Image, rng: random.Random) -> None:
    mask = Image.new("L", picture.size)
    draw, (width, tall), step = ImageDraw.Draw(mask), picture.size, rng.uniform(8, 30)
    for k in range(0, int(max(width, tall) / step) + 1, 2):
        draw.rectangle((k * step, 0, (k + 1) * step, tall), fill=150)
    for k in range(0, int(tall / step) + 1, 2):
        draw.rectangle((0, k * step, width, (k + 1) * step), fill=210)
    picture.paste(Image.new("RGB", picture.size, ink(rng)), (0, 0), mask)


def _dots(picture: Image.Image, rng: random.Random) -> None:
    draw, (width, tall), step, colour = ImageDraw.Draw(picture), picture.size, rng.uniform(9, 26), ink(rng)
    for j in range(int(tall / step) + 1):
        for i in range(int(width / step) + 1):
            x, y, r = (i + 0.5 * (j % 2)) * step, j * step, step * 0.28
            draw.ellipse((x - r, y - r, x + r, y + r), fill=colour)


def _flowers(picture: Image.Image, rng: random.Random) -> None:
    draw, (width, tall) = ImageDraw.Draw(picture), picture.size
    colours = [ink(rng) for _ in range(4)]
    for _ in range(rng.randint(8, 40)):
        x, y, r = rng.uniform(0, width), rng.uniform(0, tall), rng.uniform(0.03, 0.11) * width
        colour, petals = rng.choice(colours), rng.randint(4, 7)
        for k in range(petals):
            px, py = x + r * math.cos(6.283 * k / petals), y + r * math.sin(6.283 * k / petals)
            draw.ellipse((px - r * 0.6, py - r * 0.6, px + r * 0.6, py + r * 0.6), fill=colour)
        draw.ellipse((x - r * 0.5, y - r * 0.5, x + r * 0.5, y + r * 0.5), fill=rng.choice(colours))


def _badge(picture: Image.Image, rng: random.Random) -> None:
    width, tall = picture.size
    if rng.random() < 0.5:
        area = (width * 0.3, tall * 0.2, width * 0.7, tall * 0.5)
        ImageDraw.Draw(picture).ellipse(area, fill=ink(rng))
    elif rng.random() < 0.5:
        words = rng.choice(("NEW", "88", "LOVE", "SPORT", "23", "BOY", "好运"))
        write(picture, words, (width * 0.25, tall * 0.2, width * 0.75, tall * 0.45), ink(rng), fonts()[0])
