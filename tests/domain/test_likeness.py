"""How like two days are, in small numbers worked out by hand."""

import pytest

from app.domain import likeness


def test_variants_of_a_base_are_one() -> None:
    day = {"acme/one": 5, "acme/one:free": 2, "bolt/two:free": 1, "other": 4}

    assert likeness.by_base(day) == {"acme/one": 7, "bolt/two": 1, "other": 4}


def test_gap_is_all_that_differs() -> None:
    assert likeness.gap({"a": 5, "b": 2}, {"a": 3, "c": 4}) == 2 + 2 + 4
    assert likeness.gap({"a": 5}, {"a": 5}) == 0


def test_drift_is_half_of_what_differs_by_what_was_known() -> None:
    assert likeness.drift({"a": 60, "b": 60}, {"a": 80, "b": 20}) == 0.3
    assert likeness.drift({"a": 1}, {}) == 1
    assert likeness.drift({}, {}) == 0


def test_distance_compares_shares_and_no_volumes() -> None:
    assert likeness.distance({"a": 1, "b": 1}, {"a": 50, "b": 50}) == 0
    assert likeness.distance({"a": 3, "b": 1}, {"a": 1, "b": 3}) == 0.5
    assert likeness.distance({"a": 3}, {"b": 7}) == 1
    assert likeness.distance({}, {}) == 0


def test_step_counts_what_both_list() -> None:
    assert likeness.step({"a": 30, "new": 900}, {"a": 20, "gone": 70}) == 1.5
    assert likeness.step({"a": 30}, {"b": 20}) is None
    assert likeness.step({"a": 0}, {"a": 20}) is None
    assert likeness.step({"a": 20}, {"a": 0}) is None


def test_order_is_the_correlation_of_logarithms() -> None:
    day = {"a": 1, "b": 10, "c": 100, "d": 0, "e": 5}

    assert likeness.order(day, {"a": 2, "b": 20, "c": 200, "d": 9}) == pytest.approx(1)
    assert likeness.order(day, {"a": 100, "b": 10, "c": 1}) == pytest.approx(-1)
    half = likeness.order(day, {"a": 1, "b": 100, "c": 10, "x": 7})
    assert half == pytest.approx(0.5)


@pytest.mark.parametrize(
    "other",
    [{"a": 7, "b": 1}, {"a": 7, "b": 1, "c": 0}, {"a": 4, "b": 4, "c": 4}],
    ids=["two names", "two that count", "all alike"],
)
def test_order_of_too_little_is_perfect(other: dict[str, int]) -> None:
    assert likeness.order({"a": 1, "b": 2, "c": 3}, other) == 1


def test_smallest_leaves_the_remainder_out() -> None:
    assert likeness.smallest({"a": 7, "b": 5, "other": 1}) == 5
    assert likeness.smallest({"other": 1}) == 0
