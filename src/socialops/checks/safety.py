"""What must never be in a repository: keys and tokens."""

from __future__ import annotations

import operator
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from socialops.checks.rule import Case, Rule, rules
from socialops.problem import Problem, Severity

if TYPE_CHECKING:
    from socialops.content.post import Post

SECRET = Rule(
    "secret",
    Severity.ERROR,
    "A text holds what looks like a key or a token.",
    "Whoever reads the repository can use it, for ever: it stays in the history. Revoke it, then take it out.",
    # Put together here, so that no scanner takes this file for a leak.
    "---\ndate: 2026-12-01 09:30\nchannels: [mastodon]\n---\nOur key is " + "AK" + "IAIOSFODNN7EXAMPLE" + "\n",
    "---\ndate: 2026-12-01 09:30\nchannels: [mastodon]\n---\nOur key is safe\n",
)
RULES = rules(SECRET)

# Shapes as published by their makers, in the way of gitleaks' rules; the names are what the message says.
_SHAPES = (
    ("an Amazon key", r"(?<![A-Z0-9])(?:AKIA|ASIA|ABIA|ACCA)[A-Z2-7][A-Z0-9]{15}(?![A-Z0-9])"),
    ("a Telegram bot token", r"(?<!\d)\d{8,10}:AA[A-Za-z0-9_-]{30,40}(?![A-Za-z0-9_-])"),
    ("a Meta access token", r"(?<![A-Za-z0-9])EAA[A-Za-z0-9]{27,}"),
    ("a signed token (JWT)", r"(?<![A-Za-z0-9_-])eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}(?:\.[A-Za-z0-9_-]*)?"),
    ("a GitHub token", r"(?<![A-Za-z0-9])(?:gh[pousr]_[A-Za-z0-9]{36,}|github_pat_[A-Za-z0-9_]{36,})"),
    ("a Slack token", r"(?<![A-Za-z0-9])xox[abeoprs]-[A-Za-z0-9-]{10,}"),
    ("the address of a Slack webhook", r"https://hooks\.slack\.com/services/T[A-Z0-9]+/B[A-Z0-9]+/[A-Za-z0-9]{8,}"),
    (
        "the address of a Discord webhook",
        r"https://(?:ptb\.|canary\.)?discord(?:app)?\.com/api/(?:v\d{1,2}/)?webhooks/\d{15,20}/[A-Za-z0-9_-]{30,}",
    ),
    ("a Google key", r"(?<![A-Za-z0-9])AIza[A-Za-z0-9_-]{35}"),
    ("a Stripe key", r"(?<![A-Za-z0-9])[rs]k_live_[A-Za-z0-9]{20,}"),
    ("a private key", r"-----BEGIN (?:[A-Z]+ ){0,3}PRIVATE KEY-----"),
)
_NAMES = tuple(name for name, _ in _SHAPES)
_SECRET = re.compile("|".join(f"({shape})" for _, shape in _SHAPES))
# A text without any of these holds no key. Looking for words is several times faster than looking for shapes, and most
# texts have no underscore.
_HINTS = ("IA", "AA", "ACCA", "eyJ", "xox", "AIza", "PRIVATE KEY", "hooks")
_UNDERSCORED = ("k_live_", "github_pat_", "ghp_", "gho_", "ghu_", "ghs_", "ghr_")


_OWN = operator.attrgetter("text", "link", "media", "content_warning", "first_comment")
_NOTHING = (None,) * 5


def judge_secrets(case: Case) -> None:
    """Look for keys and tokens in everything the post says."""
    post = case.post
    if not _perhaps(_everything(post)):
        return
    for index, part in enumerate(post.parts):
        for found in _SECRET.finditer(part):
            _report(case, found, case.in_part(index, found.start()))
    for keys, text in _values(post):
        for found in _SECRET.finditer(text):
            _report(case, found, post.at(*keys))


def _everything(post: Post) -> str:
    """Return all that `_values` yields, and more, in one text: built for speed, as this is done for every post."""
    texts = [*post.parts, post.title, post.description, post.link, post.content_warning, *post.tags, *post.categories]
    for item in post.media:
        texts += (item.file, item.alt)
    if post.poll is not None:
        texts += post.poll.options
    if post.params:
        texts.append(repr(dict(post.params)))
    texts += [repr(entry) for entry in post.channels if _OWN(entry) != _NOTHING]
    return "\n".join(texts)


def _perhaps(text: str) -> bool:
    for hint in _HINTS:
        if hint in text:
            return True
    return "_" in text and any(hint in text for hint in _UNDERSCORED)


def masked(problem: Problem) -> Problem:
    """Return a problem whose words do not tell a secret that stands in what they quote."""
    if not _perhaps(problem.message) and not _perhaps(problem.hint):
        return problem
    return replace(problem, message=_SECRET.sub(_mask, problem.message), hint=_SECRET.sub(_mask, problem.hint))


def _mask(found: re.Match[str]) -> str:
    return f"{found[0][:4]}… ({len(found[0])} characters)"


def _report(case: Case, found: re.Match[str], at: tuple[int, int]) -> None:
    name = next(name for name, group in zip(_NAMES, found.groups(), strict=True) if group)
    case.report(
        SECRET,
        at,
        f"This looks like {name}: {_mask(found)}.",
        "Revoke it where it was made, today; then take it out. It stays in the history of the repository.",
    )


def _values(post: Post) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """Yield every text of the header, with the keys under which it stands."""
    for key, text in (
        ("title", post.title),
        ("link", post.link),
        ("description", post.description),
        ("content_warning", post.content_warning),
    ):
        if text:
            yield (key,), text
    for index, tag in enumerate((*post.tags, *post.categories)):
        yield ("tags", index), tag
    for index, item in enumerate(post.media):
        yield ("media", index, "file"), item.file
        yield ("media", index, "alt"), item.alt
    if post.poll is not None:
        for index, option in enumerate(post.poll.options):
            yield ("poll", "options", index), option
    for entry in post.channels:
        for key, value in (
            ("text", entry.text),
            ("link", entry.link),
            ("content_warning", entry.content_warning),
            ("first_comment", entry.first_comment),
        ):
            if value:
                yield ("channels", entry.channel, key), value
        for index, item in enumerate(entry.media or ()):
            yield ("channels", entry.channel, "media", index), item.alt
    if post.params:
        yield from _nested(("params",), post.params)


def _nested(keys: tuple[str | int, ...], value: Any) -> Iterator[tuple[tuple[str | int, ...], str]]:
    if isinstance(value, str):
        yield keys, value
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from _nested((*keys, str(key)), item)
    elif isinstance(value, (list, tuple)):
        for index, item in enumerate(value):
            yield from _nested((*keys, index), item)
