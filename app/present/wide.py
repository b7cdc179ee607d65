"""Rows turned for chart tools: one row per period, one column per group."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np

from app.domain.arrays import Numbers, Picked, Places
from app.domain.reports import Column, Kind, Report

_PERIOD = ("period_start", "period_end", "status", "days", "days_expected")


def widened(report: Report, group_by: Sequence[str], measure: str) -> Report:
    """Return a report with a column for each group.

    Args:
        report: Rows of periods and groups; in each period every group, or none.
        group_by: Columns that name the group; empty: there is one group.
        measure: The column that becomes the cells.

    Returns:
        The columns of the period, then one per group in order of appearance. It bears
        the group's name; its value where that is not its alone.
    """
    by_name = {column.name: column for column in report.columns}
    periods = [by_name[name] for name in _PERIOD if name in by_name]
    grid = _Grid.of(by_name, periods, group_by, by_name[measure])
    columns = (
        _turned(by_name, periods, group_by, measure) if grid is None else grid.turned()
    )
    return Report(columns, report.meta, report.resolved, report.next_cursor)


def _turned(
    by_name: Mapping[str, Column],
    periods: Sequence[Column],
    group_by: Sequence[str],
    measure: str,
) -> list[Column]:
    keys = list(zip(*(c.values for c in periods), strict=True))
    groups = _labels(by_name, group_by, measure, len(keys))
    cells = dict(
        zip(zip(keys, groups, strict=True), by_name[measure].values, strict=True)
    )
    shown = list(dict.fromkeys(keys))
    columns = [
        Column(c.name, c.kind, [key[at] for key in shown])
        for at, c in enumerate(periods)
    ]
    for group in dict.fromkeys(groups):
        values = [cells.get((key, group)) for key in shown]
        columns.append(Column(group, by_name[measure].kind, values))
    return columns


@dataclass(frozen=True)
class _Grid:
    """Many rows, of which the arrays say already which period and group they are."""

    periods: Sequence[Column]
    period_of: Places
    labels: Sequence[str]
    group_of: Places
    numbers: Numbers
    kind: Kind

    @classmethod
    def of(
        cls,
        by_name: Mapping[str, Column],
        periods: Sequence[Column],
        group_by: Sequence[str],
        measure: Column,
    ) -> Self | None:
        """Return the grid of rows; None if their values stand in lists."""
        numbers = measure.values
        names = [*group_by, *(f"{dimension}_name" for dimension in group_by)]
        in_time, in_groups = _few(periods), _few([by_name[name] for name in names])
        if not isinstance(numbers, Numbers) or in_time is None or in_groups is None:
            return None
        (shown, period_of), (few, group_of) = in_time, in_groups
        if not group_by:
            group_of = np.zeros(len(numbers), np.intp)
        labels = _labels(
            {column.name: column for column in few},
            group_by,
            measure.name,
            len(few[0].values) if few else 1,
        )
        return cls(shown, period_of, labels, group_of, numbers, measure.kind)

    def turned(self) -> list[Column]:
        """Return a column for each group, after those of the period."""
        shape = len(self.periods[0].values), len(self.labels)
        counts, known = np.zeros(shape, np.int64), np.zeros(shape, np.bool_)
        at = self.period_of, self.group_of
        counts[at] = self.numbers.counts
        known[at] = True if self.numbers.known is None else self.numbers.known
        return [
            *self.periods,
            *(
                Column(label, self.kind, Numbers(counts[:, n], known[:, n]))
                for n, label in enumerate(self.labels)
            ),
        ]


def _few(columns: Sequence[Column]) -> tuple[list[Column], Places] | None:
    """Return columns with the values there are, and where; None if it is not known."""
    found: list[Column] = []
    at = np.zeros(0, np.intp)
    for column in columns:
        values = column.values
        if not isinstance(values, Picked) or (found and values.at is not at):
            return None
        found.append(Column(column.name, column.kind, values.values))
        at = values.at
    return found, at


def _labels(
    by_name: Mapping[str, Column], group_by: Sequence[str], measure: str, rows: int
) -> list[str]:
    """Return the label of each row's group; no two groups share one."""
    if not group_by:
        return [measure] * rows
    values = _joined([by_name[d] for d in group_by])
    names = _joined([by_name[f"{d}_name"] for d in group_by])
    bearers = Counter(name for _, name in set(zip(values, names, strict=True)))
    taken = {*_PERIOD, *values, *(n for n, count in bearers.items() if count > 1)}
    return [
        _apart(value, group_by) if name in taken else name
        for value, name in zip(values, names, strict=True)
    ]


def _apart(value: str, group_by: Sequence[str]) -> str:
    """Return a value as a label; not one that a column of the period bears."""
    return f"{group_by[0]} · {value}" if value in _PERIOD else value


def _joined(columns: Sequence[Column]) -> list[str]:
    rows = zip(*(column.values for column in columns), strict=True)
    return [" · ".join(map(str, row)) for row in rows]
