"""Every error socialops raises.

    SocialopsError                    exit 2
    ├── UsageError                    2   the command was called in a way that cannot work
    ├── WorkspaceError                2   no workspace here, or its settings are wrong
    ├── CredentialsError              2   a secret is missing, or is bound to another host
    ├── GitError                      2   git said no
    │   └── PushRejected              2   somebody else pushed first: forget, fetch, plan anew
    ├── LedgerError                   2   the ledger cannot be trusted: nothing may be sent
    ├── ClockError                    2   this machine's clock is wrong: nothing may be sent
    ├── SiteError                     2   the site could not be built
    ├── HttpError                     1   what happened to one HTTP exchange
    │   ├── NotSent                   1   provably before the request left: safe to try again
    │   └── NoAnswer                  3   the request may have arrived
    └── NetworkError                  1   what the *caller* of a network may do now
        ├── Rejected                  1   fix the post
        ├── NotAllowed                1   fix the credentials
        ├── TryLater                  1   provably not sent; `after` says when
        └── Unknown                   3   perhaps sent: look, or ask a person

A wrong post is not an error but a `Problem` (problem.py). Errors become messages and exit codes in `cli/` alone:

    try:
        ...
    except SocialopsError as error:
        print(error, error.hint); sys.exit(error.exit_code)
"""

from __future__ import annotations

from datetime import timedelta


class SocialopsError(Exception):
    """Something socialops could not do; *hint* says what a person can do about it."""

    exit_code = 2

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class UsageError(SocialopsError):
    """The command was called in a way that cannot work."""


class WorkspaceError(SocialopsError):
    """There is no workspace here, or its settings are wrong."""


class CredentialsError(SocialopsError):
    """A secret is missing, or may not be used for this host."""


class GitError(SocialopsError):
    """A git command failed; the message carries git's own words."""


class PushRejected(GitError):
    """The remote has commits we do not: somebody else was first."""


class LedgerError(SocialopsError):
    """The ledger is missing, newer, rolled back or corrupt: nothing may be sent."""


class ClockError(SocialopsError):
    """Our clock is wrong by minutes or more: what is due cannot be told, and nothing may be sent."""


class SiteError(SocialopsError):
    """The site could not be built."""


class HttpError(SocialopsError):
    """One HTTP exchange did not end in a response."""

    exit_code = 1


class NotSent(HttpError):
    """The request provably never left: name lookup, refused connection, TLS handshake, no free connection."""


class NoAnswer(HttpError):
    """The request may have arrived: the answer was lost, cut, too slow or too large."""

    exit_code = 3


class NetworkError(SocialopsError):
    """A network's answer, told as what the caller may do now.

    *code* is the network's own word for it (`422`, `RateLimitExceeded`): kept for the ledger, never a body.
    """

    exit_code = 1

    def __init__(self, message: str, *, hint: str = "", code: str = "") -> None:
        super().__init__(message, hint=hint)
        self.code = code


class Rejected(NetworkError):
    """The network refuses this post; sending it again changes nothing."""


class NotAllowed(NetworkError):
    """The network refuses these credentials."""


class TryLater(NetworkError):
    """The post was provably not sent; *after* is how long the network wants us to wait."""

    def __init__(self, message: str, *, after: timedelta, hint: str = "", code: str = "") -> None:
        super().__init__(message, hint=hint, code=code)
        self.after = after


class Unknown(NetworkError):
    """The post was perhaps sent: only looking, or a person, can tell."""

    exit_code = 3
