"""What a file says of itself, so that it can be cited when nothing else is left."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

from app.domain.caveats import CAVEATS
from app.domain.reports import Kind, Report

_FACTS = {
    "quote": "Quote",
    "citation": "Citation",
    "unit": "Unit",
    "dataset": "Dataset",
    "release": "Release",
    "published_at": "Published at",
    "source_as_of": "Source as of",
    "data_through": "Data through",
    "numerator": "Numerator",
    "base": "Base",
    "count": "Rows on all pages",
    "method_version": "Method version",
}
KINDS: Mapping[Kind, str] = {
    Kind.TEXT: "text",
    Kind.DATE: "date",
    Kind.TIME: "moment, UTC",
    Kind.INTEGER: "integer",
    Kind.FRACTION: "fraction",
    Kind.DECIMAL: "number",
    Kind.TEXTS: "texts, separated by ;",
}


@dataclass(frozen=True, slots=True)
class About:
    """What is known of an answer beside its rows and its meta.

    Attributes:
        name: What the path calls it: `share`, `revisions-share`.
        public: Where readers reach this service.
        url: Where this answer is: for good, if it can be pinned.
        definitions: What each column means.
        wide: The column that is spread over the groups; None: rows are as they are.
    """

    name: str
    public: str
    url: str
    definitions: Mapping[str, str] = field(default_factory=dict)
    wide: str | None = None

    def definition(self, column: str) -> str:
        """Return what a column means."""
        found = self.definitions.get(column)
        if found is None and self.wide is not None:
            return f"{self.wide} of {column}: {self.definitions[self.wide]}"
        return found or ""


def facts(report: Report, about: About) -> Iterator[tuple[str, str]]:
    """Yield what is to be known of an answer: what it is, and as text."""
    meta = report.meta
    for name, label in _FACTS.items():
        if meta.get(name) is not None:
            yield label, str(meta[name])
    if licenses(report):
        yield "License", ", ".join(licenses(report))
    yield "URL", about.url
    yield "Query", "&".join(f"{name}={value}" for name, value in report.resolved)
    yield "Method", f"{about.public}/method"


def remarks(report: Report) -> Iterator[str]:
    """Yield what to keep in mind: caveats, warnings, notes on some days."""
    for code in dict.fromkeys(_each(report, "caveats")):
        yield CAVEATS.get(str(code), str(code))
    yield from map(str, _each(report, "warnings"))
    for note in cast("Sequence[Mapping[str, Any]]", _each(report, "annotations")):
        yield f"{note['date_from']} to {note['date_to']}: {note['text']}"


def licenses(report: Report) -> list[str]:
    """Return the licences of the numbers; of a comparison, those of all datasets."""
    metas = [report.meta, *_datasets(report)]
    found = [str(meta["license"]) for meta in metas if meta.get("license")]
    return list(dict.fromkeys(found))


def sources(report: Report) -> list[tuple[str, str]]:
    """Return the datasets that the numbers are of: slug, and how to credit it."""
    metas = [report.meta, *_datasets(report)]
    return [(str(m["dataset"]), str(m["citation"])) for m in metas if m.get("dataset")]


def _datasets(report: Report) -> Sequence[Mapping[str, Any]]:
    return cast("Sequence[Mapping[str, Any]]", report.meta.get("datasets", ()))


def _each(report: Report, name: str) -> Sequence[object]:
    return cast("Sequence[object]", report.meta.get(name, ()))
