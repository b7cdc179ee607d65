"""Batches and edits in any order: the record is what a plain model of it says.

And no answer that was pinned to a release ever changes.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, rule

from app.domain.datasets import Status
from app.domain.observations import Batch
from app.domain.periods import Interval, Span
from app.domain.questions import Ask
from app.domain.registry import ALWAYS, Attribution, Dimension
from app.domain.snapshot import Snapshot
from app.errors import OutsideDataError
from app.present import json
from app.services import rankings, share, volume
from app.services.snapshots import Snapshots
from app.services.verify import verify
from app.store.database import Database
from tests.domain import examples
from tests.services import published

Listed = dict[str, int]

# Before the last day has ended, soon after, and when the first days are final.
MOMENTS = [published.moment(hours) for hours in (2, 26, 50, 51, 74, 720, 745)]
DAYS = [published.MONDAY + timedelta(days=n) for n in range(2)]
# Few, so that a later reading often says the same.
LISTS: list[Listed] = [
    {"acme/one": 7, "other": 1},
    {"acme/one": 7},
    {"acme/one": 0, "bolt/new": 2**40, "other": 1},
    {"acme/one:free": 1, "stealth/ox": 1},
]


@st.composite
def batches(draw: st.DrawFn) -> Batch:
    told = {day: draw(st.sampled_from([None, None, *LISTS])) for day in DAYS}
    some = {day: volumes for day, volumes in told.items() if volumes}
    some = some or {DAYS[0]: LISTS[0]}
    first = draw(st.sampled_from([DAYS[0], min(some)]))
    last = draw(st.sampled_from([max(some), DAYS[-1]]))
    as_of = draw(st.sampled_from(MOMENTS))
    return published.batch(as_of, some, first=first, last=last)


claims = st.builds(
    lambda named, begins, sure: examples.claim(
        *named, valid_from=begins, confidence=sure
    ),
    st.sampled_from(
        [
            ("acme", "origin", "US"),
            ("acme", "origin", "CN"),
            ("acme/one", "weights", "closed"),
            ("bolt/new", "name", "New"),
        ]
    ),
    st.sampled_from([ALWAYS, DAYS[1]]),
    st.sampled_from(["high", "disputed"]),
)


class _Plain:
    """What there should be, written down by hand."""

    def __init__(self) -> None:
        self.read: dict[date, dict[datetime, Listed]] = {day: {} for day in DAYS}
        self.missed: dict[date, set[datetime]] = {day: set() for day in DAYS}
        self.models = {m.slug for m in published.EDIT.models}
        self.claims = {_name(c): _what(c) for c in published.EDIT.claims}
        self.releases = 1

    def seen(self) -> dict[date, tuple[Listed, bool, Status]]:
        found = {}
        for day, read in self.read.items():
            if read:
                newest = max(read)
                flagged = any(moment > newest for moment in self.missed[day])
                status = published.DATASET.status(day, newest)
                found[day] = read[newest], flagged, status
        return found

    def take(self, batch: Batch) -> None:
        before = self.seen()
        for day in batch.window.days():
            volumes = {o.subject: o.volume for o in batch.observations if o.day == day}
            if volumes:
                # What was read first as of a moment stands.
                self.read[day].setdefault(batch.as_of, volumes)
            else:
                self.missed[day].add(batch.as_of)
        now = self.seen()
        self.releases += now != before
        known = {subject for found, _, _ in now.values() for subject in found}
        self.models |= known - {"other"}

    def edit(self, claim: Attribution) -> None:
        self.releases += self.claims.get(_name(claim)) != _what(claim)
        self.claims[_name(claim)] = _what(claim)


def _name(claim: Attribution) -> tuple[str, str, date]:
    return claim.subject, claim.attribute, claim.valid_from


def _what(claim: Attribution) -> tuple[str, str]:
    return claim.value, claim.confidence


def quoted(snapshot: Snapshot) -> list[bytes]:
    """Return the bytes of some answers of a release, or why there are none."""
    found = []
    for answer, group in (
        (share.answer, Dimension.ORIGIN),
        (volume.answer, Dimension.MODEL),
        (rankings.answer, Dimension.BASE),
    ):
        ask = Ask(
            published.TOKENS,
            Interval.TOTAL,
            span=Span.parse("all"),
            group_by=(group,),
        )
        try:
            report = answer(snapshot, ask, None)
        except OutsideDataError as error:
            found.append(str(error).encode())
        else:
            found.append(b"".join(json.rows(report)) + json.dumps(report.meta))
    return found


@dataclass(slots=True)
class Done:
    """What machines have done, counted as they go."""

    examples: int = 0
    steps: int = 0
    releases: int = 0
    pins: int = 0
    """Answers of a release that were asked for again, and compared by their bytes."""


class Machine(RuleBasedStateMachine):
    """Does to a record what happens to one, and compares it with a plain model of it.

    Args:
        database: A record with tables and without rows.
        done: Counts what is done.
    """

    taken: Bundle[Batch] = Bundle("taken")

    def __init__(self, database: Database, done: Done) -> None:
        super().__init__()
        self.database = database
        self.done = done
        done.examples += 1
        # Invariants are looked at once before the first step.
        done.steps -= 1
        published.begin(database)
        self.plain = _Plain()
        self.snapshots = Snapshots(database)
        self.old: dict[int, object] = {}
        self.pinned: dict[int, list[bytes]] = {}

    @classmethod
    def on(cls, new: Callable[[], Database], done: Done) -> type["Machine"]:
        """Return a machine that makes a record of its own when it starts."""

        class _Started(cls):  # type: ignore[valid-type, misc]
            def __init__(self) -> None:
                super().__init__(new(), done)

        return _Started

    @rule(target=taken, batch=batches())
    def read(self, batch: Batch) -> Batch:
        self.arrive(batch)
        return batch

    def arrive(self, batch: Batch) -> None:
        """Take a batch, in the record and in the model."""
        self.plain.take(batch)
        run = published.take_one(self.database, batch)
        parts = [run.counts[name] for name in ("new", "changed", "same", "rejected")]
        assert run.counts["in"] == len(batch.observations) == sum(parts)

    @rule(batch=taken, as_of=st.sampled_from(MOMENTS))
    def read_the_same_at_another_moment(self, batch: Batch, as_of: datetime) -> None:
        self.arrive(replace(batch, as_of=as_of))

    @rule(target=taken, batch=taken, as_of=st.sampled_from(MOMENTS))
    def restate(self, batch: Batch, as_of: datetime) -> Batch:
        observations = [replace(o, volume=o.volume + 1) for o in batch.observations]
        restated = replace(batch, observations=observations, as_of=as_of)
        self.arrive(restated)
        return restated

    @rule(batch=taken, day=st.sampled_from(DAYS), as_of=st.sampled_from(MOMENTS))
    def drop_a_day(self, batch: Batch, day: date, as_of: datetime) -> None:
        kept = [o for o in batch.observations if o.day != day]
        if kept:
            self.arrive(replace(batch, observations=kept, as_of=as_of))

    @rule(batch=taken)
    def replay(self, batch: Batch) -> None:
        before = published.head(self.database)
        run = published.take_one(self.database, batch)
        assert run.verdict in {"unchanged", "superseded", "quarantined"}
        assert published.head(self.database) == before

    @rule(claim=claims)
    def edit(self, claim: Attribution) -> None:
        self.plain.edit(claim)
        published.apply(self.database, published.claims(claim))

    @rule(back=st.integers(0, 20))
    def ask_a_pin_again(self, back: int) -> None:
        self.compare(max(1, self.plain.releases - back))

    def compare(self, number: int) -> None:
        """Load a release from the record, and see that it says what it said."""
        then = published.load(self.database, number)
        assert published.told(then) == self.old[number]
        assert quoted(then) == self.pinned[number]
        self.done.pins += len(self.pinned[number])

    @invariant()
    def the_record_is_what_the_model_says(self) -> None:
        self.done.steps += 1
        self.snapshots.refresh()
        now = self.snapshots.current
        self.old[now.release.id] = published.told(now)
        self.pinned[now.release.id] = quoted(now)
        # Refreshed by what changed, it is what a fresh load finds.
        assert published.told(published.load(self.database)) == published.told(now)
        found = published.view(now)
        volumes = published.numbers(found)
        assert {
            day: (volumes[day], of.flagged, found.status(day))
            for day, of in found.days.items()
        } == self.plain.seen()
        assert set(now.registry.models) == self.plain.models
        said = {_name(c): _what(c) for c in now.registry.attributions}
        assert self.plain.claims.items() <= said.items()
        assert now.release.id == self.plain.releases

    def teardown(self) -> None:
        # What all the steps left behind, once at their end: it takes long to look at.
        for number in self.old:
            self.compare(number)
        found = verify(self.database)
        assert found.problems == ()
        assert found.releases == self.plain.releases
        self.done.releases += found.releases
        self.database.close()
