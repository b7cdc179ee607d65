"""How fast figures are drawn, what they cost the hits beside them, and in what memory.

Server and its drawing process on one core, wrk on the other. `python -m bench.figures
--rounds 3 --cold 20 --renders 200` for a quick look.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from itertools import islice
from pathlib import Path

from bench.contest import Bench, rates, ratios, same, serve_command, verdict
from bench.report import write
from bench.rounds import Contestant, Round, Server, Spread, asked, require_wrk

QUESTION = "/v1/share?origin=CN&interval=total"
FIGURE = "/v1/share.svg?origin=CN&interval=total"
LIMITS_MS = {".svg": 150, ".png": 250}
MOST_SLOWED = 0.8
CROWD = 50
WARM, FLAT = 200, 1.1

_KINDS = (
    "share{}?origin={}",
    "share{}?origin={}&interval=week&window=all",
    "share{}?group_by=origin&interval=month&window=all&top={}",
    "volume{}?origin={}&window=90d",
    "volume{}?group_by=provider&window=60d&top={}",
    "rankings{}?top={}",
)
_ORIGINS = ("CN", "US", "FR", "CA", "KR", "IL", "DE", "GB")


def questions(suffix: str, theme: str = "light") -> Iterator[str]:
    """Yield paths of figures, none of them twice, of every kind in turn."""
    for width in range(400, 1_200):
        for kind in _KINDS:
            of = str(width % 17 + 3) if "top={}" in kind else _ORIGINS[width % 8]
            look = f"&width={width}&theme={theme}"
            yield f"/v1/{kind.format(suffix, of)}{look}"


def cold(server: Server, count: int) -> list[list[object]]:
    """Measure figures that nobody has asked for before, one after another."""
    rows: list[list[object]] = []
    asked(server, FIGURE)
    for suffix, limit in LIMITS_MS.items():
        found = sorted(_milliseconds(server, p) for p in _first(suffix, count))
        middle, late = found[len(found) // 2], found[len(found) * 95 // 100]
        told = verdict(middle <= limit, f"≤ {limit} ms")
        name = f"{suffix[1:].upper()}, cold"
        rows.append([name, f"{middle:.0f} ms (p95 {late:.0f})", told])
    return rows


def _first(suffix: str, count: int) -> list[str]:
    return list(islice(questions(suffix), count))


def _milliseconds(server: Server, path: str) -> float:
    begun = time.perf_counter()
    status, _, body = asked(server, path)
    took = (time.perf_counter() - begun) * 1000
    if status != 200:
        sys.exit(f"NOTHING WAS MEASURED: {path} answers {status}: {body[:300]!r}")
    return took


def hits(bench: Bench, server: Server) -> list[list[object]]:
    """Measure a kept figure against a kept answer of its size."""
    _, _, body = asked(server, FIGURE)
    found = bench.measured(
        [
            Contestant("answer", server, QUESTION, same()),
            Contestant("figure", server, FIGURE, same(body)),
        ]
    )
    ratio = ratios(found, "figure", "answer")
    told = verdict(ratio.middle >= 0.9, "≥ 0.9 of a kept answer")
    value = f"{rates(found, 'figure')} requests/s, {ratio.told('.2f')} of a kept answer"
    return [[f"Kept figure ({len(body):,} bytes)", value, told]]


def beside(bench: Bench, server: Server) -> list[list[object]]:
    """Measure hits alone and while many ask for figures that are not drawn yet."""
    hit = Contestant("hit", server, QUESTION, same())
    paths = questions(".svg", "dark")
    alone: list[Round] = []
    crowded: list[Round] = []
    drawn = 0
    for _ in range(bench.rounds):
        alone += _one(bench, hit)
        with _crowd(server, paths) as count:
            crowded += _one(bench, hit)
            drawn += count()
    ratio = Spread.of([a.rate / b.rate for a, b in zip(crowded, alone, strict=True)])
    late = Spread.of([a.p99 / b.p99 for a, b in zip(crowded, alone, strict=True)])
    told = verdict(ratio.middle >= MOST_SLOWED, f"≥ {MOST_SLOWED}")
    value = f"{ratio.told('.2f')} of the rate alone, p99 {late.told('.2f')} times"
    return [[f"Hits beside {CROWD} cold figures ({drawn} drawn)", value, told]]


def _one(bench: Bench, hit: Contestant) -> list[Round]:
    single = Bench(bench.folder, bench.stack, 1, bench.seconds, bench.base)
    return single.measured([hit])["hit"]


@contextmanager
def _crowd(server: Server, paths: Iterator[str]) -> Iterator[Callable[[], int]]:
    """Let many ask for new figures, each for another when it has one."""
    lock, ended = threading.Lock(), threading.Event()
    drawn: list[str] = []

    def ask() -> None:
        while not ended.is_set():
            with lock:
                path = next(paths)
            status, _, _ = asked(server, path)
            if status == 200:
                drawn.append(path)

    threads = [threading.Thread(target=ask, daemon=True) for _ in range(CROWD)]
    for thread in threads:
        thread.start()
    try:
        yield lambda: len(drawn)
    finally:
        ended.set()
        for thread in threads:
            thread.join(60)


def memory(server: Server, renders: int) -> list[list[object]]:
    """Measure what server and drawing processes weigh over many figures.

    A drawing process that has drawn a thousand is replaced; its successor counts.
    """
    warm = min(WARM, renders // 2)
    weights = []
    for number, path in enumerate(islice(_both(), renders)):
        _milliseconds(server, path)
        if number >= warm and number % 20 == 0:
            weights.append((_resident(server.pid), _resident(*_children(server.pid))))
    rows: list[list[object]] = []
    for name, values in zip(
        ("serving", "drawing"), zip(*weights, strict=True), strict=True
    ):
        first, last = values[0], max(values)
        told = verdict(last <= first * FLAT, f"≤ {FLAT} times after {warm}")
        value = f"{first:.0f} MB after {warm}, {last:.0f} MB at most"
        rows.append([f"The {name} process over {renders} figures", value, told])
    return rows


def _both() -> Iterator[str]:
    pairs = zip(questions(".svg", "dark"), questions(".png", "dark"), strict=True)
    return (path for pair in pairs for path in pair)


def _children(pid: int) -> list[int]:
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            parent = path.read_text().rpartition(")")[2].split()[1]
        except (FileNotFoundError, ProcessLookupError):
            continue
        if int(parent) == pid:
            found.append(int(path.parent.name))
    return found


def _resident(*pids: int) -> float:
    """Return the MB that processes have in memory."""
    texts = [Path(f"/proc/{pid}/status").read_text() for pid in pids]
    return sum(int(t.partition("VmRSS:")[2].split()[0]) for t in texts) / 1024


def run(bench: Bench, count: int, renders: int, *, keep: bool) -> None:
    """Measure all of it, and keep the results if they are to be kept."""
    rows: list[Sequence[object]] = []
    server = bench.ours("figures", serve_command())
    rows += cold(server, count)
    rows += hits(bench, server)
    rows += beside(bench, server)
    small = {"MODELCENSUS_CACHE_SIZE": "1000000"}
    rows += memory(bench.ours("memory", serve_command(), env=small), renders)
    for row in rows:
        print(*row, sep="   ")
    if keep:
        note = (
            "Each figure is another one, of every kind in turn: numbers, bars, lines, "
            "stacks, 400 to 1,200 pixels wide; the time is that of the whole request. "
            "The drawing process shares the server's core and gives way to it."
        )
        write("8-figures", "Figures", ["Work", "Measured", "target"], rows, note)


def main() -> None:
    given = argparse.ArgumentParser(description=__doc__)
    given.add_argument("--rounds", type=int, default=7)
    given.add_argument("--seconds", type=int, default=2)
    given.add_argument("--cold", type=int, default=200)
    given.add_argument("--renders", type=int, default=2_000)
    given.add_argument("--keep", action="store_true", help="for docs/performance.md")
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
        bench = Bench(folder, stack, told.rounds, told.seconds, base)
        run(bench, told.cold, told.renders, keep=told.keep)


if __name__ == "__main__":
    main()
