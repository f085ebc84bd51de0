"""Draw every picture of the season: run `python brand/artwork/draw.py` (all) or with names of pictures (some).

The results are committed beside the posts that use them. Look at what comes out before you commit it.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Callable
from pathlib import Path

from brush import (
    CLAY,
    DUSK,
    EMBER,
    GLOW,
    HARBOUR,
    HAZE,
    INK,
    LAMPLIGHT,
    NIGHT,
    PAPER,
    Canvas,
    Colour,
    Point,
    bicycle,
    cat,
    church,
    crane,
    ferry,
    fir,
    houses,
    mark,
    mix,
    mosque,
    rider,
    slope,
    smooth,
    spread,
)

POSTS = Path(__file__).resolve().parents[2] / "posts"
ARTWORK = Path(__file__).resolve().parent
WHITE = (0xFF, 0xFF, 0xFF)
ROAD = mix(NIGHT, INK, 0.45)
LATE = mix(NIGHT, DUSK, 0.35)
EVENING = mix(CLAY, EMBER, 0.25)

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


def hill(c: Canvas, points: list[Point], colour: Colour) -> None:
    """Fill everything below a smooth line."""
    line = smooth(points)
    c.area([*line, (line[-1][0], c.height), (line[0][0], c.height)], colour)


def street(c: Canvas, top: float, colour: Colour = ROAD, kerb: Colour = DUSK) -> None:
    c.box(0, top, c.width, c.height - top, colour)
    c.box(0, top, c.width, 5, kerb)
    for number in range(9):
        c.box(number * 200 - 60, top + (c.height - top) * 0.56, 96, 8, mix(kerb, PAPER, 0.25), 4)


# --- October ---


@picture("2026/10/2026-10-05-okul-yolu/okul-yolu.jpg")
def okul_yolu() -> Canvas:
    c = landscape()
    c.sky(mix(HAZE, CLAY, 0.25), GLOW, 620)
    c.disc(1180, 470, 120, mix(LAMPLIGHT, GLOW, 0.35))
    far = mix(HAZE, GLOW, 0.25)
    houses(c, 0, 1600, 600, far, low=30, high=90, salt=3, lit=0)
    mosque(c, 420, 600, 82, mix(HAZE, DUSK, 0.2))
    mosque(c, 1390, 600, 44, mix(HAZE, DUSK, 0.05))
    c.box(0, 598, 1600, 150, mix(HARBOUR, HAZE, 0.5))
    for number in range(26):
        x, y = spread(number, 2) * 1600, 614 + spread(number, 8) * 100
        c.line([(x, y), (x + 40 + spread(number, 4) * 70, y)], 3, mix(HARBOUR, GLOW, 0.55))
    ferry(c, 880, 672, 58, NIGHT, LAMPLIGHT)
    for number in range(3):
        c.arc(720 + number * 74, 380 - number * 30, 16, 200, 275, 3, DUSK)
        c.arc(742 + number * 74, 380 - number * 30, 16, 265, 340, 3, DUSK)
    c.box(0, 735, 1600, 265, mix(CLAY, PAPER, 0.35))
    c.box(0, 728, 1600, 12, mix(CLAY, INK, 0.35))
    for number in range(9):
        c.box(number * 190 + 40, 664, 12, 70, mix(CLAY, INK, 0.55))
    c.box(0, 680, 1600, 8, mix(CLAY, INK, 0.55))
    parts = rider(c, 1060, 940, 78, coat=HARBOUR, hat=None, bag=None, frame=EMBER, skin=NIGHT)
    c.beam(*parts["lamp"], 280, 936, strength=0.8)
    for x, coat, bag, hat, frame in (
        (650, LAMPLIGHT, EMBER, EMBER, NIGHT),
        (280, EMBER, NIGHT, HARBOUR, HARBOUR),
    ):
        parts = rider(c, x, 936, 56, coat=coat, bag=bag, hat=hat, frame=frame, skin=NIGHT)
        c.beam(*parts["lamp"], 180, 934, strength=0.8)
    return c


@picture("2026/10/2026-10-07-drumul-spre-scoala/harta.png")
def harta() -> Canvas:
    c = square()
    block = mix(PAPER, CLAY, 0.2)
    for row in range(7):
        for column in range(7):
            if (row, column) in {(1, 4), (4, 1), (5, 5), (2, 2)}:
                continue
            w, h = 118 + spread(row * 7 + column, 2) * 18, 112 + spread(row * 7 + column, 6) * 20
            c.box(62 + column * 158, 62 + row * 158, w, h, block, 14)
    for x, y in ((694, 220), (220, 694), (852, 852), (378, 378)):
        c.box(x, y, 136, 136, mix(PAPER, HARBOUR, 0.28), 60)
        fir(c, x + 48, y + 112, 86, mix(HARBOUR, PAPER, 0.2))
        fir(c, x + 92, y + 118, 70, HARBOUR)
    c.curve([(-40, 520), (300, 536), (640, 520), (900, 534), (1240, 516)], 58, mix(PAPER, INK, 0.22))
    c.dashes([(-40, 520), (300, 536), (640, 520), (900, 534), (1240, 516)], 4, PAPER, 34, 26)
    c.curve([(-20, 1010), (260, 984), (500, 1052), (820, 1012), (1220, 1062)], 46, mix(HARBOUR, PAPER, 0.55))

    def route(points: list[Point], colour: Colour) -> None:
        c.curve(points, 22, PAPER)
        c.curve(points, 14, colour)
        c.disc(*points[0], 20, PAPER)
        c.disc(*points[0], 13, colour)

    route([(110, 216), (206, 300), (360, 330), (516, 300), (516, 210), (662, 152)], HARBOUR)
    route([(130, 1120), (205, 930), (206, 848), (360, 700), (522, 690), (680, 690), (680, 536), (680, 420), (806, 372)], LAMPLIGHT)
    route([(1120, 1130), (1006, 990), (1000, 850), (1110, 690)], NIGHT)
    for x, y in ((676, 140), (822, 362), (1116, 676)):
        school(c, x, y, 66)
    c.ring(680, 528, 58, 12, EMBER)
    return c


def school(c: Canvas, x: float, y: float, s: float) -> None:
    """Draw a little school with a clock and a flag."""
    c.box(x - s * 0.9, y - s * 0.6, s * 1.8, s * 0.85, INK, 4)
    c.area([(x - s, y - s * 0.58), (x, y - s * 1.15), (x + s, y - s * 0.58)], INK)
    c.disc(x, y - s * 0.66, s * 0.17, PAPER)
    c.line([(x, y - s * 0.76), (x, y - s * 0.66), (x + s * 0.07, y - s * 0.64)], 2, INK)
    for side in (-0.6, 0.6):
        c.box(x + side * s - s * 0.17, y - s * 0.36, s * 0.34, s * 0.3, PAPER, 2)
    c.box(x - s * 0.18, y - s * 0.26, s * 0.36, s * 0.52, EMBER, 2)


@picture("2026/10/2026-10-07-drumul-spre-scoala/intersectia.png")
def intersectia() -> Canvas:
    c = square(mix(PAPER, CLAY, 0.2))
    tar = mix(PAPER, INK, 0.32)
    c.box(0, 430, 1200, 340, tar)
    c.box(450, 0, 300, 1200, tar)
    for x, y, w, h in ((0, 0, 410, 390), (790, 0, 410, 390), (790, 810, 410, 390)):
        c.box(x - 40, y - 40 if y == 0 else y, w + 40 if x == 0 else w + 60, h + 40, mix(PAPER, CLAY, 0.45), 40)
    c.box(-40, 810, 450, 440, mix(PAPER, HARBOUR, 0.3), 40)
    for number in range(7):
        x, y = 60 + spread(number, 3) * 280, 900 + spread(number, 9) * 260
        c.disc(x, y, 40, mix(HARBOUR, PAPER, 0.3))
        c.disc(x - 8, y - 8, 26, mix(HARBOUR, PAPER, 0.12))
    for number in range(8):
        c.box(number * 64 - 40, 592, 40, 9, PAPER, 4)
        c.box(number * 64 + 780, 592, 40, 9, PAPER, 4)
    for number in range(9):
        c.box(800, 446 + number * 36, 120, 20, PAPER, 2)
    c.box(790, 566, 140, 64, mix(HARBOUR, PAPER, 0.35), 30)
    for number in range(7):
        c.box(470 + number * 38, 782, 22, 96, PAPER, 2)
    path: list[Point] = [(210, 1230), (300, 1050), (400, 880), (560, 832), (760, 826), (852, 760), (860, 600), (862, 420), (900, 250), (1010, -30)]
    c.curve(path, 30, PAPER)
    c.dashes(path, 16, LAMPLIGHT, 34, 26)
    c.ring(860, 598, 118, 12, EMBER)
    c.disc(985, 470, 30, EMBER)
    c.disc(985, 470, 16, INK)
    for x, y, colour, turn in ((250, 500, HAZE, False), (150, 690, DUSK, False), (530, 180, CLAY, True)):
        w, h = (76, 140) if turn else (140, 76)
        c.box(x, y, w, h, colour, 22)
        c.box(x + w * 0.24, y + h * 0.14 if not turn else y + h * 0.24, w * 0.5 if not turn else w * 0.52, h * 0.72 if not turn else h * 0.5, mix(colour, NIGHT, 0.5), 10)
    return c


@picture("2026/10/2026-10-09-vida/vida.jpg")
def vida() -> Canvas:
    c = landscape(mix(NIGHT, DUSK, 0.55))
    workshop_wall(c)
    c.area([(800, 150), (1330, 780), (270, 780)], GLOW, 0.22)
    c.area([(800, 150), (1160, 780), (440, 780)], LAMPLIGHT, 0.2)
    c.line([(800, 0), (800, 96)], 6, INK)
    c.area([(760, 96), (840, 96), (920, 176), (680, 176)], EMBER)
    c.oval(800, 176, 72, 16, GLOW)
    table = mix(CLAY, INK, 0.3)
    c.box(110, 780, 1380, 44, table, 8)
    c.box(110, 812, 1380, 14, mix(table, INK, 0.4))
    for x in (190, 1370):
        c.box(x, 824, 46, 176, mix(table, INK, 0.3))
    packing_box(c, 520, 530, 560, 250)
    cat(c, 806, 560, 168)
    box_front(c, 520, 600, 560, 180)
    for x, y, w, h in ((1160, 640, 240, 140), (1196, 524, 172, 116), (210, 660, 230, 120)):
        parcel(c, x, y, w, h)
    return c


def workshop_wall(c: Canvas) -> None:
    """Hang tools on the wall, and leave the place of the 5 mm key empty."""
    ground = mix(NIGHT, DUSK, 0.8)
    c.box(80, 90, 440, 330, ground, 12)
    for number, long in enumerate((150, 132, 116, 0, 84, 70)):
        x = 130 + number * 66
        if long:
            c.line([(x, 150), (x, 150 + long), (x + 26, 150 + long)], 11, HAZE)
        else:
            for step in range(6):
                c.box(x - 3, 146 + step * 18, 6, 9, EMBER, 3)
            for step in range(2):
                c.box(x + 4 + step * 16, 248, 9, 6, EMBER, 3)
    c.line([(120, 350), (300, 350)], 16, HAZE)
    c.ring(112, 350, 20, 12, HAZE)
    c.line([(350, 340), (470, 360)], 12, CLAY)
    c.ring(1330, 250, 130, 14, HAZE)
    for step in range(18):
        a = math.tau * step / 18
        c.line([(1330, 250), (1330 + 122 * math.cos(a), 250 + 122 * math.sin(a))], 2, HAZE)
    c.disc(1330, 250, 16, HAZE)


def packing_box(c: Canvas, x: float, y: float, w: float, h: float) -> None:
    """Draw the open box from behind."""
    board = mix(CLAY, PAPER, 0.12)
    c.area([(x, y + 70), (x - 92, y + 10), (x - 70, y + 112), (x, y + 150)], mix(board, INK, 0.18))
    c.area([(x + w, y + 70), (x + w + 92, y + 10), (x + w + 70, y + 112), (x + w, y + 150)], mix(board, INK, 0.18))
    c.box(x, y + 60, w, h - 60, mix(board, INK, 0.42))


def box_front(c: Canvas, x: float, y: float, w: float, h: float) -> None:
    """Draw the front of the open box, over whoever sleeps in it."""
    board = mix(CLAY, PAPER, 0.12)
    c.area([(x, y), (x + w, y), (x + w, y + h), (x, y + h)], board)
    c.area([(x, y), (x + w, y), (x + w - 44, y + 42), (x + 44, y + 42)], mix(board, PAPER, 0.28))
    mark(c, x + w / 2 - 22, y + h * 0.63, 34, EMBER, board)


def parcel(c: Canvas, x: float, y: float, w: float, h: float) -> None:
    board = mix(CLAY, INK, 0.08)
    c.box(x, y, w, h, board, 4)
    c.box(x + w * 0.43, y, w * 0.14, h, mix(CLAY, PAPER, 0.5))
    c.box(x + w * 0.66, y + h * 0.55, w * 0.26, h * 0.3, PAPER, 3)


@picture("2026/10/2026-10-14-gachlilit/satchel.jpg")
def satchel() -> Canvas:
    c = square(NIGHT)
    c.sky(NIGHT, DUSK, 820)
    houses(c, 0, 1200, 830, mix(NIGHT, DUSK, 0.45), low=180, high=420, salt=11, lit=0.16, light=mix(LAMPLIGHT, DUSK, 0.45))
    c.box(0, 828, 1200, 372, ROAD)
    c.box(0, 824, 1200, 6, DUSK)
    coat = mix(DUSK, NIGHT, 0.35)
    c.box(300, 250, 600, 950, coat, 250)
    c.disc(600, 170, 150, mix(NIGHT, INK, 0.5))
    c.area([(430, 150 - 20), (770, 130), (740, 30), (600, -10), (460, 30)], EMBER)
    c.box(430, 118, 340, 44, mix(EMBER, INK, 0.25), 22)
    bag = HARBOUR
    c.box(330, 380, 540, 620, mix(bag, INK, 0.25), 96)
    c.box(350, 400, 500, 580, bag, 86)
    c.box(420, 690, 360, 230, mix(bag, INK, 0.18), 40)
    c.line([(430, 742), (770, 742)], 8, mix(bag, PAPER, 0.35))
    c.arc(600, 402, 70, 180, 360, 22, mix(bag, INK, 0.4))
    for x in (470, 706):
        c.box(x, 392, 34, 330, mix(bag, INK, 0.4), 8)
        c.box(x - 8, 700, 50, 36, CLAY, 8)
    c.halo(600, 560, 58, EMBER)
    for radius, alpha in ((330, 0.07), (230, 0.1)):
        c.disc(600, 560, radius, EMBER, alpha)
    c.box(572, 470, 56, 60, INK, 14)
    c.disc(600, 560, 70, INK)
    c.disc(600, 560, 56, EMBER)
    c.disc(600, 560, 38, mix(EMBER, LAMPLIGHT, 0.45))
    c.disc(600, 560, 19, GLOW)
    return c


@picture("2026/10/2026-10-14-gachlilit/parts.png")
def parts() -> Canvas:
    c = square()
    axis = 600
    c.dashes([(110, axis), (600, axis), (1090, axis)], 4, mix(PAPER, INK, 0.35), 16, 12)
    c.oval(205, axis, 74, 168, mix(PAPER, HAZE, 0.45))
    c.oval(185, axis, 58, 146, mix(PAPER, HAZE, 0.2))
    c.oval(172, axis, 30, 88, PAPER)
    c.box(398, axis - 150, 34, 300, HARBOUR, 10)
    c.oval(398, axis, 30, 46, GLOW)
    c.oval(392, axis, 19, 30, LAMPLIGHT)
    for y in (-104, -66, 66, 104):
        c.box(384, axis + y - 9, 16, 18, LAMPLIGHT, 3)
    for y in (-128, 128):
        c.disc(415, axis + y, 8, PAPER)
    c.box(600, axis - 112, 130, 224, DUSK, 24)
    c.box(600, axis - 112, 40, 224, mix(DUSK, NIGHT, 0.5), 18)
    c.box(728, axis - 44, 14, 88, HAZE, 5)
    c.line([(682, axis - 46), (650, axis + 10), (690, axis + 4), (664, axis + 56)], 9, LAMPLIGHT)
    c.box(880, axis - 160, 58, 320, INK, 26)
    c.curve([(930, axis - 128), (1040, axis - 118), (1062, axis - 20), (1004, axis + 130)], 34, EMBER)
    c.disc(936, axis - 126, 22, INK)
    c.disc(936, axis - 126, 9, PAPER)
    for number, x in enumerate((205, 415, 665, 950)):
        c.disc(x, 880, 30, INK)
        c.words(x, 880, str(number + 1), 34, PAPER, bold=True)
        c.line([(x, 846), (x, 800)], 4, mix(PAPER, INK, 0.5))
    return c


@picture("2026/10/2026-10-15-how-a-dynamo-lamp-works/hub.png")
def hub() -> Canvas:
    c = landscape(PAPER)
    x, y = 560, 500
    for step in range(16):
        a = math.tau * step / 16
        c.line([(x + 330 * math.cos(a), y + 330 * math.sin(a)), (x + 900 * math.cos(a + 0.1), y + 900 * math.sin(a + 0.1))], 5, mix(PAPER, HAZE, 0.7))
    c.disc(x, y, 372, INK)
    c.disc(x, y, 346, mix(PAPER, HAZE, 0.55))
    for step in range(16):
        a, b = math.tau * step / 16 + 0.02, math.tau * (step + 1) / 16 - 0.02
        arc = [a + (b - a) * k / 8 for k in range(9)]
        outer = [(x + 330 * math.cos(t), y + 330 * math.sin(t)) for t in arc]
        inner = [(x + 262 * math.cos(t), y + 262 * math.sin(t)) for t in reversed(arc)]
        c.area([*outer, *inner], EMBER if step % 2 else DUSK)
    c.disc(x, y, 246, PAPER)
    for step in range(8):
        a = math.tau * step / 8
        px, py = x + 168 * math.cos(a), y + 168 * math.sin(a)
        for turn in range(-3, 4):
            tx, ty = px - math.sin(a) * 0 + math.cos(a) * turn * 14, py + math.sin(a) * turn * 14
            across = 40 - abs(turn) * 2
            c.line([(tx - math.sin(a) * across, ty + math.cos(a) * across), (tx + math.sin(a) * across, ty - math.cos(a) * across)], 11, CLAY if turn % 2 else mix(CLAY, EMBER, 0.4))
    c.disc(x, y, 108, mix(HAZE, PAPER, 0.2))
    c.disc(x, y, 62, INK)
    c.disc(x, y, 40, HAZE)
    c.arc(x, y, 430, 205, 300, 16, EMBER)
    a = math.radians(302)
    tip = (x + 430 * math.cos(a), y + 430 * math.sin(a))
    c.area([(tip[0] + 30, tip[1] + 34), (tip[0] - 26, tip[1] + 14), (tip[0] + 12, tip[1] - 36)], EMBER)
    c.curve([(x, y), (690, 640), (900, 742), (1080, 700), (1130, 520), (1162, 392)], 20, PAPER)
    c.curve([(x, y), (690, 640), (900, 742), (1080, 700), (1130, 520), (1162, 392)], 9, INK)
    c.area([(1250, 290), (1600, 560), (1600, 930), (1250, 330)], GLOW, 0.8)
    c.area([(1250, 296), (1600, 640), (1600, 820), (1250, 322)], LAMPLIGHT, 0.7)
    c.box(1090, 230, 150, 156, INK, 60)
    c.box(1196, 226, 64, 164, EMBER, 26)
    c.oval(1256, 308, 16, 66, GLOW)
    return c


@picture("2026/10/2026-10-28-yoreh/yoreh.jpg")
def yoreh() -> Canvas:
    c = landscape()
    c.sky(mix(DUSK, HAZE, 0.45), mix(HAZE, PAPER, 0.35), 760)
    for x, y, s in ((260, 120, 1.2), (760, 80, 1.5), (1330, 130, 1.1)):
        for dx, dy, r in ((-110, 10, 70), (0, -14, 96), (110, 10, 76), (30, 34, 80)):
            c.disc(x + dx * s, y + dy * s, r * s, mix(DUSK, HAZE, 0.3))
    c.box(900, 610, 700, 180, mix(HARBOUR, HAZE, 0.55))
    for x, s in ((1180, 92), (1330, 110), (1490, 84)):
        crane(c, x, 660, s, mix(DUSK, HARBOUR, 0.3), -1)
    slope(c, (-20, 250), (1300, 690), mix(DUSK, HARBOUR, 0.25), 1000, salt=5, house=mix(HAZE, DUSK, 0.35))
    road = mix(NIGHT, HARBOUR, 0.18)
    c.area([(0, 700), (1600, 860), (1600, 1000), (0, 1000)], road)
    c.area([(0, 694), (1600, 854), (1600, 862), (0, 702)], mix(HAZE, PAPER, 0.2))
    for number in range(16):
        x = spread(number, 6) * 1600
        y = 760 + x * 0.1 + spread(number, 3) * 120
        c.oval(x, y, 46 + spread(number, 2) * 46, 5, mix(road, HAZE, 0.4))
    scene = Canvas(1600, 1000, road)
    scene.image = c.image
    where = rider(c, 560, 846, 92, coat=EMBER, hat=LAMPLIGHT, frame=PAPER, bag=NIGHT, skin=NIGHT)
    c.beam(*where["lamp"], 560, 880)
    c.rain(210, mix(HAZE, PAPER, 0.45), 980)
    for number in range(40):
        share = spread(number, 8)
        x = where["lamp"][0] + 60 + share * 430
        y = where["lamp"][1] + 20 + spread(number, 4) * 190 * (0.3 + share * 0.7)
        c.line([(x, y), (x - 7, y + 24)], 3, LAMPLIGHT)
    return c


@picture("2026/10/2026-10-30-counted-at-the-gate/counts.png")
def counts() -> Canvas:
    c = landscape(PAPER)
    base, unit = 850, 1.62
    c.line([(180, base), (1420, base)], 5, INK)
    for number, (value, day) in enumerate(((143, "8 Oct"), (264, "15 Oct"), (402, "22 Oct"))):
        x = 400 + number * 400
        top = base - value * unit
        colour = (HAZE, HARBOUR, EMBER)[number]
        rows, columns = round(value / 143 * 5), 5
        step = (base - 14 - top) / rows
        for row in range(rows):
            for column in range(columns):
                bx, by = x + (column - 2) * 44, base - 14 - (row + 0.5) * step
                c.arc(bx, by + 4, 13, 180, 360, 4, colour)
                c.area([(bx + 15 * math.cos(a), by + 5 + 15 * math.sin(a)) for a in (math.pi + math.pi * k / 16 for k in range(17))], colour)
                c.box(bx - 19, by + 5, 38, 6, colour, 3)
                c.disc(bx, by - 13, 4, colour)
        c.words(x, top - 52, str(value), 76, INK, bold=True)
        c.words(x, base + 56, day, 38, mix(INK, PAPER, 0.25))
    return c


# --- November ---


@picture("2026/11/2026-11-11-soba/poyraz.jpg")
def poyraz() -> Canvas:
    c = landscape(PAPER)
    c.disc(800, 470, 400, mix(PAPER, CLAY, 0.22))
    c.box(0, 846, 1600, 154, mix(PAPER, CLAY, 0.38))
    c.oval(800, 852, 560, 16, mix(CLAY, INK, 0.25))
    where = bicycle(c, 452, 846, 226, frame=EMBER, tyre=INK, metal=mix(HAZE, INK, 0.15), lit=True)
    c.beam(*where["lamp"], 320, 846, strength=0.75)
    return c


def dusk(c: Canvas, until: float) -> None:
    c.sky(NIGHT, mix(DUSK, HAZE, 0.2), until * 0.62)
    rows = 40
    for row in range(rows):
        y = until * 0.62 + (until * 0.38) * row / rows
        c.box(0, y, c.width, until * 0.38 / rows + 1, mix(mix(DUSK, HAZE, 0.2), EVENING, (row / rows) ** 1.4))


@picture("2026/11/2026-11-16-see-and-be-seen/see.jpg")
def see() -> Canvas:
    c = square(NIGHT)
    dusk(c, 800)
    hill(c, [(-20, 560), (260, 470), (560, 560), (860, 430), (1220, 540)], mix(DUSK, EVENING, 0.28))
    hill(c, [(-20, 680), (300, 610), (640, 690), (980, 600), (1220, 660)], mix(DUSK, NIGHT, 0.15))
    for number in range(9):
        fir(c, 40 + number * 140 + spread(number, 3) * 50, 720 + spread(number, 5) * 30, 70 + spread(number, 2) * 60, mix(NIGHT, DUSK, 0.5))
    hill(c, [(-20, 760), (400, 740), (800, 756), (1220, 730)], LATE)
    c.box(0, 900, 1200, 300, ROAD)
    c.box(0, 894, 1200, 7, DUSK)
    c.oval(1000, 1012, 104, 22, mix(ROAD, (0, 0, 0), 0.6))
    where = rider(c, 170, 1000, 104, coat=EMBER, hat=HARBOUR, bag=DUSK, frame=PAPER, skin=INK, legs=INK)
    c.beam(*where["lamp"], 640, 1004)
    c.oval(1000, 1012, 92, 16, mix(ROAD, (0, 0, 0), 0.7))
    c.arc(1000, 1010, 92, 10, 170, 3, GLOW)
    return c


@picture("2026/11/2026-11-16-see-and-be-seen/be-seen.jpg")
def be_seen() -> Canvas:
    c = square(NIGHT)
    c.sky(mix(NIGHT, (0, 0, 0), 0.3), mix(NIGHT, DUSK, 0.5), 560)
    houses(c, -20, 430, 600, mix(NIGHT, DUSK, 0.3), low=180, high=420, salt=2, lit=0.14, light=mix(LAMPLIGHT, NIGHT, 0.35))
    houses(c, 800, 1220, 600, mix(NIGHT, DUSK, 0.3), low=160, high=400, salt=8, lit=0.14, light=mix(LAMPLIGHT, NIGHT, 0.35))
    c.area([(0, 1200), (1200, 1200), (690, 560), (530, 560)], ROAD)
    c.area([(0, 1200), (0, 800), (530, 560)], mix(ROAD, DUSK, 0.3))
    c.area([(1200, 1200), (1200, 800), (690, 560)], mix(ROAD, DUSK, 0.3))
    for number in range(6):
        near = (number / 6) ** 1.7
        y = 590 + near * 560
        w = 3 + near * 18
        c.area([(612 - w / 2, y), (612 + w / 2, y), (612 + w * 0.8, y + 16 + near * 80), (612 - w * 0.8, y + 16 + near * 80)], mix(DUSK, HAZE, 0.4))
    for x, y, s in ((640, 600, 1.0),):
        c.line([(x, y - 6), (x, y + 52)], 9 * s, INK)
        c.line([(x - 24, y - 62), (x + 24, y - 62)], 4, INK)
        c.oval(x, y - 52, 25, 52, INK)
        c.disc(x, y - 116, 17, INK)
        c.halo(x, y - 2, 17, EMBER)
        c.area([(x - 12, y + 70), (x + 12, y + 70), (x + 30, y + 240), (x - 30, y + 240)], EMBER, 0.35)
    c.rain(150, mix(NIGHT, HAZE, 0.55), 1000)
    for number in range(90):
        x, y = spread(number, 3) * 1200, spread(number, 6) * 1010
        c.disc(x, y, 3 + spread(number, 1) * 5, mix(HAZE, PAPER, 0.2), 0.5)
    c.area([(x, 1010 + 60 * ((x - 600) / 600) ** 2) for x in range(0, 1201, 40)] + [(1200, 1200), (0, 1200)], mix(INK, (0, 0, 0), 0.4))
    c.arc(390, 1290, 250, 200, 340, 40, INK)
    c.line([(640, 1040), (240, 830)], 10, (0, 0, 0))
    c.line([(1040, 1050), (700, 850)], 10, (0, 0, 0))
    c.area([(0, 0), (56, 0), (0, 760)], (0, 0, 0))
    c.area([(1200, 0), (1144, 0), (1200, 760)], (0, 0, 0))
    c.box(470, 0, 260, 92, (0, 0, 0), 24)
    return c


@picture("2026/11/2026-11-16-see-and-be-seen/red-light.jpg")
def red_light() -> Canvas:
    c = square(NIGHT)
    dusk(c, 860)
    houses(c, -30, 1230, 880, mix(DUSK, NIGHT, 0.3), low=220, high=480, salt=21, lit=0.3, gabled=True, light=mix(LAMPLIGHT, GLOW, 0.2))
    c.box(0, 876, 1200, 330, ROAD)
    c.box(0, 870, 1200, 7, DUSK)
    for number in range(6):
        c.box(966 + number * 46, 960, 26, 130, mix(ROAD, PAPER, 0.65), 4)
    c.box(890, 420, 26, 560, INK, 8)
    c.box(840, 250, 126, 300, INK, 32)
    c.disc(903, 318, 40, EMBER)
    c.disc(903, 318, 90, EMBER, 0.22)
    c.disc(903, 318, 22, mix(EMBER, LAMPLIGHT, 0.5))
    c.disc(903, 400, 36, mix(LAMPLIGHT, INK, 0.82))
    c.disc(903, 480, 36, mix(HARBOUR, INK, 0.75))
    x, ground, r = 330, 1030, 108
    where = waiting(c, x, ground, r)
    c.beam(*where["lamp"], 330, 1034)
    return c


def waiting(c: Canvas, x: float, ground: float, r: float) -> dict[str, Point]:
    """Draw somebody who stands over the bicycle with one foot on the ground."""
    c.line([(x + r * 1.15, ground - r * 2.9), (x + r * 1.5, ground - r * 1.6), (x + r * 1.86, ground - r * 0.12)], r * 0.36, mix(INK, (0, 0, 0), 0.3))
    where = bicycle(c, x, ground, r, frame=HARBOUR, tyre=INK)
    c.line([(x + r * 1.1, ground - r * 2.9), (x + r * 1.14, ground - r * 1.5), (x + r * 1.0, ground - r * 0.08)], r * 0.38, NIGHT)
    c.line([(x + r * 1.0, ground - r * 0.08), (x + r * 1.3, ground - r * 0.06)], r * 0.22, INK)
    c.line([(x + r * 1.12, ground - r * 3.0), (x + r * 1.18, ground - r * 4.25)], r * 0.66, LAMPLIGHT)
    c.area([(x + r * 0.76, ground - r * 3.1), (x + r * 0.72, ground - r * 2.5), (x + r * 1.5, ground - r * 2.5), (x + r * 1.48, ground - r * 3.1)], LAMPLIGHT)
    c.line([(x + r * 1.26, ground - r * 4.2), (x + r * 1.62, ground - r * 3.5), where["grip"]], r * 0.24, mix(LAMPLIGHT, CLAY, 0.5))
    c.disc(x + r * 1.26, ground - r * 4.98, r * 0.36, INK)
    c.line([(x + r * 1.2, ground - r * 4.6), (x + r * 1.2, ground - r * 4.8)], r * 0.24, INK)
    c.line([(x + r * 0.98, ground - r * 4.56), (x + r * 1.42, ground - r * 4.56)], r * 0.24, EMBER)
    c.line([(x + r * 0.98, ground - r * 4.5), (x + r * 0.66, ground - r * 4.2)], r * 0.2, EMBER)
    return where


@picture("2026/11/2026-11-16-see-and-be-seen/light-check.jpg")
def light_check() -> Canvas:
    c = square(mix(NIGHT, DUSK, 0.55))
    workshop_wall(c)
    c.box(0, 1010, 1200, 190, mix(CLAY, INK, 0.55))
    c.area([(330, 120), (900, 1010), (-160, 1010)], GLOW, 0.13)
    c.line([(330, 0), (330, 70)], 6, INK)
    c.area([(292, 70), (368, 70), (440, 146), (220, 146)], EMBER)
    c.oval(330, 146, 66, 14, GLOW)
    x, ground, r = 330, 820, 104
    c.line([(x + r * 0.62, ground - r * 1.0), (x + r * 0.62, 1030)], 22, INK)
    c.line([(x + r * 0.62 - 110, 1034), (x + r * 0.62 + 110, 1034)], 22, INK)
    where = bicycle(c, x, ground, r, frame=EMBER, metal=HAZE)
    c.disc(1110, 600, 170, LAMPLIGHT, 0.22)
    c.disc(1110, 600, 112, GLOW, 0.6)
    c.area([where["lamp"], (1080, 492), (1080, 712)], GLOW, 0.4)
    c.area([where["lamp"], (1080, 540), (1080, 664)], LAMPLIGHT, 0.5)
    m = 880
    c.line([(m - 26, 770), (m - 34, 1024)], 44, INK)
    c.line([(m + 26, 770), (m + 36, 1024)], 44, NIGHT)
    c.line([(m - 34, 1024), (m - 66, 1026)], 30, INK)
    c.line([(m, 540), (m, 740)], 104, HARBOUR)
    c.area([(m - 50, 640), (m + 50, 640), (m + 56, 800), (m - 56, 800)], mix(CLAY, INK, 0.25))
    c.line([(m - 26, 520), (m - 110, 640), (where["front"][0] + 60, where["front"][1] - 84)], 34, mix(HARBOUR, INK, 0.25))
    c.disc(where["front"][0] + 60, where["front"][1] - 84, 17, INK)
    c.disc(m - 6, 418, 50, INK)
    c.line([(m - 4, 460), (m - 2, 500)], 30, INK)
    c.area([(m - 58 + 0, 404), (m + 46, 404), (m + 40, 366), (m - 6, 350), (m - 52, 368)], EMBER)
    c.line([(m - 76, 404), (m + 44, 404)], 12, mix(EMBER, INK, 0.3))
    return c


@picture("2026/11/2026-11-17-gor-gorun/iki-sokak.jpg")
def iki_sokak() -> Canvas:
    c = landscape()
    c.sky(mix(NIGHT, (0, 0, 0), 0.25), LATE, 760)
    houses(c, -20, 1620, 770, mix(NIGHT, DUSK, 0.28), low=180, high=420, salt=31, lit=0.08, light=mix(LAMPLIGHT, NIGHT, 0.45))
    mosque(c, 800, 770, 96, mix(NIGHT, DUSK, 0.28))
    c.box(0, 768, 1600, 232, ROAD)
    c.box(0, 763, 1600, 5, mix(ROAD, DUSK, 0.6))
    shade = mix(NIGHT, (0, 0, 0), 0.35)
    for x in (120, 900):
        c.oval(x + 545, 917, 62, 12, mix(ROAD, (0, 0, 0), 0.6))
    rider(c, 150, 900, 78, coat=shade, legs=shade, skin=shade, frame=shade, tyre=shade, metal=shade, lit=False, detail=False)
    c.area([(786, 0), (1600, 0), (1600, 1000), (786, 1000)], DUSK, 0.16)
    where = rider(c, 930, 900, 78, coat=EMBER, bag=HARBOUR, hat=LAMPLIGHT, frame=PAPER, skin=INK, legs=INK)
    c.beam(*where["lamp"], 430, 904)
    c.arc(1445, 913, 62, 10, 170, 3, GLOW)
    c.area([where["tail"], (where["tail"][0] - 120, 812), (where["tail"][0] - 120, 738)], EMBER, 0.35)
    c.box(794, 0, 12, 1000, PAPER)
    return c


@picture("2026/11/2026-11-17-lirot-velehiraot/moral.jpg")
def moral() -> Canvas:
    c = landscape()
    dusk(c, 760)
    c.box(860, 640, 760, 120, mix(HARBOUR, NIGHT, 0.45))
    for number in range(18):
        x, y = 900 + spread(number, 2) * 680, 656 + spread(number, 7) * 84
        c.line([(x, y), (x + 40, y)], 3, mix(LAMPLIGHT, HARBOUR, 0.4))
    for x, s in ((1210, 84), (1370, 112), (1520, 92)):
        crane(c, x, 664, s, INK, -1)
        c.disc(x, 664 - s * 2.2, 5, EMBER)
    slope(c, (-20, 210), (1240, 700), mix(DUSK, NIGHT, 0.4), 1000, salt=14, house=mix(NIGHT, DUSK, 0.55))
    c.area([(0, 690), (1600, 850), (1600, 1000), (0, 1000)], ROAD)
    c.area([(0, 684), (1600, 844), (1600, 852), (0, 692)], DUSK)
    bus(c, 40, 812, 470)
    where = rider(c, 800, 892, 84, coat=LAMPLIGHT, bag=HARBOUR, frame=PAPER, skin=INK, legs=INK, hat=EMBER)
    c.beam(*where["lamp"], 480, 926)
    c.disc(*where["tail"], 52, EMBER, 0.3)
    return c


def bus(c: Canvas, x: float, base: float, w: float) -> None:
    body = HARBOUR
    h = w * 0.46
    c.box(x, base - h, w, h, body, 26)
    c.box(x, base - h * 0.3, w, h * 0.1, mix(body, PAPER, 0.5))
    for number in range(4):
        c.box(x + w * 0.05 + number * w * 0.19, base - h * 0.84, w * 0.165, h * 0.36, mix(GLOW, body, 0.25), 8)
    c.box(x + w * 0.82, base - h * 0.88, w * 0.16, h * 0.56, mix(GLOW, body, 0.35), 10)
    for place in (0.2, 0.78):
        c.disc(x + w * place, base + 4, w * 0.078, INK)
        c.disc(x + w * place, base + 4, w * 0.036, HAZE)
    c.area([(x + w, base - h * 0.2), (x + w + 260, base + 22), (x + w + 260, base + 74), (x + w, base - h * 0.1)], GLOW, 0.3)
    c.disc(x + w - 8, base - h * 0.16, 13, GLOW)


@picture("2026/11/2026-11-18-vezi-si-fii-vazut/cluj-seara.jpg")
def cluj_seara() -> Canvas:
    c = landscape()
    dusk(c, 780)
    hill(c, [(-20, 470), (360, 390), (760, 480), (1180, 370), (1620, 470)], mix(DUSK, EVENING, 0.3))
    hill(c, [(-20, 590), (420, 520), (900, 600), (1620, 530)], mix(DUSK, EVENING, 0.1))
    church(c, 640, 770, 112, mix(NIGHT, DUSK, 0.35))
    houses(c, -20, 600, 780, mix(NIGHT, DUSK, 0.55), low=90, high=210, salt=40, lit=0.34, gabled=True)
    houses(c, 990, 1620, 780, mix(NIGHT, DUSK, 0.55), low=90, high=230, salt=44, lit=0.34, gabled=True)
    street(c, 776)
    where = rider(c, 560, 934, 86, coat=EMBER, hat=HARBOUR, bag=CLAY, frame=PAPER, skin=INK, legs=INK)
    c.beam(*where["lamp"], 560, 936)
    c.disc(*where["tail"], 54, EMBER, 0.28)
    return c


@picture("2026/11/2026-11-23-klips-h26/mark.png")
def clip_mark() -> Canvas:
    c = landscape(PAPER)
    c.box(300, 300, 720, 400, INK, 110)
    c.box(330, 330, 660, 340, mix(INK, HAZE, 0.25), 90)
    c.box(880, 268, 120, 464, mix(INK, HAZE, 0.1), 40)
    c.box(912, 310, 56, 380, HAZE, 26)
    for number in range(6):
        c.box(380 + number * 30, 400, 12, 200, mix(INK, HAZE, 0.5), 6)
    c.words(700, 502, "H26", 118, mix(INK, HAZE, 0.02), bold=True)
    c.words(696, 498, "H26", 118, mix(HAZE, PAPER, 0.4), bold=True)
    crack = [(862, 332), (846, 400), (868, 452), (842, 520), (866, 590), (850, 668)]
    c.line(crack, 9, PAPER)
    c.line(crack, 4, EMBER)
    c.ring(698, 500, 168, 16, EMBER)
    c.line([(818, 382), (1010, 190)], 10, EMBER)
    c.disc(1230, 500, 150, mix(PAPER, HAZE, 0.3))
    for step in range(6):
        a = math.tau * step / 6 + math.pi / 6
        end = (1230 + 104 * math.cos(a), 500 + 104 * math.sin(a))
        c.line([(1230, 500), end], 10, DUSK)
        for side in (-0.5, 0.5):
            for share in (0.55, 0.8):
                px, py = 1230 + 104 * share * math.cos(a), 500 + 104 * share * math.sin(a)
                c.line([(px, py), (px + 30 * math.cos(a + side * 1.6), py + 30 * math.sin(a + side * 1.6))], 8, DUSK)
    return c


def aiming(kind: str) -> Canvas:
    c = Canvas(1200, 1200, NIGHT)
    c.sky(mix(NIGHT, (0, 0, 0), 0.2), mix(NIGHT, DUSK, 0.75), 900)
    for number in range(34):
        c.disc(spread(number, 3) * 1200, spread(number, 8) * 420, 2 + spread(number, 5) * 2, HAZE)
    hill(c, [(-20, 800), (400, 740), (900, 790), (1220, 740)], mix(NIGHT, DUSK, 0.5))
    tree = mix(NIGHT, HARBOUR, 0.45 if kind != "high" else 0.95)
    c.line([(880, 900), (880, 560)], 26, mix(INK, CLAY, 0.25))
    for x, y, r in ((880, 430, 150), (790, 500, 105), (970, 500, 110), (880, 540, 110)):
        c.disc(x, y, r, tree)
    c.box(0, 900, 1200, 300, ROAD)
    c.box(0, 895, 1200, 6, DUSK)
    shade = mix(NIGHT, (0, 0, 0), 0.15)
    if kind == "high":
        rider(c, 1130, 1000, 62, facing=-1, coat=CLAY, legs=INK, skin=INK, frame=HAZE, detail=False, lit=True)
    else:
        rider(c, 1130, 1000, 62, facing=-1, coat=shade, legs=shade, skin=shade, frame=DUSK, detail=False, lit=True)
    where = rider(c, 90, 1000, 84, coat=EMBER, bag=HARBOUR, frame=PAPER, hat=LAMPLIGHT, skin=INK, legs=INK)
    x, y = where["lamp"]
    if kind == "high":
        c.area([(x, y), (1240, 330), (1240, 820)], GLOW, 0.42)
        c.area([(x, y), (1240, 470), (1240, 720)], LAMPLIGHT, 0.5)
        for number in range(8):
            a = math.tau * number / 8
            c.line([(1036 + 34 * math.cos(a), 704 + 34 * math.sin(a)), (1036 + 58 * math.cos(a), 704 + 58 * math.sin(a))], 6, PAPER)
    elif kind == "low":
        c.area([(x, y), (x + 132, 1006), (x + 8, 1006)], GLOW, 0.7)
        c.area([(x, y), (x + 104, 1006), (x + 26, 1006)], LAMPLIGHT, 0.7)
        c.oval(x + 70, 1008, 74, 12, GLOW)
    else:
        c.beam(x, y, 610, 1004)
        c.dashes([(x, y), (x + 305, (y + 998) / 2), (x + 610, 998)], 4, PAPER, 14, 12)
        c.line([(x + 610, 1030), (x + 610, 1062)], 6, PAPER)
        c.line([(x, 1046), (x + 610, 1046)], 4, PAPER)
        c.line([(x, 1030), (x, 1062)], 6, PAPER)
        c.words(x + 305, 1092, "20 m", 44, PAPER, bold=True)
    signs = {"high": False, "low": False, "right": True}
    c.disc(1080, 120, 62, HARBOUR if signs[kind] else EMBER)
    if signs[kind]:
        c.line([(1052, 122), (1072, 144), (1110, 98)], 13, PAPER)
    else:
        c.line([(1056, 96), (1104, 144)], 13, PAPER)
        c.line([(1104, 96), (1056, 144)], 13, PAPER)
    return c


@picture("2026/11/2026-11-25-three-beams/too-high.jpg")
def too_high() -> Canvas:
    return aiming("high")


@picture("2026/11/2026-11-25-three-beams/too-low.jpg")
def too_low() -> Canvas:
    return aiming("low")


@picture("2026/11/2026-11-25-three-beams/right.jpg")
def right() -> Canvas:
    return aiming("right")


# --- December ---


@picture("2026/12/2026-12-02-kar/kar.jpg")
def kar() -> Canvas:
    c = landscape()
    c.sky(NIGHT, mix(DUSK, HAZE, 0.4), 760)
    hill(c, [(-20, 560), (380, 470), (820, 570), (1240, 450), (1620, 560)], mix(DUSK, HAZE, 0.45))
    snow = mix(HAZE, PAPER, 0.55)
    church(c, 240, 770, 70, mix(NIGHT, DUSK, 0.6))
    c.area([(233, 770 - 91), (275, 770 - 182), (429, 770 - 182), (464, 770 - 91)], snow)
    x = 470.0
    for number in range(9):
        w, h = 96 + spread(number, 3) * 50, 96 + spread(number, 6) * 90
        c.box(x, 780 - h, w, h, mix(NIGHT, DUSK, 0.6))
        c.area([(x - 8, 782 - h), (x + w / 2, 780 - h - w * 0.55), (x + w + 8, 782 - h)], snow)
        c.box(x + w * 0.28, 800 - h, 16, 24, LAMPLIGHT if spread(number, 9) > 0.4 else mix(NIGHT, DUSK, 0.3))
        c.box(x + w * 0.6, 800 - h, 16, 24, LAMPLIGHT if spread(number, 1) > 0.5 else mix(NIGHT, DUSK, 0.3))
        x += w + 14
    hill(c, [(-20, 770), (400, 752), (1000, 776), (1620, 750)], snow)
    fir(c, 110, 860, 250, mix(NIGHT, HARBOUR, 0.45), PAPER)
    fir(c, 1500, 880, 300, mix(NIGHT, HARBOUR, 0.45), PAPER)
    hill(c, [(-20, 890), (500, 880), (1100, 892), (1620, 880)], mix(HAZE, PAPER, 0.75))
    c.snow(170, mix(HAZE, PAPER, 0.6), 880)
    where = rider(c, 420, 940, 90, coat=EMBER, hat=LAMPLIGHT, bag=NIGHT, frame=HARBOUR, skin=INK, legs=NIGHT)
    c.beam(*where["lamp"], 460, 944, strength=1.25)
    for number in range(36):
        share = spread(number, 4)
        px = where["lamp"][0] + 70 + share * 340
        c.disc(px, where["lamp"][1] + 70 + share * 90 + spread(number, 9) * 50, 4, LAMPLIGHT)
    return c


@picture("2026/12/2026-12-03-ner-rishon/hanukkia.jpg")
def hanukkia() -> Canvas:
    c = landscape(mix(CLAY, INK, 0.45))
    c.box(150, 70, 1300, 700, INK, 16)
    pane = Canvas(1600, 1000, NIGHT)
    c.box(176, 96, 1248, 648, LATE)
    for row in range(48):
        c.box(176, 96 + row * 13.5, 1248, 14, mix(NIGHT, mix(DUSK, EVENING, 0.45), row / 48))
    del pane
    hill(c_inner := c, [(176, 470), (500, 520), (900, 640), (1424, 690)], mix(DUSK, NIGHT, 0.4))
    for number in range(16):
        x = 200 + number * 74
        y = 500 + number * 13
        c_inner.box(x, y - 30, 52, 110, mix(NIGHT, DUSK, 0.45))
        if spread(number, 2) > 0.35:
            c_inner.box(x + 12, y - 14, 10, 14, LAMPLIGHT)
        if spread(number, 6) > 0.45:
            c_inner.box(x + 30, y + 10, 10, 14, LAMPLIGHT)
    wall = mix(CLAY, INK, 0.45)
    c.box(0, 744, 1600, 256, wall)
    c.box(790, 96, 18, 648, INK)
    c.box(176, 330, 1248, 14, INK)
    c.box(60, 744, 1480, 62, mix(CLAY, PAPER, 0.3), 10)
    c.box(60, 790, 1480, 18, mix(CLAY, INK, 0.2), 8)
    c.box(300, 700, 1000, 44, HARBOUR, 12)
    c.line([(800, 700), (800, 470)], 22, HARBOUR)
    places = [360 + number * 98 for number in range(4)] + [946 + number * 98 for number in range(4)]
    for number, x in enumerate(places):
        candle(c, x, 700, 0.9, lit=number == 7)
    c.disc(800, 420, 240, LAMPLIGHT, 0.1)
    c.disc(places[7], 600, 190, LAMPLIGHT, 0.1)
    candle(c, 800, 480, 1.25, lit=True)
    return c


def candle(c: Canvas, x: float, base: float, s: float, *, lit: bool) -> None:
    """Draw a bicycle lamp that stands upright like a candle."""
    c.line([(x, base), (x, base - 52 * s)], 10 * s, HAZE)
    c.area([(x - 18 * s, base - 50 * s), (x + 18 * s, base - 50 * s), (x + 36 * s, base - 104 * s), (x - 36 * s, base - 104 * s)], INK)
    if lit:
        c.area([(x - 32 * s, base - 108 * s), (x + 32 * s, base - 108 * s), (x, base - 220 * s)], LAMPLIGHT, 0.75)
        c.area([(x - 18 * s, base - 108 * s), (x + 18 * s, base - 108 * s), (x, base - 176 * s)], GLOW)
        c.oval(x, base - 107 * s, 38 * s, 12 * s, GLOW)
    else:
        c.oval(x, base - 106 * s, 36 * s, 10 * s, DUSK)


@picture("2026/12/2026-12-05-mos-nicolae/ghete.jpg")
def ghete() -> Canvas:
    c = landscape(mix(NIGHT, DUSK, 0.45))
    wall = mix(DUSK, NIGHT, 0.35)
    c.box(0, 0, 1600, 790, wall)
    for number in range(11):
        for column in range(12):
            c.box(column * 150 - (number % 2) * 75, number * 74, 144, 68, mix(wall, NIGHT, 0.14 + spread(number * 11 + column, 2) * 0.1), 6)
    c.box(580, 90, 440, 700, INK, 10)
    c.box(604, 114, 392, 676, HARBOUR, 6)
    c.box(650, 160, 300, 220, mix(GLOW, LAMPLIGHT, 0.25), 6)
    c.box(794, 160, 12, 220, HARBOUR)
    c.box(650, 264, 300, 12, HARBOUR)
    c.box(650, 430, 300, 300, mix(HARBOUR, NIGHT, 0.25), 6)
    c.disc(958, 470, 16, LAMPLIGHT)
    c.box(0, 786, 1600, 214, mix(CLAY, INK, 0.35))
    c.box(500, 786, 600, 34, mix(CLAY, INK, 0.55))
    c.area([(600, 800), (1000, 800), (1260, 1000), (340, 1000)], GLOW, 0.12)
    for x in (330, 480):
        boot(c, x, 900, 1.0, mix(CLAY, INK, 0.55))
    for x in (690, 840):
        boot(c, x, 912, 0.86, NIGHT)
    for x in (1090, 1260):
        boot(c, x, 906, 1.08, mix(HAZE, INK, 0.45))
    for number in range(26):
        x = 1066 + spread(number, 3) * 330
        y = 700 + spread(number, 7) * 196
        if (1080 < x < 1180 or 1250 < x < 1350) or y > 852:
            c.disc(x, min(y, 892), 4 + spread(number, 5) * 9, EMBER)
    c.area([(1130, 676), (1010, 400), (1250, 400)], GLOW, 0.3)
    c.line([(1130, 712), (1130, 660)], 14, INK)
    c.box(1092, 606, 76, 62, INK, 20)
    c.oval(1130, 610, 40, 14, GLOW)
    c.disc(1130, 606, 60, LAMPLIGHT, 0.25)
    boot_cuff(c, 1090, 906, 1.08, mix(HAZE, INK, 0.45))
    return c


def boot(c: Canvas, x: float, base: float, s: float, colour: Colour) -> None:
    c.box(x - 10 * s, base - 214 * s, 104 * s, 200 * s, colour, 16 * s)
    c.area([(x + 60 * s, base - 96 * s), (x + 150 * s, base - 66 * s), (x + 172 * s, base - 12 * s), (x - 10 * s, base - 12 * s), (x - 10 * s, base - 96 * s)], colour)
    c.disc(x + 138 * s, base - 40 * s, 34 * s, colour)
    c.box(x - 16 * s, base - 16 * s, 194 * s, 22 * s, INK, 8 * s)
    for number in range(4):
        y = base - (110 + number * 26) * s
        c.line([(x + 62 * s, y), (x + 96 * s, y - 8 * s)], 6 * s, LAMPLIGHT if number % 2 == 0 else CLAY)
    c.oval(x + 42 * s, base - 212 * s, 52 * s, 14 * s, mix(colour, (0, 0, 0), 0.5))


def boot_cuff(c: Canvas, x: float, base: float, s: float, colour: Colour) -> None:
    c.box(x - 10 * s, base - 206 * s, 104 * s, 34 * s, colour, 12 * s)


@picture("2026/12/2026-12-15-kis-bakimi/zincir.png")
def zincir() -> Canvas:
    c = square()
    x, y, r = 430, 640, 250
    for step in range(30):
        a = math.tau * step / 30
        c.area([(x + r * math.cos(a - 0.06), y + r * math.sin(a - 0.06)), (x + (r + 34) * math.cos(a), y + (r + 34) * math.sin(a)), (x + r * math.cos(a + 0.06), y + r * math.sin(a + 0.06))], INK)
    c.disc(x, y, r, INK)
    c.disc(x, y, r - 34, PAPER)
    for step in range(5):
        a = math.tau * step / 5 - math.pi / 2
        c.line([(x, y), (x + (r - 30) * math.cos(a), y + (r - 30) * math.sin(a))], 34, INK)
    c.disc(x, y, 64, INK)
    c.disc(x, y, 28, HAZE)
    path: list[Point] = [(1240, y - r - 40 + 60), (1000, y - r - 4), (x + 60, y - r - 24)]
    links: list[Point] = [(1250 - number * 52, y - r - 22 + max(0, (900 - (1250 - number * 52)) * 0) ) for number in range(16)]
    links += [(x + (r + 20) * math.cos(math.radians(a)), y + (r + 20) * math.sin(math.radians(a))) for a in range(-101, -262, -11)]
    links += [(x + number * 52, y + r + 22) for number in range(1, 18)]
    del path
    for number, (first, second) in enumerate(zip(links, links[1:], strict=False)):
        c.line([first, second], 24 if number % 2 else 15, HAZE if number % 2 else mix(HAZE, INK, 0.35))
    for point in links:
        c.disc(*point, 9, INK)
    drop: list[Point] = [(860, 150), (912, 250), (900, 306), (860, 326), (820, 306), (808, 250), (860, 150)]
    c.area(smooth(drop), LAMPLIGHT)
    c.arc(866, 272, 30, 10, 80, 7, GLOW)
    c.area([(700, 1130), (760, 990), (1000, 970), (1120, 1060), (1080, 1150), (880, 1170)], HARBOUR)
    c.curve([(760, 990), (850, 1050), (1000, 1040), (1120, 1060)], 6, mix(HARBOUR, PAPER, 0.4))
    c.curve([(720, 1090), (860, 1110), (1000, 1090), (1090, 1120)], 6, mix(HARBOUR, INK, 0.3))
    return c


@picture("2026/12/2026-12-15-kis-bakimi/lastik.png")
def lastik() -> Canvas:
    c = square()
    for x, flat in ((330, True), (870, False)):
        y = 700
        if flat:
            ring: list[Point] = [(x + 196 * math.cos(a) * (1.06 if math.sin(a) < 0.2 else 1.02), y + 196 * math.sin(a) + (150 * math.exp(-(((a - 1.5 * math.pi)) ** 2) / 0.18))) for a in (math.tau * k / 160 for k in range(160))]
            hole: list[Point] = [(x + 146 * math.cos(a) * 1.08, y + 150 * math.sin(a) + (136 * math.exp(-(((a - 1.5 * math.pi)) ** 2) / 0.22))) for a in (math.tau * k / 160 for k in range(160))]
        else:
            ring = [(x + 200 * math.cos(a), y + 200 * math.sin(a)) for a in (math.tau * k / 160 for k in range(160))]
            hole = [(x + 148 * math.cos(a), y + 148 * math.sin(a)) for a in (math.tau * k / 160 for k in range(160))]
        c.area(ring, INK)
        c.area(hole, mix(PAPER, HARBOUR, 0.3) if not flat else mix(PAPER, HAZE, 0.4))
        c.box(x - 132, y + 138, 264, 86, HAZE, 16)
        c.box(x - 92, y + 120, 184, 70, mix(PAPER, HAZE, 0.5), 12)
        tip = y - 62 if flat else y - 214
        thumb(c, x, tip)
        if not flat:
            for a in (-90, -30, 30, 90, 150, 210):
                t = math.radians(a)
                c.line([(x + 56 * math.cos(t), y - 10 + 56 * math.sin(t)), (x + 108 * math.cos(t), y - 10 + 108 * math.sin(t))], 8, HARBOUR)
    c.disc(330, 1040, 44, EMBER)
    c.line([(313, 1023), (347, 1057)], 10, PAPER)
    c.line([(347, 1023), (313, 1057)], 10, PAPER)
    c.disc(870, 1040, 44, HARBOUR)
    c.line([(850, 1042), (865, 1058), (892, 1024)], 10, PAPER)
    return c


def thumb(c: Canvas, x: float, tip: float) -> None:
    """Draw a thumb in a glove, pressing from above."""
    glove = mix(CLAY, INK, 0.1)
    c.line([(x, tip - 50), (x + 6, tip - 240)], 100, glove)
    c.box(x - 60, tip - 440, 270, 250, glove, 70)
    c.box(x - 70, tip - 500, 290, 90, EMBER, 20)
    c.arc(x, tip - 46, 30, 20, 160, 6, mix(glove, INK, 0.4))


@picture("2026/12/2026-12-15-kis-bakimi/fis.png")
def fis() -> Canvas:
    c = square()
    c.disc(250, 860, 210, mix(PAPER, HAZE, 0.5))
    for step in range(12):
        a = math.tau * step / 12
        c.line([(250 + 200 * math.cos(a), 860 + 200 * math.sin(a)), (250 + 520 * math.cos(a), 860 + 520 * math.sin(a))], 4, mix(PAPER, HAZE, 0.8))
    c.disc(250, 860, 150, HAZE)
    c.disc(250, 860, 56, INK)
    c.box(330, 800, 190, 120, INK, 26)
    for y in (828, 872):
        c.box(510, y, 108, 22, EMBER, 8)
    for y in (838, 884):
        c.curve([(820, y - 8), (960, y - 30), (1060, y - 180), (1040, y - 420), (900, y - 560), (820, 240 + (y - 838) * 0.6)], 15, INK)
    c.area([(690, 800), (810, 780), (842, 800), (842, 922), (810, 940), (690, 920)], HARBOUR)
    for y in (828, 872):
        c.box(690, y, 46, 22, mix(HARBOUR, INK, 0.6), 6)
    c.dashes([(626, 860), (656, 860), (686, 860)], 6, EMBER, 10, 8)
    c.ring(566, 860, 92, 12, EMBER)
    c.box(640, 150, 200, 190, INK, 70)
    c.box(600, 146, 70, 198, HARBOUR, 28)
    c.oval(606, 245, 18, 80, GLOW)
    c.area([(600, 190), (120, 300), (60, 470), (600, 300)], GLOW, 0.55)
    return c


@picture("2026/12/2026-12-21-longest-night/nights.png")
def nights() -> Canvas:
    c = landscape(PAPER)
    for number, (city, night) in enumerate((("haifa", 14 + 1 / 60), ("istanbul", 14 + 47 / 60), ("cluj", 15 + 28 / 60))):
        x, y, r = 300 + number * 500, 430, 196
        c.disc(x, y, r, mix(GLOW, LAMPLIGHT, 0.35))
        half = night / 24 * 180
        turn = [math.radians(-90 - half + 2 * half * k / 90) for k in range(91)]
        c.area([(x, y), *((x + r * math.cos(a), y + r * math.sin(a)) for a in turn)], NIGHT)
        for star in range(9):
            a, d = math.radians(-90 + (spread(star, number + 1) - 0.5) * half * 1.7), r * (0.45 + spread(star, number + 5) * 0.45)
            c.disc(x + d * math.cos(a), y + d * math.sin(a), 3.2, HAZE)
        c.disc(x + 62, y - 104, 25, GLOW)
        c.disc(x + 73, y - 111, 21, NIGHT)
        c.ring(x, y, r + 14, 6, INK)
        for hour in range(24):
            a = math.radians(hour * 15 - 90)
            long = 22 if hour % 6 == 0 else 12
            c.line([(x + (r + 20) * math.cos(a), y + (r + 20) * math.sin(a)), (x + (r + 20 + long) * math.cos(a), y + (r + 20 + long) * math.sin(a))], 5 if hour % 6 == 0 else 3, INK)
        c.disc(x, y, 12, EMBER)
        hours, minutes = int(night), round(night % 1 * 60)
        c.words(x, 756, f"{hours} h {minutes:02} min", 60, INK, bold=True)
        if city == "haifa":
            for k, s in ((-60, 70), (40, 84)):
                crane(c, x + k, 930, s * 0.5, HARBOUR, -1)
            c.area([(x - 170, 860), (x - 60, 900), (x + 120, 930), (x - 170, 930)], HARBOUR)
        elif city == "istanbul":
            mosque(c, x, 930, 34, HARBOUR)
        else:
            church(c, x - 30, 930, 24, HARBOUR)
        c.line([(x - 180, 932), (x + 180, 932)], 5, INK)
    return c


@picture("2026/12/2026-12-27-haaliya/climb.png")
def climb() -> Canvas:
    c = square()
    c.area([(700, 0), (1200, 0), (1200, 430), (980, 330), (820, 200)], mix(PAPER, HARBOUR, 0.45))
    for number in range(4):
        c.line([(900 + number * 70, 60 + number * 54), (960 + number * 70, 60 + number * 54)], 5, PAPER)
    for number in range(5):
        k = number * 78
        c.curve([(-20, 200 + k * 1.1), (240, 170 + k), (520, 300 + k * 0.9), (760, 480 + k * 0.7), (1000, 640 + k * 0.3), (1220, 700 + k * 0.1)], 4, mix(PAPER, CLAY, 0.5))
    for x, s in ((905, 64), (1010, 74), (1100, 60)):
        crane(c, x, 300 + (x - 905) * 0.5, s * 0.8, DUSK)
    path: list[Point] = [(800, 285), (740, 360), (820, 430), (760, 520), (620, 480), (560, 400), (470, 430), (500, 540), (420, 620), (300, 560), (250, 640), (170, 700)]
    c.curve(path, 26, PAPER)
    c.curve(path, 15, EMBER)
    c.disc(*path[0], 26, EMBER)
    c.disc(*path[0], 12, PAPER)
    for x, y in ((760, 520), (470, 430), (300, 560)):
        c.disc(x, y, 24, PAPER)
        c.disc(x, y, 16, LAMPLIGHT)
        c.disc(x, y, 7, INK)
    fir(c, 130, 706, 92, HARBOUR)
    fir(c, 205, 724, 70, HARBOUR)
    c.box(0, 790, 1200, 410, mix(PAPER, CLAY, 0.14))
    profile: list[Point] = [(90, 1100), (230, 1082), (390, 1046), (520, 966), (640, 930), (760, 892), (900, 868), (1020, 852), (1110, 846)]
    ridge = smooth(profile)
    c.area([*ridge, (1110, 1110), (90, 1110)], mix(PAPER, EMBER, 0.3))
    c.line(ridge, 11, EMBER)
    steep = [point for point in ridge if 390 <= point[0] <= 530]
    c.area([*steep, (steep[-1][0], 1110), (steep[0][0], 1110)], mix(PAPER, EMBER, 0.62))
    c.line([(90, 1110), (1110, 1110)], 5, INK)
    for x in (390, 640, 900):
        y = min(point[1] for point in ridge if abs(point[0] - x) < 12)
        c.disc(x, y, 20, PAPER)
        c.disc(x, y, 14, LAMPLIGHT)
        c.disc(x, y, 6, INK)
    c.words(1042, 812, "265 m", 40, INK, bold=True)
    c.words(112, 1150, "0", 36, INK)
    c.words(1070, 1150, "4.9 km", 36, INK)
    return c


@picture("2026/12/2026-12-30-alyan-bulundu/alyan.jpg")
def alyan() -> Canvas:
    c = landscape(mix(NIGHT, DUSK, 0.55))
    workshop_wall(c)
    c.area([(800, 60), (1420, 800), (180, 800)], GLOW, 0.16)
    c.line([(800, 0), (800, 20)], 6, INK)
    c.area([(760, 10), (840, 10), (920, 80), (680, 80)], EMBER)
    c.oval(800, 80, 72, 15, GLOW)
    table = mix(CLAY, INK, 0.3)
    c.box(110, 800, 1380, 44, table, 8)
    c.box(110, 832, 1380, 14, mix(table, INK, 0.4))
    for x in (190, 1370):
        c.box(x, 844, 46, 156, mix(table, INK, 0.3))
    packing_box(c, 500, 470, 600, 250)
    cat(c, 850, 540, 176, awake=True)
    tilt = 26.0
    board = mix(CLAY, PAPER, 0.12)
    c.area([(500, 560), (1100, 590), (1100, 800), (500, 800 - tilt)], board)
    c.area([(500, 560), (1100, 590), (1056, 626), (544, 600)], mix(board, PAPER, 0.28))
    mark(c, 790, 700, 38, EMBER, board)
    c.area([(500, 774), (1100, 800), (500, 800)], mix(table, INK, 0.55))
    c.line([(360, 792), (600, 788)], 16, HAZE)
    c.line([(360, 792), (352, 742)], 16, HAZE)
    c.line([(430, 791), (492, 790)], 20, EMBER)
    for number in range(5):
        a = math.radians(190 + number * 32)
        c.line([(352 + 46 * math.cos(a), 724 + 46 * math.sin(a)), (352 + 76 * math.cos(a), 724 + 76 * math.sin(a))], 7, LAMPLIGHT)
    parcel(c, 1180, 660, 240, 140)
    return c


@picture("2026/12/2026-12-31-new-year/three-cities.jpg")
def three_cities() -> Canvas:
    c = landscape()
    c.sky(mix(NIGHT, (0, 0, 0), 0.35), mix(NIGHT, DUSK, 0.85), 820)
    for x, y, r, colour, spokes in ((300, 250, 150, LAMPLIGHT, 24), (800, 190, 128, CLAY, 20), (1270, 270, 160, GLOW, 26), (560, 420, 74, EMBER, 16), (1030, 430, 70, LAMPLIGHT, 16), (90, 460, 60, CLAY, 14), (1530, 150, 66, EMBER, 14)):
        c.disc(x, y, r * 1.25, colour, 0.08)
        for step in range(spokes):
            a = math.tau * step / spokes
            c.line([(x + r * 0.16 * math.cos(a), y + r * 0.16 * math.sin(a)), (x + r * 0.9 * math.cos(a + 0.05), y + r * 0.9 * math.sin(a + 0.05))], max(2, r * 0.022), colour)
            c.disc(x + r * 1.12 * math.cos(a + 0.05), y + r * 1.12 * math.sin(a + 0.05), max(2.5, r * 0.03), colour)
        c.ring(x, y, r * 0.97, max(3, r * 0.045), colour)
        c.disc(x, y, r * 0.1, colour)
    near = mix(NIGHT, (0, 0, 0), 0.25)
    houses(c, -20, 560, 830, mix(NIGHT, DUSK, 0.4), low=40, high=120, salt=61, lit=0.3)
    mosque(c, 280, 830, 74, mix(NIGHT, DUSK, 0.55))
    hill(c, [(520, 800), (760, 690), (1000, 730), (1100, 830)], mix(NIGHT, DUSK, 0.4))
    houses(c, 560, 1080, 832, mix(NIGHT, DUSK, 0.6), low=50, high=120, salt=66, lit=0.36, gabled=True)
    church(c, 790, 832, 58, mix(NIGHT, DUSK, 0.75))
    slope(c, (1610, 500), (1090, 800), mix(NIGHT, DUSK, 0.45), 1000, salt=70, house=mix(NIGHT, DUSK, 0.62))
    for x, s in ((1110, 52), (1180, 64)):
        crane(c, x, 832, s, mix(DUSK, HAZE, 0.25), -1)
    c.box(0, 828, 1600, 172, mix(HARBOUR, NIGHT, 0.72))
    for number in range(46):
        x, y = spread(number, 2) * 1600, 846 + spread(number, 8) * 140
        colour = (LAMPLIGHT, CLAY, GLOW)[number % 3]
        c.line([(x, y), (x + 24 + spread(number, 5) * 60, y)], 4, mix(near, colour, 0.55))
    return c


# --- the mark ---


@picture("./logo.png")
def logo() -> Canvas:
    c = Canvas(1200, 800, PAPER)
    mark(c, 480, 400, 210, EMBER, PAPER)
    return c


@picture("./logo-night.png")
def logo_night() -> Canvas:
    c = Canvas(1200, 800, NIGHT)
    mark(c, 480, 400, 210, LAMPLIGHT, NIGHT)
    return c


@picture("./avatar.png")
def avatar() -> Canvas:
    c = Canvas(800, 800, NIGHT)
    mark(c, 320, 400, 160, LAMPLIGHT, NIGHT)
    return c


@picture("./header.jpg")
def header() -> Canvas:
    c = Canvas(1500, 500, NIGHT)
    dusk(c, 400)
    hill(c, [(-20, 300), (360, 240), (760, 300), (1120, 230), (1520, 300)], mix(DUSK, EVENING, 0.25))
    houses(c, -20, 1520, 400, mix(NIGHT, DUSK, 0.45), low=50, high=130, salt=80, lit=0.25, gabled=True)
    mosque(c, 260, 400, 52, mix(NIGHT, DUSK, 0.35))
    church(c, 1050, 400, 44, mix(NIGHT, DUSK, 0.35))
    c.box(0, 398, 1500, 102, ROAD)
    where = rider(c, 620, 470, 44, coat=EMBER, hat=LAMPLIGHT, frame=PAPER, skin=INK, legs=INK)
    c.beam(*where["lamp"], 330, 471)
    return c


def main(names: list[str]) -> int:
    """Draw the pictures named, or all of them."""
    for name in names or PICTURES:
        file, draw = PICTURES[name]
        target = ARTWORK / file[2:] if file.startswith("./") else POSTS / file
        draw().save(target)
        print(f"{target.stat().st_size / 1000:6.0f} kB  {file}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
