"""What the parts of the bench of answers share: servers, checks, and ratios."""

import json
import shutil
import sys
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.rounds import Check, Contestant, Round, Server, Spread, measured, serving

Results = dict[str, list[Round]]


@dataclass(frozen=True, slots=True)
class Bench:
    """What all parts share.

    Attributes:
        folder: For records and logs.
        stack: Ends the servers.
        rounds: How many there are.
        seconds: How long each takes.
        base: A record with the bundle, to copy.
    """

    folder: Path
    stack: ExitStack
    rounds: int
    seconds: float
    base: Path

    def ours(
        self,
        name: str,
        command: Sequence[str | Path],
        *,
        cores: str = "0",
        env: Mapping[str, str] | None = None,
    ) -> Server:
        """Start a server on a record of its own; it runs until the end."""
        record = self.folder / f"{name}.db"
        shutil.copy(self.base, record)
        variables = {"MODELCENSUS_DATABASE_URL": f"sqlite:///{record}"}
        # Links of the same length, whatever the port.
        variables["MODELCENSUS_PUBLIC_URL"] = "http://127.0.0.1:8000"
        variables |= env or {}
        made = serving(name, command, self.folder, cores=cores, env=variables)
        return self.stack.enter_context(made)

    def measured(self, contestants: Sequence[Contestant]) -> Results:
        """Return the rounds of each."""
        return measured(contestants, self.rounds, self.seconds)


def serve_command(*more: str) -> list[str | Path]:
    return [sys.executable, "-m", "app", "serve", "--port", "{port}", *more]


def uvicorn_command(app: str, *more: str) -> list[str | Path]:
    return [sys.executable, "-m", "uvicorn", app, "--port", "{port}", *more]


def same(
    body: bytes | None = None,
    status: int = 200,
    coding: str | None = None,
    length: int | None = None,
) -> Check:
    """Return a check for a status, a body if one is given, and a coding."""

    def check(found: int, fields: Mapping[str, str], got: bytes) -> bool:
        right = body in {None, got} and length in {None, len(got)}
        return found == status and right and fields.get("content-encoding") == coding

    return check


def shared(share: float) -> Check:
    """Return a check for JSON that tells this share."""
    return lambda status, _, body: status == 200 and first(body)["share"] == share


def many(rows: int) -> Check:
    """Return a check for JSON of at least so many rows."""

    def check(status: int, _: Mapping[str, str], body: bytes) -> bool:
        told = json.loads(body)
        return status == 200 and len(_data(told)) >= rows

    return check


def first(body: bytes) -> Mapping[str, Any]:
    data = _data(json.loads(body))
    found: Mapping[str, Any] = data[0] if isinstance(data, list) else data
    return found


def _data(told: Any) -> Any:
    return told.get("data", told) if isinstance(told, dict) else told


def ratios(found: Results, of: str, to: str) -> Spread:
    """Return the rate of one divided by that of another, round by round."""
    pairs = zip(found[of], found[to], strict=True)
    return Spread.of([one.rate / other.rate for one, other in pairs])


def rates(found: Results, name: str) -> str:
    return Spread.of([r.rate for r in found[name]]).told()


def works(found: Results, name: str) -> str:
    return Spread.of([r.cpu_us for r in found[name]]).told(",.1f")


def verdict(met: bool, target: str) -> str:  # noqa: FBT001 - reads well where called
    return f"{target}: {'met' if met else 'MISSED'}"
