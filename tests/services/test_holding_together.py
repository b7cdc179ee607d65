"""Days that are held: all at once, by several processes, and before they are over."""

import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

from app.domain.observations import Observation, SeriesKind
from app.domain.registry import Alias
from app.errors import BadValueError
from app.services import curate, deciding, declaring, quarantine, releasing
from app.services.curate import Edit
from app.services.neighbours import Fault
from app.services.quarantine import Judged
from app.services.releasing import Release
from app.store.database import Database
from tests.services import published, real_days
from tests.services.published import MONDAY, NOW, TOKENS
from tests.services.real_days import read, scaled, some
from tests.services.test_holding import FIRST, LAST, TOLD, WHO, WRONG, take, waiting


class _Read(list[Observation]):
    """Observations that know how often they were gone through."""

    times = 0

    def __iter__(self) -> Iterator[Observation]:
        self.times += 1
        return super().__iter__()


def test_days_are_held_in_one_go(database: Database) -> None:
    published.begin(database)
    told = read(TOLD)
    rows = _Read(told.observations)
    held = {day: [Fault("total", "too much")] for day in TOLD}
    run = take(database, some(FIRST - timedelta(days=1), 1))

    with database.write() as session:
        batch = replace(told, observations=rows)
        waits = quarantine.keep(session, batch, Judged(held), run.id, NOW)

    assert (waits, rows.times) == ([*TOLD], 1)
    assert [one.rows for one in deciding.waiting(database)] == [51] * 12


def test_a_day_that_was_accepted_before_it_was_over_is_not_held_again(
    database: Database,
) -> None:
    published.begin(database)
    with database.write() as session:
        declaring.bind(session, TOKENS, quarantine.STEADY)
    take(database, real_days.without(TOLD, [LAST]))
    some_of_it = {LAST: scaled(TOLD[LAST], 0.1)}
    run = take(database, some_of_it, hours=-12)
    assert waiting(database) == [(run.id, LAST)]
    deciding.accept(database, run.id, **WHO)

    again = take(database, some_of_it, hours=-11)

    assert (again.verdict, waiting(database)) == ("unchanged", [])
    take(database, {LAST: scaled(TOLD[LAST], 9)}, hours=-10)
    assert len(waiting(database)) == 1


def test_of_two_who_accept_the_same_day_one_does(database: Database) -> None:
    published.begin(database)
    with database.write() as session:
        declaring.bind(session, TOKENS, quarantine.RANKINGS)
    run = take(database, WRONG)
    ready, found = threading.Barrier(2), list[str]()

    def _accept() -> None:
        ready.wait()
        try:
            found.append(deciding.accept(database, run.id, **WHO).verdict)
        except BadValueError as error:
            found.append(str(error))

    both = [threading.Thread(target=_accept) for _ in range(2)]
    for one in both:
        one.start()
    for one in both:
        one.join()

    first, second = sorted(found, reverse=True)
    assert (
        first == "run: no day of this run waits for a decision: 2026-05-28 was accepted"
    )
    assert second == "published"


def test_names_mean_what_they_mean_in_the_release_that_tells_them(
    database: Database,
) -> None:
    published.begin(database)
    row = Observation(MONDAY, SeriesKind.MODEL, "acme/eins", 7)
    batch = published.batch(NOW, {MONDAY: {"acme/one": 1}})
    taking = threading.Thread(
        target=published.take_one,
        args=(database, replace(batch, observations=[row], scheme="hub")),
    )
    with database.write() as session:
        releasing.lock(session)
        taking.start()
        taking.join(0.5)
        alias = Alias("hub", "acme/eins", "acme/one", "base")
        curate.apply(session, Edit(aliases=[alias]), Release("registry", "One.", NOW))
    taking.join()

    told = published.numbers(published.view(published.load(database)))
    assert told == {MONDAY: {"acme/one": 7}}
