"""Pinned answers of the bundled census, as they were when they were first given.

`python -m tests.api.pinning URL…` asks the census and adds what is answered now. What
stands in the file is never written again: it is what readers have quoted.
"""

import json
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from starlette.testclient import TestClient

from app.main import create_app
from app.services.preparing import prepare
from app.services.snapshots import Snapshots
from app.store.database import Database
from tests.api.conftest import Clock, settings
from tests.api.small import NOW

FILE = Path(__file__).parent / "pins" / "pins.json"

Pin = dict[str, Any]


def pins() -> list[Pin]:
    """Return what was asked once, and what was answered: `url`, `status`, `answer`."""
    found: list[Pin] = json.loads(FILE.read_text())
    return found


def ask(client: TestClient, url: str) -> Pin:
    """Return what is answered now, in the form of a pin."""
    reply = client.get(url)
    is_json = reply.headers["content-type"].endswith("json")
    answer = reply.json() if is_json else reply.text
    return {"url": url, "status": reply.status_code, "answer": answer}


def make_pins(urls: Sequence[str]) -> int:
    """Add pins of the questions that have none yet.

    Args:
        urls: Paths with their query; each names its release.

    Returns:
        How many were added.
    """
    kept = pins() if FILE.exists() else []
    have = {pin["url"] for pin in kept}
    with tempfile.TemporaryDirectory() as folder:
        database = Database(f"sqlite:///{Path(folder) / 'pins.db'}", create=True)
        prepare(database, settings().registry_dir, NOW)
        snapshots = Snapshots(database)
        snapshots.refresh()
        front = create_app(settings(), snapshots, now=Clock(NOW))
        client = TestClient(front, follow_redirects=False)
        new = [ask(client, url) for url in dict.fromkeys(urls) if url not in have]
        database.close()
    lines = ",\n".join(json.dumps(p, ensure_ascii=False) for p in [*kept, *new])
    FILE.write_text(f"[\n{lines}\n]\n")
    return len(new)


if __name__ == "__main__":
    make_pins(sys.argv[1:])
