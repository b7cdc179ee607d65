"""One record at one size, measured in a process of its own; prints JSON.

`python -m bench.scale_one URL MODELS DAYS [refresh]`. With `refresh`, some more days
are published at the end, one by one: the record is changed.
"""

import asyncio
import gc
import json
import random
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from statistics import median
from typing import Any

from app.domain.observations import Batch, Observation, SeriesKind
from app.domain.periods import Interval, Window
from app.domain.questions import Ask
from app.domain.registry import Dimension
from app.domain.values import Values
from app.main import create_app
from app.services import publish, share
from app.services.snapshots import Snapshots
from app.settings import Settings
from app.store.database import Database
from app.store.tables import RunRow
from bench import scale_record
from bench.scale_record import DATASET, LAYERS, READ, Size, layer, model, volume

QUESTIONS = 2_000
SERIES = 150
REFRESHES = 7
_ORIGINS = ("US", "CN", "FR", "KR", "CA", "IL", "AE", "JP")


class Asker:
    """Makes up questions, none of them twice."""

    def __init__(self, size: Size, seed: int) -> None:
        self._random = random.Random(seed)
        self._size = size
        self._asked: set[tuple[object, ...]] = set()

    def _window(self) -> Window:
        first, last = sorted(self._random.choices(range(self._size.days), k=2))
        begin = scale_record.FIRST
        return Window(begin + timedelta(days=first), begin + timedelta(days=last))

    def _fresh(self, make: Callable[[], tuple[Any, ...]]) -> tuple[Any, ...]:
        while (made := make()) in self._asked:
            pass
        self._asked.add(made)
        return made

    def share(self) -> dict[str, str]:
        """Return a share of any window: one number, or one per origin or provider."""
        return dict(self._fresh(self._share))

    def _share(self) -> tuple[tuple[str, str], ...]:
        pick = self._random.choice
        window = self._window()
        filters = {
            "origin": pick(_ORIGINS),
            "weights": pick(("open", "closed")),
            "category": layer(self._random.randrange(LAYERS)),
            "provider": f"lab-{self._random.randrange(self._size.models) % 50:02}",
        }
        chosen = self._random.sample(sorted(filters), self._random.randint(1, 2))
        group_by = pick(("none", "none", "origin", "provider"))
        return (
            *((name, filters[name]) for name in chosen),
            ("group_by", group_by),
            ("interval", "total"),
            ("start_date", str(window.first)),
            ("end_date", str(window.last)),
        )

    def series(self) -> dict[str, str]:
        """Return a weekly series of every provider, over nearly all there is."""
        return dict(self._fresh(self._series))

    def _series(self) -> tuple[tuple[str, str], ...]:
        spare = max(1, self._size.days // 20)
        first = scale_record.FIRST + timedelta(days=self._random.randrange(spare))
        last = self._size.last - timedelta(days=self._random.randrange(spare))
        return (
            ("group_by", "provider"),
            ("interval", "week"),
            ("start_date", str(first)),
            ("end_date", str(last)),
        )


def ask_of(query: dict[str, str]) -> Ask:
    """Return a question as the service layer takes it."""
    days = [query[name] for name in ("start_date", "end_date")]
    window = Window(*map(scale_record.day_of, days))
    groups = () if query["group_by"] == "none" else (Dimension(query["group_by"]),)
    names = {str(d) for d in Dimension} & query.keys()
    return Ask(
        dataset=DATASET,
        interval=Interval(query["interval"]),
        start=window,
        end=window,
        numerator={Dimension(n): Values.of(query[n]) for n in sorted(names)},
        group_by=groups,
    )


def of_service(snapshots: Snapshots, queries: Iterator[dict[str, str]]) -> list[float]:
    """Return the milliseconds of each question in the service layer."""
    found = []
    for query in queries:
        ask = ask_of(query)
        begun = time.perf_counter()
        share.answer(snapshots.current, ask, None)
        found.append((time.perf_counter() - begun) * 1000)
    return found


async def of_requests(app: Any, queries: Iterator[dict[str, str]]) -> list[float]:
    """Return the milliseconds of each request, from the server's call to the bytes."""
    found = []
    for query in queries:
        spelt = "&".join(f"{n}={v}" for n, v in ({"dataset": DATASET} | query).items())
        sent: list[dict[str, Any]] = []

        async def send(message: dict[str, Any], into: list[Any] = sent) -> None:
            into.append(message)

        scope = _scope(spelt.encode())
        begun = time.perf_counter()
        await app(scope, _receive, send)
        found.append((time.perf_counter() - begun) * 1000)
        if sent[0]["status"] != 200:
            sys.exit(f"{spelt}: {sent}")
    return found


async def _receive() -> dict[str, Any]:
    return {"type": "http.request", "body": b"", "more_body": False}


def _scope(query: bytes) -> dict[str, Any]:
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": "GET",
        "scheme": "http",
        "path": "/v1/share",
        "raw_path": b"/v1/share",
        "query_string": query,
        "root_path": "",
        "headers": [(b"host", b"localhost")],
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 80),
    }


def summary(milliseconds: list[float]) -> dict[str, float]:
    """Return the middle, the 99th percentile and the longest."""
    if not milliseconds:
        sys.exit("nothing was measured")
    found = sorted(milliseconds)
    return {
        "p50": found[len(found) // 2],
        "p99": found[len(found) * 99 // 100],
        "max": found[-1],
    }


def memory() -> tuple[float, float]:
    """Return the proportional set size now, and the most ever resident, in MB."""
    found = []
    for file, name in (("smaps_rollup", "Pss:"), ("status", "VmHWM:")):
        lines = Path(f"/proc/self/{file}").read_text().splitlines()
        (size,) = (line.split()[1] for line in lines if line.startswith(name))
        found.append(int(size) / 1024)
    return found[0], found[1]


def refreshed(
    database: Database, snapshots: Snapshots, size: Size, asker: Asker
) -> dict[str, float]:
    """Publish one more day, and take it in while a thread keeps asking."""
    published = time.perf_counter()
    _publish_a_day(database, size)
    published = time.perf_counter() - published
    reads, stop = [], threading.Event()

    def read() -> None:
        while not stop.is_set():
            reads.extend(of_service(snapshots, iter([asker.share()])))

    thread = threading.Thread(target=read)
    thread.start()
    time.sleep(1)
    alone, begun = len(reads), time.perf_counter()
    used = time.thread_time()
    if not snapshots.refresh():
        sys.exit("there was nothing to take in")
    used, took = time.thread_time() - used, time.perf_counter() - begun
    beside = reads[alone:]
    stop.set()
    thread.join()
    return {
        "publish_s": published,
        "refresh_ms": took * 1000,
        "refresh_cpu_ms": used * 1000,
        "longest_read_before_ms": max(reads[:alone]),
        "longest_read_beside_ms": max(beside, default=0.0),
        "reads_beside": float(len(beside)),
    }


def _publish_a_day(database: Database, size: Size) -> None:
    day = size.last + timedelta(days=1)
    told = [
        Observation(day, SeriesKind.MODEL, model(n), volume(day, n), layer(at))
        for at in range(LAYERS)
        for n in range(size.models)
    ]
    with database.write() as session:
        run = RunRow(
            source="file",
            dataset=DATASET,
            trigger="cli",
            started_at=READ,
            verdict="running",
            rows_in=0,
            rows_new=0,
            rows_changed=0,
            rows_same=0,
            rows_rejected=0,
            checks=[],
        )
        session.add(run)
        session.flush()
        batch = Batch(DATASET, Window(day, day), READ + timedelta(days=size.days), told)
        publish.publish(session, batch, run=run.id or 0, published_at=batch.as_of)


def asked(app: Any, snapshots: Snapshots, size: Size) -> dict[str, Any]:
    """Return how long shares and series take, in the service layer and as requests."""
    service, requests = Asker(size, 1), Asker(size, 2)
    count = min(SERIES, max(1, size.days // 20) ** 2 // 2)

    def ask_both(kind: str, count: int) -> Iterator[list[float]]:
        some = (getattr(service, kind)() for _ in range(count))
        yield of_service(snapshots, some)
        some = (getattr(requests, kind)() for _ in range(count))
        yield asyncio.run(of_requests(app, some))

    for _ in ask_both("share", 200):
        # What was never asked of this process at all is not what is measured.
        pass
    found = {}
    for kind, number in (("share", QUESTIONS), ("series", count)):
        of = map(summary, ask_both(kind, number))
        found[f"{kind}_service"], found[f"{kind}_request"] = of
    return found


def main() -> None:
    url, models, days, *rest = sys.argv[1:]
    size = Size("", int(days), int(models))
    database = Database(url)
    snapshots = Snapshots(database)
    before, _ = memory()
    begun, used = time.perf_counter(), time.process_time()
    snapshots.refresh()
    loaded, used = time.perf_counter() - begun, time.process_time() - used
    gc.collect()
    gc.freeze()
    found: dict[str, Any] = {"load_s": loaded, "load_cpu_s": used}
    found["empty_mb"] = before
    found["loaded_mb"], found["peak_mb"] = memory()
    app = create_app(Settings(database_url=url, access_log=False), snapshots)
    found |= asked(app, snapshots, size)
    found["asked_mb"], _ = memory()
    if rest:
        first, *later = (
            refreshed(
                database,
                snapshots,
                replace(size, days=size.days + more),
                Asker(size, 3 + more),
            )
            for more in range(1 + REFRESHES)
        )
        found["first_refresh"] = first
        found["refresh"] = {name: median(of[name] for of in later) for name in first}
    database.close()
    print(json.dumps(found))


if __name__ == "__main__":
    main()
