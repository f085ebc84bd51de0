"""The things that return in every picture: bicycles and riders, cities, weather on roofs, the workshop, the cat."""

from __future__ import annotations

import math

from brush import (
    CLAY,
    DUSK,
    EMBER,
    EVENING,
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
    mix,
    smooth,
    spread,
)


def bicycle(
    c: Canvas,
    x: float,
    ground: float,
    r: float,
    *,
    frame: Colour = HARBOUR,
    tyre: Colour = INK,
    metal: Colour = HAZE,
    facing: int = 1,
    lit: bool = True,
    detail: bool = True,
) -> dict[str, Point]:
    """Draw a Poyraz: rear hub at *x*, wheels of radius *r* standing on *ground*. Return where its parts are."""

    def at(u: float, v: float) -> Point:
        return (x + facing * u * r, ground - v * r)

    rear, front = at(0, 1), at(3.05, 1)
    bottom, saddle, seat = at(1.22, 0.86), at(0.62, 2.62), at(0.68, 2.36)
    head_top, head_low = at(2.42, 2.5), at(2.56, 2.02)
    grip, lamp, tail = at(1.94, 3.0), at(2.78, 2.28), at(-0.62, 1.72)
    w = r * 0.095

    for hub in (rear, front):
        if detail:
            for step in range(14):
                a = math.tau * step / 14
                c.line(
                    [hub, (hub[0] + math.cos(a) * r * 0.9, hub[1] + math.sin(a) * r * 0.9)], max(1, r * 0.012), metal
                )
        c.ring(*hub, r * 0.93, r * 0.13, tyre)
        c.ring(*hub, r * 0.84, r * 0.035, metal)
        c.disc(*hub, r * 0.11, tyre)
    c.disc(*front, r * 0.15, metal)
    c.disc(*front, r * 0.07, tyre)

    if facing > 0:
        c.arc(*rear, r * 1.1, 165, 320, w * 0.75, frame)
        c.arc(*front, r * 1.1, 185, 305, w * 0.75, frame)
    else:
        c.arc(*rear, r * 1.1, 220, 375, w * 0.75, frame)
        c.arc(*front, r * 1.1, 235, 355, w * 0.75, frame)

    c.line([at(-0.75, 2.05), at(0.7, 2.12)], w * 0.7, tyre)
    c.line([at(-0.35, 2.05), rear], w * 0.45, tyre)
    c.line([bottom, rear], w, frame)
    c.line([seat, rear], w * 0.8, frame)
    c.line([bottom, saddle], w * 1.05, frame)
    c.curve([head_low, at(1.95, 1.42), at(1.5, 1.12), bottom], w * 1.25, frame)
    c.curve([head_top, at(1.95, 1.98), at(1.42, 1.55), at(0.98, 1.52)], w * 1.05, frame)
    c.line([head_top, head_low], w * 1.35, frame)
    c.curve([head_low, at(2.72, 1.6), front], w * 0.95, frame)
    c.line([head_top, at(2.33, 2.84)], w * 0.9, metal)
    c.curve([at(2.38, 2.98), at(2.3, 3.05), at(2.1, 3.03), grip], w * 0.8, metal)
    c.line([at(2.12, 3.03), grip], w * 1.25, tyre)
    c.line([seat, at(0.6, 2.74)], w * 0.7, metal)
    c.curve([at(0.3, 2.78), at(0.55, 2.82), at(0.98, 2.76)], w * 1.9, tyre)
    c.ring(*bottom, r * 0.24, w * 0.7, metal)
    c.line([bottom, at(1.4, 0.42)], w * 0.7, tyre)
    c.line([at(1.27, 0.42), at(1.55, 0.42)], w * 0.9, tyre)
    c.line([bottom, at(1.04, 1.3)], w * 0.7, tyre)
    c.line([at(0.9, 1.3), at(1.18, 1.3)], w * 0.9, tyre)

    c.line([at(2.6, 2.24), lamp], w * 0.8, tyre)
    c.disc(*lamp, r * 0.14, tyre)
    c.line([at(-0.75, 2.05), at(-0.66, 1.8)], w * 0.6, tyre)
    if lit:
        c.halo(lamp[0] + facing * r * 0.06, lamp[1], r * 0.12)
        c.halo(*tail, r * 0.1, EMBER)
    else:
        c.disc(*tail, r * 0.1, mix(EMBER, tyre, 0.6))
    return {
        "lamp": (lamp[0] + facing * r * 0.1, lamp[1]),
        "tail": tail,
        "grip": grip,
        "saddle": at(0.62, 2.8),
        "front": front,
        "rear": rear,
        "pedal": at(1.4, 0.46),
        "pedal_up": at(1.04, 1.34),
    }


def rider(
    c: Canvas,
    x: float,
    ground: float,
    r: float,
    *,
    coat: Colour = EMBER,
    legs: Colour = NIGHT,
    skin: Colour = NIGHT,
    hat: Colour | None = None,
    bag: Colour | None = None,
    frame: Colour = HARBOUR,
    tyre: Colour = INK,
    metal: Colour = HAZE,
    facing: int = 1,
    lit: bool = True,
    detail: bool = True,
) -> dict[str, Point]:
    """Draw somebody on a Poyraz: a silhouette in a coat. Return where the parts of the bicycle are."""

    def at(u: float, v: float) -> Point:
        return (x + facing * u * r, ground - v * r)

    shoulder = at(0.98, 4.28)
    c.line([at(0.66, 2.98), at(1.5, 2.5), at(1.06, 1.5)], r * 0.36, mix(legs, (0, 0, 0), 0.25))
    c.line([at(1.06, 1.5), at(1.22, 1.38)], r * 0.26, mix(legs, (0, 0, 0), 0.25))
    parts = bicycle(c, x, ground, r, frame=frame, tyre=tyre, metal=metal, facing=facing, lit=lit, detail=detail)
    c.line([at(0.66, 2.98), at(1.46, 1.92), at(1.36, 0.62)], r * 0.36, legs)
    c.line([at(1.34, 0.56), at(1.6, 0.54)], r * 0.24, tyre)
    if bag:
        c.line([at(0.5, 3.36), at(0.62, 4.02)], r * 0.62, bag)
    c.line([at(0.68, 3.1), at(0.78, 3.7), shoulder], r * 0.62, coat)
    c.area([at(0.34, 3.1), at(0.3, 2.66), at(0.98, 2.62), at(1.12, 3.12)], coat)
    c.line([at(1.0, 4.16), at(1.42, 3.52), parts["grip"]], r * 0.25, mix(coat, (0, 0, 0), 0.14))
    c.disc(*parts["grip"], r * 0.13, skin)
    c.disc(*at(1.16, 4.94), r * 0.36, skin)
    c.line([at(1.06, 4.6), at(1.1, 4.8)], r * 0.24, skin)
    if hat:
        c.area(
            [at(1.16 + 0.4 * math.cos(a), 4.98 + 0.42 * math.sin(a)) for a in (math.pi * s / 20 for s in range(21))],
            hat,
        )
        c.line([at(0.8, 5.0), at(1.56, 5.0)], r * 0.13, mix(hat, (0, 0, 0), 0.2))
    return parts


def windows(c: Canvas, x: float, y: float, w: float, h: float, colour: Colour, salt: float, share: float) -> None:
    """Light some of the windows of a house."""
    columns, rows = max(1, int(w // 22)), max(1, int(h // 30))
    for row in range(rows):
        for column in range(columns):
            if spread(row * 7 + column * 3 + 1, salt) < share:
                c.box(x + (column + 0.5) * w / columns - 4, y + 12 + row * 30, 8, 12, colour)


def houses(
    c: Canvas,
    start: float,
    end: float,
    base: float,
    colour: Colour,
    *,
    low: float,
    high: float,
    salt: float,
    lit: float = 0.25,
    light: Colour = LAMPLIGHT,
    gabled: bool = False,
) -> None:
    """Put a row of houses on a line."""
    x, number = start, 0
    while x < end:
        w = 56 + spread(number, salt) * 64
        h = low + spread(number, salt + 4) * (high - low)
        c.box(x, base - h, w + 1, h, colour)
        if gabled:
            c.area([(x - 4, base - h), (x + w / 2, base - h - w * 0.62), (x + w + 5, base - h)], colour)
        windows(c, x + 5, base - h + 4, w - 10, h - 20, light, salt + number, lit)
        x += w
        number += 1


def mosque(c: Canvas, x: float, base: float, s: float, colour: Colour) -> None:
    """Draw domes and minarets; *s* is the radius of the great dome."""
    c.box(x - s * 1.5, base - s * 0.9, s * 3, s * 0.9, colour)
    c.box(x - s * 0.98, base - s * 1.2, s * 1.96, s * 0.4, colour)
    c.disc(x, base - s * 1.15, s, colour)
    c.line([(x, base - s * 2.1), (x, base - s * 2.5)], s * 0.07, colour)
    for side in (-1, 1):
        c.disc(x + side * s * 1.15, base - s * 0.88, s * 0.5, colour)
        for place in (1.85, 2.5):
            mx = x + side * s * place
            c.box(mx - s * 0.09, base - s * 3.0, s * 0.18, s * 3.0, colour)
            c.box(mx - s * 0.17, base - s * 2.3, s * 0.34, s * 0.1, colour)
            c.area([(mx - s * 0.09, base - s * 3), (mx, base - s * 3.6), (mx + s * 0.09, base - s * 3)], colour)


def ferry(c: Canvas, x: float, water: float, s: float, hull: Colour, light: Colour) -> None:
    """Draw a ferry with its funnel."""
    c.area(
        [(x - s * 2, water - s * 0.5), (x + s * 2.1, water - s * 0.5), (x + s * 1.7, water), (x - s * 1.8, water)], hull
    )
    c.box(x - s * 1.5, water - s * 0.95, s * 3, s * 0.48, mix(hull, PAPER, 0.55))
    c.box(x - s * 0.9, water - s * 1.3, s * 1.8, s * 0.38, mix(hull, PAPER, 0.55))
    c.box(x - s * 0.1, water - s * 1.85, s * 0.34, s * 0.6, EMBER)
    for number in range(7):
        c.box(x - s * 1.35 + number * s * 0.4, water - s * 0.82, s * 0.2, s * 0.2, light)


def church(c: Canvas, x: float, base: float, s: float, colour: Colour) -> None:
    """Draw the steep roof and the tall tower of Cluj."""
    c.box(x, base - s * 1.3, s * 3, s * 1.3, colour)
    c.area(
        [
            (x - s * 0.1, base - s * 1.3),
            (x + s * 0.5, base - s * 2.6),
            (x + s * 2.7, base - s * 2.6),
            (x + s * 3.2, base - s * 1.3),
        ],
        colour,
    )
    c.box(x - s * 0.7, base - s * 3.6, s * 0.9, s * 3.6, colour)
    c.area([(x - s * 0.8, base - s * 3.6), (x - s * 0.25, base - s * 5.4), (x + s * 0.3, base - s * 3.6)], colour)
    c.disc(x - s * 0.25, base - s * 3.1, s * 0.17, LAMPLIGHT)


def fir(c: Canvas, x: float, base: float, s: float, colour: Colour, snow: Colour | None = None) -> None:
    """Draw a fir tree."""
    c.box(x - s * 0.06, base - s * 0.25, s * 0.12, s * 0.25, mix(colour, (0, 0, 0), 0.3))
    for step, (low, w) in enumerate(((0.2, 0.42), (0.55, 0.33), (0.9, 0.24))):
        top = low + 0.62
        c.area([(x - s * w, base - s * low), (x, base - s * top), (x + s * w, base - s * low)], colour)
        if snow:
            c.area(
                [
                    (x - s * w * 0.45, base - s * (top - 0.28)),
                    (x, base - s * top),
                    (x + s * w * 0.45, base - s * (top - 0.28)),
                    (x, base - s * (top - 0.2 - step * 0.01)),
                ],
                snow,
            )


def crane(c: Canvas, x: float, base: float, s: float, colour: Colour, facing: int = 1) -> None:
    """Draw a harbour crane."""
    w = s * 0.07
    for side in (-0.3, 0.3):
        c.line([(x + side * s, base), (x + side * s * 0.6, base - s * 1.5)], w, colour)
    c.line([(x - s * 0.26, base - s * 0.7), (x + s * 0.26, base - s * 0.7)], w, colour)
    c.line([(x - facing * s * 0.7, base - s * 1.4), (x + facing * s * 1.6, base - s * 1.4)], w * 1.3, colour)
    c.line([(x, base - s * 2.2), (x, base - s * 1.4)], w, colour)
    c.line(
        [(x + facing * s * 1.5, base - s * 1.4), (x, base - s * 2.2), (x - facing * s * 0.65, base - s * 1.4)],
        w * 0.6,
        colour,
    )


def slope(
    c: Canvas,
    start: Point,
    end: Point,
    colour: Colour,
    bottom: float,
    *,
    salt: float,
    house: Colour,
    light: Colour = LAMPLIGHT,
) -> None:
    """Draw the hill of Haifa: a slope with houses on terraces."""
    (x0, y0), (x1, y1) = start, end
    ridge = smooth(
        [
            (x0, y0),
            (x0 + (x1 - x0) * 0.3, y0 + (y1 - y0) * 0.12),
            (x0 + (x1 - x0) * 0.7, y0 + (y1 - y0) * 0.72),
            (x1, y1),
        ]
    )
    c.area([*ridge, (x1, bottom), (x0, bottom)], colour)
    for number in range(11):
        x, y = ridge[int((number + 0.5) / 11 * (len(ridge) - 1))]
        w, h = 64 + spread(number, salt) * 34, 56 + spread(number, salt + 2) * 62
        c.box(x - w / 2, y - h * 0.7, w, h + 26, house)
        windows(c, x - w / 2 + 6, y - h * 0.7 + 4, w - 12, h, light, salt + number, 0.36)


def cat(c: Canvas, x: float, y: float, s: float, *, awake: bool = False) -> None:
    """Draw Vida, curled up with the middle of her back at a point."""
    fur, dark = (0xE0, 0x8A, 0x3C), (0xB8, 0x66, 0x25)
    c.oval(x, y, s, s * 0.62, fur)
    for number in range(4):
        a = math.radians(236 + number * 22)
        px, py = x + math.cos(a) * s * 0.98, y + math.sin(a) * s * 0.6
        c.line([(px, py + s * 0.03), (px + (x - px) * 0.3, py + s * 0.26)], s * 0.07, dark)
    hx, hy = (x - s * 0.78, y - s * 0.42) if awake else (x - s * 0.66, y + s * 0.16)
    for side in (-1, 1):
        c.area(
            [
                (hx + side * s * 0.34, hy - s * 0.1),
                (hx + side * s * 0.3, hy - s * 0.5),
                (hx + side * s * 0.03, hy - s * 0.26),
            ],
            fur,
        )
        c.area(
            [
                (hx + side * s * 0.28, hy - s * 0.2),
                (hx + side * s * 0.27, hy - s * 0.4),
                (hx + side * s * 0.12, hy - s * 0.27),
            ],
            CLAY,
        )
    c.oval(hx, hy, s * 0.38, s * 0.32, fur)
    for number in (-1, 0, 1):
        c.line([(hx + number * s * 0.1, hy - s * 0.29), (hx + number * s * 0.08, hy - s * 0.17)], s * 0.045, dark)
    for side in (-1, 1):
        if awake:
            c.oval(hx + side * s * 0.15, hy - s * 0.02, s * 0.065, s * 0.075, INK)
            c.disc(hx + side * s * 0.15 + s * 0.02, hy - s * 0.045, s * 0.022, PAPER)
        else:
            c.arc(hx + side * s * 0.15, hy - s * 0.04, s * 0.08, 20, 160, s * 0.028, INK)
        for tilt in (-0.06, 0.04):
            c.line(
                [(hx + side * s * 0.2, hy + s * 0.12), (hx + side * s * 0.5, hy + s * (0.1 + tilt))], s * 0.014, PAPER
            )
    c.area([(hx - s * 0.045, hy + s * 0.07), (hx + s * 0.045, hy + s * 0.07), (hx, hy + s * 0.12)], EMBER)
    c.curve(
        [
            (x + s * 0.9, y + s * 0.1),
            (x + s * 0.7, y + s * 0.5),
            (x + s * 0.1, y + s * 0.58),
            (x - s * 0.28, y + s * 0.5),
        ],
        s * 0.2,
        dark,
    )


def mark(c: Canvas, x: float, y: float, r: float, colour: Colour) -> None:
    """Draw the mark: a wheel with a wedge of light. *x*, *y* is its hub; it reaches from -r to 2.7 r."""
    c.area([(x + r * 1.16, y - r * 0.34), (x + r * 2.75, y + r), (x + r * 1.5, y + r)], colour)
    c.ring(x, y, r * 0.9, r * 0.2, colour)
    for step in range(6):
        a = math.tau * step / 6 + math.pi / 6
        c.line([(x, y), (x + math.cos(a) * r * 0.82, y + math.sin(a) * r * 0.82)], r * 0.075, colour)
    c.disc(x, y, r * 0.22, colour)


def hill(c: Canvas, points: list[Point], colour: Colour) -> None:
    """Fill everything below a smooth line."""
    line = smooth(points)
    c.area([*line, (line[-1][0], c.height), (line[0][0], c.height)], colour)


def street(c: Canvas, top: float, colour: Colour = ROAD, kerb: Colour = DUSK) -> None:
    c.box(0, top, c.width, c.height - top, colour)
    c.box(0, top, c.width, 5, kerb)
    for number in range(9):
        c.box(number * 200 - 60, top + (c.height - top) * 0.56, 96, 8, mix(kerb, PAPER, 0.25), 4)


def workshop_wall(c: Canvas, *, wheel: bool = True) -> None:
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
    if not wheel:
        return
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
    mark(c, x + w / 2 - 26, y + h * 0.63, 34, EMBER)


def parcel(c: Canvas, x: float, y: float, w: float, h: float) -> None:
    board = mix(CLAY, INK, 0.08)
    c.box(x, y, w, h, board, 4)
    c.box(x + w * 0.43, y, w * 0.14, h, mix(CLAY, PAPER, 0.5))
    c.box(x + w * 0.66, y + h * 0.55, w * 0.26, h * 0.3, PAPER, 3)


def dusk(c: Canvas, until: float) -> None:
    c.sky(NIGHT, mix(DUSK, HAZE, 0.2), until * 0.62)
    rows = 40
    for row in range(rows):
        y = until * 0.62 + (until * 0.38) * row / rows
        c.box(0, y, c.width, until * 0.38 / rows + 1, mix(mix(DUSK, HAZE, 0.2), EVENING, (row / rows) ** 1.4))
