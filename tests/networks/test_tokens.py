"""Staying logged in, against an authorization server on real sockets: one renewal for all, and no token ever lost."""

from __future__ import annotations

import inspect
import json
import signal
import stat
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from authorization_stage import CLIENT, SECRET, AuthorizationServer, authorization_server
from socialops.errors import CredentialsError, NetworkError, NotAllowed, NotSent
from socialops.http import Http
from socialops.networks import connect, default_limits
from socialops.networks.base import Login
from socialops.networks.grants import GRANTS, grant_of
from socialops.networks.tokens import STAND_IN, Application, SignedIn, Store, Token, Tokens, fingerprint

NOW = datetime(2026, 12, 6, 9, 0, tzinfo=UTC)
APPLICATION = Application(CLIENT, SECRET)


class Clock:
    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now

    def later(self, **span: int) -> None:
        self.now += timedelta(**span)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def server() -> Iterator[AuthorizationServer]:
    with authorization_server() as place:
        place.refresh = place.new("refresh")
        yield place


@pytest.fixture
def http() -> Iterator[Http]:
    with Http() as client:
        yield client


def token(server: AuthorizationServer, http: Http, clock: Clock, folder: Path | None, network: str = "tiktok") -> Token:
    grant = GRANTS[network].at(server.url)
    store = Store(folder, "ours") if folder and grant.rotates else None
    return Token("ours", grant, APPLICATION, server.given[0], http, now=clock, store=store)


@pytest.mark.parametrize("network", ["tiktok", "x", "youtube", "linkedin"])
def test_each_network_renews_with_its_own_request(
    network: str, server: AuthorizationServer, http: Http, clock: Clock, tmp_path: Path
) -> None:
    server.rotates = GRANTS[network].rotates
    ours = token(server, http, clock, tmp_path, network)
    first = ours.access()
    assert first == server.access
    assert ours.access() == first
    clock.later(seconds=server.expires_in - 60)
    assert ours.access() == server.access != first
    assert server.renewals == 2
    (path, form), *_ = server.asked
    assert GRANTS[network].token.endswith(path)
    assert form["grant_type"] == "refresh_token"
    assert ("client_key" in form) == (network == "tiktok")
    assert ("client_secret" in form) == (network != "x")


def test_eight_threads_that_need_a_token_ask_once(
    server: AuthorizationServer, http: Http, clock: Clock, tmp_path: Path
) -> None:
    server.slow = 0.2
    ours = token(server, http, clock, tmp_path)
    got: list[str] = []
    start = threading.Barrier(8)

    def need() -> None:
        start.wait()
        got.append(ours.access())

    threads = [threading.Thread(target=need) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert got == [server.access] * 8
    assert server.renewals == 1


def test_eight_threads_that_meet_a_401_ask_once(
    server: AuthorizationServer, http: Http, clock: Clock, tmp_path: Path
) -> None:
    ours = SignedIn(http, token(server, http, clock, tmp_path))
    headers = {"Authorization": f"Bearer {STAND_IN}"}
    assert ours.get(f"{server.url}/api", headers=headers).status == 200
    server.access = "taken-back"
    before, start, statuses = server.renewals, threading.Barrier(8), []

    def post() -> None:
        start.wait()
        statuses.append(ours.send("POST", f"{server.url}/api", headers=headers, json_body={"text": "x"}).status)

    threads = [threading.Thread(target=post) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert statuses == [200] * 8
    assert server.renewals == before + 1


def test_a_failed_renewal_is_not_repeated_by_every_thread(
    server: AuthorizationServer, http: Http, clock: Clock, tmp_path: Path
) -> None:
    server.fail = [(503, {})]
    ours = token(server, http, clock, tmp_path)
    for _ in range(5):
        with pytest.raises(NotSent):
            ours.access()
    assert server.renewals == 1
    clock.later(minutes=1)
    assert ours.access() == server.access


def test_a_token_that_is_refused_again_is_not_renewed_for_ever(
    server: AuthorizationServer, http: Http, clock: Clock, tmp_path: Path
) -> None:
    ours = SignedIn(http, token(server, http, clock, tmp_path))
    headers = {"Authorization": f"Bearer {STAND_IN}"}
    server.before_answer = lambda: setattr(server, "access", "never-right")
    for _ in range(4):
        assert ours.get(f"{server.url}/api", headers=headers).status == 401
    assert server.renewals == 2


def test_requests_without_the_stand_in_carry_no_token(
    server: AuthorizationServer, http: Http, clock: Clock, tmp_path: Path
) -> None:
    assert SignedIn(http, token(server, http, clock, tmp_path)).get(f"{server.url}/elsewhere").status == 401
    assert server.renewals == 0


def test_a_request_that_x_would_sign_carries_the_token_instead(
    server: AuthorizationServer, http: Http, clock: Clock, tmp_path: Path
) -> None:
    ours = SignedIn(http, token(server, http, clock, tmp_path, "x"))
    header = f'OAuth oauth_consumer_key="", oauth_token="{STAND_IN}", oauth_signature="abc"'
    assert ours.send("POST", f"{server.url}/2/tweets", headers={"Authorization": header}).status == 200


@pytest.mark.parametrize("network", ["tiktok", "x", "youtube", "linkedin"])
def test_each_adapter_asks_with_the_token_of_the_moment_and_holds_none(
    network: str, server: AuthorizationServer, http: Http, clock: Clock, tmp_path: Path
) -> None:
    headers: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        headers.append(request.headers["Authorization"])
        return httpx.Response(401 if len(headers) == 1 else 500, json={})

    server.rotates = GRANTS[network].rotates
    ours = token(server, http, clock, tmp_path, network)
    first = ours.access()
    with Http(transport=httpx.MockTransport(answer)) as door:
        settings = {"organization": "12345"}
        login = Login("ours", "ours", "", STAND_IN, settings=settings)
        adapted = connect(network, login, SignedIn(door, ours))
        with pytest.raises(NetworkError):
            adapted.account()
    assert headers[:2] == [f"Bearer {first}", f"Bearer {server.access}"]
    assert first != server.access
    assert first not in repr(vars(adapted))


@pytest.mark.parametrize("name", ["get", "send"])
def test_an_adapter_can_ask_as_it_would_without_a_token(name: str) -> None:
    assert inspect.signature(getattr(SignedIn, name)) == inspect.signature(getattr(Http, name))


# --- what changes must not be lost ------------------------------------------------------------------------------------


def test_a_new_refresh_token_is_in_the_file_before_it_is_used_and_only_its_owner_reads_it(
    server: AuthorizationServer, http: Http, clock: Clock, tmp_path: Path
) -> None:
    folder = tmp_path / "tokens"
    token(server, http, clock, folder).access()
    file = folder / "ours.json"
    kept = json.loads(file.read_text("utf-8"))
    assert (kept["access"], kept["refresh"], kept["asked"]) == (server.access, server.refresh, None)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert (folder / ".gitignore").read_text("utf-8") == "*\n"


def test_the_next_run_goes_on_from_the_file_and_not_from_the_secret(
    server: AuthorizationServer, http: Http, clock: Clock, tmp_path: Path
) -> None:
    token(server, http, clock, tmp_path).access()
    assert token(server, http, clock, tmp_path).access() == server.access
    assert server.renewals == 1
    clock.later(hours=3)
    assert token(server, http, clock, tmp_path).access() == server.access
    assert server.renewals == 2


RENEW_AND_DIE = """
import os, sys
from datetime import UTC, datetime
from pathlib import Path
from socialops.http import Http
from socialops.networks.grants import GRANTS
from socialops.networks.tokens import Application, Store, Token

url, secret, folder, identity, password = sys.argv[1:]
Token(
    "ours", GRANTS["tiktok"].at(url), Application(identity, password), secret, Http(),
    now=lambda: datetime(2026, 12, 6, 9, 0, tzinfo=UTC), store=Store(Path(folder), "ours"),
).access()
os._exit(9)
"""
"""A run of its own, which is killed while the answer is under way, or dies when it is written."""


@pytest.mark.parametrize("moment", ["before the answer", "after the file"])
def test_a_kill_leaves_the_old_or_the_new_token_and_never_nothing(
    moment: str, server: AuthorizationServer, http: Http, clock: Clock, tmp_path: Path
) -> None:
    after = moment == "after the file"
    run: list[subprocess.Popen[bytes]] = []
    if not after:
        server.before_answer = lambda: run[0].kill()
    arguments = (server.url, server.given[0], str(tmp_path), CLIENT, SECRET)
    run.append(subprocess.Popen([sys.executable, "-c", RENEW_AND_DIE, *arguments]))
    assert run[0].wait(60) == (9 if after else -signal.SIGKILL)
    server.before_answer = lambda: None
    kept = Store(tmp_path, "ours").read()
    assert kept.refresh in {server.given[0], server.refresh}
    assert (kept.refresh == server.refresh) == after
    if after:
        assert token(server, http, clock, tmp_path).access() == server.access
        return
    assert kept.asked == NOW
    with pytest.raises(NotAllowed, match="had no answer, and the new token went missing") as caught:
        token(server, http, clock, tmp_path).access()
    assert "socialops login ours" in caught.value.hint


def test_a_lost_answer_is_told_and_a_network_that_forgives_is_renewed_with_the_old_token(
    server: AuthorizationServer, http: Http, clock: Clock, tmp_path: Path
) -> None:
    server.lose = 1
    with pytest.raises(NotSent, match="did not answer"):
        token(server, http, clock, tmp_path).access()
    store = Store(tmp_path, "ours")
    assert store.read().asked == NOW
    server.refresh = server.given[0]  # a grace time, such as some networks have
    assert token(server, http, clock, tmp_path).access() == server.access
    assert store.read().asked is None


def test_a_network_that_was_never_reached_leaves_no_mark(http: Http, clock: Clock, tmp_path: Path) -> None:
    with authorization_server() as gone:
        gone.refresh = gone.new("refresh")
    with pytest.raises(NotSent):
        token(gone, http, clock, tmp_path).access()
    kept = Store(tmp_path, "ours").read()
    assert (kept.refresh, kept.asked) == (gone.refresh, None)


def test_a_refused_refresh_token_says_what_to_do_and_shows_nothing(
    server: AuthorizationServer, http: Http, clock: Clock, tmp_path: Path
) -> None:
    server.refresh = "another"
    with pytest.raises(NotAllowed, match="it ended, or was taken back") as caught:
        token(server, http, clock, tmp_path).access()
    assert "socialops login ours" in caught.value.hint
    assert caught.value.code == "invalid_grant"
    assert server.given[0] not in str(caught.value) + caught.value.hint


def test_a_wrong_application_is_told_from_a_wrong_token(
    server: AuthorizationServer, http: Http, clock: Clock, tmp_path: Path
) -> None:
    grant = GRANTS["tiktok"].at(server.url)
    store = Store(tmp_path, "ours")
    ours = Token("ours", grant, Application(CLIENT, "wrong"), server.refresh, http, now=clock, store=store)
    with pytest.raises(NotAllowed, match="does not know the application") as caught:
        ours.access()
    assert "CLIENT_SECRET" in caught.value.hint


def test_where_nothing_lasts_a_token_that_changes_is_never_asked_for(
    server: AuthorizationServer, http: Http, clock: Clock
) -> None:
    with pytest.raises(NotAllowed, match="is gone when the job ends") as caught:
        token(server, http, clock, None).access()
    assert "SOCIALOPS_TOKENS" in caught.value.hint
    assert server.renewals == 0


def test_a_place_that_cannot_be_written_is_found_before_the_network_is_asked(
    server: AuthorizationServer, http: Http, clock: Clock, tmp_path: Path
) -> None:
    (tmp_path / "tokens").write_text("a file where the folder should be", "utf-8")
    with pytest.raises(NotAllowed, match="cannot be written"):
        token(server, http, clock, tmp_path / "tokens").access()
    assert server.renewals == 0


def test_a_disk_that_fills_up_between_keeps_the_new_token_until_it_can_be_written(
    server: AuthorizationServer, http: Http, clock: Clock, tmp_path: Path
) -> None:
    folder, hidden = tmp_path / "tokens", tmp_path / "hidden"

    def break_it() -> None:
        folder.rename(hidden)
        folder.write_text("in the way", "utf-8")

    server.before_answer = break_it
    ours = token(server, http, clock, folder)
    with pytest.raises(NotSent, match="could not be kept"):
        ours.access()
    folder.unlink()
    hidden.rename(folder)
    clock.later(minutes=1)
    assert ours.access() == server.access
    assert server.renewals == 1
    assert Store(folder, "ours").read().refresh == server.refresh


def test_a_secret_that_was_stored_anew_begins_anew_and_nothing_kept_is_thrown_away(
    server: AuthorizationServer, http: Http, clock: Clock, tmp_path: Path
) -> None:
    store = Store(tmp_path, "ours")
    store.write(Tokens(refresh="kept", origin=fingerprint("an older secret")))
    assert token(server, http, clock, tmp_path).access() == server.access
    assert store.read().refresh == server.refresh
    assert Store(tmp_path, "ours.previous").read().refresh == "kept"


def test_a_login_on_this_machine_outlives_an_old_secret_in_the_environment(
    server: AuthorizationServer, http: Http, clock: Clock, tmp_path: Path
) -> None:
    server.refresh = server.new("refresh")
    Store(tmp_path, "ours").write(Tokens(refresh=server.refresh))
    assert token(server, http, clock, tmp_path).access() == server.access
    assert Store(tmp_path, "ours").read().refresh == server.refresh


@pytest.mark.parametrize("content", ["", "[]", "{", '{"version": 99}', '{"version": 1, "refresh": 5}', "\ud800"])
def test_a_broken_file_of_tokens_is_a_message(content: str, tmp_path: Path) -> None:
    (tmp_path / "ours.json").write_text(content, "utf-8", errors="surrogatepass")
    with pytest.raises(CredentialsError, match="not a file of tokens") as caught:
        Store(tmp_path, "ours").read()
    assert "socialops login ours" in caught.value.hint


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        ((400, {"error": "invalid_grant"}), NotAllowed),
        ((400, {"error": "invalid_request"}), NotAllowed),
        ((200, {"error": "access_token_invalid", "log_id": "x"}), NotAllowed),
        ((401, {}), NotAllowed),
        ((400, {"error": "temporarily_unavailable"}), NotSent),
        ((429, {"error": "rate"}), NotSent),
        ((500, {}), NotSent),
        ((200, {}), NotSent),
        ((200, {"access_token": "with space"}), NotSent),
        ((200, {"access_token": ["list"]}), NotSent),
        ((302, {}), NotSent),
    ],
)
def test_every_answer_to_a_renewal_means_one_thing(
    answer: tuple[int, dict[str, object]],
    error: type[Exception],
    server: AuthorizationServer,
    http: Http,
    clock: Clock,
    tmp_path: Path,
) -> None:
    server.fail = [answer]
    with pytest.raises(error):
        token(server, http, clock, tmp_path).access()
    assert Store(tmp_path, "ours").read().refresh == server.given[0]


def test_after_something_went_through_a_401_is_the_adapters_to_judge(
    server: AuthorizationServer, http: Http, clock: Clock, tmp_path: Path
) -> None:
    ours = SignedIn(http, token(server, http, clock, tmp_path))
    headers = {"Authorization": f"Bearer {STAND_IN}"}
    server.refresh = "ended"
    with pytest.raises(NotAllowed, match="refuses the refresh token"):
        ours.get(f"{server.url}/api", headers=headers)
    server.refresh = server.given[0]
    clock.later(minutes=1)
    assert ours.get(f"{server.url}/api", headers=headers).status == 200
    server.access = server.refresh = "ended"
    assert ours.send("POST", f"{server.url}/api", headers=headers).status == 401
    clock.later(hours=3)
    assert ours.send("POST", f"{server.url}/api", headers=headers).status == 401


def test_nothing_of_a_token_shows_in_what_python_shows(tmp_path: Path, http: Http, clock: Clock) -> None:
    ours = Token("ours", GRANTS["tiktok"], APPLICATION, "r-secret", http, now=clock, store=Store(tmp_path, "ours"))
    kept = Tokens(access="a-secret", refresh="r-secret", origin=fingerprint("r-secret"))
    shown = repr((ours, kept, APPLICATION, Store(tmp_path, "ours")))
    for secret in ("a-secret", "r-secret", SECRET, CLIENT, fingerprint("r-secret")):
        assert secret not in shown


def test_two_runs_at_once_renew_one_after_the_other(
    server: AuthorizationServer, http: Http, clock: Clock, tmp_path: Path
) -> None:
    server.slow = 0.2
    got: list[str] = []
    runs = [
        threading.Thread(target=lambda: got.append(token(server, http, clock, tmp_path).access())) for _ in range(3)
    ]
    for run in runs:
        run.start()
    for run in runs:
        run.join()
    assert got == [server.access] * 3
    assert server.renewals == 1


def test_only_this_very_machine_may_stand_in_for_a_network() -> None:
    grant = GRANTS["youtube"]
    for host in (
        "",
        "https://evil.example",
        "http://evil.example",
        "http://127.0.0.1.evil.example",
        "https://localhost",
    ):
        assert grant.at(host) == grant
    assert grant.at("http://127.0.0.1:8765").token == "http://127.0.0.1:8765/token"


def test_the_addresses_of_facebook_are_in_the_version_that_its_adapter_uses() -> None:
    dated = default_limits("facebook").entries["api_version"].value
    for settings, version in (({}, dated), ({"api_version": "v27.0"}, "v27.0"), ({"api_version": 28.0}, "v28.0")):
        grant = grant_of(Login("page", "", "", "", settings=settings), "facebook")
        assert grant is not None
        assert urlsplit(grant.authorize).path == f"/{version}/dialog/oauth"
        assert urlsplit(grant.token).path == urlsplit(grant.long_lived).path == f"/{version}/oauth/access_token"
        assert urlsplit(grant.page_tokens).path == f"/{version}/me/accounts"
    with pytest.raises(CredentialsError, match="api_version"):
        grant_of(Login("page", "", "", "", settings={"api_version": "../v1"}), "facebook")


@pytest.mark.parametrize("network", sorted(GRANTS))
def test_a_grant_of_a_channel_has_whole_addresses(network: str) -> None:
    login = Login("ours", "", "", "")
    grant = grant_of(login, network)
    assert grant is not None
    assert "{" not in grant.authorize + grant.token + grant.long_lived + grant.page_tokens
    assert grant_of(login, "telegram") is None


@pytest.mark.parametrize("network", sorted(GRANTS))
def test_every_address_of_the_table_is_encrypted_and_says_where_it_was_read(network: str) -> None:
    grant = GRANTS[network]
    for address in (grant.authorize, grant.token, grant.device, grant.long_lived, grant.renew, grant.page_tokens):
        assert not address or address.startswith("https://")
    assert "." in grant.source
    assert not (grant.rotates and not grant.refreshes)
