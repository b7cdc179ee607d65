"""Reading an upstream, over the wire: what becomes of good answers and of bad ones."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from app.domain.observations import MAX_TOTAL
from app.services import status
from app.store.tables import PayloadRow
from tests.services import published
from tests.services.reading import (
    FIRST,
    NAME,
    NOW,
    SECOND,
    THIRD,
    Reader,
    payloads,
    volumes,
)
from tests.sources.upstream import KEY, Fault

# What is read


def test_a_first_read_publishes_what_the_upstream_tells(reader: Reader) -> None:
    run = reader.read_one()

    assert (run.source, run.dataset, run.trigger) == (
        NAME,
        "openrouter-tokens",
        "schedule",
    )
    assert (run.verdict, run.reason) == ("published", None)
    assert run.counts == {"in": 6, "new": 6, "changed": 0, "same": 0, "rejected": 0}
    assert run.as_of == NOW - timedelta(minutes=1)
    assert (run.started_at, run.finished_at) == (NOW, NOW)
    assert volumes(reader.database) == {
        FIRST: {"acme/one": 70, "other": 30},
        SECOND: {"acme/one": 80, "bolt/two:free": 15, "other": 5},
        THIRD: {"bolt/two:free": 90},
    }
    release = published.load(reader.database).release
    assert (release.id, release.run, release.published_at) == (2, run.id, NOW)
    assert release.summary == "Tokens: 3 days new (2025-01-01 to 2025-01-03)."


def test_the_payload_is_kept_byte_for_byte_and_without_the_key(reader: Reader) -> None:
    run = reader.read_one()

    (path,) = reader.upstream.asked
    _, body = reader.upstream.answer(path, KEY)
    assert payloads(reader.database) == {run.payload: body}
    with reader.database.read() as session:
        row = session.scalars(select(PayloadRow)).one()
    assert (row.url, row.media_type, row.fetched_at) == (
        f"{reader.upstream.url}{path}",
        "application/json",
        NOW,
    )
    assert KEY not in row.url
    assert reader.upstream.keys == [f"Bearer {KEY}"]


def test_the_same_figures_read_again_make_no_release(reader: Reader) -> None:
    reader.read()

    again = reader.later().read_one()

    assert again.verdict == "unchanged"
    assert again.counts == {"in": 6, "new": 0, "changed": 0, "same": 6, "rejected": 0}
    assert published.head(reader.database) == 2
    assert len(payloads(reader.database)) == 2


def test_a_restated_day_is_a_new_release_and_the_old_one_stays(reader: Reader) -> None:
    reader.read()
    before = published.told(published.load(reader.database, 2))
    reader.upstream.days[SECOND] = [("acme/one", 81), ("acme/new", 14), ("other", 5)]

    run = reader.later().read_one()

    assert run.verdict == "published"
    assert run.counts == {"in": 6, "new": 1, "changed": 1, "same": 4, "rejected": 0}
    assert volumes(reader.database)[SECOND] == {
        "acme/one": 81,
        "acme/new": 14,
        "other": 5,
    }
    assert published.load(reader.database).release.id == 3
    assert published.told(published.load(reader.database, 2)) == before


def test_a_day_that_the_upstream_drops_is_kept_and_flagged(reader: Reader) -> None:
    reader.read()
    dropped = reader.upstream.days.pop(SECOND)

    run = reader.later().read_one()

    assert run.verdict == "published"
    kept = next(check for check in run.checks if check["name"] == "days_kept")
    assert kept == {"name": "days_kept", "passed": False, "detail": "2025-01-02"}
    view = published.view(published.load(reader.database))
    assert published.numbers(view)[SECOND] == dict(dropped)
    assert [day for day, found in view.days.items() if found.flagged] == [SECOND]


def test_a_new_field_is_taken_with_a_warning(reader: Reader) -> None:
    reader.upstream.meta = {"period": "day"}

    run = reader.read_one()

    warnings = [c["detail"] for c in run.checks if c["name"] == "warning"]
    assert run.verdict == "published"
    assert warnings == ["meta has 1 new field(s): 'period'"]


def test_a_model_nobody_knows_is_listed_in_status(reader: Reader) -> None:
    reader.upstream.days[THIRD].append(("newlab/x", 10))

    reader.read()

    now = published.load(reader.database)
    told: Any = status.status(now, NOW).data["datasets"]
    assert told[0]["attribution_coverage"] == {"origin": 0.5, "weights": 0.5}
    assert told[0]["unattributed_models"] == [
        {"model": "bolt/two:free", "volume_28d": 105},
        {"model": "newlab/x", "volume_28d": 10},
    ]


def test_years_are_read_window_by_window(reader: Reader) -> None:
    newer = date(2026, 1, 31)
    reader.upstream.days[newer] = [("acme/one", 1)]

    runs = reader.later(timedelta(days=393)).read()

    assert runs
    assert [run.verdict for run in runs] == ["published", "published"]
    assert [path.partition("?")[2] for path in reader.upstream.asked] == [
        "start_date=2025-01-01&end_date=2026-01-01",
        "start_date=2026-01-02&end_date=2026-01-31",
    ]
    assert set(volumes(reader.database)) == {FIRST, SECOND, THIRD, newer}


def test_reading_stops_at_a_window_that_fails_and_keeps_what_came_before(
    reader: Reader,
) -> None:
    reader.upstream.days[date(2027, 3, 1)] = [("acme/one", 1)]

    runs = reader.later(timedelta(days=800)).read()

    assert runs
    assert [run.verdict for run in runs] == ["published", "rejected"]
    assert len(reader.upstream.asked) == 2  # of three windows
    assert set(volumes(reader.database)) == {FIRST, SECOND, THIRD}


# What is refused


Change = Callable[[Reader], object]


def rows(*told: tuple[str, int]) -> Change:
    return lambda reader: reader.upstream.days.update({THIRD: list(told)})


def meta(**values: object) -> Change:
    return lambda reader: reader.upstream.meta.update(values)


def spoil(old: bytes, new: bytes) -> Change:
    return lambda reader: setattr(reader, "spoilt", (old, new))


REFUSED: dict[str, tuple[Change, str]] = {
    "empty": (lambda reader: reader.upstream.days.clear(), "data: is empty"),
    "cut": (lambda reader: reader.upstream.fail(Fault.CUT), "body: not whole JSON"),
    "a negative volume": (rows(("acme/one", -1)), "'-1' is not a whole number"),
    "no number": (spoil(b'"90"', b'"many"'), "'many' is not a whole number"),
    "an exponent": (spoil(b'"90"', b'"9e1"'), "'9e1' is not a whole number"),
    "not a text": (spoil(b'"90"', b"90"), "90 is not a whole number"),
    "NaN": (spoil(b'"90"', b"NaN"), "NaN is not a number"),
    "no volume": (spoil(b"total_tokens", b"tokens"), "total_tokens is missing"),
    "more than a volume can be": (
        rows(("acme/one", 2**63)),
        f"'{2**63}' is not a whole number",
    ),
    "a model twice": (
        rows(("acme/one", 1), ("acme/one", 2)),
        "2025-01-03 acme/one occurs twice",
    ),
    "no model": (rows(("acme one", 1)), "'acme one' is not a model"),
    "a reserved author": (rows(("unknown/x", 1)), "bear a name that is reserved"),
    "another window": (
        meta(start_date="2025-01-02"),
        "answers for 2025-01-02 to 2025-01-03 instead of 2025-01-01 to 2025-01-03",
    ),
    "from the future": (
        meta(as_of="2025-01-05T00:00:00Z"),
        "2025-01-05T00:00:00Z is later than the clock here",
    ),
    "more than can be added": (
        rows(("acme/one", MAX_TOTAL), ("other", 1)),
        "above 2**62",
    ),
}


@pytest.mark.parametrize("what", REFUSED)
def test_an_answer_that_cannot_be_is_kept_and_nothing_of_it_published(
    reader: Reader, what: str
) -> None:
    reader.read()
    before = published.told(published.load(reader.database))
    change, reason = REFUSED[what]
    change(reader)

    run = reader.later().read_one()

    assert run.verdict == "rejected"
    assert reason in str(run.reason)
    assert run.counts == {"in": 0, "new": 0, "changed": 0, "same": 0, "rejected": 0}
    assert run.payload in payloads(reader.database)
    assert len(payloads(reader.database)) == 2
    assert published.told(published.load(reader.database)) == before


AWAY = {
    "an error": (Fault.ERROR, "it answers 500"),
    "not found": (Fault.MISSING, "it answers 404"),
    "a page": (Fault.PAGE, "it answers with a web page instead of figures"),
    "a reset": (Fault.RESET, "it cannot be read"),
    "a cut connection": (Fault.TRUNCATED, "it cannot be read"),
    "elsewhere": (Fault.REDIRECT, "it redirects (302), which is not followed"),
    "no gzip": (Fault.BAD_GZIP, "it cannot be read"),
    "silence": (Fault.SILENCE, "it did not answer in full within 0.4 s"),
}


@pytest.mark.usefixtures("hurried")
@pytest.mark.parametrize("what", AWAY)
def test_an_upstream_that_is_away_changes_nothing(reader: Reader, what: str) -> None:
    reader.read()
    before = published.told(published.load(reader.database))
    fault, reason = AWAY[what]
    reader.upstream.fail(fault)
    reader.seconds = 0.4

    run = reader.later().read_one()

    assert (run.verdict, run.payload) == ("failed", None)
    assert reason in str(run.reason)
    assert published.told(published.load(reader.database)) == before
    reader.upstream.mend()
    reader.seconds = 5
    assert reader.later().read_one().verdict == "unchanged"


def test_without_a_key_nothing_is_asked(reader: Reader) -> None:
    reader.key = None

    run = reader.read_one()

    assert (run.verdict, run.reason) == (
        "failed",
        "openrouter-rankings: MODELCENSUS_OPENROUTER_API_KEY is missing. Set it.",
    )
    assert reader.upstream.asked == []
