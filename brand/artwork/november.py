"""The pictures of November 2026."""

from __future__ import annotations

import math

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
    Point,
    landscape,
    mix,
    picture,
    spread,
    square,
)
from things import bicycle, church, crane, dusk, fir, hill, houses, mosque, rider, slope, street, workshop_wall


@picture("2026/11/2026-11-11-soba/poyraz.jpg")
def poyraz() -> Canvas:
    c = landscape(PAPER)
    c.disc(720, 450, 400, mix(PAPER, CLAY, 0.22))
    c.box(0, 846, 1600, 154, mix(PAPER, CLAY, 0.38))
    c.oval(640, 856, 560, 14, mix(CLAY, INK, 0.25))
    where = bicycle(c, 330, 850, 212, frame=EMBER, tyre=INK, metal=mix(HAZE, INK, 0.15), lit=True)
    c.beam(*where["lamp"], 590, 852, strength=0.75)
    return c


def pothole(c: Canvas, x: float, y: float, w: float) -> None:
    """Draw a hole in the road whose rim the light has found."""
    c.oval(x, y + 2, w * 1.06, w * 0.2, GLOW)
    c.oval(x + w * 0.03, y, w, w * 0.17, mix(ROAD, (0, 0, 0), 0.75))


@picture("2026/11/2026-11-16-see-and-be-seen/see.jpg")
def see() -> Canvas:
    c = square(NIGHT)
    dusk(c, 800)
    hill(c, [(-20, 560), (260, 470), (560, 560), (860, 430), (1220, 540)], mix(DUSK, EVENING, 0.28))
    hill(c, [(-20, 680), (300, 610), (640, 690), (980, 600), (1220, 660)], mix(DUSK, NIGHT, 0.15))
    for number in range(9):
        fir(
            c,
            40 + number * 140 + spread(number, 3) * 50,
            720 + spread(number, 5) * 30,
            70 + spread(number, 2) * 60,
            mix(NIGHT, DUSK, 0.5),
        )
    hill(c, [(-20, 760), (400, 740), (800, 756), (1220, 730)], LATE)
    c.box(0, 900, 1200, 300, ROAD)
    c.box(0, 894, 1200, 7, DUSK)
    where = rider(c, 170, 1000, 104, coat=EMBER, hat=HARBOUR, bag=DUSK, frame=PAPER, skin=INK, legs=INK)
    c.beam(*where["lamp"], 640, 1004)
    pothole(c, 1000, 1012, 92)
    return c


@picture("2026/11/2026-11-16-see-and-be-seen/be-seen.jpg")
def be_seen() -> Canvas:
    c = square(NIGHT)
    c.sky(mix(NIGHT, (0, 0, 0), 0.3), mix(NIGHT, DUSK, 0.5), 560)
    houses(
        c, -20, 430, 600, mix(NIGHT, DUSK, 0.3), low=180, high=420, salt=2, lit=0.14, light=mix(LAMPLIGHT, NIGHT, 0.35)
    )
    houses(
        c, 800, 1220, 600, mix(NIGHT, DUSK, 0.3), low=160, high=400, salt=8, lit=0.14, light=mix(LAMPLIGHT, NIGHT, 0.35)
    )
    c.area([(0, 1200), (1200, 1200), (690, 560), (530, 560)], ROAD)
    c.area([(0, 1200), (0, 800), (530, 560)], mix(ROAD, DUSK, 0.3))
    c.area([(1200, 1200), (1200, 800), (690, 560)], mix(ROAD, DUSK, 0.3))
    for number in range(6):
        near = (number / 6) ** 1.7
        y = 590 + near * 560
        w = 3 + near * 18
        c.area(
            [
                (612 - w / 2, y),
                (612 + w / 2, y),
                (612 + w * 0.8, y + 16 + near * 80),
                (612 - w * 0.8, y + 16 + near * 80),
            ],
            mix(DUSK, HAZE, 0.4),
        )
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
    c.area(
        [(x, 1010 + 60 * ((x - 600) / 600) ** 2) for x in range(0, 1201, 40)] + [(1200, 1200), (0, 1200)],
        mix(INK, (0, 0, 0), 0.4),
    )
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
    houses(
        c,
        -30,
        1230,
        880,
        mix(DUSK, NIGHT, 0.3),
        low=220,
        high=480,
        salt=21,
        lit=0.3,
        gabled=True,
        light=mix(LAMPLIGHT, GLOW, 0.2),
    )
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
    c.line(
        [(x + r * 1.15, ground - r * 2.9), (x + r * 1.5, ground - r * 1.6), (x + r * 1.86, ground - r * 0.12)],
        r * 0.36,
        mix(INK, (0, 0, 0), 0.3),
    )
    where = bicycle(c, x, ground, r, frame=HARBOUR, tyre=INK)
    c.line(
        [(x + r * 1.1, ground - r * 2.9), (x + r * 1.14, ground - r * 1.5), (x + r * 1.0, ground - r * 0.08)],
        r * 0.38,
        NIGHT,
    )
    c.line([(x + r * 1.0, ground - r * 0.08), (x + r * 1.3, ground - r * 0.06)], r * 0.22, INK)
    c.line([(x + r * 1.12, ground - r * 3.0), (x + r * 1.18, ground - r * 4.25)], r * 0.66, LAMPLIGHT)
    c.area(
        [
            (x + r * 0.76, ground - r * 3.1),
            (x + r * 0.72, ground - r * 2.5),
            (x + r * 1.5, ground - r * 2.5),
            (x + r * 1.48, ground - r * 3.1),
        ],
        LAMPLIGHT,
    )
    c.line(
        [(x + r * 1.26, ground - r * 4.2), (x + r * 1.62, ground - r * 3.5), where["grip"]],
        r * 0.24,
        mix(LAMPLIGHT, CLAY, 0.5),
    )
    c.disc(x + r * 1.26, ground - r * 4.98, r * 0.36, INK)
    c.line([(x + r * 1.2, ground - r * 4.6), (x + r * 1.2, ground - r * 4.8)], r * 0.24, INK)
    c.line([(x + r * 0.98, ground - r * 4.56), (x + r * 1.42, ground - r * 4.56)], r * 0.24, EMBER)
    c.line([(x + r * 0.98, ground - r * 4.5), (x + r * 0.66, ground - r * 4.2)], r * 0.2, EMBER)
    return where


@picture("2026/11/2026-11-16-see-and-be-seen/light-check.jpg")
def light_check() -> Canvas:
    c = square(mix(NIGHT, DUSK, 0.55))
    workshop_wall(c, wheel=False)
    c.box(0, 1010, 1200, 190, mix(CLAY, INK, 0.55))
    c.area([(690, 120), (1180, 1010), (200, 1010)], GLOW, 0.13)
    c.line([(690, 0), (690, 70)], 6, INK)
    c.area([(652, 70), (728, 70), (800, 146), (580, 146)], EMBER)
    c.oval(690, 146, 66, 14, GLOW)
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
    c.line(
        [(m - 26, 520), (m - 110, 640), (where["front"][0] + 60, where["front"][1] - 84)], 34, mix(HARBOUR, INK, 0.25)
    )
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
    houses(
        c,
        -20,
        1620,
        770,
        mix(NIGHT, DUSK, 0.28),
        low=180,
        high=420,
        salt=31,
        lit=0.08,
        light=mix(LAMPLIGHT, NIGHT, 0.45),
    )
    mosque(c, 800, 770, 96, mix(NIGHT, DUSK, 0.28))
    c.box(0, 768, 1600, 232, ROAD)
    c.box(0, 763, 1600, 5, mix(ROAD, DUSK, 0.6))
    shade = mix(NIGHT, (0, 0, 0), 0.35)
    c.oval(665, 910, 58, 11, mix(ROAD, (0, 0, 0), 0.5))
    rider(
        c,
        150,
        900,
        78,
        coat=shade,
        legs=shade,
        skin=shade,
        frame=shade,
        tyre=shade,
        metal=shade,
        lit=False,
        detail=False,
    )
    c.area([(786, 0), (1600, 0), (1600, 1000), (786, 1000)], DUSK, 0.16)
    where = rider(c, 930, 900, 78, coat=EMBER, bag=HARBOUR, hat=LAMPLIGHT, frame=PAPER, skin=INK, legs=INK)
    c.beam(*where["lamp"], 430, 904)
    pothole(c, 1440, 908, 58)
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
    c.area(
        [(x + w, base - h * 0.2), (x + w + 260, base + 22), (x + w + 260, base + 74), (x + w, base - h * 0.1)],
        GLOW,
        0.3,
    )
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
        c.box(364 + number * 22, 400, 10, 200, mix(INK, HAZE, 0.5), 6)
    c.words(659, 504, "H26", 104, mix(INK, HAZE, 0.02), bold=True)
    c.words(655, 500, "H26", 104, mix(HAZE, PAPER, 0.4), bold=True)
    crack: list[Point] = [(846, 332), (828, 396), (852, 448), (826, 516), (850, 588), (834, 668)]
    c.line(crack, 15, PAPER)
    c.line(crack, 6, EMBER)
    c.ring(655, 500, 150, 14, EMBER)
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
            c.line(
                [(1036 + 34 * math.cos(a), 704 + 34 * math.sin(a)), (1036 + 58 * math.cos(a), 704 + 58 * math.sin(a))],
                6,
                PAPER,
            )
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
