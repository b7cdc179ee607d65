"""One correct English sentence per answer, and the question spelt out.

The sentence is for people who quote; it says of what the numbers are ("of tokens on
OpenRouter"), when, and the bounds where they matter.
"""

from collections.abc import Sequence
from datetime import date

from app.domain.periods import Interval, Window
from app.domain.questions import Sort
from app.domain.registry import Dimension
from app.domain.reports import Column
from app.domain.tally import Filters
from app.domain.values import ANY, Values
from app.services import names
from app.services.asking import Question

_MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
_SCALES = ((10**12, "trillion"), (10**9, "billion"), (10**6, "million"))
_MATTERS = 1_000  # bounds wider than a tenth of a percent are said


def share(question: Question, columns: Sequence[Column]) -> str:
    """Return the sentence of a share: one number, a comparison, or a series."""
    when = during(question.asked.window)
    of = f"of {question.view.dataset.scope}"
    if len(question.asked.periods) > 1:
        return _share_series(question, _first_group(question, columns, "share"))
    told = [r for r in _rows(columns) if r["share"] is not None]
    if not told:
        return _nothing(question)
    if len(told) == 1:
        row = told[0]
        return (
            f"{_who(question, row)} handled {percent(row['share'])} {of}"
            f"{_base(question)} {_in(question, row)}{_range(row)}."
        )
    leaders = [f"{_label(question, r)} {percent(r['share'])}" for r in told[:3]]
    return (
        f"Shares {of}{_base(question)} {when}: {listed(leaders)}"
        f"{_and_more(len(told) - 3)}."
    )


def _share_series(question: Question, mine: Sequence[dict[str, object]]) -> str:
    if not mine:
        return _nothing(question)
    start, end = mine[0], mine[-1]
    scope = question.view.dataset.scope
    begun = f"{_who(question, start)} handled {percent(start['share'])} of {scope}"
    begun += f"{_base(question)} {_in(question, start)}"
    if len(mine) == 1:
        return f"{begun}{_range(start)}."
    return f"{begun} and {percent(end['share'])} {_in(question, end)}{_range(end)}."


def volume(question: Question, columns: Sequence[Column]) -> str:
    """Return the sentence of a volume: the sum, or the first and the last period."""
    mine = _first_group(question, columns, "volume")
    if not mine:
        return _nothing(question)
    start, end = mine[0], mine[-1]
    begun = f"{_who(question, start)} {_did(question)} {_amount(question, start)} "
    if len(mine) == 1:
        return f"{begun}{_in(question, start)}."
    return (
        f"{begun}{_in(question, start)} and {amount(end['volume'])} "
        f"{_in(question, end)}."
    )


def _nothing(question: Question) -> str:
    when = during(question.asked.window)
    return f"There are no figures on {question.view.dataset.scope} {when}."


def _first_group(
    question: Question, columns: Sequence[Column], told: str
) -> list[dict[str, object]]:
    """Return the rows of the first group that have a number."""
    step = len(question.groups)
    mine = [Column(c.name, c.kind, c.values[::step] if step else ()) for c in columns]
    return [row for row in _rows(mine) if row[told] is not None]


def rankings(question: Question, columns: Sequence[Column]) -> str:
    """Return the sentence of a ranking: who leads, and who follows."""
    when = during(question.asked.window)
    ranked = [r for r in _rows(columns) if r["rank"] is not None]
    if not ranked:
        return _nothing(question)
    row = ranked[0]
    by = {Sort.VOLUME: "volume", Sort.GROWTH: "growth", Sort.TRENDING: "trend"}
    order = by[question.ask.sort]
    if row[order] is None or row["share"] is None:
        return f"There are no figures to compare {when} with."
    sentence = (
        f"{_label(question, row)} ranked first by {order} of "
        f"{question.view.dataset.scope} {when}, "
        f"with {percent(row['share'])}{_base(question)}"
    )
    followers = [f"{_label(question, r)} ({percent(r['share'])})" for r in ranked[1:3]]
    return f"{sentence}{', ahead of ' + listed(followers) if followers else ''}."


def numerator(question: Question) -> str:
    """Return the filters of the numerator as text: `origin=CN, weights=open`."""
    return spelt(question.numerator) or f"all {question.view.dataset.unit}"


def base(question: Question) -> str:
    """Return what shares are shares of, as text."""
    unit = question.view.dataset.unit
    narrowed = spelt(question.base)
    return f"{unit} with {narrowed}" if narrowed else f"all {unit}"


def spelt(filters: Filters) -> str:
    """Return filters as a query would spell them, separated by commas."""
    chosen = ((d, filters[d]) for d in Dimension if filters.get(d, ANY) != ANY)
    return ", ".join(f"{d}={parameter(v)}" for d, v in chosen)


def parameter(values: Values) -> str:
    """Return a set of values as a parameter spells it: `CN,US` or `-CN`."""
    sign = "-" if values.negated else ""
    return ",".join(sign + v for v in sorted(values.items))


def resolved(question: Question, *, ranked: bool = False) -> list[tuple[str, str]]:
    """Return the question spelt out: dates, dataset, defaults, release."""
    ask = question.ask
    window = question.asked.window
    found = [(str(d), parameter(v)) for d, v in _ordered(question.numerator)]
    found += [(f"within_{d}", parameter(v)) for d, v in _ordered(question.base)]
    found.append(("group_by", ",".join(question.group_by) or "none"))
    found += [("start_date", str(window.first)), ("end_date", str(window.last))]
    if ranked:
        found.append(("sort", str(ask.sort)))
    else:
        incomplete = "include" if ask.include_unfinished else "exclude"
        found += [("interval", str(ask.interval)), ("incomplete", incomplete)]
    found.append(("top", str(ask.top)))
    if ask.compare:
        found.append(("compare", "previous"))
    if ask.smooth:
        found.append(("smooth", f"{ask.smooth}d"))
    if ask.updated_since:
        moment = ask.updated_since.isoformat().replace("+00:00", "Z")
        found.append(("updated_since", moment))
    found.append(("dataset", question.view.dataset.slug))
    found.append(("release", str(question.snapshot.release.id)))
    return found


def _ordered(filters: Filters) -> list[tuple[Dimension, Values]]:
    return [(d, filters[d]) for d in Dimension if d in filters]


def _rows(columns: Sequence[Column]) -> list[dict[str, object]]:
    columns_of = {c.name: c.values for c in columns}
    return [
        dict(zip(columns_of, values, strict=True))
        for values in zip(*columns_of.values(), strict=True)
    ]


def _who(question: Question, row: dict[str, object]) -> str:
    """Return the subject of a sentence about one row."""
    things = _things(question)
    if not question.group_by:
        filters = spelt(question.numerator)
        return f"{things} with {filters}" if filters else f"All {things.lower()}"
    parts = [_phrase(d, row) for d in question.group_by]
    if question.group_by == (Dimension.ORIGIN,) and _is_real(row[Dimension.ORIGIN]):
        return f"{things} from {row['origin_name']}-based labs"
    return f"{things} {' and '.join(parts)}"


def _things(question: Question) -> str:
    is_category = question.view.dataset.default_group is Dimension.CATEGORY
    return "Tools" if is_category else "Models"


_PHRASES = {
    Dimension.ORIGIN: ("from {}", "of unknown origin"),
    Dimension.PROVIDER: ("by {}", "by unknown providers"),
    Dimension.LAB: ("by {}", "by unknown labs"),
    Dimension.FAMILY: ("of the family {}", "of no known family"),
    Dimension.BASE: ("based on {}", "that are not listed"),
    Dimension.MODEL: ("called {}", "that are not listed"),
    Dimension.CATEGORY: ("for {}", "of no known category"),
    Dimension.LICENSE: ("licensed {}", "of unknown licence"),
    Dimension.WEIGHTS: ("with {} weights", "with unknown weights"),
    Dimension.VARIANT: ("of the variant {}", "of unknown variant"),
}


def _is_real(value: object) -> bool:
    return value not in {"unknown", "other", "rest"}


def _phrase(dimension: Dimension, row: dict[str, object]) -> str:
    value = row[dimension]
    if value == "rest":
        return "of the rest"
    known, unknown = _PHRASES[dimension]
    if not _is_real(value):
        return unknown
    plain = dimension is Dimension.WEIGHTS
    return known.format(value if plain else row[f"{dimension}_name"])


def _label(question: Question, row: dict[str, object]) -> str:
    """Return what to call one row in a list."""
    if not question.group_by:
        return numerator(question)
    return " · ".join(names.namer(question, d)(str(row[d])) for d in question.group_by)


def _did(question: Question) -> str:
    return "handled" if question.view.dataset.unit == "tokens" else "counted"


def _amount(question: Question, row: dict[str, object]) -> str:
    return f"{amount(row['volume'])} {question.view.dataset.scope}"


def amount(value: object) -> str:
    """Return a volume in words: `44.1 trillion`, or exactly if it is small."""
    number = int(str(value))
    for scale, name in _SCALES:
        if number >= scale:
            return f"{number / scale:.1f} {name}"
    return f"{number:,}"


def percent(millionths: object) -> str:
    """Return a fraction in millionths as a percentage with one decimal."""
    return f"{int(str(millionths)) / 10_000:.1f}%"


def _base(question: Question) -> str:
    narrowed = spelt(question.base)
    return f" with {narrowed}" if narrowed else ""


def _range(row: dict[str, object]) -> str:
    low, high = row["share_low"], row["share_high"]
    if low is None or high is None or int(str(high)) - int(str(low)) < _MATTERS:
        return ""
    return f" (bounds {percent(low)}–{percent(high)})"  # noqa: RUF001 (a range)


def _and_more(count: int) -> str:
    return f", and {count} more" if count > 0 else ""


def listed(parts: Sequence[str]) -> str:
    """Return `a`, `a and b`, or `a, b and c`."""
    return " and ".join([", ".join(parts[:-1]), parts[-1]]) if parts[1:] else parts[0]


def _in(question: Question, row: dict[str, object]) -> str:
    start, end = row["period_start"], row["period_end"]
    if not isinstance(start, date) or not isinstance(end, date):
        return ""
    if question.ask.interval is Interval.WEEK:
        return f"in the week of {_day(start)}"
    return during(Window(start, end))


def during(window: Window) -> str:
    """Return when: `in April 2026`, `on 3 May 2026`, `from … to …`."""
    first, last = window.first, window.last
    match window.calendar_kind():
        case Interval.MONTH:
            return f"in {_MONTHS[first.month - 1]} {first.year}"
        case Interval.QUARTER:
            return f"in the {_ORDINALS[first.month // 3]} quarter of {first.year}"
        case Interval.YEAR:
            return f"in {first.year}"
        case _:
            pass
    if first == last:
        return f"on {_day(first)}"
    return f"from {_day(first)} to {_day(last)}"


_ORDINALS = ("first", "second", "third", "fourth")


def _day(day: date) -> str:
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"
