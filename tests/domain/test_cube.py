"""Sums of windows, against a dict of days."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.cube import BLOCK, Cube
from app.domain.periods import Window
from tests.domain.examples import Volumes, cube, day_rows, law

FIRST = date.fromordinal(date(2026, 1, 1).toordinal() // BLOCK * BLOCK)
"""First day of a block."""
MOST_SERIES = 5

# Three blocks, their edges often, and days before and after them.
OFFSETS = st.integers(-2, 3 * BLOCK) | st.sampled_from(
    [n * BLOCK + e for n in range(4) for e in (-1, 0, 1)]
)
VOLUMES = st.integers(0, 9) | st.sampled_from([2**53 + 1, 2**53 + 3, 2**56 - 1])


def at(offset: int) -> date:
    return FIRST + timedelta(days=offset)


@st.composite
def windows(draw: st.DrawFn) -> Window:
    ends = sorted([draw(OFFSETS | st.integers(-90, 190)), draw(OFFSETS)])
    return Window(at(ends[0]), at(ends[1]))


def days(width: int) -> st.SearchStrategy[dict[date, dict[int, int]]]:
    listed: st.SearchStrategy[dict[int, int]] = st.just({})
    if width:
        listed = st.dictionaries(st.integers(0, width - 1), VOLUMES)
    return st.dictionaries(OFFSETS.map(at), listed, max_size=8)


@st.composite
def histories(draw: st.DrawFn) -> list[tuple[int, dict[date, dict[int, int]]]]:
    """Return, release by release, the number of series and the days that changed."""
    steps = st.lists(st.integers(0, MOST_SERIES), min_size=1, max_size=4)
    return [(width, draw(days(width))) for width in sorted(draw(steps))]


def grown(
    history: Sequence[tuple[int, Volumes]],
) -> tuple[Cube, dict[date, Mapping[int, int]]]:
    """Return a cube after all its releases, and the days as they then are."""
    width, changed = history[0]
    found, written = cube(changed, width), dict(changed)
    for width, changed in history[1:]:
        found = found.replace({d: day_rows(v) for d, v in changed.items()}, width)
        written |= changed
    return found, written


@law
@given(histories(), st.lists(windows(), max_size=4))
def test_sums_of_windows_are_sums_of_days(
    history: list[tuple[int, Volumes]], asked: list[Window]
) -> None:
    found, written = grown(history)

    columns = range(history[-1][0])
    assert found.width == len(columns)
    assert found.volumes(asked).tolist() == [
        [sum(written.get(d, {}).get(c, 0) for d in w.days()) for c in columns]
        for w in asked
    ]
    assert [found.volume(w).tolist() for w in asked] == found.volumes(asked).tolist()
    assert found.days_listed(asked).tolist() == [
        [sum(c in written.get(d, {}) for d in w.days()) for c in columns] for w in asked
    ]


@law
@given(histories(), windows(), st.data())
def test_days_are_what_was_written(
    history: list[tuple[int, Volumes]], window: Window, data: st.DataObject
) -> None:
    found, written = grown(history)
    width = history[-1][0]
    some = st.integers(0, width - 1) if width else st.nothing()
    columns = data.draw(st.lists(some, unique=True))

    volumes = found.by_day(window, columns)
    listed = found.listed(window, columns)

    assert volumes.shape == listed.shape == (len(window), len(columns))
    assert volumes.tolist() == [
        [written.get(d, {}).get(c, 0) for c in columns] for d in window.days()
    ]
    assert listed.tolist() == [
        [c in written.get(d, {}) for c in columns] for d in window.days()
    ]


@law
@given(histories())
def test_a_series_was_seen_from_its_first_listed_day_to_its_last(
    history: list[tuple[int, Volumes]],
) -> None:
    found, written = grown(history)

    listed = [
        [day for day, volumes in written.items() if column in volumes]
        for column in range(history[-1][0])
    ]
    assert found.seen() == [(min(on), max(on)) if on else None for on in listed]


@law
@given(histories())
def test_a_cube_of_many_releases_is_that_of_one(
    history: list[tuple[int, Volumes]],
) -> None:
    found, written = grown(history)

    whole = [Window(at(-90), at(190))]
    fresh = cube(written, history[-1][0])
    assert found.volumes(whole).tolist() == fresh.volumes(whole).tolist()
    assert found.volumes(whole).dtype == np.int64


def test_a_replaced_day_copies_its_own_block_only() -> None:
    before = cube({at(n): {0: 1} for n in range(3 * BLOCK)}, 1)

    after = before.replace({at(BLOCK): day_rows({0: 5, 1: 2})}, 2)

    assert len(before.blocks) == len(after.blocks) == 3
    assert after.blocks[0] is before.blocks[0]
    assert after.blocks[1] is not before.blocks[1]
    assert after.blocks[2] is before.blocks[2]
    whole = [Window(at(0), at(3 * BLOCK - 1))]
    assert before.volumes(whole).tolist() == [[96]]
    assert after.volumes(whole).tolist() == [[100, 2]]


def test_a_new_day_far_away_leaves_known_blocks_alone() -> None:
    before = cube({at(0): {0: 1}}, 1)

    after = before.replace({at(-3 * BLOCK): day_rows({0: 4})}, 1)

    assert after.blocks[-1] is before.blocks[0]
    assert after.volumes([Window(at(-96), at(0))]).tolist() == [[5]]


def test_a_block_whose_last_day_is_taken_out_takes_no_memory() -> None:
    before = cube({at(0): {0: 1}, at(BLOCK): {0: 2, 1: 3}}, 2)

    after = before.replace({at(0): day_rows({})}, 2)

    assert after.blocks[0].volumes.size == 0
    assert after.volumes([Window(at(0), at(BLOCK))]).tolist() == [[2, 3]]


def test_fewer_series_are_the_first_ones_and_shared() -> None:
    before = cube({at(0): {0: 1}, at(BLOCK): {0: 2, 1: 3}}, 2)

    after = before.replace({at(BLOCK): day_rows({0: 2})}, 1)

    assert after.volumes([Window(at(0), at(BLOCK))]).tolist() == [[3]]
    assert after.days_listed([Window(at(0), at(BLOCK))]).tolist() == [[2]]
    assert np.shares_memory(after.blocks[0].volumes, before.blocks[0].volumes)


def test_nothing_new_is_the_same_cube() -> None:
    before = cube({at(0): {0: 1}}, 1)

    assert before.replace({}, 1) is before


def test_a_series_without_days_is_zero() -> None:
    after = cube({at(0): {0: 1}}, 1).replace({}, 2)

    assert after.volumes([Window(at(-1), at(1))]).tolist() == [[1, 0]]
    assert after.days_listed([Window(at(-1), at(1))]).tolist() == [[1, 0]]


def test_zero_is_listed_and_nothing_is_not() -> None:
    found = cube({at(0): {0: 0}}, 2)

    assert found.listed(Window(at(0), at(0)), [0, 1]).tolist() == [[True, False]]


@pytest.mark.parametrize("offset", [-1, 0, 1, BLOCK - 1, BLOCK, BLOCK + 1])
def test_a_day_stands_alone_at_the_edge_of_a_block(offset: int) -> None:
    found = cube({at(n): {0: 2 ** (n + 2)} for n in range(-2, BLOCK + 3)}, 1)

    assert found.volumes([Window(at(offset), at(offset))]).tolist() == [
        [2 ** (offset + 2)]
    ]


def test_sums_are_exact_up_to_the_greatest_total() -> None:
    volumes = {at(0): {0: 2**61 + 1}, at(BLOCK): {0: 2**61 - 1, 1: 1}}

    found = cube(volumes, 2)

    assert found.volumes([Window(at(-9), at(99))]).tolist() == [[2**62, 1]]
    assert found.volumes([Window(at(1), at(99))]).tolist() == [[2**61 - 1, 1]]
