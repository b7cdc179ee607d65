"""The commands of the README do what it says."""

import os
import re
import subprocess
import sys
from pathlib import Path

import httpx2
import pytest

from tests.cli.test_serve import environment, serving
from tests.house.tree import ROOT

README = (ROOT / "README.md").read_text()
TYPED: list[str] = re.findall(r"```sh\n(.*?)```", README, re.DOTALL)
# These need what a test has not: a day that is held, a machine for containers.
NOT_HERE = ("make", "modelcensus runs", "docker")


def typed(first: str) -> str:
    (found,) = [code for code in TYPED if code.startswith(first)]
    return found


def run(code: str, folder: Path, **known: str) -> str:
    command = folder / "modelcensus"
    command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m app "$@"\n')
    command.chmod(0o755)
    path = f"{folder}:{os.environ['PATH']}"
    done = subprocess.run(  # noqa: S603 - code of our own README
        ["/bin/bash", "-euo", "pipefail", "-c", code],
        cwd=folder,
        env=environment(folder) | {"PATH": path} | known,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_numbers_of_ones_own_are_published_as_the_readme_says(tmp_path: Path) -> None:
    run("modelcensus migrate", tmp_path)
    declared = run(typed("modelcensus datasets add"), tmp_path)
    (key,) = re.findall(r"\bmc_\S+", declared)
    with serving(tmp_path) as (_, url):
        sending = typed("printf").replace("http://127.0.0.1:8000", url)
        sent = run(sending, tmp_path, KEY=key)
        asked = f"{url}/v1/share?dataset=our-gateway&group_by=origin"
        answer = httpx2.get(asked, trust_env=False).raise_for_status().json()

    assert '"verdict":"published"' in sent
    assert [(row["origin"], row["volume"]) for row in answer["data"]] == [
        ("US", 1200000),
        ("CN", 800000),
        ("unknown", 70000),
    ]


def test_a_claim_is_corrected_as_the_readme_says(tmp_path: Path) -> None:
    run("modelcensus migrate", tmp_path)

    assert "poolside" in run(typed("modelcensus registry"), tmp_path)


@pytest.mark.parametrize("code", TYPED, ids=[code.splitlines()[0] for code in TYPED])
def test_every_command_of_the_readme_is_one_that_is_tried(code: str) -> None:
    commands = ("datasets", "rankings", "registry", "share")
    tried = [f"modelcensus {command}" for command in commands]

    assert code.startswith(("curl", "printf", *tried, *NOT_HERE))
