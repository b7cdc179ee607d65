"""The command line, run in this process: what it says, and how it ends."""

import logging
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pytest
import structlog

from app import cli, console
from app.commands import opened
from app.services.preparing import prepare
from app.store.database import Database
from tests.registry.bundled import FOLDER
from tests.services import published


@dataclass(frozen=True)
class Ended:
    """How a command ended.

    Attributes:
        code: What the shell sees.
        out: Lines on standard output.
        err: Lines on standard error, without the log.
    """

    code: int
    out: list[str]
    err: list[str]


Run = Callable[..., Ended]


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers, root.level
    configured = structlog.get_config()
    yield
    root.handlers, root.level = handlers, level
    structlog.configure(**configured)


@pytest.fixture
def run(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
) -> Run:
    """Run a command in a folder of its own, by its arguments."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MODELCENSUS_LOG_LEVEL", "ERROR")
    # What `serve` sets for its workers is undone after the test.
    for name in ("WORKERS", "PUBLIC_URL"):
        monkeypatch.setenv(f"MODELCENSUS_{name}", "")
        monkeypatch.delenv(f"MODELCENSUS_{name}")

    def _run(*arguments: str | Path) -> Ended:
        monkeypatch.setattr("sys.argv", ["modelcensus", *map(str, arguments)])
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            cli.main()
        code = ended.value.code
        told = capsys.readouterr()
        out, err = told.out.splitlines(), told.err.splitlines()
        if isinstance(code, str):  # the interpreter prints it
            return Ended(1, out, [*err, code])
        return Ended(code or 0, out, err)

    return _run


@pytest.fixture
def set_clock(monkeypatch: pytest.MonkeyPatch) -> Callable[[datetime], None]:
    def _set(now: datetime) -> None:
        monkeypatch.setattr(console, "_now", lambda: now)
        monkeypatch.setattr(opened, "present_moment", lambda: now)

    return _set


@pytest.fixture
def use(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Database]:
    """Make a record the one that commands use; return it, opened."""

    def _use(url: str) -> Database:
        monkeypatch.setenv("MODELCENSUS_DATABASE_URL", url)
        return Database(url)

    return _use


@pytest.fixture(scope="session")
def bundle_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("bundled") / "census.db"
    made = Database(f"sqlite:///{path}", create=True)
    prepare(made, FOLDER, published.NOW)
    made.close()
    return path


@pytest.fixture
def bundled(
    bundle_template: Path, tmp_path: Path, use: Callable[[str], Database]
) -> Iterator[Database]:
    """A record with the bundle, in use."""
    path = tmp_path / "census.db"
    shutil.copy(bundle_template, path)
    opened = use(f"sqlite:///{path}")
    yield opened
    opened.close()


@pytest.fixture
def small(
    new_sqlite: Callable[[], str], use: Callable[[str], Database]
) -> Iterator[Database]:
    """A record with tables and nothing in them, in use."""
    opened = use(new_sqlite())
    yield opened
    opened.close()
