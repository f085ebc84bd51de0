"""The Content-Security-Policy of the rendered pages: nothing is loaded from anywhere else, and no script but ours runs.

A page's own inline scripts (the theme has three) are allowed by the hash of their text, computed from the rendered
page, so an injected one would not run even if everything before had failed.
"""

from __future__ import annotations

import base64
import hashlib
import re
from pathlib import Path

_SCRIPT = re.compile(r"<script\b([^>]*)>(.*?)</script>", re.DOTALL | re.IGNORECASE)
_SOURCE = re.compile(r"\bsrc\s*=", re.IGNORECASE)
_DATA_BLOCK = re.compile(r"""\btype\s*=\s*["']?application/(?:ld\+)?json""", re.IGNORECASE)
_HEAD = re.compile(r"<head\b[^>]*>\s*(?:<meta charset=[^>]*>)?", re.IGNORECASE)
# The theme gives its search dialog a role but no name.
_NAMELESS = '<div class="md-search" data-md-component="search" role="dialog">'
_NAMED = '<div class="md-search" data-md-component="search" role="dialog" aria-label="Search">'
MARK = '<meta http-equiv="Content-Security-Policy"'


def policy(html: str) -> str:
    """Return the policy for a rendered page."""
    hashes = sorted(
        {
            "'sha256-" + base64.b64encode(hashlib.sha256(body.encode()).digest()).decode() + "'"
            for attributes, body in _SCRIPT.findall(html)
            if not _SOURCE.search(attributes) and not _DATA_BLOCK.search(attributes)
        }
    )
    return "; ".join(
        (
            "default-src 'self'",
            " ".join(("script-src 'self'", *hashes)),
            # The theme and the charts set styles from their scripts; no style can come from a text, see markup.py.
            "style-src 'self' 'unsafe-inline'",
            "img-src 'self' data:",
            "object-src 'none'",
            "base-uri 'none'",
            "form-action 'self'",
        )
    )


def guard(html: str) -> str:
    """Return the page with its policy, told not to be indexed, and to tell no other site where its links stand."""
    if MARK in html:
        return html
    tags = (
        f'{MARK} content="{policy(html)}">'
        '<meta name="referrer" content="no-referrer"><meta name="robots" content="noindex">'
    )
    return _HEAD.sub(lambda found: found[0] + tags, html, count=1).replace(_NAMELESS, _NAMED, 1)


def guard_all(site: Path) -> int:
    """Put the policy on every page under *site*; return how many there are."""
    pages = sorted(site.rglob("*.html"))
    for file in pages:
        html = file.read_text("utf-8")
        guarded = guard(html)
        if guarded != html:
            file.write_text(guarded, "utf-8", newline="")
    return len(pages)
