"""How long a start takes, and what a serving process weighs.

Each figure is the median of a few rounds, lowest and highest beside it. The record is
made anew for the first start and kept for the next ones.
"""

import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path
from statistics import median

ROUNDS = 5
PATIENCE = 60
RESULTS = Path(__file__).parent / "results"
QUESTION = "/v1/share?origin=CN"


def row(
    name: str, values: list[float], unit: str, target: float | None
) -> list[object]:
    """Print the median of some values, lowest and highest, and return them as a row."""
    if not values:
        sys.exit(f"nothing was measured: {name}")
    low, middle, high = min(values), median(values), max(values)
    print(f"{name:<34}{middle:8.2f} {unit}   ({low:.2f} to {high:.2f})")
    return [name, *(round(value, 3) for value in (middle, low, high)), unit, target]


def import_seconds() -> float:
    """Return how long a new process takes to import all that serving needs."""
    code = (
        "import time; start = time.perf_counter(); import app.main;"
        "print(time.perf_counter() - start)"
    )
    done = subprocess.run(  # noqa: S603 - this very interpreter
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    return float(done.stdout)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def answers(port: int) -> bool:
    try:
        url = f"http://127.0.0.1:{port}{QUESTION}"
        with urllib.request.urlopen(url, timeout=5) as reply:
            return bool(reply.status == 200 and reply.read())
    except (urllib.error.URLError, ConnectionError):
        return False


def share(pid: int) -> float:
    """Return the proportional set size of a process in MB."""
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) / 1024
    sys.exit(f"process {pid} has no memory")


def start(folder: Path) -> tuple[float, float]:
    """Return seconds from start to first answer, and the MB it has then."""
    port = free_port()
    begun = time.perf_counter()
    with (folder / "serve.log").open("wb") as log:
        process = subprocess.Popen(  # noqa: S603 - this very interpreter
            [sys.executable, "-m", "app", "serve", "--port", str(port)],
            env=os.environ
            | {"MODELCENSUS_DATABASE_URL": f"sqlite:///{folder / 'bench.db'}"},
            stdout=log,
            stderr=log,
        )
    try:
        while not answers(port):
            if process.poll() is not None or time.perf_counter() - begun > PATIENCE:
                sys.exit((folder / "serve.log").read_text() or "no answer")
            time.sleep(0.01)
        return time.perf_counter() - begun, share(process.pid)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=PATIENCE)


def main() -> None:
    imports = [import_seconds() for _ in range(ROUNDS)]
    with tempfile.TemporaryDirectory() as folder:
        first, _ = start(Path(folder))
        starts = [start(Path(folder)) for _ in range(ROUNDS)]
    table = [
        row("import", imports, "s", None),
        row("first start to first answer", [first], "s", None),
        row("start to first answer", [seconds for seconds, _ in starts], "s", 1.2),
        row("memory after it (PSS)", [size for _, size in starts], "MB", 110),
    ]
    RESULTS.mkdir(exist_ok=True)
    result = {
        "title": "Start-up on the bundle",
        "columns": ["what", "median", "lowest", "highest", "unit", "target"],
        "rows": table,
        "note": "One worker, SQLite, the schedule running.",
    }
    (RESULTS / "startup.json").write_text(json.dumps(result))


if __name__ == "__main__":
    main()
