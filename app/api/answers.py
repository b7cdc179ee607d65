"""From an answer to a reply: links, validators, lifetimes, and the right bytes."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import partial
from hashlib import sha256
from typing import Any, NamedTuple

from pydantic import BaseModel

from app import __version__
from app.api import definitions
from app.api.replies import DENY_ALL, SVG_POLICY, Reply, Writing
from app.api.urls import QUESTIONS, Pairs, escaped, question, spelt
from app.domain.reports import Item, Report
from app.present import bibtex, csv, json, package, parquet, xlsx
from app.present.formats import Format
from app.present.rows import Block
from app.present.told import About
from app.present.wide import widened

_SVG = Format.SVG.media_type


class Drawn(NamedTuple):
    """An answer as bytes, whoever asks for it in whatever spelling.

    Attributes:
        body: The rows as a table, the data as JSON, or a picture, in pieces; nothing if
            there are blocks.
        meta: What stands beside the data in JSON.
        resolved: The question spelt out.
        tabular: Whether it has rows, and so a table.
        after: Where the next page begins.
        canonical: Path of the thing, if it was asked for by an alias.
        blocks: Writes the rows of a long table, some at a time.
        cells: How many cells these have.
    """

    body: Sequence[Block]
    meta: Mapping[str, Any]
    resolved: Sequence[tuple[str, str]]
    tabular: bool
    after: int | None = None
    canonical: str | None = None
    blocks: Writing | None = None
    cells: int = 0

    @property
    def size(self) -> int:
        """Bytes it takes, about."""
        size = sum(map(len, self.body))
        return size + len(self.resolved) * 100 + self.cells * _CELL


def draw(answer: Report | Item, asked: "Asked") -> Drawn:
    """Return an answer in the format that was asked for."""
    if isinstance(answer, Item):
        data = json.dumps(answer.data)
        return Drawn(
            [data],
            answer.meta,
            answer.resolved,
            tabular=False,
            canonical=answer.canonical,
        )
    after = int(answer.next_cursor) if answer.next_cursor is not None else None
    report = _shaped(answer, asked.wide)
    body: Sequence[Block] = ()
    blocks, cells = None, 0
    if len(report) > _LONG and asked.form in _IN_BLOCKS:
        blocks = partial(_IN_BLOCKS[asked.form], report)
        cells = len(report) * len(report.columns)
    else:
        body = _written(report, asked)
    return Drawn(
        body,
        answer.meta,
        answer.resolved,
        tabular=True,
        after=after,
        blocks=blocks,
        cells=cells,
    )


_LONG = 20_000
"""Rows from which on a table is written while it is sent."""
_CELL = 40
"""Bytes of a cell that is not written yet, at most."""
_IN_BLOCKS: Mapping[Format, Callable[[Report], Iterator[Block]]] = {
    Format.CSV: csv.rows,
    Format.NDJSON: json.lines,
}


def _written(report: Report, asked: "Asked") -> Sequence[Block]:
    if asked.form in _IN_BLOCKS:
        return [b"".join(_IN_BLOCKS[asked.form](report))]
    if asked.form is Format.PARQUET:
        return [parquet.table(report, pinned(asked, report))]
    if asked.form in _FILES:
        return [_FILES[asked.form](report, _about(report, asked))]
    return json.rows(report)


_FILES: Mapping[Format, Callable[[Report, About], bytes]] = {
    Format.XLSX: xlsx.table,
    Format.ZIP: package.table,
}


def _about(report: Report, asked: "Asked") -> About:
    return About(
        asked.path.removeprefix("/v1/").replace("/", "-"),
        asked.public,
        # Not as it was spelt: who asks differently gets the same bytes.
        pinned(asked, report) or f"{asked.public}{spelt(asked.path, report.resolved)}",
        {} if asked.answer is None else definitions.of_rows(asked.answer),
        asked.wide,
    )


def pinned(asked: "Asked", report: Report) -> str | None:
    """Return the permalink of an answer with rows; None if it cannot be pinned."""
    if not asked.pinnable:
        return None
    given, resolved = question(asked.pairs), question(report.resolved)
    return _permalink(asked, asked.path, given, resolved)


def _shaped(report: Report, wide: str | None) -> Report:
    if wide is None:
        return report
    groups = dict(report.resolved)["group_by"]
    group_by = [] if groups == "none" else groups.split(",")
    return widened(report, group_by, wide)


class Asked(NamedTuple):
    """One request, as far as the reply depends on it.

    Attributes:
        public: Where readers reach this service.
        path: Path without the suffix of a format.
        form: The format.
        pairs: Parameters as they were given.
        pinnable: Whether a release can be asked for.
        lifetime: How long caches may keep the reply.
        dated: Whether it was asked as of a moment.
        wide: The column to spread over a column per group; None: rows as they are.
        answer: What the answer looks like, as the reference has it; None: not told.
    """

    public: str
    path: str
    form: Format
    pairs: Pairs
    pinnable: bool
    lifetime: str
    dated: bool
    wide: str | None
    answer: type[BaseModel] | None = None

    def url(self, query: Pairs) -> str:
        """Return the public URL of this path with another query."""
        return f"{self.public}{spelt(self.path + self.form, query)}"


def etag(*parts: object) -> str:
    """Return the weak entity tag of what is a function of `parts` and this code."""
    text = "\n".join(map(str, (__version__, *parts)))
    return f'W/"{sha256(text.encode()).hexdigest()[:24]}"'


def reply(
    asked: Asked,
    drawn: Drawn,
    tag: str,
    published: datetime | None,
    cursor: str | None,
) -> Reply:
    """Return the reply to a question.

    Args:
        asked: The request.
        drawn: The answer.
        tag: Entity tag of the answer.
        published: When the release that was asked was published; None if the answer
            changes without a release.
        cursor: Cursor of the next page, if there is one.
    """
    following = _following(asked, cursor)
    if asked.form.enveloped:
        links = _links(asked, drawn, following)
        query = {"requested": dict(asked.pairs), "resolved": dict(drawn.resolved)}
        meta = {**drawn.meta, "query": query}
        if "permalink" in links:
            meta["bibtex"] = bibtex.entry(drawn.meta, links["permalink"])
        body = json.answer(drawn.body, meta, links)
    else:
        body = b"".join(drawn.body)
    return Reply(
        body,
        asked.form.media_type,
        headers=_headers(asked, drawn, following),
        cache_control=asked.lifetime,
        etag=tag,
        modified=published,
        policy=SVG_POLICY if asked.form.media_type == _SVG else DENY_ALL,
        kept=drawn.blocks is None,
        blocks=drawn.blocks,
    )


def unchanged(asked: Asked, tag: str, published: datetime) -> Reply:
    """Return what says that the caller has the answer; the front makes it a 304."""
    return Reply(
        b"",
        asked.form.media_type,
        cache_control=asked.lifetime,
        etag=tag,
        modified=published,
    )


def _following(asked: Asked, cursor: str | None) -> str | None:
    if cursor is None:
        return None
    # A cursor names its release.
    left_out = {"cursor", "release", "as_of"}
    kept = [pair for pair in asked.pairs if pair[0] not in left_out]
    return asked.url([*kept, ("cursor", cursor)])


def _links(asked: Asked, drawn: Drawn, following: str | None) -> dict[str, str]:
    given, path, public = question(asked.pairs), asked.path, asked.public
    at = escaped(path)
    links = {"self": f"{public}{at}{asked.form}{given}"}
    if asked.pinnable:
        resolved = question(drawn.resolved)
        links["permalink"] = _permalink(asked, _path(asked, drawn), given, resolved)
        if path in QUESTIONS:
            links |= _evidence(asked, drawn, resolved)
    if following is not None:
        links["next"] = following
    if drawn.tabular:
        links["csv"] = f"{public}{at}.csv{given}"
    links["json"] = f"{public}{at}.json{given}"
    links["docs"] = f"{public}/docs/api"
    links["method"] = f"{public}/method"
    if path in QUESTIONS:
        links["svg"] = f"{public}{at}.svg{given}"
        links["png"] = f"{public}{at}.png{given}"
        links["embed"] = f"{public}/embed/{_kind(asked)}{given}"
    return links


def _evidence(asked: Asked, drawn: Drawn, resolved: str) -> dict[str, str]:
    """Return what an answer rests on, and what has changed since in just it."""
    told = dict(drawn.resolved)
    days = [(name, told[name]) for name in ("start_date", "end_date", "release")]
    dataset = f"{asked.public}{escaped('/v1/datasets/' + told['dataset'])}"
    return {
        "revisions": f"{asked.public}/v1/revisions/{_kind(asked)}{resolved}",
        "dataset": f"{dataset}{question(days[2:])}",
        "evidence": f"{dataset}/evidence{question(days)}",
    }


def _kind(asked: Asked) -> str:
    return asked.path.rpartition("/")[2]


def _permalink(asked: Asked, path: str, given: str, resolved: str) -> str:
    if any(name == "cursor" for name, _ in asked.pairs):
        return f"{asked.public}{escaped(asked.path)}{given}"
    return f"{asked.public}{escaped(path)}{resolved}"


def _path(asked: Asked, drawn: Drawn) -> str:
    return drawn.canonical or asked.path


def _headers(
    asked: Asked, drawn: Drawn, following: str | None
) -> Iterator[tuple[str, str]]:
    relations = []
    if following is not None:
        relations.append(f'<{following}>; rel="next"')
    if drawn.canonical is not None:
        canonical = f"{asked.public}{spelt(drawn.canonical, ())}"
        relations.append(f'<{canonical}>; rel="canonical"')
    if asked.form is Format.CSV:
        told = escaped(asked.path.replace("/v1/", "/csvw/", 1)) + question(asked.pairs)
        kind = "application/csvm+json"
        relations.append(f'<{asked.public}{told}>; rel="describedby"; type="{kind}"')
    if relations:
        yield "link", ", ".join(relations)
    if asked.dated:
        path = _path(asked, drawn) + asked.form
        shown = [pair for pair in asked.pairs if pair[0] in _SHOWN]
        query = [*drawn.resolved, *shown]
        yield "content-location", f"{asked.public}{spelt(path, query)}"


_SHOWN = frozenset({"shape", "theme", "lang", "width", "scale"})
"""Parameters that say how an answer is shown, not what it is."""
