"""Signs of life and ends of tokens: what the watchdog makes of them, with times handed in."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from publishing_stage import DUE, FakeNetwork, a_channel
from socialops.errors import NotAllowed
from socialops.networks.base import Account
from socialops.publishing.happened import Ask, Cancel, Claimed
from socialops.publishing.heartbeat import EVERY, heartbeat, last_heartbeat
from socialops.publishing.ledger import Ledger
from socialops.publishing.machine import Delivery, after
from socialops.publishing.watchdog import SILENCE, Finding, Level, exit_code, last_run, token_end, token_health

CLAIM = Claimed("key", DUE + timedelta(minutes=30))


# --- the sign of life -----------------------------------------------------------------------------------------------


def test_a_quiet_week_of_runs_leaves_a_sign_no_more_than_four_times_a_day(tmp_path: Path) -> None:
    written = 0
    for quarter in range(7 * 24 * 4):
        now = DUE + timedelta(minutes=15 * quarter)
        written += heartbeat(tmp_path, now, "run") is not None
        alive = last_heartbeat(tmp_path)
        assert alive is not None
        assert timedelta(0) <= now - alive < EVERY
    assert written == 28
    assert (tmp_path / "heartbeat.json").read_bytes() == b'{"at": "2026-12-08T00:30:00Z", "run": "run"}\n'


@pytest.mark.parametrize(
    "left", [b"", b"{", b"[]", b'{"at": 5}', b'{"at": "soon"}', b"\xff", b'{"at": "2031-01-01T00:00:00Z"}']
)
def test_a_sign_that_cannot_be_true_is_replaced(tmp_path: Path, left: bytes) -> None:
    (tmp_path / "heartbeat.json").write_bytes(left)
    assert heartbeat(tmp_path, DUE) == tmp_path / "heartbeat.json"
    assert last_heartbeat(tmp_path) == DUE


# --- when was the last run? -----------------------------------------------------------------------------------------


def ledger(*deliveries: Delivery) -> Ledger:
    return Ledger(Path("ledger"), {(delivery.post, delivery.channel): delivery for delivery in deliveries})


def sent(at: datetime = DUE) -> Delivery:
    return after(Delivery("launch", "mastodon", "mastodon", "2026-12-01T06:30:00Z", {}), 0, CLAIM, at)


@pytest.mark.parametrize(
    ("age", "level"),
    [
        (timedelta(0), Level.FINE),
        (SILENCE, Level.FINE),
        (SILENCE + timedelta(seconds=1), Level.WRONG),
        (timedelta(days=70), Level.WRONG),
        (-timedelta(minutes=59), Level.FINE),
        (-timedelta(hours=2), Level.WRONG),
    ],
)
def test_silence_is_wrong_whether_or_not_something_was_due(age: timedelta, level: Level) -> None:
    for found in (last_run(ledger(sent()), DUE + age), last_run(ledger(), DUE + age, DUE)):
        assert found.level is level
        assert bool(found.hint) is (level is Level.WRONG)


def test_the_newest_sign_counts_and_what_to_do_names_the_schedule() -> None:
    now = DUE + timedelta(days=3)
    assert last_run(ledger(sent()), now, now - timedelta(hours=5)) == Finding("last run", Level.FINE, "5 h ago")
    found = last_run(ledger(sent()), now)
    assert found.message.startswith("3 days ago; a run that has nothing to do would have left a sign")
    assert "GitHub switches the schedule of a repository off" in found.hint
    assert last_run(ledger(), now).message == "nothing was published from here yet"


def test_where_the_data_has_no_branch_of_its_own_silence_says_nothing() -> None:
    found = last_run(ledger(sent()), DUE + timedelta(days=3), beats=False)
    assert (found.level, found.message.split(";")[0]) == (Level.FINE, "3 days ago something was sent")


def test_what_a_person_decided_is_no_sign_of_a_run() -> None:
    now = DUE + timedelta(days=3)
    delivery = after(after(sent(), 0, Ask("look"), now), 0, Cancel("ayse"), now)
    assert delivery.events[-1].at == "2026-12-04T06:30:00Z"
    assert last_run(ledger(delivery), now).level is Level.WRONG


# --- when does the token end? ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("days", "level", "words"),
    [
        (15, Level.FINE, "its token works until 2026-12-16"),
        (14, Level.WARNING, "its token ends within 14 days, on 2026-12-15"),
        (8, Level.WARNING, "its token ends within 14 days, on 2026-12-09"),
        (7, Level.WARNING, "its token ends within 7 days, on 2026-12-08"),
        (3, Level.WRONG, "its token ends within 3 days, on 2026-12-04"),
        (1, Level.WRONG, "its token ends today or tomorrow, on 2026-12-02"),
        (0, Level.WRONG, "its token ends today or tomorrow, on 2026-12-01"),
        (-1, Level.WRONG, "its token ended on 2026-11-30: nothing can be published there"),
    ],
)
def test_the_end_of_a_token_is_told_in_time(days: int, level: Level, words: str) -> None:
    found = token_end(a_channel(), date(2026, 12, 1) + timedelta(days=days), DUE)
    assert (found.level, found.message) == (level, words)
    assert exit_code([found]) == (1 if level is Level.WRONG else 0)
    for name in ("https://mastodon.example", "SOCIALOPS_MASTODON_TOKEN", "brand/channels/mastodon.md"):
        assert (name in found.hint) is (level is not Level.FINE)


def test_the_words_change_four_times_before_the_end_and_not_every_day() -> None:
    told = [token_end(a_channel(), date(2026, 12, 31), DUE + timedelta(days=day)).message for day in range(16, 31)]
    assert len(set(told)) == 4


def test_the_last_day_is_that_of_the_channels_own_zone() -> None:
    east = a_channel(zone="Pacific/Kiritimati")
    at = datetime.fromisoformat("2026-12-01T11:00:00+00:00")
    assert "ended" in token_end(east, date(2026, 12, 1), at).message
    assert "ends today" in token_end(a_channel(), date(2026, 12, 1), at).message


class Telling(FakeNetwork):
    """A network that says when the credentials end, or why they do not work."""

    said: Account | Exception

    def account(self) -> Account:
        if isinstance(self.said, Exception):
            raise self.said
        return self.said


def asked(said: Account | Exception) -> list[Finding]:
    network = Telling.__new__(Telling)
    network.said = said
    return list(token_health(a_channel(), lambda _channel: network, DUE))


def test_what_the_network_says_of_the_end_is_told_too() -> None:
    us = Account("1", "@test@mastodon.example", "Test", "https://mastodon.example/@test")
    assert [found.level for found in asked(us)] == [Level.FINE]
    works, ends = asked(replace(us, expires=DUE + timedelta(days=2)))
    assert works.message == "it works: @test@mastodon.example on mastodon"
    assert (ends.level, ends.message) == (Level.WRONG, "its token ends within 3 days, on 2026-12-03")


def test_one_adapter_that_breaks_off_hides_no_other() -> None:
    refused, broken = asked(NotAllowed("It refuses our token.")), asked(ZeroDivisionError("secret"))
    assert [found.level for found in (*refused, *broken)] == [Level.WRONG, Level.WRONG]
    assert refused[0].hint == "Make a new one: SOCIALOPS_MASTODON_TOKEN"
    assert broken[0].message == "asking broke off (ZeroDivisionError)"
