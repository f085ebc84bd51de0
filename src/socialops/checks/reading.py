"""The rules of reading: what makes a file or its header unusable. Applied where files are read (`content/`)."""

from __future__ import annotations

from socialops.checks.rule import Rule, rules
from socialops.problem import Severity

HEAD = "---\ndate: 2026-12-01 09:30\nchannels: [mastodon]\n"
GOOD = HEAD + "title: Winter launch\n---\nHello\n"


def _rule(name: str, summary: str, why: str, bad: str, good: str = GOOD) -> Rule:
    return Rule(name, Severity.ERROR, summary, why, bad, good)


RULES = rules(
    _rule(
        "file-name",
        "A file's name holds something other than small letters, digits, dots, hyphens and underscores.",
        "The name becomes an id, a web address and a key on every computer of the team, and some of them tell no "
        "capitals apart.",
        "=== posts/2026/12/Winter Launch.md\n" + GOOD,
        "=== posts/2026/12/2026-12-01-winter-launch.md\n" + GOOD,
    ),
    _rule(
        "file-symlink",
        "A file is a link to another place.",
        "A pull request could point it anywhere on the machine that checks it.",
        "posts/launch.md → ../../elsewhere/launch.md",
        "posts/launch.md, an ordinary file",
    ),
    _rule(
        "file-type",
        "A name that should be a file is something else.",
        "Only ordinary files are opened.",
        "a folder, or a device, called posts/launch.md",
        "posts/launch.md, an ordinary file",
    ),
    _rule(
        "file-unreadable",
        "A file or folder cannot be read.",
        "What cannot be read cannot be checked, so nothing of it is published.",
        "posts/launch.md without the permission to read it",
        "posts/launch.md that everybody on the team may read",
    ),
    _rule(
        "file-size",
        "A post is larger than 64 kB, or a page of the brand larger than 1 MB.",
        "No network takes a text of that length; it is a mistake, or an attack.",
        "a post of a hundred pages",
        "a post of a page; pictures lie in files beside it",
    ),
    _rule(
        "fm-missing",
        "A file does not begin with a header.",
        "Without one nobody knows when and where the post should go.",
        "=== posts/2026/12/post.md\nHello\n",
    ),
    _rule(
        "fm-unclosed",
        "A header is never closed.",
        "The whole text would be taken for settings.",
        "---\ndate: 2026-12-01 09:30\nHello\n",
    ),
    _rule(
        "text-encoding",
        "A file is not in UTF-8.",
        "Letters beyond English would be guessed, and guessed wrong.",
        "a file saved as Latin-1 or UTF-16",
        "the same file, saved as UTF-8",
    ),
    _rule(
        "text-surrogate",
        "A text holds half a character.",
        "It cannot be sent. An emoji written as two codes is the usual cause.",
        HEAD + 'title: "\\ud83d"\n---\nHello\n',
        HEAD + 'title: "🚲"\n---\nHello\n',
    ),
    _rule(
        "yaml-alias",
        "A header uses an anchor, an alias or a merge key.",
        "The reviewer of a change cannot see what such a value is.",
        HEAD + "title: &a Winter\ndescription: *a\n---\nHello\n",
    ),
    _rule(
        "yaml-tag",
        "A header uses a tag (`!…`).",
        "Tags ask the reader of a file to do something; we only read.",
        HEAD + "title: !!str Winter\n---\nHello\n",
    ),
    _rule(
        "yaml-dup-key",
        "A key stands twice in one place.",
        "Programs disagree on which of the two counts.",
        HEAD + "title: Winter\ntitle: Summer\n---\nHello\n",
    ),
    _rule(
        "yaml-key",
        "A key is empty, or is no text.",
        "Braces at the beginning of a value are the usual cause: put the value in quotes.",
        HEAD + "? [a, b]\n: c\n---\nHello\n",
    ),
    _rule(
        "yaml-mapping",
        "A header is not made of `key: value` lines.",
        "There is nothing in it that could be looked up.",
        "---\njust a sentence\n---\nHello\n",
    ),
    _rule(
        "yaml-syntax",
        "A line of a header is not valid YAML.",
        "A colon, a quotation mark or a sign at the beginning of a value usually wants quotes around the value.",
        HEAD + "title: Winter: the launch\n---\nHello\n",
        HEAD + 'title: "Winter: the launch"\n---\nHello\n',
    ),
    _rule(
        "yaml-document",
        "A header holds a second YAML document, or a YAML directive.",
        "Only the first would be read.",
        HEAD + "...\ntitle: Winter\n---\nHello\n",
    ),
    _rule(
        "yaml-depth",
        "Lists and mappings stand in one another more than 20 deep.",
        "No field needs more than four levels; such headers exist to break programs.",
        HEAD + "params: " + "{a: " * 30 + "1" + "}" * 30 + "\n---\nHello\n",
        HEAD + "params: {a: {b: 1}}\n---\nHello\n",
    ),
    _rule(
        "yaml-size",
        "A header, or a .yml file, is larger than 64 kB.",
        "It is a header that was never closed, or an attack.",
        "a header of a hundred pages",
        "a header of ten lines",
    ),
    _rule(
        "yaml-number",
        "A number is too long to be one.",
        "Programs round it. An id that is made of digits belongs in quotes.",
        HEAD + "params: {id: 12345678901234567890123}\n---\nHello\n",
        HEAD + 'params: {id: "12345678901234567890123"}\n---\nHello\n',
    ),
    _rule(
        "number-range",
        "A number is infinite, no number, or outside of what its field takes.",
        "It could not be stored, or would mean nothing.",
        HEAD + "params: {share: .inf}\n---\nHello\n",
        HEAD + "params: {share: 0.5}\n---\nHello\n",
    ),
    _rule(
        "key-unknown",
        "A key is none that posts have.",
        "A slip such as `daet:` would otherwise publish at once. Your own keys belong under `params:`.",
        "---\ndaet: 2026-12-01 09:30\nchannels: [mastodon]\n---\nHello\n",
    ),
    _rule(
        "field-empty",
        "A key has no value.",
        "Often the value begins with `#`, which starts a comment: put it in quotes.",
        HEAD + "title: #winter\n---\nHello\n",
        HEAD + 'title: "#winter"\n---\nHello\n',
    ),
    _rule(
        "field-type",
        "A value is of the wrong form: a list where one text belongs, words where a number belongs.",
        "It cannot be understood.",
        HEAD + "draft: maybe\n---\nHello\n",
        HEAD + "draft: false\n---\nHello\n",
    ),
    _rule(
        "field-choice",
        "A value is none of those that its field knows.",
        "It would be ignored, or mean something else than was meant.",
        HEAD + "visibility: friends\n---\nHello\n",
        HEAD + "visibility: followers\n---\nHello\n",
    ),
    _rule(
        "field-length",
        "A list has too few or too many entries.",
        "It cannot be understood.",
        HEAD + "media:\n  - {file: lamp.jpg, alt: A lamp, focus: [0]}\n---\nHello\n",
        HEAD + "media:\n  - {file: lamp.jpg, alt: A lamp, focus: [0, 0.5]}\n---\nHello\n",
    ),
    _rule(
        "field-missing",
        "Something that must be said is not there.",
        "A post without a channel goes nowhere; media without a file show nothing.",
        "---\ndate: 2026-12-01 09:30\n---\nHello\n",
    ),
    Rule(
        "handle-invalid",
        Severity.WARNING,
        "A name has a handle that its network could not understand.",
        "The network would be told of nobody, so the plain name is shown there. LinkedIn wants an organisation's URN, "
        "Discord and Slack a member's number or id, Matrix the whole `@name:server`.",
        "=== brand/handles.yml\nlumen: {name: Lumen Velo, linkedin: lumen-velo}\n",
        "=== brand/handles.yml\nlumen: {name: Lumen Velo, linkedin: 'urn:li:organization:1234'}\n",
    ),
    _rule(
        "metrics-file",
        "A file of readings cannot be read.",
        "Reports leave it out, and say so. The file is written by the scheduled job: nobody should edit it.",
        "reports/data/metrics/2026/12/2026-12-01.csv without its first line",
        "the file as the job wrote it",
    ),
    _rule(
        "metrics-line",
        "A line of readings cannot be read.",
        "Reports leave it out, and say so.",
        "a line with five fields",
        "the line as the job wrote it",
    ),
)
