"""Where unsettled classes may be, judged together and one by one."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from app.domain.classes import Classes, SeriesClass
from app.domain.membership import Cells, judge
from app.domain.near import Unsettled
from app.domain.registry import Dimension, State
from app.domain.selection import Selection
from app.domain.values import Values
from tests.domain.examples import UNIVERSE, law

DIMENSIONS = (Dimension.ORIGIN, Dimension.PROVIDER, Dimension.WEIGHTS)

named = st.sampled_from(UNIVERSE[:-1])
values = st.builds(Values, st.frozensets(named), negated=st.booleans())
states = st.builds(State, named, values.filter(bool) | named.map(Values.of))
classes = st.lists(
    st.builds(SeriesClass, st.booleans(), st.tuples(*[states] * len(DIMENSIONS))),
    max_size=6,
)
filters = st.dictionaries(st.sampled_from(DIMENSIONS), values)
group_bys = st.lists(st.sampled_from(DIMENSIONS), unique=True, max_size=2).map(tuple)


@law
@given(classes, filters, filters, group_bys, st.data())
def test_many_classes_are_judged_as_each_alone(
    told: list[SeriesClass],
    numerator: dict[Dimension, Values],
    base: dict[Dimension, Values],
    group_by: tuple[Dimension, ...],
    data: st.DataObject,
) -> None:
    cells = st.frozensets(st.tuples(*[named] * len(group_by)), max_size=2)
    rows = data.draw(st.lists(st.builds(Cells, cells, negated=st.booleans())))
    asked = Selection(DIMENSIONS, numerator, base, group_by)
    some = Unsettled(
        asked, Classes.of(told, len(DIMENSIONS)), np.arange(len(told), dtype=np.intp)
    )

    near = {(row, at): seen for row, at, seen in some.near(rows).told}
    far = {at: seen for _, at, seen in some.far.told}

    for at, kind in enumerate(told):
        possible = dict(zip(DIMENSIONS, (s.possible for s in kind.states), strict=True))
        nothing = asked.row(Cells(negated=False))
        assert far[at] == judge(possible, nothing, base)
        for number, row in enumerate(rows):
            # What is out of reach of a row is where it would be without that row.
            seen = near.get((number, at), far[at])
            assert seen == judge(possible, asked.row(row), base)
