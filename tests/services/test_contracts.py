"""What a batch must be before anything of it is used."""

from dataclasses import replace
from typing import Any

import pytest

from app.domain.observations import MAX_VOLUME, Batch, SeriesKind
from app.domain.registry import Dimension
from app.services import contracts
from app.services.quarantine import STEADY, Judged
from tests.services import published
from tests.services.published import DATASET, MONDAY, TUESDAY, batch, moment

GOOD = batch(moment(26), {MONDAY: {"acme/one": 70, "other": 0}})
CATEGORIES = replace(DATASET, default_group=Dimension.CATEGORY)


def also(day: Any, subject: str, volume: Any, **other: Any) -> Batch:
    one = replace(published.observation(day, subject, volume), **other)
    return replace(GOOD, observations=[*GOOD.observations, one])


def failed(of: Batch) -> dict[str, str]:
    checks = contracts.sound(of, DATASET)
    return {check.name: check.detail for check in checks if not check.passed}


def test_a_sound_batch_passes_every_check_and_says_how_much_was_looked_at() -> None:
    checks = contracts.sound(GOOD, DATASET)

    assert [(c.name, c.passed, c.detail) for c in checks] == [
        (name, True, "2 observations looked at")
        for name in ("volumes", "window", "kinds", "names", "unique")
    ]


def test_an_empty_batch_passes_none() -> None:
    checks = contracts.sound(replace(GOOD, observations=[]), DATASET)

    assert [(c.name, c.passed, c.detail) for c in checks] == [
        (name, False, "the batch is empty")
        for name in ("volumes", "window", "kinds", "names", "unique")
    ]


@pytest.mark.parametrize(
    "volume",
    [-1, MAX_VOLUME + 1, 1.0, float("nan"), float("inf"), "1", "1_000", None, True],
)
def test_a_volume_is_a_whole_number_that_fits(volume: Any) -> None:
    assert failed(also(MONDAY, "acme/two", volume)) == {
        "volumes": "1 are not 0 to 2**63 - 1: 2026-08-17 acme/two"
    }


@pytest.mark.parametrize("volume", [0, 1, MAX_VOLUME])
def test_zero_and_the_greatest_volume_are_sound(volume: int) -> None:
    assert failed(also(MONDAY, "acme/two", volume)) == {}


def test_a_day_outside_of_the_window_is_told() -> None:
    assert failed(also(TUESDAY, "acme/two", 1)) == {
        "window": "1 lie outside 2026-08-17 to 2026-08-17: 2026-08-18 acme/two"
    }


def test_what_the_dataset_does_not_count_is_told() -> None:
    app = also(MONDAY, "some-app", 1, kind=SeriesKind.APP)

    assert failed(app) == {
        "kinds": "1 are not what openrouter-tokens counts: 2026-08-17 some-app"
    }
    (kinds,) = (c for c in contracts.sound(GOOD, CATEGORIES) if c.name == "kinds")
    assert not kinds.passed


def test_one_series_and_day_is_told_once() -> None:
    assert failed(also(MONDAY, "acme/one", 70)) == {
        "unique": "2 tell one series and day twice: "
        "2026-08-17 acme/one; 2026-08-17 acme/one"
    }


def test_only_the_first_few_are_shown() -> None:
    many = [published.observation(TUESDAY, f"acme/{n:0100}", -1) for n in range(9)]

    detail = failed(replace(GOOD, observations=many))["volumes"]

    shown = "; ".join([f"2026-08-18 acme/{'0' * 55}"] * 5)
    assert detail == f"9 are not 0 to 2**63 - 1: {shown}"


def test_every_fault_is_told_at_once() -> None:
    bad = also(TUESDAY, "none/x", -1, kind=SeriesKind.MODEL)

    assert list(failed(bad)) == ["volumes", "window", "names"]


@pytest.mark.parametrize(("days", "told"), [(0, "0 days"), (1, "1 day"), (2, "2 days")])
def test_one_day_is_not_told_as_several(days: int, told: str) -> None:
    (check,) = Judged(looked_at=days).checks(STEADY)

    assert check.detail == f"{told} looked at, 0 held"
