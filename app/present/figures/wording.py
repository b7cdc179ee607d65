"""What a figure says around its plot: subtitle, notes, source, and its description."""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import cast

from app.domain.datasets import Status
from app.domain.periods import Interval, Window
from app.present.figures.reading import Measure, Reading
from app.present.figures.sheet import Texts
from app.present.figures.text import clean

_EVERY = {
    Interval.DAY: "per day",
    Interval.WEEK: "per week",
    Interval.MONTH: "per month",
    Interval.QUARTER: "per quarter",
    Interval.YEAR: "per year",
}
_STATES = {
    Status.PARTIAL: "partial",
    Status.PROVISIONAL: "provisional",
    Status.MISSING: "no data",
    Status.NOT_YET: "not yet complete",
}
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def texts(reading: Reading, permalink: str) -> Texts:
    """Return what stands around the plot of a reading."""
    meta = reading.meta
    quote = clean_all(str(meta["quote"]))
    title = reading.title
    foot = _source(reading)
    return Texts(
        title,
        _subtitle(reading),
        foot,
        f"{title}. {quote} {foot}",
        {
            "title": title,
            "quote": quote,
            "citation": clean_all(str(meta["citation"])),
            "license": meta["license"],
            "dataset": meta["dataset"],
            "release": meta["release"],
            "published_at": meta["published_at"],
            "permalink": permalink,
        },
    )


def clean_all(text: str) -> str:
    """Return a text without what cannot be shown, however long it is."""
    return " ".join(filter(None, (clean(part) for part in text.split())))


def window(reading: Reading) -> Window:
    """Return the days that were asked for."""
    ends = (date.fromisoformat(reading.resolved[f"{e}_date"]) for e in ("start", "end"))
    return Window(*ends)


def _subtitle(reading: Reading) -> str:
    tongue = reading.tongue
    every = _EVERY.get(Interval(reading.resolved.get("interval", Interval.TOTAL)), "")
    parts = [_measured(reading), every, tongue.span(window(reading))]
    if not reading.over_time and reading.periods:
        status = reading.periods[0].status
        said = _STATES.get(status, "")
        days = reading.periods[0].days
        part = status is Status.PARTIAL and days
        parts.append(f"{said}: {days} days" if part else said)
    return tongue.listed(parts)


def _measured(reading: Reading) -> str:
    match reading.measure:
        case Measure.SHARE:
            return f"% of {clean(str(reading.meta['base']))}"
        case Measure.GROWTH:
            return "% change on the window before"
        case Measure.TREND:
            return f"{reading.unit} above or below the mean of the three windows before"
        case _:
            return reading.unit


def _source(reading: Reading) -> str:
    """Return the credit: source, licence, release, and the day of the data."""
    meta = reading.meta
    moment = str(meta.get("source_as_of") or meta["published_at"])
    day = reading.tongue.day(date.fromisoformat(moment[:10]))
    return f"Source: {clean(str(meta['citation_short']))}, as of {day}"


def notes(reading: Reading, drawn: Mapping[Status, str]) -> Iterator[str]:
    """Yield what the marks of a plot over time mean, of those that are there.

    Args:
        reading: What is drawn.
        drawn: How periods of each status are marked.
    """
    there = {period.status for period in reading.periods}
    by_mark: dict[str, list[str]] = {}
    for status, how in drawn.items():
        if status in there:
            by_mark.setdefault(how, []).append(_STATES[status])
    said = [f"{how}: {' or '.join(states)}" for how, states in by_mark.items()]
    if said:
        yield f"{reading.tongue.listed(said)}."
    if reading.step > 1:
        interval = reading.resolved["interval"]
        yield f"Drawn is one {interval} in {reading.step}; all are in the data."


def remarks(reading: Reading) -> list[tuple[Window, str]]:
    """Return the annotations of the days that are shown, with their days."""
    first, last = (reading.periods[n].window for n in (0, -1))
    shown = Window(first.first, last.last)
    found = []
    for each in cast("list[Mapping[str, object]]", reading.meta["annotations"]):
        ends = (date.fromisoformat(str(each[f"date_{e}"])) for e in ("from", "to"))
        days = shown.overlap(Window(*ends))
        if days is not None:
            found.append((days, clean(str(each["text"]))))
    return found[: len(LETTERS)]


def remarked(reading: Reading, most: int) -> Iterator[str]:
    """Yield the text of the first annotations, each behind its letter."""
    found = remarks(reading)
    for letter, (days, said) in zip(LETTERS, found[:most], strict=False):
        yield f"{letter}  {reading.tongue.span(days)}: {said}"
    more = len(found) - most
    if more > 0:
        yield f"{more} more {'note is' if more == 1 else 'notes are'} in the data."
