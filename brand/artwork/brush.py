"""The brush: a canvas with the palette of `brand/visual.md`, and the things that return in every picture.

Coordinates are pixels of the finished picture. Everything is drawn at twice that size and made smaller at the end, so
that edges are smooth. Nothing here is random: the same script gives the same pictures.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

EMBER = (0xB5, 0x41, 0x1F)
LAMPLIGHT = (0xF7, 0xB7, 0x33)
GLOW = (0xFF, 0xE3, 0xA3)
NIGHT = (0x16, 0x21, 0x3E)
DUSK = (0x3D, 0x46, 0x76)
HAZE = (0x8A, 0x8F, 0xB5)
HARBOUR = (0x2B, 0x7A, 0x78)
CLAY = (0xD9, 0x8B, 0x5F)
PAPER = (0xFB, 0xF5, 0xE9)
INK = (0x2A, 0x26, 0x22)

Colour = tuple[int, int, int]
Point = tuple[float, float]

FINE = 2
"""How many times larger than the finished picture we draw."""


def mix(first: Colour, second: Colour, share: float) -> Colour:
    """Return a colour between two; *share* 0 is the first."""
    return tuple(round(a + (b - a) * share) for a, b in zip(first, second, strict=True))  # type: ignore[return-value]


def spread(number: int, salt: float = 0.0) -> float:
    """Return a number in 0..1 that looks random and is always the same (an integer hash)."""
    value = (number * 374761393 + round(salt * 1000) * 668265263 + 1442695041) & 0xFFFFFFFF
    value = ((value ^ (value >> 13)) * 1274126177) & 0xFFFFFFFF
    value = ((value ^ (value >> 15)) * 2246822519) & 0xFFFFFFFF
    return (value ^ (value >> 16)) / 2**32


ROAD = mix(NIGHT, INK, 0.45)
LATE = mix(NIGHT, DUSK, 0.35)
EVENING = mix(CLAY, EMBER, 0.25)


class Canvas:
    """A picture being drawn."""

    def __init__(self, width: int, height: int, ground: Colour) -> None:
        self.width, self.height = width, height
        self.image = Image.new("RGB", (width * FINE, height * FINE), ground)
        self.pen = ImageDraw.Draw(self.image)
        self.stencil: Colour | None = None
        """Set for a mark without a ground: what is drawn in white comes out in this colour, black is clear."""

    # --- shapes ---

    def area(self, points: Sequence[Point], colour: Colour, alpha: float = 1.0) -> None:
        """Fill a polygon; *alpha* below 1 lets what is under it shine through."""
        scaled = [(x * FINE, y * FINE) for x, y in points]
        if alpha >= 1:
            self.pen.polygon(scaled, fill=colour)
            return
        left = max(0, int(min(x for x, _ in scaled)))
        top = max(0, int(min(y for _, y in scaled)))
        right = min(self.image.width, int(max(x for x, _ in scaled)) + 2)
        bottom = min(self.image.height, int(max(y for _, y in scaled)) + 2)
        if right <= left or bottom <= top:
            return
        mask = Image.new("L", (right - left, bottom - top), 0)
        ImageDraw.Draw(mask).polygon([(x - left, y - top) for x, y in scaled], fill=round(255 * alpha))
        self.image.paste(colour, (left, top), mask)

    def box(self, x: float, y: float, w: float, h: float, colour: Colour, radius: float = 0) -> None:
        """Fill a rectangle, with round corners where *radius* is given."""
        corners = (x * FINE, y * FINE, (x + w) * FINE, (y + h) * FINE)
        self.pen.rounded_rectangle(corners, radius=radius * FINE, fill=colour)

    def disc(self, x: float, y: float, radius: float, colour: Colour, alpha: float = 1.0) -> None:
        """Fill a circle."""
        if alpha < 1:
            turn = [math.tau * step / 90 for step in range(90)]
            self.area([(x + radius * math.cos(a), y + radius * math.sin(a)) for a in turn], colour, alpha)
            return
        self.pen.ellipse(
            ((x - radius) * FINE, (y - radius) * FINE, (x + radius) * FINE, (y + radius) * FINE), fill=colour
        )

    def oval(self, x: float, y: float, w: float, h: float, colour: Colour) -> None:
        """Fill an ellipse around a middle; *w* and *h* are its half axes."""
        self.pen.ellipse(((x - w) * FINE, (y - h) * FINE, (x + w) * FINE, (y + h) * FINE), fill=colour)

    def ring(self, x: float, y: float, radius: float, width: float, colour: Colour) -> None:
        """Draw a circle's line, *width* wide, centred on *radius*."""
        outer = (radius + width / 2) * FINE
        self.pen.ellipse(
            (x * FINE - outer, y * FINE - outer, x * FINE + outer, y * FINE + outer),
            outline=colour,
            width=max(1, round(width * FINE)),
        )

    def arc(self, x: float, y: float, radius: float, start: float, end: float, width: float, colour: Colour) -> None:
        """Draw part of a circle, degrees clockwise from three o'clock, with round ends."""
        steps = max(6, int(abs(end - start) / 3))
        turn = [math.radians(start + (end - start) * step / steps) for step in range(steps + 1)]
        self.line([(x + radius * math.cos(a), y + radius * math.sin(a)) for a in turn], width, colour)

    def line(self, points: Sequence[Point], width: float, colour: Colour) -> None:
        """Draw a line with round joints and ends."""
        scaled = [(x * FINE, y * FINE) for x, y in points]
        self.pen.line(scaled, fill=colour, width=max(1, round(width * FINE)), joint="curve")
        if width >= 2:
            half = width * FINE / 2
            for x, y in (scaled[0], scaled[-1]):
                self.pen.ellipse((x - half, y - half, x + half, y + half), fill=colour)

    def curve(self, points: Sequence[Point], width: float, colour: Colour) -> None:
        """Draw a smooth line through *points*."""
        self.line(smooth(points), width, colour)

    def dashes(self, points: Sequence[Point], width: float, colour: Colour, on: float, off: float) -> None:
        """Draw a smooth dashed line through *points*."""
        walked, piece, drawing = 0.0, [points[0]], True
        previous = points[0]
        for point in smooth(points, 40):
            walked += math.dist(previous, point)
            previous = point
            piece.append(point)
            if walked > (on if drawing else off):
                if drawing:
                    self.line(piece, width, colour)
                walked, piece, drawing = 0.0, [point], not drawing

    def words(self, x: float, y: float, text: str, size: float, colour: Colour, *, bold: bool = False) -> None:
        """Write *text* with its middle at a point. For numbers on charts and marks on parts; nothing else."""
        name = "NotoSans-Bold.ttf" if bold else "NotoSans-Regular.ttf"
        font = ImageFont.truetype(name, round(size * FINE))
        self.pen.text((x * FINE, y * FINE), text, font=font, fill=colour, anchor="mm")

    # --- light and weather ---

    def sky(self, top: Colour, bottom: Colour, until: float) -> None:
        """Fill from the upper edge down to *until* with an even change of colour."""
        rows = round(until * FINE)
        for row in range(rows):
            self.pen.line(((0, row), (self.image.width, row)), fill=mix(top, bottom, row / max(1, rows - 1)))

    def beam(self, x: float, y: float, reach: float, ground: float, facing: int = 1, strength: float = 1.0) -> None:
        """Let a wedge of light fall from a lamp: flat upper edge, lying on the road at *ground*."""
        far = x + facing * reach
        near = x + facing * reach * 0.16
        self.area([(x, y), (far, ground - 6), (far, ground + 10), (near, ground + 10)], GLOW, 0.42 * strength)
        self.area(
            [(x, y), (x + facing * reach * 0.8, ground - 2), (x + facing * reach * 0.3, ground + 8)],
            LAMPLIGHT,
            0.55 * strength,
        )
        middle = x + facing * reach * 0.56
        for share, alpha in ((1.0, 0.35), (0.7, 0.4)):
            flat = [
                (middle + math.cos(a) * reach * 0.44 * share, ground + 9 + math.sin(a) * 13 * share)
                for a in (math.tau * step / 60 for step in range(60))
            ]
            self.area(flat, GLOW, alpha * strength)

    def halo(self, x: float, y: float, radius: float, colour: Colour = LAMPLIGHT) -> None:
        """Put a lamp's own light around it."""
        for share, alpha in ((2.6, 0.14), (1.8, 0.22), (1.0, 1.0)):
            self.disc(x, y, radius * share, colour, alpha)
        self.disc(x, y, radius * 0.5, GLOW if colour == LAMPLIGHT else mix(colour, PAPER, 0.4))

    def rain(self, count: int, colour: Colour, until: float) -> None:
        """Let it rain."""
        for number in range(count):
            x = (number + spread(number, 1)) / count * (self.width + 100) - 20
            y = spread(number, 5.3) * until
            long = 22 + spread(number, 9) * 26
            self.line([(x, y), (x - long * 0.3, y + long)], 2, colour)

    def snow(self, count: int, colour: Colour, until: float) -> None:
        """Let it snow."""
        for number in range(count):
            x = (number + spread(number, 2.1)) / count * self.width
            self.disc(x, spread(number, 7.7) * until, 2.5 + spread(number, 3.3) * 4.5, colour)

    # --- the end ---

    def save(self, file: Path) -> None:
        """Make the picture smaller, once, and write it without anything that differs from run to run."""
        file.parent.mkdir(parents=True, exist_ok=True)
        picture = self.image.resize((self.width, self.height), Image.Resampling.LANCZOS)
        if self.stencil:
            clear = Image.new("RGBA", picture.size, self.stencil)
            clear.putalpha(picture.convert("L"))
            clear.save(file, optimize=True)
        elif file.suffix == ".png":
            picture.quantize(128, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE).save(file, optimize=True)
        else:
            picture.save(file, quality=82, optimize=True, subsampling=0)


def smooth(points: Sequence[Point], steps: int = 14) -> list[Point]:
    """Return a line through *points* without corners (Catmull-Rom)."""
    padded = [points[0], *points, points[-1]]
    found: list[Point] = []
    for index in range(len(points) - 1):
        a, b, c, d = padded[index : index + 4]
        for step in range(steps):
            t = step / steps
            found.append(
                tuple(  # type: ignore[arg-type]
                    0.5
                    * (
                        2 * b[k]
                        + (c[k] - a[k]) * t
                        + (2 * a[k] - 5 * b[k] + 4 * c[k] - d[k]) * t**2
                        + (3 * b[k] - a[k] - 3 * c[k] + d[k]) * t**3
                    )
                    for k in (0, 1)
                )
            )
    return [*found, points[-1]]


# --- pictures ---

PICTURES: dict[str, tuple[str, Callable[[], Canvas]]] = {}


def picture(file: str) -> Callable[[Callable[[], Canvas]], Callable[[], Canvas]]:
    """Register a drawing and where it goes: below posts/, or, with a leading dot, beside this script."""

    def register(draw: Callable[[], Canvas]) -> Callable[[], Canvas]:
        PICTURES[draw.__name__] = (file, draw)
        return draw

    return register


def landscape(ground: Colour = NIGHT) -> Canvas:
    return Canvas(1600, 1000, ground)


def square(ground: Colour = PAPER) -> Canvas:
    return Canvas(1200, 1200, ground)
