"""From results to `docs/performance.md`.

Each part of the bench writes a table of its own; what was not measured again stays as
it was.
"""

import json
import os
import platform
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
RESULTS = ROOT / "bench" / "results"
PAGE = ROOT / "docs" / "performance.md"

Table = dict[str, Any]

_INTRODUCTION = """\
# Performance

Written by `make bench`, which anyone can run; a part of it alone by `python -m
bench.serve` and its neighbours, and this page from their results by `python -m
bench.report`. Server and client have a core each. What is compared was measured in
rounds that took turns. Each figure is a median, with the lowest and the highest beside
it. The ratios are what to look at: rates change from hour to hour where a machine is
shared. Server time is what the serving process has worked per request, whoever else
worked meanwhile.
"""


def write(
    name: str,
    title: str,
    columns: Sequence[str],
    rows: Sequence[Sequence[object]],
    note: str,
) -> None:
    """Keep a table of results.

    Args:
        name: Of its file; the tables stand in the order of their names.
        title: Its heading.
        columns: Their heads.
        rows: A cell per column each.
        note: What has to be known to read it.
    """
    told = {
        "title": title,
        "columns": list(columns),
        "rows": [list(row) for row in rows],
        "note": note,
        "measured": datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
        "machine": machine(),
    }
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / f"{name}.json").write_text(json.dumps(told, ensure_ascii=False))
    print("\n".join(_section(told)))


def machine() -> str:
    """Return what this machine is."""
    cores = f"{os.cpu_count()} cores"
    model = "an unknown processor"
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            model = line.partition(":")[2].strip()
            break
    pages = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    memory = f"{pages / 2**30:.0f} GiB"
    system = f"{platform.system()} {platform.release()}"
    return f"{model}, {cores}, {memory}, {system}, Python {platform.python_version()}"


def _section(table: Table) -> Iterator[str]:
    yield f"\n## {table['title']}\n"
    yield f"| {' | '.join(map(str, table['columns']))} |"
    yield f"|{' --- |' * len(table['columns'])}"
    for row in table["rows"]:
        yield f"| {' | '.join(map(str, row))} |"
    yield ""
    if table.get("note"):
        yield f"{table['note']}\n"
    told = (table.get("measured"), table.get("machine"))
    yield f"Measured {'; '.join(part for part in told if part)}." if any(told) else ""


def main() -> None:
    """Write the page from all results that there are."""
    found = [json.loads(path.read_text()) for path in sorted(RESULTS.glob("*.json"))]
    if not found:
        raise SystemExit("There are no results: run `make bench`.")
    lines = "\n".join(line for table in found for line in _section(table))
    PAGE.write_text(f"{_INTRODUCTION}{lines}".rstrip() + "\n")
    print(f"{len(found)} tables in {PAGE.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
