"""What is installed elsewhere has everything that a checkout has."""

import os
import subprocess
import sys
from pathlib import Path
from zipfile import ZipFile

import pytest

from tests.house.tree import ROOT, files

# Which documents and pictures there are, and how they look.
SHOW = """
from hashlib import sha256
from app.web.documents import document, documents, pictures
for path in documents():
    print(path, sha256(document(path, "https://census.example")).hexdigest())
for path, file in pictures().items():
    print(path, sha256(file.read_bytes()).hexdigest())
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built by the locked backend."""
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(  # noqa: S603 - our own build
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder],
        cwd=ROOT,
        capture_output=True,
        check=True,
    )
    (wheel,) = folder.iterdir()
    return wheel


@pytest.fixture(scope="module")
def packed(wheel: Path) -> set[str]:
    """Names in the wheel."""
    with ZipFile(wheel) as opened:
        return set(opened.namelist())


def test_every_file_of_the_package_is_packed(packed: set[str]) -> None:
    names = {str(path.relative_to(ROOT)) for path in files()}
    package = {name for name in names if name.startswith("app/")}

    assert any(name.startswith("app/registry/") for name in package)
    assert package - packed == set()


def test_the_migrations_lie_inside_the_package(packed: set[str]) -> None:
    migrations = [path for path in files() if path.is_relative_to(ROOT / "migrations")]
    inside = {str(Path("app") / path.relative_to(ROOT)) for path in migrations}

    assert any(name.endswith("env.py") for name in inside)
    assert inside - packed == set()


def test_what_is_installed_shows_the_documents_of_the_checkout(
    wheel: Path, tmp_path: Path
) -> None:
    with ZipFile(wheel) as packed:
        packed.extractall(tmp_path)

    here, there = (
        subprocess.run(  # noqa: S603 - our own interpreter
            [sys.executable, "-c", SHOW],
            cwd=folder,
            env=os.environ | {"PYTHONPATH": str(folder)},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for folder in (ROOT, tmp_path)
    )

    assert len(there.splitlines()) > 20
    assert there == here


def test_nothing_else_is_packed(packed: set[str]) -> None:
    tops = {name.partition("/")[0] for name in packed}

    assert {top for top in tops if not top.endswith(".dist-info")} == {"app"}
