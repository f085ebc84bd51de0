"""How X says no, and what each no means for whoever asked.

Sources: docs.x.com/x-api/fundamentals (response codes and errors, rate limits), OpenAPI 2.167, and the bodies people
report. X's words are read here, and never shown: they may repeat what was sent.
"""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING

from socialops.errors import NetworkError, NotAllowed, Rejected, TryLater, Unknown
from socialops.networks.base import LATEST, wait_of
from socialops.networks.x_post import problem_of

if TYPE_CHECKING:
    from socialops.http import Response
    from socialops.networks.draft import Part

_PLACE = "X"
_DUPLICATE = re.compile(r"duplicate content|status is a duplicate")
_SHORTER = re.compile(r"needs to be a bit shorter|too long")
_PARENT = re.compile(r"deleted or not visible")
_DAILY = re.compile(r"daily (?:status )?(?:update )?limit|over daily")


def refused(response: Response, part: Part, over: str) -> NetworkError:
    """Say what an answer to the post itself means for the caller; *over* says which limits it exceeds, in words."""
    status, code, words = response.status, *problem_of(response.status, response.json())
    if status == 403 and _DUPLICATE.search(words):
        return Unknown(
            f"{_PLACE} says that it has a post like this one already (403 duplicate).",
            hint="Look at the account: was it published before, or by hand?",
            code="403 duplicate",
        )
    if status in {401, 402}:
        return _locked_out(response)
    if status == 429:
        # X counts requests before it reads them.
        capped = "usage-capped" in code
        return TryLater(
            f"{_PLACE} wants us to wait ({code}).",
            after=LATEST if capped else _pause(response),
            hint="The month's allowance is used up: raise it in the developer console." if capped else "",
            code=code,
        )
    if status == 403 and not over and not _SHORTER.search(words):
        return _forbidden(response, part)
    if 400 <= status < 500 and status not in {408, 409, 425, 499}:
        return Rejected(
            f"{_PLACE} refuses the post ({code}){f'; {over}' if over else ''}.",
            hint="Run `socialops check`: it counts as X does. Longer posts need X Premium.",
            code=code,
        )
    return Unknown(f"{_PLACE} gave an answer that says nothing sure ({code}).", code=code)


def _forbidden(response: Response, part: Part) -> NetworkError:
    """Say what a 403 means: X says it of posts, of accounts and of applications alike."""
    code, words = problem_of(response.status, response.json())
    if part.reply and _PARENT.search(words):
        # A post is not always visible at once to those who write the next of a thread.
        return TryLater(
            f"{_PLACE} does not show the part before this one ({code}).",
            after=timedelta(minutes=1),
            hint="If it was deleted, cancel the rest of the thread.",
            code=code,
        )
    if _DAILY.search(words):
        return TryLater(f"{_PLACE} takes no more posts today ({code}).", after=LATEST, code=code)
    if part.reply and ("reply" in words or "conversation" in words):
        return Rejected(
            f"{_PLACE} does not let this account reply here ({code}).",
            hint="Since 2026-02 only enterprise accounts may reply freely; make one post of the thread.",
            code="403 reply",
        )
    if "cashtag" in words or ("quot" in words and "quote" in part.options):
        return Rejected(
            f"{_PLACE} refuses what the post names or quotes ({code}).",
            hint="Only enterprise accounts may quote by the API, or use more than one cashtag.",
            code=code,
        )
    return _locked_out(response)


def _locked_out(response: Response) -> NotAllowed:
    code, words = problem_of(response.status, response.json())
    hint = "Make new keys and tokens in the developer console, and store them as the channel's secrets."
    if response.status == 402:
        hint = "The credits are used up: buy some in the developer console (console.x.com)."
    elif "timestamp" in words:
        hint = "The clock of this machine is wrong: X takes only requests of the last minutes."
    elif "oauth1-permissions" in code:
        hint = "Set the app to read and write in the developer console, and only then make new tokens."
    elif response.status == 403:
        hint = "Look whether the account is locked, and whether the app belongs to a project that may post."
    return NotAllowed(f"{_PLACE} refuses our credentials ({code}).", hint=hint, code=code)


def unreadable(response: Response) -> NetworkError:
    """Say what a refusal means where nothing is published."""
    if response.status in {401, 402, 403}:
        return _locked_out(response)
    code = problem_of(response.status, response.json())[0]
    return TryLater(f"{_PLACE} cannot be asked now ({code}).", after=_pause(response), code=code)


def _pause(response: Response) -> timedelta:
    """Return how long X wants us to wait; the limits of a day count where they are what is used up."""
    headers = response.headers
    reset = headers.get("x-rate-limit-reset", "")
    for limit in ("user", "app"):
        if headers.get(f"x-{limit}-limit-24hour-remaining") == "0":
            reset = headers.get(f"x-{limit}-limit-24hour-reset", reset)
    said = {
        "Retry-After": headers.get("Retry-After", ""),
        "X-RateLimit-Reset": reset,
        "Date": headers.get("Date", ""),
    }
    return wait_of(said)
