"""Whether an ingestion that is killed leaves the old release or the new one.

A process takes a file of some thousand rows that restates every day it tells; it is
killed with SIGKILL at a random moment, 200 times per database, and never cleans up.
After each time the record must hold one whole reading, and its last releases and all
totals must be what they say; after every 25 the whole record must verify.
"""

import os
import random
import signal
import sys
import time
from collections import defaultdict
from datetime import UTC, date, datetime, timedelta
from functools import partial
from statistics import median

from app.domain.observations import Payload
from app.services import ingest, releasing
from app.services.ingest import Job
from app.services.verify import verify
from app.sources import files
from app.store import queries
from app.store.database import Database
from app.store.dialect import stream_integers
from app.store.types import from_epoch_day
from bench.million import DATASET, prepared
from bench.records import KINDS, Records, records

TIMES = int(os.environ.get("BENCH_KILLS", "200"))
DAYS, MODELS = 10, 100
FIRST = date(2025, 1, 1)
READ = datetime(2026, 1, 1, tzinfo=UTC)


def payload(number: int) -> Payload:
    """Return a reading whose every volume ends with its number."""
    rows = [
        f"{FIRST + timedelta(days=day)},acme/m-{model:03},{model * 1_000 + number}\n"
        for day in range(DAYS)
        for model in range(1, MODELS + 1)
    ]
    text = "date,model_permaslug,total_tokens\n" + "".join(rows)
    at = READ + timedelta(hours=number)
    return Payload(text.encode(), "text/csv", f"file:{number}.csv", at)


def take(url: str, number: int) -> None:
    """Take one reading, in this process."""
    database, read = Database(url), payload(number)
    at = read.fetched_at
    runs = ingest.take(
        database,
        lambda: read,
        partial(files.parse, dataset=DATASET, as_of=at),
        Job(f"file:{number}.csv", DATASET, "cli"),
        now=lambda: at,
    )
    database.close()
    if runs[-1].verdict != "published":
        sys.exit(f"reading {number} was not published: {runs[-1].reason}")


def killed(url: str, number: int, after: float) -> bool:
    """Take a reading in another process; return whether it was killed on the way."""
    sys.stdout.flush()
    child = os.fork()
    if child == 0:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        take(url, number)
        os._exit(0)
    time.sleep(after)
    os.kill(child, signal.SIGKILL)
    return os.WIFSIGNALED(os.waitpid(child, 0)[1])


def held(url: str, *, whole: bool) -> int:
    """Return the number of the reading that the record holds, after looking at it.

    Args:
        url: The record.
        whole: Verify all of it; otherwise the last two releases, and every total.
    """
    database = Database(url)
    if whole and (problems := verify(database, {}).problems):
        sys.exit("; ".join(problems))
    with database.read() as session:
        head = session.scalars(queries.head()).one() or 0
        for row in session.scalars(queries.releases(head)).all()[-2:]:
            before = releasing.previous(session, row.id)
            if releasing.digest(session, row, before) != row.digest:
                sys.exit(f"release {row.id} is not what its digest says")
        volumes: dict[date, list[int]] = defaultdict(list)
        for chunk in stream_integers(session, queries.observations(DATASET, head)):
            for _, day, volume in chunk.tolist():
                volumes[from_epoch_day(day)].append(volume)
        told = session.scalars(queries.periods(DATASET, head)).all()
        totals = {row.period_start: (row.total, row.rows) for row in told}
    database.close()
    if totals != {day: (sum(found), len(found)) for day, found in volumes.items()}:
        sys.exit("the observations are not what their days say")
    readings = {volume % 1_000 for found in volumes.values() for volume in found}
    if len(totals) != DAYS or len(readings) != 1:
        sys.exit(f"a mix of readings: {sorted(readings)}")
    return readings.pop()


def interrupt(found: Records, kind: str, chance: random.Random) -> tuple[int, int, int]:
    """Return how many were killed, of these left the old and left the new reading."""
    url = prepared(found, kind)
    times = []
    for number in range(5):
        begun = time.perf_counter()
        take(url, number)
        times.append(time.perf_counter() - begun)
    usual, last = median(times), 4
    counts = [0, 0, 0]
    for number in range(5, 5 + TIMES):
        was_killed = killed(url, number, chance.uniform(0, 1.2 * usual))
        now = held(url, whole=number % 25 == 0)
        if now not in {last, number} or (now == last and not was_killed):
            sys.exit(f"reading {now} after {last} and {number}")
        if was_killed:
            counts[0] += 1
            counts[1 if now == last else 2] += 1
        last = now
    held(url, whole=True)
    return counts[0], counts[1], counts[2]


def main() -> None:
    chance = random.Random(23)
    with records() as found:
        for kind in KINDS:
            begun = time.perf_counter()
            counts = interrupt(found, kind, chance)
            if not counts[0]:
                sys.exit("nothing was killed")
            print(
                f"{kind:<12}{TIMES} ingestions, {counts[0]} killed on the way: "
                f"{counts[1]} left the old release, {counts[2]} the new one, none a "
                f"mix; {time.perf_counter() - begun:.0f} s",
                flush=True,
            )


if __name__ == "__main__":
    main()
