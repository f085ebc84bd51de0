"""Draw the moving sketches of the season: `uv run --no-project --with av --with pillow python brand/artwork/film.py`.

A sketch stands in a draft until the real film is there: it has its length, its shape and its sound, in a few kilobytes.
`av` (FFmpeg's libraries) is needed for nothing else, so it is no dependency of this repository.
"""

from __future__ import annotations

import math
import struct
from fractions import Fraction
from pathlib import Path

import av
from brush import DUSK, EMBER, GLOW, HAZE, LAMPLIGHT, LATE, NIGHT, ROAD, Canvas, mix, smooth, spread
from PIL import Image

POSTS = Path(__file__).resolve().parents[2] / "posts"
WIDTH, HEIGHT = 540, 960
RATE = 24
SECONDS = 12
SOUND = 44_100
ROADSIDE = smooth([(270, 960), (210, 800), (380, 650), (170, 520), (330, 420), (250, 350), (290, 300)], 40)
"""The road, from the handlebar to the last bend."""


def night_ride(second: float) -> Canvas:
    """Return the picture at one moment: black, a lamp wakes up, forty lamps in the bends, a red light."""
    c = Canvas(WIDTH, HEIGHT, NIGHT)
    dawn = min(1.0, max(0.0, (second - 1.5) / 1.5))
    c.sky(NIGHT, mix(NIGHT, DUSK, 0.7 * dawn), 330)
    c.area([(0, 310), (160, 250), (330, 300), (540, 240), (540, 960), (0, 960)], mix(NIGHT, LATE, dawn))
    count = len(ROADSIDE)
    for index in range(count - 1):
        near = 1 - index / count
        shade = mix(NIGHT, mix(ROAD, HAZE, 0.12), dawn)
        c.line(ROADSIDE[index : index + 2], 6 + 190 * near**2.2, shade)
    if dawn > 0:
        for reach, wide in ((560, 90), (470, 160), (400, 235)):
            top = HEIGHT - (HEIGHT - reach) * dawn
            c.area([(262, 950), (278, 950), (270 + wide, top), (270 - wide, top)], GLOW, 0.10 * dawn)
        c.disc(270, 950, 20, GLOW)
    stopped = min(second, 10.2)
    for number in range(40):
        begins = 3.0 + number * 0.1
        if second < begins:
            continue
        along = min(count - 2, 14 + (stopped - begins) * (13 + 4 * spread(number)))
        x, y = ROADSIDE[int(along)]
        near = 1 - along / count
        sideways = (spread(number, 5) - 0.5) * (8 + 120 * near**2)
        c.disc(x + sideways, y - 4, 2.6 + 6 * near**1.5, mix(LAMPLIGHT, GLOW, spread(number, 9)))
    if second > 9.5:
        c.halo(420, 250, 40, EMBER)
        c.disc(420, 250, 9, EMBER)
    return c


def freewheel(first: int, length: int) -> bytes:
    """Return *length* samples of a freewheel's ticks from *first* on, as 32-bit floats."""
    samples = []
    for index in range(first, first + length):
        second = index / SOUND
        pace = 18 if second < 9.5 else max(0.0, 18 * (10.5 - second))
        into = (second * pace) % 1 / pace if pace else 1.0
        samples.append(0.25 * math.exp(-into * 900) * math.sin(into * 2 * math.pi * 2400) if pace else 0.0)
    return struct.pack(f"{length}f", *samples)


def main() -> None:
    """Draw the sketch of the night ride."""
    target = POSTS / "drafts" / "reel-night-ride.mp4"
    with av.open(str(target), "w", options={"movflags": "+faststart"}) as file:
        film = file.add_stream("libx264", rate=RATE, options={"crf": "33", "preset": "veryslow"})
        film.width, film.height, film.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        sound = file.add_stream("aac", rate=SOUND, layout="mono", options={"b": "32k"})
        for index in range(SECONDS * RATE):
            drawn = night_ride(index / RATE).image.resize((WIDTH, HEIGHT), Image.Resampling.LANCZOS)
            frame = av.VideoFrame.from_image(drawn)
            frame.pts, frame.time_base = index, Fraction(1, RATE)
            file.mux(film.encode(frame))
        file.mux(film.encode())
        for index in range(SECONDS * SOUND // 1024):
            tone = av.AudioFrame(format="fltp", layout="mono", samples=1024)
            tone.planes[0].update(freewheel(index * 1024, 1024))
            tone.sample_rate, tone.pts, tone.time_base = SOUND, index * 1024, Fraction(1, SOUND)
            file.mux(sound.encode(tone))
        file.mux(sound.encode())
    print(f"{target.stat().st_size / 1000:6.0f} kB  {target.relative_to(POSTS)}")


if __name__ == "__main__":
    main()
