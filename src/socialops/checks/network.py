"""What a network cannot do: kinds it does not have, choices it does not offer, polls it would refuse."""

from __future__ import annotations

from typing import TYPE_CHECKING

from socialops.checks.language.guess import unlike
from socialops.checks.rule import Case, Rule, rules
from socialops.compose.limits import TITLED
from socialops.content.text import fold, graphemes
from socialops.networks import ADAPTERS
from socialops.problem import Problem, Severity, nearest

if TYPE_CHECKING:
    from socialops.checks.place import Place
    from socialops.compose.compose import Variant
    from socialops.content.channel import Channel
    from socialops.networks.draft import Poll

POLL = "---\ndate: 2026-12-01 09:30\nchannels: [mastodon]\npoll:\n  options: [Yes, No]\n"
_NEWSLETTER = (
    "=== brand/channels/newsletter.md\n---\nnetwork: email\nhandle: news@example.org\nhost: https://mail.example\n"
    "zone: UTC\n---\nThe newsletter\n=== posts/2026/12/post.md\n"
)
_NAMES = {"tr": "Turkish", "ro": "Romanian", "he": "Hebrew", "en": "English"}
_TITLE_OF = {"youtube": "a video on YouTube", "email": "a newsletter"}

NETWORK_ADAPTER = Rule(
    "network-adapter",
    Severity.WARNING,
    "A channel is on a network that this version cannot publish on.",
    "Its posts are planned and shown, but somebody has to publish them by hand.",
    "a channel on a network whose adapter, a package of its own, is installed here but cannot be loaded",
    "a channel on one of the networks that `socialops` knows, or whose adapter is installed whole",
)
KIND_UNSUPPORTED = Rule(
    "kind-unsupported",
    Severity.ERROR,
    "A channel cannot show this kind of post.",
    "Nothing would go out.",
    "---\ndate: 2026-12-01 09:30\nchannels: [mastodon]\nkind: event\n---\nCome!\n",
    "---\ndate: 2026-12-01 09:30\nchannels: [mastodon]\n---\nCome!\n",
    unfinished=True,
)
VISIBILITY_UNSUPPORTED = Rule(
    "visibility-unsupported",
    Severity.ERROR,
    "A channel cannot limit who sees a post.",
    "A post that was meant for few would be seen by all.",
    "---\ndate: 2026-12-01 09:30\nchannels: [bluesky]\nvisibility: followers\n---\nAmong us\n",
    "---\ndate: 2026-12-01 09:30\nchannels: [mastodon]\nvisibility: followers\n---\nAmong us\n",
)
POLL_UNSUPPORTED = Rule(
    "poll-unsupported",
    Severity.ERROR,
    "A channel has no polls.",
    "The question would go out without its answers.",
    POLL.replace("mastodon", "bluesky") + "---\nTea?\n",
    POLL + "---\nTea?\n",
)
POLL_OPTIONS = Rule(
    "poll-options",
    Severity.ERROR,
    "A poll has too few, too many, empty, too long or equal answers.",
    "The network would refuse it.",
    POLL.replace("[Yes, No]", "[Yes, Yes]") + "---\nTea?\n",
    POLL + "---\nTea?\n",
)
POLL_DURATION = Rule(
    "poll-duration",
    Severity.ERROR,
    "A poll stays open for longer or shorter than the channel allows.",
    "The network would refuse it.",
    POLL + "  duration: 60d\n---\nTea?\n",
    POLL + "  duration: 3d\n---\nTea?\n",
)
POLL_MEDIA = Rule(
    "poll-media",
    Severity.ERROR,
    "A part has both a poll and media.",
    "Mastodon takes one of the two.",
    POLL + "media:\n  - {file: lamp.jpg, alt: A lamp}\n---\nTea?\n",
    POLL + "---\nTea?\n",
)
LANGUAGE_MISMATCH = Rule(
    "language-mismatch",
    Severity.WARNING,
    "A text does not read like the language that it is declared to be in.",
    "Networks translate, filter and read aloud by the declared language, and the rules of the style guide are held "
    "against it. It is a guess from common words and letters, so it is never an error.",
    "---\ndate: 2026-12-01 09:30\nchannels: [mastodon]\nlang: en\n---\nLamba sen durunca da yanar ve bu çok güzel.\n",
    "---\ndate: 2026-12-01 09:30\nchannels: [mastodon]\nlang: tr\n---\nLamba sen durunca da yanar ve bu çok güzel.\n",
)
LANGUAGE_UNLISTED = Rule(
    "language-unlisted",
    Severity.WARNING,
    "A post is in a language the team does not write in.",
    "The network hides it from readers who chose their languages. `languages` in pyproject.toml lists ours.",
    '=== pyproject.toml\n[tool.socialops]\nlanguages = ["tr", "en"]\n'
    "=== posts/2026/12/post.md\n---\ndate: 2026-12-01 09:30\nchannels: [mastodon]\nlang: de\n---\nHallo\n",
    '=== pyproject.toml\n[tool.socialops]\nlanguages = ["tr", "en"]\n'
    "=== posts/2026/12/post.md\n---\ndate: 2026-12-01 09:30\nchannels: [mastodon]\nlang: en-GB\n---\nHello\n",
)
WARNING_IN_TEXT = Rule(
    "warning-in-text",
    Severity.NOTE,
    "A channel cannot fold a text behind a content warning.",
    "The warning stands at the beginning of the text there (`CW: …`), and counts as part of it.",
    "---\ndate: 2026-12-01 09:30\nchannels: [bluesky]\ncontent_warning: Accident\n---\nWhat happened\n",
    "---\ndate: 2026-12-01 09:30\nchannels: [mastodon]\ncontent_warning: Accident\n---\nWhat happened\n",
)
COMMENT_LOST = Rule(
    "comment-lost",
    Severity.WARNING,
    "A channel gets no first comment.",
    "This version sends none there; what it says would not be published.",
    "---\ndate: 2026-12-01 09:30\nchannels:\n  mastodon: {first_comment: More in the shop}\n---\nHello\n",
    "---\ndate: 2026-12-01 09:30\nchannels:\n  mastodon: {}\n---\nHello\n---\nMore in the shop\n",
)
LABEL_LOST = Rule(
    "label-lost",
    Severity.WARNING,
    "A channel has no field for a label that the post must carry.",
    "A paid partnership, or a picture made by AI, would be shown without saying so. Many countries forbid that.",
    "---\ndate: 2026-12-01 09:30\nchannels: [mastodon]\nparams:\n  labels: [paid-partnership]\n---\nA new lamp\n",
    "---\ndate: 2026-12-01 09:30\nchannels: [mastodon]\n---\nA new lamp, paid for by its maker\n",
)
OPTION_INVALID = Rule(
    "option-invalid",
    Severity.ERROR,
    "What a post says to a network under `params:` is nothing that the network can be told.",
    "The post would be refused when it is due. What each network can be told stands on the page Networks.",
    "---\ndate: 2026-12-01 09:30\nchannels: [mastodon]\nparams:\n  mastodon: {quotes: friends}\n---\nHello\n",
    "---\ndate: 2026-12-01 09:30\nchannels: [mastodon]\nparams:\n  mastodon: {quotes: followers}\n---\nHello\n",
    unfinished=True,
)
TITLE_MISSING = Rule(
    "title-missing",
    Severity.ERROR,
    "A post has no title, and a channel cannot do without one.",
    "A video's title and a mail's subject are the post's `title:`. A mail without a subject is taken for spam, and "
    "YouTube refuses a video without a title.",
    _NEWSLETTER + "---\ndate: 2026-12-01 09:30\nchannels: [newsletter]\n---\nHello\n",
    _NEWSLETTER + "---\ntitle: The first snow\ndate: 2026-12-01 09:30\nchannels: [newsletter]\n---\nHello\n",
    unfinished=True,
)
RULES = rules(
    NETWORK_ADAPTER,
    KIND_UNSUPPORTED,
    VISIBILITY_UNSUPPORTED,
    POLL_UNSUPPORTED,
    POLL_OPTIONS,
    POLL_DURATION,
    POLL_MEDIA,
    LANGUAGE_MISMATCH,
    LANGUAGE_UNLISTED,
    WARNING_IN_TEXT,
    COMMENT_LOST,
    LABEL_LOST,
    OPTION_INVALID,
    TITLE_MISSING,
)


def judge_channel(channel: Channel, place: Place) -> list[Problem]:
    """Judge one channel's own file."""
    if place.counts is not None:
        return []
    line, column = channel.positions.get("network", (1, 1))
    return [
        Problem(
            channel.path,
            line,
            column,
            NETWORK_ADAPTER.id,
            f"This version cannot publish on {channel.network}: posts for {channel.name} are planned, but not sent.",
            f"It can on {', '.join(ADAPTERS)}; publish these by hand.",
            NETWORK_ADAPTER.severity,
        )
    ]


def judge_choices(case: Case, variant: Variant, place: Place) -> None:
    """Judge what the post asks of the network."""
    if place.counts is None:
        return
    draft = variant.draft
    name = draft.channel
    first = draft.parts[0]
    kinds = place.kinds
    told = (draft.kind == "poll" and case.post.poll is not None) or (
        # `media-video` says it of the file.
        draft.kind == "video" and not (variant.entry.kind or case.post.kind) and not variant.faults
    )
    if kinds and draft.kind not in kinds and not told:
        close = nearest(draft.kind, kinds)
        case.report(
            KIND_UNSUPPORTED,
            case.at_entry(name, "kind"),
            f"{name} cannot show a post of the kind {draft.kind}.",
            f"It can show {', '.join(place.limits.texts('kinds'))}" + (f"; did you mean {close}?" if close else "."),
        )
    elif kinds and "thread" not in kinds and len(draft.parts) > 1:
        case.report(
            KIND_UNSUPPORTED,
            case.in_text(variant, variant.written[-1]),
            f"{name} has no threads, and this post has {len(draft.parts)} parts.",
            f"Give {name} a `text:` of its own, without a line of three dashes.",
        )
    if place.visibilities and first.visibility not in place.visibilities:
        case.report(
            VISIBILITY_UNSUPPORTED,
            case.at_entry(name, "visibility"),
            f"{name} has no posts for {first.visibility} only: everything there is public.",
            "Leave the channel out, or write `visibility: public` for it.",
        )
    if first.sensitive and not first.content_warning:
        case.report(
            WARNING_IN_TEXT,
            case.at_entry(name, "content_warning"),
            f"{name} cannot fold the text behind its content warning, which opens the text instead.",
        )
    if variant.entry.first_comment and not place.limits.has("first_comment"):
        case.report(
            COMMENT_LOST,
            case.at_entry(name, "first_comment"),
            f"{name} gets no first comment.",
            "Make it the second part of a thread: a line of three dashes, then the text.",
        )
    for label in _labels(case):
        if label not in place.labels:
            case.report(
                LABEL_LOST,
                case.at_entry(name, "params"),
                f"{name} has no field for the label {label!r}, so readers there are not told.",
                _UNLABELLED.get(label, "Say it in the text itself. The labels are paid-partnership and ai-made."),
            )
    if draft.network in TITLED and not first.title.strip():
        what = _TITLE_OF.get(draft.network, f"a post on {draft.network}")
        case.report(
            TITLE_MISSING,
            case.at_entry(name, "title"),
            f"{what[0].upper()}{what[1:]} needs a title, and {name} gets none.",
            f"Write `title:` in the post, or `params: {{{draft.network}: {{title: …}}}}` for this network alone.",
        )
    _options(case, variant, place)
    poll = draft.parts[-1].poll
    if poll is not None:
        _poll(case, variant, place, poll)


def _options(case: Case, variant: Variant, place: Place) -> None:
    network = variant.draft.network
    given = variant.draft.parts[0].options
    for option in place.options:
        value = given.get(option.name)
        if value is None or not option.values or option.name == "labels":
            continue
        for word in value if isinstance(value, list | tuple) else [value]:
            said = {True: "yes", False: "no"}[word] if isinstance(word, bool) else str(word).strip()
            if said and said not in option.values:
                close = nearest(said, option.values)
                hint = f"It takes {', '.join(option.values)}" + (f"; did you mean {close}?" if close else ".")
                message = f"`{option.name}` for {network} cannot be {said[:60]!r}."
                case.report(OPTION_INVALID, case.post.at("params", network, option.name), message, hint)


_UNLABELLED = {
    "paid-partnership": "The text itself must say that it is paid for, at its beginning: “Advertisement”, “Reklam”, "
    "“Publicitate”, “פרסומת”, in the words that the law of your readers' country asks for.",
    "ai-made": "The text itself must say that the picture was made by AI.",
}


def _labels(case: Case) -> list[str]:
    given = case.post.params.get("labels") or ()
    return [str(label) for label in given] if isinstance(given, list | tuple) else [str(given)]


def judge_reading(case: Case, variant: Variant) -> None:
    """Judge whether a text reads like the language that it is declared to be in."""
    lang = variant.draft.parts[0].lang
    if not lang:
        return
    seems = unlike("\n".join(text.text for text in variant.texts), lang)
    if seems:
        case.report(
            LANGUAGE_MISMATCH,
            case.at_entry(variant.draft.channel, "lang"),
            f"This text is declared to be in {_NAMES.get(lang.partition('-')[0], lang)}, and reads like "
            f"{_NAMES[seems]}.",
            f"Write `lang: {seems}`, if it is; it matters to screen readers and to the rules of the style guide.",
        )


def judge_language(case: Case, lang: str, channel: str) -> None:
    """Judge whether the team writes in *lang*."""
    languages = case.content.workspace.settings.languages
    if not lang or not languages:
        return
    if lang in languages:
        return
    if lang.partition("-")[0] not in {language.partition("-")[0] for language in languages}:
        case.report(
            LANGUAGE_UNLISTED,
            case.at_entry(channel, "lang"),
            f"{lang!r} is none of the team's languages ({', '.join(languages)}).",
            "Correct `lang:`, or add the language to `languages` in pyproject.toml.",
        )


def _poll(case: Case, variant: Variant, place: Place, poll: Poll) -> None:
    name = place.channel.name
    at = case.post.at("poll", "options")
    if not place.limits.has("poll_options"):
        case.report(
            POLL_UNSUPPORTED,
            case.post.at("poll"),
            f"{name} has no polls.",
            "Leave the channel out, or make a second post for it that asks for replies.",
        )
        return
    most = place.limits.number("poll_options")
    if not 2 <= len(poll.options) <= most:
        case.report(
            POLL_OPTIONS,
            at,
            f"This poll has {len(poll.options)} answers; {name} takes 2 to {most}.",
            "Add or drop answers.",
        )
    longest = place.number("poll_option")
    seen: set[str] = set()
    for index, option in enumerate(poll.options):
        where = case.post.at("poll", "options", index)
        key = fold(option.strip(), variant.draft.parts[0].lang)
        if not key:
            case.report(POLL_OPTIONS, where, "This answer is empty.", "Write the answer, or drop it.")
        elif key in seen:
            case.report(POLL_OPTIONS, where, f"The answer {option!r} is there twice.", "Drop one of the two.")
        seen.add(key)
        if longest is not None and len(option) > longest and (used := graphemes(option)) > longest:
            case.report(
                POLL_OPTIONS,
                where,
                f"This answer is {used - longest} characters too long for {name}: {used} of {longest}.",
                "Shorten it; the details belong in the text.",
            )
    least, longest_open = place.number("poll_seconds_minimum"), place.number("poll_seconds_maximum")
    if (least is not None and poll.seconds < least) or (longest_open is not None and poll.seconds > longest_open):
        case.report(
            POLL_DURATION,
            case.post.at("poll", "duration"),
            f"A poll on {name} stays open for {_length(least or 0)} to {_length(longest_open or 0)}.",
            "Write `duration: 1d`, for example.",
        )
    if draft_media := variant.draft.parts[-1].attachments:
        case.report(
            POLL_MEDIA,
            case.post.at("media"),
            f"{name} takes a poll or media with one text, not both ({draft_media[0].file}).",
            "Drop one of the two, or put the picture into an earlier part of a thread.",
        )


def _length(seconds: int) -> str:
    for size, unit in ((86400, "days"), (3600, "hours"), (60, "minutes")):
        if seconds >= size:
            return f"{seconds // size} {unit}"
    return f"{seconds} seconds"
