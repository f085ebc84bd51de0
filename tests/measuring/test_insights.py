from __future__ import annotations

import math
from pathlib import Path

import pytest

from builder import workspace
from measured import NOW, content, season
from socialops.measuring.insights import Comparison, Sample, cells, change, compare, student, usual
from socialops.measuring.numbers import Numbers, gather

SEEDS = range(40)


def numbers_of(tmp_path: Path, seed: int, **effects: object) -> Numbers:
    made = season(seed, **effects)  # type: ignore[arg-type]
    return gather(
        content(workspace(tmp_path), "bluesky", "mastodon", "mastodon-il"), made.deliveries.values(), made.readings
    )


def by_format(numbers: Numbers) -> Comparison:
    return compare(
        [
            Sample(item.channel, item.kind, value)
            for item in numbers.published
            if (value := numbers.settled(item, NOW)) is not None
        ]
    )


def test_a_format_that_doubles_engagement_is_found(tmp_path: Path) -> None:
    found = 0
    for seed in SEEDS:
        numbers = numbers_of(tmp_path, seed, formats={"text": 1.0, "image": 2.0, "link": 1.0, "thread": 1.0})
        best = by_format(numbers).best
        found += best is not None and best.group == "image"
    assert found == len(SEEDS)


def test_no_format_is_praised_where_none_differs(tmp_path: Path) -> None:
    claims = 0
    for seed in SEEDS:
        comparison = by_format(numbers_of(tmp_path, seed))
        assert comparison.enough
        claims += any(effect.clear for effect in comparison.effects)
    # 5 % of 40 is 2; shrinkage makes it fewer.
    assert claims <= 2


def test_no_format_is_praised_for_being_used_on_the_large_channel() -> None:
    # Images go mostly to the large channel, texts mostly to the small one; the format itself does nothing.
    samples = [
        Sample(channel, kind, level * (1 + 0.1 * (number % 5)))
        for channel, level, images, texts in (("large", 400, 18, 6), ("small", 20, 6, 18))
        for kind, count in (("image", images), ("text", texts))
        for number in range(count)
    ]
    comparison = compare(samples)
    assert comparison.enough
    assert not any(effect.clear for effect in comparison.effects)
    assert all(effect.times is not None and 0.9 < effect.times < 1.1 for effect in comparison.effects)


def test_a_small_group_is_drawn_towards_the_usual_more_than_a_large_one() -> None:
    def effect(n: int) -> float:
        samples = [Sample("a", "x", 30.0)] * n + [Sample("a", "y", 10.0)] * (200 - n)
        found = {item.group: item for item in compare(samples).effects}["x"].times
        assert found is not None
        return found

    assert 1 < effect(5) < effect(20)


def test_the_shrunk_effect_is_what_the_formula_says() -> None:
    # Means of log(value + 1): 2 log 2 = log 4 for x, log 2 for y; over all, 1.5 log 2. So x is at +0.5 log 2.
    samples = [Sample("a", "x", 3.0)] * 10 + [Sample("a", "y", 1.0)] * 10
    effects = {item.group: item for item in compare(samples).effects}
    assert effects["x"].times == pytest.approx(2 ** (0.5 * 10 / 12))
    assert effects["y"].times == pytest.approx(2 ** (-0.5 * 10 / 12))
    # No scatter at all: what is left is the chance in counting, the mean of 1/4 and 1/2.
    # Degrees of freedom: 20 − 2 − 1 + 1 = 18.
    margin = student(1 - 0.05 / 2 / 2, 18) * math.sqrt(0.375) / math.sqrt(12)
    assert effects["x"].low == pytest.approx(2 ** (0.5 * 10 / 12) * math.exp(-margin))


def test_too_few_posts_give_no_effect_at_all() -> None:
    few = compare([Sample("a", "x", 9.0)] * 9 + [Sample("a", "y", 1.0)] * 10)
    assert not few.enough
    assert few.best is None
    assert [(effect.group, effect.n, effect.times) for effect in few.effects] == [("x", 9, None), ("y", 10, None)]


def test_a_group_below_five_posts_is_not_compared_and_is_still_counted() -> None:
    found = compare([Sample("a", "x", 9.0)] * 12 + [Sample("a", "y", 1.0)] * 12 + [Sample("a", "z", 99.0)] * 4)
    assert [(effect.group, effect.n, effect.times is None) for effect in found.effects] == [
        ("x", 12, False),
        ("y", 12, False),
        ("z", 4, True),
    ]


def test_a_channel_without_a_usual_is_left_out() -> None:
    found = compare([Sample("a", "x", 9.0)] * 24 + [Sample("b", "x", 9.0)] * 4)
    assert found.n == 24


def test_nothing_to_compare_is_not_an_error() -> None:
    assert compare([]) == Comparison((), 0, enough=False)
    assert cells([]) == {}
    assert usual([]) is None


def test_cells_below_three_posts_have_no_value() -> None:
    found = cells([Sample("a", 1, 7.0)] * 3 + [Sample("a", 2, 7.0)] * 2)
    assert found[1].times == pytest.approx(1.0)
    assert (found[2].n, found[2].times) == (2, None)


def test_a_change_beyond_the_swing_is_clear_and_one_within_it_is_not() -> None:
    calm = [Sample("a", "", value) for value in (18, 25, 20, 30, 22, 19)]
    up = [Sample("a", "", sample.value * 3) for sample in calm]
    like = [Sample("a", "", value) for value in (21, 24, 17, 33, 20, 23)]
    assert change(calm, up).clear
    assert change(calm, up).times == pytest.approx(3, rel=0.05)
    assert not change(calm, like).clear
    assert change(calm, up[:4]).times is None


def test_a_week_with_more_posts_on_the_large_channel_is_no_change() -> None:
    small, large = [Sample("s", "", value) for value in (4, 5, 6)], [Sample("l", "", value) for value in (90, 100, 110)]
    found = change(small * 3 + large, small + large * 3)
    assert found.times == pytest.approx(1.0)
    assert not found.clear


@pytest.mark.parametrize(
    ("probability", "freedom", "expected"),
    # Tables of Student's t.
    [(0.975, 5, 2.5706), (0.975, 10, 2.2281), (0.975, 30, 2.0423), (0.995, 5, 4.0321), (0.995, 20, 2.8453)],
)
def test_student_agrees_with_the_tables(probability: float, freedom: int, expected: float) -> None:
    assert student(probability, freedom) == pytest.approx(expected, abs=0.02)


def test_usual_is_the_geometric_mean_of_value_plus_one() -> None:
    assert usual([0, 3, 0, 3, 1]) == pytest.approx((1 * 4 * 1 * 4 * 2) ** (1 / 5))
    assert usual([1, 2, 3, 4]) is None
