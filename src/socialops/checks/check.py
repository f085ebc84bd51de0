"""Check: everything that is wrong in a workspace, in the order of its files.

Each post is judged as what its channels will get, never as what was typed: `compose` makes the drafts, and the rooms'
other files hold one subject each. A draft (`draft: true`) is judged too, but what is merely unfinished is a warning.
"""

from __future__ import annotations

import functools
import gc
import hashlib
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from socialops.checks.links import judge_link, judge_links
from socialops.checks.media import NEEDS_MEDIA, judge_images_in_text, judge_kind, judge_media
from socialops.checks.network import judge_channel, judge_choices, judge_language, judge_reading
from socialops.checks.place import Place, place_of
from socialops.checks.recurrence import judge_recurrence
from socialops.checks.rule import Case
from socialops.checks.safety import judge_secrets, masked
from socialops.checks.schedule import has_together, judge_date, judge_together
from socialops.checks.spending import judge_budget
from socialops.checks.strategy import judge_campaign, judge_strategy
from socialops.checks.team import judge_approver, judge_team
from socialops.checks.text import judge_source, judge_tags, judge_variant
from socialops.checks.verdict import About, Memory, Outing, Verdict
from socialops.checks.video import judge_shapes
from socialops.compose.compose import variant
from socialops.compose.recurrence import texts_in_turn
from socialops.content.folder import printable
from socialops.content.guidelines import pictures_of
from socialops.content.shelf import Shelf

if TYPE_CHECKING:
    from datetime import date, datetime

    from socialops.checks.guidelines.guard import Guard
    from socialops.compose.compose import Variant
    from socialops.content.guidelines import BrandRule
    from socialops.content.load import Content
    from socialops.content.post import Post
    from socialops.problem import Problem


def check(content: Content, *, files: Sequence[str] | None = None, today: date | None = None) -> list[Problem]:
    """Return every problem of the workspace, sorted by file and line: those met in reading it, and all judgements.

    *today* is the day in the workspace's zone; without it nothing is said that is true on some days only.

    With *files* (workspace-relative, forward slashes) only problems of those files are returned; they are still judged
    beside all other posts of *content*.
    """
    # Judging makes very many objects and no rubbish; looking for rubbish among them takes a third of the time.
    collecting = gc.isenabled()
    gc.disable()
    try:
        places = {name: place_of(channel) for name, channel in content.channels.items()}
        problems = [*content.problems]
        for name, place in places.items():
            problems += judge_channel(content.channels[name], place)
            problems += judge_budget(content.channels[name])
        problems += judge_strategy(content, today)
        problems += judge_team(content)
        if files is None:
            problems += _judge_all(content, places, today)
        else:
            wanted = frozenset(files)
            problems += _judge_some(content, places, wanted, today)
            # A problem names its file as it may be shown; a name with controls in it is none the better for that.
            named = wanted.union(map(printable, wanted))
            problems = [problem for problem in problems if problem.file in named]
    finally:
        if collecting:
            gc.enable()
    return sorted({masked(problem) for problem in problems}, key=_order)


def _order(problem: Problem) -> tuple[str, int, int, str, str, str]:
    return problem.file, problem.line, problem.column, problem.id, problem.message, problem.hint


def _judge_some(
    content: Content,
    places: Mapping[str, Place],
    files: Collection[str],
    today: date | None,
    *,
    whole: bool = False,
) -> list[Problem]:
    pages = {guideline.path for guideline in content.brand.guidelines if guideline.rules}
    problems = _judge_guidelines(content) if whole or pages.intersection(files) else []
    verdicts: list[tuple[str, Verdict]] = []
    for post in content.posts:
        verdict = judge(post, content, places) if post.path in files else timing(post, content)
        problems += verdict.problems
        verdicts.append((post.path, verdict))
    return problems + judge_together(content, verdicts, today)


def _judge_all(content: Content, places: Mapping[str, Place], today: date | None) -> list[Problem]:
    cache = content.cache
    if cache is None or not content.keys or not isinstance(content.posts, Shelf):
        return _judge_some(content, places, frozenset([post.path for post in content.posts]), today, whole=True)
    paths = content.posts.paths()
    memory = Memory(
        content, cache, paths, today=today if has_together(content) else None, pictures=pictures_of(_rules(content))
    )
    known = memory.everything()
    if known is not None:
        return known
    problems = _judge_guidelines(content)
    verdicts: list[tuple[str, Verdict]] = []
    for index, (path, key) in enumerate(zip(paths, content.keys, strict=True)):
        verdict = memory.recall(path, key)
        if verdict is None:
            verdict = judge(content.posts[index], content, places)
            memory.remember(path, key, verdict)
        problems += verdict.problems
        verdicts.append((path, verdict))
    problems += judge_together(content, verdicts, today)
    memory.keep(problems, len(paths))
    return problems


def judge(post: Post, content: Content, places: Mapping[str, Place]) -> Verdict:
    """Judge one post by itself, on each of its channels; of one that comes again, each of its texts."""
    if post.recur is None:
        return _judge_text(post, content, places)
    verdicts = [_judge_text(one, content, places) for one in texts_in_turn(post)]
    case = Case(post, content, [problem for verdict in verdicts for problem in verdict.problems])
    turns = judge_recurrence(case, places)
    told = [{outing.channel: outing for outing in verdict.outings} for verdict in verdicts]
    return Verdict(
        tuple(dict.fromkeys(case.problems)),
        tuple(
            replace(told[turn.number % len(told)][name], due=turn.at.timestamp())
            for name, turn in (() if post.draft else turns)
        ),
        tuple(sorted({picture for verdict in verdicts for picture in verdict.pictures})),
        all(verdict.lasting for verdict in verdicts),
    )


def _judge_text(post: Post, content: Content, places: Mapping[str, Place]) -> Verdict:
    case = Case(post, content)
    _judge_sources(case)
    judge_secrets(case)
    judge_approver(case)
    judge_campaign(case)
    if post.tags:
        judge_tags(case, post.tags, lambda index: post.at("tags", index))
    guard = _guard(post, content)
    outings = []
    outgoing = []
    pictures: set[str] = set()
    lasting = True
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
        if draft.kind in NEEDS_MEDIA:
            judge_kind(case, composed)
        if composed.media:
            judge_media(case, composed, place)
            judge_shapes(case, composed, place)
        if composed.link:
            judge_link(case, composed)
        judge_links(case, composed, place)
        judge_images_in_text(case, composed)
        if entry.tags:
            judge_tags(case, entry.tags, _tag_places(post, entry.channel))
        judge_reading(case, composed)
        if draft.parts[0].lang != language:
            language = draft.parts[0].lang
            judge_language(case, language, entry.channel)
        at = judge_date(case, place.channel)
        outings.append(_outing(case, composed, at))
        if guard is not None:
            outgoing.append((composed, at.astimezone(place.channel.tz()) if at else None))
        if composed.media:
            pictures.update(item.file for part in draft.parts for item in part.attachments)
            lasting = lasting and not composed.faults
    if guard is not None:
        waived = guard.judge(case, outgoing)
        if guard.together:
            outings = [
                _told(post, outing, composed, waived) for outing, (composed, _) in zip(outings, outgoing, strict=True)
            ]
    # Drafts have no neighbours yet.
    return Verdict(tuple(case.problems), () if post.draft else tuple(outings), tuple(sorted(pictures)), lasting)


# Without a rule anywhere, what judges by rules is not even imported.
def _has_rules(content: Content) -> bool:
    return any(guideline.rules for guideline in content.brand.guidelines)


def _rules(content: Content) -> Iterable[BrandRule]:
    return (rule for guideline in content.brand.guidelines for rule in guideline.rules)


def _guard(post: Post, content: Content) -> Guard | None:
    if not post.waive and not _has_rules(content):
        return None
    from socialops.checks.guidelines.guard import guard_of

    return guard_of(content)


def _judge_guidelines(content: Content) -> list[Problem]:
    if not _has_rules(content):
        return []
    from socialops.checks.guidelines.examples import judge_guidelines

    return judge_guidelines(content)


def _told(post: Post, outing: Outing, composed: Variant, waived: Collection[str]) -> Outing:
    """Return an outing with what rules about many posts ask of it."""
    draft = composed.draft
    return replace(
        outing, about=About(draft.kind, draft.parts[0].lang, post.campaign, post.pillar, tuple(sorted(waived)))
    )


def _outing(case: Case, composed: Variant, at: datetime | None) -> Outing:
    name = composed.draft.channel
    return Outing(
        name,
        at.timestamp() if at else None,
        _words(composed.sources),
        case.post.repeat,
    )


@functools.lru_cache(maxsize=16)
def _words(sources: tuple[str, ...]) -> str:
    """Return a digest of what a text says, without regard to case and spaces, before links and hashtags."""
    words = " ".join("\n".join(sources).split()).casefold()
    return hashlib.blake2b(words.encode("utf-8", "surrogatepass"), digest_size=12).hexdigest() if words else ""


def timing(post: Post, content: Content) -> Verdict:
    """Return only when a post goes out and with which words: what its neighbours need."""
    if post.draft:
        return Verdict()
    if post.recur is not None:
        places = {name: place_of(channel) for name, channel in content.channels.items()}
        return Verdict((), judge(post, content, places).outings)
    case = Case(post, content)
    channels = [content.channels[entry.channel] for entry in post.channels if entry.channel in content.channels]
    guard = _guard(post, content) if has_together(content) else None
    outings = []
    days = []
    for channel in channels:
        composed = variant(post, channel, content)
        at = judge_date(case, channel)
        outings.append((_outing(case, composed, at), composed))
        days.append(at.astimezone(channel.tz()).date() if at else None)
    if guard is None:
        return Verdict((), tuple(outing for outing, _ in outings))
    waived = guard.waived_together(case, days)
    return Verdict((), tuple(_told(post, outing, composed, waived) for outing, composed in outings))


def _judge_sources(case: Case) -> None:
    post = case.post
    for index, part in enumerate(post.parts):
        judge_source(case, part, _in_part(case, index))
    for entry in post.channels:
        if entry.text is not None:
            judge_source(case, entry.text, _at(post, "channels", entry.channel, "text"))
    for index, item in enumerate(post.media):
        if item.alt and not item.alt.isascii():
            judge_source(case, item.alt, _at(post, "media", index, "alt"))


def _in_part(case: Case, index: int) -> Callable[[int], tuple[int, int]]:
    return lambda offset: case.in_part(index, offset)


def _at(post: Post, *keys: str | int) -> Callable[[int], tuple[int, int]]:
    # Not looked up before it is needed: a post's positions are read anew for the first of them.
    return lambda _: post.at(*keys)


def _tag_places(post: Post, channel: str) -> Callable[[int], tuple[int, int]]:
    return lambda index: post.at("channels", channel, "tags", index)
