"""Check: everything that is wrong in a workspace, in the order of its files.

Each post is judged as what its channels will get, never as what was typed: `compose` makes the drafts, and the rooms'
other files hold one subject each. A draft (`draft: true`) is judged too, but what is merely unfinished is a warning.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from socialops.checks.links import judge_link, judge_links
from socialops.checks.media import judge_images_in_text, judge_kind, judge_media
from socialops.checks.network import judge_channel, judge_choices, judge_language
from socialops.checks.place import Place, place_of
from socialops.checks.rule import Case
from socialops.checks.safety import judge_secrets
from socialops.checks.schedule import judge_date, judge_together
from socialops.checks.text import judge_source, judge_tags, judge_variant
from socialops.checks.verdict import Outing, Verdict
from socialops.compose.compose import variant

if TYPE_CHECKING:
    from socialops.compose.compose import Variant
    from socialops.content.load import Content
    from socialops.content.post import Post
    from socialops.problem import Problem

_SPACE = re.compile(r"\s+")


def check(content: Content, *, files: Sequence[str] | None = None) -> list[Problem]:
    """Return every problem of the workspace, sorted by file and line: those met in reading it, and all judgements.

    With *files* (workspace-relative, forward slashes) only problems of those files are returned; they are still judged
    beside all other posts of *content*.
    """
    wanted = None if files is None else frozenset(files)
    places = {name: place_of(channel) for name, channel in content.channels.items()}
    problems: list[Problem] = list(content.problems)
    for name, place in places.items():
        problems += judge_channel(content.channels[name], place)
    verdicts = []
    for post in content.posts:
        if wanted is None or post.path in wanted:
            verdict = judge(post, content, places)
            problems += verdict.problems
        else:
            verdict = timing(post, content)
        if not post.draft:
            verdicts.append((post.path, verdict))
    problems += judge_together(content, verdicts)
    if wanted is not None:
        problems = [problem for problem in problems if problem.file in wanted]
    return sorted(set(problems))


def judge(post: Post, content: Content, places: Mapping[str, Place]) -> Verdict:
    """Judge one post by itself, on each of its channels."""
    case = Case(post, content)
    _judge_sources(case)
    judge_secrets(case)
    if post.tags:
        judge_tags(case, post.tags, lambda index: post.at("tags", index))
    outings = []
    language = None
    for entry in post.channels:
        place = places.get(entry.channel)
        if place is None:
            # A name that is no channel is reported where the post is read.
            continue
        composed = variant(post, place.channel, content)
        draft = composed.draft
        judge_variant(case, composed, place)
        judge_choices(case, composed, place)
        judge_kind(case, composed)
        if composed.media:
            judge_media(case, composed, place)
        if composed.link:
            judge_link(case, composed)
        judge_links(case, composed)
        judge_images_in_text(case, composed)
        if entry.tags:
            judge_tags(case, entry.tags, _tag_places(post, entry.channel))
        if draft.parts[0].lang != language:
            language = draft.parts[0].lang
            judge_language(case, language, entry.channel)
        at = judge_date(case, place.channel)
        outings.append(
            Outing(
                entry.channel,
                at.timestamp() if at else None,
                _words(composed),
                case.at_entry(entry.channel, "date"),
                post.repeat,
            )
        )
    return Verdict(tuple(case.problems), tuple(outings))


def timing(post: Post, content: Content) -> Verdict:
    """Return only when a post goes out and with which words: what its neighbours need."""
    case = Case(post, content)
    outings = []
    for entry in post.channels:
        channel = content.channels.get(entry.channel)
        if channel is not None:
            at = judge_date(case, channel)
            composed = variant(post, channel, content)
            where = case.at_entry(entry.channel, "date")
            outings.append(Outing(entry.channel, at.timestamp() if at else None, _words(composed), where, post.repeat))
    return Verdict((), tuple(outings))


def _judge_sources(case: Case) -> None:
    post = case.post
    for index, part in enumerate(post.parts):
        judge_source(case, part, _in_part(case, index))
    for entry in post.channels:
        if entry.text is not None:
            judge_source(case, entry.text, _fixed(post.at("channels", entry.channel, "text")))
    for index, item in enumerate(post.media):
        if item.alt and not item.alt.isascii():
            judge_source(case, item.alt, _fixed(post.at("media", index, "alt")))


def _in_part(case: Case, index: int) -> Callable[[int], tuple[int, int]]:
    return lambda offset: case.in_part(index, offset)


def _fixed(at: tuple[int, int]) -> Callable[[int], tuple[int, int]]:
    return lambda _: at


def _tag_places(post: Post, channel: str) -> Callable[[int], tuple[int, int]]:
    return lambda index: post.at("channels", channel, "tags", index)


def _words(composed: Variant) -> bytes:
    """Return a digest of what the text says, without regard to case and spaces, before links and hashtags."""
    words = _SPACE.sub(" ", "\n".join(text.text for text in composed.texts)).strip().casefold()
    return hashlib.blake2b(words.encode("utf-8", "surrogatepass"), digest_size=12).digest() if words else b""
