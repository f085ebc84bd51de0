"""Limits are dated: doctor says when they are old, and `accounts --limits` reads them from the servers that tell."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from builder import workspace
from people_stage import NOW, Stage, open_stage
from socialops.compose.limits import limits_of
from socialops.content.channel_file import keep_limits
from socialops.content.load import load
from socialops.networks import ADAPTERS, adapter, default_limits
from socialops.publishing.dated import outdated
from socialops.publishing.watchdog import Level

READ = max(date.fromisoformat(limit.checked_on) for name in ADAPTERS for limit in default_limits(name).entries.values())
FRESH = datetime(READ.year, READ.month, READ.day, 12, tzinfo=UTC)
OLD = FRESH + timedelta(days=200)


@pytest.fixture
def stage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Iterator[Stage]:
    yield from open_stage(tmp_path, monkeypatch, capsys)


def found(folder: Path, now: datetime, *channels: str) -> dict[str, tuple[str, str]]:
    here = workspace(folder, {f"brand/channels/c{n}.md": f"---\n{text}\n---\n" for n, text in enumerate(channels)})
    listed = [channel for channel in load(here).channels.values() if channel.name != "mastodon"]
    return {item.subject: (str(item.level), f"{item.message} {item.hint}") for item in outdated(listed, now)}


@pytest.mark.parametrize("network", list(ADAPTERS))
def test_old_limits_are_told_with_the_oldest_and_its_source(network: str, tmp_path: Path) -> None:
    header = f"network: {network}\nhost: https://a.example\nhandle: us"
    level, words = found(tmp_path, FRESH, header)[f"limits {network}"]
    assert (level, "they were read on" in words) == ("fine", True)

    level, words = found(tmp_path, OLD, header)[f"limits {network}"]
    entries = default_limits(network).entries
    name = min(entries, key=lambda entry: (entries[entry].checked_on, entry))
    assert level == Level.WARNING
    assert f"the oldest, `{name}`, was read on {entries[name].checked_on}, more than six months ago" in words
    assert entries[name].source in words


def test_half_a_year_is_the_line(tmp_path: Path) -> None:
    header = "network: mastodon\nhost: https://a.example\nhandle: us"
    oldest = min(limit.checked_on for limit in default_limits("mastodon").entries.values())
    last = datetime.fromisoformat(oldest).replace(tzinfo=UTC) + timedelta(days=183)
    assert found(tmp_path, last, header)["limits mastodon"][0] == "fine"
    assert found(tmp_path, last + timedelta(days=1), header)["limits mastodon"][0] == "warning"


def test_what_a_server_told_long_ago_is_to_be_asked_again(tmp_path: Path) -> None:
    header = "network: mastodon\nhost: https://a.example\nhandle: us\nlimits: {text: 800, checked_on: 2026-01-10}"
    level, words = found(tmp_path, FRESH, header)["limits of c0"]
    assert level == "warning"
    assert "2026-01-10, more than six months ago Ask it again: socialops accounts --limits" in words
    assert "limits of c0" not in found(tmp_path, FRESH, header.replace("2026-01-10", READ.isoformat()))


def test_the_end_of_an_api_version_is_told_before_it_comes(tmp_path: Path) -> None:
    header = "network: linkedin\nhandle: us"
    assert found(tmp_path, FRESH, header)["API of c0"] == ("fine", "version 202607 works ")
    level, words = found(tmp_path, datetime(2027, 6, 1, tzinfo=UTC), header)["API of c0"]
    assert (level, words.startswith("Version 202607 of LinkedIn's API ends about 2027-07-15 Write a newer")) == (
        "warning",
        True,
    )
    older = f'{header}\nparams: {{api_version: "202510"}}'
    assert "ended about 2026-10-15" in found(tmp_path, FRESH, older)["API of c0"][1]
    assert "API of c0" not in found(tmp_path, FRESH, "network: bluesky\nhandle: us")


@pytest.mark.parametrize("network", [name for name in ADAPTERS if hasattr(adapter(name), "sunset")])
def test_the_version_we_were_written_for_has_not_ended(network: str, tmp_path: Path) -> None:
    assert found(tmp_path, FRESH, f"network: {network}\nhandle: us")["API of c0"][0] == "fine"


def test_doctor_looks_at_it_unless_only_publishing_is_asked_for(stage: Stage) -> None:
    said = stage.run("doctor", "--now", NOW)
    assert "fine       limits mastodon" in said
    assert "fine       limits bluesky" in said
    assert "limits" not in stage.run("doctor", "--publishing", "--now", NOW)
    assert "warning    limits mastodon" in stage.run("doctor", "--now", "2027-08-01 09:00")


def test_limits_of_a_server_are_kept_with_the_day_and_beside_what_people_wrote(stage: Stage) -> None:
    file = stage.workspace.brand / "channels/mastodon.md"
    file.write_text(file.read_text("utf-8").replace("\nzone:", "\nlimits: {alt_text: 700}\nzone:"), "utf-8")

    said = stage.run("accounts", "--limits")

    assert "mastodon: limits updated in brand/channels/mastodon.md: " in said
    assert "bluesky: bluesky tells no limits of its own; those of the handbook hold" in said
    channel = load(stage.workspace).channels["mastodon"]
    limits = limits_of(channel)
    assert limits.entries["text"].checked_on == channel.limits["checked_on"]
    assert "limits unchanged" in stage.run("accounts", "--limits")


def test_limits_that_any_server_tells_are_written_and_read_again(tmp_path: Path) -> None:
    header = "---\nnetwork: tiktok\nhandle: us\nlimits: {text: 500, checked_on: 2026-01-01}\nzone: UTC\n---\nOurs\n"
    here = workspace(tmp_path, {"brand/channels/tiktok.md": header})
    day = date(2026, 12, 1)

    assert keep_limits(here, load(here).channels["tiktok"], {"video_seconds": 180}, day) == ["video_seconds"]

    channel = load(here).channels["tiktok"]
    limits = limits_of(channel)
    assert (limits.number("video_seconds"), limits.number("text")) == (180, 500)
    assert limits.entries["video_seconds"].checked_on == "2026-12-01"
    assert (channel.zone, channel.body.strip()) == ("UTC", "Ours")
    assert keep_limits(here, channel, {"video_seconds": 180}, day) == []
