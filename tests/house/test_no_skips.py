"""A skip fails where skips are forbidden, and nowhere else."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.house.tree import ROOT

TESTS = """
import pytest

def test_passes(): pass

def test_skips(): pytest.skip("not installed")

@pytest.mark.skipif(True, reason="not here")
def test_is_marked(): raise AssertionError

@pytest.fixture
def absent(): pytest.skip("no database")

def test_needs_what_is_absent(absent): raise AssertionError

@pytest.mark.xfail(reason="known")
def test_fails_as_expected(): raise AssertionError
"""
MODULE = """
import pytest

pytest.importorskip("there_is_no_such_module")
"""


def outcomes(folder: Path, forbid: str) -> str:
    """Return the last line of a run over the tests in `folder`."""
    command = ["-m", "pytest", "-q", "-p", "tests.plugins.no_skips"]
    here = ["--rootdir", str(folder), "-c", os.devnull, str(folder)]
    settings = {"FORBID_SKIPS": forbid, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    done = subprocess.run(  # noqa: S603 - this very interpreter
        [sys.executable, *command, *here],
        cwd=ROOT,
        env=os.environ | settings,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout.splitlines()[-1].partition(" in ")[0]


@pytest.mark.parametrize(
    ("forbid", "expected"),
    [
        ("", "1 passed, 3 skipped, 1 xfailed"),
        ("0", "1 passed, 3 skipped, 1 xfailed"),
        ("1", "1 failed, 1 passed, 1 xfailed, 2 errors"),
    ],
)
def test_a_skipped_test(tmp_path: Path, forbid: str, expected: str) -> None:
    (tmp_path / "test_some.py").write_text(TESTS)

    assert outcomes(tmp_path, forbid) == expected


@pytest.mark.parametrize(("forbid", "expected"), [("", "1 skipped"), ("1", "1 error")])
def test_a_skipped_module(tmp_path: Path, forbid: str, expected: str) -> None:
    (tmp_path / "test_some.py").write_text(MODULE)

    assert outcomes(tmp_path, forbid) == expected


def test_the_plugin_is_loaded(pytestconfig: pytest.Config) -> None:
    assert pytestconfig.pluginmanager.has_plugin("tests.plugins.no_skips")
