"""Which groups an answer shows, what they are called, and what they may hold."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from app.services import rankings, share, volume
from tests.services import asked
from tests.services.plain import OTHER, Claim, Facts, ModelFact, Some, Wish
from tests.services.plain_calendar import walk

MONDAY = date(2026, 5, 4)
FOUR = {"bolt/ox": 20, "acme/one": 20, "acme/two": 20, OTHER: 40}
MODELS = ("bolt/ox", "acme/two", "acme/one", "acme/three")


def facts(*days: Mapping[str, int] | None, **other: Any) -> Facts:
    """Days from Monday on, final; None is a gap."""
    volumes = {
        MONDAY + timedelta(days=n): day for n, day in enumerate(days) if day is not None
    }
    read = {
        day: datetime.combine(day, time(), UTC) + timedelta(days=60)
        for day in walk(MONDAY, MONDAY + timedelta(days=len(days)))
    }
    models = {
        slug: ModelFact(
            slug, "standard", (Claim("provider", slug.partition("/")[0], "high"),)
        )
        for slug in MODELS
    }
    known: dict[str, Any] = {
        "models": models,
        "providers": {
            "acme": (Claim("origin", "CN", "high"),),
            "bolt": (Claim("origin", "US", "high"),),
        },
    }
    return Facts(volumes=volumes, read=read, **known | other)


def rows(answer: Any, about: Facts, wish: Wish) -> list[dict[str, object]]:
    return list(answer(asked.snapshot(about), asked.ask(wish), None).rows())


def only(*values: str) -> Some:
    return Some(frozenset(values))


def but(*values: str) -> Some:
    return Some(frozenset(values), all_but=True)


def bounds(about: Facts, **asks: Any) -> tuple[object, object, object]:
    (row,) = rows(share.answer, about, Wish(window="all", group_by=(), **asks))
    return row["share_low"], row["share"], row["share_high"]


def test_groups_of_one_size_go_by_slug() -> None:
    found = rows(share.answer, facts(FOUR), Wish(group_by=("model",), top=2))

    assert [row["model"] for row in found] == ["acme/one", "acme/two", "rest", "other"]


def test_a_value_that_is_asked_for_has_its_row_at_volume_0_and_beyond_top() -> None:
    wish = Wish(filters={"provider": only("acme", "bolt", "nobody")}, top=1)

    found = rows(share.answer, facts(FOUR), wish)

    assert [(row["provider"], row["volume"]) for row in found] == [
        ("acme", 40),
        ("bolt", 20),
        ("nobody", 0),
    ]


def test_groups_are_picked_by_the_last_day_where_days_do_not_add_up() -> None:
    days = ({"acme/one": 90, "acme/two": 10}, {"acme/one": 1, "acme/two": 2})
    wish = Wish(interval="day", window="all", group_by=("model",))

    found = rows(volume.answer, facts(*days, additive=False), wish)

    assert [(row["model"], row["volume"]) for row in found] == [
        ("acme/two", 10),
        ("acme/one", 90),
        ("acme/two", 2),
        ("acme/one", 1),
    ]


def test_groups_are_those_of_the_whole_window_where_only_news_is_asked_for() -> None:
    about = facts({"acme/one": 90}, {"acme/one": 1, "acme/two": 9})
    snapshot = asked.snapshot(about)
    view = snapshot.datasets["tokens"]
    tuesday = MONDAY + timedelta(days=1)
    later = replace(snapshot.release, id=2, published_at=asked.NOW)
    days = {**view.days, tuesday: replace(view.days[tuesday], since=2)}
    news = replace(
        snapshot,
        release=later,
        releases=(snapshot.release, later),
        datasets={"tokens": replace(view, days=days)},
    )
    wish = Wish(interval="day", window="all", group_by=("model",), top=1)

    ask = replace(asked.ask(wish), updated_since=asked.PUBLISHED)
    found = volume.answer(news, ask, None).rows()

    assert [(r["period_start"], r["model"], r["volume"]) for r in found] == [
        (tuesday, "acme/one", 1),
        (tuesday, "rest", 9),
    ]


def test_a_base_bears_the_name_of_its_standard_variant() -> None:
    def named(variant: str, name: str) -> ModelFact:
        return ModelFact("acme/z", variant, (Claim("name", name, "high"),))

    models = {
        "acme/a:free": named("free", "Z (free)"),
        "acme/z": named("standard", "Z"),
    }
    about = facts({"acme/a:free": 5}, models=models)

    (row,) = rows(share.answer, about, Wish(group_by=("base",)))

    assert (row["base"], row["base_name"]) == ("acme/z", "Z")


def test_a_model_that_is_not_listed_has_at_most_the_smallest_listed_volume() -> None:
    assert bounds(facts(FOUR), filters={"model": only("acme/three")}) == (0, 0, 200_000)


def test_two_models_that_are_not_listed_have_at_most_the_remainder() -> None:
    about = facts({"bolt/ox": 30, OTHER: 40})
    wanted = only("acme/one", "acme/two")

    assert bounds(about, filters={"model": wanted}) == (0, 0, 571_429)


def test_what_a_model_may_have_is_not_surely_the_others() -> None:
    assert bounds(facts(FOUR), filters={"model": but("acme/three")}) == (
        800_000,
        1_000_000,
        1_000_000,
    )


def test_what_may_lie_outside_the_base_is_not_surely_in_the_row() -> None:
    found = bounds(
        facts({"bolt/ox": 20, "acme/one": 20, OTHER: 60}),
        filters={"model": but("bolt/ox")},
        within={"model": but("acme/three")},
    )

    # 20 of the 60 may be of the model outside: 60 ÷ 80, 80 ÷ 100.
    assert found == (750_000, 800_000, 800_000)


def test_what_may_lie_outside_the_base_is_not_surely_in_the_rest() -> None:
    found = bounds(
        facts({"bolt/ox": 20, "acme/one": 20, OTHER: 60}),
        filters={"model": only("bolt/ox")},
        within={"model": but("acme/three")},
    )

    assert found == (200_000, 200_000, 250_000)


def test_all_of_a_base_is_where_its_models_surely_are() -> None:
    found = bounds(
        facts(FOUR),
        filters={"origin": only("CN")},
        within={"model": only("acme/one", "acme/three")},
    )

    assert found == (1_000_000, 1_000_000, 1_000_000)


def test_a_trend_needs_all_days_of_four_windows() -> None:
    day = {"acme/one": 4}
    wish = Wish(window="1d", sort="trending")

    (whole,) = rows(rankings.answer, facts(day, {"acme/one": 3}, day, day), wish)
    (gap,) = rows(rankings.answer, facts(day, None, day, day), wish)

    # 4 less a third of 11, which is rounded down to 3.
    assert (whole["trend"], whole["growth"]) == (1, 0)
    assert (gap["trend"], gap["growth"]) == (None, 0)


def test_the_shape_of_a_ranking_does_not_depend_on_its_numbers() -> None:
    about = facts(FOUR, None, FOUR)
    tuesday = MONDAY + timedelta(days=1)
    wish = Wish(start=tuesday, end=tuesday, sort="trending")

    (nothing,) = rows(rankings.answer, about, wish)
    some = rows(rankings.answer, about, Wish(window="all", sort="trending"))

    assert list(nothing) == list(some[0])
    assert nothing["status"] == "missing"
    assert nothing["volume"] is None
