"""Getting in: from a person's yes in a browser to tokens, as each network's row in `grants` says.

One function, one step; who shows the address, and how the answer comes back, is the command line's business. No error
here holds a code, a token, or an address with a query.

Sources: RFC 6749 (codes), RFC 7636 (PKCE), RFC 8252 (programs on people's machines), RFC 8628 (device codes), RFC 5849
(OAuth 1.0a).
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

from socialops.errors import NotAllowed, NotSent, UsageError
from socialops.http import Http, Response
from socialops.networks.base import DEFAULT_WAIT, web_address
from socialops.networks.grants import Grant, ThreeLegs
from socialops.networks.oauth1 import Keys, Pairs, authorization
from socialops.networks.tokens import DEADLINE, SHORT, Application, Tokens, ask, error_word, given_by

OUT_OF_BAND = "urn:ietf:wg:oauth:2.0:oob"
"""Mastodon's way back without a browser that finds us: it shows the code."""
SLOWEST = 60
"""Seconds between two questions for a device code, however often we are told to slow down."""

_CODE = re.compile(r"[\x21-\x7e]{1,4096}")


def new_state() -> str:
    """Return a word nobody can guess, which the answer must bring back."""
    return secrets.token_urlsafe(32)


def new_verifier() -> str:
    """Return a secret for one login (RFC 7636, section 4.1: 43 to 128 signs)."""
    return secrets.token_urlsafe(64)


def challenge(verifier: str, method: str) -> str:
    """Return what is shown of a verifier: its SHA-256 as base64url (S256), or as hexadecimal digits (TikTok)."""
    digest = hashlib.sha256(verifier.encode("ascii")).digest()
    return digest.hex() if method == "hex" else base64.urlsafe_b64encode(digest).decode("ascii").rstrip("=")


def address(grant: Grant, application: Application, *, redirect: str, state: str, verifier: str) -> str:
    """Return the address where a person says yes."""
    query = {
        "response_type": "code",
        grant.client_id: application.id,
        "redirect_uri": redirect,
        "scope": grant.scopes,
        "state": state,
        **dict(grant.extra),
    }
    if grant.pkce:
        query |= {"code_challenge": challenge(verifier, grant.pkce), "code_challenge_method": "S256"}
    return f"{grant.authorize}?{urlencode(query)}"


def code_in(answer: Mapping[str, str], *, state: str, network: str, name: str = "code") -> str:
    """Return the code of an answer's query; raises NotAllowed for a no, and UsageError for another login's answer."""
    if not hmac.compare_digest(answer.get("state", "").encode(), state.encode()):
        raise UsageError(
            "That answer belongs to another login: its `state` is not the one that was sent.",
            hint="Nothing was taken from it. Begin again, and use only the address that is shown then.",
        )
    if "error" in answer:
        word = answer["error"] if SHORT.fullmatch(answer["error"]) else "refused"
        raise NotAllowed(
            f"{network} did not let us in ({word}).",
            hint="Begin again, and say yes there; look whether the app may ask for these rights.",
            code=word,
        )
    code = answer.get(name, "")
    if not _CODE.fullmatch(code):
        raise UsageError("That answer holds no code.", hint="Begin again, and copy the whole address.")
    return code


def code_pasted(pasted: str, *, state: str, grant: Grant) -> str:
    """Return the code of what a person pasted: the whole address they were led to, or the code alone.

    A code alone has no `state`; it is taken where the verifier proves that it is this login's. Raises as `code_in`.
    """
    text = pasted.strip()
    if "://" in text or text.startswith("?") or "code=" in text or "state=" in text:
        query = text.partition("?")[2].partition("#")[0] if "?" in text else text
        return code_in(query_of(query), state=state, network=grant.network)
    if not grant.pkce:
        raise UsageError(
            f"{grant.network} needs the whole address: without it nobody can tell that the code is this login's.",
            hint="Begin again, and copy everything that stands in the browser's address line.",
        )
    return code_in({"code": text.removesuffix("#_"), "state": state}, state=state, network=grant.network)


def query_of(query: str) -> dict[str, str]:
    """Return a query's fields; a field that is there twice counts as missing."""
    fields = parse_qs(query, keep_blank_values=True, max_num_fields=50, errors="replace")
    return {name: values[0] for name, values in fields.items() if len(values) == 1}


def exchange(
    http: Http, grant: Grant, application: Application, *, code: str, redirect: str, verifier: str, now: datetime
) -> Tokens:
    """Turn a code into tokens, and a short token into a long one where the network has those; raises SocialopsError."""
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": redirect}
    if grant.pkce:
        form["code_verifier"] = verifier
    given = given_by(ask(http, grant, application, form), now, grant.network)
    return lengthen(http, grant, application, given.access, now) if grant.long_lived else given


def lengthen(http: Http, grant: Grant, application: Application, access: str, now: datetime) -> Tokens:
    """Turn Meta's token of an hour into one of sixty days; raises NotAllowed, NotSent or NoAnswer."""
    query = {"grant_type": grant.long_grant, "client_secret": application.secret}
    if grant.long_grant == "fb_exchange_token":
        query |= {"client_id": application.id, "fb_exchange_token": access}
    else:
        query["access_token"] = access
    return given_by(http.send("GET", grant.long_lived, query=query, deadline=DEADLINE), now, grant.network)


def renew(http: Http, grant: Grant, access: str, now: datetime) -> Tokens:
    """Turn a long token of Meta's into a new one; the old one goes on working till its end.

    Raises NotAllowed (it must be a day old, and not have ended), NotSent or NoAnswer.
    """
    query = {"grant_type": grant.renew_grant, "access_token": access}
    return given_by(http.send("GET", grant.renew, query=query, deadline=DEADLINE), now, grant.network)


@dataclass(frozen=True, slots=True)
class Page:
    """A Page that a person may write on, with the token to do so."""

    id: str
    name: str
    token: str = field(repr=False)


def pages(http: Http, grant: Grant, access: str) -> list[Page]:
    """Return the Pages of a person; raises NotAllowed or NotSent."""
    query = {"fields": "id,name,access_token", "limit": "100"}
    response = http.send(
        "GET", grant.page_tokens, headers={"Authorization": f"Bearer {access}"}, query=query, deadline=DEADLINE
    )
    answer = response.json()
    listed = answer.get("data") if isinstance(answer, dict) else None
    if response.status != 200 or not isinstance(listed, list):
        raise _refusal(response, grant.network)
    return [
        Page(str(page["id"]), str(page.get("name", "")), page["access_token"])
        for page in listed
        if isinstance(page, dict) and str(page.get("id", "")).isdigit() and isinstance(page.get("access_token"), str)
    ]


@dataclass(frozen=True, slots=True)
class DeviceCode:
    """What a person types in on another device: *word*, at *where*."""

    where: str
    word: str
    secret: str = field(repr=False)
    lifetime: int
    """Seconds."""
    interval: int
    """Seconds between two questions."""


def device_code(http: Http, grant: Grant, application: Application) -> DeviceCode:
    """Ask for a code that a person types in elsewhere; raises NotAllowed or NotSent."""
    form = {grant.client_id: application.id, "scope": grant.device_scopes or grant.scopes}
    response = http.send("POST", grant.device, form=form, deadline=DEADLINE)
    answer = response.json()
    found: Mapping[str, Any] = answer if isinstance(answer, dict) else {}
    where = web_address(found.get("verification_url", found.get("verification_uri")))
    word, secret = found.get("user_code"), found.get("device_code")
    shown = isinstance(word, str) and word.isprintable() and 0 < len(word) <= 40
    if response.status != 200 or not where or not shown or not isinstance(secret, str):
        raise _refusal(response, grant.network)
    lifetime, interval = found.get("expires_in"), found.get("interval")
    return DeviceCode(
        where,
        str(word),
        secret,
        lifetime if isinstance(lifetime, int) and 0 < lifetime < 86400 else 900,
        interval if isinstance(interval, int) and 0 < interval <= SLOWEST else 5,
    )


def wait_for_device(
    http: Http,
    grant: Grant,
    application: Application,
    code: DeviceCode,
    *,
    now: Callable[[], datetime],
    sleep: Callable[[float], None],
) -> Tokens:
    """Ask again and again until the person said yes; raises NotAllowed for a no, and when the code has ended."""
    form = {"grant_type": "urn:ietf:params:oauth:grant-type:device_code", "device_code": code.secret}
    waited, interval = 0, code.interval
    while waited < code.lifetime:
        sleep(interval)
        waited += interval
        response = ask(http, grant, application, form)
        answer = response.json()
        word = error_word(answer, response.status) if isinstance(answer, dict) else str(response.status)
        if response.status < 500 and word not in {"authorization_pending", "slow_down"}:
            return given_by(response, now(), grant.network)
        if word == "slow_down":
            interval = min(interval + 5, SLOWEST)
    raise NotAllowed(f"Nobody typed the code in at {grant.network} in time.", hint="Begin again.", code="expired_token")


def register(http: Http, grant: Grant, *, host: str, redirect: str) -> Application:
    """Make ourselves known to one Mastodon server (POST /api/v1/apps); raises NotAllowed or NotSent."""
    form = {"client_name": "socialops", "redirect_uris": redirect, "scopes": grant.scopes}
    response = http.send("POST", f"{host.rstrip('/')}/api/v1/apps", form=form, deadline=DEADLINE)
    answer = response.json()
    found: Mapping[str, Any] = answer if isinstance(answer, dict) else {}
    known, secret = found.get("client_id"), found.get("client_secret")
    if response.status != 200 or not isinstance(known, str) or not isinstance(secret, str):
        raise _refusal(response, urlsplit(host).netloc)
    return Application(known, secret)


# --- OAuth 1.0a -------------------------------------------------------------------------------------------------------


def request_token(
    http: Http, legs: ThreeLegs, keys: Keys, *, callback: str, nonce: str, timestamp: int
) -> tuple[str, str]:
    """Begin: return a request token and its secret. *callback* `oob` has X show a PIN instead."""
    answer = _signed(http, legs.request, keys, (("oauth_callback", callback),), nonce, timestamp)
    if answer.get("oauth_callback_confirmed") != "true":
        raise NotAllowed(
            "X did not confirm the way back.", hint=f"Register {callback} in the app's settings.", code="callback"
        )
    return answer["oauth_token"], answer["oauth_token_secret"]


def three_legs_address(legs: ThreeLegs, token: str) -> str:
    """Return the address where a person says yes."""
    return f"{legs.authorize}?{urlencode({'oauth_token': token})}"


def verifier_in(answer: Mapping[str, str], *, token: str) -> str:
    """Return the verifier of an answer's query; raises NotAllowed for a no, and UsageError for another login's answer.

    The request token is here what `state` is in OAuth 2.
    """
    if answer.get("denied"):
        raise NotAllowed("X did not let us in (denied).", hint="Begin again, and say yes there.", code="denied")
    return code_in({**answer, "state": answer.get("oauth_token", "")}, state=token, network="x", name="oauth_verifier")


def verifier_pasted(pasted: str, *, token: str) -> str:
    """Return the verifier of what a person pasted: the whole address they were led to, or the PIN."""
    text = pasted.strip()
    if "?" in text or "oauth_verifier=" in text:
        return verifier_in(query_of(text.partition("?")[2].partition("#")[0] or text), token=token)
    return verifier_in({"oauth_token": token, "oauth_verifier": text}, token=token)


def access_token(
    http: Http, legs: ThreeLegs, keys: Keys, *, verifier: str, nonce: str, timestamp: int
) -> tuple[str, str, str]:
    """End: return the token and secret that last, and the name of the account. *keys* hold the request token."""
    answer = _signed(http, legs.access, keys, (("oauth_verifier", verifier),), nonce, timestamp)
    return answer["oauth_token"], answer["oauth_token_secret"], answer.get("screen_name", "")


def _signed(http: Http, url: str, keys: Keys, extra: Pairs, nonce: str, timestamp: int) -> dict[str, str]:
    header = authorization("POST", url, keys, nonce=nonce, timestamp=timestamp, extra=extra)
    response = http.send("POST", url, headers={"Authorization": header}, deadline=DEADLINE)
    fields = dict(parse_qsl(response.body.decode("utf-8", "replace"), max_num_fields=50))
    if response.status != 200 or not (fields.get("oauth_token") and fields.get("oauth_token_secret")):
        raise _refusal(response, "x")
    return fields


def _refusal(response: Response, place: str) -> NotAllowed | NotSent:
    answer = response.json()
    word = error_word(answer, response.status) if isinstance(answer, dict) else str(response.status)
    if response.status == 429 or response.status >= 500:
        wait = int(DEFAULT_WAIT.total_seconds() // 60)
        return NotSent(f"{place} cannot be asked just now ({word}).", hint=f"Try again in {wait} minutes.")
    return NotAllowed(
        f"{place} refuses our application ({word}).", hint="Look at the app's id, secret and settings there.", code=word
    )
