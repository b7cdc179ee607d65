"""An answer in plain words: its number, and how it is known."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.domain.caveats import CAVEATS
from app.domain.registry import NONE, OTHER, REST, UNKNOWN
from app.web import plain
from app.web.plain import NOTHING, Row
from app.web.urls import linked, spelt

RESERVED = frozenset({NONE, OTHER, REST, UNKNOWN})
"""Groups that are no things of their own."""

_STATES = {"provisional": "may still be restated"}
_MEASURES = {"share": "share", "rankings": "share", "volume": "volume"}


@dataclass(frozen=True, slots=True)
class Headline:
    """The number that is shown first.

    Attributes:
        value: As text.
        unit: Of what it is a number; empty if it is a percentage.
        about: Of what, and when.
        sure: Its bounds, and why they differ.
    """

    value: str
    unit: str
    about: str
    sure: str


def headline(kind: str, answer: Mapping[str, Any], scope: str) -> Headline | None:
    """Return the number of an answer: its only one, or the newest of its first group.

    Args:
        kind: `share`, `volume` or `rankings`.
        answer: What `/v1` said.
        scope: What the dataset counts, `tokens on OpenRouter`.
    """
    resolved = answer["meta"]["query"]["resolved"]
    measure = _MEASURES[kind]
    rows = [row for row in answer["data"] if row[measure] is not None]
    if not rows or resolved.get("sort", "volume") != "volume":
        return None
    last = max(row["period_start"] for row in rows)
    row = next(row for row in rows if row["period_start"] == last)
    write = plain.percent if measure == "share" else plain.amount
    unit = "" if measure == "share" else answer["meta"]["unit"]
    when = plain.period(row, resolved.get("interval", "total"))
    told = f"{_who(answer, row)}, {when}"
    if plain.status(row):
        told = f"{told} ({_STATES.get(row['status'], plain.status(row))})"
    value = write(row[measure])
    return Headline(value, unit, told, _sure(answer, row, measure, scope))


def _who(answer: Mapping[str, Any], row: Row) -> str:
    names = [str(row[f"{d}_name"]) for d in groups(answer)]
    if names:
        return ", ".join(names)
    # A measure without groups is of whatever was asked.
    asked = plain.chosen(answer["meta"]["numerator"])
    return f"{asked[:1].upper()}{asked[1:]}"


def groups(answer: Mapping[str, Any]) -> list[str]:
    """Return the dimensions that the rows of an answer are grouped by."""
    grouped = answer["meta"]["query"]["resolved"]["group_by"].split(",")
    return [dimension for dimension in grouped if dimension != "none"]


def _sure(answer: Mapping[str, Any], row: Row, measure: str, scope: str) -> str:
    low, high = bounds(row, measure)
    everything = answer["meta"]["numerator"].startswith("all ")
    if NOTHING in {low, high} or (everything and not groups(answer)):
        return ""
    if low == high:
        return "Nothing that could not be attributed can change this figure."
    return f"Between {low} and {high}, because {_gap(answer, row, scope)}."


def _gap(answer: Mapping[str, Any], row: Row, scope: str) -> str:
    coverage = row.get("coverage")
    if coverage is not None and coverage < 1:
        of = scope if answer["meta"]["base"].startswith("all ") else "its base"
        return f"{plain.percent(1 - coverage)} of {of} cannot be attributed"
    return f"some {answer['meta']['unit']} cannot be attributed"


def bounds(row: Row, measure: str) -> tuple[str, str]:
    """Return the bounds of a measure of a row, as text."""
    write = plain.percent if measure == "share" else plain.amount
    return write(row.get(f"{measure}_low")), write(row.get(f"{measure}_high"))


@dataclass(frozen=True, slots=True)
class Fact:
    """Something that is known of an answer.

    Attributes:
        name: What it is.
        text: What is known.
        links: Where it says more: names and URLs.
    """

    name: str
    text: str
    links: Sequence[tuple[str, str]] = ()


def facts(answer: Mapping[str, Any], dataset: Mapping[str, Any]) -> Iterator[Fact]:
    """Yield how an answer is known.

    Args:
        answer: What `/v1` said.
        dataset: What it says of the dataset; empty if it could not say.
    """
    meta, links = answer["meta"], answer["links"]
    name = dataset.get("name", meta["dataset"])
    about = spelt(f"datasets/{meta['dataset']}", ())
    counted = f"{plain.chosen(meta['numerator'])}, of {plain.chosen(meta['base'])}"
    yield Fact("Counted", counted)
    yield from _known(answer)
    yield Fact(
        "Dataset",
        f"{name}, {meta['license']}",
        [("about it", about), ("readings, day by day", links["evidence"])],
    )
    yield Fact("Read", _read(meta))
    yield Fact("Data", _fresh(meta))
    yield Fact(
        "Release",
        f"{meta['release']}, published on {plain.moment(meta['published_at'])}",
    )
    yield Fact(
        "Method",
        f"version {meta['method_version']}",
        [("how every number is made", links["method"])],
    )


def _known(answer: Mapping[str, Any]) -> Iterator[Fact]:
    meta = answer["meta"]
    dimensions = groups(answer)
    covered = [
        row["coverage"]
        for row in answer["data"]
        if row.get("coverage") is not None
        and not RESERVED.intersection(row[d] for d in dimensions)
    ]
    if covered:
        low, high = plain.percent(min(covered)), plain.percent(max(covered))
        told = low if low == high else f"{low} to {high}"
        yield Fact("Attributed", f"{told} of {plain.chosen(meta['base'])}")
    unlisted = meta.get("unlisted_volume")
    if unlisted:
        told = f"{plain.amount(unlisted)} {meta['unit']}"
        yield Fact("Not listed by name", f"{told}, known only as a sum")


def _read(meta: Mapping[str, Any]) -> str:
    newest, oldest = meta["source_as_of"], meta["source_as_of_oldest"]
    if newest is None:
        return "there is nothing that was read"
    if newest == oldest:
        return plain.moment(newest)
    return f"between {plain.moment(oldest)} and {plain.moment(newest)}"


def _fresh(meta: Mapping[str, Any]) -> str:
    through = meta.get("data_through")
    if through is None:
        return "there are none yet"
    reach = f"reach to {plain.day(through)}"
    due = meta.get("next_update_expected")
    match meta.get("freshness"):
        case None:
            return f"{reach}; this release stays as it is"
        case "fresh" if due:
            return f"{reach}; newer ones are expected by {plain.moment(due)}"
        case "late" if due:
            return f"{reach}; newer ones are late, they were due {plain.moment(due)}"
        case "stale" if due:
            return f"{reach}; stale: newer ones were due {plain.moment(due)}"
        case state:
            return f"{reach} ({state})"


def caveats(answer: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return codes and words of what to bear in mind."""
    return [(code, CAVEATS.get(code, code)) for code in answer["meta"]["caveats"]]


def warnings(answer: Mapping[str, Any]) -> list[str]:
    """Return what was done otherwise than asked."""
    told = [text.partition(": ")[2] or text for text in answer["meta"]["warnings"]]
    return [f"{text[:1].upper()}{text[1:]}." for text in told]


def notes(answer: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """Return days, text and link of what is to be known about some days."""
    return [
        (plain.days(n["date_from"], n["date_to"]), n["text"], linked(n["url"]))
        for n in answer["meta"]["annotations"]
    ]
