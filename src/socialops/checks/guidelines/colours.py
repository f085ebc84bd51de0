"""Colours as people see them: how far two are from each other, and how much of a picture is in given ones.

The distance is CIEDE2000 (ISO/CIE 11664-6:2022), by the formulas of G. Sharma, W. Wu and E. N. Dalal, "The CIEDE2000
color-difference formula: Implementation notes, supplementary test data, and mathematical observations", Color Research
and Application 30 (2005), 21-30; equations are numbered as there. CIE76, the plain distance in Lab, would call two dark
blues further apart than a blue and a violet, and half of a dusk is dark blue. Lab is made of sRGB as IEC 61966-2-1 has
it, for its own white, D65.
"""

from __future__ import annotations

import functools
import math
import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from socialops.compose.media import FORMATS, MOST_PIXELS, plain_colours

if TYPE_CHECKING:
    from PIL.Image import Image

Lab = tuple[float, float, float]
Colour = tuple[int, int, int]
"""Red, green and blue of sRGB, 0 to 255."""

SIDE = 128
"""A picture is looked at in at most so many columns and rows of its pixels. Ours: shares are told to a whole percent,
and 16,384 samples are within one of the truth."""
_STEP = 4
"""Colours are told apart in steps of so many of 256: less than half a ΔE for all but the darkest."""
_WHITE = (0.95047, 1.0, 1.08883)
_25_7 = 25.0**7
_LIGHTNESS = 1.75
"""No difference in lightness is divided by more than this (18)."""


def colour_of(hexadecimal: str) -> Colour:
    """Return the colour that #rrggbb names."""
    red, green, blue = bytes.fromhex(hexadecimal.removeprefix("#"))
    return red, green, blue


@functools.lru_cache(maxsize=1 << 14)
def lab(colour: Colour) -> Lab:
    """Return a colour in CIE L*a*b*, for D65 and two degrees."""
    red, green, blue = (
        value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4
        for value in (channel / 255 for channel in colour)
    )
    x, y, z = (
        value ** (1 / 3) if value > (6 / 29) ** 3 else value * (29 / 6) ** 2 / 3 + 4 / 29
        for value in (
            (0.4124564 * red + 0.3575761 * green + 0.1804375 * blue) / _WHITE[0],
            (0.2126729 * red + 0.7151522 * green + 0.0721750 * blue) / _WHITE[1],
            (0.0193339 * red + 0.1191920 * green + 0.9503041 * blue) / _WHITE[2],
        )
    )
    return 116 * y - 16, 500 * (x - y), 200 * (y - z)


def difference(first: Lab, second: Lab) -> float:
    """Return ΔE00 of two colours: 1 can just be told when they touch, 100 is black and white."""
    l1, a1, b1 = first
    l2, a2, b2 = second
    mean = ((math.hypot(a1, b1) + math.hypot(a2, b2)) / 2) ** 7  # (3)
    stretch = 1.5 - 0.5 * math.sqrt(mean / (mean + _25_7))  # 1 + G of (4)
    a1, a2 = stretch * a1, stretch * a2  # (5)
    c1, c2 = math.hypot(a1, b1), math.hypot(a2, b2)  # (6)
    h1, h2 = math.degrees(math.atan2(b1, a1)) % 360, math.degrees(math.atan2(b2, a2)) % 360  # (7)
    turn = 0.0  # (10)
    if c1 and c2:
        turn = h2 - h1
        if turn > 180:
            turn -= 360
        elif turn < -180:
            turn += 360
    lightness, chroma = l2 - l1, c2 - c1  # (8), (9)
    hue = 2 * math.sqrt(c1 * c2) * math.sin(math.radians(turn / 2))  # (11)
    l_mean, c_mean = (l1 + l2) / 2, (c1 + c2) / 2  # (12), (13)
    h_mean = h1 + h2  # (14)
    if c1 and c2:
        if abs(h1 - h2) > 180:
            h_mean += 360 if h_mean < 360 else -360
        h_mean /= 2
    weight = (
        1
        - 0.17 * math.cos(math.radians(h_mean - 30))
        + 0.24 * math.cos(math.radians(2 * h_mean))
        + 0.32 * math.cos(math.radians(3 * h_mean + 6))
        - 0.20 * math.cos(math.radians(4 * h_mean - 63))
    )  # (15)
    seventh = c_mean**7
    rotation = -2 * math.sqrt(seventh / (seventh + _25_7))  # (17), (21)
    rotation *= math.sin(math.radians(60 * math.exp(-(((h_mean - 275) / 25) ** 2))))  # (16)
    middle = (l_mean - 50) ** 2
    lightness /= 1 + 0.015 * middle / math.sqrt(20 + middle)  # (18)
    chroma /= 1 + 0.045 * c_mean  # (19)
    hue /= 1 + 0.015 * c_mean * weight  # (20)
    return math.sqrt(max(lightness**2 + chroma**2 + hue**2 + rotation * chroma * hue, 0.0))  # (22)


@functools.lru_cache(maxsize=1 << 16)
def _is_one_of(colour: Colour, palette: tuple[Colour, ...], within: float) -> bool:
    own = lab(colour)
    # Colours whose lightness alone is too far apart need no more sums: the other terms of (22) are never negative.
    others = [other for other in map(lab, palette) if abs(other[0] - own[0]) <= _LIGHTNESS * within]
    others.sort(key=lambda other: math.dist(own, other))
    return any(difference(own, other) <= within for other in others)


def share_of(colours: Mapping[Colour, int], palette: Sequence[Colour], within: float) -> float:
    """Return which part of *colours* (each with how often it occurs) is at most *within* ΔE from one of a palette."""
    listed = tuple(palette)
    near = sum(count for colour, count in colours.items() if _is_one_of(colour, listed, within))
    return near / (sum(colours.values()) or 1)


def colours_in(file: Path) -> Mapping[Colour, int]:
    """Return the colours of a picture, in sRGB, with how many samples have each; nothing where it cannot be read.

    What is transparent has no colour. Of an animation the first picture counts.
    """
    from PIL import Image

    try:
        with warnings.catch_warnings(action="ignore"), Image.open(file, formats=tuple(FORMATS.values())) as image:
            if image.width * image.height > MOST_PIXELS:
                return {}
            # A JPEG can be read at an eighth of its size, which takes a tenth of the time.
            image.draft("RGB", (2 * SIDE, 2 * SIDE))
            return _counted(plain_colours(image, []))
    except (OSError, SyntaxError, ValueError, MemoryError, Image.DecompressionBombError):
        # Whatever is wrong with the file is told where it is attached.
        return {}


def _counted(image: Image) -> Mapping[Colour, int]:
    from PIL import Image as Images

    size = (min(image.width, SIDE), min(image.height, SIDE))
    # The nearest pixel, and no mean of several: between two of our colours lies one that is neither.
    seen = image.convert("RGBA").resize(size, Images.Resampling.NEAREST)
    counted: dict[Colour, int] = {}
    for count, (red, green, blue, alpha) in seen.getcolors(SIDE * SIDE) or ():  # type: ignore[misc]  # RGBA: tuples
        if alpha >= 128:
            colour = (_step(red), _step(green), _step(blue))
            counted[colour] = counted.get(colour, 0) + count
    return counted


def _step(channel: int) -> int:
    return channel - channel % _STEP + _STEP // 2
