"""Rules about how pictures look: their colours, their size, and where our logo is in them.

Nobody looks for the logo: a post says where it is (`logo:` of its media), and the boxes are judged.
"""

from __future__ import annotations

import functools
import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from socialops.checks.guidelines.colours import Colour, colour_of, colours_in, share_of
from socialops.checks.guidelines.hearing import Finding, Hearing
from socialops.compose.media import look_at
from socialops.content.guidelines import size_of

if TYPE_CHECKING:
    from socialops.content.guidelines import BrandRule
    from socialops.content.load import Content
    from socialops.content.media import MediaFault

Box = tuple[float, float, float, float]
"""Left, top, width and height in pixels."""

_KEPT = "palette"
"""The section of the cache that holds which part of a picture is in which colours."""
_HEX = re.compile(r"#[0-9a-fA-F]{6}")


@dataclass(frozen=True, slots=True)
class Sight:
    """A picture or video as it stands before a rule: its name, its size in pixels once upright, its bytes.

    *path* is empty for one that an example only describes; *colours* are such a one's.
    """

    name: str
    width: int
    height: int
    bytes: int = 0
    path: str = ""
    sha256: str = ""
    moves: bool = False
    colours: tuple[Colour, ...] = ()
    logo: Box | None = None


def seen(content: Content, post_path: str, file: str, logo: Box | None = None) -> Sight | MediaFault:
    """Return a picture or video of a post, by its reference; or what is wrong with its file."""
    path, found, fault = look_at(content, post_path, file)
    if fault is not None:
        return fault
    width, height = found.width, found.height
    if getattr(found, "orientation", 1) > 4:
        width, height = height, width
    moves = found.mime.startswith("video/")
    name = path.rpartition("/")[2]
    return Sight(name, width, height, found.size, path, found.sha256, moves, (), in_pixels(logo, width, height))


def described(size: str, colours: Sequence[str] = (), logo: Box | None = None) -> Sight | None:
    """Return a picture of which an example says the size (`1600 × 1000`) or the colours; None: it says neither."""
    found = size_of(size)
    if not found and not colours:
        return None
    width, height = found or (0, 0)
    return Sight(
        "the picture", width, height, colours=tuple(map(colour_of, colours)), logo=in_pixels(logo, width, height)
    )


def in_pixels(logo: Box | None, width: int, height: int) -> Box | None:
    """Return the box of a logo in pixels; one of which nothing is more than 1 is in parts of the picture."""
    if logo is None or max(logo) > 1:
        return logo
    return logo[0] * width, logo[1] * height, logo[2] * width, logo[3] * height


def _sights(hearing: Hearing) -> Iterator[tuple[int, Sight]]:
    """Yield the pictures and videos that can be looked at, each with its number."""
    if hearing.described:
        yield from enumerate(hearing.described)
        return
    case = hearing.case
    for index, reference in enumerate(hearing.pictures):
        found = seen(case.content, case.post.path, reference.file, reference.logo)
        if isinstance(found, Sight):
            yield index, found


# --- Size -------------------------------------------------------------------------------------------------------------


def judge_size(rule: BrandRule, hearing: Hearing) -> Iterator[Finding]:
    """Hold the size of every picture and video against a rule."""
    settings = rule.settings
    for index, sight in _sights(hearing):
        at = functools.partial(hearing.at_media, index, "file")
        width, height = settings.width or 0, settings.height or 0
        if sight.width and (sight.width < width or sight.height < height):
            least = (
                f"{width} × {height}" if width and height else f"{width} in width" if width else f"{height} in height"
            )
            message = f"{_name(sight)} has {sight.width} × {sight.height} pixels: {least} is the least."
            yield Finding(at(), message, "Export it larger; making a small picture larger makes it blurred.")
        most = settings.kilobytes
        if most is not None and not sight.moves and sight.bytes > most * 1000:
            message = f"{_name(sight)} has {sight.bytes / 1000:.0f} kB: {most} is the most."
            yield Finding(at(), message, "Export it as JPEG, with a lower quality, or smaller.")


# --- Logo -------------------------------------------------------------------------------------------------------------


def judge_logo(rule: BrandRule, hearing: Hearing) -> Iterator[Finding]:
    """Hold the box of every logo against a rule; a picture that declares none has none."""
    settings = rule.settings
    for index, sight in _sights(hearing):
        box = sight.logo
        if box is None or not sight.width or not fits(box, sight.width, sight.height):
            # A box outside its picture is told by `media-logo`.
            continue
        at = hearing.at_media(index, "logo")
        left, top, width, height = box
        shorter = min(width, height)
        if settings.least is not None and round(shorter) < settings.least:
            message = (
                f"The logo in {_name(sight)} has {width:.0f} × {height:.0f} pixels: {settings.least} is the least."
            )
            yield Finding(at, message, "Make it larger, or leave it out.")
        if settings.clear is not None:
            least = settings.clear * (width if settings.of == "width" else height)
            sides = {
                "left of": left,
                "above": top,
                "right of": sight.width - left - width,
                "below": sight.height - top - height,
            }
            narrow = [f"{free:.0f} {side} it" for side, free in sides.items() if round(free) < round(least)]
            if narrow:
                message = (
                    f"The logo in {_name(sight)} stands too close to the edge: there are {' and '.join(narrow)}, "
                    f"and {least:.0f} pixels are the least ({settings.clear:g} of its {settings.of})."
                )
                yield Finding(at, message, "Move it inwards, or make it smaller.")
        if settings.corners:
            corner = _corner(box, sight)
            if corner not in settings.corners:
                message = f"The logo in {_name(sight)} stands {corner}: it belongs {' or '.join(settings.corners)}."
                yield Finding(at, message, "Move it there.")


def fits(box: Box, width: int, height: int) -> bool:
    """Tell whether a box is one, and lies in its picture; half a pixel does not count."""
    left, top, wide, high = box
    return wide > 0 and high > 0 and left + wide <= width + 0.5 and top + high <= height + 0.5


def _corner(box: Box, sight: Sight) -> str:
    across, down = box[0] + box[2] / 2, box[1] + box[3] / 2
    side = "left" if across < sight.width / 3 else "right" if across > sight.width * 2 / 3 else ""
    level = "top" if down < sight.height / 3 else "bottom" if down > sight.height * 2 / 3 else ""
    if not side or not level:
        return "in the middle"
    return f"{level} {side}"


# --- Colours ----------------------------------------------------------------------------------------------------------


def judge_palette(rule: BrandRule, hearing: Hearing) -> Iterator[Finding]:
    """Hold the colours of every picture against a palette. Videos are not looked into."""
    settings = rule.settings
    colours = palette_of(rule, hearing.case.content)
    if not colours:
        return
    for index, sight in _sights(hearing):
        share = None if sight.moves else _share(sight, colours, settings.within, hearing.case.content)
        if share is not None and share < settings.least:
            # Rounded down: 59.7 % is not the 60 that are asked for.
            message = (
                f"{int(share * 100)} % of {_name(sight)} is in our colours: {settings.least * 100:.0f} % is the least."
            )
            hint = f"Use colours of the palette ({', '.join(colours[:6])}{', …' if len(colours) > 6 else ''})."
            yield Finding(hearing.at_media(index, "file"), message, hint)


def palette_of(rule: BrandRule, content: Content) -> tuple[str, ...]:
    """Return the colours a rule is about, as #rrggbb: its own, else the palette of its page, else of any page."""
    if rule.settings.colours:
        return tuple(rule.settings.colours)
    pages = sorted(content.brand.guidelines, key=lambda guideline: guideline.path != rule.page)
    return next((found for guideline in pages if (found := _palette(guideline.params.get("palette")))), ())


def _palette(typed: Any) -> tuple[str, ...]:
    """Return the colours of `palette:` among the `params:` of a page: a list, or a mapping from names to colours."""
    items = typed.values() if isinstance(typed, dict) else typed if isinstance(typed, (list, tuple)) else ()
    found = (str(item.get("hex", "")) if isinstance(item, dict) else str(item) for item in items)
    return tuple(colour.lower() for colour in found if _HEX.fullmatch(colour))


def _share(sight: Sight, palette: Sequence[str], within: float, content: Content) -> float | None:
    wanted = tuple(map(colour_of, palette))
    if sight.colours:
        return share_of(dict.fromkeys(sight.colours, 1), wanted, within)
    if not sight.path:
        return None
    told = f"{sight.sha256} {' '.join(palette)} {within}"
    key = hashlib.sha256(told.encode()).hexdigest()
    known = content.seen.get((_KEPT, key))
    if known is None and content.cache is not None:
        known = content.cache.get(_KEPT, key)
    if not isinstance(known, float):
        colours = colours_in(content.workspace.root / sight.path)
        if not colours:
            return None
        known = share_of(colours, wanted, within)
        if content.cache is not None:
            content.cache.put(_KEPT, key, known)
    content.seen[_KEPT, key] = known
    return known


def _name(sight: Sight) -> str:
    return sight.name if len(sight.name) <= 60 else f"{sight.name[:59]}…"
