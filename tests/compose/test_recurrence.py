"""Posts that come again: each outing on its day, at the hour on the wall, with an id that survives the rule."""

from __future__ import annotations

import itertools
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from builder import CHANNEL, workspace
from compose.test_agenda import Kept, a_channel, a_post, content_of
from socialops.compose.agenda import agenda
from socialops.compose.recurrence import base_of, cooldown_of, days_by, outings, shortest
from socialops.compose.schedule import due
from socialops.content.brand import Brand, Strategy
from socialops.content.channel import Channel
from socialops.content.days_off import DayOff
from socialops.content.load import Content, load
from socialops.content.post import ChannelEntry, Interval, Post, Recurrence, Unit
from socialops.content.when import parse_when

BEGIN, END = datetime(2020, 1, 1, tzinfo=UTC), datetime(2040, 1, 1, tzinfo=UTC)
WEEKLY = Recurrence(Interval(1, Unit.WEEK), date(2027, 3, 1))


def days(every: Interval, first: date, until: date, on: tuple[int, ...] = ()) -> list[str]:
    return [str(day) for day in days_by(Recurrence(every, until, on), first)]


def going(content: Content, now: datetime, kept: Kept | None = None) -> list[tuple[str, str]]:
    """Return (id, text) of the outings in the agenda."""
    return [(post.id, post.parts[0]) for post in agenda(content, now, kept or Kept()).outings()]


@pytest.mark.parametrize(
    ("every", "first", "until", "on", "expected"),
    [
        (Interval(10, Unit.DAY), date(2026, 12, 1), date(2026, 12, 25), (), ["2026-12-01", "2026-12-11", "2026-12-21"]),
        (Interval(2, Unit.WEEK), date(2026, 12, 3), date(2026, 12, 31), (), ["2026-12-03", "2026-12-17", "2026-12-31"]),
        (
            Interval(2, Unit.WEEK),
            date(2026, 12, 3),
            date(2026, 12, 20),
            (1, 3),
            ["2026-12-03", "2026-12-15", "2026-12-17"],
        ),
        (
            Interval(1, Unit.MONTH),
            date(2026, 12, 31),
            date(2027, 3, 31),
            (),
            ["2026-12-31", "2027-01-31", "2027-02-28", "2027-03-31"],
        ),
        (
            Interval(1, Unit.YEAR),
            date(2024, 2, 29),
            date(2028, 12, 1),
            (),
            ["2024-02-29", "2025-02-28", "2026-02-28", "2027-02-28", "2028-02-29"],
        ),
    ],
    ids=["days", "weeks", "weekdays", "the last day of a month", "the day that other years lack"],
)
def test_a_rule_gives_its_days(
    every: Interval, first: date, until: date, on: tuple[int, ...], expected: list[str]
) -> None:
    assert days(every, first, until, on) == expected


def test_the_hour_is_the_one_on_the_wall_in_winter_and_summer() -> None:
    channel = a_channel(zone="Europe/Berlin")
    post = a_post("tips", "2027-03-14 02:30", recur=Recurrence(Interval(1, Unit.WEEK), date(2027, 4, 4)))
    found = [outing.at for outing in outings(post, channel, content_of([post], channel), BEGIN, END)]
    # On 28 March the clocks skip 02:30: it is read with the offset before, and so goes out at 03:30.
    assert [f"{at.astimezone(channel.tz()):%m-%d %H:%M}" for at in found] == [
        "03-14 02:30",
        "03-21 02:30",
        "03-28 03:30",
        "04-04 02:30",
    ]
    autumn = a_post("tips", "2026-10-25 02:30", recur=Recurrence(Interval(1, Unit.WEEK), date(2026, 10, 25)))
    fallback = [outing.at for outing in outings(autumn, channel, content_of([autumn], channel), BEGIN, END)]
    assert fallback == [datetime(2026, 10, 25, 0, 30, tzinfo=UTC)]


def test_the_agenda_holds_the_outings_of_two_months_each_with_its_text() -> None:
    rule = Recurrence(Interval(3, Unit.WEEK), date(2027, 12, 1), texts=(("Two",), ("Three",)))
    content = content_of([a_post("tips", "2026-12-08 09:30", recur=rule)])
    assert going(content, datetime(2026, 12, 1, tzinfo=UTC)) == [
        ("tips--2026-12-08", "Text"),
        ("tips--2026-12-29", "Two"),
        ("tips--2027-01-19", "Three"),
    ]
    [first, *_] = agenda(content, datetime(2026, 12, 1, tzinfo=UTC)).posts
    assert due(first, content.channels["mastodon"]) == datetime(2026, 12, 8, 6, 30, tzinfo=UTC)
    assert base_of(first.id) == "tips"


def test_a_channels_own_text_stands_for_the_body_alone() -> None:
    rule = Recurrence(Interval(1, Unit.WEEK), date(2026, 12, 15), texts=(("Two",),))
    entries = (ChannelEntry("mastodon", text="Own"),)
    post = Post("tips", "posts/tips.md", ("Body",), entries, date=parse_when("2026-12-08 09:30"), recur=rule)
    found = agenda(content_of([post]), datetime(2026, 12, 1, tzinfo=UTC)).outings()
    assert [(out.parts, out.channels[0].text) for out in found] == [(("Body",), "Own"), (("Two",), None)]


def test_channels_with_other_days_get_their_own_turn() -> None:
    rule = Recurrence(Interval(1, Unit.WEEK), date(2026, 12, 15), texts=(("Two",),))
    entries = (ChannelEntry("mastodon"), ChannelEntry("bluesky", date=parse_when("2026-12-15 10:00")))
    post = Post("tips", "posts/tips.md", ("One",), entries, date=parse_when("2026-12-08 09:30"), recur=rule)
    content = content_of([post], a_channel(), a_channel("bluesky", "UTC"))
    found = agenda(content, datetime(2026, 12, 1, tzinfo=UTC)).outings()
    assert [(out.id, [(entry.channel, entry.text or out.parts[0]) for entry in out.channels]) for out in found] == [
        ("tips--2026-12-08", [("mastodon", "One")]),
        ("tips--2026-12-15", [("mastodon", "Two"), ("bluesky", "One")]),
    ]


def test_a_day_off_is_left_out_and_the_turns_stay() -> None:
    rule = Recurrence(Interval(1, Unit.WEEK), date(2026, 12, 22), texts=(("Two",), ("Three",)))
    brand = Brand(strategy=Strategy("s.md", days_off=(DayOff(None, date(2026, 12, 15), date(2026, 12, 15), "Fair"),)))
    content = content_of([a_post("tips", "2026-12-08 09:30", recur=rule)], brand=brand)
    assert going(content, datetime(2026, 12, 1, tzinfo=UTC)) == [
        ("tips--2026-12-08", "Text"),
        ("tips--2026-12-22", "Three"),
    ]
    [(_, channel, fallen)] = agenda(content, datetime(2026, 12, 1, tzinfo=UTC)).fallen
    assert (channel, fallen.day, fallen.off and fallen.off.why) == ("mastodon", date(2026, 12, 15), "Fair")


def test_where_a_network_takes_no_text_twice_each_goes_out_once() -> None:
    rule = Recurrence(Interval(1, Unit.WEEK), date(2026, 12, 29), texts=(("Two",),))
    linkedin = Channel("linkedin", "brand/channels/linkedin.md", "linkedin", zone="UTC")
    post = a_post("tips", "2026-12-08 09:30", channels=["linkedin", "mastodon"], recur=rule)
    content = content_of([post], linkedin, a_channel())
    found = agenda(content, datetime(2026, 12, 1, tzinfo=UTC)).outings()
    assert [sorted(entry.channel for entry in out.channels) for out in found] == [
        ["linkedin", "mastodon"],
        ["linkedin", "mastodon"],
        ["mastodon"],
        ["mastodon"],
    ]


def test_a_rule_moved_to_another_day_waits_for_the_cooldown() -> None:
    sent = Kept(sent={("tips--2026-12-08", "mastodon"): datetime(2026, 12, 8, 6, 30, tzinfo=UTC)})
    moved = a_post("tips", "2026-12-09 09:30", recur=WEEKLY)
    now = datetime(2026, 12, 8, 12, tzinfo=UTC)
    # Half of a week has not passed on the 9th: the first is that of the 16th.
    assert going(content_of([moved]), now, sent)[0][0] == "tips--2026-12-16"
    same = a_post("tips", "2026-12-08 18:00", recur=WEEKLY)
    # Another hour on a day that had its outing already: still the same outing, which is on record.
    assert going(content_of([same]), now, sent)[0][0] == "tips--2026-12-08"


def test_a_published_post_that_gets_a_rule_does_not_go_out_again_at_once() -> None:
    class Published(Kept):
        def outings(self, post: str, channel: str) -> list[tuple[str, datetime | None]]:
            return [("tips", datetime(2026, 12, 8, 6, 30, tzinfo=UTC))]

    post = a_post("tips", "2026-12-08 09:30", recur=WEEKLY)
    now = datetime(2026, 12, 8, 7, tzinfo=UTC)
    assert going(content_of([post]), now, Published())[0][0] == "tips--2026-12-15"


def test_a_draft_does_not_come_again() -> None:
    content = content_of([a_post("tips", "2026-12-08 09:30", recur=WEEKLY, draft=True)])
    assert agenda(content, datetime(2026, 12, 1, tzinfo=UTC)).posts is content.posts


@settings(max_examples=150)
@given(
    every=st.builds(Interval, st.integers(1, 5), st.sampled_from(list(Unit))),
    on=st.sets(st.integers(0, 6), max_size=3).map(lambda found: tuple(sorted(found))),
    first=st.dates(date(2026, 1, 1), date(2027, 12, 31)),
    clock=st.times().map(lambda clock: f"{clock:%H:%M}"),
    zone=st.sampled_from(["Europe/Istanbul", "Europe/Berlin", "America/Sao_Paulo", "Australia/Lord_Howe"]),
)
def test_outings_come_in_order_one_a_day_and_no_nearer_than_the_rule_says(
    every: Interval, on: tuple[int, ...], first: date, clock: str, zone: str
) -> None:
    rule = Recurrence(every, first + timedelta(days=800), on if every.unit is Unit.WEEK else ())
    channel = a_channel(zone=zone)
    post = a_post("tips", f"{first} {clock}", recur=rule)
    found = list(outings(post, channel, content_of([post], channel), BEGIN, END))
    assert [outing.number for outing in found] == list(range(len(found)))
    assert len({outing.day for outing in found}) == len(found)
    assert all(first <= outing.day <= rule.until for outing in found)
    for before, after in itertools.pairwise(found):
        assert before.at < after.at
        assert after.day - before.day >= shortest(rule)
        assert abs(after.at - before.at) > cooldown_of(rule)
    window = [
        outing for outing in found if datetime(2027, 1, 1, tzinfo=UTC) <= outing.at < datetime(2027, 3, 1, tzinfo=UTC)
    ]
    assert window == list(
        outings(
            post,
            channel,
            content_of([post], channel),
            datetime(2027, 1, 1, tzinfo=UTC),
            datetime(2027, 3, 1, tzinfo=UTC),
        )
    )


def test_a_rule_is_read_from_a_file(tmp_path: Path) -> None:
    text = (
        "---\ndate: 2026-12-08 09:30\nchannels: [mastodon]\nrecur:\n  every: 2 weeks\n  until: 2027-03-01\n"
        "  cooldown: 5d\n  on: [thu, tue]\n  variants:\n    - Two\n    - |\n"
        "      Three\n      ---\n      and four\n---\nOne\n"
    )
    [post] = load(workspace(tmp_path, {"posts/tips.md": text, "brand/channels/mastodon.md": CHANNEL})).posts
    assert post.recur == Recurrence(
        Interval(2, Unit.WEEK), date(2027, 3, 1), (1, 3), timedelta(days=5), (("Two",), ("Three", "and four"))
    )
    assert str(post.recur.every) == "every 2 weeks"
