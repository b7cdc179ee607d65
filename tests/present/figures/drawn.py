"""Reports to draw, and the figures made of them."""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import Any

from app.domain.reports import Column, Kind, Report
from app.present.figures import Look, figure
from app.present.figures.text import width

DAY = date(2026, 8, 17)
PERMALINK = "https://census.example/v1/share?release=2"

Values = Sequence[Sequence[int | None]]


def report(
    names: Sequence[str],
    values: Values,
    *,
    measure: str = "share",
    statuses: Sequence[str] = (),
    title: str = "Share of tokens on A router by provider",
    interval: str = "day",
    **meta: Any,
) -> Report:
    """Return an answer: a row of `values` per day, a value per name in it."""
    days = [DAY + timedelta(n) for n in range(len(values))]
    rows = [(n, at) for n in range(len(values)) for at in range(len(names))]
    found = [values[n][at] for n, at in rows]
    status = [*statuses, *["final"] * (len(values) - len(statuses))]
    return Report(
        [
            Column("period_start", Kind.DATE, [days[n] for n, _ in rows]),
            Column("period_end", Kind.DATE, [days[n] for n, _ in rows]),
            Column("status", Kind.TEXT, [status[n] for n, _ in rows]),
            Column("days", Kind.INTEGER, [1] * len(rows)),
            Column("days_expected", Kind.INTEGER, [1] * len(rows)),
            Column("provider", Kind.TEXT, [f"slug-{at}" for _, at in rows]),
            Column("provider_name", Kind.TEXT, [names[at] for _, at in rows]),
            Column(measure, Kind.FRACTION, found),
            Column(f"{measure}_low", Kind.FRACTION, found),
            Column(f"{measure}_high", Kind.FRACTION, found),
        ],
        {
            "quote": "This is the answer.",
            "citation": "Source: A router.",
            "citation_short": "A router (CC-BY-4.0) via Model Census, release 2",
            "unit": "tokens",
            "dataset": "openrouter-tokens",
            "license": "CC-BY-4.0",
            "source_as_of": "2026-10-01T12:00:00Z",
            "release": 2,
            "published_at": "2026-10-03T00:00:00Z",
            "numerator": "all tokens",
            "base": "all tokens",
            "annotations": [],
            **meta,
        },
        [
            ("group_by", "provider"),
            ("start_date", str(days[0])),
            ("end_date", str(days[-1])),
            ("interval", interval if len(days) > 1 else "total"),
        ],
        title=title,
    )


def drawn(answer: Report, question: str = "share", **look: Any) -> dict[str, Any]:
    """Return the figure of an answer."""
    return figure(answer, question, Look(**look), PERMALINK)


def layer(spec: dict[str, Any], name: str) -> list[dict[str, Any]]:
    """Return the rows of a layer; none if there is no such layer."""
    for one in spec["layer"]:
        if one["name"] == name:
            rows: list[dict[str, Any]] = one["data"]["values"]
            return rows
    return []


def words(spec: dict[str, Any]) -> list[str]:
    """Return every text that a figure shows."""
    return [str(row["text"]) for one in _texts(spec) for row in one["data"]["values"]]


def outside(spec: dict[str, Any]) -> list[str]:
    """Return the texts of a figure that do not fit on its sheet."""
    pad = spec["padding"]
    left, right = -pad["left"], spec["width"] + pad["right"]
    top, bottom = -pad["top"], spec["height"] + pad["bottom"]
    found = []
    for one in _texts(spec):
        mark = one["mark"]
        for row in one["data"]["values"]:
            wide = width(
                row["text"], mark["fontSize"], bold=mark["fontWeight"] == "bold"
            )
            before = {"left": 0.0, "center": 0.5, "right": 1.0}[mark["align"]] * wide
            begun = row["x"] - before
            across = left <= begun and begun + wide <= right
            if not (across and top <= row["y"] - mark["fontSize"] * 0.7 <= bottom):
                found.append(row["text"])
    return found


def _texts(spec: dict[str, Any]) -> Iterator[dict[str, Any]]:
    return (one for one in spec["layer"] if one["mark"]["type"] == "text")
