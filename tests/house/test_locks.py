"""The locks hold every dependency, with hashes, at a version the project allows."""

import re
import tomllib
from collections import defaultdict
from collections.abc import Iterable

import pytest
from packaging.requirements import Requirement
from packaging.utils import NormalizedName, canonicalize_name
from packaging.version import Version

from tests.house.tree import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
NAMES = ("requirements.lock", "requirements-build.lock", "requirements-dev.lock")

Lock = dict[NormalizedName, set[Version]]


def entries(name: str) -> list[str]:
    """Return each locked version with its hashes, as one line."""
    text = (ROOT / name).read_text().replace("\\\n", " ")
    return [line for line in text.splitlines() if line.strip()]


def lock(name: str) -> Lock:
    """Return the versions by distribution; some differ by Python version."""
    found: Lock = defaultdict(set)
    for entry in entries(name):
        requirement = Requirement(entry.partition("--hash")[0])
        (pin,) = requirement.specifier
        assert pin.operator == "=="
        found[canonicalize_name(requirement.name)].add(Version(pin.version))
    return dict(found)


def group(name: str) -> list[Requirement]:
    found = []
    for item in PROJECT["dependency-groups"][name]:
        if isinstance(item, str):
            found.append(Requirement(item))
        else:
            found += group(item["include-group"])
    return found


RUNTIME = [Requirement(text) for text in PROJECT["project"]["dependencies"]]
WANTED = {
    "requirements.lock": RUNTIME,
    "requirements-build.lock": group("build"),
    "requirements-dev.lock": RUNTIME + group("dev"),
}


def outside(wanted: Iterable[Requirement], locked: Lock) -> list[str]:
    return [
        f"{requirement} is locked at {version}"
        for requirement in wanted
        for version in locked[canonicalize_name(requirement.name)]
        if version not in requirement.specifier
    ]


@pytest.mark.parametrize("name", NAMES)
def test_every_entry_has_hashes(name: str) -> None:
    found = entries(name)

    assert found
    assert [e for e in found if not re.search(r"--hash=sha256:[0-9a-f]{64}\b", e)] == []


@pytest.mark.parametrize("name", NAMES)
def test_locked_versions_are_allowed(name: str) -> None:
    assert outside(WANTED[name], lock(name)) == []


@pytest.mark.parametrize("name", NAMES)
def test_a_lock_is_made_of_hashed_pins_alone(name: str) -> None:
    lines = (ROOT / name).read_text().splitlines()
    pin = re.compile(r"[a-z0-9-]+==\S+( ; [^\\]+)? \\")
    digest = re.compile(r"    --hash=sha256:[0-9a-f]{64}( \\)?")

    assert [s for s in lines if not (pin.fullmatch(s) or digest.fullmatch(s))] == []


def test_every_dependency_has_a_floor() -> None:
    wanted = RUNTIME + group("dev")

    assert [r for r in wanted if ">=" not in str(r.specifier)] == []


def test_development_runs_what_is_served() -> None:
    everything = lock("requirements-dev.lock")

    assert lock("requirements.lock").items() <= everything.items()
    assert lock("requirements-build.lock").items() <= everything.items()
