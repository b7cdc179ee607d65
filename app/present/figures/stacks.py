"""Groups that sum to the whole, over time: stacked bars, or areas where there are many.

Sums are taken here, in integers, so that the top of a stack is the total.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial

from app.domain.datasets import Status
from app.present.figures import axes, marks
from app.present.figures.colouring import coloured
from app.present.figures.marks import Layer
from app.present.figures.over_time import Named, Stage, boxes_of
from app.present.figures.reading import Cell, Period, Reading
from app.present.figures.sheet import Plot, Sheet

_MOST_BARS = 60
_MARKED = {
    Status.PROVISIONAL: "Paler",
    Status.PARTIAL: "Paler",
    Status.MISSING: "Grey",
    Status.NOT_YET: "Grey",
}
_VEILED = {Status.PROVISIONAL: 0.22, Status.PARTIAL: 0.45}


@dataclass(frozen=True, slots=True)
class _Part:
    """A group in a period, on top of those below it; `value` is its own number.

    Attributes:
        cell: The number, if it is of one group: several have no bounds together.
    """

    group: int
    period: int
    value: int
    below: int
    cell: Cell | None


@dataclass(frozen=True, slots=True)
class _Stack:
    """What is stacked.

    Attributes:
        names: Of each stacked group, the lowest first.
        colours: Of each stacked group.
        parts: By period, the lowest first.
    """

    names: Sequence[str]
    colours: Sequence[str]
    parts: Sequence[_Part]


def drawn(sheet: Sheet, reading: Reading) -> Plot:
    """Return the groups of a reading on top of each other."""
    stack, merged = _stack(sheet, reading)
    most = max((p.below + p.value for p in stack.parts), default=0)
    scale = axes.scale(reading, 0, most)
    stage = Stage(sheet, reading, scale, _named(reading, stack, scale))
    barred = len(reading.periods) <= _MOST_BARS
    layers = [_bars(stage, stack) if barred else _areas(stage, stack), *_veils(stage)]
    plot = stage.plot(layers, _MARKED)
    if merged:
        plot.notes.append(f"{merged} smaller groups are added up as one.")
    return plot


def _stack(sheet: Sheet, reading: Reading) -> tuple[_Stack, int]:
    """Return what is stacked, and how many groups were added up."""
    colours = coloured(reading, sheet.colours)
    thin = [n for n, c in enumerate(colours) if c == sheet.colours.thin]
    rest = [n for n, c in enumerate(colours) if c == sheet.colours.rest]
    layers = [[n] for n, c in enumerate(colours) if n not in {*thin, *rest}]
    names = [reading.groups[n].name for (n,) in layers]
    shown = [colours[n] for (n,) in layers]
    if thin or rest:
        layers.append([*thin, *rest])
        names.append("Rest")
        shown.append(sheet.colours.rest)
    parts = list(_parts(reading, layers))
    return _Stack(names, shown, parts), len(thin)


def _parts(reading: Reading, layers: Sequence[Sequence[int]]) -> Iterator[_Part]:
    for period in range(len(reading.periods)):
        below = 0
        for at, groups in enumerate(layers):
            cells = [reading.cell(n, period) for n in groups]
            there = [cell for cell in cells if cell is not None]
            value = sum(cell.value for cell in there)
            if there:
                one = there[0] if len(groups) == 1 else None
                yield _Part(at, period, value, below, one)
                below += value


def _named(reading: Reading, stack: _Stack, scale: axes.Scale) -> list[Named]:
    """Return the groups by where they are in the last period that has any."""
    last = max(p.period for p in stack.parts)
    return [
        Named(
            stack.names[p.group],
            reading.told(p.value),
            stack.colours[p.group],
            scale.part(reading.number(2 * p.below + p.value) / 2),
        )
        for p in reversed(stack.parts)
        if p.period == last
    ]


def _row(stage: Stage, stack: _Stack, part: _Part) -> dict[str, object]:
    reading = stage.reading
    when, name = reading.periods[part.period], stack.names[part.group]
    cell = part.cell or Cell(part.value, part.value, part.value, {})
    hover = reading.on_hover(name, cell, part.period)
    if hover and part.cell is None:
        hover["bounds"] = "of each group alone"
    return {
        "group": name,
        "period_start": when.start,
        "t": axes.moment(when.window.first),
        "value": reading.number(part.value),
        "low": reading.number(part.below),
        "high": reading.number(part.below + part.value),
        "colour": stack.colours[part.group],
        **hover,
    }


def _bars(stage: Stage, stack: _Stack) -> Layer:
    ends = [axes.Span([p], 1).domain[1] for p in stage.reading.periods]
    values = [
        {**_row(stage, stack, part), "end": ends[part.period]} for part in stack.parts
    ]
    mark = {
        "type": "rect",
        "stroke": stage.sheet.colours.paper,
        "strokeWidth": 1 if len(ends) <= _MOST_BARS // 2 else 0.4,
    }
    return marks.layer(
        "data",
        values,
        mark,
        x=stage.time("t"),
        x2={"field": "end"},
        y=stage.amount("low"),
        y2={"field": "high"},
        fill=_AS_IS,
        **marks.tooltip(values, "group", "period", "number", "bounds", "status"),
    )


_NAME = {"field": "group", "type": "nominal"}
_AS_IS = {"field": "colour", "type": "nominal", "scale": None}


def _areas(stage: Stage, stack: _Stack) -> Layer:
    """Return an area per group and stretch without a gap, to the end of its period."""
    runs = list(_runs(stage.reading))
    of = {period: at for at, run in enumerate(runs) for period in run}
    lasts = {run[-1] for run in runs}
    values = []
    for part in stack.parts:
        row = {**_row(stage, stack, part), "run": f"{part.group}-{of[part.period]}"}
        values.append(row)
        if part.period in lasts:
            end = axes.Span([stage.reading.periods[part.period]], 1).domain[1]
            values.append({**row, "t": end})
    return marks.layer(
        "data",
        values,
        {"type": "area"},
        x=stage.time("t"),
        y=stage.amount("low"),
        y2={"field": "high"},
        fill=_AS_IS,
        detail={"field": "run", "type": "nominal"},
        **({"tooltip": _NAME} if stage.reading.hovered else {}),
    )


def _runs(reading: Reading) -> Iterator[list[int]]:
    """Yield the stretches of periods that have numbers."""
    there = sorted({period for _, period in reading.cells})
    run: list[int] = []
    for period in there:
        if run and period != run[-1] + 1:
            yield run
            run = []
        run.append(period)
    yield run


def _veils(stage: Stage) -> list[Layer]:
    """Return what makes unsettled periods paler."""
    found = []
    for status, opacity in _VEILED.items():
        boxes = boxes_of(stage, partial(_is, status))
        if boxes:
            paper = stage.sheet.colours.paper
            found.append(marks.boxes("veil", boxes, paper, fillOpacity=opacity))
    return found


def _is(status: Status, period: Period) -> bool:
    return period.status is status
