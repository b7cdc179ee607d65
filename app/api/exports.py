"""Whole releases to take away: files that are made once, kept, and sent from disk."""

import json
import shutil
import tempfile
import weakref
from asyncio import Future, get_running_loop, shield
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Executor
from functools import partial
from hashlib import file_digest, sha256
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Query, Request
from pydantic import Field

from app import __version__
from app.api import definitions, schemas
from app.api.documented import listed
from app.api.door import Calling, Door
from app.api.parameters import Text, release_number
from app.api.queries import Nothing
from app.api.queries import Query as Asked
from app.api.replies import FOR_EVER, Reply
from app.domain.datasets import Release
from app.domain.reports import Report
from app.domain.snapshot import Snapshot
from app.errors import UnavailableError, UnknownError
from app.present import package, parquet, told
from app.present.formats import Format
from app.present.told import About
from app.services import exporting
from app.services.exporting import File

router = APIRouter(prefix="/v1", tags=["evidence"])
files = APIRouter(prefix="/v1", include_in_schema=False)

_SUMS = "sums.json"
_ZIP, _SQLITE = "census.zip", "census.sqlite"
_KEPT = 2
"""Releases whose files are kept: who has just read the list finds them still."""
_PIECE = 256 * 1024
_TABLES = (
    *(schemas.Volume, schemas.Models, schemas.Providers, schemas.Origins),
    *(schemas.Families, schemas.Categories, schemas.Datasets, schemas.Releases),
)
_MEDIA_TYPES = {
    ".parquet": Format.PARQUET.media_type,
    ".zip": Format.ZIP.media_type,
    ".sqlite": "application/vnd.sqlite3",
}


class ExportsQuery(Asked):
    """Which files."""

    q: Text = Field(default=None, description="Text to look for in names.")


class Exports:
    """The files of the newest release, made when they are first asked for."""

    def __init__(self, public: str, folder: Path | None) -> None:
        """Keep files in a folder; None: in one of our own, gone when we are.

        Args:
            public: Where readers reach this service.
            folder: Where files outlive this process and are shared with others.
        """
        self._public = public
        self._folder = folder
        self._under_way: dict[int, Future[Sequence[File]]] = {}
        self._removal: Callable[[], object] | None = None

    async def of(
        self, snapshot: Snapshot, executor: Executor | None = None
    ) -> Sequence[File]:
        """Return the files of a release; whoever comes while they are made waits.

        Args:
            snapshot: The release.
            executor: Where they are made; None: in any thread.
        """
        number = snapshot.release.id
        begun = self._under_way.get(number)
        if begun is None:
            make = partial(self._made, snapshot)
            begun = get_running_loop().run_in_executor(executor, make)
            self._under_way[number] = begun
            begun.add_done_callback(lambda _: self._under_way.pop(number))
        return await shield(begun)

    def close(self) -> None:
        """Remove a folder of our own: no exit of the process is sure to."""
        if self._removal is not None:
            self._removal()

    def path(self, release: Release) -> Path:
        """Return the folder of a release, whether or not it is there."""
        # Of another record, version or address they are other bytes.
        made_of = f"{release.digest}\n{__version__}\n{self._public}"
        key = sha256(made_of.encode()).hexdigest()[:16]
        return self._root() / f"{release.id:09d}-{key}"

    def _root(self) -> Path:
        if self._folder is None:
            self._folder = Path(tempfile.mkdtemp(prefix="modelcensus-exports-"))
            remove = partial(shutil.rmtree, self._folder, ignore_errors=True)
            self._removal = weakref.finalize(self, remove)
        self._folder.mkdir(parents=True, exist_ok=True)
        return self._folder

    def _made(self, snapshot: Snapshot) -> Sequence[File]:
        path = self.path(snapshot.release)
        if not path.exists():
            root = self._root()
            with tempfile.TemporaryDirectory(dir=root, prefix=".making-") as made:
                self._make(Path(made) / path.name, snapshot)
                try:
                    (Path(made) / path.name).rename(path)
                except OSError:
                    # Another process was faster; its files have the same bytes.
                    if not path.exists():
                        raise
            _prune(root, path)
        sums = json.loads((path / _SUMS).read_text())
        return [File(**each) for each in sums]

    def _make(self, folder: Path, snapshot: Snapshot) -> None:
        folder.mkdir()
        tables = exporting.tables(snapshot)
        first = next(iter(tables.values()))
        about = About("export", self._public, f"{self._public}/v1/exports", _meanings())
        for name, report in tables.items():
            body = parquet.table(report, None)
            (folder / f"{name}.parquet").write_bytes(body)
        with (folder / _ZIP).open("wb") as file:
            package.write(file, tables, about)
        exporting.sqlite(folder / _SQLITE, tables, list(told.facts(first, about)))
        sums = [self._file(path, snapshot.release) for path in sorted(folder.iterdir())]
        (folder / _SUMS).write_text(json.dumps(sums))

    def _file(self, path: Path, release: Release) -> Mapping[str, object]:
        with path.open("rb") as file:
            digest = file_digest(file, "sha256").hexdigest()
        return {
            "name": path.name,
            "media_type": _MEDIA_TYPES[path.suffix],
            "bytes": path.stat().st_size,
            "sha256": digest,
            "release": release.id,
            "url": f"{self._public}/v1/exports/{release.id}/{path.name}",
        }


def _meanings() -> Mapping[str, str]:
    found: dict[str, str] = {}
    for answer in _TABLES:
        found |= definitions.of_rows(answer)
    return {**found, **exporting.COLUMNS}


def _prune(root: Path, newest: Path) -> None:
    """Remove the files of old releases."""
    made = sorted(path for path in root.iterdir() if not path.name.startswith("."))
    for path in made[:-_KEPT]:
        if path != newest:
            shutil.rmtree(path, ignore_errors=True)


@listed(
    router,
    "/exports",
    schemas.Exports,
    summary="The whole newest release, as files",
    about="All observations with the best judgement of who made what, the registry, "
    "datasets and releases: each table as Parquet, all of them as CSV with a data "
    "package, and as a SQLite database. They are made once per release, when they "
    "are first asked for; each `url` answers with a file whose SHA-256 stands here.",
)
async def get_exports(
    request: Request, call: Calling, query: Annotated[ExportsQuery, Query()]
) -> Reply:
    door: Door = request.app.state.door
    made = await request.app.state.exports.of(call.newest, door.filing)

    def ask(snapshot: Snapshot) -> Report:
        if made[0].release != snapshot.release.id:
            raise UnavailableError("A release was published just now; ask again.")
        return exporting.report(snapshot, made, query.q)

    return await call.reply(query, lambda at: ask(at.snapshot))


@files.get("/exports/{release}/{name}")
async def get_export(
    request: Request, query: Annotated[Nothing, Query()], release: str, name: str
) -> Reply:
    del query
    door: Door = request.app.state.door
    exports: Exports = request.app.state.exports
    number, newest = release_number(release), door.present.standing().snapshot
    known = {each.id: each for each in newest.releases}
    if number == newest.release.id:
        await exports.of(newest, door.filing)
    if number not in known or not exports.path(known[number]).exists():
        raise UnknownError("release", release, [str(newest.release.id)], "/v1/exports")
    folder = exports.path(known[number])
    found = {each["name"]: each for each in json.loads((folder / _SUMS).read_text())}
    if name not in found:
        raise UnknownError("name", name, found, "/v1/exports")
    return Reply(
        b"",
        found[name]["media_type"],
        headers=[
            ("content-disposition", f'attachment; filename="release-{number}-{name}"')
        ],
        cache_control=FOR_EVER,
        etag=f'W/"{found[name]["sha256"][:24]}"',
        modified=known[number].published_at,
        blocks=partial(_pieces, folder / name),
    )


def _pieces(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while piece := file.read(_PIECE):
            yield piece
