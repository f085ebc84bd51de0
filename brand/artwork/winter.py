"""The pictures of December 2026 and New Year, and the mark."""

from __future__ import annotations

import math
from itertools import pairwise

from brush import (
    CLAY,
    DUSK,
    EMBER,
    EVENING,
    GLOW,
    HARBOUR,
    HAZE,
    INK,
    LAMPLIGHT,
    LATE,
    NIGHT,
    PAPER,
    ROAD,
    Canvas,
    Colour,
    Point,
    landscape,
    mix,
    picture,
    smooth,
    spread,
    square,
)
from things import (
    cat,
    church,
    crane,
    dusk,
    fir,
    hill,
    houses,
    mark,
    mosque,
    packing_box,
    parcel,
    rider,
    slope,
    workshop_wall,
)


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
    c.box(176, 96, 1248, 648, LATE)
    for row in range(48):
        c.box(176, 96 + row * 13.5, 1248, 14, mix(NIGHT, mix(DUSK, EVENING, 0.45), row / 48))
    hill(c, [(176, 470), (500, 520), (900, 640), (1424, 690)], mix(DUSK, NIGHT, 0.4))
    for number in range(16):
        x = 200 + number * 74
        y = 500 + number * 13
        c.box(x, y - 30, 52, 110, mix(NIGHT, DUSK, 0.45))
        if spread(number, 2) > 0.35:
            c.box(x + 12, y - 14, 10, 14, LAMPLIGHT)
        if spread(number, 6) > 0.45:
            c.box(x + 30, y + 10, 10, 14, LAMPLIGHT)
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
    c.area(
        [
            (x - 18 * s, base - 50 * s),
            (x + 18 * s, base - 50 * s),
            (x + 36 * s, base - 104 * s),
            (x - 36 * s, base - 104 * s),
        ],
        INK,
    )
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
            c.box(
                column * 150 - (number % 2) * 75,
                number * 74,
                144,
                68,
                mix(wall, NIGHT, 0.14 + spread(number * 11 + column, 2) * 0.1),
                6,
            )
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
    c.area(
        [
            (x + 60 * s, base - 96 * s),
            (x + 150 * s, base - 66 * s),
            (x + 172 * s, base - 12 * s),
            (x - 10 * s, base - 12 * s),
            (x - 10 * s, base - 96 * s),
        ],
        colour,
    )
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
        c.area(
            [
                (x + r * math.cos(a - 0.06), y + r * math.sin(a - 0.06)),
                (x + (r + 34) * math.cos(a), y + (r + 34) * math.sin(a)),
                (x + r * math.cos(a + 0.06), y + r * math.sin(a + 0.06)),
            ],
            INK,
        )
    c.disc(x, y, r, INK)
    c.disc(x, y, r - 34, PAPER)
    for step in range(5):
        a = math.tau * step / 5 - math.pi / 2
        c.line([(x, y), (x + (r - 30) * math.cos(a), y + (r - 30) * math.sin(a))], 34, INK)
    c.disc(x, y, 64, INK)
    c.disc(x, y, 28, HAZE)
    links: list[Point] = [(1250 - number * 52, y - r - 22) for number in range(16)]
    links += [
        (x + (r + 20) * math.cos(math.radians(a)), y + (r + 20) * math.sin(math.radians(a)))
        for a in range(-101, -262, -11)
    ]
    links += [(x + number * 52, y + r + 22) for number in range(1, 18)]
    for number, (first, second) in enumerate(pairwise(links)):
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
            ring: list[Point] = [
                (
                    x + 196 * math.cos(a) * (1.06 if math.sin(a) < 0.2 else 1.02),
                    y + 196 * math.sin(a) + (150 * math.exp(-((a - 1.5 * math.pi) ** 2) / 0.18)),
                )
                for a in (math.tau * k / 160 for k in range(160))
            ]
            hole: list[Point] = [
                (
                    x + 146 * math.cos(a) * 1.08,
                    y + 150 * math.sin(a) + (136 * math.exp(-((a - 1.5 * math.pi) ** 2) / 0.22)),
                )
                for a in (math.tau * k / 160 for k in range(160))
            ]
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
                c.line(
                    [
                        (x + 56 * math.cos(t), y - 10 + 56 * math.sin(t)),
                        (x + 108 * math.cos(t), y - 10 + 108 * math.sin(t)),
                    ],
                    8,
                    HARBOUR,
                )
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
        c.line(
            [(250 + 200 * math.cos(a), 860 + 200 * math.sin(a)), (250 + 520 * math.cos(a), 860 + 520 * math.sin(a))],
            4,
            mix(PAPER, HAZE, 0.8),
        )
    c.disc(250, 860, 150, HAZE)
    c.disc(250, 860, 56, INK)
    c.box(330, 800, 190, 120, INK, 26)
    for y in (828, 872):
        c.box(510, y, 108, 22, EMBER, 8)
    for y in (838, 884):
        c.curve(
            [
                (820, y - 8),
                (960, y - 30),
                (1060, y - 180),
                (1040, y - 420),
                (900, y - 560),
                (820, 240 + (y - 838) * 0.6),
            ],
            15,
            INK,
        )
    c.area([(690, 800), (810, 780), (842, 800), (842, 922), (810, 940), (690, 920)], HARBOUR)
    for y in (828, 872):
        c.box(690, y, 46, 22, mix(HARBOUR, INK, 0.6), 6)
    c.dashes([(626, 860), (656, 860), (686, 860)], 6, EMBER, 10, 8)
    c.ring(566, 860, 92, 12, EMBER)
    c.box(640, 150, 200, 190, INK, 70)
    c.box(600, 146, 70, 198, HARBOUR, 28)
    c.oval(606, 245, 18, 80, GLOW)
    c.area([(600, 182), (-10, 300), (-10, 640), (600, 306)], GLOW, 0.55)
    return c


@picture("2026/12/2026-12-21-longest-night/nights.png")
def nights() -> Canvas:
    c = landscape(PAPER)
    for number, (city, night) in enumerate(
        (("haifa", 14 + 1 / 60), ("istanbul", 14 + 47 / 60), ("cluj", 15 + 28 / 60))
    ):
        x, y, r = 300 + number * 500, 430, 196
        c.disc(x, y, r, mix(GLOW, LAMPLIGHT, 0.35))
        half = night / 24 * 180
        turn = [math.radians(-90 - half + 2 * half * k / 90) for k in range(91)]
        c.area([(x, y), *((x + r * math.cos(a), y + r * math.sin(a)) for a in turn)], NIGHT)
        for star in range(9):
            a, d = (
                math.radians(-90 + (spread(star, number + 1) - 0.5) * half * 1.7),
                r * (0.45 + spread(star, number + 5) * 0.45),
            )
            c.disc(x + d * math.cos(a), y + d * math.sin(a), 3.2, HAZE)
        c.disc(x + 62, y - 104, 25, GLOW)
        c.disc(x + 73, y - 111, 21, NIGHT)
        c.ring(x, y, r + 14, 6, INK)
        for hour in range(24):
            a = math.radians(hour * 15 - 90)
            long = 22 if hour % 6 == 0 else 12
            c.line(
                [
                    (x + (r + 20) * math.cos(a), y + (r + 20) * math.sin(a)),
                    (x + (r + 20 + long) * math.cos(a), y + (r + 20 + long) * math.sin(a)),
                ],
                5 if hour % 6 == 0 else 3,
                INK,
            )
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
        c.curve(
            [
                (-20, 200 + k * 1.1),
                (240, 170 + k),
                (520, 300 + k * 0.9),
                (760, 480 + k * 0.7),
                (1000, 640 + k * 0.3),
                (1220, 700 + k * 0.1),
            ],
            4,
            mix(PAPER, CLAY, 0.5),
        )
    for x, s in ((905, 64), (1010, 74), (1100, 60)):
        crane(c, x, 300 + (x - 905) * 0.5, s * 0.8, DUSK)
    path: list[Point] = [
        (800, 285),
        (740, 360),
        (820, 430),
        (760, 520),
        (620, 480),
        (560, 400),
        (470, 430),
        (500, 540),
        (420, 620),
        (300, 560),
        (250, 640),
        (170, 700),
    ]
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
    profile: list[Point] = [
        (90, 1100),
        (230, 1082),
        (390, 1046),
        (520, 966),
        (640, 930),
        (760, 892),
        (900, 868),
        (1020, 852),
        (1110, 846),
    ]
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
    mark(c, 790, 700, 38, EMBER)
    c.area([(500, 774), (1100, 800), (500, 800)], mix(table, INK, 0.55))
    c.line([(360, 792), (600, 788)], 16, HAZE)
    c.line([(360, 792), (352, 742)], 16, HAZE)
    c.line([(430, 791), (492, 790)], 20, EMBER)
    for number in range(5):
        a = math.radians(190 + number * 32)
        c.line(
            [(352 + 46 * math.cos(a), 724 + 46 * math.sin(a)), (352 + 76 * math.cos(a), 724 + 76 * math.sin(a))],
            7,
            LAMPLIGHT,
        )
    parcel(c, 1180, 660, 240, 140)
    return c


@picture("2026/12/2026-12-31-new-year/three-cities.jpg")
def three_cities() -> Canvas:
    c = landscape()
    c.sky(mix(NIGHT, (0, 0, 0), 0.35), mix(NIGHT, DUSK, 0.85), 820)
    for x, y, r, colour, spokes in (
        (300, 250, 150, LAMPLIGHT, 24),
        (800, 190, 128, CLAY, 20),
        (1270, 270, 160, GLOW, 26),
        (560, 420, 74, EMBER, 16),
        (1030, 430, 70, LAMPLIGHT, 16),
        (90, 460, 60, CLAY, 14),
        (1530, 150, 66, EMBER, 14),
    ):
        c.disc(x, y, r * 1.25, colour, 0.08)
        for step in range(spokes):
            a = math.tau * step / spokes
            c.line(
                [
                    (x + r * 0.16 * math.cos(a), y + r * 0.16 * math.sin(a)),
                    (x + r * 0.9 * math.cos(a + 0.05), y + r * 0.9 * math.sin(a + 0.05)),
                ],
                max(2, r * 0.022),
                colour,
            )
            c.disc(x + r * 1.12 * math.cos(a + 0.05), y + r * 1.12 * math.sin(a + 0.05), max(2.5, r * 0.03), colour)
        c.ring(x, y, r * 0.97, max(3, r * 0.045), colour)
        c.disc(x, y, r * 0.1, colour)
    near = mix(NIGHT, (0, 0, 0), 0.25)
    houses(c, -20, 560, 830, mix(NIGHT, DUSK, 0.75), low=40, high=120, salt=61, lit=0.3)
    mosque(c, 280, 830, 74, mix(DUSK, HAZE, 0.3))
    hill(c, [(470, 830), (640, 700), (940, 690), (1150, 830)], mix(NIGHT, DUSK, 0.7))
    houses(c, 560, 1080, 832, mix(DUSK, HAZE, 0.05), low=50, high=120, salt=66, lit=0.36, gabled=True)
    church(c, 790, 832, 58, mix(DUSK, HAZE, 0.35))
    slope(c, (1610, 500), (1090, 800), mix(NIGHT, DUSK, 0.7), 1000, salt=70, house=mix(DUSK, HAZE, 0.14))
    for x, s in ((1110, 52), (1180, 64)):
        crane(c, x, 832, s, mix(DUSK, HAZE, 0.6), -1)
    c.box(0, 828, 1600, 172, mix(HARBOUR, NIGHT, 0.72))
    for number in range(46):
        x, y = spread(number, 2) * 1600, 846 + spread(number, 8) * 140
        colour = (LAMPLIGHT, CLAY, GLOW)[number % 3]
        c.line([(x, y), (x + 24 + spread(number, 5) * 60, y)], 4, mix(near, colour, 0.55))
    return c


@picture("./logo.png")
def logo() -> Canvas:
    c = Canvas(1040, 660, (0, 0, 0))
    c.stencil = EMBER
    mark(c, 328, 330, 220, (255, 255, 255))
    return c


@picture("./logo-night.png")
def logo_night() -> Canvas:
    c = Canvas(1040, 660, (0, 0, 0))
    c.stencil = LAMPLIGHT
    mark(c, 328, 330, 220, (255, 255, 255))
    return c


@picture("./avatar.png")
def avatar() -> Canvas:
    c = Canvas(800, 800, NIGHT)
    mark(c, 281, 400, 140, LAMPLIGHT)
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
