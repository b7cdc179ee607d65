"""Servers on one core, wrk on the other, in short rounds that take turns.

What is compared is measured in the same rounds: A B A B … . A machine that others use
too slows all of them alike, and the ratio stays.
"""

import http.client
import os
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median

ROOT = Path(__file__).parents[1]
CONNECTIONS = 32
PATIENCE = 120
SERVER_CORE, CLIENT_CORE = "0", "1"

Check = Callable[[int, Mapping[str, str], bytes], bool]

_TICKS = os.sysconf("SC_CLK_TCK")
_UNITS = {"us": 1e-3, "ms": 1.0, "s": 1e3, "m": 6e4}


@dataclass(frozen=True, slots=True)
class Server:
    """A server that runs; what it writes is in `log`."""

    port: int
    pid: int


@dataclass(frozen=True, slots=True)
class Contestant:
    """One kind of work.

    Attributes:
        name: What it is called in the results.
        server: Who does it.
        path: What is asked, with its query.
        check: Whether a reply, in status, fields and body, is the right one.
        headers: Fields of the request.
        paths: A file of paths to ask in turn instead of always the same.
        fails: Whether the right reply is a failure.
    """

    name: str
    server: Server
    path: str
    check: Check
    headers: Mapping[str, str] | None = None
    paths: Path | None = None
    fails: bool = False


@dataclass(frozen=True, slots=True)
class Round:
    """Requests per second, the 99th percentile in ms, and server time per request."""

    rate: float
    p99: float
    cpu_us: float


@dataclass(frozen=True, slots=True)
class Spread:
    """A median, and the lowest and highest beside it."""

    middle: float
    low: float
    high: float

    @classmethod
    def of(cls, values: Sequence[float]) -> "Spread":
        """Return the spread of some values."""
        return cls(median(values), min(values), max(values))

    def told(self, form: str = ",.0f") -> str:
        """Return it as text, each number in a format."""
        return f"{self.middle:{form}} ({self.low:{form}} to {self.high:{form}})"


def require_wrk() -> None:
    """Leave, if there is nothing to measure with."""
    for program in ("wrk", "taskset"):
        if shutil.which(program) is None:
            sys.exit(f"NOTHING WAS MEASURED: {program} is not installed.")
    if (os.cpu_count() or 1) < 2:
        sys.exit("NOTHING WAS MEASURED: server and client need a core each.")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def serving(
    name: str,
    command: Sequence[str | Path],
    folder: Path,
    *,
    cores: str = SERVER_CORE,
    env: Mapping[str, str] | None = None,
) -> Iterator[Server]:
    """Run a server until the end of the block.

    Args:
        name: Of its log.
        command: Its program and arguments; `{port}` stands for the port.
        folder: Where its log goes.
        cores: Where it may run.
        env: Variables beside those of this process.
    """
    port = free_port()
    told = [str(part).replace("{port}", str(port)) for part in command]
    log = folder / f"{name}.log"
    with log.open("wb") as written:
        process = subprocess.Popen(  # noqa: S603 - our own commands
            ["taskset", "-c", cores, *told],  # noqa: S607
            cwd=ROOT,
            env=os.environ | (env or {}),
            stdout=written,
            stderr=written,
        )
    try:
        _await(port, process, log)
        yield Server(port, process.pid)
    finally:
        process.terminate()
        process.wait(timeout=PATIENCE)


def _await(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    begun = time.monotonic()
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            late = time.monotonic() - begun > PATIENCE
            if late or process.poll() is not None:
                sys.exit(f"{log.stem} did not start:\n{log.read_text()[-2_000:]}")
            time.sleep(0.05)
        else:
            return


def asked(
    server: Server, path: str, headers: Mapping[str, str] | None = None
) -> tuple[int, dict[str, str], bytes]:
    """Return status, fields and body of a reply."""
    wire = http.client.HTTPConnection("127.0.0.1", server.port, timeout=PATIENCE)
    try:
        wire.request("GET", path, headers=dict(headers or {}))
        reply = wire.getresponse()
        fields = {name.lower(): value for name, value in reply.getheaders()}
        return reply.status, fields, reply.read()
    finally:
        wire.close()


def measured(
    contestants: Sequence[Contestant], rounds: int, seconds: float
) -> dict[str, list[Round]]:
    """Return so many rounds of each, after a look whether the replies are right."""
    for one in contestants:
        for path in _looked_at(one):
            status, fields, body = asked(one.server, path, one.headers)
            if not one.check(status, fields, body):
                sys.exit(
                    f"NOTHING WAS MEASURED: {one.name} answers {path} with {status} "
                    f"and {body[:300]!r}"
                )
    for one in contestants:
        _round(one, 1)
    found: dict[str, list[Round]] = {one.name: [] for one in contestants}
    for number in range(rounds):
        for one in contestants:
            found[one.name].append(_round(one, seconds))
        print(f"round {number + 1} of {rounds}", file=sys.stderr)
    return found


def _looked_at(one: Contestant) -> list[str]:
    return one.paths.read_text().splitlines()[:50] if one.paths else [one.path]


def _round(one: Contestant, seconds: float) -> Round:
    options = [f"-c{CONNECTIONS}", "-t1", f"-d{seconds:g}s", "--latency"]
    for name, value in (one.headers or {}).items():
        options += ["-H", f"{name}: {value}"]
    script = ["-s", str(ROOT / "bench" / "urls.lua")] if one.paths else []
    url = f"http://127.0.0.1:{one.server.port}{one.path}"
    given = ["--", str(one.paths)] if one.paths else []
    before = _cpu(one.server.pid)
    done = subprocess.run(  # noqa: S603 - wrk, with what we say
        ["taskset", "-c", CLIENT_CORE, "wrk", *options, *script, url, *given],  # noqa: S607
        capture_output=True,
        text=True,
        check=True,
    )
    spent = _cpu(one.server.pid) - before
    return _read(one, done.stdout, spent)


def _cpu(pid: int) -> float:
    """Return the seconds a process has worked, without its children."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


def _read(one: Contestant, told: str, spent: float) -> Round:
    requests = re.search(r"(\d+) requests in", told)
    rate = re.search(r"Requests/sec:\s+([\d.]+)", told)
    p99 = re.search(r"99%\s+([\d.]+)(us|ms|s|m)\b", told)
    if not (requests and rate and p99 and int(requests[1])):
        sys.exit(f"NOTHING WAS MEASURED: {one.name}\n{told}")
    if ("Non-2xx" in told) != one.fails or "Socket errors" in told:
        sys.exit(f"Not all replies were the right ones: {one.name}\n{told}")
    return Round(
        float(rate[1]),
        float(p99[1]) * _UNITS[p99[2]],
        spent * 1e6 / int(requests[1]),
    )
