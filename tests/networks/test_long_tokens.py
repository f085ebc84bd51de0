"""Tokens of sixty days: made new in good time, once, into a file; what goes wrong costs nothing but a message."""

from __future__ import annotations

import stat
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest

from networks.stub_facebook import refusal
from socialops.http import Http
from socialops.networks.grants import GRANTS
from socialops.networks.long_tokens import LIFETIME, RENEWED_BEFORE, in_time, is_due, kept
from socialops.networks.tokens import Store, Tokens, fingerprint

NOW = datetime(2026, 12, 6, 9, 0, tzinfo=UTC)
DAY = timedelta(days=1)
SECRET = "THQVsecret-as-stored"


class Meta:
    """Threads' door for long tokens: a new one for the newest, when that is a day old and has not ended."""

    def __init__(self) -> None:
        self.now = NOW
        self.tokens = {SECRET: NOW - 40 * DAY}
        self.asked: list[str] = []
        self.fault: Callable[[], httpx.Response] | None = None

    def __call__(self, request: httpx.Request) -> httpx.Response:
        assert (request.method, request.url.path) == ("GET", "/refresh_access_token")
        query = dict(request.url.params)
        assert query["grant_type"] == "th_refresh_token"
        token = query["access_token"]
        self.asked.append(token)
        if self.fault is not None:
            return self.fault()
        age = self.now - self.tokens.get(token, self.now - 99 * DAY)
        if not DAY <= age < LIFETIME:
            return refusal(190, words="too young, or ended")
        fresh = f"THQVlong{len(self.tokens)}"
        self.tokens[fresh] = self.now
        return httpx.Response(200, json={"access_token": fresh, "token_type": "bearer", "expires_in": 5183944})


class Desk:
    def __init__(self, folder: Path) -> None:
        self.meta = Meta()
        self.store = Store(folder / "tokens", "ours")

    def run(self, *, secret: str = SECRET, ends: datetime | None = None) -> tuple[str, str]:
        """Begin a run; return the token it goes on with, and what went wrong."""
        http = Http(transport=httpx.MockTransport(self.meta))
        tokens, trouble = in_time("ours", GRANTS["threads"], secret, http, self.store, self.meta.now, ends=ends)
        return tokens.access, trouble


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def test_a_token_whose_end_nobody_knows_is_made_new_and_kept(desk: Desk) -> None:
    assert desk.run() == ("THQVlong1", "")
    found = desk.store.read()
    assert (found.access, found.asked) == ("THQVlong1", None)
    assert found.expires == NOW + timedelta(seconds=5183944)
    assert stat.S_IMODE(desk.store.file.stat().st_mode) == 0o600
    assert SECRET not in desk.store.file.read_text("utf-8")


def test_it_is_made_new_once_and_again_before_its_last_month(desk: Desk) -> None:
    for day in range(400):
        desk.meta.now = NOW + day * DAY
        token, trouble = desk.run()
        assert trouble == ""
        left = desk.meta.tokens[token] + LIFETIME - desk.meta.now
        assert left > RENEWED_BEFORE - DAY
    assert len(desk.meta.asked) == pytest.approx(400 / 31, abs=2)


@pytest.mark.parametrize(("days", "due"), [(59, False), (31, False), (29, True), (6, True), (-3, True)])
def test_the_day_that_a_person_wrote_down_decides_when(desk: Desk, days: int, due: bool) -> None:
    desk.run(ends=NOW + days * DAY)
    assert bool(desk.meta.asked) is due


def test_a_young_token_is_left_for_a_day(desk: Desk) -> None:
    desk.meta.tokens[SECRET] = NOW - timedelta(hours=2)
    token, trouble = desk.run()
    assert (token, "in a day" in trouble) == (SECRET, True)
    assert desk.run() == (SECRET, "")
    desk.meta.now = NOW + DAY
    assert desk.run() == ("THQVlong1", "")
    assert len(desk.meta.asked) == 2


@pytest.mark.parametrize(
    "fault", [lambda: refusal(190), lambda: httpx.Response(500), lambda: httpx.Response(200, json=[])]
)
def test_a_renewal_that_fails_leaves_the_token_that_works(desk: Desk, fault: Callable[[], httpx.Response]) -> None:
    desk.meta.fault = fault
    token, trouble = desk.run()
    assert token == SECRET
    assert "`socialops login ours --renew`" in trouble
    assert SECRET not in trouble
    assert desk.store.read().asked == NOW


def test_an_answer_that_is_lost_costs_a_day(desk: Desk) -> None:
    def lost() -> httpx.Response:
        raise httpx.ReadError("reset")

    desk.meta.fault = lost
    token, trouble = desk.run(ends=NOW + 9 * DAY)
    assert (token, "It ends on 2026-12-15." in trouble) == (SECRET, True)
    desk.meta.fault, desk.meta.now = None, NOW + DAY
    assert desk.run(ends=NOW + 9 * DAY) == ("THQVlong1", "")


def test_where_the_file_cannot_be_written_the_network_is_not_asked(desk: Desk) -> None:
    desk.store.file.parent.write_text("a file where the folder should be", "utf-8")
    token, trouble = desk.run()
    assert (token, desk.meta.asked) == (SECRET, [])
    assert trouble


def test_a_file_that_cannot_be_read_stops_nothing(desk: Desk) -> None:
    desk.store.file.parent.mkdir()
    desk.store.file.write_text("{", "utf-8")
    token, trouble = desk.run()
    assert (token, "cannot" in trouble or "not a file of tokens" in trouble) == (SECRET, True)


def test_a_newer_secret_takes_the_place_of_what_was_kept_and_loses_nothing(desk: Desk) -> None:
    desk.run()
    desk.meta.tokens["THQVnewer"] = NOW - 3 * DAY
    token, _ = desk.run(secret="THQVnewer")
    assert token == "THQVlong3"
    assert desk.store.read().origin == fingerprint("THQVnewer")
    assert Store(desk.store.file.parent, "ours.previous").read().access == "THQVlong1"


def test_of_many_runs_at_once_one_asks(desk: Desk) -> None:
    found: list[tuple[str, str]] = []
    runs = [threading.Thread(target=lambda: found.append(desk.run())) for _ in range(8)]
    for run in runs:
        run.start()
    for run in runs:
        run.join()
    # Who comes while one asks goes on with the old token, which works till its own end.
    assert {token for token, _ in found} <= {SECRET, "THQVlong1"}
    assert [trouble for _, trouble in found] == [""] * 8
    assert desk.meta.asked == [SECRET]
    assert desk.run() == ("THQVlong1", "")


def test_what_was_kept_for_another_secret_is_not_used(desk: Desk) -> None:
    desk.store.write(Tokens(access="other", expires=NOW + 50 * DAY, origin=fingerprint("another")))
    assert kept(SECRET, desk.store).access == SECRET
    assert not is_due(desk.store.read(), NOW)
