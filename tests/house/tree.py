"""The files of the project: what is kept, not what tools leave behind."""

from fnmatch import fnmatch
from pathlib import Path

ROOT = Path(__file__).parents[2]

_IGNORED = [
    line.rstrip("/")
    for line in (ROOT / ".gitignore").read_text().splitlines()
    if line and not line.startswith("#")
] + [".git"]


def _kept(path: Path) -> bool:
    parts = path.relative_to(ROOT).parts
    return not any(fnmatch(part, pattern) for part in parts for pattern in _IGNORED)


def entries() -> list[Path]:
    """Return the kept files and folders at the top."""
    return sorted(path for path in ROOT.iterdir() if _kept(path))


def files() -> list[Path]:
    """Return every kept file."""
    found = []
    for entry in entries():
        inside = entry.rglob("*") if entry.is_dir() else [entry]
        found += [path for path in inside if path.is_file() and _kept(path)]
    return sorted(found)


def modules(*tops: str) -> list[Path]:
    """Return every Python module below these folders."""
    return [
        path
        for path in files()
        if path.suffix == ".py" and path.relative_to(ROOT).parts[0] in tops
    ]
