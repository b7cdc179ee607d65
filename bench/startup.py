"""How long a start takes, and what a serving process weighs.

Each figure is the median of a few rounds, lowest and highest beside it. The record is
made anew for the first start and kept for the next ones.
"""

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
QUESTION = "/v1/share?origin=CN"


def report(name: str, values: list[float], unit: str) -> None:
    if not values:
        sys.exit(f"nothing was measured: {name}")
    low, high = min(values), max(values)
    print(f"{name:<34}{median(values):8.2f} {unit}   ({low:.2f} to {high:.2f})")


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


def resident(pid: int) -> float:
    """Return the resident memory of a process in MB."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    sys.exit(f"process {pid} has no resident memory")


def start(folder: Path) -> tuple[float, float]:
    """Return seconds from start to first answer, and MB resident then."""
    port = free_port()
    command = Path(sys.executable).parent / "modelcensus"
    begun = time.perf_counter()
    with (folder / "serve.log").open("wb") as log:
        process = subprocess.Popen(  # noqa: S603 - our own command, by full path
            [command, "serve", "--port", str(port)],
            cwd=folder,
            env=os.environ | {"MODELCENSUS_DATABASE_URL": "sqlite:///bench.db"},
            stdout=log,
            stderr=log,
        )
    try:
        while not answers(port):
            if process.poll() is not None or time.perf_counter() - begun > PATIENCE:
                sys.exit((folder / "serve.log").read_text() or "no answer")
            time.sleep(0.01)
        return time.perf_counter() - begun, resident(process.pid)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=PATIENCE)


def main() -> None:
    report("import", [import_seconds() for _ in range(ROUNDS)], "s")
    with tempfile.TemporaryDirectory() as folder:
        first, _ = start(Path(folder))
        report("first start to first answer", [first], "s")
        starts = [start(Path(folder)) for _ in range(ROUNDS)]
    report("start to first answer", [seconds for seconds, _ in starts], "s")
    report("resident after it", [size for _, size in starts], "MB")


if __name__ == "__main__":
    main()
