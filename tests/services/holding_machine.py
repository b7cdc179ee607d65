"""Days that are read, pushed, held and decided on, in any order, beside a plain model.

Nothing is published that was neither expected nor accepted by somebody.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from statistics import median
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from app.domain.datasets import Run, Status
from app.domain.observations import Batch, Payload
from app.domain.periods import Window
from app.domain.snapshot import Snapshot
from app.services import deciding, declaring, ingest, keys, pushing, quarantine
from app.services.ingest import Job
from app.services.keys import Scope
from app.services.pushing import Push
from app.services.snapshots import Snapshots
from app.services.verify import verify
from app.store.database import Database
from tests.services import machine, published
from tests.services.published import NOW, TOKENS

Listed = Mapping[str, int]

FIRST = date(2026, 8, 10)
USUAL: Listed = {"acme/one": 90, "acme/two": 5, "other": 5}
BEFORE = {FIRST + timedelta(days=n): USUAL for n in range(5)}
DAYS = [FIRST + timedelta(days=n) for n in range(4, 8)]
LISTS: list[Listed] = [
    USUAL,
    {"acme/one": 110, "acme/two": 5, "other": 5},
    {"acme/one": 24},
    {"acme/one": 900, "acme/two": 50, "bolt/new": 50, "other": 5},
    {"acme/one": 0, "acme/two": 0, "other": 0},
]
MOMENTS = [datetime(2026, 8, 18, hour, tzinfo=UTC) for hour in range(6)]
WHO: dict[str, Any] = {"actor": "A desk", "reason": "It is so.", "now": NOW}

tables = st.dictionaries(st.sampled_from(DAYS), st.sampled_from(LISTS), min_size=1)


@dataclass
class Day:
    """What is to be known of a day."""

    listed: Listed | None = None
    read: datetime | None = None
    confirmed: datetime | None = None
    missed: datetime | None = None

    @property
    def flagged(self) -> bool:
        return (
            self.listed is not None
            and self.missed is not None
            and self.confirmed is not None
            and self.missed > self.confirmed
        )


@dataclass
class Wait:
    """A reading of a day that was held."""

    run: int
    day: date
    as_of: datetime
    listed: Listed
    decision: str | None = None


@dataclass
class Plain:
    """What there should be, by rules that are written down once more."""

    days: dict[date, Day] = field(default_factory=dict)
    held: list[Wait] = field(default_factory=list)

    def known(self) -> dict[date, Listed]:
        return {d: day.listed for d, day in self.days.items() if day.listed is not None}

    def partial(self) -> set[date]:
        """Return the days that were not over when what is published was read."""
        return {
            d
            for d, day in self.days.items()
            if day.read and _status(d, day.read) is Status.PARTIAL
        }

    def waiting(self) -> list[Wait]:
        return [one for one in self.held if one.decision is None]

    def odd(
        self, told: Mapping[date, Listed], as_of: datetime, trusted: set[date]
    ) -> set[date]:
        """Return the days that are not what the days before them lead to expect."""
        judged = {d: v for d, v in told.items() if not self.is_late(d, as_of)}
        same = {d for d in self.partial() if judged.get(d) == self.days[d].listed}
        known = {d: v for d, v in self.known().items() if d not in self.partial()}
        known |= {d: v for d, v in judged.items() if d in trusted}
        good, found = dict(known), set()
        for day in sorted(judged.keys() - trusted - same):
            before = [good[d] for d in sorted(good) if d < day][-7:]
            measure = [known[day]] if day in known else before
            if day not in known and len(before) < 4:
                measure = []
            if measure and _is_odd(judged[day], measure):
                found.add(day)
            else:
                good[day] = judged[day]
        return found

    def is_late(self, day: date, as_of: datetime) -> bool:
        confirmed = self.days.setdefault(day, Day()).confirmed
        return confirmed is not None and as_of <= confirmed

    def tell(self, day: date, listed: Listed, as_of: datetime) -> bool:
        """Publish a day, unless it comes too late; return whether it does."""
        if self.is_late(day, as_of):
            return self.days[day].confirmed != as_of or self.days[day].listed != listed
        known = self.days[day]
        known.confirmed = as_of
        if (
            known.read is None
            or known.listed != listed
            or _status(day, known.read) != _status(day, as_of)
        ):
            known.listed, known.read = listed, as_of
        return False

    def take(
        self, told: Mapping[date, Listed], window: Window, as_of: datetime
    ) -> set[date]:
        """Return the days of a reading that are held."""
        held = self.odd(told, as_of, set())
        for day in window.days():
            if day in told and day not in held:
                self.tell(day, told[day], as_of)
            elif day not in held and not self.is_late(day, as_of):
                missed = self.days[day].missed
                self.days[day].missed = max(missed or as_of, as_of)
        self.overtake()
        return held

    def hold(self, run: int, day: date, as_of: datetime, listed: Listed) -> None:
        before = [one for one in self.held if one.day == day]
        if any(o.listed == listed and o.decision == "rejected" for o in before):
            return
        undecided = [one for one in before if one.decision is None]
        if any(one.listed == listed for one in undecided):
            return
        for one in undecided:
            if one.as_of <= as_of:
                one.decision = "superseded"
        self.held.append(Wait(run, day, as_of, listed))

    def accept(self, chosen: list[Wait]) -> None:
        run, as_of = chosen[0].run, chosen[0].as_of
        days = {one.day for one in chosen}
        with_them = [
            one
            for one in self.held
            if one.run == run and (one.decision is None or one.day in days)
        ]
        odd = self.odd({one.day: one.listed for one in with_them}, as_of, days)
        for one in with_them:
            if one.day not in odd:
                late = self.tell(one.day, one.listed, as_of)
                one.decision = "superseded" if late else "accepted"
        self.overtake()

    def overtake(self) -> None:
        for one in self.waiting():
            confirmed = self.days[one.day].confirmed
            if confirmed is not None and one.as_of <= confirmed:
                one.decision = "superseded"


def _status(day: date, as_of: datetime) -> Status:
    return published.DATASET.status(day, as_of)


def _is_odd(listed: Listed, before: list[Listed]) -> bool:
    usual = median(sum(day.values()) for day in before)
    rows = median(len(day) for day in before)
    total = sum(listed.values())
    return 4 * total < usual or total > 4 * usual or 3 * len(listed) < rows


def _pinned(snapshot: Snapshot) -> tuple[object, list[bytes]]:
    """Return what a release says; what waits moves without it."""
    told = published.told(replace(snapshot, held={}))
    return told, machine.quoted(snapshot)


@dataclass(slots=True)
class Done:
    """What machines have done, counted as they go."""

    held: int = 0
    accepted: int = 0
    rejected: int = 0
    late: int = 0
    derived: int = 0
    pins: int = 0


class Machine(RuleBasedStateMachine):
    """Does to a record what happens to one, and compares it with a plain model of it.

    Args:
        database: A record with tables and without rows.
        done: Counts what is done.
    """

    def __init__(self, database: Database, done: Done) -> None:
        super().__init__()
        self.database, self.done = database, done
        published.begin(database)
        with database.write() as session:
            declaring.bind(session, TOKENS, quarantine.STEADY)
        made = keys.create(
            database, "A gateway", [Scope.INGEST], now=NOW, dataset=TOKENS
        )
        key = keys.authenticate(database, made)
        assert key is not None
        self.key = key
        self.plain = Plain()
        self.batches: dict[bytes, Batch] = {}
        self.pinned: dict[int, tuple[object, list[bytes]]] = {}
        self.snapshots = Snapshots(database)
        self.take(BEFORE, 0, MOMENTS[0] - timedelta(hours=1))

    @classmethod
    def on(cls, new: Callable[[], Database], done: Done) -> type["Machine"]:
        """Return a machine that makes a record of its own when it starts."""

        class _Started(cls):  # type: ignore[valid-type, misc]
            def __init__(self) -> None:
                super().__init__(new(), done)

        return _Started

    @rule(
        told=tables,
        wider=st.integers(0, 1),
        as_of=st.sampled_from(MOMENTS),
    )
    def take(self, told: Mapping[date, Listed], wider: int, as_of: datetime) -> None:
        """Read a source: some days, of a window that may be wider than they are."""
        first = min(told) - timedelta(days=wider)
        batch = published.batch(as_of, told, first=first, last=max(told))
        body = repr(batch).encode()
        self.batches[body] = batch
        (run,) = ingest.take(
            self.database,
            lambda: Payload(body, "text/plain", "https://source.example/", NOW),
            self.parse,
            Job("test", TOKENS, "cli"),
            now=lambda: NOW,
        )
        self.compare_run(run, told, batch.window, as_of)

    def parse(self, payload: Payload) -> list[Batch]:
        return [self.batches[payload.body]]

    @rule(told=tables, as_of=st.sampled_from(MOMENTS))
    def push(self, told: Mapping[date, Listed], as_of: datetime) -> None:
        rows = [
            f"{day},{name},{volume}\n"
            for day, listed in told.items()
            for name, volume in listed.items()
        ]
        body = ("date,model,volume\n" + "".join(rows)).encode()
        window = Window(min(told), max(told))
        sent = Push(TOKENS, window, as_of, body, pushing.CSV)
        found = pushing.push(self.database, sent, self.key, now=lambda: NOW)
        self.compare_run(found.run, told, window, as_of)
        waits = {one.day for one in self.plain.waiting() if one.day in window}
        assert set(found.held) == waits

    def compare_run(
        self, run: Run, told: Mapping[date, Listed], window: Window, as_of: datetime
    ) -> None:
        """Take the same into the model, and see that the run says what became of it."""
        late = [day for day in told if self.plain.is_late(day, as_of)]
        held = self.plain.take(told, window, as_of)
        for day in sorted(held):
            self.plain.hold(run.id, day, as_of, told[day])
        parts = [run.counts[name] for name in ("new", "changed", "same", "rejected")]
        assert run.counts["in"] == sum(map(len, told.values())) == sum(parts)
        assert run.counts["rejected"] >= sum(len(told[day]) for day in held)
        self.done.late += len(late)
        self.done.held += len(held)

    @precondition(lambda self: self.plain.waiting())
    @rule(data=st.data(), everything=st.booleans())
    def accept(self, data: st.DataObject, *, everything: bool) -> None:
        one = data.draw(st.sampled_from(self.plain.waiting()))
        of_run = [other for other in self.plain.waiting() if other.run == one.run]
        chosen = of_run if everything else [one]
        days = [] if everything else [one.day]
        deciding.accept(self.database, one.run, days, **WHO)
        self.plain.accept(chosen)
        self.done.accepted += len(chosen)

    @precondition(lambda self: any(o.decision == "rejected" for o in self.plain.held))
    @rule(data=st.data())
    def change_ones_mind(self, data: st.DataObject) -> None:
        rejected = [one for one in self.plain.held if one.decision == "rejected"]
        one = data.draw(st.sampled_from(rejected))
        deciding.accept(self.database, one.run, [one.day], **WHO)
        self.plain.accept([one])

    @precondition(lambda self: self.plain.waiting())
    @rule(data=st.data())
    def reject(self, data: st.DataObject) -> None:
        one = data.draw(st.sampled_from(self.plain.waiting()))
        deciding.reject(self.database, one.run, [one.day], **WHO)
        one.decision = "rejected"
        self.done.rejected += 1

    @invariant()
    def what_is_published_was_expected_or_accepted(self) -> None:
        self.snapshots.refresh()
        now = self.snapshots.current
        found = published.view(now)
        self.pinned.setdefault(now.release.id, _pinned(now))
        assert published.numbers(found) == self.plain.known()
        assert {d for d, of in found.days.items() if of.flagged} == {
            d for d, of in self.plain.days.items() if of.flagged
        }

    @invariant()
    def what_waits_is_what_the_model_says(self) -> None:
        found = [(o.run, o.day, o.as_of) for o in deciding.waiting(self.database)]
        told = [(o.run, o.day, o.as_of) for o in self.plain.waiting()]
        assert sorted(found) == sorted(told)
        shown = self.snapshots.current.held.get(TOKENS, ())
        assert sorted((o.run, o.day, o.as_of) for o in shown) == sorted(told)

    def teardown(self) -> None:
        for number, pinned in self.pinned.items():
            assert _pinned(published.load(self.database, number)) == pinned
            self.done.pins += 1
        found = verify(self.database, {"test": self.parse})
        assert found.problems == ()
        self.done.derived += found.derived
        self.database.close()
