"""The examples of the style guide's rules, tried: a bad one must break its rule, a good one must keep it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from socialops.checks.guidelines import calendar
from socialops.checks.guidelines.guard import guard_of, holds
from socialops.checks.guidelines.hearing import Finding, Hearing
from socialops.checks.guidelines.kinds import KINDS
from socialops.checks.guidelines.looks import Sight, described, palette_of, seen
from socialops.checks.rule import Case, Rule, rules
from socialops.compose.compose import variant
from socialops.content.channel import NETWORKS, Channel
from socialops.content.guidelines import TOGETHER
from socialops.content.media import MediaFault
from socialops.content.post import ChannelEntry, Kind, MediaReference, Post
from socialops.content.posts import split_thread
from socialops.content.when import When, WhenError, parse_when
from socialops.problem import Problem, Severity

if TYPE_CHECKING:
    from socialops.content.guidelines import BrandRule, Example
    from socialops.content.load import Content

_PAGE = (
    "=== brand/voice.md\n---\ntitle: Voice\nrules:\n  - id: BR001\n    summary: No hurry\n"
    "    reason: It works once.\n    words: [hurry]\n{}---\nCalm.\n"
)
_GOOD = _PAGE.format("    good: Come by when you like\n    bad: Hurry, three days left\n")

BRAND_RULE = Rule(
    "brand-rule",
    Severity.WARNING,
    "A post breaks a rule of your own style guide. The problem has the rule's id, such as BR001.",
    "Your guideline says why, and the message repeats it. An exception is claimed with `waive:` in the post.",
    _GOOD + "=== posts/2026/12/post.md\n---\ndate: 2026-12-01 09:30\nchannels: [mastodon]\nlang: en\n---\nHurry!\n",
    _GOOD + "=== posts/2026/12/post.md\n---\ndate: 2026-12-01 09:30\nchannels: [mastodon]\nlang: en\n---\nCome by!\n",
)
GUIDELINE_EXAMPLE = Rule(
    "guideline-example",
    Severity.ERROR,
    "A rule of the style guide does not agree with its own examples.",
    "Either the rule does not find what it is for, or it finds what is fine: people would stop believing it.",
    _PAGE.format("    good: Come by when you like\n    bad: Three days left\n"),
    _GOOD,
)
GUIDELINE_UNPROVEN = Rule(
    "guideline-unproven",
    Severity.WARNING,
    "A rule of the style guide has no good or no bad example.",
    "People learn from examples, and `check` tries the rule on them: without them nobody knows whether it works.",
    _PAGE.format("    bad: Hurry\n"),
    _GOOD,
)
GUIDELINE_KIND = Rule(
    "guideline-kind",
    Severity.ERROR,
    "A rule of the style guide says nothing that could be checked, or is of several kinds at once.",
    "It would look as if somebody were watching. `by_hand: true` says that only people can judge it.",
    _PAGE.replace("    words: [hurry]\n", "").format("    good: Come by\n    bad: Hurry\n"),
    _GOOD,
)
GUIDELINE_ID = Rule(
    "guideline-id",
    Severity.ERROR,
    "Two rules of the style guide have the same id.",
    "A waiver, or a message, could mean either.",
    _GOOD + _GOOD.replace("voice.md", "words.md"),
    _GOOD + _GOOD.replace("voice.md", "words.md").replace("BR001", "BR002"),
)
GUIDELINE_PATTERN = Rule(
    "guideline-pattern",
    Severity.ERROR,
    "A pattern is no regular expression, or one that could take for ever.",
    "A repeat inside a repeat tries more ways than there are seconds. Patterns of the safe kind do not.",
    _PAGE.replace("words: [hurry]", 'pattern: "(a+)+b"').format("    good: Come by\n    bad: aab\n"),
    _PAGE.replace("words: [hurry]", 'pattern: "a+b"').format("    good: Come by\n    bad: aab\n"),
)
RULES = rules(
    BRAND_RULE,
    GUIDELINE_EXAMPLE,
    GUIDELINE_UNPROVEN,
    GUIDELINE_KIND,
    GUIDELINE_ID,
    GUIDELINE_PATTERN,
)

_PICTURE = "example.jpg"
_SHOWN = {
    "text": "a text as a post would have it",
    "alt": "an alt text as a post would have it",
    "picture": "a picture: its file (/brand/artwork/lamp.png), its size (1600 × 1000), or its `colours:`",
    "date": "a time: 2026-11-10 09:30",
    "posts": "`posts:`, the times when they go out, or how many each pillar has: `{posts: {safety: 3, city: 2}}`",
}
"""What an example of a rule is, as `Kind.shown_by` says it."""


def judge_guidelines(content: Content) -> list[Problem]:
    """Try the examples of every rule."""
    problems: list[Problem] = []
    guard = guard_of(content)
    for rule in (*guard.judged, *guard.together):
        missing = [name for name, examples in (("good", rule.good), ("bad", rule.bad)) if not examples]
        if missing:
            listed = " and no ".join(missing)
            message = f"{rule.id} has no {listed} example: {rule.summary}."
            hint = f"Add `good:` and `bad:`, each with {_SHOWN[_shown_by(rule)]}."
            problems.append(_problem(GUIDELINE_UNPROVEN, rule, rule.at, message, hint))
        problems += [
            _problem(GUIDELINE_EXAMPLE, rule, example.at, *wrong)
            for example in (*rule.bad, *rule.good)
            if (wrong := _unshown(rule, example, content))
        ]
        for example in rule.bad:
            if not _unshown(rule, example, content) and not any(
                _first(found) for found in _tried(rule, example, content)
            ):
                message = f"{rule.id} does not mind this bad example: {rule.summary}."
                hint = "Add what is missing to the rule, or show something that it is about (and in which `lang:`)."
                problems.append(_problem(GUIDELINE_EXAMPLE, rule, example.at, message, hint))
        for example in rule.good:
            for found in () if _unshown(rule, example, content) else _tried(rule, example, content):
                if minded := _first(found):
                    message = f"{rule.id} minds this good example: {minded}"
                    hint = "Narrow the rule (`unless:`, `lang:`, `pillars:`, …), or show another example."
                    problems.append(_problem(GUIDELINE_EXAMPLE, rule, example.at, message, hint))
                    break
    return problems


def _problem(found: Rule, rule: BrandRule, at: tuple[int, int], message: str, hint: str) -> Problem:
    return Problem(rule.page, *at, found.id, message, hint, found.severity)


def _first(found: Iterable[Finding | calendar.Finding]) -> str:
    """Return the message of the first finding; empty when there is none."""
    return next((finding.message for finding in found), "")


def _shown_by(rule: BrandRule) -> str:
    return "posts" if rule.kind in TOGETHER else KINDS[rule.kind].shown_by


def _unshown(rule: BrandRule, example: Example, content: Content) -> tuple[str, str] | None:
    """Return message and hint when an example does not show what its rule is about; None: it does."""
    shown_by = _shown_by(rule)
    if rule.kind == "palette" and not palette_of(rule, content):
        hint = "Add `colours:` to it, or `palette:` to the `params:` of its page."
        return f"{rule.id} has no colours to hold a picture against.", hint
    if rule.kind == "mix" and not calendar.shares_of(rule, content):
        hint = "Add `shares:` to it, or give the pillars of brand/strategy.md their `share:`."
        return f"{rule.id} has no shares to hold posts against.", hint
    hint = f"Write {_SHOWN[shown_by]}."
    if shown_by == "posts":
        # A mix is told by pillars, a cadence by times.
        if isinstance(_given(example, "posts", ()), Mapping) is not (rule.kind == "mix"):
            hint = "Write how many posts each pillar has." if rule.kind == "mix" else "Write when the posts go out."
        elif example.given.get("posts"):
            return None
        return f"This example does not show what {rule.id} is about.", hint
    if shown_by == "date" and not example.given.get("date"):
        try:
            parse_when(example.text).at(_channel(rule, example, content).tz())
        except WhenError as wrong:
            return wrong.message, wrong.hint
    if shown_by == "picture":
        sight = _sight(rule, example, content)
        if isinstance(sight, MediaFault):
            return f"This example's picture cannot be used. {sight.message}", hint
        if rule.kind == "logo" and sight.logo is None:
            return (
                f"This example does not show what {rule.id} is about.",
                "Add where its logo is: `logo: [40, 40, 200, 200]`.",
            )
    return None


def _given(example: Example, field: str, default: Any) -> Any:
    return example.given.get(field, default)


def _sight(rule: BrandRule, example: Example, content: Content) -> Sight | MediaFault:
    """Return the picture of an example: one that it describes, or a file."""
    file, logo = example.picture, example.given.get("logo")
    found = described(file, example.given.get("colours", ()), logo)
    return found or seen(content, rule.page, file, logo)


def _tried_together(rule: BrandRule, example: Example, content: Content) -> Iterable[calendar.Finding]:
    """Return what a rule about many posts finds in those of an example."""
    channel = _channel(rule, example, content)
    posts = example.given["posts"]
    monday = datetime(2026, 11, 2, 9, tzinfo=channel.tz())
    if isinstance(posts, Mapping):
        pillars = [pillar for pillar, count in posts.items() for _ in range(count)]
        turns = [calendar.Turn(number, channel.name, monday, pillar) for number, pillar in enumerate(pillars)]
        # An example shows what it shows, however small.
        settings = SimpleNamespace(**{**vars(rule.settings), "fewest_posts": 0})
        rule = replace(rule, settings=settings)
    else:
        dues = sorted(_due(when, channel) for when in posts)
        turns = [calendar.Turn(number, channel.name, due) for number, due in enumerate(dues)]
    return calendar.JUDGES[rule.kind](rule, turns, content, frozenset(), None)


def _due(when: When, channel: Channel) -> datetime:
    """Return when something goes out on a channel, in its zone; where its clock has that time twice, the first."""
    zone = channel.tz()
    try:
        return when.at(zone).astimezone(zone)
    except WhenError:
        return when.wall.replace(tzinfo=zone)


def _tried(rule: BrandRule, example: Example, content: Content) -> Iterator[Iterable[Finding | calendar.Finding]]:
    """Yield what the rule finds in an example, in each of the languages it may be meant in."""
    if rule.kind in TOGETHER:
        yield _tried_together(rule, example, content)
        return
    kind = KINDS[rule.kind]
    lang = str(example.given.get("lang", ""))
    for language in [lang] if lang else _languages(rule, content):
        post = _post(rule, example, language, kind.shown_by)
        channel = _channel(rule, example, content)
        composed = variant(post, channel, content)
        if not holds(rule, post, composed.draft):
            continue
        hearing = Hearing(Case(post, content), composed, guard_of(content).vocabulary)
        if kind.shown_by == "date":
            hearing.due = _due(example.given.get("date") or parse_when(example.text), channel)
        elif kind.shown_by == "picture":
            sight = _sight(rule, example, content)
            hearing.described = () if isinstance(sight, MediaFault) else (sight,)
        yield kind.judge(rule, hearing)


def _languages(rule: BrandRule, content: Content) -> Iterable[str]:
    """Return the languages of an example that does not say which it is in: those of its rule, or of its words."""
    if rule.scope.languages:
        return rule.scope.languages
    settings: Any = rule.settings
    if rule.kind == "words":
        words = settings
    elif rule.kind == "sensitive":
        words = settings.words
    elif rule.kind == "require":
        words = (*(settings.every or ()), *(settings.one_of or ()))
    elif rule.kind == "disclosure":
        return tuple(settings.words)
    else:
        words = ()
    named = dict.fromkeys(wording.lang for wording in words if wording.lang)
    return tuple(named) or content.workspace.settings.languages or ("",)


def _channel(rule: BrandRule, example: Example, content: Content) -> Channel:
    """Return the channel that an example is for: the one it names, else one the rule is about."""
    named, scope = str(example.given.get("channel", "")), rule.scope
    if named in content.channels:
        return content.channels[named]
    for channel in content.channels.values():
        if (not scope.channels or channel.name in scope.channels) and (
            not scope.networks or channel.network in scope.networks
        ):
            return channel
    network = next((name for name in scope.networks if name in NETWORKS), "mastodon")
    return Channel(next(iter(scope.channels), "example"), "", network)


def _post(rule: BrandRule, example: Example, lang: str, shown_by: str) -> Post:
    given = example.given
    text, alts = example.text if shown_by in ("text", "alt") else "", given.get("alt", ())
    if shown_by == "alt" and not alts:
        text, alts = "", (text,)
    thread = split_thread(text)
    scope = rule.scope
    kind = given.get("kind") or (Kind(scope.kinds[0]) if scope.kinds else None)
    return Post(
        "example",
        rule.page,
        thread.parts,
        (ChannelEntry(str(given.get("channel", "example"))),),
        kind=kind,
        campaign=str(given.get("campaign") or next(iter(scope.campaigns), "")),
        pillar=str(given.get("pillar") or next(iter(scope.pillars), "")),
        lang=lang,
        tags=given.get("tags", ()),
        categories=given.get("categories", ()),
        link=str(given.get("link", "")),
        media=tuple(MediaReference(_PICTURE, alt) for alt in alts),
        approver=str(given.get("approver", "")),
        # A rule about paid posts is about nothing else.
        paid=bool(given.get("paid")) or rule.kind == "disclosure",
    )
