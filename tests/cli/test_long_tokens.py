"""Runs that make tokens of sixty days new: where they are kept, where they cannot be, and who is told."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import httpx
import pytest

from builder import workspace
from socialops.cli.credentials import kept_logins, lengthening, login_left, renewed_in_time, with_kept_ends
from socialops.content.channel import Channel
from socialops.http import Http
from socialops.networks.base import Login
from socialops.networks.tokens import Store, Tokens, fingerprint

NOW = datetime(2026, 12, 6, 9, 0, tzinfo=UTC)
SECRET = "IGAAsecret"


def channel(network: str = "threads", **fields: object) -> Channel:
    made = Channel("ours", "brand/channels/ours.md", network, handle="lumen", host="", zone="Europe/Istanbul")
    return replace(made, **fields)  # type: ignore[arg-type]  # the fields of a channel


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    workspace(tmp_path, {})
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("CI", raising=False)
    monkeypatch.delenv("SOCIALOPS_TOKENS", raising=False)
    monkeypatch.setenv("SOCIALOPS_OURS_TOKEN", SECRET)
    return tmp_path


def renew(of: Channel, told: list[str]) -> Login:
    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.host)
        return httpx.Response(200, json={"access_token": "long2", "expires_in": 5183944})

    login = Login(of.name, of.handle, of.host, SECRET, {"APP_SECRET": "x"}, of.params)
    return renewed_in_time(of, login, Http(transport=httpx.MockTransport(answer)), told.append, now=NOW)


asked: list[str] = []


@pytest.fixture(autouse=True)
def _nothing_asked() -> None:
    asked.clear()


@pytest.mark.parametrize(("network", "host"), [("threads", "graph.threads.net"), ("instagram", "graph.instagram.com")])
def test_a_run_goes_on_with_the_new_token(place: Path, network: str, host: str) -> None:
    told: list[str] = []
    ours = channel(network)
    login = renew(ours, told)
    assert (login.token, told, asked) == ("long2", [], [host])
    assert login.settings.get("login") == ("instagram" if network == "instagram" else None)
    assert (place / ".socialops/tokens/ours.json").is_file()
    assert renew(ours, told).token == "long2"
    assert len(asked) == 1
    assert "its login works for 60 more days, until 2027-02-04" in login_left(ours, None, NOW)


@pytest.mark.parametrize("network", ["facebook", "linkedin", "mastodon", "x"])
def test_other_tokens_are_let_be(place: Path, network: str) -> None:
    assert lengthening(channel(network)) is None
    assert renew(channel(network), []).token == SECRET
    assert not asked


def test_a_token_of_facebook_login_is_let_be(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert lengthening(channel("instagram", params={"login": "facebook"})) is None
    monkeypatch.setenv("SOCIALOPS_OURS_TOKEN", "EAAsecret")
    assert lengthening(channel("instagram")) is None
    assert lengthening(channel("instagram", params={"login": "instagram"})) is not None


def test_where_nothing_lasts_it_is_not_renewed_and_a_person_is_told(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CI", "true")
    ours = channel()
    assert renew(ours, []).token == SECRET
    assert not asked
    (found,) = kept_logins([ours], NOW)
    assert (str(found.level), "nobody knows the day" in found.message) == ("warning", True)
    assert "socialops login ours --renew" in found.hint
    assert "token_expires" in found.hint
    # With its last day in the file, the watch warns of that day instead.
    assert list(kept_logins([replace(ours, token_expires=date(2027, 1, 1))], NOW)) == []


def test_doctor_goes_by_what_is_kept_and_not_by_an_old_note(place: Path) -> None:
    ours = channel(token_expires=date(2026, 12, 1))
    renew(ours, [])
    assert with_kept_ends({"ours": ours})["ours"].token_expires == date(2027, 2, 4)
    assert list(kept_logins([ours], NOW)) == []


def test_doctor_tells_of_a_renewal_that_came_to_nothing(place: Path) -> None:
    store = Store(place / ".socialops/tokens", "ours")
    end = NOW + timedelta(days=9)
    store.write(Tokens(access=SECRET, expires=end, origin=fingerprint(SECRET), asked=NOW))
    (found,) = kept_logins([channel()], NOW)
    assert (str(found.level), "came to nothing" in found.message) == ("warning", True)
