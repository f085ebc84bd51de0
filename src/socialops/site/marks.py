"""Small marks for networks and states: our own drawings, always beside words.

They take the colour of the text around them, and are hidden from screen readers, because the word beside each says the
same. A page holds each drawing once (`drawings`), and uses it as often as it needs.
"""

from __future__ import annotations

import enum
import functools
import re
from dataclasses import dataclass

from markupsafe import Markup

_NETWORKS = {
    "mastodon": '<path d="M3 2h10a2 2 0 0 1 2 2v6a2 2 0 0 1-2 2H8l-4 3v-3H3a2 2 0 0 1-2-2V4a2 2 0 0 1 2-2z"/>'
    '<path d="M5 9.5V5l3 3 3-3v4.5"/>',
    "bluesky": '<path d="M4.5 13a3.5 3.5 0 0 1-.4-7A4.5 4.5 0 0 1 12.7 7a3 3 0 0 1-.7 6z"/><path d="M6 10.2h4"/>',
    "linkedin": '<rect x="1.5" y="1.5" width="13" height="13" rx="2"/>'
    '<path d="M5 7v4.5M5 4.4v.2M8 11.5V7m0 2a2 2 0 0 1 4 0v2.5"/>',
    "x": '<path d="M3 3l10 10M13 3L3 13"/>',
    "facebook": '<circle cx="8" cy="8" r="6.5"/><path d="M10.5 5H9.4C8.5 5 8 5.6 8 6.5v6M6 9h4"/>',
    "instagram": '<rect x="1.5" y="1.5" width="13" height="13" rx="4"/><circle cx="8" cy="8" r="3"/>',
    "threads": '<path d="M4 4h8M8 4v8.5M5.5 12.5h5"/><circle cx="8" cy="8" r="7"/>',
    "tiktok": '<path d="M9 2v8.5a2.5 2.5 0 1 1-2.5-2.5M9 2c.3 2 1.6 3.2 3.5 3.4"/>',
    "youtube": '<rect x="1" y="3" width="14" height="10" rx="3"/><path d="M6.7 5.8v4.4L10.4 8z"/>',
    "telegram": '<path d="M1.5 7.5l13-5-2.6 11-4-3-2 2.2-.6-3.5z"/>',
    "discord": '<path d="M3 4c3-1.6 7-1.6 10 0l1 8c-1 .8-2 1.2-3 1.4l-1-1.7H6l-1 1.7c-1-.2-2-.6-3-1.4z"/>'
    '<path d="M6 8.4v.2M10 8.4v.2"/>',
    "slack": '<path d="M6 2v12M10 2v12M2 6h12M2 10h12"/>',
    "matrix": '<path d="M4 2H2v12h2M12 2h2v12h-2M5.5 11V6.5m0 1a1.3 1.3 0 0 1 2.5 0V11m0-3.5a1.3 1.3 0 0 1 2.5 0V11"/>',
    "email": '<rect x="1.5" y="3" width="13" height="10" rx="1.5"/><path d="M2 4l6 5 6-5"/>',
}
_OTHER_NETWORK = '<circle cx="8" cy="8" r="6.5"/><path d="M8 8v.1"/>'


def network_mark(network: str) -> Markup:
    """Return the mark of a network as inline SVG."""
    return _use(f"so-n-{network if network in _NETWORKS else 'other'}", "so-mark")


@dataclass(frozen=True, slots=True)
class _Look:
    word: str
    drawing: str
    tone: str
    means: str


class Status(enum.Enum):
    """How a delivery is shown: a word, a shape and (never alone) a tone."""

    PLANNED = _Look("planned", '<circle cx="8" cy="8" r="6"/>', "calm", "Goes out by itself at its time.")
    DUE = _Look(
        "due now",
        '<circle cx="8" cy="8" r="6"/><path d="M8 2a6 6 0 0 1 0 12z" fill="currentColor"/>',
        "calm",
        "The next run sends it.",
    )
    SENDING = _Look("being sent", '<path d="M2 8h11M9 4l4 4-4 4"/>', "calm", "A run has claimed it.")
    WAITING = _Look(
        "waiting",
        '<circle cx="8" cy="8" r="6"/><path d="M8 4.5V8l2.5 2"/>',
        "calm",
        "The network asked for time; it is tried again.",
    )
    PUBLISHED = _Look(
        "published",
        '<circle cx="8" cy="8" r="6.7" fill="currentColor"/><path class="so-cut" d="M5 8.2l2.2 2.2L11.2 6"/>',
        "good",
        "The network has it, and gave a receipt.",
    )
    DRAFT = _Look(
        "draft", '<circle cx="8" cy="8" r="6" stroke-dasharray="2.4 2.2"/>', "quiet", "Not finished: nothing is sent."
    )
    UNDATED = _Look("no date", '<path d="M3 8h.1M8 8h.1M13 8h.1"/>', "quiet", "Nobody has said when.")
    HELD = _Look(
        "held",
        '<rect x="4" y="3" width="2.6" height="10"/><rect x="9.4" y="3" width="2.6" height="10"/>',
        "warn",
        "Kept back; the reason stands with it.",
    )
    TOO_LATE = _Look(
        "too late",
        '<circle cx="8" cy="8" r="6"/><path d="M8 4.5V8H5M2.5 13.5l11-11"/>',
        "warn",
        "Its time passed before it could go out.",
    )
    FAILED = _Look(
        "failed",
        '<rect x="1.8" y="1.8" width="12.4" height="12.4" rx="2"/><path d="M5.3 5.3l5.4 5.4M10.7 5.3l-5.4 5.4"/>',
        "bad",
        "The network refused it.",
    )
    ATTENTION = _Look(
        "needs attention",
        '<path d="M8 1.8L15 14H1z"/><path d="M8 6.2v4M8 12.1v.1"/>',
        "bad",
        "Only a person can say what happened.",
    )
    CANCELLED = _Look(
        "cancelled",
        '<circle cx="8" cy="8" r="6"/><path d="M3.8 12.2l8.4-8.4"/>',
        "quiet",
        "Taken out before it went out.",
    )
    REMOVED = _Look(
        "removed", '<circle cx="8" cy="8" r="6"/><path d="M5 8h6"/>', "quiet", "Was published, and taken down again."
    )

    @property
    def word(self) -> str:
        """The word people read."""
        return self.value.word

    @property
    def tone(self) -> str:
        """The colour's name in the style sheet: calm, good, quiet, warn, bad."""
        return self.value.tone

    @property
    def means(self) -> str:
        """One sentence for the legend."""
        return self.value.means

    @property
    def slug(self) -> str:
        """The state as an attribute value."""
        return self.name.lower().replace("_", "-")

    @property
    def mark(self) -> Markup:
        """The shape as inline SVG."""
        return _use(f"so-s-{self.slug}", f"so-shape so-tone-{self.tone}")

    @property
    def goes_out(self) -> bool:
        """Whether the delivery counts as filling its day: it went out, or will without anybody doing more."""
        return self in (Status.PLANNED, Status.DUE, Status.SENDING, Status.WAITING, Status.PUBLISHED)


@functools.cache
def _use(name: str, classes: str) -> Markup:
    return Markup(  # noqa: S704 - names of our own drawings
        f'<svg class="{classes}" width="16" height="16" aria-hidden="true"><use href="#{name}"/></svg>'
    )


def drawings(html: str) -> Markup:
    """Return the drawings that the marks in *html* use, as one hidden element for the same page; empty without any."""
    used = sorted(set(_USED.findall(html)))
    symbols = "".join(f'<symbol id="{name}" viewBox="0 0 16 16">{_drawings()[name]}</symbol>' for name in used)
    if not symbols:
        return Markup("")
    return Markup(f'<svg class="so-drawings" width="0" height="0" aria-hidden="true">{symbols}</svg>')  # noqa: S704 - ours


_USED = re.compile(r'<use href="#(so-[ns]-[a-z-]+)"/>')


@functools.cache
def _drawings() -> dict[str, str]:
    networks = {f"so-n-{name}": drawing for name, drawing in _NETWORKS.items()} | {"so-n-other": _OTHER_NETWORK}
    return networks | {f"so-s-{status.slug}": status.value.drawing for status in Status}
