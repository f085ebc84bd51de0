"""What TikTok's answers mean: its envelope, the words of its refusals and failures, its numbers.

Source: developers.tiktok.com (tiktok-api-v2-error-handling, content-posting-api-reference-direct-post,
-get-video-status), as of 2026-11.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from socialops.errors import NetworkError, NotAllowed, Rejected, TryLater, Unknown
from socialops.networks.base import DEFAULT_WAIT, Stat, wait_of

if TYPE_CHECKING:
    from socialops.http import Response

DAY = timedelta(hours=24)
PACE = timedelta(minutes=1)
"""The limits on requests are counted over a minute (tiktok-api-v2-rate-limit)."""
FINISHED = frozenset({"PUBLISH_COMPLETE", "SEND_TO_USER_INBOX"})
WORKING = frozenset({"PROCESSING_UPLOAD", "PROCESSING_DOWNLOAD"})
POST_ID = re.compile(r"[0-9]{6,24}")

_CODE = re.compile(r"[a-z_0-9]{1,80}")
_TOKEN_HINT = "A TikTok token lives for hours: `socialops login` gets one that is renewed."  # noqa: S105 - a hint
_SCOPES = "Run `socialops login`: it asks for user.info.basic, video.publish, video.upload and video.list."


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a word of TikTok's means for the caller; *wait* is how long to wait where the headers say nothing."""

    error: type[NetworkError]
    hint: str
    wait: timedelta = DEFAULT_WAIT


MEANINGS = {
    "access_token_invalid": Meaning(NotAllowed, _TOKEN_HINT),
    "scope_not_authorized": Meaning(NotAllowed, _SCOPES),
    "scope_permission_missed": Meaning(NotAllowed, _SCOPES),
    "spam_risk_user_banned_from_posting": Meaning(NotAllowed, "Open TikTok as that account and read what it says."),
    "unaudited_client_can_only_post_to_private_accounts": Meaning(
        NotAllowed, "Ask TikTok to audit the app; until then it posts to private accounts, as `privacy: private` only."
    ),
    "rate_limit_exceeded": Meaning(TryLater, "", PACE),
    "spam_risk_too_many_posts": Meaning(TryLater, "The account has posted as often as it may in a day.", DAY),
    "spam_risk_too_many_pending_share": Meaning(TryLater, "Finish or drop what lies in the account's inbox.", DAY),
    "reached_active_user_cap": Meaning(TryLater, "The app has as many accounts a day as it may.", DAY),
    "url_ownership_unverified": Meaning(Rejected, "Verify the media host in the app's settings at TikTok."),
    "privacy_level_option_mismatch": Meaning(Rejected, "Choose a privacy that the account offers."),
    "spam_risk_text": Meaning(Rejected, "TikTok takes the text for spam: write it anew."),
    "app_version_check_failed": Meaning(Rejected, "Update the TikTok app of the account; the inbox needs it."),
    "invalid_file_upload": Meaning(Rejected, "Save the video anew as MP4 with H.264."),
}
FAILURES = {
    "file_format_check_failed": "Save the file anew: MP4 with H.264, JPEG for photos.",
    "duration_check_failed": "Cut the video: it is too long, or too short, for this account.",
    "frame_rate_check_failed": "Save the video anew with 23 to 60 pictures a second.",
    "picture_size_check_failed": "Save it anew with sides of 360 to 4096 pixels.",
    "video_pull_failed": "Look whether the media host can be reached from everywhere.",
    "photo_pull_failed": "Look whether the media host can be reached from everywhere.",
}
"""What is wrong with the post itself; other failures are TikTok's own, and it may be tried again."""


def refusal(response: Response, *, over: str | None, unsure: bool = False) -> NetworkError | None:
    """Say what an answer means that is no success; None: it is one.

    *over* is None for a question, else in words what of the post does not fit. *unsure*: whether it could be seen.
    """
    answer = response.json()
    error = answer.get("error") if isinstance(answer, dict) else None
    word = word_of(error.get("code")) if isinstance(error, dict) else ""
    status = response.status
    if status == 200 and word == "ok":
        return None
    code = word if word not in {"", "ok"} else str(status)
    known = MEANINGS.get(word)
    if known is None and status == 429:
        known = MEANINGS["rate_limit_exceeded"]
    if known is None and status in {401, 403}:
        known = MEANINGS["access_token_invalid"]
    if known and known.error is not Rejected:
        return _meant(known, code, wait_of(response.headers, default=known.wait))
    definite = 400 <= status < 500 and status not in {408, 409, 425, 499} and word != "internal_error"
    if over is not None and (known or definite):
        hint = known.hint if known else "Compare it with what fits on TikTok: `socialops check`."
        return Rejected(f"TikTok refuses the post ({code}){'; ' + over if over else ''}.", hint=hint, code=code)
    if unsure:
        return Unknown(f"TikTok gave an answer that says nothing sure ({code}).", code=code)
    return TryLater(f"TikTok cannot be asked now ({code}).", after=wait_of(response.headers), code=code)


def failure(reason: str) -> NetworkError:
    """Say what the reason of a failed post means: nothing was posted."""
    if reason in FAILURES:
        return Rejected(f"TikTok could not use the file ({reason}).", hint=FAILURES[reason], code=reason)
    if reason in MEANINGS:
        return _meant(MEANINGS[reason], reason, MEANINGS[reason].wait)
    code = reason or "FAILED"
    return TryLater(f"TikTok failed to post it ({code}).", after=DEFAULT_WAIT, code=code)


def _meant(known: Meaning, code: str, wait: timedelta) -> NetworkError:
    if known.error is TryLater:
        return TryLater(f"TikTok wants us to wait ({code}).", after=max(wait, known.wait), hint=known.hint, code=code)
    if known.error is NotAllowed:
        return NotAllowed(f"TikTok refuses our credentials ({code}).", hint=known.hint, code=code)
    return Rejected(f"TikTok refuses the post ({code}).", hint=known.hint, code=code)


def post_id(status: Mapping[str, Any]) -> str:
    """Return the post's id; the field's name is misspelled by TikTok."""
    for name in ("publicaly_available_post_id", "publicly_available_post_id"):
        for identity in items(status.get(name)):
            if POST_ID.fullmatch(str(identity)):
                return str(identity)
    return ""


def stats_of(post: Mapping[str, Any], receipt: str) -> list[Stat]:
    """Return the counters of one of our posts."""
    read = {"views": "view_count", "likes": "like_count", "replies": "comment_count", "shares": "share_count"}
    found = {metric: number(post.get(name)) for metric, name in read.items()}
    return [Stat(receipt, metric, number) for metric, number in found.items() if number is not None]


def number(value: object) -> int | None:
    """Return a count; None for anything else."""
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None


def whole(value: object) -> int:
    """Return a whole number, also one that is written as text; 0 for anything else."""
    if isinstance(value, str) and re.fullmatch(r"\d{1,12}", value, re.ASCII):
        return int(value)
    return number(value) or 0


def word_of(value: object) -> str:
    """Return a code of TikTok's, or an empty text for anything else."""
    return value if isinstance(value, str) and _CODE.fullmatch(value) else ""


def data_of(response: Response) -> Mapping[str, Any]:
    """Return the data in the envelope of an answer."""
    answer = response.json()
    data = answer.get("data") if isinstance(answer, dict) else None
    return data if isinstance(data, dict) else {}


def items(value: object) -> list[Any]:
    """Return *value* as a list: a text is one item, anything else that is no list is none."""
    return [value] if isinstance(value, str) else list(value) if isinstance(value, (list, tuple)) else []
