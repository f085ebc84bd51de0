"""The rules of the style guide as people read them: what, why, like this and not like this, where and since when."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from socialops.checks.guidelines.calendar import shares_of
from socialops.checks.guidelines.waivers import waivers_of
from socialops.content.style_guide import entitled
from socialops.site.markup import heading
from socialops.site.pages import Page, Site, block

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from socialops.content.brand import Guideline
    from socialops.content.guidelines import BrandRule, Example
    from socialops.content.load import Content
    from socialops.content.wordings import Wording

EXCEPTIONS = "style-guide/exceptions.md"


@dataclass(frozen=True, slots=True)
class Sample:
    """An example as it is shown: its text, its language, what else belongs to it, and its colours."""

    text: str
    lang: str
    notes: tuple[str, ...]
    colours: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ShownRule:
    """A rule ready to be drawn. *words* are (word, what to say instead, language)."""

    rule: BrandRule
    anchor: str
    holds: tuple[str, ...]
    says: tuple[str, ...]
    words: tuple[tuple[str, str, str], ...]
    good: tuple[Sample, ...]
    bad: tuple[Sample, ...]
    people: tuple[str, ...]
    exceptions: int
    pattern: str = ""


def rule_blocks(site: Site, guideline: Guideline, page: str) -> list[str]:
    """Return the section of a guideline's page that shows its rules."""
    if not guideline.rules:
        return []
    counts = Counter(waived.id for waived in waivers_of(site.content))
    rules = [_shown(site, rule, counts[rule.id]) for rule in guideline.rules]
    return [
        heading(2, "Rules of this page", anchor="rules"),
        block("rules.html", page, rules=rules, exceptions=EXCEPTIONS),
    ]


def exceptions_page(site: Site) -> Page | None:
    """Return the list of all exceptions that posts claim; None while the style guide has no rules."""
    if not any(guideline.rules for guideline in site.content.brand.guidelines):
        return None
    rows = [
        (waived, site.target(site.views[waived.post.id]), _page_of(site, waived.rule))
        for waived in waivers_of(site.content)
    ]
    words = (
        "No post claims an exception. One that has to break a rule says so itself, with the reason and who allows it: "
        "waive: {BR001: {reason: …, by: …}}."
    )
    return Page(
        EXCEPTIONS,
        "Exceptions to the rules",
        (block("exceptions.html", EXCEPTIONS, rows=rows, empty=words),),
        source="posts/",
    )


def rule_pages(site: Site) -> dict[str, str]:
    """Return where each rule of the style guide is shown, by its id."""
    return {rule.id: _page_of(site, rule) for guideline in site.content.brand.guidelines for rule in guideline.rules}


def _page_of(site: Site, rule: BrandRule | None) -> str:
    return f"{site.sources[rule.page]}#{anchor_of_rule(rule)}" if rule is not None else ""


def anchor_of_rule(rule: BrandRule) -> str:
    """Return where a rule stands on its page: `br001`."""
    return rule.id.casefold()


def _shown(site: Site, rule: BrandRule, exceptions: int) -> ShownRule:
    people = site.content.brand.people
    return ShownRule(
        rule,
        anchor_of_rule(rule),
        tuple(_scope(rule)),
        tuple(_says(rule, site.content)),
        tuple(_words(rule)),
        tuple(_sample(example) for example in rule.good),
        tuple(_sample(example) for example in rule.bad),
        tuple(str(getattr(people.get(name), "label", name)) for name in entitled(rule, site.content.brand)),
        exceptions,
        rule.settings.find if rule.kind == "pattern" else "",
    )


def _sample(example: Example) -> Sample:
    given = example.given
    notes = []
    if tags := given.get("tags"):
        notes.append(" ".join(f"#{tag}" for tag in tags))
    named = ("link", "channel", "campaign", "pillar", "kind", "approver")
    notes += [f"{name}: {given[name]}" for name in named if given.get(name)]
    if categories := given.get("categories"):
        notes.append(f"categories: {', '.join(categories)}")
    if given.get("paid"):
        notes.append("paid: true")
    alts = given.get("alt", ())
    text = example.text
    if colours := given.get("colours"):
        text = f"a picture in {_and(colours)}"
    posts = given.get("posts", ())
    if isinstance(posts, Mapping):
        text = _and(f"{count} × {pillar}" for pillar, count in posts.items())
    elif posts:
        text = "\n".join(when.text for when in posts)
    text = text or str(given.get("picture", ""))
    if logo := given.get("logo"):
        notes.append(f"logo: {logo[0]:g} from the left, {logo[1]:g} from the top, {logo[2]:g} × {logo[3]:g} large")
    if date := given.get("date"):
        notes.append(f"goes out: {date.text}")
    if alts and text:
        notes += [f"alt: {alt}" for alt in alts]
    elif alts:
        text = "\n\n".join(alts)
    return Sample(text, str(given.get("lang", "")), tuple(notes), tuple(given.get("colours", ())))


_LANGUAGES = {"tr": "Turkish", "he": "Hebrew", "ro": "Romanian", "en": "English", "de": "German", "fr": "French"}


def language(code: str) -> str:
    """Return the English name of a language, or its code."""
    return _LANGUAGES.get(code.partition("-")[0], code)


def _scope(rule: BrandRule) -> Iterator[str]:
    scope = rule.scope
    if scope.languages:
        yield _and(language(code) for code in scope.languages)
    for word, names in (
        ("network", scope.networks),
        ("channel", scope.channels),
        ("campaign", scope.campaigns),
        ("pillar", scope.pillars),
        ("kind", scope.kinds),
    ):
        if names:
            yield f"{word}{'s' if len(names) > 1 else ''} {_and(names)}"


def _and(names: Iterable[str]) -> str:
    *first, last = names
    return f"{', '.join(first)} and {last}" if first else last


def _words(rule: BrandRule) -> Iterator[tuple[str, str, str]]:
    settings: Any = rule.settings
    listed: Iterable[Wording] = ()
    if rule.kind == "words":
        listed = settings
    elif rule.kind == "sensitive":
        listed = settings.words
    elif rule.kind == "spelling":
        for spelling in settings:
            yield spelling.right, "", ""
    elif rule.kind == "disclosure":
        for lang, words in settings.words.items():
            for word in words:
                yield word, "", lang
    elif rule.kind == "require":
        listed = (*(settings.every or ()), *(settings.one_of or ()))
    for wording in listed:
        yield wording.text, wording.say, wording.lang


def _says(rule: BrandRule, content: Content) -> Iterator[str]:
    """Say the particulars of a rule, a clause each."""
    settings: Any = rule.settings
    if rule.kind == "require":
        if settings.every:
            yield "all of these"
        if settings.one_of:
            yield "one of these"
        if settings.within is not None:
            yield f"in the first {settings.within} characters"
    elif rule.kind == "pattern":
        if settings.say:
            yield settings.say
    elif rule.kind == "hashtags":
        yield from _bounds(settings.least, settings.most, "hashtag")
        for word, tags in (("only", settings.allowed), ("always", settings.required), ("never", settings.forbidden)):
            if tags:
                yield f"{word} {', '.join(f'#{tag}' for tag in tags)}"
        if settings.capitals:
            yield "each word with a capital"
        if settings.longest_word is not None:
            yield f"at most {settings.longest_word} letters in a row"
        if settings.at_end:
            yield "at the end of the text"
    elif rule.kind == "emoji":
        yield from _bounds(None, settings.most, "emoji", "emoji")
        if settings.allowed:
            yield f"only {' '.join(settings.allowed)}"
        if settings.at_end:
            yield "at the end of a sentence"
    elif rule.kind == "punctuation":
        for sign, most in settings.items():
            yield f"{sign} at most {most} times" if most else f"no {sign}"
    elif rule.kind == "links":
        for word, hosts in (("ours:", settings.ours), ("only", settings.allowed), ("never", settings.forbidden)):
            if hosts:
                yield f"{word} {', '.join(hosts)}"
    elif rule.kind == "sensitive" and settings.category:
        yield f"or the category {settings.category}"
    elif rule.kind == "disclosure":
        yield f"in the first {settings.within} characters of a paid post"
    elif rule.kind == "length":
        yield from _bounds(settings.least, settings.most, settings.of, settings.of)
    elif rule.kind == "readability":
        if settings.ease is not None:
            yield f"reading ease at least {settings.ease:g}"
        if settings.lix is not None:
            yield f"LIX at most {settings.lix:g}"
        if settings.longest_sentence is not None:
            yield f"at most {settings.longest_sentence} words in a sentence"
        if settings.mean_word is not None:
            yield f"words of {settings.mean_word:g} letters on average at most"
    elif rule.kind == "alt_text":
        yield from _bounds(settings.least, settings.most, "character")
        if settings.openings:
            yield f"does not begin with {', '.join(settings.openings)}"
        if settings.same_language:
            yield "in the language of the post"
    elif rule.kind in ("palette", "picture_size", "logo"):
        yield from _says_of_pictures(rule)
    elif rule.kind in ("quiet", "cadence", "mix"):
        yield from _says_of_times(rule, content)
    if rule.unless:
        yield f"except in: {', '.join(rule.unless)}"
    if rule.not_in:
        yield f"not looked for in {_and(rule.not_in)}"


def _says_of_pictures(rule: BrandRule) -> Iterator[str]:
    settings: Any = rule.settings
    if rule.kind == "palette":
        yield f"at least {settings.least * 100:.0f} % of a picture"
        yield f"within ΔE {settings.within:g} of {', '.join(settings.colours) or 'the palette'}"
    elif rule.kind == "picture_size":
        if settings.width and settings.height:
            yield f"at least {settings.width} × {settings.height} pixels"
        elif settings.width or settings.height:
            yield f"at least {settings.width or settings.height} pixels in {'width' if settings.width else 'height'}"
        if settings.kilobytes is not None:
            yield f"at most {settings.kilobytes} kB"
    else:
        if settings.clear is not None:
            yield f"free on every side: {settings.clear:g} of its {settings.of}"
        yield from _bounds(settings.least, None, "pixel")
        if settings.corners:
            yield f"only {_or(settings.corners)}"


def _says_of_times(rule: BrandRule, content: Content) -> Iterator[str]:
    settings: Any = rule.settings
    if rule.kind == "quiet":
        for time in settings:
            yield time.called
    elif rule.kind == "cadence":
        yield from (f"{clause} in a week" for clause in _bounds(settings.least, settings.most, "post"))
        if settings.longest_gap is not None:
            yield f"at most {settings.longest_gap} days from one post to the next"
    else:
        for pillar, (low, high) in shares_of(rule, content).items():
            yield f"{pillar} {low * 100:.0f} to {high * 100:.0f} %"
        yield f"over {settings.weeks} weeks of at least {settings.fewest_posts} posts"


def _or(names: Iterable[str]) -> str:
    return " or ".join(names)


def _bounds(least: int | None, most: int | None, one: str, many: str = "") -> Iterator[str]:
    if least is not None:
        yield f"at least {least} {one if least == 1 else many or one + 's'}"
    if most is not None:
        yield f"no {many or one + 's'}" if most == 0 else f"at most {most} {one if most == 1 else many or one + 's'}"
