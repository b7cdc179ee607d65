"""No question is so large that answering it would hold up everyone else."""

import pytest

from app.domain.periods import Interval
from app.domain.questions import Ask
from app.domain.registry import Dimension
from app.domain.values import Values
from app.errors import BadValueError
from app.services.limits import MOST_REQUESTED, MOST_ROWS, check_size

ASK = Ask("tokens", Interval.DAY, top=20)
MODEL, PROVIDER = Dimension.MODEL, Dimension.PROVIDER


def some(count: int) -> Values:
    return Values.of(*map(str, range(count)))


def test_named_groups_multiply_over_two_dimensions() -> None:
    filters = {MODEL: some(100), PROVIDER: some(10)}
    check_size(ASK, filters, (MODEL, PROVIDER), 1)

    filters[PROVIDER] = some(11)

    with pytest.raises(BadValueError, match=f"1100 groups by name.*{MOST_REQUESTED}"):
        check_size(ASK, filters, (MODEL, PROVIDER), 1)


def test_what_is_left_out_names_nothing() -> None:
    filters = {MODEL: ~some(2_000), PROVIDER: some(2)}

    check_size(ASK, filters, (MODEL, PROVIDER), 1)


def test_rows_are_periods_times_groups() -> None:
    check_size(ASK, {}, (MODEL,), MOST_ROWS // 20)
    check_size(ASK, {}, (), MOST_ROWS)

    with pytest.raises(BadValueError, match="fewer days") as refused:
        check_size(ASK, {}, (MODEL,), MOST_ROWS // 20 + 1)

    assert refused.value.fix == {"group_by": "none"}


def test_groups_that_are_named_come_on_top_of_those_that_are_shown() -> None:
    filters = {MODEL: some(80)}
    check_size(ASK, filters, (MODEL,), MOST_ROWS // 100)

    with pytest.raises(BadValueError, match="fewer days"):
        check_size(ASK, filters, (MODEL,), MOST_ROWS // 100 + 1)
