"""What a network charges is told beforehand, and a channel keeps to its budget."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from builder import SETTINGS, workspace
from publishing_stage import DUE, a_channel, a_post
from socialops.checks.check import check
from socialops.cli import run
from socialops.compose.compose import compose
from socialops.content.brand import Brand
from socialops.content.channel import Budget, Channel
from socialops.content.load import Content, load
from socialops.content.post import Post
from socialops.networks.draft import Receipt
from socialops.output.plan import as_json, as_text
from socialops.publishing.happened import Claimed, Gone, No, Perhaps, Yes
from socialops.publishing.ledger import Ledger
from socialops.publishing.machine import Delivery, after, stamp
from socialops.publishing.plan import Decision, plan
from socialops.publishing.spending import money, outlook
from socialops.workspace import Settings, Workspace

PLAIN, LINKED = Decimal("0.015"), Decimal("0.2")
"""What X charges for a post, and for one with a link."""
LINK = "https://example.org"


def x(month: str | None = None, **fields: object) -> Channel:
    budget = Budget(Decimal(month)) if month is not None else None
    made = a_channel("x", "x", host="", minimum_gap=timedelta(0), budget=budget)
    return replace(made, **fields)  # type: ignore[arg-type]  # the tests name only fields of a channel


def posted(identity: str, date: str, **fields: object) -> Post:
    return a_post(identity, channels=("x",), date=date, **fields)


def content_of(posts: Sequence[Post], *channels: Channel) -> Content:
    return Content(
        Workspace(Path("/nowhere"), Settings()), tuple(posts), {channel.name: channel for channel in channels}, Brand()
    )


def ledger_of(*deliveries: Delivery) -> Ledger:
    return Ledger(Path("/nowhere/ledger"), {(item.post, item.channel): item for item in deliveries})


def delivered(post: Post, at: datetime, *happened: object) -> Delivery:
    """Return a delivery on X that was claimed at a time, and what happened to its parts (by default a yes to each)."""
    draft = compose(post, x(), content_of([post], x()))
    delivery = Delivery(post.id, "x", "x", stamp(at), draft.record(), path=post.path)
    for part in range(len(draft.parts)):
        delivery = after(delivery, part, Claimed(f"k{part}", at + timedelta(minutes=30), {"source": post.digest}), at)
        yes = Yes(Receipt(str(part + 1), f"https://x.com/us/status/{part + 1}", stamp(at)))
        delivery = after(delivery, part, happened[part] if part < len(happened) else yes, at)  # type: ignore[arg-type]  # one of those that may happen
    return delivery


def decided(content: Content, ledger: Ledger | None = None, now: datetime = DUE) -> dict[str, Decision]:
    return {decision.post.id: decision for decision in plan(content, ledger or ledger_of(), now).decisions}


def test_a_post_says_what_it_costs_and_the_plan_what_the_month_does() -> None:
    posts = [
        posted("now", "2026-12-01 09:30"),
        posted("soon", "2026-12-20 09:30", link=LINK),
        posted("far", "2027-01-20 09:30", link=LINK),
    ]
    content = content_of(posts, x())
    found = plan(content, ledger_of(), DUE)
    assert {item.post.id: item.cost for item in found.decisions} == {"now": PLAIN, "soon": LINKED, "far": LINKED}
    text = as_text(found, now=DUE, zone=UTC)
    assert "due; it costs about 0.015 USD" in text
    assert "The next 30 days cost about 0.215 USD on x (2 posts)." in text
    first = json.loads(as_json(found, now=DUE))["decisions"][0]
    assert first["cost"] == {"amount": "0.015", "currency": "USD"}


def test_networks_that_charge_nothing_say_nothing() -> None:
    content = content_of([a_post()], a_channel())
    found = plan(content, ledger_of(), DUE)
    assert [item.cost for item in found.decisions] == [None]
    assert "cost" not in as_text(found, now=DUE, zone=UTC)
    assert "cost" not in json.loads(as_json(found, now=DUE))["decisions"][0]
    assert outlook(content, ledger_of(), DUE) == ([], {})


def test_a_practice_channel_costs_nothing() -> None:
    (decision,) = decided(content_of([posted("now", "2026-12-01 09:30")], x("0", sandbox=True))).values()
    assert (decision.action, decision.cost) == ("send", None)


def test_what_goes_beyond_the_budget_is_held_with_its_reason() -> None:
    posts = [
        posted("first", "2026-12-01 09:00", link=LINK),
        posted("second", "2026-12-01 09:10", link=LINK),
        posted("third", "2026-12-01 09:20"),
        posted("january", "2027-01-02 09:20", link=LINK),
    ]
    found = decided(content_of(posts, x("0.25")))
    assert {name: item.action for name, item in found.items()} == {
        "first": "send",
        "second": "hold",
        "third": "send",
        "january": "later",
    }
    assert found["second"].reason == (
        "over the budget: it costs about 0.20 USD, and of the 0.25 USD for 2026-12 0.20 USD are spent or planned "
        "before it. Give it a date in another month, or raise `budget:` in brand/channels/x.md"
    )


def test_a_budget_of_nothing_holds_everything_and_a_budget_that_is_just_enough_nothing() -> None:
    posts = [posted("first", "2026-12-01 09:30", link=LINK)]
    assert decided(content_of(posts, x("0")))["first"].action == "hold"
    assert decided(content_of(posts, x("0.2")))["first"].action == "send"


@pytest.mark.parametrize(
    ("happened", "spent"),
    [((), True), ((Perhaps("lost", "timeout"),), True), ((No("Too long.", "400"),), False)],
)
def test_what_was_sent_or_perhaps_was_is_spent(happened: tuple[object, ...], spent: bool) -> None:
    before = posted("before", "2026-12-01 08:00", link=LINK)
    posts = [before, posted("now", "2026-12-01 09:30", link=LINK)]
    ledger = ledger_of(delivered(before, DUE - timedelta(hours=1), *happened))
    assert decided(content_of(posts, x("0.3")), ledger)["now"].action == ("hold" if spent else "send")


def test_what_was_taken_down_was_paid_for() -> None:
    before = posted("before", "2026-12-01 08:00", link=LINK)
    at = DUE - timedelta(hours=1)
    gone = after(delivered(before, at), 0, Gone(), at)
    content = content_of([before, posted("now", "2026-12-01 09:30", link=LINK)], x("0.3"))
    assert decided(content, ledger_of(gone))["now"].action == "hold"


def test_a_month_is_a_calendar_month_in_utc() -> None:
    before = posted("before", "2026-11-30 09:00", link=LINK)
    content = content_of([before, posted("now", "2026-12-01 02:30", link=LINK)], x("0.3"))
    # 02:30 in Istanbul is still November in UTC.
    late = datetime(2026, 11, 30, 23, 30, tzinfo=UTC)
    sent = ledger_of(delivered(before, datetime(2026, 11, 30, 6, tzinfo=UTC)))
    assert decided(content, sent, late)["now"].action == "hold"
    assert decided(content, sent, late + timedelta(hours=1))["now"].action == "send"


def test_the_rest_of_a_thread_goes_out_whatever_it_costs() -> None:
    thread = posted("thread", "2026-12-01 09:00", parts=("One.", f"Two {LINK}", f"Three {LINK}"))
    whole = delivered(thread, DUE - timedelta(minutes=20))
    half = replace(whole, events=tuple(event for event in whole.events if event.part == 0))
    content = content_of([thread, posted("next", "2026-12-01 09:20")], x("0.1"))
    found = decided(content, ledger_of(half))
    assert (found["thread"].action, found["thread"].cost) == ("send", 2 * LINKED)
    assert found["next"].action == "hold"


def test_check_warns_of_a_month_that_would_cost_too_much() -> None:
    posts = [posted(f"post-{day}", f"2026-12-{day} 09:30", link=LINK) for day in (10, 11, 12)]
    drafted = posted("draft", "2026-12-13 09:30", link=LINK, draft=True)
    problems, costs = outlook(content_of([*posts, drafted], x("0.5")), ledger_of(), DUE)
    (problem,) = problems
    assert (problem.id, problem.severity) == ("budget-exceeded", "warning")
    assert problem.message == (
        "2026-12 would cost about 0.60 USD on x, more than its budget of 0.50 USD: post-12 is the first post that "
        "would be held."
    )
    assert [(name, found.amount, found.posts) for name, found in costs.items()] == [("x", 3 * LINKED, 3)]
    assert outlook(content_of(posts, x("0.6")), ledger_of(), DUE)[0] == []
    before = posted("before", "2026-12-01 08:00", link=LINK)
    sent = ledger_of(delivered(before, DUE))
    (problem,) = outlook(content_of([before, *posts], x("0.6")), sent, DUE)[0]
    assert "0.80 USD" in problem.message


def test_a_budget_in_another_currency_is_an_error_that_holds(tmp_path: Path) -> None:
    here = workspace(
        tmp_path, {**FILES, "brand/channels/x.md": FILES["brand/channels/x.md"].replace("20", "20, currency: EUR")}
    )
    content = load(here)
    problems = check(content)
    assert [(problem.id, problem.file, problem.line) for problem in problems] == [
        ("budget-currency", "brand/channels/x.md", 4)
    ]
    (decision,) = plan(content, ledger_of(), DUE, problems=problems).decisions
    assert (decision.action, "charged in USD" in decision.reason) == ("hold", True)


@pytest.mark.parametrize(
    ("budget", "id_"),
    [
        ("{month: many}", "field-type"),
        ("{month: -1}", "number-range"),
        ("{currency: USD}", "field-missing"),
        ("{month: 1, currency: dollars}", "field-type"),
        ("20", "field-type"),
    ],
)
def test_a_budget_that_cannot_be_read_is_told(budget: str, id_: str, tmp_path: Path) -> None:
    text = f"---\nnetwork: x\nhandle: us\nbudget: {budget}\n---\nOurs\n"
    found = load(workspace(tmp_path, {"brand/channels/x.md": text})).problems
    assert [problem.id for problem in found] == [id_]


def test_money_shows_cents_and_what_is_smaller_only_where_it_is() -> None:
    assert [money(Decimal(text), "USD") for text in ("20", "0.2", "0.015", "0", "100")] == [
        "20.00 USD",
        "0.20 USD",
        "0.015 USD",
        "0.00 USD",
        "100.00 USD",
    ]


# --- the commands -----------------------------------------------------------------------------------------------------

FILES = {
    "pyproject.toml": SETTINGS,
    "brand/channels/x.md": "---\nnetwork: x\nhandle: us\nbudget: {month: 20}\nzone: Europe/Istanbul\n---\nOurs\n",
    "posts/first.md": "---\ndate: 2026-12-05 09:30\nchannels: [x]\nlink: https://example.org\n---\nSnow\n",
}


def test_check_plan_and_preview_tell_the_price(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    workspace(tmp_path, FILES)
    monkeypatch.chdir(tmp_path)
    told = "The next 30 days cost about 0.20 USD on x (1 post)."

    assert run(["check", "--now", "2026-12-01 09:30"]) == 0
    assert told in capsys.readouterr().err
    assert run(["plan", "--now", "2026-12-01 09:30"]) == 0
    assert told in capsys.readouterr().out
    run(["preview", "first"])
    assert "[cost] about 0.20 USD" in capsys.readouterr().out

    (tmp_path / "brand" / "channels" / "x.md").write_text(FILES["brand/channels/x.md"].replace("20", "0.1"), "utf-8")
    assert run(["check", "--now", "2026-12-01 09:30"]) == 0
    assert "budget-exceeded" in capsys.readouterr().out
    assert run(["check", "posts/first.md", "--now", "2026-12-01 09:30"]) == 0
    assert "budget-exceeded" not in capsys.readouterr().out
