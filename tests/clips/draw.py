"""Draw the clips of this folder anew: `uv run --with av --with numpy --no-project tests/clips/draw.py`.

Each is a few kilobytes: plain colours, little sound. They are kept in the repository, so that no test needs an encoder.
"""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
import numpy as np

HERE = Path(__file__).parent


def clip(
    name: str,
    *,
    size: tuple[int, int] = (540, 960),
    seconds: float = 4.0,
    rate: int = 24,
    codec: str = "libx264",
    sound: str = "aac",
    faststart: bool = True,
) -> None:
    """Draw one clip: a colour that turns lighter, and a low tone."""
    options = {"movflags": "+faststart"} if faststart and not name.endswith(".webm") else {}
    with av.open(str(HERE / name), "w", options=options) as file:
        settings = {"crf": "45", "preset": "veryslow"} if codec.startswith("libx26") else {"b": "20k"}
        if codec == "libx265":
            settings["x265-params"] = "log-level=none"
        picture = file.add_stream(codec, rate=rate, options=settings)
        picture.width, picture.height, picture.pix_fmt = *size, "yuv420p"
        picture.time_base = Fraction(1, rate)
        audio = file.add_stream(sound, rate=48000, layout="mono", options={"b": "16k"}) if sound else None
        count = int(seconds * rate)
        for index in range(count):
            pixels = np.full((size[1], size[0], 3), (40 + index * 100 // count, 60, 90), np.uint8)
            frame = av.VideoFrame.from_ndarray(pixels, format="rgb24")
            frame.pts, frame.time_base = index, Fraction(1, rate)
            file.mux(picture.encode(frame))
        file.mux(picture.encode())
        if audio:
            length = 1024 if sound == "aac" else 960
            for index in range(int(seconds * 48000) // length):
                wave = np.zeros((1, length), np.float32)
                tone = av.AudioFrame.from_ndarray(wave, format="fltp" if sound == "aac" else "flt", layout="mono")
                tone.sample_rate, tone.pts, tone.time_base = 48000, index * length, Fraction(1, 48000)
                file.mux(audio.encode(tone))
            file.mux(audio.encode())


def turned(source: str, name: str) -> None:
    """Copy a clip with the note that it is to be shown a quarter turned (ISO 14496-12, matrix of `tkhd`)."""
    data = bytearray((HERE / source).read_bytes())
    upright = b"".join(n.to_bytes(4, "big") for n in (0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000))
    quarter = b"".join(n.to_bytes(4, "big") for n in (0, 0x10000, 0, 0xFFFF0000, 0, 0, 0, 0, 0x40000000))
    at = data.index(upright, data.index(b"tkhd"))
    data[at : at + len(quarter)] = quarter
    (HERE / name).write_bytes(bytes(data))


if __name__ == "__main__":
    clip("upright.mp4")
    clip("silent.mp4", sound="")
    clip("tail.mp4", seconds=4, faststart=False)
    clip("long.mp4", size=(320, 320), seconds=150, rate=1, sound="")
    clip("wide.mp4", size=(960, 160))
    clip("hevc.mp4", codec="libx265")
    clip("vp9.webm", codec="libvpx-vp9", sound="libopus")
    clip("landscape.mp4", size=(960, 540), sound="")
    turned("landscape.mp4", "turned.mp4")
