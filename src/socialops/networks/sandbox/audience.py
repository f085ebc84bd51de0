"""The simulated audience: how many people like, repost, answer, quote, bookmark, vote and follow, and when.

Every number is a pure function of the crowd (an account's followers and the seed), the message, its publication and the
moment of reading. The same seed and the same moments give the same numbers, however often and in whatever order they
are read, and no counter of a post ever falls. Reports made from these numbers must find these effects again:

    final count = followers at publication × BASE × effects × luck, spread over time by ARRIVAL

BASE (share of the followers that do it in the end, for a text at an average hour; plausible for 800 to 4,000 followers)

    ============  =======  =======  =======  =======  =========
    network       likes    reposts  replies  quotes   bookmarks
    mastodon      1.10 %   0.45 %   0.12 %   0.02 %   0.10 %
    bluesky       1.40 %   0.25 %   0.12 %   0.05 %   0.15 %
    ============  =======  =======  =======  =======  =========

EFFECTS (factors; they multiply)

    format        text 1, link 0.70 / 0.90 / 0.70, image 1.70 / 1.50 / 1.10, carousel 2.00 / 1.50 / 1.10,
                  poll 0.80 / 0.90 / 2.20 (likes and bookmarks / reposts and quotes / replies)
    thread        its first part 1.15 / 1.30 / 1.10; part n + 1 gets 0.60 ⁿ, and at least 0.20, of a post of its own
    hour          the square root of ACTIVITY at the hour of publication, in the account's zone: best 20:00 (× 1.26),
                  a second peak at 9:00 (× 1.12), worst 3:00 (× 0.45)
    weekday       Tuesday to Thursday best (× 1.08 to 1.10), Saturday worst (× 0.80); where the working week begins on
                  Sunday (ZONES_WITH_SUNDAY_WORK), Friday × 0.82, Saturday × 0.72, Sunday × 1.04
    topic         the geometric mean of the TOPICS its hashtags belong to: light × 1.25 … sale × 0.72; others × 1
    hashtags      more than four: × 0.90
    language      not the account's main language: × 0.80
    alt text      every picture described: × 1.05
    warning       a content warning: × 0.85
    visibility    unlisted × 0.50, followers only × 0.60, direct × 0
    question      a text that asks one: replies × 1.60

LUCK is one draw for each post, shared by its counters: gamma with mean 1 and shape 8 (a spread of ± 35 %). Around that
mean each counter is Poisson, so that a counter alone is negative binomial: variance = mean + mean² / 8.

ARRIVAL: 88 % of what happens decays with a half-life of 5 hours, 12 % with one of 60 hours, and people act at the
hour's ACTIVITY and the weekday's factor (nobody reads at 3:00); after 21 days nothing happens any more. A post of 9:00
has half of its likes after about 5 hours, nine tenths after about 25; one of 23:00
has half of them after about 10.

VOTES in polls: 2.2 % of the followers × hour, weekday, topic, language, visibility and luck, while the poll is open;
the options' popularity is drawn for each poll; where several may be chosen, 35 % choose a second one.

FOLLOWERS: on a day 0.06 % more come and 0.02 % go (Poisson, at the hours' ACTIVITY), and 2 % of (likes + 3 × reposts)
of each post bring one more. Followers are no counter of a post: they may fall from one day to the next.
"""

from __future__ import annotations

import functools
import math
import random
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from socialops.content.text import fold

Metric = Literal["likes", "reposts", "replies", "quotes", "bookmarks"]
METRICS: tuple[Metric, ...] = ("likes", "reposts", "replies", "quotes", "bookmarks")

BASE: Mapping[str, Mapping[Metric, float]] = {
    "mastodon": {"likes": 0.0110, "reposts": 0.0045, "replies": 0.0012, "quotes": 0.0002, "bookmarks": 0.0010},
    "bluesky": {"likes": 0.0140, "reposts": 0.0025, "replies": 0.0012, "quotes": 0.0005, "bookmarks": 0.0015},
}
"""Network → counter → the share of the followers that do it in the end, for a text at an average hour."""

_GROUP: Mapping[Metric, int] = {"likes": 0, "bookmarks": 0, "reposts": 1, "quotes": 1, "replies": 2}

FORMAT: Mapping[str, tuple[float, float, float]] = {
    "text": (1.00, 1.00, 1.00),
    "link": (0.70, 0.90, 0.70),
    "image": (1.70, 1.50, 1.10),
    "carousel": (2.00, 1.50, 1.10),
    "poll": (0.80, 0.90, 2.20),
}
"""Format → factor on (likes and bookmarks, reposts and quotes, replies).

A post has one format: a poll with a link is a poll, a picture with a link an image.
"""

THREAD_LEAD = (1.15, 1.30, 1.10)
"""What it does for the first part of a thread that it is one."""
THREAD_STEP = 0.60
"""What each further part of a thread has of the one before; never less than THREAD_LEAST of a post of its own."""
THREAD_LEAST = 0.20

ACTIVITY = (
    *(0.45, 0.30, 0.22, 0.20, 0.22, 0.35, 0.60, 0.90, 1.15, 1.25, 1.15, 1.05),  # midnight to noon
    *(1.20, 1.15, 1.00, 0.95, 1.00, 1.15, 1.35, 1.50, 1.60, 1.45, 1.10, 0.75),  # noon to midnight
)
"""How active people are in each hour of the day of the account's zone; its mean is 0.92."""

WEEKDAY = (1.00, 1.08, 1.10, 1.08, 0.95, 0.80, 0.90)
"""Factor of each weekday, Monday first."""
WEEKDAY_SUNDAY_WORK = (1.06, 1.08, 1.10, 1.05, 0.82, 0.72, 1.04)
ZONES_WITH_SUNDAY_WORK = frozenset({"Asia/Jerusalem", "Asia/Tel_Aviv", "Israel"})

_TOPICS: Mapping[str, tuple[float, str, str, str, str]] = {
    "light": (
        1.25,
        "ışık lamba far bisikletışığı görvegörün",
        "light lights lamp lamps bikelights dynamolight seeandbeseen",
        "אור תאורה פנס לראות_ולהיראות",
        "lumină lumini lampă faruri dinam vezișifiivăzut",
    ),
    "together": (
        1.20,
        "topluluk birlikte grupsürüşü bisikletotobüsü",
        "community together ride groupride biketooter",
        "קהילה ביחד רוכבים רוכבים_בחיפה",
        "comunitate împreună pedalăm",
    ),
    "winter": (
        1.15,
        "kış kışbisikleti kışsaati ilkyağmur",
        "winter winterbike winterlaunch wintersolstice",
        "חורף יורה",
        "iarnă iarna",
    ),
    "school": (
        1.15,
        "okul okulabisikletle",
        "school schoolrun biketoschool",
        "לרכוב_לבית_הספר",
        "școală cubicicletalașcoală",
    ),
    "workshop": (
        1.10,
        "tamir bakım atölye kediliatölye atölyedennotlar tamircuması alyannerede alyanbulundu",
        "repair workshop maintenance howto",
        "סדנה תיקון לתקן_ולא_לזרוק",
        "atelier atelieruldincluj vinereareparațiilor",
    ),
    "city": (1.10, "şehir kent istanbul", "city citybike urban haifa", "עיר חיפה", "oraș cluj"),
    "bicycle": (1.05, "bisiklet bisikletliyaşam", "bike bicycle cycling cargobike", "אופניים", "bicicletă biciclete"),
    "holiday": (
        1.05,
        "bayram cumhuriyetbayramı yeniyıl",
        "holidays happynewyear",
        "חג חנוכה",
        "sărbători ziuanațională moșnicolae",
    ),
    "jobs": (0.80, "işilanı kariyer", "jobs hiring careers", "דרושים", "angajări"),
    "sale": (0.72, "indirim kampanya fırsat", "sale discount blackfriday", "מבצע הנחה", "reduceri ofertă"),
}
TOPICS: Mapping[str, tuple[float, frozenset[str]]] = {
    name: (factor, frozenset(fold(word) for words in languages for word in words.split()))
    for name, (factor, *languages) in _TOPICS.items()
}
"""Topic → its factor and the hashtags that belong to it, folded."""

TAG_LIMIT = 4
TOO_MANY_TAGS = 0.90
OTHER_LANGUAGE = 0.80
ALT_TEXT = 1.05
WARNING = 0.85
VISIBILITY: Mapping[str, float] = {"public": 1.0, "unlisted": 0.5, "private": 0.6, "direct": 0.0}
QUESTION = 1.60

LUCK_SHAPE = 8
FAST_SHARE, FAST_HALF_LIFE, SLOW_HALF_LIFE = 0.88, 5.0, 60.0
"""How much of what happens decays fast; half-lives in hours."""
HORIZON_HOURS = 21 * 24

VOTE_SHARE = 0.022
SECOND_CHOICE = 0.35

COMING, GOING = 0.0006, 0.0002
"""Share of the followers that come and go on a day."""
FOLLOWS_PER_REACTION = 0.02
REPOST_WEIGHT = 3


@dataclass(frozen=True, slots=True)
class Crowd:
    """The people around one account: *followers* is how many there were at *since*, aware."""

    handle: str
    zone: str
    followers: int
    lang: str
    since: datetime
    seed: int


@dataclass(frozen=True, slots=True)
class Message:
    """What the crowd sees of a post.

    *key* tells it from other posts at the same moment. *format* is one of FORMAT. *position* counts the parts of a
    thread from 0; *leads* says that it is the first of several. *options* and *closes* belong to a poll.
    """

    key: str
    network: str
    published: datetime
    format: str = "text"
    tags: tuple[str, ...] = ()
    lang: str = ""
    described: bool = False
    warned: bool = False
    visibility: str = "public"
    asks: bool = False
    position: int = 0
    leads: bool = False
    options: int = 0
    multiple: bool = False
    closes: datetime | None = None


@dataclass(frozen=True, slots=True)
class Votes:
    """The state of a poll: votes for each option, and how many people voted."""

    options: tuple[int, ...]
    voters: int


# --- what is expected ----------------------------------------------------------------------------------------------


def weekday_effect(zone: str, at: datetime) -> float:
    """Return the factor of the weekday on which *at* lies in *zone*."""
    table = WEEKDAY_SUNDAY_WORK if zone in ZONES_WITH_SUNDAY_WORK else WEEKDAY
    return table[at.astimezone(ZoneInfo(zone)).weekday()]


def hour_effect(zone: str, at: datetime) -> float:
    """Return the factor of the hour in which *at* lies in *zone*."""
    return math.sqrt(ACTIVITY[at.astimezone(ZoneInfo(zone)).hour])


def topics_of(tags: Sequence[str], lang: str = "") -> tuple[str, ...]:
    """Return the topics that hashtags (without `#`) belong to, each once, in the order of TOPICS."""
    folded = {fold(tag, "") for tag in tags} | {fold(tag, lang) for tag in tags}
    return tuple(name for name, (_, words) in TOPICS.items() if words & folded)


@functools.lru_cache(maxsize=8192)
def effects(crowd: Crowd, message: Message) -> dict[str, float]:
    """Return every factor on the likes of *message* by its name; 1 where it does not apply."""
    found = dict.fromkeys(("topic", "hashtags", "language", "alt text", "warning"), 1.0)
    found["hour"] = hour_effect(crowd.zone, message.published)
    found["weekday"] = weekday_effect(crowd.zone, message.published)
    topics = topics_of(message.tags, message.lang)
    if topics:
        found["topic"] = math.prod(TOPICS[name][0] for name in topics) ** (1 / len(topics))
    if len(message.tags) > TAG_LIMIT:
        found["hashtags"] = TOO_MANY_TAGS
    if message.lang and crowd.lang and message.lang.partition("-")[0] != crowd.lang.partition("-")[0]:
        found["language"] = OTHER_LANGUAGE
    if message.described:
        found["alt text"] = ALT_TEXT
    if message.warned:
        found["warning"] = WARNING
    found["visibility"] = VISIBILITY.get(message.visibility, 1.0)
    found["format"] = FORMAT[message.format][0]
    found["thread"] = _thread(message, 0)
    return found


@functools.lru_cache(maxsize=8192)
def expected(crowd: Crowd, message: Message) -> dict[Metric, float]:
    """Return the mean of each counter's final value, before luck."""
    found = effects(crowd, message)
    shared = math.prod(value for name, value in found.items() if name not in {"format", "thread"})
    reach = _readers(crowd, message.published) * shared
    means: dict[Metric, float] = {}
    for metric in METRICS:
        group = _GROUP[metric]
        means[metric] = reach * BASE[message.network][metric] * FORMAT[message.format][group] * _thread(message, group)
    if message.asks:
        means["replies"] *= QUESTION
    return means


def _thread(message: Message, group: int) -> float:
    if message.position:
        return max(THREAD_LEAST, math.pow(THREAD_STEP, message.position))
    return THREAD_LEAD[group] if message.leads else 1.0


def _readers(crowd: Crowd, at: datetime) -> float:
    """Return how many followers there would be at *at* if posts brought none: a post's reach hangs on no other post."""
    days = max(0.0, (at - crowd.since).total_seconds() / 86400)
    return crowd.followers * math.pow(1 + COMING - GOING, days)


# --- when it happens -----------------------------------------------------------------------------------------------


@functools.lru_cache(maxsize=8192)
def _arrival(zone_name: str, published: datetime) -> tuple[float, ...]:
    """Return the share of everything that has happened n hours after publication, for each n up to the horizon."""
    zone = ZoneInfo(zone_name)
    weekdays = WEEKDAY_SUNDAY_WORK if zone_name in ZONES_WITH_SUNDAY_WORK else WEEKDAY
    start = published.astimezone(UTC)
    total = 0.0
    sums = [0.0]
    for hour, decay in enumerate(_decay()):
        local = (start + timedelta(hours=hour)).astimezone(zone)
        # Both hours that the step touches, by how much of it lies in each.
        into = local.minute / 60
        active = ACTIVITY[local.hour] * (1 - into) + ACTIVITY[(local.hour + 1) % 24] * into
        total += decay * active * weekdays[local.weekday()]
        sums.append(total)
    return tuple(value / total for value in sums)


@functools.cache
def _decay() -> tuple[float, ...]:
    """Return how much would happen in each hour after publication if people never slept."""

    def left(hours: float) -> float:
        fast, slow = math.pow(0.5, hours / FAST_HALF_LIFE), math.pow(0.5, hours / SLOW_HALF_LIFE)
        return FAST_SHARE * fast + (1 - FAST_SHARE) * slow

    return tuple(left(hour) - left(hour + 1) for hour in range(HORIZON_HOURS))


def share_arrived(zone: str, published: datetime, now: datetime) -> float:
    """Return which share (0 to 1) of everything that will ever happen to a post has happened at *now*."""
    hours = (now - published).total_seconds() / 3600
    if hours <= 0:
        return 0.0
    sums = _arrival(zone, published)
    whole = int(hours)
    if whole >= HORIZON_HOURS:
        return 1.0
    return sums[whole] + (sums[whole + 1] - sums[whole]) * (hours - whole)


# --- what happens --------------------------------------------------------------------------------------------------


def _dice(*names: object) -> random.Random:
    # random.Random(text) is seeded by SHA-512, and random() alone is promised to stay the same across versions.
    return random.Random("|".join(map(str, names)))  # noqa: S311 - a simulation, no secret


@functools.lru_cache(maxsize=8192)
def _luck(seed: int, handle: str, key: str) -> float:
    dice = _dice(seed, handle, key, "luck")
    return sum(-math.log(1 - dice.random()) for _ in range(LUCK_SHAPE)) / LUCK_SHAPE


@functools.lru_cache(maxsize=65536)
def _moments(seed: int, handle: str, key: str, what: str, mean: float) -> tuple[float, ...]:
    """Return when each of a Poisson number of things happens, as sorted shares of all time.

    A larger mean only adds things to those that a smaller one gives: what has happened stays.
    """
    dice = _dice(seed, handle, key, what)
    found: list[float] = []
    reached = 0.0
    while True:
        reached -= math.log(1 - dice.random())
        if reached >= mean:
            return tuple(sorted(found))
        found.append(dice.random())


def counts(crowd: Crowd, message: Message, now: datetime) -> dict[Metric, int]:
    """Return what the counters of *message* show at *now*."""
    share = share_arrived(crowd.zone, message.published, now)
    luck = _luck(crowd.seed, crowd.handle, message.key)
    return {
        metric: bisect_right(_moments(crowd.seed, crowd.handle, message.key, metric, mean * luck), share)
        for metric, mean in expected(crowd, message).items()
    }


def expected_voters(crowd: Crowd, message: Message) -> float:
    """Return the mean of how many would vote in a poll that never closes, before luck."""
    found = effects(crowd, message)
    shared = math.prod(found[name] for name in ("hour", "weekday", "topic", "language", "visibility"))
    return _readers(crowd, message.published) * VOTE_SHARE * shared


def votes(crowd: Crowd, message: Message, now: datetime) -> Votes:
    """Return the state of a poll at *now*."""
    until = min(now, message.closes) if message.closes else now
    share = share_arrived(crowd.zone, message.published, until)
    luck = _luck(crowd.seed, crowd.handle, message.key)
    moments = _moments(crowd.seed, crowd.handle, message.key, "votes", expected_voters(crowd, message) * luck)
    voters = bisect_right(moments, share)
    dice = _dice(crowd.seed, crowd.handle, message.key, "options")
    weights = [0.6 - 0.7 * math.log(1 - dice.random()) for _ in range(message.options)]
    found = [0] * message.options
    for number in range(voters):
        # Each voter has dice of their own: their choice does not depend on who else has voted.
        choice = _dice(crowd.seed, crowd.handle, message.key, "voter", number)
        first = _chosen(weights, choice.random())
        found[first] += 1
        if message.multiple and choice.random() < SECOND_CHOICE:
            second = _chosen(weights, choice.random())
            found[second] += second != first
    return Votes(tuple(found), voters)


def _chosen(weights: Sequence[float], draw: float) -> int:
    left = draw * sum(weights)
    for number, weight in enumerate(weights):
        left -= weight
        if left < 0:
            return number
    return len(weights) - 1


def followers(crowd: Crowd, messages: Sequence[Message], now: datetime) -> int:
    """Return how many follow the account at *now*, who came for *messages* included."""
    total = crowd.followers + _drift(crowd, now)
    for message in messages:
        share = share_arrived(crowd.zone, message.published, now)
        if share:
            means = expected(crowd, message)
            mean = FOLLOWS_PER_REACTION * (means["likes"] + REPOST_WEIGHT * means["reposts"])
            mean *= _luck(crowd.seed, crowd.handle, message.key)
            total += bisect_right(_moments(crowd.seed, crowd.handle, message.key, "follows", mean), share)
    return max(0, total)


def _drift(crowd: Crowd, now: datetime) -> int:
    days = (now - crowd.since).total_seconds() / 86400
    if days <= 0:
        return 0
    whole = int(days)
    total = sum(len(_came(crowd, day)) - len(_went(crowd, day)) for day in range(whole))
    # Within a day people come and go by the hour, as active as they are.
    share = _share_of_day(crowd.zone, crowd.since + timedelta(days=whole), days - whole)
    return total + bisect_right(_came(crowd, whole), share) - bisect_right(_went(crowd, whole), share)


def _came(crowd: Crowd, day: int) -> tuple[float, ...]:
    return _moments(crowd.seed, crowd.handle, f"day {day}", "came", crowd.followers * COMING)


def _went(crowd: Crowd, day: int) -> tuple[float, ...]:
    return _moments(crowd.seed, crowd.handle, f"day {day}", "went", crowd.followers * GOING)


def _share_of_day(zone: str, start: datetime, part: float) -> float:
    hour = start.astimezone(ZoneInfo(zone)).hour
    hours = [ACTIVITY[(hour + step) % 24] for step in range(24)]
    whole = int(part * 24)
    return (sum(hours[:whole]) + hours[min(whole, 23)] * (part * 24 - whole)) / sum(hours)
