"""What a writer may type: the fields of every kind of file, for reading, for the handbook and for JSON Schema.

These are the outermost of three layers: what was typed (here) → what is meant (`post.py`, `channel.py`, `brand.py`) →
what is shown. The front-matter reader hands over text for every value, so the types here say what a text may mean.
Unknown keys are refused, except under `params`, which is the writers' own.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PlainValidator
from pydantic_core import PydanticCustomError

from socialops.content import post, values, wordings
from socialops.content.brand import CampaignState, Role
from socialops.content.days_off import WEEKDAYS, DayOff
from socialops.content.post import Kind, Splitting, Visibility
from socialops.content.when import When


class Shown:
    """How a field that is read by a function looks in JSON Schema."""

    def __init__(self, **schema: Any) -> None:
        self.schema = schema

    def __get_pydantic_json_schema__(self, core: Any, handler: Any) -> dict[str, Any]:
        """Return the schema; pydantic asks for it."""
        return dict(self.schema)


def _by(read: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Let pydantic report what a reader of `values.py` finds wrong."""

    def validate(value: Any) -> Any:
        try:
            return read(value)
        except values.Wrong as wrong:
            # The message is data, not a template: braces of what the writer typed must not be read as one.
            context = {"id": wrong.id, "message": wrong.message, "hint": wrong.hint}
            raise PydanticCustomError("socialops", "{message}", context) from None

    return validate


Text = str
Name = Annotated[str, PlainValidator(_by(values.name)), Shown(type="string", minLength=1)]
Slug = Annotated[str, PlainValidator(_by(values.slug)), Shown(type="string", pattern=f"^{values.ID}$")]
Truth = Annotated[bool, PlainValidator(_by(values.truth)), Shown(type="boolean")]
Whole = Annotated[int, BeforeValidator(_by(values.whole))]
Number = Annotated[float, BeforeValidator(_by(values.number))]
Instant = Annotated[
    When,
    PlainValidator(_by(values.instant)),
    Shown(type="string", examples=["2026-12-01 09:30", "2026-12-01T09:30:00+03:00"]),
]
Day = Annotated[date, PlainValidator(_by(values.day)), Shown(type="string", format="date")]
Length = Annotated[timedelta, PlainValidator(_by(values.length)), Shown(type="string", pattern=r"^\d+\s*[smhdw]$")]
Language = Annotated[str, PlainValidator(_by(values.language)), Shown(type="string", examples=["tr", "pt-BR"])]
Tag = Annotated[str, PlainValidator(_by(values.tag)), Shown(type="string")]
Colour = Annotated[str, PlainValidator(_by(values.colour)), Shown(type="string", examples=["#b5411f"])]
Slot = Annotated[str, PlainValidator(_by(values.slot)), Shown(type="string", examples=["mon 09:30"])]
Off = Annotated[
    DayOff, PlainValidator(_by(values.day_off)), Shown(type="string", examples=["sun", "2026-12-25 to 2027-01-01"])
]
Holidays = Annotated[
    tuple[DayOff, ...],
    PlainValidator(_by(values.holidays)),
    Shown(type="object", additionalProperties={"type": "string"}),
]
Utm = Annotated[
    bool | dict[str, str],
    PlainValidator(_by(values.utm)),
    Shown(anyOf=[{"type": "boolean"}, {"type": "object", "additionalProperties": {"type": "string"}}]),
]
HostName = Annotated[str, PlainValidator(_by(values.host_name)), Shown(type="string", examples=["wiki.example.org"])]
Weekday = Annotated[int, PlainValidator(_by(values.weekday)), Shown(type="string", enum=list(WEEKDAYS))]
Interval = Annotated[
    post.Interval, PlainValidator(_by(values.interval)), Shown(type="string", examples=["week", "2 weeks", "month"])
]
Zone = Annotated[str, PlainValidator(_by(values.zone)), Shown(type="string", examples=["Europe/Istanbul"])]
Host = Annotated[str, PlainValidator(_by(values.host)), Shown(type="string", format="uri")]
Paused = Annotated[str, PlainValidator(_by(values.paused)), Shown(type="string", examples=["channel:mastodon"])]
Currency = Annotated[str, PlainValidator(_by(values.currency)), Shown(type="string", pattern="^[A-Z]{3}$")]
Focus = Annotated[Number, Field(ge=-1, le=1)]
Edge = Annotated[Number, Field(ge=0, le=1_000_000)]
Free = dict[str, Any]
_UNSET: Any = None
"""A field may be left out; written without a value it is a problem, so None is no value of it."""


class Typed(BaseModel):
    """What all our files have in common: no key that we do not know."""

    model_config = ConfigDict(extra="forbid", arbitrary_types_allowed=True, defer_build=True)


# --- posts ------------------------------------------------------------------------------------------------------------


class MediaHeader(Typed):
    """One picture or video of a post."""

    file: Name = Field(description="The file, beside the post; or from the top of the workspace with a leading slash.")
    alt: Text = Field("", description="What the picture shows, for people who do not see it.")
    focus: tuple[Focus, Focus] = Field(
        _UNSET,
        description="The point that stays in view when a network crops: x and y from -1 to 1, [0, 0] is the middle.",
    )
    part: Annotated[Whole, Field(ge=1)] = Field(1, description="Which part of a thread it belongs to, counted from 1.")
    logo: tuple[Edge, Edge, Edge, Edge] = Field(
        _UNSET,
        description="Where our logo is in it: [left, top, width, height], in pixels; or as parts of the picture when "
        "none of them is more than 1.",
    )


class PollHeader(Typed):
    """A poll."""

    options: Annotated[tuple[Name, ...], Field(min_length=2)] = Field(description="The answers to choose from.")
    duration: Length = Field(timedelta(days=1), description="How long it stays open: 12h, 3d, 1w.")
    multiple: Truth = Field(False, description="Whether several answers may be chosen.")
    hide_totals: Truth = Field(False, description="Whether the result is hidden until the end.")


Media = Annotated[MediaHeader, BeforeValidator(values.media_form)]


class EntryHeader(Typed):
    """What is different on one channel."""

    text: Text = Field(_UNSET, description="Another text, in place of the body.")
    date: Instant = Field(_UNSET, description="Another time.")
    kind: Kind = Field(_UNSET, description="Another kind.")
    link: Text = Field(_UNSET, description="Another link.")
    tags: tuple[Tag, ...] = Field(_UNSET, description="Other hashtags.")
    lang: Language = Field(_UNSET, description="Another language.")
    media: tuple[Media, ...] = Field(_UNSET, description="Other media; [] for none.")
    visibility: Visibility = Field(_UNSET, description="Who may see it there.")
    content_warning: Text = Field(_UNSET, description="Another content warning.")
    first_comment: Text = Field(_UNSET, description="A comment of our own right below the post.")
    thread: Splitting = Field(_UNSET, description="auto or never: whether a text too long for it is split there.")
    approver: Text = Field(_UNSET, description="Who answers for what goes there, where it is somebody else.")


class WaiverHeader(Typed):
    """An exception to a rule of the style guide."""

    reason: Name = Field(description="Why the rule does not fit here.")
    by: Text = Field("", description="Who allows it: somebody of brand/team.yml. The post's `approver:` when left out.")
    until: Day = Field(_UNSET, description="The last day on which it holds; for posts that go out later it is void.")


class RecurHeader(Typed):
    """How a post comes again."""

    every: Interval = Field(description="How often, counted from the post's date: week, 2 weeks, 10 days, month, year.")
    until: Day = Field(description="The last day on which it may go out. Nothing comes again for ever.")
    on: tuple[Weekday, ...] = Field(
        (), description="Weekdays, where it counts in weeks: `[tue, fri]`; that of the post's date when left out."
    )
    cooldown: Length = Field(
        _UNSET,
        description="The least time between two outings on a channel, also when the rule was changed meanwhile; half "
        "of the shortest distance in the rule when left out.",
    )
    variants: tuple[Name, ...] = Field(
        (),
        description="Other texts that take turns with the body, the body first. Where a network takes no text twice, "
        "each goes out there once.",
    )


class PostHeader(Typed):
    """The header of a post."""

    id: Slug = Field(
        _UNSET,
        description="Its identity for ever; the file's name when left out. Moving a file never publishes it again.",
    )
    title: Text = Field("", description="For the team; never published.")
    date: Instant = Field(
        _UNSET,
        description="When it goes out: wall time in the channel's zone, or RFC 3339 with an offset. "
        "Without one it takes the channel's next free slot.",
    )
    draft: Truth = Field(False, description="Not ready: never published, and checked gently.")
    channels: Annotated[dict[str, EntryHeader], BeforeValidator(_by(values.named))] = Field(
        default_factory=dict,
        description="Where it goes: a list of channel names, or a mapping from names to what is different there.",
    )
    kind: Kind = Field(_UNSET, description="What it is; worked out from what it holds when left out.")
    campaign: Text = Field("", description="The campaign it belongs to: a file in brand/campaigns.")
    pillar: Text = Field("", description="The theme it serves: a pillar of brand/strategy.md.")
    audience: Text = Field("", description="Who it is for: an audience of brand/strategy.md.")
    authors: tuple[Name, ...] = Field((), description="Who wrote it: people of brand/team.yml.")
    approver: Text = Field("", description="Who read it and answers for it: somebody of brand/team.yml.")
    lang: Language = Field("", description="Its language, as a code: tr, he, ro, en, pt-BR.")
    tags: tuple[Tag, ...] = Field((), description="Hashtags, without the sign.")
    categories: tuple[Name, ...] = Field((), description="The team's own filing; never published.")
    description: Text = Field("", description="The brief: what the post is for. Never published.")
    link: Text = Field("", description="The address it points to; gets the campaign's UTM parameters.")
    media: tuple[Media, ...] = Field((), description="Pictures and videos, in order.")
    poll: PollHeader = Field(_UNSET, description="A poll.")
    thread: Splitting = Field(
        _UNSET,
        description="auto: a text too long for one part is split into a thread, where the network has threads. "
        "Without it, too long is an error.",
    )
    visibility: Visibility = Field(_UNSET, description="Who may see it, where a network lets us choose.")
    content_warning: Text = Field("", description="Shown first; the text opens on a click.")
    expires: Instant = Field(_UNSET, description="After this it is not published any more.")
    late_ok: Length = Field(_UNSET, description="How late it may still go out; the workspace's setting when left out.")
    recur: RecurHeader = Field(
        _UNSET,
        description="It comes again: `{every: 2 weeks, until: 2027-03-01}`. Its date is the first time; each outing is "
        "a delivery of its own.",
    )
    repeat: Truth = Field(False, description="Whether it may say again what was said before.")
    paid: Truth = Field(False, description="Whether somebody paid for it: then it has to say so.")
    waive: dict[str, Annotated[WaiverHeader, BeforeValidator(wordings.waiver_form)]] = Field(
        default_factory=dict,
        description="Rules of the style guide that it may break, each with the reason: "
        "`{BR012: {reason: …, by: ayse}}`. `by` is somebody whom the rule entitles; the `approver:` when left out.",
    )
    params: Free = Field(default_factory=dict, description="Your own fields: anything goes here.")


# --- the brand --------------------------------------------------------------------------------------------------------


class BudgetHeader(Typed):
    """What a channel may cost."""

    month: Annotated[Number, Field(ge=0, le=1_000_000)] = Field(
        description="The most that its posts may cost in one calendar month (UTC); what goes beyond it is held."
    )
    currency: Currency = Field("USD", description="The currency that the network charges in.")


class ChannelHeader(Typed):
    """One account of ours: `brand/channels/<name>.md`. The file's name is what posts call it."""

    network: Name = Field(description="Which network: mastodon, bluesky, …")
    handle: Text = Field("", description="The account's name there, as people see it. In quotes when it begins with @.")
    host: Host = Field(_UNSET, description="The server's address, where a network has many (Mastodon, a PDS).")
    zone: Zone = Field(_UNSET, description="The time zone its posts are written for; the workspace's when left out.")
    lang: Language = Field("", description="The language of posts that name none.")
    purpose: Text = Field("", description="What the account is for, in a sentence.")
    sandbox: Truth = Field(False, description="A practice channel: its numbers are simulated, and labelled so.")
    visibility: Visibility = Field(_UNSET, description="Who may see posts that do not say.")
    slots: tuple[Slot, ...] = Field((), description="Weekly times that posts without a date may take: mon 09:30.")
    days_off: tuple[Off, ...] = Field(
        (),
        description="Weekdays, days and ranges on which no slot is taken and no recurring post goes out: "
        "`[sat, 2026-12-31, 2027-01-01 to 2027-01-06]`. Those of the strategy hold as well.",
    )
    holidays: Holidays = Field(
        (), description="The same with a reason each: `2026-12-25: Christmas`, a day or a range to a line."
    )
    minimum_gap: Length = Field(_UNSET, description="The shortest time between posts; the workspace's when left out.")
    limits: Free = Field(default_factory=dict, description="What the server told of its limits; kept by `accounts`.")
    profile: Free = Field(default_factory=dict, description="The profile we want the account to show.")
    utm: Utm = Field(
        True,
        description="Whether campaign links get UTM parameters here; or those that are different here, as `{medium: "
        "chat}`.",
    )
    token_expires: Day = Field(_UNSET, description="The last day its token works; `doctor` warns two weeks before.")
    budget: BudgetHeader = Field(_UNSET, description="What it may cost in a month, where the network charges.")
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


class LinksHeader(Typed):
    """What holds for the parameters of all links."""

    media: tuple[Slug, ...] = Field(
        (),
        description="What links may call their medium, beside social, paid-social, video, chat, email, referral, qr.",
    )
    internal: tuple[HostName, ...] = Field(
        (), description="Hosts that only the team opens (an intranet, a wiki): links there get no parameters."
    )


class StrategyHeader(Typed):
    """`brand/strategy.md`."""

    title: Text = Field("Strategy", description="The page's title.")
    pillars: tuple[PillarHeader, ...] = Field((), description="The content mix.")
    audiences: tuple[AudienceHeader, ...] = Field((), description="Who we write for.")
    cadence: dict[str, Annotated[Whole, Field(ge=0, le=1000)]] = Field(
        default_factory=dict, description="Posts a week for each channel."
    )
    channels: dict[str, Text] = Field(
        default_factory=dict,
        description="What each channel is for, in a sentence; the `purpose` of its own file where left out.",
    )
    days_off: tuple[Off, ...] = Field(
        (), description="Weekdays, days and ranges that are off for every channel: `[sun, 2026-12-31]`."
    )
    utm: LinksHeader = Field(_UNSET, description="What holds for the UTM parameters of all links.")
    holidays: Holidays = Field((), description="Holidays for every channel: `2027-01-01: New Year`.")
    params: Free = Field(default_factory=dict, description="Your own fields.")


class CampaignBudgetHeader(Typed):
    """What a campaign may cost: a number for reports, and words for people."""

    amount: Annotated[Number, Field(ge=0, le=1_000_000_000)] = Field(_UNSET, description="How much, all in all.")
    currency: Currency = Field(_UNSET, description="In which currency: EUR, TRY, ILS, RON. Needed beside an amount.")
    note: Text = Field("", description="What it is for, in words.")


CampaignBudget = Annotated[CampaignBudgetHeader, BeforeValidator(values.budget_form)]


class CampaignHeader(Typed):
    """`brand/campaigns/<name>.md`; the body is the brief."""

    title: Text = Field("", description="What it is called.")
    start: Day = Field(_UNSET, description="Its first day.")
    end: Day = Field(_UNSET, description="Its last day.")
    goal: Text = Field("", description="The goal it serves: a file in brand/goals.")
    owner: Text = Field("", description="Who answers for it: somebody of brand/team.yml.")
    tags: tuple[Tag, ...] = Field((), description="Its hashtags, for writers to take from: no post gets one by itself.")
    utm: dict[str, Text] = Field(
        default_factory=dict,
        description="UTM parameters of its links, in small letters and without the utm_: source, medium, campaign, "
        "content, term, id. What is left out is filled in: the network, social, the campaign's and the post's name.",
    )
    budget: CampaignBudget = Field(
        _UNSET, description='What it may cost: `{amount: 2400, currency: EUR, note: "…"}`, or words alone.'
    )
    state: CampaignState = Field(
        _UNSET,
        description="planned, running, ended or cancelled; worked out from its dates when left out. Only cancelled has "
        "to be written.",
    )
    params: Free = Field(default_factory=dict, description="Your own fields.")


class GoalHeader(Typed):
    """`brand/goals/<name>.md`: specific, measurable, achievable, relevant, time-bound."""

    title: Text = Field("", description="The goal in a sentence.")
    metric: Text = Field("", description="The number that shows it, as reports call it.")
    baseline: Number = Field(_UNSET, description="Where that number stood.")
    target: Number = Field(_UNSET, description="Where it shall stand.")
    start: Day = Field(_UNSET, description="Its first day.")
    end: Day = Field(_UNSET, description="The day by which.")
    owner: Text = Field("", description="Who answers for it: somebody of brand/team.yml.")
    channels: tuple[Name, ...] = Field((), description="On which channels; all when left out.")
    achievable: Text = Field("", description="Why it can be reached, in a sentence.")
    pillar: Text = Field("", description="The theme of the strategy that it serves.")
    params: Free = Field(default_factory=dict, description="Your own fields.")


class PersonHeader(Typed):
    """Somebody in the team."""

    name: Text = Field("", description="How they write their name: Ayşe, נועם. Files call them by the key above it.")

    title: Text = Field("", description="What they do, as a colleague would say it.")
    roles: tuple[Role, ...] = Field(
        (), description="manager, writer, designer, videographer, analyst, community, legal, reviewer."
    )
    forge: Text = Field("", description="Their account on the forge, for reviews; or a group's: `@lumen-velo/brand`.")
    languages: tuple[Language, ...] = Field((), description="The languages they read well enough to approve.")


class ApprovalHeader(Typed):
    """Who approves one thing."""

    what: Name = Field(
        description="A folder (with a slash at its end; / alone is everything) or a file; `language:he`; or "
        "`topic:` and a pillar or campaign."
    )
    who: Annotated[tuple[Name, ...], Field(min_length=1)] = Field(description="The people, any one of whom is enough.")


class TeamHeader(Typed):
    """`brand/team.yml`."""

    people: dict[str, PersonHeader] = Field(default_factory=dict, description="Everybody, by the name that posts use.")
    approvals: tuple[ApprovalHeader, ...] = Field(
        (), description="Who approves what; of two places the more exact one wins."
    )
    params: Free = Field(default_factory=dict, description="Your own fields.")


class PauseHeader(Typed):
    """Something that is held."""

    what: Paused = Field(description="everything, network:mastodon, channel:mastodon-il or campaign:winter-2026.")
    why: Name = Field(description="The reason, for everybody who wonders.")
    who: Text = Field("", description="Who pulled the switch.")
    until: Instant = Field(_UNSET, description="When it ends by itself; without one, when somebody takes it out.")


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
