"""Values: what one text of a header may mean. Shared by the quick reading (`forms.py`) and the schema (`schema.py`)."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Any

from socialops.content.brand import CampaignState, Role
from socialops.content.days_off import WEEKDAYS, DayOff
from socialops.content.post import Interval, Kind, Splitting, Unit, Visibility
from socialops.content.when import When, WhenError, parse_when
from socialops.workspace import duration

ID = r"[a-z0-9][a-z0-9._-]{0,80}"
"""What an id, and a file or folder name under `posts/`, may be: it is a path, a URL and a key on every system."""

_SLUG = re.compile(ID)
_WHOLE = re.compile(r"[-+]?[0-9]{1,18}")
_DECIMAL = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]{1,3})?")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_SLOT = re.compile(r"(mon|tue|wed|thu|fri|sat|sun) ([01]\d|2[0-3]):[0-5]\d")
_DAYS = re.compile(r"(\d{4}-\d{2}-\d{2})(?: to (\d{4}-\d{2}-\d{2}))?")
_INTERVAL = re.compile(r"(?:(\d{1,3})\s*)?(d|days?|w|weeks?|mo|months?|y|years?)")
_HOST_NAME = re.compile(r"[a-z0-9-]+(?:\.[a-z0-9-]+)+")
_LANGUAGE = re.compile(r"[a-z]{2,3}(?:-[A-Za-z]{4})?(?:-(?:[A-Z]{2}|[0-9]{3}))?")
_ONE_WORD = re.compile(r"[^\s#]+")
_PAUSED = re.compile(r"everything|(?:network|channel|campaign):[A-Za-z0-9][A-Za-z0-9._-]*")
_COLOUR = re.compile(r"#?(?:[0-9A-Fa-f]{3}|[0-9A-Fa-f]{6})")
_CURRENCY = re.compile(r"[A-Z]{3}")
_TRUTHS = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}


class Wrong(ValueError):
    """A value that does not mean what its field needs; *id* is the problem it becomes, *hint* what to write instead."""

    def __init__(self, id: str, message: str, hint: str) -> None:  # noqa: A002 - the word of the design
        super().__init__(message)
        self.id = id
        self.message = message
        self.hint = hint


def text(value: Any) -> str:
    """Pass a text on; anything else gets a problem that tells empty from wrong."""
    if isinstance(value, str):
        return value
    if value is None:
        raise Wrong("field-empty", "This has no value.", "")
    raise Wrong("field-type", "This must be one text, not a list or a mapping.", "Write one value.")


def truth(value: Any) -> bool:
    """Read true or false."""
    if isinstance(value, bool):
        return value
    found = _TRUTHS.get(text(value))
    if found is None:
        raise Wrong("field-type", f"{value[:40]!r} is neither true nor false.", "Write true or false.")
    return found


def whole(value: Any) -> int:
    """Read a whole number."""
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    typed = text(value)
    if not _WHOLE.fullmatch(typed):
        raise Wrong("field-type", f"{typed[:40]!r} is not a whole number.", "Write a number such as 3.")
    return int(typed)


def number(value: Any) -> float:
    """Read a number."""
    typed = text(value)
    if not _DECIMAL.fullmatch(typed):
        raise Wrong("field-type", f"{typed[:40]!r} is not a number.", "Write a number such as 3 or 0.25.")
    read = float(typed)
    if read in (float("inf"), float("-inf")):
        raise Wrong("number-range", f"{typed[:40]} is too large a number.", "Write a smaller number.")
    return read


def instant(value: Any) -> When:
    """Read a date, with or without a clock."""
    if isinstance(value, When):
        return value
    try:
        return parse_when(text(value))
    except WhenError as fault:
        raise Wrong(fault.id, fault.message, fault.hint) from None


def day(value: Any) -> date:
    """Read a day."""
    typed = text(value)
    try:
        return date.fromisoformat(typed if _DAY.fullmatch(typed) else "")
    except ValueError:
        raise Wrong("date-invalid", f"{typed[:40]!r} is not a day.", "Write it as 2026-12-01.") from None


def length(value: Any) -> timedelta:
    """Read a length of time."""
    typed = text(value)
    try:
        return duration(typed)
    except (ValueError, OverflowError):
        raise Wrong("field-type", f"{typed[:40]!r} is not a length of time.", "Write 90s, 15m, 3h, 2d or 1w.") from None


def slug(value: Any) -> str:
    """Read an id."""
    typed = text(value)
    if not _SLUG.fullmatch(typed):
        raise Wrong(
            "id-invalid",
            f"{typed[:80]!r} cannot be an id.",
            "Use small letters a to z, digits, dots, hyphens and underscores, beginning with a letter or digit.",
        )
    return typed


def language(value: Any) -> str:
    """Read a language code."""
    typed = text(value)
    if typed and not _LANGUAGE.fullmatch(typed):
        raise Wrong("lang-invalid", f"{typed[:40]!r} is not a language code.", "Write tr, he, ro, en or pt-BR.")
    return typed


def tag(value: Any) -> str:
    """Read a hashtag, with or without its sign."""
    typed = text(value).removeprefix("#")
    if not _ONE_WORD.fullmatch(typed):
        raise Wrong("tag-invalid", f"{typed[:40]!r} cannot be a hashtag.", "A hashtag is one word, without spaces.")
    return typed


def colour(value: Any) -> str:
    """Read a colour as #rrggbb."""
    typed = text(value)
    if not _COLOUR.fullmatch(typed):
        raise Wrong("field-type", f"{typed[:40]!r} is not a colour.", 'Write it in quotes, as on the web: "#b5411f".')
    figures = typed.removeprefix("#").lower()
    return "#" + (figures if len(figures) == 6 else "".join(figure * 2 for figure in figures))


def slot(value: Any) -> str:
    """Read a weekly time."""
    typed = text(value)
    if not _SLOT.fullmatch(typed):
        raise Wrong("slot-invalid", f"{typed[:40]!r} is not a weekly time.", "Write it as mon 09:30.")
    return typed


def utm(value: Any) -> bool | dict[str, str]:
    """Read whether links get UTM parameters, or which of them are different."""
    if not isinstance(value, dict):
        return truth(value)
    return {key: text(item) for key, item in value.items()}


def host_name(value: Any) -> str:
    """Read the name of a host, without a scheme or a path."""
    typed = name(value).lower()
    if not _HOST_NAME.fullmatch(typed):
        raise Wrong("host-invalid", f"{typed[:60]!r} is not the name of a host.", "Write it as wiki.example.org.")
    return typed


def weekday(value: Any) -> int:
    """Read a weekday; 0 is Monday."""
    typed = text(value)
    if typed not in WEEKDAYS:
        raise Wrong("recur-invalid", f"{typed[:40]!r} is no weekday.", f"Write one of: {', '.join(WEEKDAYS)}.")
    return WEEKDAYS.index(typed)


def interval(value: Any) -> Interval:
    """Read how often a post comes again."""
    typed = text(value)
    found = _INTERVAL.fullmatch(typed.strip())
    count = int(found[1] or 1) if found else 0
    if not found or not count:
        raise Wrong("recur-invalid", f"{typed[:40]!r} is no interval.", "Write week, 2 weeks, 10 days, month or year.")
    return Interval(count, next(unit for unit in Unit if unit.startswith(found[2].rstrip("s"))))


def day_off(value: Any) -> DayOff:
    """Read a weekday, a day, or a range of days on which nothing goes out."""
    typed = text(value)
    if typed in WEEKDAYS:
        return DayOff(WEEKDAYS.index(typed))
    found = _DAYS.fullmatch(typed)
    try:
        first = date.fromisoformat(found[1] if found else "")
        last = date.fromisoformat(found[2] or found[1] if found else "")
    except ValueError:
        first, last = date.max, date.min
    if last < first:
        raise Wrong(
            "day-off-invalid",
            f"{typed[:60]!r} is no day off.",
            "Write a weekday (sun), a day (2026-12-25) or a range (2026-12-25 to 2027-01-01).",
        )
    return DayOff(None, first, last)


def holidays(value: Any) -> tuple[DayOff, ...]:
    """Read holidays: a day or a range of days, and its reason."""
    if not isinstance(value, dict):
        raise Wrong(
            "field-type",
            "Holidays are lines of a day and its name.",
            "Write each on a line of its own: `2026-12-25: Christmas`.",
        )
    read = []
    for days, reason in value.items():
        off = day_off(days)
        if off.weekday is not None:
            raise Wrong("day-off-invalid", f"{days!r} is no date.", "Weekdays belong under `days_off:`.")
        read.append(DayOff(None, off.first, off.last, name(reason)))
    return tuple(read)


def zone(value: Any) -> str:
    """Read a time zone."""
    from zoneinfo import ZoneInfo

    typed = text(value)
    try:
        ZoneInfo(typed)
    except (KeyError, ValueError, OSError):
        raise Wrong(
            "zone-unknown", f"{typed[:60]!r} is not a time zone.", "Write a name such as Europe/Istanbul."
        ) from None
    return typed


def host(value: Any) -> str:
    """Read a server's address."""
    typed = text(value)
    if not re.fullmatch(r"(?:https?|smtps?)://[^\s/@?#\\]+/?", typed) or (
        typed.startswith("http://") and not re.fullmatch(r"http://(?:localhost|127\.0\.0\.1|\[::1\])(?::\d+)?/?", typed)
    ):
        raise Wrong(
            "host-invalid",
            f"{typed[:80]!r} is not the address of a server.",
            "Write https:// and the server's name, without a path: https://mastodon.example",
        )
    return typed


def named(value: Any) -> Any:
    """Let a list of channels stand for a mapping without overrides."""
    if not isinstance(value, list):
        return value
    names: dict[str, dict[str, str]] = {}
    for name in value:
        if not isinstance(name, str):
            raise Wrong(
                "field-type",
                "A list of channels holds names only.",
                "To change something for one channel, write a mapping: `mastodon: {text: …}`.",
            )
        if name in names:
            raise Wrong("channel-twice", f"The channel {name!r} stands here twice.", "Keep one of the two.")
        names[name] = {}
    return names


def media_form(value: Any) -> Any:
    """Let a name alone stand for a picture without anything else said of it."""
    return {"file": value} if isinstance(value, str) else value


def budget_form(value: Any) -> Any:
    """Let words alone stand for a budget without an amount."""
    return {"note": value} if isinstance(value, str) else value


def name(value: Any) -> str:
    """Read a text that may not be empty."""
    typed = text(value)
    if not typed:
        raise Wrong("field-empty", "This has no value.", "")
    return typed


def paused(value: Any) -> str:
    """Read what a pause holds."""
    typed = text(value)
    if not _PAUSED.fullmatch(typed):
        raise Wrong(
            "pause-invalid",
            f"{typed[:60]!r} is nothing that can be paused.",
            "Write everything, network:mastodon, channel:mastodon-il or campaign:winter-2026.",
        )
    return typed


def kind(value: Any) -> Kind:
    """Read a kind of post; raises ValueError."""
    return Kind(text(value))


def visibility(value: Any) -> Visibility:
    """Read who may see a post; raises ValueError."""
    return Visibility(text(value))


def splitting(value: Any) -> Splitting:
    """Read whether a text that is too long is split; raises ValueError."""
    return Splitting(text(value))


def role(value: Any) -> Role:
    """Read what somebody does in the team; raises ValueError."""
    return Role(text(value))


def campaign_state(value: Any) -> CampaignState:
    """Read where a campaign stands; raises ValueError."""
    return CampaignState(text(value))


def currency(value: Any) -> str:
    """Read the code of a currency."""
    typed = text(value)
    if not _CURRENCY.fullmatch(typed):
        raise Wrong("field-type", f"{typed[:40]!r} is not the code of a currency.", "Write three capitals: USD, EUR.")
    return typed
