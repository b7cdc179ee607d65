"""Reading an upstream, over the wire: what becomes of good answers and of bad ones."""

import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import httpx2
import pytest
import stamina
from sqlalchemy import select
from sqlmodel import col

from app.domain.datasets import Run
from app.domain.observations import MAX_TOTAL, Batch, Payload
from app.domain.periods import Window
from app.services import evidence, ingest, leases
from app.services.ingest import Job
from app.sources.openrouter_rankings import OpenRouterRankings
from app.store.database import Database
from app.store.tables import PayloadRow, RunRow
from tests.services import published
from tests.sources import given
from tests.sources.upstream import KEY, FakeOpenRouter, Fault

FIRST, SECOND, THIRD = (date(2025, 1, day) for day in (1, 2, 3))
NOW = datetime(2025, 1, 4, 2, tzinfo=UTC)
HOUR = timedelta(hours=1)
NAME = "openrouter-rankings"


@pytest.fixture
def hurried() -> Iterator[None]:
    """Retry as often as ever, without the pauses."""
    stamina.set_testing(True, attempts=100, cap=True)
    yield
    stamina.set_testing(False)


@dataclass
class Reader:
    """Reads the upstream into a record, at a time that only moves when it is told."""

    database: Database
    upstream: FakeOpenRouter
    client: httpx2.Client
    now: datetime = NOW
    key: str | None = KEY
    seconds: float = 5
    meanwhile: list[Callable[[], object]] = field(default_factory=list)
    """What happens while an answer is on its way, a call each."""
    spoilt: tuple[bytes, bytes] = (b"", b"")
    """What an answer would say, and what it says."""

    name = NAME
    dataset = published.TOKENS
    every = 6 * HOUR

    def windows(self, known: Window | None, today: date) -> list[Window]:
        return list(self._source().windows(known, today))

    def fetch(self, client: httpx2.Client, window: Window) -> Payload:
        payload = self._source().fetch(client, window)
        if self.meanwhile:
            self.meanwhile.pop(0)()
        return replace(payload, body=payload.body.replace(*self.spoilt))

    def parse(self, payload: Payload) -> list[Batch]:
        return self._source().parse(payload)

    def _source(self) -> OpenRouterRankings:
        return given.source(
            self.upstream.url, key=self.key, seconds=self.seconds, now=self.now
        )

    def read(self) -> list[Run] | None:
        """Read now, from an upstream that has just been brought up to date."""
        self.upstream.as_of = self.now - timedelta(minutes=1)
        return ingest.read(
            self.database,
            self,
            self.client,
            trigger="schedule",
            now=lambda: self.now,
        )

    def read_one(self) -> Run:
        (run,) = self.read() or []
        return run

    def later(self, by: timedelta = HOUR) -> "Reader":
        self.now += by
        return self


@pytest.fixture
def reader(
    database: Database, upstream: FakeOpenRouter, client: httpx2.Client
) -> Reader:
    """A record that knows no day, and an upstream that knows three."""
    published.begin(database, at=NOW)
    upstream.days = {
        FIRST: [("acme/one", 70), ("other", 30)],
        SECOND: [("acme/one", 80), ("bolt/two:free", 15), ("other", 5)],
        THIRD: [("bolt/two:free", 90)],
    }
    return Reader(database, upstream, client)


def volumes(database: Database) -> dict[date, dict[str, int]]:
    return published.numbers(published.view(published.load(database)))


def payloads(database: Database) -> dict[str, bytes]:
    with database.read() as session:
        rows = session.scalars(select(PayloadRow)).all()
        return {row.sha256: zlib.decompress(row.body) for row in rows}


def verdicts(database: Database) -> list[str]:
    with database.read() as session:
        order = col(RunRow.id)
        return list(session.scalars(select(col(RunRow.verdict)).order_by(order)))


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
    told: Any = evidence.status(now, NOW).data["datasets"]
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


# Who reads


def test_of_two_readers_one_reads(reader: Reader) -> None:
    found: list[object] = []
    other = Reader(reader.database, reader.upstream, reader.client)
    reader.meanwhile.append(lambda: found.append(other.read()))

    reader.read()

    assert found == [None]
    assert len(reader.upstream.asked) == 1
    assert verdicts(reader.database) == ["published"]
    assert other.read_one().verdict == "unchanged"


def test_a_reader_that_wakes_up_late_is_refused(reader: Reader) -> None:
    other = Reader(reader.database, reader.upstream, reader.client)
    other.later(leases.LASTS)
    found: list[str] = []

    def _overtake() -> None:
        found.append(other.read_one().verdict)

    reader.meanwhile.append(_overtake)

    late = reader.read_one()

    assert found == ["published"]
    assert (late.verdict, late.reason) == (
        "failed",
        "Another process reads openrouter-rankings by now; nothing was written.",
    )
    assert published.head(reader.database) == 2


def test_a_run_that_was_interrupted_has_failed_by_the_next_read(
    reader: Reader,
) -> None:
    with reader.database.write() as session:
        for source in (NAME, "another"):
            ingest.open_run(session, Job(source, published.TOKENS, "schedule"), NOW)

    reader.later().read()

    assert verdicts(reader.database) == ["failed", "running", "published"]
    row = published.run_row(reader.database, 1)
    assert (row.reason, row.finished_at) == (
        "The process ended before the run did.",
        NOW + HOUR,
    )


def test_a_bug_of_ours_gives_the_lease_back_and_is_told_by_the_next_read(
    reader: Reader,
) -> None:
    def _bug() -> None:
        raise ZeroDivisionError

    reader.meanwhile.append(_bug)
    with pytest.raises(ZeroDivisionError):
        reader.read()

    assert verdicts(reader.database) == ["running"]
    reader.read()
    assert verdicts(reader.database) == ["failed", "published"]


def test_a_clock_that_goes_back_does_not_end_a_run_before_it_began(
    reader: Reader,
) -> None:
    reader.meanwhile.append(lambda: reader.later(-timedelta(minutes=3)))

    run = reader.read_one()

    assert run.verdict == "published"
    assert run.finished_at == run.started_at == NOW
