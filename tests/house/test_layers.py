"""Imports point inward: doors, services, store and sources, leaves."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.house.tree import ROOT, modules

APP = ROOT / "app"
LEAVES = {"domain", "errors", "settings"}

# Each package, and what of ours it may import besides itself.
MAY_IMPORT: dict[str, set[str]] = {
    "domain": set(),
    "errors": set(),
    "settings": set(),
    "logs": set(),
    "sources": LEAVES,
    "present": LEAVES,
    "drawing": {"errors"},
    "store": LEAVES,
    "services": LEAVES | {"store", "sources"},
    "api": LEAVES | {"services", "present", "drawing", "store.database"},
    "web": LEAVES,
    "schedule": LEAVES | {"services", "sources", "store.database"},
    "main": LEAVES
    | {"api", "drawing", "logs", "web", "schedule", "services", "store.database"},
    "client": set(),
    "inside": LEAVES | {"api", "main", "services", "store.database"},
    "commands": LEAVES | {"client", "inside", "services", "sources", "store.database"},
    "console": LEAVES
    | {"commands", "logs", "services", "sources", "schedule", "main", "store.database"},
    "cli": {"console"},
    "__main__": {"cli"},
    "__init__": set(),
}

SQL = {"sqlalchemy", "sqlmodel", "alembic", "sqlite3", "pysqlite3", "psycopg"}
HTTP = {"fastapi", "starlette", "uvicorn", "httpx", "httpx2", "urllib.request"}
SERVER = {"fastapi", "starlette", "uvicorn"}
FILES = {"pathlib", "os", "io.open", "shutil", "tempfile"}

# Each package, and what of others it must not know.
MUST_NOT_IMPORT: dict[str, set[str]] = {
    "domain": SQL | HTTP | FILES,
    "errors": SQL | HTTP | FILES,
    "settings": SQL | HTTP,
    "logs": SQL | HTTP,
    "present": SQL | HTTP | FILES,
    "drawing": SQL | HTTP,
    "sources": SQL | SERVER,
    "store": HTTP,
    "services": SERVER | {"typer"},
    "api": SQL | {"httpx", "httpx2"},
    "web": SQL,
    "schedule": SQL | SERVER,
    "main": SQL,
    "client": SQL | SERVER | FILES,
    "inside": SQL,
    "commands": SQL | SERVER,
    "console": SQL,
    "cli": SQL | HTTP,
    "__main__": SQL | HTTP,
    "__init__": SQL | HTTP,
}

# A source whose upstream is a database cannot do without; it reads other databases than
# the record, which it does not know.
EXCEPT: dict[str, set[str]] = {"sources/warehouse.py": {"sqlalchemy"}}

MODULES = modules("app")
each_module = pytest.mark.parametrize(
    "path", MODULES, ids=[str(p.relative_to(APP)) for p in MODULES]
)


def package_of(path: Path) -> str:
    return path.relative_to(APP).parts[0].removesuffix(".py")


def imports(path: Path) -> set[str]:
    """Return every name `path` imports, such as `app.store.queries`."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def is_below(name: str, tops: set[str]) -> bool:
    return any(f"{name}.".startswith(f"{top}.") for top in tops)


def calls(path: Path) -> Iterator[tuple[str, int]]:
    """Yield the dotted name and the line of every call that has one."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            yield ast.unparse(node.func), node.lineno


def test_every_package_is_looked_at() -> None:
    packages = {package_of(path) for path in MODULES}

    assert packages <= set(MAY_IMPORT)
    assert LEAVES | {"services", "store", "sources", "present", "api"} <= packages
    assert set(MAY_IMPORT) == set(MUST_NOT_IMPORT)


@each_module
def test_imports_of_ours_point_inward(path: Path) -> None:
    package = package_of(path)
    allowed = MAY_IMPORT[package] | {package, "__version__"}
    ours = {n.removeprefix("app.") for n in imports(path) if n.startswith("app.")}

    assert {name for name in ours if not is_below(name, allowed)} == set()


@each_module
def test_others_are_imported_where_they_belong(path: Path) -> None:
    allowed = EXCEPT.get(str(path.relative_to(APP)), set())
    forbidden = MUST_NOT_IMPORT[package_of(path)] - allowed

    assert {name for name in imports(path) if is_below(name, forbidden)} == set()


@each_module
def test_only_the_database_commits(path: Path) -> None:
    commits = [
        line
        for name, line in calls(path)
        if name.rpartition(".")[2] in {"commit", "begin"}
    ]

    assert bool(commits) == (path == APP / "store" / "database.py"), commits


@each_module
def test_the_clock_is_passed_in(path: Path) -> None:
    clocks = {"datetime.now", "datetime.utcnow", "date.today", "time.time"}
    reads = [line for name, line in calls(path) if name in clocks]

    assert not reads or package_of(path) in {
        "api",
        "console",
        "commands",
        "main",
        "schedule",
    }
