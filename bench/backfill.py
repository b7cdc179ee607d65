"""How long it takes to read 660 days of 51 rows from an upstream, and what it asks.

The upstream is a server of our own on the loopback that answers as OpenRouter's Data
API does and refuses what the API refuses: more than 366 days at once, more than 30
calls. Each figure is the median of a few rounds; each round has a new record.
"""

import os
import sys
import time
from datetime import UTC, date, datetime, timedelta
from statistics import median

import httpx2
from pydantic import SecretStr

from app.services import ingest
from app.sources.openrouter_rankings import OpenRouterRankings
from app.store import migrate
from app.store.database import Database
from bench.records import KINDS, records
from tests.services import published
from tests.sources.upstream import KEY, FakeOpenRouter

ROUNDS = int(os.environ.get("BENCH_ROUNDS", "5"))
DAYS, MODELS = 660, 60
QUOTA = 30
ROWS = DAYS * 51
FIRST = date(2025, 1, 1)
NOW = datetime.combine(FIRST, datetime.min.time(), UTC) + timedelta(days=DAYS, hours=3)
LIMIT = 10.0


def fill(upstream: FakeOpenRouter) -> None:
    upstream.as_of = NOW - timedelta(minutes=1)
    upstream.days = {
        FIRST + timedelta(days=day): [
            (f"acme/m-{model:02}", 10**9 * (model + 1) + day * 7919 + model)
            for model in range(MODELS)
        ]
        for day in range(DAYS)
    }


def backfill(database: Database, upstream: FakeOpenRouter) -> float:
    """Return the seconds that one back-fill takes."""
    source = OpenRouterRankings(
        upstream.url,
        SecretStr(KEY),
        lambda: NOW,
        timedelta(seconds=60),
        timedelta(hours=6),
    )
    upstream.quota = QUOTA
    begun = time.perf_counter()
    with httpx2.Client() as client:
        runs = ingest.read(database, source, client, trigger="cli", now=lambda: NOW)
    seconds = time.perf_counter() - begun
    if not runs or sum(run.counts["new"] for run in runs) != ROWS:
        sys.exit(f"not all was read: {runs}")
    return seconds


def main() -> None:
    print(f"{DAYS} days of 51 rows, {ROUNDS} rounds; limit {LIMIT:g} s")
    with records() as found, FakeOpenRouter() as upstream:
        fill(upstream)
        for kind in KINDS:
            times = []
            for _ in range(ROUNDS):
                upstream.asked.clear()
                database = Database(found.new(kind), create=True)
                migrate.upgrade(database)
                published.begin(database, at=NOW)
                times.append(backfill(database, upstream))
                database.close()
            print(
                f"{kind:<12}{median(times):6.2f} s ({min(times):.2f} to "
                f"{max(times):.2f}), {len(upstream.asked)} calls",
                flush=True,
            )


if __name__ == "__main__":
    main()
