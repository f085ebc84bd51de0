"""The pictures of October 2026."""

from __future__ import annotations

import math

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
    ROAD,
    Canvas,
    Colour,
    Point,
    landscape,
    mix,
    picture,
    spread,
    square,
)
from things import box_front, cat, crane, ferry, fir, houses, mosque, packing_box, parcel, rider, slope, workshop_wall


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
    route(
        [(130, 1120), (205, 930), (206, 848), (360, 700), (522, 690), (680, 690), (680, 536), (680, 420), (806, 372)],
        LAMPLIGHT,
    )
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
    path: list[Point] = [
        (210, 1230),
        (300, 1050),
        (400, 880),
        (560, 832),
        (760, 826),
        (852, 760),
        (860, 600),
        (862, 420),
        (900, 250),
        (1010, -30),
    ]
    c.curve(path, 30, PAPER)
    c.dashes(path, 16, LAMPLIGHT, 34, 26)
    c.ring(860, 598, 118, 12, EMBER)
    c.disc(985, 470, 30, EMBER)
    c.disc(985, 470, 16, INK)
    for x, y, colour, turn in ((250, 500, HAZE, False), (150, 690, DUSK, False), (530, 180, CLAY, True)):
        w, h = (76, 140) if turn else (140, 76)
        c.box(x, y, w, h, colour, 22)
        c.box(
            x + w * 0.24,
            y + h * 0.14 if not turn else y + h * 0.24,
            w * 0.5 if not turn else w * 0.52,
            h * 0.72 if not turn else h * 0.5,
            mix(colour, NIGHT, 0.5),
            10,
        )
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


@picture("2026/10/2026-10-14-gachlilit/satchel.jpg")
def satchel() -> Canvas:
    c = square(NIGHT)
    c.sky(NIGHT, DUSK, 820)
    houses(
        c, 0, 1200, 830, mix(NIGHT, DUSK, 0.45), low=180, high=420, salt=11, lit=0.16, light=mix(LAMPLIGHT, DUSK, 0.45)
    )
    c.box(0, 828, 1200, 372, ROAD)
    c.box(0, 824, 1200, 6, DUSK)
    coat = mix(DUSK, NIGHT, 0.35)
    c.box(300, 250, 600, 950, coat, 250)
    c.disc(600, 170, 150, mix(INK, CLAY, 0.22))
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
    for radius, alpha in ((168, 0.16), (126, 0.3)):
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
        c.line(
            [
                (x + 330 * math.cos(a), y + 330 * math.sin(a)),
                (x + 900 * math.cos(a + 0.1), y + 900 * math.sin(a + 0.1)),
            ],
            5,
            mix(PAPER, HAZE, 0.7),
        )
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
            c.line(
                [
                    (tx - math.sin(a) * across, ty + math.cos(a) * across),
                    (tx + math.sin(a) * across, ty - math.cos(a) * across),
                ],
                11,
                CLAY if turn % 2 else mix(CLAY, EMBER, 0.4),
            )
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
                dome = [math.pi + math.pi * k / 24 for k in range(25)]
                c.area([(bx + 17 * math.cos(a), by + 7 + 20 * math.sin(a)) for a in dome], colour)
                c.box(bx - 20, by + 9, 40, 4, colour, 2)
                c.disc(bx, by - 14, 4, colour)
        c.words(x, top - 52, str(value), 76, INK, bold=True)
        c.words(x, base + 56, day, 38, mix(INK, PAPER, 0.25))
    return c
