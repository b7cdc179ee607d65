"""What is installed elsewhere has everything that a checkout has."""

import subprocess
import sys
from pathlib import Path
from zipfile import ZipFile

import pytest

from tests.house.tree import ROOT, files


@pytest.fixture(scope="module")
def packed(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """Names in the wheel, built by the locked backend."""
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(  # noqa: S603 - our own build
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder],
        cwd=ROOT,
        capture_output=True,
        check=True,
    )
    (wheel,) = folder.iterdir()
    return set(ZipFile(wheel).namelist())


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


def test_nothing_else_is_packed(packed: set[str]) -> None:
    tops = {name.partition("/")[0] for name in packed}

    assert {top for top in tops if not top.endswith(".dist-info")} == {"app"}
