"""The examples of the reference, asked again of the bundled census.

`python -m tests.api.answering` writes down what is answered now. What is asked
stands in the file already: to add an example, add its `url`. One whose `status` is
503 is asked before any release is loaded.
"""

import json
import tempfile
from pathlib import Path
from typing import Any

from starlette.testclient import TestClient

from app.main import create_app
from app.services import keys, new_datasets
from app.services.keys import Scope
from app.services.preparing import prepare
from app.services.snapshots import Snapshots
from app.settings import Settings
from app.store.database import Database
from tests.api import gateway
from tests.api.conftest import Clock, settings
from tests.api.small import NOW
from tests.house.tree import ROOT

FILE = ROOT / "app" / "api" / "examples.json"

# Where readers reach the service that the published document speaks of.
_PUBLIC = str(Settings.model_construct().public_url)
_AWAY = 503


def answered(examples: dict[str, Any], folder: Path) -> dict[str, Any]:
    """Return the examples with the answers of today.

    Args:
        examples: What to ask: `answers`, `writes`, `problems`.
        folder: Where there is room for a record.
    """
    database = Database(f"sqlite:///{folder / 'examples.db'}", create=True)
    prepare(database, settings().registry_dir, NOW)
    empty, client = _client(database, loaded=False), _client(database, loaded=True)
    found = {
        # The writes last: they make releases.
        "answers": {n: _ask(client, e) for n, e in examples["answers"].items()},
        "problems": [
            _ask(empty if e.get("status") == _AWAY else client, e)
            for e in examples["problems"]
        ],
        "writes": {
            n: _ask(client, e, _key(database, n)) for n, e in examples["writes"].items()
        },
    }
    database.close()
    return found


def _key(database: Database, name: str) -> str:
    """Return a key for one operation."""
    if name != "pushObservations":
        return keys.create(database, "Reference", [Scope.CURATE], now=NOW)
    new_datasets.add(database, gateway.DECLARED, actor="Reference", now=NOW)
    slug = gateway.DECLARED.dataset.slug
    return keys.create(database, "Reference", [Scope.INGEST], now=NOW, dataset=slug)


def _client(database: Database, *, loaded: bool) -> TestClient:
    snapshots = Snapshots(database)
    if loaded:
        snapshots.refresh()
    front = create_app(settings(public_url=_PUBLIC), snapshots, now=Clock(NOW))
    return TestClient(front, follow_redirects=False)


def _ask(
    client: TestClient, example: dict[str, Any], key: str | None = None
) -> dict[str, Any]:
    headers = {} if key is None else {"authorization": f"Bearer {key}"}
    asked: dict[str, Any] = {
        name: example[name] for name in ("url", "body") if name in example
    }
    method = "POST" if "body" in example else "GET"
    reply = client.request(
        method, example["url"], json=example.get("body"), headers=headers
    )
    is_json = reply.headers["content-type"].endswith(("/json", "+json"))
    answer = reply.json() if is_json else reply.text
    return {**asked, "status": reply.status_code, "answer": answer}


def _write() -> None:
    with tempfile.TemporaryDirectory() as folder:
        found = answered(json.loads(FILE.read_text()), Path(folder))
    FILE.write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    _write()
