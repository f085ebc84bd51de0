"""What is wrong with the words: characters that deceive, what does not fit, what a network will not show as meant."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

from socialops.checks.language.romanian import cedillas
from socialops.checks.rule import Case, Rule, rules
from socialops.content.handles import NAMING
from socialops.content.post import Splitting
from socialops.content.posts import PARTS
from socialops.content.text import LONGEST, find_mentions, tag_in
from socialops.problem import Severity

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from socialops.checks.place import Place
    from socialops.compose.compose import Variant
    from socialops.content.text import Span
    from socialops.networks.base import Count

HEAD = "---\ntitle: Example\ndate: 2026-12-01 09:30\nchannels: [mastodon]\n---\n"

_THREADS = (
    "=== brand/channels/threads.md\n---\nnetwork: threads\nhandle: lumen\nzone: UTC\n---\nThreads\n"
    "=== posts/2026/12/post.md\n"
)
_JUDGED = ("attachments", "poll_option", "alt_text")
"""What begins like this has a rule of its own, which names the very place."""
_WRITTEN = {"hashtags": "tags", "tags": "tags", "title": "title", "first_comment": "first_comment", "links": "link"}
"""Which field of the post is to be looked at for what is counted."""
_LETTERS = frozenset({"graphemes", "UTF-16 units", "weighted characters", "code points"})
"""Units that a writer knows as characters."""

TEXT_LENGTH = Rule(
    "text-length",
    Severity.ERROR,
    "A text is longer than the channel takes.",
    "The network would refuse the post. The count is the network's own: Mastodon counts a link as 23 characters, "
    "Bluesky counts letters as readers see them, and bytes besides.",
    HEAD + "Winter is long. " * 40 + "\n",
    HEAD + "Winter is long.\n",
)
COUNT_EXCEEDED = Rule(
    "count-exceeded",
    Severity.ERROR,
    "A channel takes less of something than a post has: tags, mentions, links, a title's length.",
    "The network would refuse the post, or drop what is too much. The count is the network's own.",
    _THREADS + HEAD.replace("mastodon", "threads").replace("---\n", "---\ntags: [winter, lamps]\n", 1) + "Hello\n",
    _THREADS + HEAD.replace("mastodon", "threads").replace("---\n", "---\ntags: [winter]\n", 1) + "Hello\n",
)
TEXT_EMPTY = Rule(
    "text-empty",
    Severity.ERROR,
    "Nothing of a part is left when it is made plain.",
    "There would be nothing to publish. A picture in the text does not go out; one under `media:` does.",
    HEAD + "![A lamp](lamp.jpg)\n",
    HEAD + "Something to say.\n",
    unfinished=True,
)
TEXT_BIDI = Rule(
    "text-bidi",
    Severity.ERROR,
    "A text holds direction controls that are not closed, or that override the direction.",
    "They make a text read differently from what it says, and can turn the text around it on a timeline. Hebrew needs "
    "none of them; the marks U+200E and U+200F are fine.",
    HEAD + "abc \u2066 def\n",
    HEAD + "abc \u2066def\u2069 ghi. שלום עולם\n",
)
TEXT_COMBINING = Rule(
    "text-combining",
    Severity.ERROR,
    "A letter carries a heap of accents.",
    "Such text spills over its neighbours and is hidden by networks. Niqqud and Vietnamese are far below the limit.",
    HEAD + "Hea\u0301\u0302\u0303\u0304\u0305\u0306\u0307p\n",
    HEAD + "שָׁלוֹם, Việt Nam\n",
)
TEXT_INVISIBLE = Rule(
    "text-invisible",
    Severity.ERROR,
    "A text holds characters that nobody can see.",
    "They come with copied text, break links, hashtags and search, and can smuggle words past a reviewer. Joiners "
    "inside emoji, and in scripts that need them, are fine.",
    HEAD + "Win\u200bter\n",
    HEAD + "Winter 👨\u200d👩\u200d👧\u200d👦\n",
)
TEXT_CONTROL = Rule(
    "text-control",
    Severity.ERROR,
    "A file holds control characters.",
    "They cannot be seen, and programs disagree on what they mean: U+0085 is a new line for one, nothing for another.",
    HEAD + "Bell\u0007\n",
    HEAD + "Bell\n",
)
TEXT_NFC = Rule(
    "text-nfc",
    Severity.NOTE,
    "A text is not in Unicode's composed form.",
    "It is composed before it is sent, so that `é` is one letter everywhere. Nothing needs to be done.",
    HEAD + "cafe\u0301\n",
    HEAD + "caf\u00e9\n",
)
TEXT_CEDILLA = Rule(
    "text-cedilla",
    Severity.WARNING,
    "A Romanian text has ş or ţ with a cedilla, or a Turkish one ș or ț with a comma.",
    "They look alike but are other letters: searches and hashtags miss them, and readers see a foreign keyboard.",
    "---\ntitle: Example\ndate: 2026-12-01 09:30\nchannels: [mastodon]\nlang: ro\n---\nBucureşti\n",
    "---\ntitle: Example\ndate: 2026-12-01 09:30\nchannels: [mastodon]\nlang: ro\n---\nBucurești\n",
)
TEXT_REPEATED = Rule(
    "text-repeated",
    Severity.WARNING,
    "The same text goes to the same channel twice within 90 days.",
    "Readers see it, and networks take it for spam. Write `repeat: true` when it is meant.",
    "=== posts/2026/12/first.md\n---\ndate: 2026-12-01 09:30\nchannels: [mastodon]\n---\nGood morning!\n"
    "=== posts/2026/12/second.md\n---\ndate: 2026-12-08 09:30\nchannels: [mastodon]\n---\nGood morning!\n",
    "=== posts/2026/12/first.md\n---\ndate: 2026-12-01 09:30\nchannels: [mastodon]\n---\nGood morning!\n"
    "=== posts/2026/12/second.md\n---\ndate: 2026-12-08 09:30\nchannels: [mastodon]\nrepeat: true\n"
    "---\nGood morning!\n",
)
HTML_LITERAL = Rule(
    "html-literal",
    Severity.WARNING,
    "A text holds HTML, which readers will see as it is typed.",
    "Networks take plain text. Nothing of it is ever run or drawn, here or on the site.",
    HEAD + "A <b>bold</b> word\n",
    HEAD + "A **bold** word, 3 < 5\n",
)
MARKDOWN_TANGLED = Rule(
    "markdown-tangled",
    Severity.WARNING,
    "A text holds so much Markdown that it is not read as Markdown.",
    "It is shown as typed. No post needs two hundred brackets.",
    HEAD + "[" * 300 + "\n",
    HEAD + "[a link](https://example.org)\n",
)
TAG_INVALID = Rule(
    "tag-invalid",
    Severity.ERROR,
    "A hashtag holds a character that ends it, or no letter.",
    "Networks would make a link of its beginning only, or of nothing.",
    "---\ndate: 2026-12-01 09:30\nchannels: [mastodon]\ntags: [winter sale]\n---\nHello\n",
    "---\ndate: 2026-12-01 09:30\nchannels: [mastodon]\ntags: [WinterSale, kış, שלום]\n---\nHello\n",
)
MENTION_UNKNOWN = Rule(
    "mention-unknown",
    Severity.WARNING,
    "`@name` is nobody that brand/handles.yml knows.",
    "It would reach a stranger of that name, or nobody.",
    HEAD + "Thanks, @somebody!\n",
    HEAD + "Thanks, @somebody@social.example!\n",
)
MENTION_ELSEWHERE = Rule(
    "mention-elsewhere",
    Severity.WARNING,
    "A handle of one network is in the text for another.",
    "It reaches nobody there. Give the person a name in brand/handles.yml, and write `@name`.",
    HEAD + "Thanks, @somebody.bsky.social!\n",
    HEAD + "Thanks, @somebody@social.example!\n",
)
RULES = rules(
    TEXT_LENGTH,
    COUNT_EXCEEDED,
    TEXT_EMPTY,
    TEXT_BIDI,
    TEXT_COMBINING,
    TEXT_INVISIBLE,
    TEXT_CONTROL,
    TEXT_NFC,
    TEXT_CEDILLA,
    TEXT_REPEATED,
    HTML_LITERAL,
    MARKDOWN_TANGLED,
    TAG_INVALID,
    MENTION_UNKNOWN,
    MENTION_ELSEWHERE,
)

MOST_MARKS = 4
"""Accents on one letter after composition; written Hebrew with cantillation needs four."""

_CONTROL = "\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ufdd0-\ufdef\ufff9-\ufffb\ufffe\uffff"
_BIDI = "\u202a-\u202e\u2066-\u2069"
_INVISIBLE = (
    "\u00ad\u034f\u115f\u1160\u17b4\u17b5\u180e\u200b-\u200d\u2060-\u2065\u206a-\u206f\u3164\ufeff\uffa0"
    "\U000e0000-\U000e0fff"
)
_MARKS = "\u0300-\u036f\u0483-\u0489\u0591-\u05bd\u05bf\u05c1\u05c2\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f"
# One pass tells that a text is above suspicion: none of the characters that any rule below is about.
_SUSPECT = re.compile(f"[{_CONTROL}{_BIDI}{_INVISIBLE}{_MARKS}]")
_SUSPECT_ASCII = re.compile("[\x00-\x08\x0b-\x1f\x7f]")
_CONTROLS = re.compile(f"[{_CONTROL}]")
_INVISIBLES = re.compile(f"[{_INVISIBLE}]")
_HEAP = re.compile(f"[{_MARKS}]{{{MOST_MARKS + 1},}}")
_HTML = re.compile(r"<(?:[A-Za-z][A-Za-z0-9-]*(?:[\s/][^<>]*)?>|/[A-Za-z][^<>]*>|!--|![A-Za-z]|\?[A-Za-z])")
_OPENED = "\u202a\u202b\u2066\u2067\u2068"
_TAGGED_FLAG = re.compile("\U0001f3f4[\U000e0020-\U000e007e]+\U000e007f")
_COMMA_BELOW = re.compile("[ȘșȚț]")


def judge_source(case: Case, source: str, locate: Callable[[int], tuple[int, int]]) -> None:
    """Judge one text as typed; *locate* turns an offset in it into (line, column)."""
    suspect = _SUSPECT_ASCII if source.isascii() else _SUSPECT
    if suspect.search(source):
        _characters(case, source, locate)
    if "<" in source and (html := _HTML.search(source)):
        case.report(
            HTML_LITERAL,
            locate(html.start()),
            f"Readers will see {html[0][:20]!r} as it is typed: networks take plain text.",
            "Use Markdown (**bold**, [words](address)), or leave it out.",
        )
    if len(source) > LONGEST or source.count("[") > 200:
        case.report(
            MARKDOWN_TANGLED, locate(0), "This text is too long or too tangled to be read as Markdown.", "Simplify it."
        )


def _characters(case: Case, source: str, locate: Callable[[int], tuple[int, int]]) -> None:
    composed = unicodedata.is_normalized("NFC", source)
    if not composed:
        case.report(TEXT_NFC, locate(0), "This text has letters in two pieces; they are joined before it is sent.")
    if found := _CONTROLS.search(source):
        case.report(
            TEXT_CONTROL,
            locate(found.start()),
            f"There is a control character here: {_named(found[0])}.",
            "Delete it; typing the line anew is the surest way.",
        )
    if (wrong := _direction(source)) is not None:
        case.report(
            TEXT_BIDI,
            locate(wrong),
            f"A direction control is left open or overrides the direction: {_named(source[wrong])}.",
            "Delete it; Hebrew and English mix well without it.",
        )
    # Composing moves offsets, by less than a reader of the message would notice; most texts are composed already.
    marked = source if composed else unicodedata.normalize("NFC", source)
    if heap := _HEAP.search(marked):
        case.report(
            TEXT_COMBINING,
            locate(min(heap.start(), len(source))),
            f"A letter carries {len(heap[0])} accents.",
            f"Keep at most {MOST_MARKS} on one letter.",
        )
    hidden = [found.start() for found in _INVISIBLES.finditer(source) if not _needed(source, found.start())]
    if hidden:
        more = f" and {len(hidden) - 1} more" if len(hidden) > 1 else ""
        case.report(
            TEXT_INVISIBLE,
            locate(hidden[0]),
            f"There is a character here that nobody can see: {_named(source[hidden[0]])}{more}.",
            "Delete it; typing the words anew is the surest way.",
        )


def _named(character: str) -> str:
    return f"U+{ord(character):04X} {unicodedata.name(character, '')}".strip()


def _direction(text: str) -> int | None:
    """Return the offset of the first direction control that is wrong, or None."""
    position = 0
    for line in text.split("\n"):
        stack: list[tuple[str, int]] = []
        for offset, character in enumerate(line, position):
            if character in "\u202d\u202e":
                return offset
            if character in _OPENED:
                stack.append((character, offset))
            elif character in "\u202c\u2069":
                isolate = character == "\u2069"
                if not stack or (stack[-1][0] in "\u2066\u2067\u2068") is not isolate:
                    return offset
                stack.pop()
        if stack:
            return stack[0][1]
        position += len(line) + 1
    return None


def _needed(text: str, offset: int) -> bool:
    """Tell whether an invisible character does its proper work: in an emoji, or in a script that needs it."""
    character = text[offset]
    before = text[offset - 1] if offset else ""
    after = text[offset + 1 : offset + 2]
    if character == "\u200d" and before and after:
        if unicodedata.category(after) == "So" and (
            unicodedata.category(before) == "So" or before == "\ufe0f" or "\U0001f3fb" <= before <= "\U0001f3ff"
        ):
            return True
        return _joining(before)
    if character == "\u200c" and before and after:
        return _joining(before)
    if "\U000e0020" <= character <= "\U000e007f":
        return any(flag.start() < offset < flag.end() for flag in _TAGGED_FLAG.finditer(text))
    if "\U000e0100" <= character <= "\U000e01ef":
        return bool(before) and unicodedata.name(before, "").startswith("CJK")
    return False


def _joining(character: str) -> bool:
    """Tell whether *character* is of a script in which joiners change the letters (Arabic, Indic and their kin)."""
    return "\u0600" <= character <= "\u1cff" and unicodedata.category(character)[0] in "LM"


def judge_variant(case: Case, variant: Variant, place: Place) -> None:
    """Judge the composed text of one channel."""
    draft = variant.draft
    channel = draft.channel
    threaded = len(draft.parts) > 1
    for index, part in enumerate(draft.parts):
        text = part.text
        source = variant.written[index]
        bare = not text and not part.attachments and not part.poll and not part.card and not variant.faults
        # A file without a word is reported where it is read.
        if bare and variant.sources[source].strip():
            case.report(
                TEXT_EMPTY,
                case.in_text(variant, source),
                f"Nothing of {_part(index, threaded).lower()} is left for {channel}: it has no words and no media.",
                "Write some words, or name its picture under `media:`.",
            )
        if place.counts is not None and not place.fits_at_a_glance(part):
            for count in place.counts(part, place.limits):
                if count.used <= count.limit or count.what.startswith(_JUDGED):
                    continue
                over = count.used - count.limit
                unit = "characters" if count.unit in _LETTERS else count.unit
                if not count.what.startswith("text"):
                    _too_much(case, channel, count.what.replace("_", " "), over, unit, count)
                else:
                    case.report(
                        TEXT_LENGTH,
                        case.in_text(variant, source),
                        f"{_part(index, threaded)} is {over:,} {unit} too long for {channel}: "
                        f"{count.used:,} of {count.limit:,}.",
                        _shorter(case, variant, place),
                    )
        if "@" in text:
            _mentions(case, variant, index)
    if draft.parts[0].lang[:2] in ("ro", "tr"):
        _foreign_letters(case, variant)


def _too_much(case: Case, channel: str, what: str, over: int, unit: str, count: Count) -> None:
    """Say what else there is too much of, by the network's own count."""
    told = f"{count.used:,} {unit}" if unit != what else f"{count.used:,}"
    most = f"{count.limit:,}" if count.limit else "none"
    case.report(
        COUNT_EXCEEDED,
        case.at_entry(channel, _WRITTEN.get(count.what, "channels")),
        f"{channel} takes {most} of {what}, and this has {told}: {over:,} too many.",
        f"Take some out, or give {channel} a version of its own.",
    )


def _shorter(case: Case, variant: Variant, place: Place) -> str:
    """Say what can be done about a text that is too long."""
    channel = place.channel.name
    own = f"give {channel} a `text:` of its own."
    asked = (variant.entry.thread or case.post.thread) is Splitting.AUTO
    if place.kinds and "thread" not in place.kinds:
        why = f"{channel} has no threads, so `thread: auto` does not split it. " if asked else ""
        return f"{why}Shorten it, or {own}"
    if asked:
        return (
            f"It cannot be split by itself: it needs more than {PARTS} parts, or holds something too long for one. "
            f"Shorten it, or {own}"
        )
    return f"Shorten it, split it with a line of three dashes (`thread: auto` does so by itself), or {own}"


def judge_tags(case: Case, tags: Sequence[str], at: Callable[[int], tuple[int, int]]) -> None:
    """Judge hashtags as written; *at* gives (line, column) of the one at an index."""
    for index, tag in enumerate(tags):
        name = tag.lstrip("#＃").strip()
        found = tag_in(name)
        if not name or found != name:
            kept = f"only #{found} would be one" if found else "no network makes one of it"
            case.report(
                TAG_INVALID,
                at(index),
                f"{tag!r} is no hashtag: {kept}.",
                "Use letters, digits and _ without spaces: WinterSale.",
            )


def _part(index: int, threaded: bool) -> str:
    return f"Part {index + 1}" if threaded else "The text"


def _mentions(case: Case, variant: Variant, index: int) -> None:
    network = variant.draft.network
    part = variant.draft.parts[index]
    named = {mention.shown for mention in variant.mentions}
    for mention in find_mentions(part.text):
        name = mention.target
        shown = f"@{name}"
        if shown in named or _reaches(network, part.text, mention):
            continue
        at = case.in_text(variant, variant.written[index], shown)
        if "@" in name or "." in name:
            called = "X" if network == "x" else network.capitalize()
            case.report(
                MENTION_ELSEWHERE,
                at,
                f"@{name} is nobody on {called} ({variant.draft.channel}).",
                "Give the person a name in brand/handles.yml with a handle for each network, and write @name.",
            )
        else:
            case.report(
                MENTION_UNKNOWN,
                at,
                f"@{name} is not in brand/handles.yml.",
                "Add the name there with its handle on each network, or write the whole handle.",
            )


def _reaches(network: str, text: str, mention: Span) -> bool:
    """Tell whether `@name`, as it stands there, can be somebody's handle on a network."""
    name = mention.target
    if network == "mastodon":
        return "@" in name
    if network == "bluesky":
        return "." in name and "@" not in name
    if network == "matrix":
        return text[mention.end : mention.end + 1] == ":"
    known = NAMING.get(network)
    if known is None:
        return True
    return known.shows == "handle" and known.shape is not None and known.shape.fullmatch(name) is not None


def _foreign_letters(case: Case, variant: Variant) -> None:
    """Report the first Turkish letter of each Romanian part, and the first Romanian one of each Turkish part."""
    for index, part in enumerate(variant.draft.parts):
        if part.text.isascii():
            continue
        romanian = part.lang.startswith("ro")
        found = cedillas(part.text) if romanian else [match.span() for match in _COMMA_BELOW.finditer(part.text)]
        if found:
            start, end = found[0]
            letter = part.text[start:end]
            case.report(
                TEXT_CEDILLA,
                case.in_text(variant, variant.written[index], letter),
                f"{letter} is the {'Turkish' if romanian else 'Romanian'} letter; this text is in "
                f"{'Romanian' if romanian else 'Turkish'}.",
                "Write ș and ț with a comma below." if romanian else "Write ş with a cedilla.",
            )
