"""The timeline: what the sandbox was sent, as pages for people.

No scripts, nothing from elsewhere, and everything that was sent is escaped; a link leads only to http or https. What is
shown, counters included, is as of the sandbox's own clock.
"""

from __future__ import annotations

import functools
import hashlib
import html
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit
from zoneinfo import ZoneInfo

from socialops.networks.sandbox.archive import Archive, Mark, Member, Picture, Sent
from socialops.networks.sandbox.request import Answer, Request

if TYPE_CHECKING:
    from jinja2 import Environment

_HEADERS: Mapping[str, str] = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; img-src 'self'; media-src 'self'; base-uri 'none'; form-action 'none'; "
        "frame-ancestors 'none'"
    ),
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex",
}
_PAGE = 30
"""Posts (with their threads) on a page."""
_TREND_DAYS = 28
_SHOWN_URL = 42
"""Characters of a URL that are shown."""
_TONES = ("#2f6b5e", "#3d5a8c", "#8a4b3c", "#6b4f86", "#7a6420", "#2f6a82", "#94455f", "#4d6a33")
_NETWORKS = {"mastodon": "Mastodon", "bluesky": "Bluesky"}
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_COUNTERS: Mapping[str, Mapping[str, tuple[str, str]]] = {
    "mastodon": {
        "replies": ("reply", "replies"),
        "reposts": ("boost", "boosts"),
        "likes": ("favourite", "favourites"),
        "quotes": ("quote", "quotes"),
    },
    "bluesky": {
        "replies": ("reply", "replies"),
        "reposts": ("repost", "reposts"),
        "likes": ("like", "likes"),
        "quotes": ("quote", "quotes"),
        "bookmarks": ("bookmark", "bookmarks"),
    },
}
"""Network → counter → what it calls one, and several."""
_VISIBILITY = {"unlisted": "Unlisted", "private": "Followers only", "direct": "Direct message"}


@dataclass(frozen=True, slots=True)
class _Time:
    """A moment as people read it, and as machines do."""

    iso: str
    short: str
    full: str


def show(archive: Archive, request: Request) -> Answer:
    """Show a page, a picture or the style sheet."""
    if request.method != "GET":
        return _lost(archive, 405, "This page can only be read.")
    path = request.path
    if path == "/":
        return _home(archive, request)
    if path == "/sandbox/timeline.css":
        return Answer(200, _style(), "text/css; charset=utf-8")
    if found := re.fullmatch(r"/sandbox/avatar/([^/]+)\.svg", path):
        member = archive.member(found[1])
        return Answer(200, _avatar(member), "image/svg+xml", _HEADERS) if member else _lost(archive)
    if found := re.fullmatch(r"/media/([A-Za-z0-9]{1,100})", path):
        picture = archive.picture(found[1])
        return _picture(archive, picture) if picture else _lost(archive)
    if found := re.fullmatch(r"/@([^/]+)(?:/([A-Za-z0-9]{1,30}))?/?", path):
        member = archive.member(found[1])
        if member and found[2] is None:
            return _profile(archive, request, member)
        post = _find(archive, member, found[2]) if member else None
        return _permalink(archive, post) if post else _lost(archive)
    if found := re.fullmatch(r"/profile/([^/]+)(?:/post/([A-Za-z0-9]{1,30}))?/?", path):
        # Where Bluesky's own clients show a post; here it has one address only.
        member = archive.member(found[1]) or archive.member_with(did=found[1])
        if member:
            place = f"/@{quote(member.handle, safe='@:')}" + (f"/{found[2]}" if found[2] else "")
            return Answer(302, b"", "text/plain; charset=utf-8", {**_HEADERS, "Location": place})
    return _lost(archive)


def _find(archive: Archive, member: Member, id: str) -> Sent | None:  # noqa: A002 - the network's word
    return archive.post("mastodon", member.handle, id) or archive.post("bluesky", member.handle, id)


# --- pages ---------------------------------------------------------------------------------------------------------


def _home(archive: Archive, request: Request) -> Answer:
    roots = [post for post in archive.posts() if archive.parent(post) is None and post.visibility != "direct"]
    shown, pages = _paged(roots, request)
    threads = [_thread(archive, root) for root in shown]
    return _page(archive, "timeline", "Timeline", threads=threads, pages=pages, here="/")


def _profile(archive: Archive, request: Request, member: Member) -> Answer:
    roots = [post for post in archive.posts(member.handle) if archive.parent(post) is None]
    shown, pages = _paged(roots, request)
    threads = [_thread(archive, root) for root in shown]
    here = f"/@{member.handle}"
    return _page(archive, "profile", member.name, threads=threads, pages=pages, here=here, member=member)


def _permalink(archive: Archive, post: Sent) -> Answer:
    root = post
    while parent := archive.parent(root):
        root = parent
    member = archive.member(post.handle)
    name = member.name if member else post.handle
    threads = [_thread(archive, root)]
    return _page(archive, "permalink", f"{name} on {_NETWORKS[post.network]}", threads=threads, chosen=post.id)


def _lost(archive: Archive, status: int = 404, why: str = "There is nothing here.") -> Answer:
    return _page(archive, "lost", "Not found", status=status, why=why)


def _page(archive: Archive, kind: str, title: str, *, status: int = 200, **values: Any) -> Answer:
    now = archive.now()
    member: Member | None = values.pop("member", None)
    context = {
        "kind": kind,
        "title": title,
        "clock": _time(now, "UTC"),
        "accounts": [_account(archive, other, now) for other in archive.members()],
        "account": _account(archive, member, now) if member else None,
        "threads": (),
        "pages": None,
        "chosen": None,
        **values,
    }
    text = _environment().get_template("timeline.html").render(context)
    return Answer(status, text.encode("utf-8"), "text/html; charset=utf-8", _HEADERS)


def _paged(roots: Sequence[Sent], request: Request) -> tuple[Sequence[Sent], dict[str, int | None]]:
    last = max(1, -(-len(roots) // _PAGE))
    number = min(request.number("page", 1, 100_000), last)
    pages = {
        "number": number,
        "last": last,
        "newer": number - 1 if number > 1 else None,
        "older": number + 1 if number < last else None,
    }
    return roots[(number - 1) * _PAGE : number * _PAGE], pages


@functools.cache
def _environment() -> Environment:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    return Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


@functools.cache
def _style() -> bytes:
    return (Path(__file__).parent / "timeline.css").read_bytes()


# --- what is on them -----------------------------------------------------------------------------------------------


def _thread(archive: Archive, root: Sent) -> list[dict[str, Any]]:
    """Return a post and all that answers it, in reading order."""
    found: list[dict[str, Any]] = []
    waiting = [root]
    while waiting and len(found) < 200:
        post = waiting.pop(0)
        found.append(_post(archive, post))
        waiting = [*archive.replies(post), *waiting]
    return found


def _post(archive: Archive, post: Sent) -> dict[str, Any]:
    member = archive.member(post.handle)
    if member is None:
        raise KeyError(post.handle)
    numbers = archive.numbers(post)
    return {
        "id": post.id,
        "name": member.name,
        "handle": member.handle,
        "avatar": _avatar_url(member),
        "profile": _profile_url(member),
        "url": f"{_profile_url(member)}/{post.id}",
        "network": post.network,
        "network_name": _NETWORKS[post.network],
        "time": _time(post.published, member.zone),
        "zone": member.zone,
        "lang": post.lang,
        "direction": direction(post.text),
        "visibility": _VISIBILITY.get(post.visibility, ""),
        "warning": post.warning,
        "sensitive": post.sensitive and bool(post.pictures) and not post.warning,
        "paragraphs": paragraphs(post),
        "pictures": [_figure(picture) for picture in post.pictures],
        "poll": _poll(archive, post, member),
        "card": _card(post),
        "counters": [
            {"icon": name, "value": (value := int(getattr(numbers, name))), "label": one if value == 1 else several}
            for name, (one, several) in _COUNTERS[post.network].items()
        ],
        "facts": _facts(post, member),
    }


def _facts(post: Sent, member: Member) -> list[tuple[str, str]]:
    facts = [("Sent through", "Mastodon's API" if post.network == "mastodon" else "Bluesky's API")]
    if post.network == "bluesky":
        facts += [("Address", f"at://{member.did}/app.bsky.feed.post/{post.id}"), ("CID", post.cid)]
    else:
        facts += [("Id", post.id), ("Visibility", post.visibility)]
    return [*facts, ("Language", post.lang or "not given")]


def _figure(picture: Picture) -> dict[str, Any]:
    return {
        "url": f"/media/{picture.id}",
        "alt": picture.alt,
        "video": picture.mime.startswith("video/"),
        "width": picture.width,
        "height": picture.height,
        "tall": picture.height > picture.width * 1.15,
    }


def _poll(archive: Archive, post: Sent, member: Member) -> dict[str, Any] | None:
    votes = archive.numbers(post).votes
    if post.question is None or post.closes is None or votes is None:
        return None
    closed = post.closes <= archive.now()
    hidden = post.question.hide_totals and not closed
    most = max(votes.options, default=0)
    options = [
        {
            "title": title,
            "percent": round(100 * count / votes.voters) if votes.voters and not hidden else 0,
            "leads": bool(count) and count == most and not hidden,
        }
        for title, count in zip(post.question.options, votes.options, strict=True)
    ]
    return {
        "options": options,
        "hidden": hidden,
        "voters": votes.voters,
        "multiple": post.question.multiple,
        "closed": closed,
        "closes": _time(post.closes, member.zone),
    }


def _card(post: Sent) -> dict[str, str] | None:
    card = post.card
    if card is None or not _web(card.url):
        return None
    return {
        "url": card.url,
        "host": urlsplit(card.url).hostname or "",
        "title": card.title,
        "description": card.description,
        "picture": f"/media/{card.picture}" if card.picture else "",
        "direction": direction(card.title),
    }


def _account(archive: Archive, member: Member, now: datetime) -> dict[str, Any]:
    days = [now - timedelta(days=day) for day in range(_TREND_DAYS, -1, -1)]
    trend = [archive.followers(member, day) for day in days if day >= member.since] or [archive.followers(member)]
    return {
        "name": member.name,
        "handle": member.handle,
        "avatar": _avatar_url(member),
        "profile": _profile_url(member),
        "followers": trend[-1],
        "following": member.following,
        "change": trend[-1] - trend[0],
        "days": len(trend) - 1,
        "posts": len(archive.posts(member.handle)),
        "zone": member.zone,
        "trend": _trend(trend),
    }


def _trend(values: Sequence[int]) -> str:
    """Return the points of a line through *values* in a box of 100 × 24."""
    if len(values) < 3:
        return ""
    low, high = min(values), max(values)
    step, span = 100 / (len(values) - 1), max(1, high - low)
    return " ".join(f"{number * step:.1f},{22 - 20 * (value - low) / span:.1f}" for number, value in enumerate(values))


def _time(at: datetime, zone_name: str) -> _Time:
    local = at.astimezone(ZoneInfo(zone_name))
    zone = zone_name.rpartition("/")[2].replace("_", " ")
    day = f"{local.day} {_MONTHS[local.month - 1]} {local.year}"
    clock = f"{local:%H:%M}"
    iso = at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    weekday = _WEEKDAYS[local.weekday()]
    return _Time(iso, f"{weekday} {day}, {clock} {zone}", f"{weekday} {day}, {clock}, {zone_name} ({iso})")


def _profile_url(member: Member) -> str:
    return f"/@{quote(member.handle, safe='@:')}"


def _avatar_url(member: Member) -> str:
    return f"/sandbox/avatar/{quote(member.handle, safe='@:')}.svg"


def _avatar(member: Member) -> bytes:
    """Draw the first letters of a name on a colour that belongs to the handle."""
    tone = _TONES[hashlib.sha256(member.handle.encode()).digest()[0] % len(_TONES)]
    letters = "".join(word[0] for word in member.name.split()[:2] if word[0].isalnum()) or member.handle[0]
    size = 38 if len(letters) > 1 else 46
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 96 96">'
        f'<rect width="96" height="96" fill="{tone}"/><circle cx="76" cy="14" r="44" fill="#fff" fill-opacity=".1"/>'
        f'<text x="48" y="50" fill="#fff" font-family="system-ui, sans-serif" font-weight="600" font-size="{size}" '
        f'text-anchor="middle" dominant-baseline="central">{html.escape(letters.upper())}</text></svg>'
    ).encode()


def _picture(archive: Archive, picture: Picture) -> Answer:
    mime = picture.mime if picture.width else "application/octet-stream"
    return Answer(200, archive.picture_data(picture.id), mime, _HEADERS)


# --- text ----------------------------------------------------------------------------------------------------------


def direction(text: str) -> str:
    """Return `rtl` or `ltr` after the first letter that has a direction.

    Links and mentions do not count, and tags only where there is nothing else.
    """
    bare = re.sub(r"https?://\S+|@\S+", "", text)
    return _first_direction(re.sub(r"#\S+", "", bare)) or _first_direction(bare) or "ltr"


def _first_direction(text: str) -> str:
    for character in text:
        kind = unicodedata.bidirectional(character)
        if kind in {"R", "AL"}:
            return "rtl"
        if kind == "L":
            return "ltr"
    return ""


def paragraphs(post: Sent) -> list[tuple[str, Any]]:
    """Return (direction, HTML) of each paragraph: everything escaped, marks made into links and tags.

    The direction is `auto` where the browser can tell; it does not look into links and tags, so a paragraph of nothing
    else goes as the post does.
    """
    from markupsafe import Markup

    pieces: list[str] = []
    done = 0
    for mark in post.marks:
        pieces.append(html.escape(post.text[done : mark.start]))
        pieces.append(_marked(post, mark))
        done = mark.end
    pieces.append(html.escape(post.text[done:]))
    found = []
    for text in re.split(r"\n[ \t]*\n\s*", "".join(pieces).strip()):
        plain = re.sub(r"<(bdi|a)\b.*?</\1>", "", text)
        way = "auto" if _first_direction(html.unescape(plain)) else direction(post.text)
        found.append((way, Markup(text.replace("\n", "<br>"))))  # noqa: S704 - escaped piece by piece above
    return found if post.text.strip() else []


def _marked(post: Sent, mark: Mark) -> str:
    text = post.text[mark.start : mark.end]
    if mark.kind != "link":
        return f'<bdi class="{"tag" if mark.kind == "tag" else "mention"}">{html.escape(text)}</bdi>'
    if not _web(mark.target):
        return html.escape(text)
    bare = re.sub(r"^https?://(?:www\.)?", "", text)
    if post.network == "mastodon" or text == mark.target:
        # A URL that stands for itself is shown short, as the networks' own clients do.
        text = bare if len(bare) <= _SHOWN_URL else f"{bare[:_SHOWN_URL]}…"
    target = html.escape(mark.target)
    return f'<a href="{target}" title="{target}" rel="nofollow noopener noreferrer"><bdi>{html.escape(text)}</bdi></a>'


def _web(url: str) -> bool:
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and bool(parts.netloc)
