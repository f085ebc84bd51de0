"""What a writer may type: the fields of every kind of file, for reading, for the handbook and for JSON Schema.

These are the outermost of three layers: what was typed (here) → what is meant (`post.py`, `channel.py`, `brand.py`) →
what is shown. The front-matter reader hands over text for every value, so the types here say what a text may mean.
Unknown keys are refused, except under `params`, which is the writers' own.
"""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PlainValidator, StringConstraints, WithJsonSchema
from pydantic_core import PydanticCustomError

from socialops.content.post import Kind, Visibility
from socialops.content.when import When, WhenError, parse_when
from socialops.workspace import duration

ID = r"[a-z0-9][a-z0-9._-]{0,80}"
"""What an id, and a file or folder name under `posts/`, may be: it is a path, a URL and a key on every system."""

_SLUG = re.compile(ID)
_WHOLE = re.compile(r"[-+]?[0-9]{1,18}")
_DECIMAL = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]{1,3})?")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_SLOT = re.compile(r"(mon|tue|wed|thu|fri|sat|sun) ([01]\d|2[0-3]):[0-5]\d")
_LANGUAGE = re.compile(r"[a-z]{2,3}(?:-[A-Za-z]{4})?(?:-(?:[A-Z]{2}|[0-9]{3}))?")
_ONE_WORD = re.compile(r"[^\s#]+")
_TRUTHS = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}


def _wrong(id: str, message: str, hint: str) -> PydanticCustomError:  # noqa: A002 - the word of the design
    # The message is data, not a template: braces of what the writer typed must not be read as one.
    return PydanticCustomError("socialops", "{message}", {"id": id, "message": message, "hint": hint})


def _text(value: Any) -> str:
    """Pass a text on; anything else gets pydantic's own `string_type`, which tells empty from wrong."""
    if isinstance(value, str):
        return value
    if value is None:
        raise _wrong("field-empty", "This has no value.", "")
    raise _wrong("field-type", "This must be one text, not a list or a mapping.", "")


def _truth(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    found = _TRUTHS.get(_text(value))
    if found is None:
        raise _wrong("field-type", f"{value[:40]!r} is neither true nor false.", "Write true or false.")
    return found


def _whole(value: Any) -> int:
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    text = _text(value)
    if not _WHOLE.fullmatch(text):
        raise _wrong("field-type", f"{text[:40]!r} is not a whole number.", "Write a number such as 3.")
    return int(text)


def _number(value: Any) -> float:
    text = _text(value)
    if not _DECIMAL.fullmatch(text):
        raise _wrong("field-type", f"{text[:40]!r} is not a number.", "Write a number such as 3 or 0.25.")
    number = float(text)
    if number in (float("inf"), float("-inf")):
        raise _wrong("number-range", f"{text[:40]} is too large a number.", "Write a smaller number.")
    return number


def _when(value: Any) -> When:
    if isinstance(value, When):
        return value
    try:
        return parse_when(_text(value))
    except WhenError as fault:
        raise _wrong(fault.id, fault.message, fault.hint) from None


def _day(value: Any) -> date:
    text = _text(value)
    try:
        return date.fromisoformat(text if _DAY.fullmatch(text) else "")
    except ValueError:
        raise _wrong("date-invalid", f"{text[:40]!r} is not a day.", "Write it as 2026-12-01.") from None


def _length(value: Any) -> timedelta:
    text = _text(value)
    try:
        return duration(text)
    except (ValueError, OverflowError):
        raise _wrong("field-type", f"{text[:40]!r} is not a length of time.", "Write 90s, 15m, 3h, 2d or 1w.") from None


def _slug(value: Any) -> str:
    text = _text(value)
    if not _SLUG.fullmatch(text):
        raise _wrong(
            "id-invalid",
            f"{text[:80]!r} cannot be an id.",
            "Use small letters a to z, digits, dots, hyphens and underscores, beginning with a letter or digit.",
        )
    return text


def _language(value: Any) -> str:
    text = _text(value)
    if text and not _LANGUAGE.fullmatch(text):
        raise _wrong("lang-invalid", f"{text[:40]!r} is not a language code.", "Write tr, he, ro, en or pt-BR.")
    return text


def _tag(value: Any) -> str:
    text = _text(value).removeprefix("#")
    if not _ONE_WORD.fullmatch(text):
        raise _wrong("tag-invalid", f"{text[:40]!r} cannot be a hashtag.", "A hashtag is one word, without spaces.")
    return text


def _slot(value: Any) -> str:
    text = _text(value)
    if not _SLOT.fullmatch(text):
        raise _wrong("slot-invalid", f"{text[:40]!r} is not a weekly time.", "Write it as mon 09:30.")
    return text


def _zone(value: Any) -> str:
    from zoneinfo import ZoneInfo

    text = _text(value)
    try:
        ZoneInfo(text)
    except (KeyError, ValueError, OSError):
        raise _wrong(
            "zone-unknown", f"{text[:60]!r} is not a time zone.", "Write a name such as Europe/Istanbul."
        ) from None
    return text


def _host(value: Any) -> str:
    text = _text(value)
    if not re.fullmatch(r"https?://[^\s/@?#\\]+", text) or (
        text.startswith("http://") and not re.fullmatch(r"http://(?:localhost|127\.0\.0\.1|\[::1\])(?::\d+)?", text)
    ):
        raise _wrong(
            "host-invalid",
            f"{text[:80]!r} is not the address of a server.",
            "Write https:// and the server's name, without a path: https://mastodon.example",
        )
    return text


def _named(value: Any) -> Any:
    """Let a list of channels stand for a mapping without overrides."""
    if not isinstance(value, list):
        return value
    names: dict[str, dict[str, str]] = {}
    for name in value:
        if not isinstance(name, str):
            raise _wrong(
                "field-type",
                "A list of channels holds names only.",
                "To change something for one channel, write a mapping: `mastodon: {text: …}`.",
            )
        if name in names:
            raise _wrong("channel-twice", f"The channel {name!r} stands here twice.", "Keep one of the two.")
        names[name] = {}
    return names


def _media(value: Any) -> Any:
    """Let a name alone stand for a picture without anything else said of it."""
    return {"file": value} if isinstance(value, str) else value


_TEXT_SCHEMA = WithJsonSchema({"type": "string"})
Text = str
Name = Annotated[str, StringConstraints(min_length=1)]
Slug = Annotated[str, PlainValidator(_slug), WithJsonSchema({"type": "string", "pattern": f"^{ID}$"})]
Truth = Annotated[bool, PlainValidator(_truth), WithJsonSchema({"type": "boolean"})]
Whole = Annotated[int, BeforeValidator(_whole)]
Number = Annotated[float, BeforeValidator(_number)]
Instant = Annotated[
    When,
    PlainValidator(_when),
    WithJsonSchema({"type": "string", "examples": ["2026-12-01 09:30", "2026-12-01T09:30:00+03:00"]}),
]
Day = Annotated[date, PlainValidator(_day), WithJsonSchema({"type": "string", "format": "date"})]
Length = Annotated[
    timedelta, PlainValidator(_length), WithJsonSchema({"type": "string", "pattern": r"^\d+\s*[smhdw]$"})
]
Language = Annotated[str, PlainValidator(_language), WithJsonSchema({"type": "string", "examples": ["tr", "pt-BR"]})]
Tag = Annotated[str, PlainValidator(_tag), _TEXT_SCHEMA]
Slot = Annotated[str, PlainValidator(_slot), WithJsonSchema({"type": "string", "examples": ["mon 09:30"]})]
Zone = Annotated[str, PlainValidator(_zone), WithJsonSchema({"type": "string", "examples": ["Europe/Istanbul"]})]
Host = Annotated[str, PlainValidator(_host), WithJsonSchema({"type": "string", "format": "uri"})]
Focus = Annotated[Number, Field(ge=-1, le=1)]
Free = dict[str, Any]


class Typed(BaseModel):
    """What all our files have in common: no key that we do not know."""

    model_config = ConfigDict(extra="forbid", arbitrary_types_allowed=True)


# --- posts ------------------------------------------------------------------------------------------------------------


class MediaHeader(Typed):
    """One picture or video of a post."""

    file: Name = Field(description="The file, beside the post; or from the top of the workspace with a leading slash.")
    alt: Text = Field("", description="What the picture shows, for people who do not see it.")
    focus: tuple[Focus, Focus] | None = Field(
        None,
        description="The point that stays in view when a network crops: x and y from -1 to 1, [0, 0] is the middle.",
    )
    part: Annotated[Whole, Field(ge=1)] = Field(1, description="Which part of a thread it belongs to, counted from 1.")


class PollHeader(Typed):
    """A poll."""

    options: Annotated[tuple[Name, ...], Field(min_length=2)] = Field(description="The answers to choose from.")
    duration: Length = Field(timedelta(days=1), description="How long it stays open: 12h, 3d, 1w.")
    multiple: Truth = Field(False, description="Whether several answers may be chosen.")
    hide_totals: Truth = Field(False, description="Whether the result is hidden until the end.")


Media = Annotated[MediaHeader, BeforeValidator(_media)]


class EntryHeader(Typed):
    """What is different on one channel."""

    text: Text | None = Field(None, description="Another text, in place of the body.")
    date: Instant | None = Field(None, description="Another time.")
    kind: Kind | None = Field(None, description="Another kind.")
    link: Text | None = Field(None, description="Another link.")
    tags: tuple[Tag, ...] | None = Field(None, description="Other hashtags.")
    lang: Language | None = Field(None, description="Another language.")
    media: tuple[Media, ...] | None = Field(None, description="Other media; [] for none.")
    visibility: Visibility | None = Field(None, description="Who may see it there.")
    content_warning: Text | None = Field(None, description="Another content warning.")
    first_comment: Text | None = Field(None, description="A comment of our own right below the post.")


class PostHeader(Typed):
    """The header of a post."""

    id: Slug | None = Field(
        None,
        description="Its identity for ever; the file's name when left out. Moving a file never publishes it again.",
    )
    title: Text = Field("", description="For the team; never published.")
    date: Instant | None = Field(
        None,
        description="When it goes out: wall time in the channel's zone, or RFC 3339 with an offset. "
        "Without one it takes the channel's next free slot.",
    )
    draft: Truth = Field(False, description="Not ready: never published, and checked gently.")
    channels: Annotated[dict[str, EntryHeader], BeforeValidator(_named)] = Field(
        default_factory=dict,
        description="Where it goes: a list of channel names, or a mapping from names to what is different there.",
    )
    kind: Kind | None = Field(None, description="What it is; worked out from what it holds when left out.")
    campaign: Text = Field("", description="The campaign it belongs to: a file in brand/campaigns.")
    pillar: Text = Field("", description="The theme it serves: a pillar of brand/strategy.md.")
    audience: Text = Field("", description="Who it is for: an audience of brand/strategy.md.")
    authors: tuple[Name, ...] = Field((), description="Who wrote it: people of brand/team.yml.")
    lang: Language = Field("", description="Its language, as a code: tr, he, ro, en, pt-BR.")
    tags: tuple[Tag, ...] = Field((), description="Hashtags, without the sign.")
    categories: tuple[Name, ...] = Field((), description="The team's own filing; never published.")
    description: Text = Field("", description="The brief: what the post is for. Never published.")
    link: Text = Field("", description="The address it points to; gets the campaign's UTM parameters.")
    media: tuple[Media, ...] = Field((), description="Pictures and videos, in order.")
    poll: PollHeader | None = Field(None, description="A poll.")
    visibility: Visibility | None = Field(None, description="Who may see it, where a network lets us choose.")
    content_warning: Text = Field("", description="Shown first; the text opens on a click.")
    expires: Instant | None = Field(None, description="After this it is not published any more.")
    late_ok: Length | None = Field(
        None, description="How late it may still go out; the workspace's setting when left out."
    )
    repeat: Truth = Field(False, description="Whether it may say again what was said before.")
    params: Free = Field(default_factory=dict, description="Your own fields: anything goes here.")


# --- the brand --------------------------------------------------------------------------------------------------------


class ChannelHeader(Typed):
    """One account of ours: `brand/channels/<name>.md`. The file's name is what posts call it."""

    network: Name = Field(description="Which network: mastodon, bluesky, …")
    handle: Text = Field("", description="The account's name there, as people see it. In quotes when it begins with @.")
    host: Host | None = Field(None, description="The server's address, where a network has many (Mastodon, a PDS).")
    zone: Zone | None = Field(
        None, description="The time zone its posts are written for; the workspace's when left out."
    )
    lang: Language = Field("", description="The language of posts that name none.")
    purpose: Text = Field("", description="What the account is for, in a sentence.")
    sandbox: Truth = Field(False, description="A practice channel: its numbers are simulated, and labelled so.")
    visibility: Visibility | None = Field(None, description="Who may see posts that do not say.")
    slots: tuple[Slot, ...] = Field((), description="Weekly times that posts without a date may take: mon 09:30.")
    limits: Free = Field(default_factory=dict, description="What the server told of its limits; kept by `accounts`.")
    profile: Free = Field(default_factory=dict, description="The profile we want the account to show.")
    utm: Truth = Field(True, description="Whether campaign links get UTM parameters here.")
    params: Free = Field(default_factory=dict, description="Your own fields.")


class GuidelineHeader(Typed):
    """A page of the style guide: any Markdown file in `brand/` that is nothing else. The header may be left out."""

    title: Text = Field("", description="The page's title; its first heading when left out.")
    summary: Text = Field("", description="One line for the overview.")
    order: Whole = Field(100, description="Where it stands among the pages: small numbers first.")
    rules: tuple[dict[str, Any], ...] = Field((), description="What a machine checks in every post.")
    params: Free = Field(default_factory=dict, description="Your own fields.")


class PillarHeader(Typed):
    """A theme the team keeps coming back to."""

    name: Slug = Field(description="What posts call it.")
    title: Text = Field("", description="What people call it.")
    share: Annotated[Number, Field(ge=0, le=1)] = Field(0.0, description="Its part of all posts, from 0 to 1.")
    description: Text = Field("", description="What belongs to it.")


class AudienceHeader(Typed):
    """People we write for."""

    name: Slug = Field(description="What posts call them.")
    title: Text = Field("", description="What people call them.")
    description: Text = Field("", description="Who they are.")


class StrategyHeader(Typed):
    """`brand/strategy.md`."""

    title: Text = Field("Strategy", description="The page's title.")
    pillars: tuple[PillarHeader, ...] = Field((), description="The content mix.")
    audiences: tuple[AudienceHeader, ...] = Field((), description="Who we write for.")
    cadence: dict[str, Annotated[Whole, Field(ge=0, le=1000)]] = Field(
        default_factory=dict, description="Posts a week for each channel."
    )
    params: Free = Field(default_factory=dict, description="Your own fields.")


class CampaignHeader(Typed):
    """`brand/campaigns/<name>.md`; the body is the brief."""

    title: Text = Field("", description="What it is called.")
    start: Day | None = Field(None, description="Its first day.")
    end: Day | None = Field(None, description="Its last day.")
    goal: Text = Field("", description="The goal it serves: a file in brand/goals.")
    owner: Text = Field("", description="Who answers for it: somebody of brand/team.yml.")
    tags: tuple[Tag, ...] = Field((), description="Hashtags that its posts get.")
    utm: dict[str, Text] = Field(
        default_factory=dict,
        description="UTM parameters of its links, without the utm_: medium, campaign, content, term.",
    )
    budget: Text = Field("", description="What it may cost, in words.")
    params: Free = Field(default_factory=dict, description="Your own fields.")


class GoalHeader(Typed):
    """`brand/goals/<name>.md`: specific, measurable, achievable, relevant, time-bound."""

    title: Text = Field("", description="The goal in a sentence.")
    metric: Text = Field("", description="The number that shows it, as reports call it.")
    baseline: Number | None = Field(None, description="Where that number stood.")
    target: Number | None = Field(None, description="Where it shall stand.")
    start: Day | None = Field(None, description="Its first day.")
    end: Day | None = Field(None, description="The day by which.")
    owner: Text = Field("", description="Who answers for it: somebody of brand/team.yml.")
    channels: tuple[Name, ...] = Field((), description="On which channels; all when left out.")
    params: Free = Field(default_factory=dict, description="Your own fields.")


class PersonHeader(Typed):
    """Somebody in the team."""

    title: Text = Field("", description="What they do, as a colleague would say it.")
    roles: tuple[Name, ...] = Field((), description="manager, writer, designer, reviewer, community, analyst.")
    forge: Text = Field("", description="Their account on the forge, for reviews.")
    languages: tuple[Language, ...] = Field((), description="The languages they read well enough to approve.")


class ApprovalHeader(Typed):
    """Who approves changes of one place."""

    what: Name = Field(description="A folder (with a slash at its end) or a file.")
    who: Annotated[tuple[Name, ...], Field(min_length=1)] = Field(description="The people, any one of whom is enough.")


class TeamHeader(Typed):
    """`brand/team.yml`."""

    people: dict[str, PersonHeader] = Field(default_factory=dict, description="Everybody, by the name that posts use.")
    approvals: tuple[ApprovalHeader, ...] = Field((), description="Who approves what; the most exact line wins.")
    params: Free = Field(default_factory=dict, description="Your own fields.")


class PauseHeader(Typed):
    """Something that is held."""

    what: Annotated[
        str, StringConstraints(pattern=r"^(everything|(network|channel|campaign):[A-Za-z0-9][A-Za-z0-9._-]*)$")
    ] = Field(description="everything, network:mastodon, channel:mastodon-il or campaign:winter-2026.")
    why: Name = Field(description="The reason, for everybody who wonders.")
    who: Text = Field("", description="Who pulled the switch.")
    until: Instant | None = Field(None, description="When it ends by itself; without one, when somebody takes it out.")


class PausesHeader(Typed):
    """`brand/pause.yml`, the switch."""

    pauses: tuple[PauseHeader, ...] = Field((), description="What is held.")


class ReportHeader(Typed):
    """`reports/<name>.md`: prose around figures."""

    title: Text = Field("", description="The report's title.")
    period: Text = Field("week", description="What it covers: day, week, month or quarter.")
    figures: tuple[Name, ...] = Field((), description="The figures it shows, in order.")
    channels: tuple[Name, ...] = Field((), description="On which channels; all when left out.")
    params: Free = Field(default_factory=dict, description="Your own fields.")
