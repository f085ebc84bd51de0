"""What is wrong with videos, and with the shape of media: named before a network refuses it, with what to do.

A video is never changed here. Each problem says what was measured, what the channel takes, and what to tell whoever
exports it: in words for an editing program, and as one line of `ffmpeg`.
"""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from socialops.checks.rule import Case, Rule, rules
from socialops.compose.media import is_video, scaled
from socialops.content.video import Video, length_of, size_of
from socialops.problem import Severity

if TYPE_CHECKING:
    from socialops.checks.place import Place
    from socialops.compose.compose import Variant
    from socialops.networks.draft import Attachment

_X = "=== brand/channels/x.md\n---\nnetwork: x\nhandle: '@test'\nzone: Europe/Istanbul\n---\nOurs\n"
_INSTAGRAM = (
    "=== brand/channels/instagram.md\n---\nnetwork: instagram\nhandle: test\nzone: Europe/Istanbul\n"
    "params: {media_base_url: 'https://media.example'}\n---\nOurs\n"
)
_SLACK = "=== brand/channels/slack.md\n---\nnetwork: slack\nhandle: news\nzone: Europe/Istanbul\n---\nOurs\n"


def _post(channel: str, file: str, more: str = "", head: str = "") -> str:
    return (
        f"{head}=== posts/2026/12/post.md\n---\ndate: 2026-12-01 09:30\nchannels: [{channel}]\n{more}"
        f"media:\n  - {{file: {file}, alt: A lamp}}\n---\nLight!\n"
    )


def _rule(id_: str, summary: str, why: str, bad: str, good: str, severity: Severity = Severity.ERROR) -> Rule:
    return Rule(id_, severity, summary, why, bad, good, unfinished=True)


_REFUSED = "The network would refuse it after a long upload, or show it badly."
_GOOD = _post("x", "small.mp4", head=_X)
_GOOD_REEL = _post("instagram", "clip.mp4", "kind: reel\n", _INSTAGRAM)

MEDIA_VIDEO = _rule(
    "media-video",
    "A video goes to a channel that takes none.",
    "The post would go out without it, or not at all.",
    _post("slack", "clip.mp4", head=_SLACK),
    _post("mastodon", "clip.mp4"),
)
MEDIA_BYTES = _rule(
    "media-bytes",
    "A video is a larger (or smaller) file than the channel takes.",
    _REFUSED,
    _post("x", "small.mp4", head=_X.replace("---\nOurs", "limits: {video_bytes: 5000}\n---\nOurs")),
    _GOOD,
)
MEDIA_TYPE = _rule(
    "media-type",
    "A video is of a format (MP4, MOV, WebM) that the channel does not take.",
    _REFUSED,
    _post("x", "clip.webm", head=_X),
    _GOOD,
)
MEDIA_CODEC = _rule(
    "media-codec",
    "A video's pictures or sound are coded in a way that the channel does not take.",
    "The end of the name tells only the wrapping; what is inside may still be unreadable to a network.",
    _post("x", "newer.mp4", head=_X),
    _GOOD,
)
MEDIA_DURATION = _rule(
    "media-duration",
    "A video lasts longer or shorter than the channel takes.",
    _REFUSED,
    _post("x", "long.mp4", head=_X),
    _GOOD,
)
MEDIA_RATIO = _rule(
    "media-ratio",
    "A picture or a video is too narrow or too wide for the channel.",
    "The network refuses it, and nothing here cuts off a part of what somebody composed.",
    _post("instagram", "large.jpg", head=_INSTAGRAM),
    _post("instagram", "lamp.jpg", head=_INSTAGRAM),
)
MEDIA_PIXELS = _rule(
    "media-pixels",
    "A picture or a video has more or fewer pixels than the channel takes.",
    _REFUSED,
    _post("x", "clip.mp4", head=_X.replace("---\nOurs", "limits: {video_side: 640}\n---\nOurs")),
    _GOOD,
)
MEDIA_SMALL = _rule(
    "media-small",
    "A picture is so small that the network enlarges it.",
    "It goes out, but blurred.",
    _post("instagram", "tiny.jpg", head=_INSTAGRAM),
    _post("instagram", "lamp.jpg", head=_INSTAGRAM),
    Severity.WARNING,
)
MEDIA_RATE = _rule(
    "media-rate",
    "A video has more or fewer frames a second, or bits a second, than the channel takes.",
    _REFUSED,
    _post("instagram", "long.mp4", "kind: reel\n", _INSTAGRAM),
    _GOOD_REEL,
)
MEDIA_INDEX = _rule(
    "media-index",
    "A video carries its index at its end, where the channel wants it at the beginning.",
    "Networks that fetch a video begin to read it before they have all of it.",
    _post("instagram", "tail.mp4", "kind: reel\n", _INSTAGRAM),
    _GOOD_REEL,
)
MEDIA_SHAPE = _rule(
    "media-shape",
    "A reel or a story is not upright.",
    "It goes out, but with bars above and below, and it is shown to fewer people.",
    _post("instagram", "wide.mp4", "kind: reel\n", _INSTAGRAM),
    _GOOD_REEL,
    Severity.WARNING,
)
RULES = rules(
    MEDIA_VIDEO,
    MEDIA_BYTES,
    MEDIA_TYPE,
    MEDIA_CODEC,
    MEDIA_DURATION,
    MEDIA_RATIO,
    MEDIA_PIXELS,
    MEDIA_SMALL,
    MEDIA_RATE,
    MEDIA_INDEX,
    MEDIA_SHAPE,
)

_TYPES = {
    "video/mp4": "MP4",
    "video/quicktime": "MOV",
    "video/webm": "WebM",
    "video/x-matroska": "Matroska (MKV)",
    "video/x-msvideo": "AVI",
}
_WORDS = {
    "h264": "H.264",
    "h265": "H.265 (HEVC)",
    "vp8": "VP8",
    "vp9": "VP9",
    "av1": "AV1",
    "aac": "AAC",
    "opus": "Opus",
    "vorbis": "Vorbis",
}
_KINDS = frozenset({"reel", "story", "carousel"})
"""Kinds that may have limits of their own; `image_…` and `poll_…` are about other things."""
_OF_PICTURES = frozenset({"image_ratio_minimum", "image_ratio_maximum", "image_side_minimum", "image_width_enlarged"})
"""Limits for which a picture's own size must be known."""
_ROUNDING = 0.005
"""A ratio of whole pixels is never exact: 1200 × 628 is 1.911, and is taken for 1.91."""
_RATE_ROUNDING = 0.1
"""23.976 frames a second are called 24."""


@dataclass(frozen=True, slots=True)
class _Trial:
    """One file on one channel."""

    case: Case
    place: Place
    kind: str
    item: Attachment
    keys: tuple[str | int, ...]
    """Where the file is named in the post's header."""

    def limit(self, name: str) -> Any:
        """Return what holds for this kind, else for videos in general; None: nothing is said.

        *name* is the end of the limit's name: `seconds` is `reel_seconds`, else `video_seconds`.
        """
        entries = self.place.limits.entries
        found = entries.get(f"{self.kind}_{name}") if self.kind in _KINDS else None
        found = found or entries.get(f"video_{name}")
        return found.value if found else None

    def number(self, name: str) -> float | None:
        """Return a limit as a number; what somebody wrote into a channel's file and is none says nothing."""
        return _number(self.limit(name))

    def least(self, name: str) -> float | None:
        """Return a limit of pictures, by its whole name, as a number; None: nothing is said."""
        found = self.place.limits.entries.get(name)
        return _number(found.value) if found else None

    def outside(self, name: str, value: float, slack: float = 0.0) -> str:
        """Tell on which side *value* lies outside of a limit: `below`, `above`, or an empty text."""
        least, most = self.number(f"{name}_minimum"), self.number(name)
        if name == "ratio":
            most = self.number("ratio_maximum")
        if least is not None and value < least - slack:
            return "below"
        return "above" if most is not None and value > most + slack else ""

    def report(self, rule: Rule, message: str, hint: str, *options: str) -> None:
        """Report a problem; *options* make the line of ffmpeg that puts it right."""
        line = f" With ffmpeg: {_ffmpeg(self.item.file, self.place.channel.name, options)}" if options else ""
        # A post's positions are read anew for the first of them: not before one is needed.
        self.case.report(rule, self.case.post.at(*self.keys), message, hint + line)

    @property
    def name(self) -> str:
        """Return the file's own name."""
        return self.item.file.rpartition("/")[2]

    @property
    def channel(self) -> str:
        """Return the channel's name."""
        return self.place.channel.name


_H264 = ("-c:v libx264 -pix_fmt yuv420p", "-c:a aac -ac 2 -ar 48000", "-movflags +faststart")


def _number(value: Any) -> float | None:
    try:
        return None if value is None else float(value)
    except (TypeError, ValueError):
        return None


def _ffmpeg(file: str, channel: str, options: tuple[str, ...]) -> str:
    name = file.rpartition("/")[2]
    made = f"{name.rpartition('.')[0] or name}-{channel}.mp4"
    # A name that begins with a dash would be taken for an option.
    source, target = (shlex.quote(f"./{word}" if word.startswith("-") else word) for word in (name, made))
    return f"`ffmpeg -i {source} {' '.join(options)} {target}`"


def judge_shapes(case: Case, variant: Variant, place: Place) -> None:
    """Judge the videos of one channel, and the shape and size of its pictures, by what its network takes."""
    if place.counts is None:
        return
    from socialops.content.media import Picture, inspect_media

    draft = variant.draft
    keys: tuple[str, ...] = ("media",) if variant.entry.media is None else ("channels", draft.channel, "media")
    for part in draft.parts:
        for item in part.attachments:
            trial = _Trial(case, place, draft.kind, item, (*keys, _index(variant, item), "file"))
            if not is_video(item) and not {*_OF_PICTURES, f"{draft.kind}_shape"} & place.limits.entries.keys():
                continue
            found = inspect_media(case.content.workspace.root / item.file)
            if isinstance(found, Video):
                _judge_video(trial, found)
            elif isinstance(found, Picture):
                _judge_picture(trial, found)


def _index(variant: Variant, item: Attachment) -> int:
    name = item.file.rpartition("/")[2]
    return next((i for i, reference in enumerate(variant.media) if reference.file.rpartition("/")[2] == name), 0)


def _judge_video(trial: _Trial, film: Video) -> None:
    kinds = trial.place.kinds
    if kinds and not kinds & {"video", "reel"}:
        trial.report(
            MEDIA_VIDEO,
            f"{trial.channel} takes no video, and {trial.name} is one.",
            f"Give {trial.channel} a picture: `media:` of its own under `channels:`; or leave the channel out.",
        )
        return
    types = trial.limit("types")
    if types and film.mime not in types:
        trial.report(
            MEDIA_TYPE,
            f"{trial.name} is a video of the format {_TYPES.get(film.mime, film.mime)}; {trial.channel} takes "
            f"{_either([_TYPES.get(mime, mime) for mime in types if mime in _TYPES])}.",
            f"Export it as MP4 with {_either(_codecs(trial, 'video_codecs', 'h264'))} and "
            f"{_either(_codecs(trial, 'audio_codecs', 'aac'))}.",
            *_H264,
        )
    else:
        _judge_codecs(trial, film)
    _judge_length(trial, film)
    _judge_bytes(trial, film)
    _judge_size(trial, film)
    _judge_rates(trial, film)
    if trial.limit("index_first") and not film.streams:
        trial.report(
            MEDIA_INDEX,
            f"{trial.name} has its index at the end; {trial.channel} wants it at the beginning.",
            "Export it with “web optimised” or “fast start” switched on; nothing need be coded anew.",
            "-c copy -movflags +faststart",
        )


def _codecs(trial: _Trial, name: str, otherwise: str) -> list[str]:
    limits = trial.place.limits
    return [_WORDS.get(word, word) for word in (limits.texts(name) if limits.has(name) else (otherwise,))]


def _judge_codecs(trial: _Trial, film: Video) -> None:
    entries = trial.place.limits.entries
    pictures, sounds = entries.get("video_codecs"), entries.get("audio_codecs")
    if pictures and film.codec not in pictures.value:
        trial.report(
            MEDIA_CODEC,
            f"The pictures of {trial.name} are coded as {_WORDS.get(film.codec, film.codec or 'something unknown')}; "
            f"{trial.channel} takes {_either(_codecs(trial, 'video_codecs', 'h264'))}.",
            "Export it as MP4 with H.264 and AAC.",
            *_H264,
        )
    if sounds and film.audio and film.audio not in sounds.value:
        trial.report(
            MEDIA_CODEC,
            f"The sound of {trial.name} is coded as {_WORDS.get(film.audio, film.audio)}; {trial.channel} takes "
            f"{_either(_codecs(trial, 'audio_codecs', 'aac'))}.",
            "Export it with AAC sound; the pictures may stay as they are.",
            "-c:v copy",
            *_H264[1:],
        )
    channels, rate = entries.get("audio_channels"), entries.get("audio_rate")
    if (channels and film.channels > channels.value) or (rate and film.sample_rate > rate.value):
        trial.report(
            MEDIA_CODEC,
            f"The sound of {trial.name} has {film.channels} channels at {film.sample_rate:,} Hz, which is more than "
            f"{trial.channel} takes.",
            "Export it in stereo, at 48 kHz.",
            "-c:v copy",
            *_H264[1:],
        )


def _judge_length(trial: _Trial, film: Video) -> None:
    side = trial.outside("seconds", film.seconds)
    if not side:
        return
    least, most = trial.number("seconds_minimum"), trial.number("seconds")
    what = f"a {trial.kind}" if trial.kind in ("reel", "story") else "a video"
    takes = f"{length_of(most)} at most" if most is not None else ""
    if least is not None:
        takes = f"{length_of(least)} at least" + (f", and {takes}" if takes else "")
    if side == "above":
        trial.report(
            MEDIA_DURATION,
            f"{trial.name} lasts {length_of(film.seconds)}; {trial.channel} takes {what} of {takes}.",
            f"Cut it, or give {trial.channel} a shorter one under `channels:`.",
            f"-t {most:g}",
            *_H264,
        )
    else:
        trial.report(
            MEDIA_DURATION,
            f"{trial.name} lasts {length_of(film.seconds)}; {trial.channel} takes {what} of {takes}.",
            "Make it longer, or use a picture.",
        )


def _judge_bytes(trial: _Trial, film: Video) -> None:
    side = trial.outside("bytes", film.size)
    most = trial.number("bytes")
    if side == "above" and most is not None:
        rate = max(1, int(most * 8 * 0.9 / film.seconds / 1000) - 128)
        trial.report(
            MEDIA_BYTES,
            f"{trial.name} has {size_of(film.size)}; {trial.channel} takes {size_of(most)} at most.",
            f"Export it with a bit rate of {rate + 128:,} kbit/s at most, or fewer pixels.",
            f"-b:v {rate}k",
            *_H264,
        )
    elif side:
        least = trial.number("bytes_minimum") or 0
        trial.report(
            MEDIA_BYTES,
            f"{trial.name} has {size_of(film.size)}; {trial.channel} takes {size_of(least)} at least.",
            "Export it with a higher quality.",
        )


def _judge_size(trial: _Trial, film: Video) -> None:
    shown = f"{film.width} × {film.height}"
    ratio = film.width / film.height
    if side := trial.outside("ratio", ratio, ratio * _ROUNDING):
        _report_ratio(trial, ratio, shown, side)
    elif shape := trial.number("shape"):
        _judge_shape(trial, ratio, shown, shape)
    pixels, longest, columns = trial.number("pixels"), trial.number("side"), trial.number("width")
    shortest = trial.number("side_minimum")
    if shortest is not None and min(film.width, film.height) < shortest:
        trial.report(
            MEDIA_PIXELS,
            f"{trial.name} is {shown} pixels; {trial.channel} takes {shortest:.0f} on the shorter side at least.",
            "Export it larger, from the original: 1080 × 1920 suits most networks.",
        )
    factor = min(
        1.0,
        (pixels / (film.width * film.height)) ** 0.5 if pixels else 1.0,
        longest / max(film.width, film.height) if longest else 1.0,
        columns / film.width if columns else 1.0,
    )
    if factor < 1.0:
        width, height = (max(2, int(side * factor) // 2 * 2) for side in (film.width, film.height))
        trial.report(
            MEDIA_PIXELS,
            f"{trial.name} is {shown} pixels, which is more than {trial.channel} takes.",
            f"Export it at {width} × {height}.",
            f"-vf scale={width}:{height}",
            *_H264,
        )


def _judge_rates(trial: _Trial, film: Video) -> None:
    if film.frame_rate and trial.outside("frames_per_second", film.frame_rate, _RATE_ROUNDING):
        least, most = trial.number("frames_per_second_minimum"), trial.number("frames_per_second")
        takes = f"{most:g} at most" if least is None else f"{least:g} to {most:g}" if most else f"{least:g} at least"
        trial.report(
            MEDIA_RATE,
            f"The frame rate of {trial.name} is {film.frame_rate:g} a second; {trial.channel} takes {takes}.",
            "Export it with 30 frames a second.",
            "-r 30",
            *_H264,
        )
    most = trial.number("bits_per_second")
    if most is not None and film.bit_rate > most:
        trial.report(
            MEDIA_RATE,
            f"{trial.name} has {film.bit_rate / 1e6:,.1f} Mbit/s; {trial.channel} takes {most / 1e6:,.0f} Mbit/s.",
            "Export it with a lower bit rate.",
            f"-b:v {int(most * 0.8 / 1000)}k",
            *_H264,
        )


def _judge_picture(trial: _Trial, picture: Any) -> None:
    width, height = picture.width, picture.height
    if picture.orientation >= 5:
        # It is turned by a quarter before it goes out.
        width, height = height, width
    ratio, shown = width / height, f"{width} × {height}"
    entries = trial.place.limits.entries
    shape = entries.get(f"{trial.kind}_shape")
    if shape:
        # Where a kind has a shape of its own, the one of the feed does not hold.
        _judge_shape(trial, ratio, shown, float(shape.value))
        return
    least, most = entries.get("image_ratio_minimum"), entries.get("image_ratio_maximum")
    if least and ratio < float(least.value) - ratio * _ROUNDING:
        _report_ratio(trial, ratio, shown, "below", float(least.value))
    elif most and ratio > float(most.value) + ratio * _ROUNDING:
        _report_ratio(trial, ratio, shown, "above", float(most.value))
    _judge_smallness(trial, width, height)


def _judge_smallness(trial: _Trial, width: int, height: int) -> None:
    """Judge whether a picture has enough pixels, as it goes out: a long one was made smaller for its longest side."""
    shortest, narrowest = trial.least("image_side_minimum"), trial.least("image_width_enlarged")
    sent = scaled(width, height, trial.item.fit)
    shown = f"{width} × {height} pixels" + (f", which goes out as {sent[0]} × {sent[1]}" * (sent != (width, height)))
    if shortest is not None and min(sent) < shortest:
        trial.report(
            MEDIA_PIXELS,
            f"{trial.name} is {shown}; {trial.channel} takes {shortest:.0f} on the shorter side at least.",
            "Use a larger one, from the original.",
        )
    elif narrowest is not None and sent[0] < narrowest:
        trial.report(
            MEDIA_SMALL,
            f"{trial.name} is {shown}; {trial.channel} enlarges it to a width of {narrowest:.0f}, and it gets blurred.",
            "Use a larger one, from the original." if sent == (width, height) else "Cut it, so that it is less long.",
        )


def _report_ratio(trial: _Trial, ratio: float, shown: str, side: str, bound: float | None = None) -> None:
    if bound is None:
        bound = trial.number("ratio_minimum" if side == "below" else "ratio_maximum") or 1.0
    word, way = ("narrow", "wider") if side == "below" else ("wide", "narrower")
    options: tuple[str, ...] = ()
    if is_video(trial.item):
        # Bars on two sides keep the whole picture; an even number of pixels is what the codec wants.
        wanted = f"{bound:g}"
        fill = f"pad=ceil(ih*{wanted}/2)*2:ih" if side == "below" else f"pad=iw:ceil(iw/{wanted}/2)*2"
        options = (f'-vf "{fill}:(ow-iw)/2:(oh-ih)/2"', *_H264)
    trial.report(
        MEDIA_RATIO,
        f"{trial.name} is too {word} for {trial.channel}: {shown} pixels is {_ratio(ratio)}; it takes {_ratio(bound)} "
        "at most.",
        f"Cut it {way}, or give it bars; or use another file there.",
        *options,
    )


def _judge_shape(trial: _Trial, ratio: float, shown: str, shape: float) -> None:
    if abs(ratio - shape) <= 0.02:
        return
    trial.report(
        MEDIA_SHAPE,
        f"{trial.name} is {shown} pixels; a {trial.kind} on {trial.channel} is shown at {_ratio(shape)}, this one with "
        "bars.",
        "Make it 1080 × 1920 pixels, or use another `kind:`.",
    )


def _ratio(ratio: float) -> str:
    for wide, high in ((9, 16), (4, 5), (1, 1), (16, 9), (1, 3), (3, 1)):
        if abs(ratio - wide / high) < 0.004:
            return f"{wide}:{high}"
    return f"{ratio:.2f}:1" if ratio >= 1 else f"1:{1 / ratio:.2f}"


def _either(words: list[str]) -> str:
    return "".join(words) if len(words) < 2 else f"{', '.join(words[:-1])} or {words[-1]}"
