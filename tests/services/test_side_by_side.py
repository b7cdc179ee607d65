"""One question, asked of two datasets: each answers in full, and nothing is added."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from app.domain.periods import Interval, Span, Window
from app.domain.questions import Ask
from app.domain.registry import Dimension
from app.domain.reports import Report
from app.domain.snapshot import Snapshot
from app.domain.values import Values
from app.errors import OutsideDataError, UnknownError
from app.services import share, side_by_side, volume
from app.services.curate import Edit
from app.services.ingest import Job
from app.store.database import Database
from tests.domain import examples
from tests.services import published
from tests.services.published import MONDAY, TOKENS, TUESDAY, batch, moment

CALLS = "calls"
OTHER = examples.dataset(
    slug=CALLS,
    unit="calls",
    citation="Source: callers, as of {as_of}",
    caveats=("tokenizers_differ", "top_50"),
    since=1,
)
BOTH = (TOKENS, CALLS)
ONE = Values.of("acme/one")


@pytest.fixture
def record(database: Database) -> Database:
    """Tokens of Monday and Tuesday; calls of Tuesday."""
    published.begin(database)
    published.apply(database, Edit(datasets=[OTHER]))
    tokens = {
        MONDAY: {"acme/one": 60, "other": 40},
        TUESDAY: {"acme/one": 9, "other": 1},
    }
    published.take_one(database, batch(moment(26), tokens))
    calls(database, TUESDAY)
    return database


def calls(database: Database, day: date) -> None:
    told = batch(moment(24) + (day - MONDAY), {day: {"acme/one": 1, "other": 3}})
    job = Job("test", CALLS, "cli")
    published.take(database, replace(told, dataset=CALLS), job=job)


def compared(
    database: Database, of: str = "volume", datasets: Any = BOTH, **ask: Any
) -> Report:
    asked = Ask("", ask.pop("interval", Interval.TOTAL), **ask)
    return side_by_side.answer(of, published.load(database), asked, datasets, None)


def told(report: Report, *names: str) -> list[tuple[object, ...]]:
    return [tuple(row[name] for name in names) for row in report.rows()]


def alone(of: str, snapshot: Snapshot, ask: Ask) -> list[Mapping[str, object]]:
    answers = {"share": share.answer, "volume": volume.answer}
    return list(answers[of](snapshot, ask, None).rows())


@pytest.mark.parametrize("of", ["share", "volume"])
def test_each_answers_as_if_it_were_asked_alone(record: Database, of: str) -> None:
    numerator = {Dimension.MODEL: ONE}
    window = Window(TUESDAY, TUESDAY)
    report = compared(record, of, start=window, end=window, numerator=numerator)

    snapshot = published.load(record)
    ask = Ask("", Interval.TOTAL, start=window, end=window, numerator=numerator)
    expected = [
        {"dataset": slug, "unit": unit, **row}
        for slug, unit in ((TOKENS, "tokens"), (CALLS, "calls"))
        for row in alone(of, snapshot, replace(ask, dataset=slug))
    ]
    assert list(report.rows()) == expected
    assert [row["volume"] for row in expected] == [9, 1]


def test_without_a_filter_there_are_no_groups(record: Database) -> None:
    report = compared(record, span=Span.parse("1d"))

    assert told(report, "dataset", "volume") == [(TOKENS, 10), (CALLS, 4)]
    assert dict(report.resolved)["group_by"] == "none"


def test_groups_that_are_asked_for_are_those_of_each(record: Database) -> None:
    report = compared(record, group_by=(Dimension.PROVIDER,), span=Span.parse("1d"))

    assert told(report, "dataset", "provider", "volume") == [
        (TOKENS, "acme", 9),
        (TOKENS, "unknown", 1),
        (CALLS, "acme", 1),
        (CALLS, "unknown", 3),
    ]


def test_relative_dates_are_those_of_the_first(record: Database) -> None:
    first = compared(record, span=Span.parse("all"))
    other = compared(record, span=Span.parse("all"), datasets=BOTH[::-1])

    assert told(first, "dataset", "period_start", "volume") == [
        (TOKENS, MONDAY, 110),
        (CALLS, MONDAY, 4),
    ]
    assert told(other, "dataset", "period_start", "volume") == [
        (CALLS, TUESDAY, 4),
        (TOKENS, TUESDAY, 10),
    ]
    assert first.meta["warnings"] == []
    assert list(first.resolved) == [
        ("of", "volume"),
        ("group_by", "none"),
        ("start_date", "2026-08-17"),
        ("end_date", "2026-08-18"),
        ("interval", "total"),
        ("top", "20"),
        ("datasets", "openrouter-tokens,calls"),
        ("release", str(published.head(record))),
    ]


def test_without_common_days_each_tells_of_its_own(record: Database) -> None:
    later = TUESDAY + timedelta(days=20)
    calls(record, later)

    report = compared(record, span=Span.parse("2d"), datasets=BOTH)

    assert told(report, "dataset", "period_start", "period_end", "volume") == [
        (TOKENS, MONDAY, TUESDAY, 110),
        (CALLS, MONDAY, TUESDAY, 4),
    ]
    report = compared(record, span=Span.parse("2d"), datasets=BOTH[::-1])
    assert told(report, "dataset", "period_start", "period_end", "volume") == [
        (CALLS, later - timedelta(days=1), later, 4),
        (TOKENS, MONDAY, TUESDAY, 110),
    ]
    assert report.meta["warnings"] == [
        (
            "other_days: not every dataset has the same last days, so each tells of "
            "its own: calls from 2026-09-06 to 2026-09-07, openrouter-tokens from "
            "2026-08-17 to 2026-08-18; give start_date and end_date to ask all of the "
            "same"
        )
    ]
    spelt = dict(report.resolved)
    assert spelt["window"] == "2d"
    assert not {"start_date", "end_date"} & spelt.keys()
    assert list(report.rows()) == list(
        compared(record, span=Span.parse(spelt["window"]), datasets=BOTH[::-1]).rows()
    )


def test_dates_that_one_has_not_are_refused_with_a_way_out(record: Database) -> None:
    day = Window(MONDAY, MONDAY)

    with pytest.raises(OutsideDataError, match="calls has data from") as refused:
        compared(record, start=day, end=day)

    assert refused.value.fix == {"start_date": None, "end_date": None}


def test_what_is_said_of_each_is_told_together(record: Database) -> None:
    report = compared(record, span=Span.parse("1d"))
    meta: Any = report.meta
    of_each = meta["datasets"]

    assert [one["dataset"] for one in of_each] == [TOKENS, CALLS]
    assert meta["quote"] == " ".join(one["quote"] for one in of_each)
    assert meta["caveats"] == ["top_50", "tokenizers_differ"]
    assert meta["release"] == published.head(record)
    assert all("query" not in one for one in of_each)
    # A credit without a full stop gets one, before ours begins.
    assert of_each[1]["citation"] == (
        "Source: callers, as of 2026-08-20T00:00:00Z. Aggregated and classified by "
        f"Model Census, release {meta['release']}."
    )
    assert meta["citation"] == " ".join(one["citation"] for one in of_each)


def test_an_unknown_dataset_is_refused(record: Database) -> None:
    for datasets in ((TOKENS, "nowhere"), ("nowhere", TOKENS)):
        with pytest.raises(UnknownError):
            compared(record, datasets=datasets)


def test_a_dataset_without_days_is_told_so(record: Database) -> None:
    empty = replace(OTHER, slug="empty", name="Empty")
    published.apply(record, Edit(datasets=[empty]))

    with pytest.raises(OutsideDataError, match="empty has no data") as refused:
        compared(record, datasets=(TOKENS, "empty"))

    assert refused.value.fix == {"release": None, "as_of": None}
