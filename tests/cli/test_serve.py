"""`modelcensus serve` and `openapi`, and the command as a program of its own."""

import gc
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx2
import pytest
import uvicorn
from starlette.testclient import TestClient

from app import console
from app.main import contract, from_environment
from app.store.database import Database
from tests.cli.conftest import Run
from tests.house.tree import ROOT
from tests.services import published

Use = Callable[[str], Database]


@pytest.fixture
def served(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """What would have been served: nothing is."""
    found: list[dict[str, Any]] = []
    monkeypatch.setattr(
        uvicorn, "run", lambda app, **options: found.append({"app": app} | options)
    )
    # Set by the command for its workers; set here so that it is taken back.
    monkeypatch.setenv("MODELCENSUS_WORKERS", "1")
    return found


@pytest.fixture
def _collector() -> Iterator[None]:
    """Leave the collector, and the turns of threads, as they are found."""
    interval = sys.getswitchinterval()
    yield
    sys.setswitchinterval(interval)
    gc.unfreeze()
    gc.enable()


# serve


def test_serve_makes_the_record_first(
    empty_url: str, use: Use, run: Run, served: list[dict[str, Any]]
) -> None:
    record = use(empty_url)

    assert run("serve", "--host", "0.0.0.0", "--port", "0").code == 0  # noqa: S104

    assert published.head(record) == 5
    (told,) = served
    assert (told["app"], told["host"], told["port"], told["workers"]) == (
        "app.main:from_environment",
        "0.0.0.0",  # noqa: S104
        0,
        1,
    )
    record.close()


@pytest.mark.usefixtures("bundled")
def test_serve_takes_what_the_settings_say(
    run: Run, served: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MODELCENSUS_PORT", "8123")
    monkeypatch.setenv("MODELCENSUS_HOST", "::1")
    monkeypatch.setenv("MODELCENSUS_WORKERS", "2")
    monkeypatch.setattr(console, "concurrent_safe", lambda: True)

    assert run("serve").code == 0

    (told,) = served
    assert (told["host"], told["port"], told["workers"]) == ("::1", 8123, 2)


@pytest.mark.usefixtures("bundled")
@pytest.mark.parametrize(
    ("host", "given", "public"),
    [
        ("localhost", None, "http://localhost:8123"),
        ("0.0.0.0", None, "http://127.0.0.1:8123"),  # noqa: S104 (nothing listens)
        ("::1", None, "http://[::1]:8123"),
        ("localhost", "https://census.example", "https://census.example"),
    ],
)
def test_links_lead_where_it_is_served_unless_told(
    run: Run,
    served: list[dict[str, Any]],
    monkeypatch: pytest.MonkeyPatch,
    host: str,
    given: str | None,
    public: str,
) -> None:
    # Remembered and undone, though the command itself sets it.
    monkeypatch.setenv("MODELCENSUS_PUBLIC_URL", given or "")
    if given is None:
        monkeypatch.delenv("MODELCENSUS_PUBLIC_URL")

    assert run("serve", "--host", host, "--port", "8123").code == 0

    assert len(served) == 1
    assert os.environ["MODELCENSUS_PUBLIC_URL"] == public


@pytest.mark.parametrize("by", ["option", "setting"])
def test_several_workers_are_refused_where_sqlite_is_not_safe(
    run: Run,
    served: list[dict[str, Any]],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    by: str,
) -> None:
    monkeypatch.setenv("MODELCENSUS_DATABASE_URL", "sqlite:///census.db")
    monkeypatch.setattr(console, "concurrent_safe", lambda: False)
    monkeypatch.setattr(console, "sqlite_version", lambda: (3, 40, 1))
    if by == "setting":
        monkeypatch.setenv("MODELCENSUS_WORKERS", "2")

    ended = run("serve", *(["--workers", "2"] if by == "option" else []))

    assert (ended.code, ended.out) == (1, [])
    assert ended.err == [
        (
            "modelcensus: SQLite 3.40.1 can damage a file that several processes use. "
            "Serve with one worker, or set MODELCENSUS_DATABASE_URL to a PostgreSQL."
        )
    ]
    assert served == []
    assert list(tmp_path.iterdir()) == []


def test_one_worker_is_served_where_sqlite_is_not_safe(
    bundled: Database,
    run: Run,
    served: list[dict[str, Any]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(console, "concurrent_safe", lambda: False)

    assert run("serve").code == 0

    assert [told["workers"] for told in served] == [1]
    assert published.head(bundled) == 5


@pytest.mark.parametrize(
    "arguments", [["--workers", "0"], ["--workers", "-1"], ["--port", "70000"]]
)
def test_numbers_that_cannot_be_are_wrong_usage(
    run: Run, served: list[dict[str, Any]], arguments: list[str]
) -> None:
    ended = run("serve", *arguments)

    assert (ended.code, ended.out, served) == (2, [], [])


@pytest.mark.usefixtures("bundled")
def test_nothing_collects_garbage_while_a_start_makes_none(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    collecting: list[bool] = []
    monkeypatch.setattr(
        uvicorn, "run", lambda *_, **__: collecting.append(gc.isenabled())
    )
    monkeypatch.setenv("MODELCENSUS_WORKERS", "1")

    assert run("serve").code == 0

    assert (collecting, gc.isenabled()) == ([False], True)


@pytest.mark.usefixtures("bundled", "_collector")
def test_what_lives_as_long_as_the_server_is_not_looked_through() -> None:
    gc.disable()

    with TestClient(from_environment()) as client:
        assert client.get("/v1/status").status_code == 200

        assert gc.isenabled()
        assert gc.get_freeze_count() > 10_000


# openapi


def test_the_contract_is_written_as_it_is_served(run: Run, tmp_path: Path) -> None:
    (tmp_path / "openapi").mkdir()

    ended = run("openapi")

    assert (ended.code, ended.out) == (0, ["openapi/openapi.json written"])
    written = (tmp_path / "openapi" / "openapi.json").read_text(encoding="utf-8")
    assert written == contract()
    assert json.loads(written)["openapi"].startswith("3.1")


def test_a_contract_that_cannot_be_written_is_told_in_one_line(run: Run) -> None:
    ended = run("openapi", "nowhere/openapi.json")

    assert (ended.code, ended.out, ended.err) == (
        1,
        [],
        [
            (
                "modelcensus: nowhere/openapi.json cannot be written: "
                "No such file or directory."
            )
        ],
    )


# Settings


def test_settings_that_cannot_be_are_told_without_their_values(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MODELCENSUS_PORT", "secret")
    monkeypatch.setenv("MODELCENSUS_WORKERS", "0")

    ended = run("status")

    assert (ended.code, ended.out) == (1, [])
    assert ended.err == [
        (
            "modelcensus: MODELCENSUS_PORT: Input should be a valid integer, unable "
            "to parse string as an integer; MODELCENSUS_WORKERS: Input should be "
            "greater than or equal to 1"
        )
    ]


def test_what_is_missing_of_a_warehouse_is_named(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = '{"name": "ours", "dataset": "ours", "url": "sqlite://", "query": "q"}'
    monkeypatch.setenv("MODELCENSUS_WAREHOUSES", f'[{one}, {{"name": "theirs"}}]')

    ended = run("status")

    missing = [f"1.{name}: Field required" for name in ("dataset", "url", "query")]
    assert (ended.code, ended.out) == (1, [])
    assert ended.err == [
        "modelcensus: " + "; ".join(f"MODELCENSUS_WAREHOUSES {one}" for one in missing)
    ]


@pytest.mark.parametrize(
    ("name", "value", "why"),
    [
        ("OPENROUTER_EVERY", "PT59S", "greater than or equal to 1 minute"),
        ("MODELSDEV_EVERY", "P400D", "less than or equal to 366 days"),
        ("REFRESH_EVERY", "PT0S", "greater than or equal to 10000 microseconds"),
        ("SOURCE_TIMEOUT", "PT0S", "greater than or equal to 1 second"),
    ],
)
def test_times_that_would_do_harm_are_refused(
    run: Run, monkeypatch: pytest.MonkeyPatch, name: str, value: str, why: str
) -> None:
    monkeypatch.setenv(f"MODELCENSUS_{name}", value)

    ended = run("status")

    assert (ended.code, ended.out) == (1, [])
    assert ended.err == [f"modelcensus: MODELCENSUS_{name}: Input should be {why}"]


# The program


def environment(folder: Path) -> dict[str, str]:
    kept = {k: v for k, v in os.environ.items() if not k.startswith("MODELCENSUS_")}
    url = f"sqlite:///{folder / 'census.db'}"
    nowhere = "http://127.0.0.1:9"
    upstreams = ("OPENROUTER", "HUGGINGFACE", "MODELSDEV")
    return (
        kept
        | {f"MODELCENSUS_{name}_URL": nowhere for name in upstreams}
        | {"PYTHONPATH": str(ROOT), "MODELCENSUS_DATABASE_URL": url}
    )


def program(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603 (our own interpreter)
        [sys.executable, "-m", "app", *arguments],
        cwd=folder,
        env=environment(folder),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_the_program_lists_its_commands(tmp_path: Path) -> None:
    ended = program(tmp_path, "--help")

    assert (ended.returncode, ended.stderr) == (0, "")
    for command in ("serve", "migrate", "ingest", "status", "verify", "openapi"):
        assert command in ended.stdout


def test_the_program_fails_in_one_line(tmp_path: Path) -> None:
    ended = program(tmp_path, "status")

    assert (ended.returncode, ended.stdout) == (2, "")
    assert ended.stderr == (
        "modelcensus: There is no record census.db, or it cannot be opened.\n"
    )


def test_a_server_answers_and_stops_when_it_is_told_to(tmp_path: Path) -> None:
    with serving(tmp_path) as (server, url), httpx2.Client(trust_env=False) as client:
        asked = f"{url}/v1/share?origin=CN&start_date=2026-04&end_date=2026-04"
        answer = client.get(asked).raise_for_status().json()

        server.send_signal(signal.SIGTERM)
        code = server.wait(timeout=10)

    assert [row["share"] for row in answer["data"]] == [0.45428]
    assert code in {0, -signal.SIGTERM}


@contextmanager
def serving(folder: Path) -> Iterator[tuple[subprocess.Popen[bytes], str]]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = subprocess.Popen(  # noqa: S603 (our own interpreter)
        [sys.executable, "-m", "app", "serve", "--port", str(port)],
        cwd=folder,
        env=environment(folder),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        wait_for(server, port)
        yield server, f"http://127.0.0.1:{port}"
    finally:
        server.kill()
        server.wait()


def wait_for(server: subprocess.Popen[bytes], port: int) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        assert server.poll() is None
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise AssertionError("the server did not start within a minute")
