"""The nightly exports of OpenRouter, on the loopback, as they are reported to be."""

import json
import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256

from app.sources.openrouter_exports import OpenRouterExports
from tests.sources.upstream import Upstream

NOW = datetime(2026, 10, 8, 6, tzinfo=UTC)
FOLDER = "/api/v1/datasets/exports/rankings-daily/"
HEADER = "date,model_permaslug,rank,total_tokens,share_of_daily_tokens"
MISSING = b'{"error":{"message":"Export not found","code":404}}'

Wire = dict[str, object]


def table(last: date, tokens: int = 1_000, days: int = 30) -> bytes:
    """Return the CSV of the days to `last`: two models and the rest a day."""
    lines = [HEADER]
    for n in range(days):
        day = last - timedelta(days=days - 1 - n)
        a, rest = tokens + n, 10
        total = a + 2 * rest
        lines += [
            f"{day},acme/a,1,{a},{a / total}",
            f"{day},acme/b:free,2,{rest},{rest / total}",
            f"{day},other,,{rest},{rest / total}",
        ]
    return "".join(f"{line}\r\n" for line in lines).encode()


def manifest(named: date, body: bytes, **changed: object) -> Wire:
    """Return what the manifest of the day `named` says of `body`."""
    return {
        "dataset": "rankings-daily",
        "schema_version": "v1",
        "snapshot_date": str(named),
        "retrieved_at": f"{named}T01:46:00.000Z",
        "row_count": body.count(b"\n") - 1,
        "license": {"name": "CC BY 4.0"},
        "attribution": "Source: OpenRouter (openrouter.ai/rankings)",
        "files": {
            "csv": {"bytes": len(body), "sha256": sha256(body).hexdigest()},
            "json": {"bytes": 1, "sha256": sha256(b"").hexdigest()},
        },
    } | changed


class FakeExports(Upstream):
    """Files named after the day on which they appear.

    Attributes:
        files: The CSV of each day.
        manifests: Those that are not as they should be.
        dated: More headers of every answer.
    """

    def __init__(self) -> None:
        super().__init__()
        self.files: dict[date, bytes] = {}
        self.manifests: dict[date, Wire] = {}
        self.dated: Mapping[str, str] = {}

    def publish(self, first: date, last: date) -> None:
        """Publish a file on each of these days, of the 30 days before it."""
        for n in range((last - first).days + 1):
            named = first + timedelta(days=n)
            tokens = 1_000 + 100 * n
            self.files[named] = table(named - timedelta(days=1), tokens)

    def answer(self, path: str, _key: str | None) -> tuple[int, bytes]:
        found = re.fullmatch(FOLDER + r"([0-9-]{10})\.(csv|manifest\.json)", path)
        named = date.fromisoformat(found[1]) if found else None
        if not found or named not in self.files:
            return 404, MISSING
        body = self.files[named]
        if found[2] == "csv":
            return 200, body
        told = self.manifests.get(named, manifest(named, body))
        return 200, json.dumps(told).encode()

    def headers(self, path: str) -> dict[str, str]:
        kind = (
            "text/csv; charset=utf-8" if path.endswith(".csv") else "application/json"
        )
        return {"Content_Type": kind, "ETag": '"x"', **self.dated}


def source(url: str = "http://127.0.0.1:9", seconds: float = 5) -> OpenRouterExports:
    return OpenRouterExports(
        url, lambda: NOW, timedelta(seconds=seconds), timedelta(hours=6)
    )
