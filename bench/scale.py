"""Records of 100 k, 3.65 M and 36.5 M observations: loads, questions, a refresh.

Each record is measured in a process of its own. What comes out is printed, and kept as
JSON in `bench/results`. The records themselves are kept in a folder outside the tree
and made only once: that takes minutes, and 6 GB of disk.
"""

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from bench import scale_record
from bench.scale_record import SIZES, Size

RESULTS = Path(__file__).parent / "results"
LARGEST = SIZES[-1]
LIMITS = {"share": 0.2, "series": 0.6}
_COLUMNS = ["what", "database", "rows", "p50 or value", "p99", "unit", "target"]
_LOADED = "load"


def measured(url: str, size: Size, *, refresh: bool = False) -> dict[str, Any]:
    """Return what one record has to show, in a process of its own."""
    command = [sys.executable, "-m", "bench.scale_one", url]
    command += [str(size.models), str(size.days), *(["refresh"] if refresh else [])]
    done = subprocess.run(  # noqa: S603 - this very interpreter
        command, capture_output=True, text=True, check=False
    )
    if done.returncode:
        sys.exit(done.stderr or done.stdout)
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def on_sqlite(folder: Path, size: Size) -> dict[str, Any]:
    """Return what a copy of a record has to show, one more day included."""
    url = scale_record.sqlite(folder, size)
    with tempfile.TemporaryDirectory(dir=folder) as place:
        copy = Path(place) / "copy.db"
        shutil.copyfile(url.removeprefix("sqlite:///"), copy)
        return measured(f"sqlite:///{copy}", size, refresh=True)


def on_postgresql(folder: Path, size: Size) -> dict[str, Any]:
    with scale_record.postgresql(folder, size) as url:
        return measured(url, size)


def exponent(rows: list[int], milliseconds: list[float]) -> float:
    """Return how time grows with rows: the slope of a line through their logarithms."""
    slope, _ = np.polyfit(np.log(rows), np.log(milliseconds), 1)
    return float(slope)


def rows_of(kind: str, size: Size, found: dict[str, Any]) -> list[list[object]]:
    """Return the rows that one record gives the table."""
    most = size is LARGEST
    load = {"sqlite": "≤ 30", "postgresql": "≤ 40"}[kind] if most else ""
    told: list[tuple[str, float, float | None, str, str]] = [
        (_LOADED, found["load_s"], None, "s", load),
        ("processor used to load", found["load_cpu_s"], None, "s", ""),
        ("memory once loaded (PSS)", found["loaded_mb"], None, "MB", ""),
        ("memory at most", found["peak_mb"], None, "MB", "≤ 600" if most else ""),
    ]
    limits = {"share_request": "≤ 1, ≤ 5", "series_request": "p99 ≤ 15"}
    for what in ("share_service", "share_request", "series_service", "series_request"):
        of = found[what]
        limit = limits.get(what, "") if most else ""
        told.append((what.replace("_", ", "), of["p50"], of["p99"], "ms", limit))
    if "refresh" in found:
        told += _refreshed(found["refresh"], most=most)
        first = found["first_refresh"]
        told.append(("first refresh of a process", first["refresh_ms"], None, "ms", ""))
        told.append(("processor used by that", first["refresh_cpu_ms"], None, "ms", ""))
    return [
        [what, kind, size.name, round(value, 3), p99 and round(p99, 3), unit, target]
        for what, value, p99, unit, target in told
    ]


def _refreshed(
    of: dict[str, float], *, most: bool
) -> list[tuple[str, float, float | None, str, str]]:
    target = "≤ 50" if most else ""
    return [
        ("one more day: publish", of["publish_s"], None, "s", ""),
        ("one more day: refresh", of["refresh_ms"], None, "ms", target),
        ("processor used by it", of["refresh_cpu_ms"], None, "ms", target),
        ("longest read before it", of["longest_read_before_ms"], None, "ms", ""),
        ("longest read beside it", of["longest_read_beside_ms"], None, "ms", ""),
    ]


def exponents(found: list[dict[str, Any]]) -> list[list[object]]:
    """Return how the middle question grows over the sizes."""
    rows = [size.rows for size in SIZES]
    told = []
    for what, limit in LIMITS.items():
        middle = [one[f"{what}_request"]["p50"] for one in found]
        value = round(exponent(rows, middle), 3)
        name = f"{what}: exponent of growth"
        told.append([name, "sqlite", "all", value, None, "", f"≤ {limit}"])
    return told


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    default = Path(tempfile.gettempdir()) / "modelcensus-bench"
    parser.add_argument("--folder", type=Path, default=default)
    folder = parser.parse_args().folder
    folder.mkdir(parents=True, exist_ok=True)
    # The server of PostgreSQL runs as another user, who has to find its files.
    folder.chmod(0o755)
    found = [on_sqlite(folder, size) for size in SIZES]
    table = [
        row
        for size, one in zip(SIZES, found, strict=True)
        for row in rows_of("sqlite", size, one)
    ]
    table += rows_of("postgresql", LARGEST, on_postgresql(folder, LARGEST))
    table += exponents(found)
    for row in table:
        print("  ".join("" if cell is None else str(cell) for cell in row))
    RESULTS.mkdir(exist_ok=True)
    result = {
        "title": "A hundred times today's data",
        "columns": _COLUMNS,
        "rows": table,
        "note": "Every model in 20 categories, every day filled. Questions are random "
        "and never repeated: 2,000 shares of any window; weekly series of 50 providers "
        "over nearly all days. A request is measured in process, without a socket.",
    }
    (RESULTS / "scale.json").write_text(json.dumps(result, ensure_ascii=False))


if __name__ == "__main__":
    main()
