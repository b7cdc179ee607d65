"""Rows turned for chart tools."""

from datetime import date, timedelta

import numpy as np
import pytest

from app.domain.arrays import MANY, Numbers, Picked
from app.domain.reports import Column, Kind, Report
from app.present.csv import rows as blocks
from app.present.wide import widened

_DAYS = [date(2026, 4, day) for day in (1, 1, 2, 2)]


def report(values: list[str], names: list[str], by: str = "model") -> Report:
    return Report(
        [
            Column("period_start", Kind.DATE, _DAYS),
            Column("status", Kind.TEXT, ["final", "final", "missing", "missing"]),
            Column(by, Kind.TEXT, values),
            Column(f"{by}_name", Kind.TEXT, names),
            Column("volume", Kind.INTEGER, [1, 2, None, None]),
            Column("share", Kind.FRACTION, [333_333, 666_667, None, None]),
        ],
        {},
    )


def table(turned: Report) -> list[str]:
    return b"".join(blocks(turned)).decode().splitlines()


def test_each_group_is_a_column() -> None:
    long = report(["a/x", "b/y"] * 2, ["X", "Y"] * 2)

    assert table(widened(long, ["model"], "share")) == [
        "period_start,status,X,Y",
        "2026-04-01,final,0.333333,0.666667",
        "2026-04-02,missing,,",
    ]


def test_groups_of_one_name_are_told_apart() -> None:
    long = report(["a/x", "b/y"] * 2, ["Same", "Same"] * 2)

    assert table(widened(long, ["model"], "volume"))[0] == "period_start,status,a/x,b/y"


def test_a_group_cannot_take_the_place_of_a_period() -> None:
    long = report(["a/x", "b/y"] * 2, ["status", "Y"] * 2)

    assert table(widened(long, ["model"], "volume"))[0] == "period_start,status,a/x,Y"


def test_no_name_is_taken_for_the_value_of_another_group() -> None:
    long = report(["days", "b", "a", "c"], ["Same", "Same", "b", "status"], "category")

    header, first, second = table(widened(long, ["category"], "volume"))

    assert header == "period_start,status,category · days,b,a,c"
    assert (first, second) == ("2026-04-01,final,1,2,,", "2026-04-02,missing,,,,")


def test_two_dimensions_make_one_label() -> None:
    long = report(["a/x", "b/y"] * 2, ["X", "Y"] * 2)
    both = widened(long, ["model", "model"], "volume")

    assert table(both)[0] == "period_start,status,X · X,Y · Y"


def test_one_group_bears_the_name_of_what_it_counts() -> None:
    long = Report(
        [
            Column("period_start", Kind.DATE, _DAYS[1:3]),
            Column("volume", Kind.INTEGER, [1, 2]),
        ],
        {},
    )

    assert table(widened(long, [], "volume")) == [
        "period_start,volume",
        "2026-04-01,1",
        "2026-04-02,2",
    ]


@pytest.mark.parametrize("group_by", [[], ["model"], ["model", "model"]])
@pytest.mark.parametrize("names", [["X", "Y", "Z"], ["X", "X", "status"]])
def test_many_rows_are_turned_like_few(group_by: list[str], names: list[str]) -> None:
    groups = names if group_by else names[:1]
    count = MANY // len(groups) + 3
    at = np.arange(count * len(groups))
    period, group = at // len(groups), at % len(groups)
    days = [date(2026, 1, 1) + timedelta(days=n) for n in range(count)]
    values = [f"a/{n}" for n in range(len(groups))]
    columns = [
        Column("period_start", Kind.DATE, Picked(days, period)),
        Column("status", Kind.TEXT, Picked(["final"] * count, period)),
        Column("model", Kind.TEXT, Picked(values, group)),
        Column("model_name", Kind.TEXT, Picked(groups, group)),
        Column("share", Kind.FRACTION, Numbers(at * 7, at % 5 > 0)),
    ]
    lists = [Column(c.name, c.kind, [*c.values]) for c in columns]

    many = widened(Report(columns, {"a": 1}), group_by, "share")

    few = widened(Report(lists, {"a": 1}), group_by, "share")
    assert table(many) == table(few)
    assert [(c.name, [*c.values]) for c in many.columns] == [
        (c.name, [*c.values]) for c in few.columns
    ]
    assert isinstance(many.columns[-1].values, Numbers)
    assert many.meta == {"a": 1}
