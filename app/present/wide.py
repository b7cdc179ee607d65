"""Rows turned for chart tools: one row per period, one column per group."""

from collections import Counter
from collections.abc import Sequence

from app.domain.reports import Column, Report

_PERIOD = ("period_start", "period_end", "status", "days", "days_expected")


def widened(report: Report, group_by: Sequence[str], measure: str) -> Report:
    """Return a report with a column for each group.

    Args:
        report: Rows of periods and groups; in each period every group, or none.
        group_by: Columns that name the group; empty: there is one group.
        measure: The column that becomes the cells.

    Returns:
        The columns of the period, then one per group in order of appearance. It bears
        the group's name; its value where two groups have one name.
    """
    by_name = {column.name: column for column in report.columns}
    periods = [by_name[name] for name in _PERIOD if name in by_name]
    keys = list(zip(*(c.values for c in periods), strict=True))
    groups = _labels(by_name, group_by, measure, len(report))
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
    return Report(columns, report.meta, report.resolved, report.next_cursor)


def _labels(
    by_name: dict[str, Column], group_by: Sequence[str], measure: str, rows: int
) -> list[str]:
    """Return the label of each row's group; no two groups share one."""
    if not group_by:
        return [measure] * rows
    values = _joined([by_name[d] for d in group_by])
    names = _joined([by_name[f"{d}_name"] for d in group_by])
    bearers = Counter(name for _, name in set(zip(values, names, strict=True)))
    taken = {*_PERIOD, *(name for name, count in bearers.items() if count > 1)}
    return [
        value if name in taken else name
        for value, name in zip(values, names, strict=True)
    ]


def _joined(columns: Sequence[Column]) -> list[str]:
    rows = zip(*(column.values for column in columns), strict=True)
    return [" · ".join(map(str, row)) for row in rows]
