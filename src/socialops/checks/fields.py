"""The rules of single values: dates, ids, references, and the files that a post names. Applied in `content/`."""

from __future__ import annotations

from socialops.checks.rule import Rule, rules
from socialops.problem import Severity

HEAD = "---\ndate: 2026-12-01 09:30\nchannels: [mastodon]\n"
GOOD = HEAD + "---\nHello\n"
_QUIET = (
    "=== brand/quiet.md\n---\nrules:\n  - id: BR001\n    summary: Silent at night\n    reason: People sleep.\n"
    "    quiet: [{}]\n    good: 2026-12-01 09:30\n    bad: 2026-12-01 23:30\n---\nCalm.\n"
)
LAMP = HEAD + "media:\n  - {file: lamp.jpg, alt: A lamp}\n---\nLight!\n"


def _rule(name: str, summary: str, why: str, bad: str, good: str = GOOD) -> Rule:
    return Rule(name, Severity.ERROR, summary, why, bad, good)


def _media(file: str) -> str:
    return HEAD + f"media:\n  - {{file: '{file}', alt: A lamp}}\n---\nLight!\n"


def _channel(lines: str) -> str:
    return f"=== brand/channels/second.md\n---\nnetwork: mastodon\nhandle: us\n{lines}\n---\nOurs\n"


def _unknown(what: str, file: str, content: str, line: str, why: str) -> Rule:
    known = f"=== {file}\n{content}"
    article = "an" if what[0] in "aeiou" else "a"
    return _rule(
        f"{what}-unknown",
        f"A post names {article} {what} that does not exist.",
        why,
        f"{known}=== posts/2026/12/post.md\n{HEAD}{line.replace('known', 'nowhere')}\n---\nHello\n",
        f"{known}=== posts/2026/12/post.md\n{HEAD}{line}\n---\nHello\n",
    )


RULES = rules(
    _rule(
        "date-invalid",
        "A date cannot be read, or does not exist.",
        "Nothing is guessed about when a post goes out.",
        HEAD.replace("2026-12-01 09:30", "2026-02-30 10:00") + "---\nHello\n",
    ),
    _rule(
        "date-clock",
        "A date has no time of day.",
        "Midnight is hardly ever meant.",
        HEAD.replace(" 09:30", "") + "---\nHello\n",
    ),
    _rule(
        "date-gap",
        "A time does not exist in the channel's zone: the clocks skip it in spring.",
        "One program would take the hour before, another the hour after.",
        "---\ndate: 2027-03-28 03:30\nchannels: [bluesky]\n---\nHello\n",
        "---\ndate: 2027-03-28 04:30\nchannels: [bluesky]\n---\nHello\n",
    ),
    _rule(
        "date-fold",
        "A time happens twice in the channel's zone: the clocks go back in autumn.",
        "Only you know which of the two is meant.",
        "---\ndate: 2026-10-25 03:30\nchannels: [bluesky]\n---\nHello\n",
        "---\ndate: 2026-10-25T03:30:00+02:00\nchannels: [bluesky]\n---\nHello\n",
    ),
    _rule(
        "date-order",
        "A campaign or goal ends before it starts.",
        "Nothing could ever belong to it.",
        "=== brand/campaigns/winter.md\n---\ntitle: Winter\nstart: 2026-12-31\nend: 2026-12-01\n---\nThe brief\n",
        "=== brand/campaigns/winter.md\n---\ntitle: Winter\nstart: 2026-12-01\nend: 2026-12-31\n---\nThe brief\n",
    ),
    _rule(
        "id-invalid",
        "An id holds something other than small letters, digits, dots, hyphens and underscores.",
        "It becomes a file's name and part of an address.",
        HEAD + "id: Winter Launch\n---\nHello\n",
        HEAD + "id: winter-launch\n---\nHello\n",
    ),
    _rule(
        "id-duplicate",
        "Two posts have the same id.",
        "The id is what keeps a post from being published twice, so it must be one post's alone.",
        f"=== posts/2026/11/launch.md\n{GOOD}=== posts/2026/12/launch.md\n{GOOD.replace('-01', '-02')}",
        f"=== posts/2026/11/launch.md\n{GOOD}=== posts/2026/12/second.md\n{GOOD.replace('12-01', '12-02')}",
    ),
    _rule(
        "lang-invalid",
        "A language is no language code.",
        "Screen readers and translations depend on it.",
        HEAD + "lang: Turkish\n---\nMerhaba\n",
        HEAD + "lang: tr\n---\nMerhaba\n",
    ),
    _rule(
        "zone-unknown",
        "A time zone does not exist.",
        "Every post of the channel would go out at the wrong hour.",
        _channel("host: https://social.example\nzone: Istanbul"),
        _channel("host: https://social.example\nzone: Europe/Istanbul"),
    ),
    _rule(
        "host-invalid",
        "A channel's host is not the address of a server: https, without a path or a user.",
        "The channel's secret is bound to this address.",
        _channel("host: social.example/about\nzone: Europe/Istanbul"),
        _channel("host: https://social.example\nzone: Europe/Istanbul"),
    ),
    _rule(
        "slot-invalid",
        "A slot is no weekly time.",
        "Posts without a date take these slots.",
        _channel("host: https://social.example\nzone: Europe/Istanbul\nslots: [Monday morning]"),
        _channel("host: https://social.example\nzone: Europe/Istanbul\nslots: [mon 09:30]"),
    ),
    _rule(
        "day-off-invalid",
        "A day off is no weekday, day or range of days.",
        "On days off no slot is taken and no recurring post goes out.",
        _channel("host: https://social.example\nzone: Europe/Istanbul\ndays_off: [Christmas]"),
        _channel("host: https://social.example\nzone: Europe/Istanbul\nholidays:\n  2026-12-25: Christmas"),
    ),
    _rule(
        "recur-invalid",
        "The rule by which a post comes again cannot be read, or contradicts itself.",
        "Nothing is guessed about when a post goes out.",
        HEAD + "recur: {every: fortnight, until: 2027-03-01}\n---\nHello\n",
        HEAD + "recur: {every: 2 weeks, until: 2027-03-01}\n---\nHello\n",
    ),
    _rule(
        "recur-date",
        "A post comes again, but has no first time on the wall, or ends before it begins.",
        "The date is the first time, and its time of day, in the channel's zone, that of all others. With an offset it "
        "would be an hour off for half of the year.",
        "---\nchannels: [mastodon]\nrecur: {every: week, until: 2027-03-01}\n---\nHello\n",
        HEAD + "recur: {every: week, until: 2027-03-01}\n---\nHello\n",
    ),
    _rule(
        "network-unknown",
        "A channel's network is none that we know.",
        "Nobody knows how to count or send there.",
        "=== brand/channels/second.md\n---\nnetwork: mastodoon\nhandle: us\nzone: Europe/Istanbul\n---\nOurs\n",
        _channel("host: https://social.example\nzone: Europe/Istanbul"),
    ),
    _rule(
        "pause-invalid",
        "A pause names nothing that can be paused.",
        "What was meant to be held cannot be told, so everything is held until it is corrected.",
        "=== brand/pause.yml\npauses:\n  - {what: evrything, why: A crisis}\n",
        "=== brand/pause.yml\npauses:\n  - {what: everything, why: A crisis}\n",
    ),
    _rule(
        "quiet-invalid",
        "A quiet time of a rule is none: no hours, no days, or it ends before it begins.",
        "Posts would go out when the team meant to be silent.",
        _QUIET.format("at night"),
        _QUIET.format("22:00 to 07:00"),
    ),
    _rule(
        "channel-twice",
        "A post names a channel twice.",
        "It would be published there once in any case.",
        HEAD.replace("[mastodon]", "[mastodon, mastodon]") + "---\nHello\n",
    ),
    _unknown(
        "campaign",
        "brand/campaigns/known.md",
        "---\ntitle: Winter\n---\nThe brief\n",
        "campaign: known",
        "Its links would not be counted for any campaign.",
    ),
    _unknown(
        "pillar",
        "brand/strategy.md",
        "---\ntitle: Strategy\npillars:\n  - {name: known, title: Known, share: 1}\n---\nProse\n",
        "pillar: known",
        "The content mix would miss it.",
    ),
    _unknown(
        "audience",
        "brand/strategy.md",
        "---\ntitle: Strategy\naudiences:\n  - {name: known, title: Known}\n---\nProse\n",
        "audience: known",
        "Reports by audience would miss it.",
    ),
    _unknown(
        "author",
        "brand/team.yml",
        "people:\n  known: {title: Writer, roles: [writer]}\n",
        "authors: [known]",
        "Nobody would be asked about it.",
    ),
    _unknown(
        "approver",
        "brand/team.yml",
        "people:\n  known: {title: Manager, roles: [manager]}\n",
        "approver: known",
        "Nobody would answer for it.",
    ),
    _rule(
        "goal-unknown",
        "A campaign names a goal that does not exist.",
        "Nobody could tell whether the campaign reached it.",
        "=== brand/campaigns/winter.md\n---\ntitle: Winter\ngoal: nowhere\n---\nThe brief\n",
        "=== brand/goals/known.md\n---\ntitle: Ten readers more\nmetric: new-followers\nbaseline: 0\ntarget: 10\n"
        "start: 2026-12-01\nend: 2026-12-31\nachievable: In November it was 9.\n---\nWhy\n"
        "=== brand/campaigns/winter.md\n---\ntitle: Winter\ngoal: known\n---\nThe brief\n",
    ),
    _rule(
        "channel-unknown",
        "A post names a channel that does not exist.",
        "It would be published nowhere.",
        HEAD.replace("mastodon", "mastodonn") + "---\nHello\n",
    ),
    _rule(
        "post-empty",
        "A post says nothing.",
        "There is nothing to publish.",
        HEAD + "---\n",
    ),
    _rule(
        "thread-length",
        "A thread has more than 25 parts.",
        "It would flood the timelines of everyone who follows the channel.",
        HEAD + "---\n" + "\n---\n".join(f"Part {number}" for number in range(1, 28)) + "\n",
        HEAD + "---\nPart 1\n---\nPart 2\n",
    ),
    _rule(
        "thread-separator",
        "A line looks like the line between two parts of a thread, but is not.",
        "A thread is split by a line of exactly three dashes.",
        HEAD + "---\nPart 1\n---thread---\nPart 2\n",
        HEAD + "---\nPart 1\n---\nPart 2\n",
    ),
    _rule(
        "thread-empty",
        "A part of a thread is empty.",
        "Two lines of dashes follow one another, or one stands at the end.",
        HEAD + "---\nPart 1\n---\n---\nPart 2\n",
        HEAD + "---\nPart 1\n---\nPart 2\n",
    ),
    _rule(
        "path-escape",
        "A file lies outside of the workspace, or is named in the way of one computer only.",
        "A pull request could publish a secret of the machine that runs it as a picture.",
        _media("../../../secret.jpg"),
        LAMP,
    ),
    _rule(
        "media-missing",
        "A file is not there.",
        "The post would go out without it. Capitals count.",
        _media("lmap.jpg"),
        LAMP,
    ),
    _rule(
        "media-symlink",
        "A file is a link to another place.",
        "A pull request could point it anywhere.",
        "lamp.jpg → /home/somebody/secret",
        "lamp.jpg, an ordinary file",
    ),
    _rule(
        "media-lfs",
        "A file is only git-LFS's note of where the file is.",
        "The note would be published in the place of the picture.",
        "lamp.jpg after a clone without `git lfs pull`",
        "lamp.jpg after `git lfs pull`",
    ),
    _rule(
        "media-size",
        "A file is empty, or larger than 64 MB (a picture) or 512 MB (a video).",
        "No network takes it.",
        "a picture of 80 MB",
        "a picture of 2 MB; it is made smaller where a network wants it smaller",
    ),
    _rule(
        "video-broken",
        "A video is damaged, cut off, not finished, or takes its pictures from other files.",
        "The network would refuse it, after a long upload.",
        _media("broken.mp4"),
        _media("clip.mp4"),
    ),
    _rule(
        "img-type",
        "A file is no picture that networks take.",
        "Drawings (SVG) can hold programs; HEIC and AVIF cannot be shown everywhere.",
        "=== posts/2026/12/lamp.svg\n<svg xmlns='http://www.w3.org/2000/svg'/>\n"
        "=== posts/2026/12/post.md\n" + _media("lamp.svg"),
        LAMP,
    ),
    _rule(
        "img-broken",
        "A picture is damaged, cut off, not what its name says, or hides more than 1 MB of text.",
        "The network would refuse it, after the text has gone out.",
        _media("broken.jpg"),
        LAMP,
    ),
    _rule(
        "img-pixels",
        "A picture has more than 40 million pixels.",
        "A small file can unpack to more than a computer holds.",
        "a picture of 20 000 × 20 000",
        "a picture of 4000 × 3000",
    ),
    _rule(
        "img-frames",
        "An animation has more than 600 frames.",
        "Networks refuse it, or show its beginning only.",
        "a GIF of two minutes",
        "a GIF of five seconds",
    ),
)
