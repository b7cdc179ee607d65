"""How fast finished answers go out, against the least that an application can do.

Server on one core, wrk on the other, rounds that take turns; medians with the lowest
and highest. `python -m bench.serve --rounds 3` for a quick look. The results are
tables for `bench.report`.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from datetime import date, timedelta
from pathlib import Path

from app.store.database import concurrent_safe
from bench.contest import (
    Bench,
    Results,
    first,
    many,
    rates,
    ratios,
    same,
    serve_command,
    shared,
    uvicorn_command,
    verdict,
    works,
)
from bench.peers import CALLERS, Peers, install, peers, versions
from bench.report import write
from bench.rounds import (
    CONNECTIONS,
    Check,
    Contestant,
    Server,
    Spread,
    asked,
    require_wrk,
)

QUESTION = "/v1/share?origin=CN&interval=total"
TABLE = "/v1/volume.csv?group_by=origin&interval=day&start_date=2026-01-01"
BAD = "/v1/share?nonsense=1"
SERIES_DAYS = 30

LIKE_OURS = ["--no-proxy-headers", "--no-server-header", "--no-access-log"]
FLAGS = (
    "The constant application runs on uvicorn (uvloop, httptools) with its default "
    "fields and `--no-access-log`, and sends the body of the hit. The service runs as "
    "`modelcensus serve` does: all its features on, the access log into a file."
)


def hits(bench: Bench, ours: Server) -> None:
    """Measure what the cache sends against the constant application."""
    _, fields, body = asked(ours, QUESTION)
    sent = bench.folder / "body"
    sent.write_bytes(body)
    constant = bench.ours(
        "constant",
        uvicorn_command("bench.apps:constant", "--no-access-log"),
        env={"BENCH_BODY": str(sent)},
    )
    usual = bench.ours(
        "usual", uvicorn_command("app.main:from_environment", "--factory", *LIKE_OURS)
    )
    _, _, table = asked(ours, TABLE)
    known = {"If-None-Match": fields["etag"]}
    limit = "constant application"
    long = f"hit of {len(table) // 1_000} kB of CSV"
    slow = "hit, each field checked by uvicorn"
    packed = {"Accept-Encoding": "gzip"}
    targets = {"hit": 0.9, "304": 1.15, "gzip hit": 0.88}
    contestants = [
        Contestant("hit", ours, QUESTION, same(body)),
        Contestant("304", ours, QUESTION, same(b"", 304), known),
        Contestant("gzip hit", ours, QUESTION, same(coding="gzip"), packed),
        Contestant(long, ours, TABLE, same(table)),
        Contestant(slow, usual, QUESTION, same(length=len(body))),
    ]
    bare = Contestant(limit, constant, "/", same(body))
    found = bench.measured([bare, *contestants])
    rows = [_against(found, name, limit, targets.get(name)) for name in found]
    write(
        "1-hits",
        f"Finished answers: {len(body)} bytes of JSON, {CONNECTIONS} connections",
        [
            "Work",
            "requests/s",
            "against the constant application",
            "p99 against it",
            "server time, µs",
            "target",
        ],
        rows,
        FLAGS,
    )


def _against(found: Results, name: str, limit: str, target: float | None) -> list[str]:
    ratio = ratios(found, name, limit)
    pairs = zip(found[name], found[limit], strict=True)
    late = Spread.of([one.p99 / other.p99 for one, other in pairs])
    told = "-"
    if target is not None:
        rate = verdict(ratio.middle >= target, f"≥ {target}")
        told = f"{rate}; {verdict(late.middle <= 1.5, 'p99 ≤ 1.5')}"
    return [
        name,
        rates(found, name),
        ratio.told(".2f"),
        late.told(".2f"),
        works(found, name),
        told,
    ]


def beside(bench: Bench, ours: Server, other: Peers, share: float, query: str) -> None:
    """Measure a hit against others that answer the same question."""
    right = shared(share)
    contestants = {
        "Datasette, canned query on the rolled-up table": (
            25,
            other.datasette,
            f"/peers/share.json?_shape=array&{query}",
        ),
        "FastAPI + SQLModel, rolled-up table": (35, other.fastapi, f"/rolled?{query}"),
        "FastAPI + SQLModel, daily rows": (250, other.fastapi, f"/daily?{query}"),
        "FastAPI + DuckDB, rolled-up table": (None, other.fastapi, f"/duckdb?{query}"),
        "FastAPI + PostgreSQL, rolled-up table": (
            None,
            other.fastapi,
            f"/postgresql?{query}",
        ),
    }
    found = bench.measured(
        [
            Contestant("hit", ours, QUESTION, right),
            *(
                Contestant(name, server, path, right)
                for name, (_, server, path) in contestants.items()
            ),
        ]
    )
    rows = [["hit", rates(found, "hit"), works(found, "hit"), "1", "-"]]
    for name, (target, _, _) in contestants.items():
        ratio = ratios(found, "hit", name)
        told = "-" if target is None else verdict(ratio.middle >= target, f"≥ {target}")
        figures = rates(found, name), works(found, name), ratio.told(".1f")
        rows.append([name, *figures, told])
    write(
        "2-peers",
        "The same question elsewhere",
        ["Server", "requests/s", "server time, µs", "a hit is faster by", "target"],
        rows,
        f"One question, answered per request by the others: {versions()}. The daily "
        f"rows are those of each model, divided among {CALLERS} callers. PostgreSQL "
        "runs where the machine puts it.",
    )


def cold(
    bench: Bench, ours: Server, other: Peers, days: Sequence[date], bare: Server
) -> None:
    """Measure questions that nobody has asked before."""
    shares = [(a, b) for a in days for b in days if a <= b]
    spans = list(zip(days, days[SERIES_DAYS - 1 :], strict=False))
    share = "/v1/share?origin=CN&interval=total&start_date={}&end_date={}"
    series = "/v1/volume?group_by=base&interval=day&top=100&start_date={}&end_date={}"
    theirs = "/peers/share.json?_shape=array&origin=CN&start={}&end={}"
    long = "/peers/series.json?_shape=array&start={}&end={}"
    right, rows_right = same(), many(SERIES_DAYS * 20)
    found = bench.measured(
        [
            _cold(bench, "share", bare, share, shares, right),
            _cold(bench, "share, Datasette", other.datasette, theirs, shares, right),
            _cold(bench, "series", bare, series, spans, rows_right),
            _cold(bench, "series, Datasette", other.datasette, long, spans, rows_right),
            Contestant(
                "bad input", ours, "/v1/share?nonsense=1", same(status=400), fails=True
            ),
        ]
    )
    rows = []
    for name, target in (("share", 2), ("series", 3)):
        ratio = ratios(found, name, f"{name}, Datasette")
        rows += [
            [
                name,
                rates(found, name),
                works(found, name),
                rates(found, f"{name}, Datasette"),
                works(found, f"{name}, Datasette"),
                ratio.told(".2f"),
                verdict(ratio.middle >= target, f"≥ {target}"),
            ]
        ]
    took = Spread.of([r.cpu_us / 1_000 for r in found["bad input"]])
    told = verdict(took.middle <= 2, "≤ 2 ms")
    bad = rates(found, "bad input"), works(found, "bad input")
    rows.append(["bad input", *bad, "-", "-", "-", told])
    write(
        "3-cold",
        "Questions never asked before",
        [
            "Question",
            "requests/s",
            "server time, µs",
            "Datasette, requests/s",
            "its server time, µs",
            "against it",
            "target",
        ],
        rows,
        "No answer is kept, and no question is repeated soon: each has its own days. "
        f"A series is {SERIES_DAYS} days of up to 100 models.",
    )


def _cold(
    bench: Bench,
    name: str,
    server: Server,
    form: str,
    spans: Sequence[tuple[date, date]],
    check: Check,
) -> Contestant:
    # In an order that looks random, but is the same in every run.
    step = 7_919
    paths = [form.format(*spans[n * step % len(spans)]) for n in range(len(spans))]
    file = bench.folder / f"{name}.paths".replace(" ", "")
    file.write_text("\n".join(dict.fromkeys(paths)))
    return Contestant(name, server, paths[0], check, paths=file)


def workers(bench: Bench, days: Sequence[date], bare: Server, ours: Server) -> None:
    """Measure two processes on two cores against one on one."""
    if not concurrent_safe():
        sys.exit("NOTHING WAS MEASURED: this SQLite must not have several processes.")
    two = bench.ours("two", serve_command("--workers", "2"), cores="0,1")
    both = bench.ours("both", uncached("--workers", "2"), cores="0,1")
    spans = [(a, b) for a in days for b in days if a <= b]
    form = "/v1/share?origin=CN&interval=total&start_date={}&end_date={}"
    found = bench.measured(
        [
            Contestant("hit, one", ours, QUESTION, same()),
            Contestant("hit, two", two, QUESTION, same()),
            _cold(bench, "cold, one", bare, form, spans, same()),
            _cold(bench, "cold, two", both, form, spans, same()),
        ]
    )
    rows = []
    for name in ("hit", "cold"):
        ratio = ratios(found, f"{name}, two", f"{name}, one")
        one, other = rates(found, f"{name}, one"), rates(found, f"{name}, two")
        told = verdict(ratio.middle >= 1.8, "≥ 1.8")
        rows.append([name, one, other, ratio.told(".2f"), told])
    write(
        "4-workers",
        "Two workers on two cores",
        [
            "Work",
            "one worker, requests/s",
            "two workers, requests/s",
            "ratio",
            "target",
        ],
        rows,
        "With two cores the client takes its part of the second one, which is a large "
        "part of it for hits and a small one for cold questions.",
    )


def uncached(*more: str) -> list[str | Path]:
    http = ["--factory", "--http", "app.api.protocol:Protocol"]
    return uvicorn_command("bench.apps:uncached", *http, *LIKE_OURS, *more)


def _span(ours: Server) -> tuple[date, date]:
    _, _, body = asked(ours, "/v1/datasets/openrouter-tokens")
    told = json.loads(body)["data"]
    return date.fromisoformat(told["first_day"]), date.fromisoformat(told["last_day"])


def run(bench: Bench, only: str | None) -> None:
    ours = bench.ours("ours", serve_command())
    bare = bench.ours("uncached", uncached())
    if only in {None, "hits"}:
        hits(bench, ours)
    begin, end = _span(ours)
    days = [begin + timedelta(days=n) for n in range((end - begin).days + 1)]
    row = first(asked(ours, QUESTION)[2])
    query = f"origin=CN&start={row['period_start']}&end={row['period_end']}"
    if only in {None, "peers"}:
        install()
        with peers(ours, (str(begin), str(end)), bench.folder) as other:
            beside(bench, ours, other, row["share"], query)
            cold(bench, ours, other, days, bare)
    if only in {None, "workers"}:
        workers(bench, days, bare, ours)


def main() -> None:
    given = argparse.ArgumentParser(description=__doc__)
    given.add_argument("--rounds", type=int, default=7)
    given.add_argument("--seconds", type=float, default=2.0)
    given.add_argument("--only", choices=["hits", "peers", "workers"])
    told = given.parse_args()
    require_wrk()
    with tempfile.TemporaryDirectory(prefix="mc") as made, ExitStack() as stack:
        folder = Path(made)
        base = folder / "base.db"
        subprocess.run(
            [sys.executable, "-m", "app", "migrate"],
            env=os.environ | {"MODELCENSUS_DATABASE_URL": f"sqlite:///{base}"},
            check=True,
        )
        run(Bench(folder, stack, told.rounds, told.seconds, base), told.only)


if __name__ == "__main__":
    main()
