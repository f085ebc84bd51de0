"""What is wrong beside what was published already: the rules, judged where the ledger is known."""

from __future__ import annotations

from socialops.checks.rule import Rule, rules
from socialops.problem import Severity

_FIRST = (
    "=== posts/2026/12/first.md (published)\n---\ndate: 2026-12-01 09:30\nchannels: [mastodon]\n---\nGood morning!\n"
)

TEXT_PUBLISHED = Rule(
    "text-published",
    Severity.ERROR,
    "A channel got this very text from another post in the last 90 days.",
    "Readers see it twice, and networks take it for spam, so it is held back on that channel. Write `repeat: true` "
    "when it is meant. Where the other post is gone, this is probably the same one under a new name: write its old "
    "`id:`.",
    f"{_FIRST}=== posts/2026/12/second.md\n---\ndate: 2026-12-08 09:30\nchannels: [mastodon]\n---\nGood morning!\n",
    f"{_FIRST}=== posts/2026/12/second.md\n---\ndate: 2026-12-08 09:30\nchannels: [mastodon]\nrepeat: true\n"
    "---\nGood morning!\n",
    unfinished=True,
)
POST_RENAMED = Rule(
    "post-renamed",
    Severity.WARNING,
    "A published post has another id now.",
    "Without an `id:` the file's name is the id, so renaming the file makes a new post, and what was published counts "
    "for the old one. With the old `id:` its numbers stay with it, and nothing is published again.",
    "=== posts/2026/12/first.md (published, gone since)\n---\ndate: 2026-12-01 09:30\nchannels: [mastodon]\n---\n"
    "Good morning!\n"
    "=== posts/2026/12/good-morning.md\n---\ndate: 2026-12-01 09:30\nchannels: [mastodon]\n---\nGood morning!\n",
    "=== posts/2026/12/first.md (published, gone since)\n---\ndate: 2026-12-01 09:30\nchannels: [mastodon]\n---\n"
    "Good morning!\n"
    "=== posts/2026/12/good-morning.md\n---\nid: first\ndate: 2026-12-01 09:30\nchannels: [mastodon]\n---\n"
    "Good morning!\n",
)
POST_EDITED = Rule(
    "post-edited",
    Severity.WARNING,
    "A post says something else than what was published.",
    "Editing the file publishes nothing: readers still see what went out. Correct it on the network by hand, or take "
    "it down (`socialops unpublish`) and write a new post. What readers never see, such as the title, may change. "
    "After 90 days nothing is said any more.",
    f"{_FIRST}=== posts/2026/12/first.md\n---\ndate: 2026-12-01 09:30\nchannels: [mastodon]\n---\nGood evening!\n",
    f"{_FIRST}=== posts/2026/12/first.md\n---\ntitle: The morning post\ndate: 2026-12-01 09:30\nchannels: [mastodon]\n"
    "---\nGood morning!\n",
)
RULES = rules(TEXT_PUBLISHED, POST_RENAMED, POST_EDITED)
