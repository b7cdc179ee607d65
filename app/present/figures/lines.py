"""Shares or volumes over time: lines, and the bounds as a band around them."""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any

from app.domain.datasets import Status
from app.present.figures import axes, marks
from app.present.figures.colouring import coloured
from app.present.figures.marks import Layer
from app.present.figures.over_time import Named, Stage
from app.present.figures.reading import Cell, Reading
from app.present.figures.sheet import Plot, Sheet

_BANDS = 3
_MOST_THIN = 24
_SETTLED = {Status.FINAL}
_MARKED = {
    Status.PROVISIONAL: "Dashed",
    Status.PARTIAL: "Hollow",
    Status.MISSING: "Grey",
    Status.NOT_YET: "Grey",
}


def drawn(sheet: Sheet, reading: Reading) -> Plot:
    """Return the groups of a reading as lines."""
    colours = coloured(reading, sheet.colours)
    thin = [n for n, c in enumerate(colours) if c == sheet.colours.thin]
    bold = [n for n, c in enumerate(colours) if c != sheet.colours.thin]
    shown = [*thin[:_MOST_THIN], *bold]
    banded = bold if len(bold) <= _BANDS and not thin else []
    stage = _stage(sheet, reading, shown, banded, colours)
    layers = [
        *_bands(stage, banded, colours),
        *_lines(stage, thin[:_MOST_THIN], colours, 1),
        *_lines(stage, bold, colours, 2.2),
        *_points(stage, bold, colours),
        *_hover(stage, bold, colours),
    ]
    plot = stage.plot(layers, _MARKED)
    if thin:
        names = f"{len(thin)} smaller groups are drawn thin"
        more = len(thin) - _MOST_THIN
        plot.notes.append(f"{names}, or only in the data." if more > 0 else f"{names}.")
    return plot


def _stage(
    sheet: Sheet,
    reading: Reading,
    shown: Sequence[int],
    banded: Sequence[int],
    colours: Sequence[str],
) -> Stage:
    cells = [(n, cell) for n in shown for _, cell in reading.of_group(n)]
    most = [c.high if n in banded else c.value for n, c in cells]
    low = [c.low if n in banded else c.value for n, c in cells]
    scale = axes.scale(reading, min(low, default=0), max(most, default=0))
    named = [
        Named(
            reading.groups[n].name,
            reading.told(last.value),
            colours[n],
            scale.part(reading.number(last.value)),
        )
        for n, last in _last(
            reading, [n for n in shown if colours[n] != sheet.colours.thin]
        )
    ]
    return Stage(sheet, reading, scale, named)


def _last(reading: Reading, groups: Sequence[int]) -> Iterator[tuple[int, Cell]]:
    for n in groups:
        cells = [cell for _, cell in reading.of_group(n)]
        if cells:
            yield n, cells[-1]


def _runs(reading: Reading, group: int) -> Iterator[list[tuple[int, Cell]]]:
    """Yield the stretches of a group without a gap."""
    run: list[tuple[int, Cell]] = []
    for period, cell in reading.of_group(group):
        if run and period != run[-1][0] + 1:
            yield run
            run = []
        run.append((period, cell))
    if run:
        yield run


def _row(stage: Stage, group: int, period: int, cell: Cell) -> dict[str, object]:
    reading = stage.reading
    return {
        "group": reading.groups[group].name,
        "period_start": reading.periods[period].start,
        "t": axes.middle(reading.periods[period]),
        "value": reading.number(cell.value),
    }


def _bands(stage: Stage, groups: Sequence[int], colours: Sequence[str]) -> list[Layer]:
    reading = stage.reading
    found = []
    for n in groups:
        values = [
            {
                **_row(stage, n, period, cell),
                "low": reading.number(cell.low),
                "high": reading.number(cell.high),
                "run": at,
            }
            for at, run in enumerate(_runs(reading, n))
            for period, cell in run
        ]
        mark = {"type": "area", "fill": colours[n], "fillOpacity": 0.2}
        found.append(
            marks.layer(
                "band",
                values,
                mark,
                x=stage.time("t"),
                y=stage.amount("low"),
                y2={"field": "high"},
                detail={"field": "run", "type": "nominal"},
            )
        )
    return found


def _lines(
    stage: Stage, groups: Sequence[int], colours: Sequence[str], width: float
) -> list[Layer]:
    values = [
        {
            **_row(stage, n, period, cell),
            "colour": colours[n],
            "run": name,
            "dash": dash,
        }
        for n in groups
        for name, dash, run in _strokes(stage.reading, n)
        for period, cell in run
    ]
    if not values:
        return []
    dashes = {"domain": [False, True], "range": [[1, 0], [5, 3]]}
    return [
        marks.layer(
            "lines",
            values,
            {"type": "line", "strokeWidth": width, "strokeJoin": "round"},
            x=stage.time("t"),
            y=stage.amount("value"),
            stroke={"field": "colour", "type": "nominal", "scale": None},
            strokeDash={
                "field": "dash",
                "type": "nominal",
                "scale": dashes,
                "legend": None,
            },
            detail={"field": "run", "type": "nominal"},
        )
    ]


def _strokes(
    reading: Reading, group: int
) -> Iterator[tuple[str, bool, list[tuple[int, Cell]]]]:
    """Yield the parts of a line, drawn through or dashed; they meet in a point."""
    count = 0
    for run in _runs(reading, group):
        part = [run[0]]
        dashed = False
        for before, after in pairwise(run):
            statuses = {reading.periods[at].status for at in (before[0], after[0])}
            now = not statuses <= _SETTLED
            if len(part) > 1 and now != dashed:
                yield f"{group}-{count}", dashed, part
                count += 1
                part = [before]
            dashed = now
            part.append(after)
        yield f"{group}-{count}", dashed, part
        count += 1


def _points(stage: Stage, groups: Sequence[int], colours: Sequence[str]) -> list[Layer]:
    """Return points where a line does not show: alone, partial, or at its end."""
    reading = stage.reading
    values = []
    for n in groups:
        runs = list(_runs(reading, n))
        for run in runs:
            for period, cell in run:
                partial = reading.periods[period].status is Status.PARTIAL
                last = run is runs[-1] and period == run[-1][0]
                if partial or last or len(run) == 1:
                    fill = stage.sheet.colours.paper if partial else colours[n]
                    row = _row(stage, n, period, cell)
                    values.append({**row, "colour": colours[n], "fill": fill})
    mark = {
        "type": "point",
        "filled": True,
        "size": 36,
        "strokeWidth": 1.6,
        "opacity": 1,
    }
    return [_pointed(stage, "points", values, mark)] if values else []


def _pointed(
    stage: Stage, name: str, values: list[Any], mark: dict[str, Any], **more: Any
) -> Layer:
    def as_is(field: str) -> dict[str, object]:
        return {"field": field, "type": "nominal", "scale": None}

    return marks.layer(
        name,
        values,
        mark,
        x=stage.time("t"),
        y=stage.amount("value"),
        stroke=as_is("colour"),
        fill=as_is("fill"),
        **more,
    )


def _hover(stage: Stage, groups: Sequence[int], colours: Sequence[str]) -> list[Layer]:
    """Return points that are not seen, for what is shown on hover."""
    reading = stage.reading
    if not reading.hovered:
        return []
    values = []
    for n in groups:
        for period, cell in reading.of_group(n):
            row = _row(stage, n, period, cell)
            row |= reading.on_hover(reading.groups[n].name, cell, period)
            values.append({**row, "colour": colours[n], "fill": colours[n]})
    fields = ("group", "period", "number", "bounds", "status")
    mark = {"type": "point", "size": 140, "opacity": 0}
    return [_pointed(stage, "hover", values, mark, **marks.tooltip(values, *fields))]
