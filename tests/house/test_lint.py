"""Style, types and declared dependencies, as `make lint` and `make types` ask."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.house.tree import ROOT

BIN = Path(sys.executable).parent

COMMANDS = [
    ["ruff", "check", "--no-fix"],
    ["ruff", "format", "--check"],
    ["deptry", "app", "migrations"],
    ["mypy"],
    ["hadolint", "Dockerfile"],
]


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_nothing_is_found(command: list[str]) -> None:
    done = subprocess.run(  # noqa: S603 - our own tools, by full path
        [BIN / command[0], *command[1:]],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("command", COMMANDS[:4], ids=" ".join)
def test_make_asks_the_same(command: list[str]) -> None:
    makefile = (ROOT / "Makefile").read_text()

    assert "$(BIN)/" + " ".join(command).removesuffix(" --no-fix") in makefile
