"""Rules about how pictures are described."""

from __future__ import annotations

import functools
import re
import unicodedata
from collections.abc import Iterator
from typing import TYPE_CHECKING

from socialops.checks.guidelines.hearing import Finding, Hearing
from socialops.checks.language.guess import guess_language
from socialops.content.text import fold, graphemes

if TYPE_CHECKING:
    from socialops.content.guidelines import BrandRule

_FILE = re.compile(r"[\w .()-]{1,80}\.(?:jpe?g|png|gif|webp|heic|tiff?|mp4|mov|webm)", re.IGNORECASE)
_CAMERA = re.compile(r"(?:IMG|DSC|DSCN|PXL|MVI|VID|image|photo|screenshot)[\s_-]*\d[\w\s.-]*", re.IGNORECASE)
_SCRIPTS = {
    **dict.fromkeys(("he", "iw", "yi"), "HEBREW"),
    **dict.fromkeys(("ar", "fa"), "ARABIC"),
    **dict.fromkeys(("ru", "uk", "bg"), "CYRILLIC"),
    "el": "GREEK",
}
"""Languages that are not written in Latin letters."""


def judge_alt_text(rule: BrandRule, hearing: Hearing) -> Iterator[Finding]:
    """Hold every alt text against a rule. A missing one is told by `alt-missing`."""
    settings, lang = rule.settings, hearing.lang
    seen: dict[str, int] = {}
    for index, item in enumerate(hearing.pictures):
        alt = item.alt.strip()
        if not alt:
            continue
        at = functools.partial(hearing.at_media, index)
        stem = item.file.rpartition("/")[2].rpartition(".")[0]
        if _FILE.fullmatch(alt) or _CAMERA.fullmatch(alt) or (stem and fold(alt) == fold(stem)):
            yield Finding(
                at(), f"{alt[:40]!r} is the name of a file, and no description.", "Say what the picture shows."
            )
            continue
        length = graphemes(alt)
        if settings.least is not None and length < settings.least:
            message = f"This alt text has {length} characters: {settings.least} is the least."
            yield Finding(at(), message, "Say what is in the picture, and why it is there.")
        if settings.most is not None and length > settings.most:
            message = f"This alt text has {length} characters: {settings.most} is the most."
            yield Finding(at(), message, "Say what the post needs; the rest belongs into the text.")
        folded = fold(alt, lang)
        for opening in settings.openings:
            if re.match(re.escape(fold(opening, lang)) + r"(?!\w)", folded):
                message = f"This alt text begins with {alt[: len(opening)]!r}, as every screen reader does."
                yield Finding(at(), message, "Begin with what is in it.")
                break
        if folded in seen:
            message = f"This is the alt text of picture {seen[folded] + 1} too."
            yield Finding(at(), message, "Say what only this picture shows.")
        elif any(folded == fold(passage.text.strip(), lang) for passage in hearing.main):
            yield Finding(at(), "This alt text says again what the text says.", "Say what the picture shows.")
        seen.setdefault(folded, index)
        if settings.same_language and lang and (wrong := _other_language(alt, lang)):
            hint = f"Write it in the language of the post, {lang}."
            yield Finding(at(), f"This alt text is not in the language of the post: it looks like {wrong}.", hint)


@functools.lru_cache(maxsize=256)
def _other_language(text: str, lang: str) -> str:
    """Return what a text looks like when it is not in its language: another script, or another of our languages."""
    spoken = lang.partition("-")[0]
    script = _other_letters(text, spoken)
    if script:
        return f"{script} letters"
    guessed = guess_language(text)
    return guessed if guessed and guessed != spoken and spoken in ("tr", "ro", "he", "en") else ""


def _other_letters(text: str, lang: str) -> str:
    """Return the script of a text when most of its letters are of another one than its language is written in."""
    wanted = _SCRIPTS.get(lang, "LATIN")
    counts: dict[str, int] = {}
    for sign in text:
        if sign.isalpha():
            script = unicodedata.name(sign, "").partition(" ")[0]
            counts[script] = counts.get(script, 0) + 1
    if not counts:
        return ""
    most = max(counts, key=lambda script: counts[script])
    return "" if most == wanted else most.capitalize()
