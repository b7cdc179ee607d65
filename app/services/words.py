"""One correct English sentence per answer.

The sentence is for people who quote; it says of what the numbers are ("of tokens on
OpenRouter"), when, of how many days if some are missing, and the bounds where they
matter.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import cast

from app.domain.datasets import Status
from app.domain.periods import Window
from app.domain.questions import Sort
from app.domain.registry import REST, UNKNOWN, Dimension
from app.domain.reports import Column
from app.domain.values import Values
from app.services import figures, phrases
from app.services.answer_rows import Row, Rows
from app.services.asking import Question
from app.services.figures import amount, percent
from app.services.windows import Period

_MATTERS = 1_000  # bounds wider than a tenth of a percent are said
_LEADERS = 3
_CALLED_BY_NAME = frozenset(
    {*(Dimension.PROVIDER, Dimension.LAB, Dimension.BASE), *phrases.HEADS}
)


def share(question: Question, columns: Sequence[Column]) -> str:
    """Return the sentence of a share: one number, a comparison, or a series."""
    rows = Rows(columns, "share")
    if not rows:
        return _nothing(question)
    of = phrases.measured(question)
    first, last = _ends(question, rows)
    if len(question.asked.periods) == 1 and len(rows) > 1:
        some = rows[:_LEADERS]
        told = [f"{percent(row['share'])}{_noted(_share_range(row))}" for row in some]
        when = f"{_in(question, first)}{_noted(_days(question, first))}"
        return f"Of {of} {when}, {_leaders(question, rows, _held(question), told)}."
    begun = (
        f"{_who(question, first, opening=True)} {_held(question)} "
        f"{percent(first['share'])} of {of} {_in(question, first)}"
    )
    if first is last:
        return _told_once(question, begun, first, _share_range)
    then = f"{percent(last['share'])} {_in(question, last)}"
    return _from_first_to_last(question, begun, then, (first, last), _share_range)


def volume(question: Question, columns: Sequence[Column]) -> str:
    """Return the sentence of a volume: one number, a comparison, or a series."""
    rows = Rows(columns, "volume")
    if not rows:
        return _nothing(question)
    first, last = _ends(question, rows)
    counted, did = _counted(question, first), _did(question)
    if len(question.asked.periods) == 1 and len(rows) > 1:
        some = rows[:_LEADERS]
        told = [counted, *(amount(row["volume"]) for row in some[1:])]
        ranges = [_noted(_volume_range(row)) for row in some]
        told = [f"{value}{span}" for value, span in zip(told, ranges, strict=True)]
        when = f"{_in(question, first)}{_noted(_days(question, first))}"
        leaders = _leaders(question, rows, did, told)
        return f"{when[0].upper()}{when[1:]}, {leaders}."
    begun = f"{_who(question, first, opening=True)} {did} {counted}"
    begun = f"{begun} {_in(question, first)}"
    if first is last:
        return _told_once(question, begun, first, _volume_range)
    then = f"{amount(last['volume'])} {_in(question, last)}"
    return _from_first_to_last(question, begun, then, (first, last), _volume_range)


def _told_once(
    question: Question, begun: str, row: Row, span: Callable[[Row], str]
) -> str:
    return f"{begun}{_noted(_days(question, row), span(row))}."


def _from_first_to_last(
    question: Question,
    begun: str,
    then: str,
    ends: tuple[Row, Row],
    span: Callable[[Row], str],
) -> str:
    first, last = ends
    noted = _noted(_days(question, last), span(last))
    # Nothing that is listed is not nothing: a zero alone would say that it is.
    least = "" if first["volume"] else span(first)
    return f"{begun}{_noted(_days(question, first), least)} and {then}{noted}."


def rankings(question: Question, columns: Sequence[Column]) -> str:
    """Return the sentence of a ranking: who leads, and who follows."""
    rows = Rows(columns)
    ranked = [row for row in rows if row["rank"] is not None]
    if not ranked and any(row["volume"] for row in rows):
        who = phrases.things(question, question.numerator)
        return (
            f"There is no ranking of {who} {_when(question)}: nothing tells them apart."
        )
    if not ranked or ranked[0]["share"] is None:
        return _nothing(question)
    leader, *followers = ranked[:_LEADERS]
    of, when = phrases.measured(question), _when(question)
    if not question.group_by:
        who = _who(question, leader, opening=True)
        held = f"{_held(question)} {percent(leader['share'])}"
        return f"{who} {held} of {of} {when}{_noted(_share_range(leader))}."
    by, column, told = _ORDERS[question.ask.sort]
    by = _counted_as(question) if by == "volume" else by
    if leader[column] is None:
        return f"There are no figures to compare those {when} with."
    behind = [
        f"{_label(question, row)} ({told(row[column]).removesuffix(' with')})"
        for row in followers
        if row[column] is not None
    ]
    ahead = f", ahead of {phrases.listed(behind)}" if behind else ""
    return (
        f"{_label(question, leader, opening=True)} ranked first by {by} of {of}"
        f"{_among(question)} {when}, {_led(question, leader)}{ahead}."
    )


def _counted_as(question: Question) -> str:
    """Return what a ranking by volume ranks by."""
    if question.view.dataset.sampled:
        return "share"
    return "number" if _did(question) == "numbered" else "volume"


def _led(question: Question, leader: Row) -> str:
    """Return by how much the first of a ranking leads."""
    _, column, told = _ORDERS[question.ask.sort]
    value = told(leader[column])
    match question.ask.sort:
        case Sort.VOLUME:
            return f"with {value}{_noted(_share_range(leader))}"
        case Sort.GROWTH:
            return f"{value} on the period before"
        case Sort.TRENDING:
            return f"{value} the mean of its three periods before"


def _moved(growth: object) -> str:
    grown = _number(growth)
    if grown == 0:
        return "unchanged"
    return f"{'down' if grown < 0 else 'up'} {percent(abs(grown))}"


def _off(trend: object) -> str:
    off = _number(trend)
    if off == 0:
        return "level with"
    return f"{amount(abs(off))} {'below' if off < 0 else 'above'}"


# What an order is called, and the column that shows it.
_ORDERS: Mapping[Sort, tuple[str, str, Callable[[object], str]]] = {
    Sort.VOLUME: ("volume", "share", percent),
    Sort.GROWTH: ("growth", "growth", _moved),
    Sort.TRENDING: ("trend", "trend", _off),
}


def _ends(question: Question, rows: Rows) -> tuple[Row, Row]:
    """Return the first and the last row of the first group."""
    first, count = rows[0], len(question.groups)
    # Every period has all groups, in the same order.
    group = rows.places[0] % count
    last = next(
        number
        for number in reversed(range(len(rows)))
        if rows.places[number] % count == group
    )
    return first, rows[last] if last else first


def _nothing(question: Question) -> str:
    """Return the sentence of an answer that has no number."""
    when = figures.during(question.asked.window)
    scope, of = question.view.dataset.scope, phrases.measured(question)
    periods = question.asked.periods
    if not periods:
        return f"There is no whole {question.ask.interval} of {scope} {when}."
    if not any(period.present for period in periods):
        return f"There are no figures on {scope} {when}."
    if not question.now.total.any():
        return f"There were no {of} {when}."
    who = phrases.things(question, question.numerator, opening=True)
    return f"{who} {_held(question)} none of the {of} {when}."


def _who(
    question: Question, row: Row, *, opening: bool = False, filtered: bool = True
) -> str:
    """Return the subject of a sentence about one row.

    `filtered`: whether an opening subject tells the filters of the question too.
    """
    groups = [str(row[dimension]) for dimension in question.group_by]
    return question.plan.named(
        question.asked.window.last,
        ("who", opening, filtered, *groups),
        lambda: _subject(question, groups, opening=opening, filtered=filtered),
    )


def _subject(
    question: Question, groups: Sequence[str], *, opening: bool, filtered: bool
) -> str:
    if REST in groups:
        return phrases.others(question, opening=opening)
    filters = dict(question.numerator) if opening and filtered else {}
    named = zip(question.group_by, groups, strict=True)
    filters |= {dimension: Values.of(value) for dimension, value in named}
    return phrases.things(question, filters, opening=opening)


def _leaders(
    question: Question, rows: Sequence[Row], did: str, told: Sequence[str]
) -> str:
    """Return what the first rows hold: `models by A handled 3%, models by B 2%`."""
    who = [_who(question, row) for row in rows[:_LEADERS]]
    who[0] = f"{who[0]} {did}"
    parts = [f"{name} {value}" for name, value in zip(who, told, strict=False)]
    among = _among(question)
    sentence = phrases.listed(parts) + (f",{among}" if among else "")
    more = len(rows) - _LEADERS
    follow = "one other group follows" if more == 1 else f"{more} other groups follow"
    return f"{sentence}; {follow}" if more > 0 else sentence


def _label(question: Question, row: Row, *, opening: bool = False) -> str:
    """Return what a ranking calls a group: by its name, if it has one."""
    (dimension, *others) = question.group_by
    by_name = dimension in _CALLED_BY_NAME and row[dimension] != UNKNOWN
    if by_name and not others:
        return str(row[f"{dimension}_name"])
    return _who(question, row, opening=opening, filtered=False)


def _among(question: Question) -> str:
    """Return the filters that a group does not already tell."""
    left = {d: v for d, v in question.numerator.items() if d not in question.group_by}
    return f" among {phrases.things(question, left)}" if left else ""


def _held(question: Question) -> str:
    """Return the verb that goes with a share of a dataset's unit."""
    return question.plan.once("held", lambda: _verb(question))


def _verb(question: Question) -> str:
    dataset = question.view.dataset
    if phrases.noun(question) == dataset.counted:
        return "made up"
    if Dimension.APP in dataset.dimensions:
        return "used"
    return "handled" if dataset.unit == "tokens" else "had"


def _did(question: Question) -> str:
    """Return the verb that goes with a volume in a dataset's unit."""
    return "numbered" if _held(question) == "made up" else _held(question)


def _counted(question: Question, row: Row) -> str:
    """Return a volume and what it counts: `44.1 trillion tokens on OpenRouter`."""
    dataset = question.view.dataset
    where = dataset.scope.removeprefix(dataset.unit)
    one = row["volume"] == 1
    unit = dataset.unit.removesuffix("s") if one else dataset.unit
    told = "" if _did(question) == "numbered" else f" {unit}"
    return f"{amount(row['volume'])}{told}{where}"


def _share_range(row: Row) -> str:
    low, high = _number(row["share_low"]), _number(row["share_high"])
    return f"bounds {figures.span(low, high)}" if high - low >= _MATTERS else ""


def _volume_range(row: Row) -> str:
    low, high = _number(row["volume_low"]), _number(row["volume_high"])
    if low == high or (high - low) * _MATTERS < high:
        return ""
    return f"bounds {amount(low)} to {amount(high)}"


def _when(question: Question) -> str:
    """Return when the only period of a ranking is, and of how many days it speaks."""
    (period,) = question.asked.periods
    if question.view.dataset.trailing:
        return _as_of(question, period)
    noted = _noted(_of_days(period.status, period.days, period.calendar))
    return f"{figures.during(period.calendar)}{noted}"


def _in(question: Question, row: Row) -> str:
    """Return when the period of a row is."""
    if question.view.dataset.trailing:
        periods = question.asked.periods
        start = _window(row).first
        return _as_of(question, next(p for p in periods if p.calendar.first == start))
    return figures.in_period(question.ask.interval, _window(row))


def _as_of(question: Question, period: Period) -> str:
    """Return the day that stands for a period: the last one there is in it."""
    day = question.view.measured(period.part).last
    return figures.as_of(day)


def _days(question: Question, row: Row) -> str:
    """Return of how many days a row speaks, if some are missing.

    Of a trailing window one day is enough.
    """
    if question.view.dataset.trailing or row["status"] != Status.PARTIAL:
        return ""
    return _of_days(Status.PARTIAL, _number(row["days"]), _window(row))


def _of_days(status: Status, days: int, window: Window) -> str:
    if status is not Status.PARTIAL:
        return ""
    return f"{days} of {len(window)} days" if days else "so far"


def _number(value: object) -> int:
    return cast("int", value)


def _window(row: Row) -> Window:
    return Window(cast("date", row["period_start"]), cast("date", row["period_end"]))


def _noted(*notes: str) -> str:
    """Return what stands in brackets behind a number."""
    told = "; ".join(filter(None, notes))
    return f" ({told})" if told else ""
