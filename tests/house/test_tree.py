"""The tree holds what it should, and nothing of the machines it was made on."""

import re

import pytest

from tests.house.tree import ROOT, entries, files

FOLDERS = {".ci", "app", "bench", "docs", "migrations", "openapi", "tests"}
FILES = {
    ".dockerignore",
    ".gitignore",
    "CHANGELOG.md",
    "Dockerfile",
    "LICENSE",
    "Makefile",
    "README.md",
    "SECURITY.md",
    "alembic.ini",
    "conftest.py",
    "pyproject.toml",
    "requirements-build.lock",
    "requirements-dev.lock",
    "requirements.lock",
}

# A lock or a script that names a registry installs only where that host is reached.
REGISTRIES = [
    r"\bpypi\.(org|python)\b",
    r"pythonhosted",
    r"registry\.npmjs",
    r"proxy\.golang",
    r"(?<!no-emit-)(find-links|index-url)\b",
    r"\bPIP_[A-Z_]+=",
    r"\bUV_[A-Z_]+=",
    r"\bfile:///",
]
# A path of one machine, or a page that the reader of this tree does not have.
ELSEWHERE = [
    r"(?<![\w.~-])/(home|root|work|opt|Users|mnt)/\w",
    r"\b(DESIGN|API|STYLE|FAULTS|BENCH|brief)\.md\b",
    r"\bissue #?\d",
]


def text_files() -> dict[str, str]:
    found = {}
    for path in files():
        try:
            found[str(path.relative_to(ROOT))] = path.read_text()
        except UnicodeDecodeError:
            continue
    return found


def test_the_top_of_the_tree_is_known() -> None:
    found = entries()

    assert {e.name for e in found if e.is_dir()} == FOLDERS
    assert {e.name for e in found if e.is_file()} == FILES


@pytest.mark.parametrize("pattern", REGISTRIES + ELSEWHERE)
def test_nothing_points_elsewhere(pattern: str) -> None:
    texts = text_files()
    del texts["tests/house/test_tree.py"]
    search = re.compile(pattern)

    assert len(texts) > len(FILES)
    assert [
        f"{name}:{number}: {line[:100]}"
        for name, text in texts.items()
        for number, line in enumerate(text.splitlines(), 1)
        if search.search(line)
    ] == []


def test_the_license_is_whole() -> None:
    text = (ROOT / "LICENSE").read_text()

    assert text.lstrip().startswith("Apache License")
    assert "END OF TERMS AND CONDITIONS" in text
    assert "Copyright 2026 The Model Census authors" in text
