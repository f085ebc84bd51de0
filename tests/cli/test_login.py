"""Logging in, through the command line: against an authorization server, with a browser, on real sockets."""

from __future__ import annotations

import io
import re
import subprocess
import sys
import webbrowser
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from authorization_stage import CLIENT, SECRET, AuthorizationServer, Person, authorization_server, look_up
from builder import workspace
from socialops.cli import run
from socialops.cli.credentials import login_left
from socialops.content.channel import Channel
from socialops.networks.grants import GRANTS
from socialops.networks.tokens import Store
from socialops.workspace import Workspace

CHANNEL = "---\nnetwork: {network}\nhandle: ours\nhost: {host}\nzone: Europe/Istanbul\n{more}---\nOurs.\n"


class Desk:
    """A workspace with one channel, a server, and somebody who works here."""

    def __init__(
        self, folder: Path, server: AuthorizationServer, patch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        self.folder, self.server, self.patch, self.capsys = folder, server, patch, capsys
        self.person = Person()
        patch.setattr(webbrowser, "open", self.person.open)
        self.said = self.printed = ""

    def channel(self, network: str, more: str = "", *, application: bool = True) -> Workspace:
        self.server.rotates = network in GRANTS and GRANTS[network].rotates
        self.server.pkce = network not in GRANTS or bool(GRANTS[network].pkce)
        self.server.hex_challenge = network == "tiktok"
        place = workspace(
            self.folder,
            {
                "brand/channels/ours.md": CHANNEL.format(network=network, host=self.server.url, more=more),
                ".gitignore": "",
            },
        )
        self.patch.chdir(self.folder)
        kinds = ("CONSUMER_KEY", "CONSUMER_SECRET") if network == "x" else ("CLIENT_ID", "CLIENT_SECRET")
        if application:
            for kind, secret in zip(kinds, (CLIENT, SECRET), strict=True):
                self.patch.setenv(f"SOCIALOPS_OURS_{kind}", secret)
        return place

    def login(self, *arguments: str, code: int = 0) -> dict[str, str]:
        """Log in; return what is to be stored."""
        ended = run(["login", "ours", *arguments])
        self.person.done()
        captured = self.capsys.readouterr()
        self.printed, self.said = captured.out, captured.err
        assert ended == code, captured.out + captured.err
        pairs = [line.partition("=") for line in self.printed.splitlines()]
        return {name.removeprefix("SOCIALOPS_OURS_"): value for name, _, value in pairs}

    def paste(self, made_of: Callable[[str], str]) -> None:
        """Let somebody open the address that is shown, and paste what *made_of* makes of where they were led."""
        desk = self

        class Keyboard:
            def isatty(self) -> bool:
                return False

            def readline(self, _size: int = -1) -> str:
                desk.shown = desk.capsys.readouterr().err
                found = re.search(r"http://127\.0\.0\.1:\S+\?\S+", desk.shown)
                assert found is not None
                return made_of(look_up(found[0])[1]) + "\n"

        self.patch.setattr(sys, "stdin", Keyboard())

    shown = ""


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Iterator[Desk]:
    with authorization_server() as server:
        yield Desk(tmp_path, server, monkeypatch, capsys)


def test_youtube_gives_a_refresh_token_that_is_printed_and_written_nowhere(desk: Desk) -> None:
    place = desk.channel("youtube")
    found = desk.login()
    assert found == {"CLIENT_ID": CLIENT, "CLIENT_SECRET": SECRET, "REFRESH_TOKEN": desk.server.refresh}
    assert "gh secret set SOCIALOPS_OURS_REFRESH_TOKEN" in desk.said
    assert desk.person.pages[0][0] == 200
    for file in (file for file in place.root.rglob("*") if file.is_file()):
        assert desk.server.refresh not in file.read_text("utf-8")
    query = desk.server.asked[0][1]
    assert query["access_type"] == "offline"
    assert query["redirect_uri"].startswith("http://127.0.0.1:")


def test_the_code_and_the_verifier_are_shown_to_nobody(desk: Desk) -> None:
    desk.channel("youtube")
    desk.login()
    secret = [word for word in desk.server.given if not word.startswith("refresh")]
    assert len(secret) >= 3
    for word in secret:
        assert word not in desk.printed + desk.said + desk.person.pages[0][1]


def test_what_tiktok_gives_is_kept_outside_git_and_not_printed(desk: Desk) -> None:
    place = desk.channel("tiktok")
    subprocess.run(["git", "init", "-q", str(place.root)], check=True)
    found = desk.login()
    assert found == {"CLIENT_ID": CLIENT, "CLIENT_SECRET": SECRET}
    kept = Store(place.tokens, "ours").read()
    assert (kept.access, kept.refresh) == (desk.server.access, desk.server.refresh)
    assert desk.server.refresh not in desk.printed + desk.said
    seen = subprocess.run(
        ["git", "status", "--porcelain", "-uall"], cwd=place.root, check=True, capture_output=True, text=True
    )
    assert ".socialops" not in seen.stdout


def test_what_changes_is_not_asked_for_where_nothing_lasts(desk: Desk, tmp_path: Path) -> None:
    desk.channel("tiktok")
    desk.patch.setenv("CI", "true")
    desk.login(code=2)
    assert "SOCIALOPS_TOKENS" in desk.said
    assert desk.server.asked == []
    desk.patch.setenv("SOCIALOPS_TOKENS", str(tmp_path / "disk"))
    desk.login()
    assert (tmp_path / "disk" / "ours.json").is_file()


def test_a_plan_where_nothing_lasts_says_so_before_anything_is_tried(desk: Desk) -> None:
    desk.channel("tiktok")
    desk.patch.setenv("SOCIALOPS_OURS_REFRESH_TOKEN", "r")
    desk.patch.setenv("CI", "true")
    run(["accounts"])
    assert "is gone when the job ends" in desk.capsys.readouterr().out


def test_an_answer_with_another_state_is_refused(desk: Desk) -> None:
    desk.channel("youtube")
    desk.server.other_state = True
    desk.login(code=2)
    assert "belongs to another login" in desk.said
    assert desk.person.pages[0][0] == 400
    assert [path for path, _ in desk.server.asked if path == "/token"] == []


def test_a_no_is_told_as_one(desk: Desk) -> None:
    desk.channel("youtube")
    desk.server.deny = True
    desk.login(code=1)
    assert "did not let us in (access_denied)" in desk.said


def test_a_person_who_never_answers_is_not_waited_for(desk: Desk) -> None:
    desk.channel("youtube")
    desk.login("--no-browser", "--timeout", "0s", code=2)
    assert "No answer came from the browser" in desk.said


def test_a_stolen_code_is_worth_nothing_without_the_verifier(desk: Desk) -> None:
    desk.channel("youtube")
    opened = desk.person.open

    def meddle(address: str) -> bool:
        return opened(re.sub(r"code_challenge=[^&]+", "code_challenge=somebody-elses", address))

    desk.patch.setattr(webbrowser, "open", meddle)
    desk.login(code=1)
    assert "gave no token (invalid_grant)" in desk.said


def test_other_paths_and_other_hosts_get_nothing_from_the_callback(desk: Desk) -> None:
    desk.channel("youtube")
    statuses: list[int] = []
    opened = desk.person.open

    def look_around(address: str) -> bool:
        found = re.search(r"redirect_uri=http%3A%2F%2F127\.0\.0\.1%3A(\d+)", address)
        assert found is not None
        statuses.append(look_up(f"http://127.0.0.1:{found[1]}/favicon.ico")[0])
        statuses.append(look_up(f"http://127.0.0.1:{found[1]}/?code=x&state=y")[0])
        return opened(address)

    desk.patch.setattr(webbrowser, "open", look_around)
    assert "REFRESH_TOKEN" in desk.login()
    assert statuses == [404, 404]


def test_without_a_browser_the_address_one_is_led_to_is_pasted(desk: Desk) -> None:
    desk.channel("youtube")
    desk.paste(lambda led_to: led_to)
    assert desk.login("--paste")["REFRESH_TOKEN"] == desk.server.refresh
    assert desk.person.pages == []


def test_a_code_alone_is_enough_where_the_verifier_proves_whose_it_is(desk: Desk) -> None:
    desk.channel("youtube")
    desk.paste(lambda led_to: re.sub(r".*code=([^&]+).*", r"\1", led_to))
    assert "REFRESH_TOKEN" in desk.login("--paste")


@pytest.mark.parametrize("made_of", [lambda to: to.replace("state=", "state=x"), lambda to: to.partition("&state")[0]])
def test_a_pasted_answer_of_another_login_is_refused(made_of: Callable[[str], str], desk: Desk) -> None:
    desk.channel("youtube")
    desk.paste(made_of)
    desk.login("--paste", code=2)
    assert "belongs to another login" in desk.said


@pytest.mark.parametrize(("gives", "kind"), [(True, "REFRESH_TOKEN"), (False, "TOKEN")])
def test_linkedin_gives_refresh_tokens_to_some_and_the_last_day_to_all(gives: bool, kind: str, desk: Desk) -> None:
    desk.channel("linkedin")
    desk.server.gives_refresh, desk.server.expires_in = gives, 5184000
    found = desk.login("--port", "0")
    assert found[kind] == (desk.server.refresh if gives else desk.server.access)
    assert "token_expires: " in desk.said
    assert ("CLIENT_SECRET" in found) == gives


def test_linkedin_wants_the_whole_address(desk: Desk) -> None:
    desk.channel("linkedin")
    desk.paste(lambda led_to: re.sub(r".*code=([^&]+).*", r"\1", led_to))
    desk.login("--paste", code=2)
    assert "needs the whole address" in desk.said


@pytest.mark.parametrize("network", ["instagram", "threads"])
def test_metas_short_token_becomes_a_long_one_and_a_long_one_a_new_one(network: str, desk: Desk) -> None:
    desk.channel(network)
    desk.paste(lambda led_to: f"{led_to}#_")
    assert desk.login() == {"TOKEN": desk.server.long}
    assert "token_expires: " in desk.said
    first = desk.server.long
    desk.patch.setenv("SOCIALOPS_OURS_TOKEN", first)
    renewed = desk.login("--renew")
    assert renewed == {"TOKEN": desk.server.long}
    assert desk.server.long != first


def test_a_refused_renewal_repeats_nothing_of_what_was_sent(desk: Desk) -> None:
    desk.channel("threads")
    desk.patch.setenv("SOCIALOPS_OURS_TOKEN", "ended-long-ago")
    desk.login("--renew", code=1)
    assert "gave no token (190)" in desk.said
    assert "ended-long-ago" not in desk.said


def test_facebook_gives_the_token_of_the_page_that_the_channel_names(desk: Desk) -> None:
    desk.channel("facebook", "params:\n  page_id: '78'\n")
    desk.paste(lambda led_to: led_to)
    found = desk.login()
    assert found["APP_SECRET"] == SECRET
    assert found["TOKEN"] == [word for word in desk.server.given if word.startswith("page-")][1]


def test_facebook_is_logged_in_to_in_the_version_of_the_channel_which_is_told_when_it_ends(desk: Desk) -> None:
    desk.channel("facebook", "params:\n  page_id: '78'\n  api_version: v20.0\n")
    desk.paste(lambda led_to: led_to)
    desk.login()
    assert "Version v20.0 of the Graph API has ended. Write a newer one as `api_version:`" in desk.shown
    asked = [path for path, _ in desk.server.asked]
    assert asked
    assert all(path.startswith("/v20.0/") for path in asked)


def test_facebook_asks_which_page_where_there_are_several(desk: Desk) -> None:
    desk.channel("facebook")
    desk.paste(lambda led_to: led_to)
    desk.login(code=2)
    assert "77 (Lumen Velo), 78 (Other)" in desk.said


def test_x_is_logged_in_to_with_three_legs_and_tokens_that_do_not_end(desk: Desk) -> None:
    desk.channel("x")
    found = desk.login("--port", "0")
    assert found["CONSUMER_KEY"] == CLIENT
    assert found["TOKEN"].startswith("lasting-")
    assert found["TOKEN_SECRET"] == f"{found['TOKEN']}-secret"
    assert "Logged in as @lumenvelo" in desk.said
    desk.paste(lambda led_to: re.sub(r".*oauth_verifier=", "", led_to))
    assert desk.login("--paste")["TOKEN"].startswith("lasting-")


def test_x_can_be_logged_in_to_with_oauth_2_as_well(desk: Desk) -> None:
    place = desk.channel("x")
    desk.patch.setenv("SOCIALOPS_OURS_CLIENT_ID", CLIENT)
    desk.patch.setenv("SOCIALOPS_OURS_CLIENT_SECRET", SECRET)
    assert set(desk.login("--oauth2", "--port", "0")) == {"CLIENT_ID", "CLIENT_SECRET"}
    assert Store(place.tokens, "ours").read().refresh == desk.server.refresh


def test_mastodon_needs_no_application_made_by_hand(desk: Desk) -> None:
    desk.channel("mastodon", application=False)
    assert desk.login() == {"TOKEN": desk.server.access, "HOST": desk.server.url}
    desk.paste(lambda led_to: re.sub(r".*code=([^&]+).*", r"\1", led_to))
    assert desk.login("--paste")["TOKEN"] == desk.server.access


def test_a_code_typed_in_on_another_device_lets_us_in(desk: Desk) -> None:
    desk.channel("youtube")
    desk.server.device_polls = ["authorization_pending"]
    desk.patch.setattr("time.sleep", lambda _seconds: None)
    assert desk.login("--device")["REFRESH_TOKEN"] == desk.server.refresh
    assert "WDJB-MJHT" in desk.said
    desk.server.device_polls = ["access_denied"]
    desk.login("--device", code=1)
    desk.channel("tiktok")
    desk.login("--device", code=2)
    assert "has no device codes" in desk.said


@pytest.mark.parametrize("network", ["bluesky", "telegram", "discord", "slack", "matrix", "email"])
def test_where_a_secret_is_made_by_hand_it_says_what_to_click(network: str, desk: Desk) -> None:
    desk.channel(network, application=False)
    assert desk.login() == {}
    assert "1. " in desk.said
    assert "gh secret set SOCIALOPS_OURS_" in desk.said


def test_an_application_is_asked_for_where_the_environment_has_none(desk: Desk) -> None:
    desk.channel("youtube", application=False)
    desk.patch.setattr(sys, "stdin", io.StringIO(f"{CLIENT}\n{SECRET}\n"))
    assert desk.login()["REFRESH_TOKEN"] == desk.server.refresh
    desk.patch.setattr(sys, "stdin", io.StringIO(""))
    desk.login(code=130)


def test_a_wrong_application_is_told(desk: Desk) -> None:
    desk.channel("youtube")
    desk.patch.setenv("SOCIALOPS_OURS_CLIENT_SECRET", "wrong")
    desk.login(code=1)
    assert "invalid_client" in desk.said


def test_a_channel_that_is_not_there_is_told_with_the_nearest(desk: Desk) -> None:
    desk.channel("youtube")
    assert run(["login", "ous"]) == 2
    assert "Did you mean 'ours'?" in desk.capsys.readouterr().err


def test_a_channel_logged_in_once_is_used_and_its_token_renewed(desk: Desk) -> None:
    place = desk.channel("tiktok")
    desk.login()
    run(["accounts"])
    said = desk.capsys.readouterr().out
    assert "ours: no credentials" not in said
    sent = [path for path, _ in desk.server.asked if path.startswith("/v2/") and "oauth" not in path]
    assert sent
    assert desk.server.renewals == 0
    assert place.tokens.is_dir()


def test_accounts_and_doctor_say_how_long_a_login_works_and_when_a_renewal_was_lost(desk: Desk) -> None:
    place = desk.channel("tiktok")
    desk.login()
    store = Store(place.tokens, "ours")
    run(["doctor"])
    assert "token end ours" in desk.capsys.readouterr().out
    store.write(replace(store.read(), asked=datetime(2026, 11, 20, 8, 30, tzinfo=UTC)))
    run(["doctor"])
    said = desk.capsys.readouterr().out
    assert "a renewal on 2026-11-20 08:30 UTC has had no answer" in said
    store.file.write_text("{", "utf-8")
    run(["doctor"])
    assert "not a file of tokens" in desk.capsys.readouterr().out


@pytest.mark.parametrize(
    ("days", "says"),
    [(40, "its login works for 40 more days"), (0, "its login ends today"), (-3, "its login ended on 2026-12-03")],
)
def test_how_long_a_login_works_is_told_in_days(days: int, says: str) -> None:
    now = datetime(2026, 12, 6, 9, 0, tzinfo=UTC)
    channel = Channel("ours", "brand/channels/ours.md", "linkedin")
    assert says in login_left(channel, now + timedelta(days=days), now)
    assert says in login_left(replace(channel, token_expires=now.date() + timedelta(days=days)), None, now)
    assert login_left(channel, None, now) == ""
