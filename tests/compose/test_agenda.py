"""What goes out when: slots of undated posts that stay where they were shown."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from socialops.compose.agenda import Name, agenda, next_free_slot, wall_text
from socialops.compose.schedule import due
from socialops.compose.slots import days_off, is_slot, slots_of
from socialops.content.brand import Brand, Campaign, Strategy
from socialops.content.channel import Channel
from socialops.content.days_off import DayOff, day_off
from socialops.content.load import Content
from socialops.content.post import ChannelEntry, Post
from socialops.content.when import parse_when
from socialops.workspace import Settings, Workspace

NOW = datetime(2026, 12, 1, 6, tzinfo=UTC)
LATE_OK = Settings().late_ok


def a_channel(name: str = "mastodon", zone: str = "Europe/Istanbul", **fields: object) -> Channel:
    given = {"slots": ("tue 09:30", "thu 09:30"), **fields}
    return Channel(name, f"brand/channels/{name}.md", "mastodon", zone=zone, **given)  # type: ignore[arg-type]


def a_post(name: str, when: str = "", *, channels: Sequence[str] = ("mastodon",), **fields: object) -> Post:
    typed = parse_when(when) if when else None
    entries = tuple(ChannelEntry(channel) for channel in channels)
    return Post(name, f"posts/{name}.md", ("Text",), entries, date=typed, **fields)  # type: ignore[arg-type]


def content_of(posts: Sequence[Post], *channels: Channel, brand: Brand | None = None) -> Content:
    named = {channel.name: channel for channel in (channels or (a_channel(),))}
    return Content(Workspace(Path("/nowhere"), Settings()), tuple(posts), named, brand or Brand())


@dataclass
class Kept:
    """A record in memory."""

    slots: dict[Name, datetime] = field(default_factory=dict)
    sent: dict[Name, datetime] = field(default_factory=dict)

    def promised(self, name: Name) -> datetime | None:
        return self.slots.get(name)

    def begun(self, post: Post, channel: str) -> datetime | None:
        return self.sent.get((post.id, channel))

    def outings(self, post: str, channel: str) -> Sequence[tuple[str, datetime | None]]:
        return [(id_, at) for (id_, name), at in self.sent.items() if name == channel and id_.startswith(f"{post}--")]


def places(content: Content, now: datetime = NOW, kept: Kept | None = None) -> Mapping[str, str]:
    found = agenda(content, now, kept or Kept()).places
    return {name[0]: wall_text(place.at, content.channels[name[1]]) for name, place in found.items()}


def test_undated_posts_take_the_next_free_slots_in_the_order_of_their_files() -> None:
    content = content_of([a_post("b"), a_post("a"), a_post("dated", "2026-12-03 09:25")])
    assert places(content) == {"a": "2026-12-01 09:30", "b": "2026-12-08 09:30"}
    on_time = agenda(content, NOW).posts
    assert [due(post, content.channels["mastodon"]) for post in on_time] == [
        datetime(2026, 12, 8, 6, 30, tzinfo=UTC),
        datetime(2026, 12, 1, 6, 30, tzinfo=UTC),
        datetime(2026, 12, 3, 6, 25, tzinfo=UTC),
    ]


def test_days_off_of_channel_and_strategy_are_skipped() -> None:
    channel = a_channel(days_off=(DayOff(None, date(2026, 12, 1), date(2026, 12, 1)),))
    brand = Brand(strategy=Strategy("brand/strategy.md", days_off=(DayOff(3, reason="Thursdays"),)))
    assert places(content_of([a_post("a")], channel, brand=brand)) == {"a": "2026-12-08 09:30"}


def test_a_draft_takes_no_slot_and_a_channel_without_slots_gives_none() -> None:
    assert places(content_of([a_post("a", draft=True)])) == {}
    assert places(content_of([a_post("a")], a_channel(slots=()))) == {}
    off = tuple(DayOff(weekday) for weekday in range(7))
    assert places(content_of([a_post("a")], a_channel(days_off=off))) == {}


def test_each_channel_gives_its_own_slot() -> None:
    channels = a_channel(), a_channel("bluesky", "UTC", slots=("wed 12:00",))
    found = agenda(content_of([a_post("a", channels=["mastodon", "bluesky"])], *channels), NOW).places
    assert {name: place.at for name, place in found.items()} == {
        ("a", "mastodon"): datetime(2026, 12, 1, 6, 30, tzinfo=UTC),
        ("a", "bluesky"): datetime(2026, 12, 2, 12, tzinfo=UTC),
    }


def test_a_campaign_and_an_expiry_bound_the_choice() -> None:
    brand = Brand(campaigns={"winter": Campaign("winter", "w.md", "Winter", start=date(2026, 12, 10))})
    expires = parse_when("2026-12-02 10:00")
    posts = [a_post("a", campaign="winter"), a_post("b", expires=expires), a_post("c", expires=expires)]
    assert places(content_of(posts, brand=brand)) == {"a": "2026-12-10 09:30", "b": "2026-12-01 09:30"}


def test_a_promise_is_kept_when_a_post_is_added_that_sorts_first() -> None:
    kept = Kept({("z", "mastodon"): datetime(2026, 12, 1, 6, 30, tzinfo=UTC)})
    content = content_of([a_post("a"), a_post("z")])
    assert places(content, kept=kept) == {"z": "2026-12-01 09:30", "a": "2026-12-03 09:30"}


@pytest.mark.parametrize(
    ("content", "now"),
    [
        (content_of([a_post("a"), a_post("dated", "2026-12-01 09:35")]), NOW),
        (content_of([a_post("a")], a_channel(slots=("thu 09:30",))), NOW),
        (content_of([a_post("a")], a_channel(days_off=(DayOff(1),))), NOW),
        (content_of([a_post("a")]), NOW + timedelta(minutes=30) + LATE_OK + timedelta(seconds=1)),
    ],
    ids=["a dated post stands there", "no slot any more", "a day off", "it passed and nothing came"],
)
def test_a_promise_that_cannot_be_kept_moves_to_the_next_free_slot(content: Content, now: datetime) -> None:
    kept = Kept({("a", "mastodon"): datetime(2026, 12, 1, 6, 30, tzinfo=UTC)})
    assert places(content, now, kept)["a"] == "2026-12-03 09:30"


def test_a_promise_is_kept_until_it_is_too_late() -> None:
    kept = Kept({("a", "mastodon"): datetime(2026, 12, 1, 6, 30, tzinfo=UTC)})
    late = NOW + timedelta(minutes=30) + LATE_OK
    assert places(content_of([a_post("a")]), late, kept) == {"a": "2026-12-01 09:30"}


def test_what_was_begun_keeps_its_time_whatever_became_of_the_slot() -> None:
    kept = Kept(sent={("a", "mastodon"): datetime(2026, 11, 26, 6, 30, tzinfo=UTC)})
    assert places(content_of([a_post("a"), a_post("b")]), kept=kept) == {
        "a": "2026-11-26 09:30",
        "b": "2026-12-01 09:30",
    }


def test_the_next_free_slot_stands_behind_everything() -> None:
    content = content_of([a_post("a"), a_post("dated", "2026-12-03 09:30")])
    channel = content.channels["mastodon"]
    found = next_free_slot(content, channel, NOW)
    assert found is not None
    assert wall_text(found, channel) == "2026-12-08 09:30"
    bare = a_channel(slots=())
    assert next_free_slot(content_of([], bare), bare, NOW) is None


# --- the clocks -----------------------------------------------------------------------------------------------------


def slots_between(channel: Channel, after: datetime, before: datetime) -> list[str]:
    return [wall_text(slot, channel) for slot in slots_of(channel, (), after, before)]


def test_a_slot_that_the_clocks_skip_moves_on_with_them_and_is_taken_once() -> None:
    channel = a_channel(zone="Europe/Berlin", slots=("sun 02:30", "sun 03:30"))
    after = datetime(2027, 3, 27, 12, tzinfo=UTC)
    assert slots_between(channel, after, after + timedelta(days=1)) == ["2027-03-28 03:30"]


def test_a_slot_that_the_clocks_show_twice_is_the_first() -> None:
    channel = a_channel(zone="Europe/Berlin", slots=("sun 02:30",))
    after = datetime(2026, 10, 24, 12, tzinfo=UTC)
    assert slots_between(channel, after, after + timedelta(days=1)) == ["2026-10-25T02:30:00+02:00"]


ZONES = ["Europe/Istanbul", "Europe/Bucharest", "Asia/Jerusalem", "America/Sao_Paulo", "Australia/Lord_Howe", "UTC"]
CLOCKS = st.builds(lambda hour, half: f"{hour:02d}:{half}", st.integers(0, 23), st.sampled_from(["00", "15", "30"]))
SLOTS = st.lists(
    st.builds(lambda day, clock: f"{day} {clock}", st.sampled_from(["mon", "thu", "sat", "sun"]), CLOCKS),
    min_size=1,
    max_size=4,
    unique=True,
).map(tuple)
DAYS = st.dates(date(2026, 10, 1), date(2027, 4, 30))
OFF = st.lists(
    st.one_of(
        st.builds(DayOff, st.integers(0, 6)),
        st.builds(lambda day, length: DayOff(None, day, day + timedelta(days=length)), DAYS, st.integers(0, 10)),
    ),
    max_size=3,
).map(tuple)
BEGIN = datetime(2026, 10, 1, tzinfo=UTC)
INSTANTS = st.integers(0, 211 * 24 * 60).map(lambda minutes: BEGIN + timedelta(minutes=minutes))


@settings(max_examples=200)
@given(slots=SLOTS, zone=st.sampled_from(ZONES), off=OFF, after=INSTANTS)
def test_slots_come_in_order_once_each_never_on_a_day_off(
    slots: tuple[str, ...], zone: str, off: tuple[DayOff, ...], after: datetime
) -> None:
    channel = a_channel(zone=zone, slots=slots)
    found = list(slots_of(channel, off, after, after + timedelta(days=60)))
    assert found == sorted(set(found))
    assert all(after <= slot < after + timedelta(days=60) and is_slot(channel, off, slot) for slot in found)
    for slot in found:
        local = slot.astimezone(channel.tz())
        walls = {f"{local:%a %H:%M}".lower()}
        moved = (
            (slot - timedelta(hours=1)).astimezone(channel.tz()),
            (slot - timedelta(minutes=30)).astimezone(channel.tz()),
        )
        if any(other.utcoffset() != local.utcoffset() for other in moved):
            continue  # the clocks were changed just before: it stands an hour further, which the tests above hold
        assert walls & set(slots)
        assert day_off(off, local.date()) is None


OPERATIONS = st.lists(
    st.one_of(
        st.tuples(st.just("undated"), st.text("abcxyz", min_size=1, max_size=4)),
        st.tuples(st.just("dated"), st.integers(0, 12)),
        st.tuples(st.just("time"), st.integers(1, 60)),
    ),
    max_size=14,
)


@settings(max_examples=200, deadline=None)
@given(slots=SLOTS, zone=st.sampled_from(ZONES), off=OFF, begin=INSTANTS, operations=OPERATIONS)
def test_no_post_moves_as_others_are_added_and_time_goes_by(
    slots: tuple[str, ...], zone: str, off: tuple[DayOff, ...], begin: datetime, operations: list[tuple[str, object]]
) -> None:
    channel = a_channel(zone=zone, slots=slots, days_off=off)
    posts: dict[str, Post] = {}
    kept = Kept()
    now = begin
    for number, (what, value) in enumerate(operations):
        if what == "undated":
            posts.setdefault(str(value), a_post(str(value)))
        elif what == "dated":
            # On a slot, or beside one.
            ahead = list(slots_of(channel, off, now, now + timedelta(days=40)))
            near = (ahead or [now])[int(str(value)) % max(len(ahead), 1)] + timedelta(minutes=int(str(value)) % 3 * 7)
            posts[f"dated-{number}"] = a_post(f"dated-{number}", near.isoformat(timespec="seconds"))
        else:
            now += timedelta(hours=int(str(value)))
        content = content_of(list(posts.values()), channel)
        before, found = dict(kept.slots), agenda(content, now, kept)
        dated = [at for post in posts.values() if post.date and (at := due(post, channel))]
        fresh = {name: place.at for name, place in found.places.items() if not place.begun}
        # Adding undated posts, and time going by, moves nothing that can still go out; a post with a date takes one
        # place at most from each post, and only a place that it stands in.
        for name, at in before.items():
            if name in kept.sent or now - at > LATE_OK:
                continue
            taken = any(abs(at - other) < timedelta(minutes=10) for other in dated)
            assert fresh[name] == at or taken
        # Two never share a slot, nor does one share with a post that has a date; none is on a day off, none is past.
        every = sorted([*(place.at for place in found.places.values())])
        assert all(after - first >= timedelta(minutes=10) for first, after in itertools.pairwise(every))
        for name, at in fresh.items():
            assert is_slot(channel, days_off(content, channel), at)
            assert at >= now or now - at <= LATE_OK
            assert all(abs(at - other) >= timedelta(minutes=10) for other in dated), name
        # What a run does: it keeps what it showed, and sends what is due at the time it showed.
        kept.slots.update(fresh)
        for name, at in fresh.items():
            if at <= now:
                kept.sent[name] = at
        assert {name: place.at for name, place in agenda(content, now, kept).places.items()} == {
            name: place.at for name, place in found.places.items()
        }
