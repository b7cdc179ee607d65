"""What is read in the answers of the rankings API."""

import json
from datetime import UTC, date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from app.domain.observations import Batch, Observation, SeriesKind
from app.domain.periods import Window
from app.sources.source import Source
from tests.sources.given import (
    SAMPLE,
    TWO_DAYS,
    Wire,
    answer,
    changed,
    set_meta,
    set_row,
    source,
    window,
)


def test_it_is_a_source() -> None:
    ours: Source = source()

    assert (ours.name, ours.dataset) == ("openrouter-rankings", "openrouter-tokens")
    assert ours.every == timedelta(hours=6)


def test_the_sample_is_read() -> None:
    model, rest = SeriesKind.MODEL, SeriesKind.REMAINDER
    day = date(2026, 5, 24)

    assert source().parse(answer(SAMPLE)) == [
        Batch(
            "openrouter-tokens",
            Window(day, day),
            datetime(2026, 5, 25, 2, tzinfo=UTC),
            [
                Observation(
                    day, model, "deepseek/deepseek-v4-flash-20260423", 595090081549
                ),
                Observation(
                    day,
                    model,
                    "nvidia/nemotron-3-super-120b-a12b-20230311:free",
                    92818103241,
                ),
                Observation(day, model, "openrouter/owl-alpha", 187518380867),
                Observation(day, rest, "other", 363559803774),
            ],
            [],
        )
    ]


def test_two_real_days_are_read_whole() -> None:
    payload = answer(TWO_DAYS, first="2026-08-20", last="2026-08-21")
    rows = json.loads(TWO_DAYS)["data"]

    (batch,) = source().parse(payload)

    assert [
        {
            "date": f"{o.day}",
            "model_permaslug": o.subject,
            "total_tokens": f"{o.volume}",
        }
        for o in batch.observations
    ] == rows
    assert len(rows) == 102


def test_a_field_that_is_new_is_a_warning() -> None:
    def _grow(wire: Wire) -> None:
        wire["next"] = None
        wire["meta"]["period"] = "day"
        wire["data"][0]["rank"] = 1
        wire["data"][1]["share\n"] = 0.5

    (batch,) = source().parse(answer(changed(_grow)))

    assert batch.warnings == [
        "the answer has 1 new field(s): 'next'",
        "meta has 1 new field(s): 'period'",
        "data has 2 new field(s): 'rank', 'share\\n'",
    ]
    (plain,) = source().parse(answer(SAMPLE))
    assert batch.observations == plain.observations


def test_clocks_may_differ_by_five_minutes() -> None:
    (batch,) = source().parse(answer(changed(set_meta(as_of="2026-08-22T02:06:38Z"))))

    assert batch.as_of == datetime(2026, 8, 22, 2, 6, 38, tzinfo=UTC)


def test_a_day_that_the_upstream_lacks_stays_inside_the_window() -> None:
    wire = changed(set_meta(start_date="2026-05-20"))

    (batch,) = source().parse(answer(wire, first="2026-05-20"))

    assert batch.window == window("2026-05-20", "2026-05-24")
    assert {o.day for o in batch.observations} == {date(2026, 5, 24)}


@given(st.integers(0, 2**63 - 1))
def test_every_volume_that_can_be_stored_is_read(volume: int) -> None:
    (batch,) = source().parse(answer(changed(set_row(total_tokens=str(volume)))))

    assert batch.observations[1].volume == volume
