"""How each network lets a program in: its addresses and habits as data, in one table.

Addresses and lifetimes are the networks' own words, read on 2026-11-22; where a page was not to be had, `source` says
so. What follows from a row is in `authorization` (getting in) and `tokens` (staying in).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from urllib.parse import urlsplit, urlunsplit

if TYPE_CHECKING:
    from socialops.networks.base import Login

_VERSION = "{version}"
THIS_MACHINE = frozenset({"localhost", "127.0.0.1", "::1"})


@dataclass(frozen=True, slots=True)
class Grant:
    """One network's OAuth 2. Every address is https; `at` moves them to a practice server on this very machine."""

    network: str
    authorize: str
    """Where a person says yes, in a browser."""
    token: str
    """Where a code, or a refresh token, becomes an access token."""
    scopes: str
    """What we ask for, joined as the network wants it."""
    source: str
    device: str = ""
    """Where a device code comes from; empty where there is no device flow."""
    device_scopes: str = ""
    client_id: str = "client_id"
    """What the network calls the application's id."""
    basic: bool = False
    """Whether the application's id and secret go into the Authorization header (else into the form)."""
    secret_needed: bool = True
    """Whether an application has a secret in any case."""
    pkce: str = "S256"
    """How the code challenge is written: S256 (base64url), hex (TikTok's desktop apps), or empty: it is not taken."""
    extra: tuple[tuple[str, str], ...] = ()
    """More of the authorisation address's query."""
    redirect: str = "any"
    """What may be registered as the way back: any port of 127.0.0.1, `fixed`: one port, `https`: no plain http."""
    path: str = "/callback"
    """The path of the way back."""
    rotates: bool = False
    """Whether every refresh takes the old refresh token away: the new one is then the only copy."""
    refreshes: bool = True
    """Whether there are refresh tokens. Where there are none, an access token is exchanged for a longer one."""
    long_lived: str = ""
    """Where a short access token becomes a long one (GET), and the name of that grant in *long_grant*."""
    long_grant: str = ""
    renew: str = ""
    """Where a long access token becomes a new one (GET), and the name of that grant in *renew_grant*."""
    renew_grant: str = ""
    page_tokens: str = ""
    """Where a Page's own token is listed, for a person's token."""

    def at(self, host: str) -> Grant:
        """Return the grant at *host* when that is this very machine (a practice server), else unchanged.

        A channel's file is no place to send a refresh token elsewhere with.
        """
        parts = urlsplit(host)
        if parts.scheme != "http" or parts.hostname not in THIS_MACHINE:
            return self

        def moved(address: str) -> str:
            there = urlsplit(address)
            return urlunsplit((parts.scheme, parts.netloc, there.path, there.query, "")) if address else ""

        return self._with_addresses(moved)

    @property
    def has_version(self) -> bool:
        """Whether a version of the API belongs into the addresses."""
        return _VERSION in self.token

    def in_version(self, version: str) -> Grant:
        """Return the grant with *version* (`v26.0`) in its addresses."""
        return self._with_addresses(lambda address: address.replace(_VERSION, version))

    def _with_addresses(self, changed: Callable[[str], str]) -> Grant:
        return replace(
            self,
            authorize=changed(self.authorize),
            token=changed(self.token),
            device=changed(self.device),
            long_lived=changed(self.long_lived),
            renew=changed(self.renew),
            page_tokens=changed(self.page_tokens),
        )


_YOUTUBE = "https://www.googleapis.com/auth/youtube"
# The version is the one the adapter uses: `grant_of` writes it in.
_GRAPH = "https://graph.facebook.com/{version}"

GRANTS: Mapping[str, Grant] = {
    "youtube": Grant(
        network="youtube",
        authorize="https://accounts.google.com/o/oauth2/v2/auth",
        token="https://oauth2.googleapis.com/token",  # noqa: S106 - an address, not a secret
        scopes=f"{_YOUTUBE}.upload {_YOUTUBE} {_YOUTUBE}.force-ssl https://www.googleapis.com/auth/yt-analytics.readonly",
        device="https://oauth2.googleapis.com/device/code",
        device_scopes=_YOUTUBE,
        # Without both, a second login gets no refresh token.
        extra=(("access_type", "offline"), ("prompt", "consent")),
        source="developers.google.com/youtube/v3/guides/auth/installed-apps and …/devices (the device flow takes only "
        "the scopes youtube and youtube.readonly); access 1 h; refresh tokens of apps in Testing live for 7 days",
    ),
    "tiktok": Grant(
        network="tiktok",
        authorize="https://www.tiktok.com/v2/auth/authorize/",
        token="https://open.tiktokapis.com/v2/oauth/token/",  # noqa: S106 - an address, not a secret
        scopes="user.info.basic,user.info.profile,user.info.stats,video.list,video.publish,video.upload",
        client_id="client_key",
        pkce="hex",
        path="/callback/",
        rotates=True,
        source="developers.tiktok.com/doc/login-kit-desktop and …/oauth-user-access-token-management; access 2 h "
        "(older pages: 24 h), refresh 180 days (older: 365); `expires_in` and `refresh_expires_in` are what counts",
    ),
    "linkedin": Grant(
        network="linkedin",
        authorize="https://www.linkedin.com/oauth/v2/authorization",
        token="https://www.linkedin.com/oauth/v2/accessToken",  # noqa: S106 - an address, not a secret
        scopes="openid profile w_member_social r_organization_social w_organization_social rw_organization_admin",
        pkce="",
        redirect="fixed",
        source="learn.microsoft.com/linkedin/shared/authentication/authorization-code-flow and "
        "…/programmatic-refresh-tokens: access 60 days; refresh 365 days from the first login, for approved apps only",
    ),
    "x": Grant(
        network="x",
        authorize="https://x.com/i/oauth2/authorize",
        token="https://api.x.com/2/oauth2/token",  # noqa: S106 - an address, not a secret
        scopes="tweet.read tweet.write users.read media.write offline.access",
        basic=True,
        secret_needed=False,
        redirect="fixed",
        rotates=True,
        source="docs.x.com/fundamentals/authentication/oauth-2-0/authorization-code: access 2 h, a code 30 s; that "
        "refresh tokens are used up is UNCONFIRMED there and long observed, so they are treated as if",
    ),
    "facebook": Grant(
        network="facebook",
        authorize="https://www.facebook.com/{version}/dialog/oauth",
        token=f"{_GRAPH}/oauth/access_token",
        scopes="pages_show_list,pages_manage_posts,pages_read_engagement,pages_manage_engagement,"
        "pages_read_user_content,read_insights,publish_video",
        pkce="",
        redirect="https",
        refreshes=False,
        long_lived=f"{_GRAPH}/oauth/access_token",
        long_grant="fb_exchange_token",
        page_tokens=f"{_GRAPH}/me/accounts",
        source="developers.facebook.com/docs/facebook-login (manual flow, long-lived tokens): user 60 days; a Page's "
        "token made from it has no end (UNCONFIRMED), but dies with the person's password or role",
    ),
    "instagram": Grant(
        network="instagram",
        authorize="https://www.instagram.com/oauth/authorize",
        token="https://api.instagram.com/oauth/access_token",  # noqa: S106 - an address, not a secret
        scopes="instagram_business_basic,instagram_business_content_publish,instagram_business_manage_comments,"
        "instagram_business_manage_insights",
        pkce="",
        redirect="https",
        refreshes=False,
        long_lived="https://graph.instagram.com/access_token",
        long_grant="ig_exchange_token",
        renew="https://graph.instagram.com/refresh_access_token",
        renew_grant="ig_refresh_token",
        source="developers.facebook.com/docs/instagram-platform (business login, refresh_access_token): 60 days; may "
        "be renewed when it is 24 h old and has not ended",
    ),
    "threads": Grant(
        network="threads",
        authorize="https://threads.net/oauth/authorize",
        token="https://graph.threads.net/oauth/access_token",  # noqa: S106 - an address, not a secret
        scopes="threads_basic,threads_content_publish,threads_manage_replies,threads_read_replies,threads_manage_insights,"
        "threads_manage_mentions,threads_delete",
        pkce="",
        redirect="https",
        refreshes=False,
        long_lived="https://graph.threads.net/access_token",
        long_grant="th_exchange_token",
        renew="https://graph.threads.net/refresh_access_token",
        renew_grant="th_refresh_token",
        source="developers.facebook.com/docs/threads/get-started/long-lived-tokens: 60 days; may be renewed when it is "
        "24 h old and has not ended",
    ),
}
"""Network → its OAuth 2; for its addresses, ask `grant_of`. Mastodon's is made for each server (`mastodon`)."""


def grant_of(login: Login, network: str) -> Grant | None:
    """Return the OAuth 2 of a network for one channel: at its host, in its version of the API; None: it has none.

    The version is the channel's `api_version`, else the one of the network's dated limits, as the adapter takes it.
    Raises CredentialsError for a setting that names no version.
    """
    grant = GRANTS.get(network)
    if grant is not None and grant.has_version:
        from socialops.networks import default_limits
        from socialops.networks.graph import version_of

        grant = grant.in_version(version_of(login, str(default_limits(network).entries["api_version"].value)))
    return grant.at(login.host) if grant is not None else None


def mastodon(host: str) -> Grant:
    """Return the OAuth 2 of one Mastodon server, whose tokens do not end.

    Source: docs.joinmastodon.org/methods/oauth (PKCE since 4.3; older servers overlook it).
    """
    base = host.rstrip("/")
    return Grant(
        network="mastodon",
        authorize=f"{base}/oauth/authorize",
        token=f"{base}/oauth/token",
        scopes="read write",
        refreshes=False,
        source="docs.joinmastodon.org/methods/oauth",
    )


@dataclass(frozen=True, slots=True)
class ThreeLegs:
    """The addresses of OAuth 1.0a: a request token, a person's yes, and the tokens that last."""

    request: str
    authorize: str
    access: str
    source: str

    def at(self, host: str) -> ThreeLegs:
        """Return the addresses at *host* when that is this very machine, else unchanged."""
        parts = urlsplit(host)
        if parts.scheme != "http" or parts.hostname not in THIS_MACHINE:
            return self
        base = f"{parts.scheme}://{parts.netloc}"
        request, authorize, access = (
            base + urlsplit(address).path for address in (self.request, self.authorize, self.access)
        )
        return ThreeLegs(request, authorize, access, self.source)


X_THREE_LEGS = ThreeLegs(
    request="https://api.x.com/oauth/request_token",
    authorize="https://api.x.com/oauth/authorize",
    access="https://api.x.com/oauth/access_token",
    source="docs.x.com/fundamentals/authentication/oauth-1-0a/obtaining-user-access-tokens: these tokens do not expire",
)

GUIDES: Mapping[str, tuple[str, ...]] = {
    "bluesky": (
        "Open Settings, Privacy and security, App passwords, and add one called socialops.",
        "It has the form xxxx-xxxx-xxxx-xxxx. The account's own password is never needed here.",
    ),
    "telegram": (
        "Write to @BotFather, send /newbot, and copy the token it answers with (123456:ABC…).",
        "Make the bot an administrator of the channel, with the right to post messages.",
    ),
    "discord": (
        "Open discord.com/developers/applications, make an application, and copy the token under Bot.",
        "Invite the bot with the rights Send Messages, Attach Files and Read Message History.",
        "Or open the channel's settings, Integrations, Webhooks, and copy a webhook's address: that is a secret too.",
    ),
    "slack": (
        "Open api.slack.com/apps, make an app, and under OAuth & Permissions give it chat:write and files:write.",
        "Install it and copy the token that begins with xoxb-.",
        "Or switch on Incoming Webhooks and copy the address of one: that is a secret too.",
        "Invite the app into the channel: /invite @its-name. Leave token rotation off.",
    ),
    "matrix": (
        "Log in as the bot's own account in a browser; in Element: Settings, Help & About, Advanced, Access token.",
        "Close that window without logging out: logging out ends the token.",
    ),
    "email": (
        "Ask your mail provider for an SMTP account of its own, or make an app password for it.",
        "At Google these are under Security, 2-Step Verification, App passwords.",
        "Never use a person's own password.",
    ),
}
"""What to click where, on networks whose secret is made by hand."""

APPLICATIONS: Mapping[str, tuple[str, ...]] = {
    "youtube": (
        "Open console.cloud.google.com, make a project, and switch on the YouTube Data API v3.",
        "Make credentials: OAuth client ID, type Desktop app (for --device: TVs and Limited Input devices).",
        "Publish the consent screen: while it stands on Testing, its refresh tokens end after 7 days.",
    ),
    "tiktok": (
        "Open developers.tiktok.com, Manage apps; add Login Kit (Desktop) and the Content Posting API.",
        "Register this redirect address: http://127.0.0.1:*/callback/",
    ),
    "linkedin": (
        "Open linkedin.com/developers/apps, make an app, and add Share on LinkedIn or Community Management.",
        "Register this redirect address under Auth: http://127.0.0.1:8766/callback",
    ),
    "x": (
        "Open developer.x.com, your app, User authentication settings: Read and write.",
        "Register this callback address: http://127.0.0.1:8766/callback",
    ),
    "facebook": (
        "Open developers.facebook.com/apps, your app, Facebook Login, Settings.",
        "Register this redirect address: https://localhost:8766/callback",
    ),
    "instagram": (
        "Open developers.facebook.com/apps, your app, Instagram, API setup with Instagram login.",
        "Register this redirect address: https://localhost:8766/callback",
    ),
    "threads": (
        "Open developers.facebook.com/apps, your app, Threads API, Settings.",
        "Register this redirect address: https://localhost:8766/callback",
    ),
}
"""What to click where for an application, on networks that want one."""
