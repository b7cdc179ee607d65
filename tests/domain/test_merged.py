"""Sums over the categories that series are told apart by, and how they are kept."""

from datetime import date, timedelta

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from app.domain.cube import BLOCK, Layers
from app.domain.filling import Filling
from app.domain.periods import Window
from app.domain.registry import Dimension
from app.domain.snapshot import DatasetView
from tests.domain.examples import Volumes, claim, cube, day_rows, law, registry, view
from tests.domain.examples import series as one

FIRST = date.fromordinal(date(2026, 1, 1).toordinal() // BLOCK * BLOCK)
WHOLE = Window(FIRST, FIRST + timedelta(days=3 * BLOCK))

volumes = st.dictionaries(
    st.integers(0, 3 * BLOCK - 1).map(lambda n: FIRST + timedelta(days=n)),
    st.dictionaries(st.integers(0, 3), st.integers(0, 2**54), min_size=1),
    max_size=8,
)
SERIES = (
    one("acme/one", category="code"),
    one("bolt/two", category="code"),
    one("acme/one", category="play"),
    one("acme/three"),
)
COLUMN_OF = [0, 1, 0, 2]


@law
@given(volumes, volumes)
def test_a_merged_cube_is_that_of_the_sums(first: Volumes, then: Volumes) -> None:
    layers = Layers(COLUMN_OF)
    # The last series is new.
    first = {
        day: {column: volume for column, volume in listed.items() if column < 3}
        for day, listed in first.items()
    }
    before = cube(first, 3)
    known = before.merged(Layers(COLUMN_OF[:3]))
    days = {d: day_rows(v) for d, v in then.items()}

    merged = before.replace(days, 4).merged(layers)
    kept = known.replace({d: layers.summed(rows) for d, rows in days.items()}, 3)

    summed = {}
    for day, listed in (dict(first) | dict(then)).items():
        of: dict[int, int] = {}
        for column, volume in listed.items():
            of[COLUMN_OF[column]] = of.get(COLUMN_OF[column], 0) + volume
        summed[day] = of
    windows = [WHOLE, *(Window(day, day) for day in WHOLE.days())]
    expected = cube(summed, 3)
    for found in (merged, kept):
        assert found.volumes(windows).tolist() == expected.volumes(windows).tolist()
        assert found.days_listed(windows).tolist() == (
            expected.days_listed(windows).tolist()
        )


def test_a_merged_block_is_made_anew_only_where_a_day_changed() -> None:
    days = {FIRST + timedelta(days=n): {0: 1, 2: 2} for n in range(3 * BLOCK)}
    before = view(SERIES[:3], days)
    changed = {WHOLE.last: day_rows({0: 5})}
    told = (before.dataset, before.series, before.days, before.floors)
    cube = before.cube.replace(changed, 3)

    of = (*told, cube, before.registry)
    after = DatasetView(*of, earlier=before, changed=changed).merged.cube
    anew = DatasetView(*of, earlier=before).merged.cube

    known = before.merged.cube.blocks
    assert [a is b for a, b in zip(after.blocks, known, strict=False)] == [
        *(True, True, True)
    ]
    assert len(after.blocks) == 4
    for found in (after, anew):
        assert found.volumes([WHOLE, Window(WHOLE.last, WHOLE.last)]).tolist() == [
            [3 * 3 * BLOCK + 5, 0],
            [5, 0],
        ]


@law
@given(volumes)
def test_a_cube_that_is_filled_by_the_day_is_that_of_its_days(days: Volumes) -> None:
    filling = Filling(4)
    for day, listed in reversed([*days.items()]):
        filling.add(day.toordinal(), day_rows(listed))

    found = filling.cube()

    windows = [WHOLE, *(Window(day, day) for day in WHOLE.days())]
    assert found.volumes(windows).tolist() == cube(days, 4).volumes(windows).tolist()
    assert found.days_listed(windows).tolist() == (
        cube(days, 4).days_listed(windows).tolist()
    )


def _made(*, registered: bool = True) -> DatasetView:
    claims = [claim("acme", "origin", "US")] if registered else []
    known = registry(
        [s.subject for s in SERIES],
        claim("acme/one", "provider", "acme"),
        *claims,
    )
    return view(SERIES, {FIRST: {0: 1, 1: 20, 2: 300, 3: 4_000}}, known)


def test_a_question_that_names_no_category_asks_the_sums() -> None:
    asked = _made()

    assert asked.face((Dimension.MODEL, Dimension.ORIGIN)) is asked.merged
    assert asked.face((Dimension.MODEL, Dimension.CATEGORY)) is asked.whole
    assert asked.merged.cube.width == 3
    assert [s.category for s in asked.merged.series] == [None] * 3
    of = asked.volumes((Dimension.MODEL,), [WHOLE])[1]
    assert sorted(of[:, 0].tolist()) == [20, 301, 4_000]
    by_category = asked.volumes((Dimension.CATEGORY,), [WHOLE])[1]
    assert sorted(by_category[:, 0].tolist()) == [21, 300, 4_000]


def test_what_was_worked_out_of_series_is_kept_while_they_and_claims_stay() -> None:
    before = _made()
    told = (before.dataset, before.series, before.days, before.floors, before.cube)
    other = _made(registered=False).registry

    same = DatasetView(*told, before.registry, earlier=before, changed={})
    changed = DatasetView(*told, other, earlier=before, changed={})

    assert same.whole.sorter is before.whole.sorter
    assert same.merged.sorter is before.merged.sorter
    assert changed.whole.sorter is not before.whole.sorter
    assert changed.merged.sorter is not before.merged.sorter
    assert np.shares_memory(
        same.merged.cube.blocks[0].volumes, before.merged.cube.blocks[0].volumes
    )
