"""How LinkedIn says no, and what each no means for whoever asked.

Sources: learn.microsoft.com/linkedin (error handling, rate limits, versioning), and the bodies people report: 401 with
65600 to 65602, 403 ACCESS_DENIED, 422 DUPLICATE_POST, 426 NONEXISTENT_VERSION. No rate limit is told in a header;
quotas are for a day, and days end at midnight UTC.
"""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from socialops.errors import NetworkError, NotAllowed, TryLater
from socialops.networks.base import LATEST, instant, wait_of
from socialops.networks.linkedin_post import POST

if TYPE_CHECKING:
    from socialops.http import Response

_DUPLICATE_OF = re.compile(r"duplicate of (urn:li:[A-Za-z]{1,20}:[0-9]{1,19})")
_CODE = re.compile(r"[A-Z][A-Z0-9_]{2,60}")
_FIELD = re.compile(r"ERROR :: /?([A-Za-z0-9/_.]{1,60}) ::")
_WHY = {
    "EXPIRED_ACCESS_TOKEN": "it lives for 60 days, and they are over",
    "REVOKED_ACCESS_TOKEN": "it was revoked",
    "INVALID_ACCESS_TOKEN": "LinkedIn does not know it",
}


def unreadable(response: Response) -> NetworkError:
    """Say what a refused read, or a refused step that nobody sees, means."""
    known = locked_out(response) or enough(response)
    if known:
        return known
    code = code_of(response)
    return TryLater(f"LinkedIn cannot be asked now ({code}).", after=wait_of(response.headers), code=code)


def locked_out(response: Response) -> NotAllowed | None:
    """Say what an answer means that is about the token, its rights or the version; None for every other."""
    code = code_of(response)
    if response.status == 426 or code in {"NONEXISTENT_VERSION", "VERSION_MISSING"}:
        return NotAllowed(
            f"LinkedIn no longer speaks the version of its API that the channel asks for ({code}).",
            hint="Write a newer year and month as `api_version:` under `params:` of the channel.",
            code=code,
        )
    if response.status == 401:
        return NotAllowed(
            f"LinkedIn refuses our token ({code}): {_WHY.get(code, 'it is not valid')}.",
            hint="Log in again, and store the new token as the channel's secret.",
            code=code,
        )
    if response.status == 403:
        return NotAllowed(
            f"LinkedIn does not let this token do that ({code}).",
            hint="A page needs the right w_organization_social and an administrator, a member needs w_member_social.",
            code=code,
        )
    return None


def enough(response: Response) -> TryLater | None:
    """Say what 429 means: a day's quota is used up. None for every other answer."""
    if response.status != 429:
        return None
    now = instant(response.headers.get("Date"))
    left = timedelta(days=1) - (now - now.replace(hour=0, minute=0, second=0, microsecond=0)) if now else LATEST
    code = code_of(response)
    after = wait_of(response.headers, default=left)
    return TryLater(f"LinkedIn takes no more from us today ({code}).", after=after, code=code)


def code_of(response: Response) -> str:
    """Return LinkedIn's own word for an error (`DUPLICATE_POST`), else the status."""
    answer = response.json() if response.status >= 400 else None
    named = [_inputs(answer, "code"), [answer.get("code")] if isinstance(answer, dict) else []]
    for code in (*named[0], *named[1]):
        if isinstance(code, str) and _CODE.fullmatch(code):
            return code
    return str(response.status)


def fields_of(response: Response) -> str:
    """Return which fields a refusal is about, in words; never what stood in them."""
    answer = response.json()
    message = answer.get("message") if isinstance(answer, dict) else None
    found = _FIELD.findall(message) if isinstance(message, str) else []
    return f"fields {', '.join(sorted(set(found))[:5])}" if found else ""


def duplicate_of(response: Response) -> str | None:
    """Return the post that a refusal names as the same (an empty text when it names none); None for another refusal."""
    answer = response.json() if 400 <= response.status < 500 else None
    if not isinstance(answer, dict) or "DUPLICATE_POST" not in (answer.get("code"), *_inputs(answer, "code")):
        return None
    named = _DUPLICATE_OF.search(str(answer.get("message")))
    return named[1] if named and POST.fullmatch(named[1]) else ""


def _inputs(answer: object, name: str) -> list[Any]:
    details = answer.get("errorDetails") if isinstance(answer, dict) else None
    errors = details.get("inputErrors") if isinstance(details, dict) else None
    return [error.get(name) for error in errors if isinstance(error, dict)] if isinstance(errors, list) else []
