"""Which days a question is about, cut into periods, and how settled each period is."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from app.domain.datasets import Status
from app.domain.periods import Interval, Span, Window
from app.domain.questions import Ask
from app.domain.snapshot import DatasetView
from app.errors import BadValueError, Complaint, OutsideDataError

MAX_PERIODS = 5_000

_DEFAULT_SPANS = {
    Interval.TOTAL: "28d",
    Interval.DAY: "90d",
    Interval.WEEK: "12w",
    Interval.MONTH: "6m",
}


class Period(NamedTuple):
    """One period of an answer."""

    calendar: Window
    """The whole calendar unit; for `total` the window itself."""
    part: Window
    """The days of it that the window asked for covers."""
    status: Status
    days: int
    """Complete days there are in `part`."""
    present: int
    """Days there are in `part`, the unfinished one included."""

    @property
    def whole(self) -> bool:
        """Whether every day of the calendar unit is there and complete."""
        return self.days == len(self.calendar)


@dataclass(frozen=True, slots=True)
class Asked:
    """The days of a question: its window, periods, and what the reader must know."""

    window: Window
    periods: Sequence[Period]
    warnings: Sequence[str]


def resolve(view: DatasetView, ask: Ask) -> Asked:
    """Return the days that `ask` is about.

    Raises:
        OutsideDataError: Explicit dates that lie wholly outside the data, or there are
            no data.
        BadValueError: An end before the start, or too many periods.
    """
    warnings: list[str] = []
    if ask.start or ask.end:
        window = _explicit(view, ask)
    else:
        window = _relative(view, ask, warnings)
    if _count(window, ask.interval) > MAX_PERIODS:
        raise BadValueError.of(
            "interval",
            ask.interval,
            f"that is more than {MAX_PERIODS} periods; ask for longer periods or "
            "fewer days",
            fix="total",
        )
    periods = [_period(view, p, window) for p in window.periods(ask.interval)]
    if not ask.include_unfinished and _unfinished(view, ask.interval, periods):
        warnings.append(
            "unfinished_period_excluded: the last period has not ended in the data; "
            "add incomplete=include to see it"
        )
        periods.pop()
    return Asked(window, periods, warnings)


def span_of(ask: Ask) -> Span:
    """Return the relative window of a question without dates."""
    return ask.span or Span.parse(_DEFAULT_SPANS.get(ask.interval, "all"))


def previous(view: DatasetView, interval: Interval, period: Period) -> Period:
    """Return the period that a period is compared with."""
    if interval is Interval.TOTAL:
        window = period.calendar.previous()
    else:
        day = date.fromordinal(period.calendar.first.toordinal() - 1)
        window = Window(interval.start(day), day)
    return _period(view, window, window)


def trailing(view: DatasetView, period: Period, days: int) -> Period:
    """Return the window of `days` days that ends with a period of one day."""
    first = date.fromordinal(period.calendar.last.toordinal() - days + 1)
    window = Window(first, period.calendar.last)
    return _period(view, window, window)


_SHORTEST = {
    Interval.DAY: 1,
    Interval.WEEK: 7,
    Interval.MONTH: 28,
    Interval.QUARTER: 90,
    Interval.YEAR: 365,
}


def _count(window: Window, interval: Interval) -> int:
    days = len(window)
    return days // _SHORTEST.get(interval, days)


def _span(view: DatasetView) -> Window:
    if view.span is None:
        raise OutsideDataError(
            f"{view.dataset.slug} has no data in this release; a later one may have.",
            fix={"release": None, "as_of": None},
        )
    return view.span


def _end(view: DatasetView, span: Window, ask: Ask, first: date) -> date:
    """Return where dates without an end lead: to the last day worth showing."""
    complete = view.last_complete or span.last
    # A start after the last complete day can only mean the days after it.
    return span.last if ask.include_unfinished or complete < first else complete


def _explicit(view: DatasetView, ask: Ask) -> Window:
    span = _span(view)
    first = ask.start.first if ask.start else span.first
    last = ask.end.last if ask.end else _end(view, span, ask, first)
    if (ask.start and first > span.last) or (ask.end and last < span.first):
        outside = ("start_date", first) if ask.start else ("end_date", last)
        raise OutsideDataError(
            f"{view.dataset.slug} has data from {span.first} to {span.last}; "
            "the dates asked for lie wholly outside.",
            complaints=[Complaint(outside[0], str(outside[1]), "outside the data")],
            fix={"start_date": str(span.first), "end_date": str(span.last)},
        )
    if last < first:
        raise BadValueError(
            f"end_date ({last}) is before start_date ({first}).",
            complaints=[Complaint("end_date", str(last), "before start_date")],
            fix={"start_date": str(ask.end.first), "end_date": str(ask.start.last)}
            if ask.start and ask.end
            else {"start_date": None, "end_date": None},
        )
    return Window(first, last)


def _relative(view: DatasetView, ask: Ask, warnings: list[str]) -> Window:
    span = _span(view)
    complete = view.last_complete or span.last
    asked = span_of(ask)
    window = asked.before(span.first, complete)
    first, last = window.first, window.last
    if ask.include_unfinished:
        last = max(last, span.last)
    if first < span.first:
        warnings.append(
            f"window_clamped: {asked} begins before the data; "
            f"it was cut to {span.first}"
        )
        first = span.first
    if last < first:
        # Not one whole unit yet: what there is, marked as partial.
        last = complete
    return Window(first, last)


def _period(view: DatasetView, calendar: Window, window: Window) -> Period:
    part = calendar.overlap(window) or calendar
    present, complete, final = view.count(part)
    return Period(
        calendar,
        part,
        _status(view, calendar, (present, complete, final)),
        complete,
        present,
    )


def _status(
    view: DatasetView, calendar: Window, counts: tuple[int, int, int]
) -> Status:
    present, complete, final = counts
    if view.span is None or calendar.first > view.span.last:
        return Status.NOT_YET
    if not present:
        return Status.MISSING
    if complete < len(calendar):
        return Status.PARTIAL
    return Status.FINAL if final == complete else Status.PROVISIONAL


def _unfinished(
    view: DatasetView, interval: Interval, periods: Sequence[Period]
) -> bool:
    """Return whether the last period began, and ends after the last complete day."""
    if interval is Interval.TOTAL or view.span is None:
        return False
    last = periods[-1].calendar
    complete = view.last_complete
    return last.first <= view.span.last and (complete is None or last.last > complete)
