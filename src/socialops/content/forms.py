"""Forms: the quick reading of headers that are right.

Nearly every header is right, and reading ten thousand of them should not cost what explaining one wrong one does. A
form reads a header in one loop and gives up (`Unfit`) at the first thing that is not plainly right; then the schema,
which says the same in more words, finds out what is wrong. A test holds the two against each other.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from socialops.content import patterns, quiet, shares, values, wordings
from socialops.content.guidelines import KINDS
from socialops.problem import Severity

Reader = Callable[[Any], Any]


class Unfit(ValueError):
    """A header that a form does not read; the schema says why."""


NOT_READ = (ValueError, KeyError, TypeError)
"""What a form raises at the first thing that is not plainly right."""


class Filled:
    """A header as read: each field is an attribute, with its default where the header says nothing."""

    def __getattr__(self, field: str) -> Any:
        raise AttributeError(field)


class Form:
    """The fields of a header: how each is read, and what it is when it is not there."""

    def __init__(self, fields: Mapping[str, tuple[Reader, Any]], *required: str) -> None:
        self._readers = {name: reader for name, (reader, _) in fields.items()}
        self._defaults = {name: default for name, (_, default) in fields.items()}
        self._required = required

    def read(self, header: Any) -> Filled:
        """Read a header; raises Unfit."""
        try:
            return self(header)
        except NOT_READ as fault:
            raise Unfit from fault

    def __call__(self, header: Any) -> Filled:
        """Read a header that stands inside another; raises ValueError, KeyError or TypeError."""
        if header.__class__ is not dict:
            raise Unfit
        filled = Filled()
        found = filled.__dict__
        found.update(self._defaults)
        readers = self._readers
        for name, value in header.items():
            found[name] = readers[name](value)
        for name in self._required:
            if name not in header:
                raise Unfit
        return filled


def _text(value: Any) -> str:
    if value.__class__ is not str:
        raise Unfit
    return value


def _many(read: Reader, least: int = 0) -> Reader:
    def reader(value: Any) -> tuple[Any, ...]:
        if value.__class__ is not list or len(value) < least:
            raise Unfit
        return tuple([read(item) for item in value])

    return reader


def _one_or_many(read: Reader) -> Reader:
    many = _many(read)
    return lambda value: many(wordings.listed(value))


def _named(read: Reader) -> Reader:
    def reader(value: Any) -> dict[str, Any]:
        if value.__class__ is not dict:
            raise Unfit
        return {name: read(item) for name, item in value.items()}

    return reader


def _between(read: Reader, least: float, most: float) -> Reader:
    def reader(value: Any) -> Any:
        number = read(value)
        if not least <= number <= most:
            raise Unfit
        return number

    return reader


def _choice(*choices: str) -> Reader:
    def reader(value: Any) -> str:
        if value not in choices:
            raise Unfit
        return str(value)

    return reader


def _focus(value: Any) -> tuple[float, float]:
    if value.__class__ is not list or len(value) != 2:
        raise Unfit
    return _coordinate(value[0]), _coordinate(value[1])


def _box(value: Any) -> tuple[float, ...]:
    if value.__class__ is not list or len(value) != 4:
        raise Unfit
    return tuple([_edge(item) for item in value])


def _free(value: Any) -> dict[str, Any]:
    if value.__class__ is not dict:
        raise Unfit
    return value


def _file(value: Any) -> Filled:
    return MEDIA(values.media_form(value))


def _campaign_budget(value: Any) -> Filled:
    return CAMPAIGN_BUDGET(values.budget_form(value))


def _channels(value: Any) -> dict[str, Filled]:
    listed = values.named(value)
    if listed.__class__ is not dict:
        raise Unfit
    return {name: ENTRY(entry) if entry else _entry(entry) for name, entry in listed.items()}


def _entry(entry: Any) -> Filled:
    if entry.__class__ is not dict:
        raise Unfit
    return PLAIN


# A team writes the same few languages, tags and kinds over and over; what is not a text has no hash and is unfit.
_remembered = functools.lru_cache(maxsize=1024)
_coordinate = _between(values.number, -1, 1)
_edge = _between(values.number, 0, 1_000_000)
_tags = _many(_remembered(values.tag))
_names = _many(values.name)
_TEXT = (_text, "")
_NO_TEXT = (_text, None)
_LANGUAGE = (_remembered(values.language), "")
_FALSE = (values.truth, False)
_PARAMS: tuple[Reader, Any] = (_free, {})
_SEEN_BY = (_remembered(values.visibility), None)
_OFF: tuple[Reader, Any] = (_many(values.day_off), ())
_SPLIT = (_remembered(values.splitting), None)

MEDIA = Form(
    {
        "file": (values.name, ""),
        "alt": _TEXT,
        "focus": (_focus, None),
        "part": (_between(values.whole, 1, float("inf")), 1),
        "logo": (_box, None),
    },
    "file",
)
POLL = Form(
    {
        "options": (_many(values.name, 2), ()),
        "duration": (values.length, timedelta(days=1)),
        "multiple": _FALSE,
        "hide_totals": _FALSE,
    },
    "options",
)
ENTRY = Form(
    {
        "text": _NO_TEXT,
        "date": (values.instant, None),
        "kind": (_remembered(values.kind), None),
        "link": _NO_TEXT,
        "tags": (_tags, None),
        "lang": (values.language, None),
        "media": (_many(_file), None),
        "visibility": _SEEN_BY,
        "content_warning": _NO_TEXT,
        "first_comment": _NO_TEXT,
        "thread": _SPLIT,
        "approver": _NO_TEXT,
    }
)
PLAIN = ENTRY({})
"""A channel of which a post says nothing but its name; always this very object."""
WAIVER = Form({"reason": (values.name, ""), "by": _TEXT, "until": (values.day, None)}, "reason")
RECUR = Form(
    {
        "every": (values.interval, None),
        "until": (values.day, None),
        "on": (_many(values.weekday), ()),
        "cooldown": (values.length, None),
        "variants": (_names, ()),
    },
    "every",
    "until",
)
POST = Form(
    {
        "id": (values.slug, None),
        "title": _TEXT,
        "date": (values.instant, None),
        "draft": _FALSE,
        "channels": (_channels, {}),
        "kind": (_remembered(values.kind), None),
        "campaign": _TEXT,
        "pillar": _TEXT,
        "audience": _TEXT,
        "authors": (_names, ()),
        "approver": _TEXT,
        "lang": _LANGUAGE,
        "tags": (_tags, ()),
        "categories": (_names, ()),
        "description": _TEXT,
        "link": _TEXT,
        "media": (_many(_file), ()),
        "poll": (POLL, None),
        "thread": _SPLIT,
        "visibility": _SEEN_BY,
        "content_warning": _TEXT,
        "expires": (values.instant, None),
        "late_ok": (values.length, None),
        "recur": (RECUR, None),
        "repeat": _FALSE,
        "paid": _FALSE,
        "waive": (_named(lambda value: WAIVER(wordings.waiver_form(value))), {}),
        "params": _PARAMS,
    }
)
BUDGET = Form(
    {"month": (_between(values.number, 0, 1_000_000), None), "currency": (_remembered(values.currency), "USD")},
    "month",
)
CHANNEL = Form(
    {
        "network": (values.name, ""),
        "handle": _TEXT,
        "host": (values.host, None),
        "zone": (values.zone, None),
        "lang": _LANGUAGE,
        "purpose": _TEXT,
        "sandbox": _FALSE,
        "visibility": _SEEN_BY,
        "slots": (_many(values.slot), ()),
        "days_off": _OFF,
        "holidays": (values.holidays, ()),
        "minimum_gap": (values.length, None),
        "limits": _PARAMS,
        "profile": _PARAMS,
        "utm": (values.utm, True),
        "token_expires": (values.day, None),
        "budget": (BUDGET, None),
        "params": _PARAMS,
    },
    "network",
)
_COUNT = (_between(values.whole, 0, 100_000), None)
_SEVERAL: tuple[Reader, Any] = (wordings.several, ())
_TAGS: tuple[Reader, Any] = (_tags, ())
REQUIRE = Form({"every": (wordings.wordings, None), "one_of": (wordings.wordings, None), "within": _COUNT})
PATTERN = Form({"find": (patterns.safe, ""), "say": _TEXT, "ignore_case": _FALSE}, "find")
HASHTAGS = Form(
    {
        "most": _COUNT,
        "least": _COUNT,
        "allowed": _TAGS,
        "required": _TAGS,
        "forbidden": _TAGS,
        "capitals": _FALSE,
        "longest_word": _COUNT,
        "at_end": _FALSE,
    }
)
EMOJI = Form({"most": _COUNT, "allowed": _SEVERAL, "at_end": _FALSE})
LINKS = Form({"allowed": _SEVERAL, "forbidden": _SEVERAL, "ours": _SEVERAL})
SENSITIVE = Form({"words": (wordings.wordings, ()), "category": _TEXT}, "words")
DISCLOSURE = Form({"words": (wordings.by_language, {}), "within": (_COUNT[0], 100)}, "words")
LENGTH = Form({"least": _COUNT, "most": _COUNT, "of": (_choice("characters", "words", "sentences"), "characters")})
READABILITY = Form(
    {
        "ease": (values.number, None),
        "lix": (values.number, None),
        "longest_sentence": _COUNT,
        "mean_word": (values.number, None),
    }
)
ALT_TEXT = Form({"least": _COUNT, "most": _COUNT, "openings": _SEVERAL, "same_language": _FALSE})
_COLOURS: tuple[Reader, Any] = (_many(_remembered(values.colour)), ())
_SHARE = _between(values.number, 0, 1)
PALETTE = Form(
    {"least": (_SHARE, None), "colours": _COLOURS, "within": (_between(values.number, 0, 100), 10.0)}, "least"
)
PICTURE_SIZE = Form({"width": _COUNT, "height": _COUNT, "kilobytes": _COUNT})
LOGO = Form(
    {
        "clear": (_between(values.number, 0, 100), None),
        "of": (_choice("height", "width"), "height"),
        "least": _COUNT,
        "corners": (_one_or_many(_choice("top left", "top right", "bottom left", "bottom right")), ()),
    }
)
CADENCE = Form({"least": _COUNT, "most": _COUNT, "longest_gap": _COUNT})
MIX = Form(
    {
        "weeks": (_between(values.whole, 1, 53), 4),
        "within": (_SHARE, 0.1),
        "fewest_posts": (_COUNT[0], 10),
        "shares": (_named(shares.share), {}),
    }
)
EXAMPLE = Form(
    {
        "text": _TEXT,
        "lang": _LANGUAGE,
        "alt": _SEVERAL,
        "tags": _TAGS,
        "link": _TEXT,
        "channel": _TEXT,
        "campaign": _TEXT,
        "pillar": _TEXT,
        "kind": (_remembered(values.kind), None),
        "categories": (_names, ()),
        "approver": _TEXT,
        "paid": _FALSE,
        "date": (values.instant, None),
        "picture": _TEXT,
        "colours": _COLOURS,
        "logo": (_box, None),
        "posts": (shares.sample_posts, ()),
    }
)


def _examples(value: Any) -> tuple[Filled, ...]:
    listed = wordings.listed(value)
    if listed.__class__ is not list:
        raise Unfit
    return tuple([EXAMPLE(wordings.example_form(item)) for item in listed])


def _signs(value: Any) -> dict[str, int]:
    if not value:
        raise Unfit
    counted: dict[str, int] = _named(_COUNT[0])(value)
    return counted


def _rule(value: Any) -> Filled:
    filled = RULE(value)
    if sum(1 for kind in KINDS if getattr(filled, kind)) != 1 or any(value.get(kind) == {} for kind in KINDS):
        raise Unfit
    return filled


RULE = Form(
    {
        "id": (wordings.rule_id, ""),
        "severity": (lambda value: Severity(_text(value)), Severity.WARNING),
        "summary": (values.name, ""),
        "reason": (values.name, ""),
        "lang": (_one_or_many(values.language), ()),
        "networks": _SEVERAL,
        "channels": _SEVERAL,
        "campaigns": _SEVERAL,
        "pillars": _SEVERAL,
        "kinds": (_one_or_many(values.kind), ()),
        "since": (values.day, None),
        "until": (values.day, None),
        "good": (_examples, ()),
        "bad": (_examples, ()),
        "approver": _TEXT,
        "exact": _FALSE,
        "unless": _SEVERAL,
        "not_in": (_many(_choice("quotes", "hashtags")), ()),
        "words": (wordings.wordings, None),
        "require": (lambda value: REQUIRE(wordings.required_form(value)), None),
        "spelling": (wordings.spellings, None),
        "pattern": (lambda value: PATTERN(wordings.pattern_form(value)), None),
        "hashtags": (HASHTAGS, None),
        "emoji": (lambda value: EMOJI(wordings.emoji_form(value)), None),
        "punctuation": (_signs, None),
        "links": (LINKS, None),
        "sensitive": (lambda value: SENSITIVE(wordings.sensitive_form(value)), None),
        "disclosure": (DISCLOSURE, None),
        "length": (LENGTH, None),
        "readability": (READABILITY, None),
        "alt_text": (ALT_TEXT, None),
        "palette": (lambda value: PALETTE(shares.palette_form(value)), None),
        "picture_size": (PICTURE_SIZE, None),
        "logo": (LOGO, None),
        "quiet": (quiet.quiet_times, None),
        "cadence": (CADENCE, None),
        "mix": (lambda value: MIX(shares.mix_form(value)), None),
        "by_hand": _FALSE,
    },
    "id",
    "summary",
    "reason",
)
GUIDELINE = Form(
    {
        "title": _TEXT,
        "summary": _TEXT,
        "order": (values.whole, 100),
        "rules": (_many(_rule), ()),
        "params": _PARAMS,
    }
)
PILLAR = Form(
    {
        "name": (values.slug, ""),
        "title": _TEXT,
        "share": (_between(values.number, 0, 1), 0.0),
        "description": _TEXT,
    },
    "name",
)
AUDIENCE = Form({"name": (values.slug, ""), "title": _TEXT, "description": _TEXT}, "name")
LINK_VALUES = Form({"media": (_many(values.slug), ()), "internal": (_many(values.host_name), ())})
STRATEGY = Form(
    {
        "title": (_text, "Strategy"),
        "pillars": (_many(PILLAR), ()),
        "audiences": (_many(AUDIENCE), ()),
        "cadence": (_named(_between(values.whole, 0, 1000)), {}),
        "channels": (_named(_text), {}),
        "days_off": _OFF,
        "utm": (LINK_VALUES, None),
        "holidays": (values.holidays, ()),
        "params": _PARAMS,
    }
)
CAMPAIGN_BUDGET = Form(
    {
        "amount": (_between(values.number, 0, 1_000_000_000), None),
        "currency": (_remembered(values.currency), None),
        "note": _TEXT,
    }
)
CAMPAIGN = Form(
    {
        "title": _TEXT,
        "start": (values.day, None),
        "end": (values.day, None),
        "goal": _TEXT,
        "owner": _TEXT,
        "tags": (_tags, ()),
        "utm": (_named(_text), {}),
        "budget": (_campaign_budget, None),
        "state": (_remembered(values.campaign_state), None),
        "params": _PARAMS,
    }
)
GOAL = Form(
    {
        "title": _TEXT,
        "metric": _TEXT,
        "baseline": (values.number, None),
        "target": (values.number, None),
        "start": (values.day, None),
        "end": (values.day, None),
        "owner": _TEXT,
        "channels": (_names, ()),
        "achievable": _TEXT,
        "pillar": _TEXT,
        "params": _PARAMS,
    }
)
PERSON = Form(
    {
        "name": _TEXT,
        "title": _TEXT,
        "roles": (_many(_remembered(values.role)), ()),
        "forge": _TEXT,
        "languages": (_many(values.language), ()),
    }
)
APPROVAL = Form({"what": (values.name, ""), "who": (_many(values.name, 1), ())}, "what", "who")
TEAM = Form({"people": (_named(PERSON), {}), "approvals": (_many(APPROVAL), ()), "params": _PARAMS})
PAUSE = Form(
    {"what": (values.paused, ""), "why": (values.name, ""), "who": _TEXT, "until": (values.instant, None)},
    "what",
    "why",
)
PAUSES = Form({"pauses": (_many(PAUSE), ())})
REPORT = Form(
    {
        "title": _TEXT,
        "period": (_text, "week"),
        "figures": (_names, ()),
        "channels": (_names, ()),
        "params": _PARAMS,
    }
)
FORMS: Mapping[str, Form] = {
    "PostHeader": POST,
    "ChannelHeader": CHANNEL,
    "GuidelineHeader": GUIDELINE,
    "StrategyHeader": STRATEGY,
    "CampaignHeader": CAMPAIGN,
    "GoalHeader": GOAL,
    "TeamHeader": TEAM,
    "PausesHeader": PAUSES,
    "ReportHeader": REPORT,
}
"""The model of `schema.py` → the form that reads the same."""
