"""What Slack's words mean: it refuses with status 200 and a word, and the word says what may be done.

Sources: docs.slack.dev (errors of chat.postMessage, conversations.history, incoming webhooks).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from socialops.errors import NetworkError, NotAllowed, Rejected, TryLater, Unknown
from socialops.networks.base import wait_of

if TYPE_CHECKING:
    from socialops.http import Response

_PLACE = "Slack"
_WORD = re.compile(r"[a-z][a-z_]{1,60}")

_CHANNEL_HINT = "Correct `channel:` under `params:` in the channel's file, and invite the bot there (/invite)."
_INSTALL_HINT = "Install the app again, and store its new token as the channel's secret."
WEBHOOK_HINT = "Make a new webhook in the app's settings, and store its address as the channel's secret."
_NOT_OURS = {
    **dict.fromkeys(
        ("channel_not_found", "not_in_channel", "is_inactive", "channel_type_not_supported"), _CHANNEL_HINT
    ),
    **dict.fromkeys(
        ("is_archived", "channel_is_archived"), "The channel was archived: open it again, or leave it out."
    ),
    **dict.fromkeys(
        ("invalid_auth", "not_authed", "account_inactive", "token_revoked", "token_expired", "invalid_token"),
        _INSTALL_HINT,
    ),
    **dict.fromkeys(
        ("missing_scope", "no_permission", "not_allowed_token_type"),
        "Add the missing scope to the app; install it anew.",
    ),
    **dict.fromkeys(("no_service", "no_active_hooks", "no_team", "team_disabled", "no_service_id"), WEBHOOK_HINT),
    **dict.fromkeys(
        (
            "access_denied",
            "accesslimited",
            "action_prohibited",
            "ekm_access_denied",
            "enterprise_is_restricted",
            "file_uploads_disabled",
            "org_login_required",
            "posting_to_general_channel_denied",
            "restricted_action",
            "restricted_action_non_threadable_channel",
            "restricted_action_read_only_channel",
            "restricted_action_thread_locked",
            "restricted_action_thread_only_channel",
            "team_access_not_granted",
            "team_not_found",
            "two_factor_setup_required",
        ),
        "Ask an administrator of the workspace: its rules keep the app from writing there.",
    ),
}
"""Words that say that the channel or the app, not the post, is at fault."""
_LATER = frozenset({"ratelimited", "rate_limited", "message_limit_exceeded", "team_added_to_org"})
_UNSURE = frozenset({"fatal_error", "internal_error", "request_timeout", "rollup_error", "service_unavailable"})
_POST = {
    "msg_too_long": "Shorten the text.",
    "msg_blocks_too_long": "Shorten the text.",
    "no_text": "Write some words, or add a picture.",
    "invalid_blocks": "Save the pictures anew as JPEG or PNG.",
    "cannot_reply_to_message": "The part before this one cannot be answered: publish the rest as a new post.",
    "thread_not_found": "The first part was deleted: publish the rest as a new post.",
}


def is_yes(response: Response) -> bool:
    """Tell whether Slack says ok."""
    answer = response.json() if response.status == 200 else None
    return isinstance(answer, dict) and answer.get("ok") is True


def word_of(response: Response) -> str:
    """Return Slack's word for an error: in JSON from its API, alone in the body from a webhook; else empty."""
    answer = response.json()
    word = answer.get("error") if isinstance(answer, dict) and answer.get("ok") is False else None
    if answer is None:
        word = response.body[:100].decode("ascii", "replace").strip()
    return word if isinstance(word, str) and _WORD.fullmatch(word) else ""


def refused(response: Response, over: str = "") -> NetworkError:
    """Say what an answer that is no yes means for the caller; *over* says what does not fit."""
    word, status = word_of(response), response.status
    code = word or str(status)
    if status == 429 or word in _LATER:
        return TryLater(f"{_PLACE} wants us to wait ({code}).", after=wait_of(response.headers), code=code)
    said = status == 200 and word and word != "ok"
    if not (said or 400 <= status < 500) or status in {408, 409, 425, 499}:
        return Unknown(f"{_PLACE} gave an answer that says nothing sure ({code}).", code=code)
    if word in _UNSURE or word.startswith("duplicate"):
        return Unknown(f"{_PLACE} broke off, and the message may be there all the same ({code}).", code=code)
    if word in _NOT_OURS or status in {401, 403}:
        hint = _NOT_OURS.get(word, _INSTALL_HINT)
        return NotAllowed(f"{_PLACE} does not let us write there ({code}).", hint=hint, code=code)
    return Rejected(
        f"{_PLACE} refuses the post ({code}){f'; {over}' if over else ''}.",
        hint=_POST.get(word, "Run `socialops check` on the post."),
        code=code,
    )


def number_of(value: object) -> int | None:
    """Return a counter; None for anything else."""
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None


def text_of(value: object) -> str:
    """Return a text; empty for anything else."""
    return value if isinstance(value, str) else ""
