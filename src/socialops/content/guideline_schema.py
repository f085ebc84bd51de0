"""What a page of the style guide may say at its top, rules included: one model for each kind of rule.

As `schema.py`, of which this is the part that only pages of `brand/` need.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field, PlainValidator
from pydantic_core import PydanticCustomError

from socialops.content import patterns, quiet, shares, wordings
from socialops.content.guidelines import ID, KINDS, kind_fault
from socialops.content.post import Kind
from socialops.content.schema import (
    _UNSET,
    Colour,
    Day,
    Edge,
    Free,
    Instant,
    Language,
    Name,
    Number,
    Shown,
    Tag,
    Text,
    Truth,
    Typed,
    Whole,
    _by,
)
from socialops.problem import Severity

_LIST = {"type": "array", "items": {"type": "string"}}
_PAIRS = {"type": "array", "items": {"anyOf": [{"type": "string"}, {"type": "object"}]}}
Words = Annotated[
    tuple[wordings.Wording, ...],
    PlainValidator(_by(wordings.wordings)),
    Shown(anyOf=[{"type": "string"}, _PAIRS, {"type": "object"}]),
]
Spellings = Annotated[
    tuple[wordings.Spelling, ...],
    PlainValidator(_by(wordings.spellings)),
    Shown(anyOf=[{"type": "string"}, _PAIRS, {"type": "object"}]),
]
ByLanguage = Annotated[dict[str, tuple[str, ...]], PlainValidator(_by(wordings.by_language)), Shown(type="object")]
Several = Annotated[tuple[str, ...], PlainValidator(_by(wordings.several)), Shown(anyOf=[{"type": "string"}, _LIST])]
RuleId = Annotated[str, PlainValidator(_by(wordings.rule_id)), Shown(type="string", pattern=f"^{ID}$")]
SafePattern = Annotated[str, PlainValidator(_by(patterns.safe)), Shown(type="string", format="regex")]
Count = Annotated[Whole, Field(ge=0, le=100_000)]
Share = Annotated[Number, Field(ge=0, le=1)]
Quiets = Annotated[
    tuple[quiet.Quiet, ...],
    PlainValidator(_by(quiet.quiet_times)),
    Shown(anyOf=[{"type": "string"}, {"type": "array"}, {"type": "object"}]),
]
Shares = Annotated[
    dict[str, Annotated[tuple[float, float], PlainValidator(_by(shares.share)), Shown(type="string")]],
    Shown(type="object", additionalProperties={"type": "string", "examples": ["0.2 to 0.4"]}),
]
Posts = Annotated[
    shares.SamplePosts, PlainValidator(_by(shares.sample_posts)), Shown(anyOf=[_LIST, {"type": "object"}])
]


class RequireHeader(Typed):
    """Words that must be there."""

    every: Words = Field(_UNSET, description="Each of these must be in the text.")
    one_of: Words = Field(_UNSET, description="At least one of these must be in the text.")
    within: Count = Field(_UNSET, description="In the first so many characters.")


class PatternHeader(Typed):
    """What a text must not look like."""

    find: SafePattern = Field(description="A regular expression, of the safe kind.")
    say: Text = Field("", description="What to write instead.")
    ignore_case: Truth = Field(False, description="Whether capitals and small letters are the same.")


class HashtagsHeader(Typed):
    """How hashtags are used."""

    most: Count = Field(_UNSET, description="The most in a post.")
    least: Count = Field(_UNSET, description="The fewest in a post.")
    allowed: tuple[Tag, ...] = Field((), description="Only these.")
    required: tuple[Tag, ...] = Field((), description="Each of these.")
    forbidden: tuple[Tag, ...] = Field((), description="None of these.")
    capitals: Truth = Field(False, description="Each begins with a capital, in scripts that have them.")
    longest_word: Count = Field(
        _UNSET, description="The most letters in a row without a capital, digit or underscore between them."
    )
    at_end: Truth = Field(False, description="They stand at the end of the text, and nowhere else.")


class EmojiHeader(Typed):
    """How emoji are used."""

    most: Count = Field(_UNSET, description="The most in a post; 0 for none.")
    allowed: Several = Field((), description="Only these.")
    at_end: Truth = Field(False, description="Only at the end of a sentence: never for a word, never as a bullet.")


class LinksHeader(Typed):
    """Where links may lead."""

    allowed: Several = Field((), description="Only these hosts, and what is below them.")
    forbidden: Several = Field((), description="None of these hosts, nor what is below them.")
    ours: Several = Field((), description="Our own hosts: whatever only looks like one of them is told.")


class SensitiveHeader(Typed):
    """Topics that somebody has to have looked at."""

    words: Words = Field(description="The words that tell the topic.")
    category: Text = Field("", description="The entry of a post's `categories:` that says it was considered.")


class DisclosureHeader(Typed):
    """What a paid post must say."""

    words: ByLanguage = Field(description="For each language the words of which one must be there.")
    within: Count = Field(100, description="In the first so many characters of the text.")


class LengthHeader(Typed):
    """How long a text is."""

    least: Count = Field(_UNSET, description="The fewest.")
    most: Count = Field(_UNSET, description="The most.")
    of: Literal["characters", "words", "sentences"] = Field("characters", description="characters, words or sentences.")


class ReadabilityHeader(Typed):
    """How easy a text is to read."""

    ease: Number = Field(_UNSET, description="The least reading ease: Flesch for English, Ateşman for Turkish.")
    lix: Number = Field(_UNSET, description="The most LIX: for Romanian and other languages in Latin letters.")
    longest_sentence: Count = Field(_UNSET, description="The most words in a sentence; in every language.")
    mean_word: Number = Field(_UNSET, description="The most letters that a word has on average; in every language.")


class AltTextHeader(Typed):
    """How a picture is described."""

    least: Count = Field(_UNSET, description="The fewest characters.")
    most: Count = Field(_UNSET, description="The most characters.")
    openings: Several = Field((), description="It does not begin like this: image of, picture of.")
    same_language: Truth = Field(False, description="It is written in the letters of the post's language.")


class PaletteHeader(Typed):
    """How much of a picture is in our colours."""

    least: Share = Field(description="The least part of the picture, from 0 to 1.")
    colours: tuple[Colour, ...] = Field(
        (), description='The colours: "#b5411f". Those of `palette:` in the `params:` of its page when left out.'
    )
    within: Annotated[Number, Field(ge=0, le=100)] = Field(
        10.0, description="How far from a colour still is that colour: ΔE (CIEDE2000). 2 is just seen, 10 is a shade."
    )


class PictureSizeHeader(Typed):
    """How large a picture is."""

    width: Count = Field(_UNSET, description="The fewest pixels from left to right.")
    height: Count = Field(_UNSET, description="The fewest pixels from top to bottom.")
    kilobytes: Count = Field(_UNSET, description="The most that a picture's file has, in thousands of bytes.")


class LogoHeader(Typed):
    """Where our logo may be in a picture."""

    clear: Annotated[Number, Field(ge=0, le=100)] = Field(
        _UNSET, description="How much stays free on every side of it, in heights of the logo: 0.25."
    )
    of: Literal["height", "width"] = Field("height", description="height or width: of which of the logo's sides.")
    least: Count = Field(_UNSET, description="The fewest pixels of its shorter side.")
    corners: Annotated[
        tuple[Literal["top left", "top right", "bottom left", "bottom right"], ...], BeforeValidator(wordings.listed)
    ] = Field((), description="In which corner it may be: top left, top right, bottom left, bottom right.")


class CadenceHeader(Typed):
    """How often a channel posts."""

    least: Count = Field(_UNSET, description="The fewest posts in a week.")
    most: Count = Field(_UNSET, description="The most posts in a week.")
    longest_gap: Count = Field(_UNSET, description="The most days from one post to the next.")


class MixHeader(Typed):
    """Which themes our posts have."""

    weeks: Annotated[Whole, Field(ge=1, le=53)] = Field(4, description="Counted over so many weeks in a row.")
    within: Share = Field(0.1, description="How far a share may be from that of brand/strategy.md: 0.1 is ten of 100.")
    fewest_posts: Count = Field(10, description="Fewer posts than these say nothing, and are not judged.")
    shares: Shares = Field(
        default_factory=dict,
        description="The share of each pillar: `safety: 0.2 to 0.4`. Those of brand/strategy.md when left out.",
    )


class ExampleHeader(Typed):
    """An example that needs more than a text."""

    text: Text = Field("", description="The text.")
    lang: Language = Field("", description="Its language.")
    alt: Several = Field((), description="The alt text of its picture, or of each of its pictures.")
    tags: tuple[Tag, ...] = Field((), description="Its hashtags.")
    link: Text = Field("", description="Its link.")
    channel: Text = Field("", description="The channel it is for.")
    campaign: Text = Field("", description="Its campaign.")
    pillar: Text = Field("", description="Its pillar.")
    kind: Kind = Field(_UNSET, description="Its kind.")
    categories: tuple[Name, ...] = Field((), description="Its categories.")
    approver: Text = Field("", description="Who answers for it.")
    paid: Truth = Field(False, description="Whether somebody paid for it.")
    date: Instant = Field(_UNSET, description="When it goes out.")
    picture: Text = Field("", description="Its picture: a file; or only a size, 1600 × 1000.")
    colours: tuple[Colour, ...] = Field((), description="Instead of a picture: its colours, in equal parts.")
    logo: tuple[Edge, Edge, Edge, Edge] = Field(
        _UNSET, description="Where the logo is in its picture: [left, top, width, height]."
    )
    posts: Posts = Field(
        (),
        description="Several posts: the times when they go out, or how many each pillar has: `{safety: 3, city: 2}`.",
    )


def _one_kind(rule: RuleHeader) -> RuleHeader:
    fault = kind_fault({kind for kind in KINDS if getattr(rule, kind)})
    if fault:
        raise PydanticCustomError("socialops", "{message}", {"id": "guideline-kind", **fault})
    for name, value in rule:
        if name in KINDS and isinstance(value, Typed) and not value.model_fields_set:
            message, hint = f"`{name}:` says nothing.", "Write below it what it should hold to."
            raise PydanticCustomError(
                "socialops", "{message}", {"id": "guideline-kind", "message": message, "hint": hint}
            )
    return rule


Examples = Annotated[tuple[Annotated[ExampleHeader, BeforeValidator(wordings.example_form)], ...],
                     BeforeValidator(wordings.listed)]  # fmt: skip


class RuleHeader(Typed):
    """A rule of the style guide."""

    id: RuleId = Field(description="Its name for ever, in capitals and digits: BR012. No two rules share one.")
    severity: Severity = Field(Severity.WARNING, description="error (the check fails), warning or note.")
    summary: Name = Field(description="The rule in a sentence.")
    reason: Name = Field(description="Why it is there. Whoever breaks it reads this.")
    lang: Annotated[tuple[Language, ...], BeforeValidator(wordings.listed)] = Field(
        (), description="The languages in which it holds; all when left out."
    )
    networks: Several = Field((), description="Where it holds; everywhere when left out.")
    channels: Several = Field((), description="On which channels it holds.")
    campaigns: Several = Field((), description="In which campaigns it holds.")
    pillars: Several = Field((), description="For which pillars it holds.")
    kinds: Annotated[tuple[Kind, ...], BeforeValidator(wordings.listed)] = Field(
        (), description="For which kinds of post it holds."
    )
    since: Day = Field(_UNSET, description="The first day on which posts have to keep it.")
    until: Day = Field(_UNSET, description="The last day.")
    good: Examples = Field((), description="A text that keeps it, or several. `check` tries them.")
    bad: Examples = Field((), description="A text that breaks it, or several. `check` tries them.")
    approver: Text = Field(
        "", description="Who may allow an exception: a person, or a role. Whoever approves the page when left out."
    )
    exact: Truth = Field(False, description="Words are looked for as written: same capitals, no endings.")
    unless: Several = Field((), description="Phrases in which it does not count.")
    not_in: tuple[Literal["quotes", "hashtags"], ...] = Field(
        (), description="Where not to look, besides links, @names and code: quotes, hashtags."
    )
    words: Words = Field(_UNSET, description="Words to avoid, with what to say instead.")
    require: Annotated[RequireHeader, BeforeValidator(wordings.required_form)] = Field(
        _UNSET, description="Words that must be there."
    )
    spelling: Spellings = Field(_UNSET, description="How names are spelt.")
    pattern: Annotated[PatternHeader, BeforeValidator(wordings.pattern_form)] = Field(
        _UNSET, description="What a text must not look like, as a regular expression."
    )
    hashtags: HashtagsHeader = Field(_UNSET, description="How hashtags are used.")
    emoji: Annotated[EmojiHeader, BeforeValidator(wordings.emoji_form)] = Field(
        _UNSET, description="How emoji are used; `none` for none at all."
    )
    punctuation: Annotated[dict[str, Count], Field(min_length=1)] = Field(
        _UNSET, description='The most of each sign in a post: `{"!": 1}`.'
    )
    links: LinksHeader = Field(_UNSET, description="Where links may lead.")
    sensitive: Annotated[SensitiveHeader, BeforeValidator(wordings.sensitive_form)] = Field(
        _UNSET, description="Topics for which a post needs its `approver:`."
    )
    disclosure: DisclosureHeader = Field(_UNSET, description="What a post with `paid: true` must say.")
    length: LengthHeader = Field(_UNSET, description="How long a text is.")
    readability: ReadabilityHeader = Field(_UNSET, description="How easy a text is to read.")
    alt_text: AltTextHeader = Field(_UNSET, description="How pictures are described.")
    palette: Annotated[PaletteHeader, BeforeValidator(shares.palette_form)] = Field(
        _UNSET, description="How much of a picture is in our colours."
    )
    picture_size: PictureSizeHeader = Field(_UNSET, description="How large pictures are.")
    logo: LogoHeader = Field(_UNSET, description="Where our logo may be in a picture.")
    quiet: Quiets = Field(_UNSET, description="When nothing goes out: hours, days of the week, days of the year.")
    cadence: CadenceHeader = Field(_UNSET, description="How often a channel posts.")
    mix: Annotated[MixHeader, BeforeValidator(shares.mix_form)] = Field(
        _UNSET, description="Which themes our posts have; `strategy` for the shares of brand/strategy.md."
    )
    by_hand: Truth = Field(False, description="Only people can judge it: it is shown, and nothing is checked.")


class GuidelineHeader(Typed):
    """A page of the style guide: any Markdown file in `brand/` that is nothing else. The header may be left out."""

    title: Text = Field("", description="The page's title; its first heading when left out.")
    summary: Text = Field("", description="One line for the overview.")
    order: Whole = Field(100, description="Where it stands among the pages: small numbers first.")
    rules: tuple[Annotated[RuleHeader, AfterValidator(_one_kind)], ...] = Field(
        (), description="What `check` holds every post against."
    )
    params: Free = Field(default_factory=dict, description="Your own fields.")
