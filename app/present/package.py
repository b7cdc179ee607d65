"""Rows as an archive: CSV, what to know of it, and a Frictionless data package.

The same bytes at any time: every entry bears the moment of the release.
"""

import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from hashlib import sha256
from io import BytesIO
from typing import IO, Any
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from app.domain.reports import Column, Kind, Report
from app.present import csv, told
from app.present.told import About

_MANY = 1_000_000
"""Rows from which on a table may be larger than 4 GB."""
_PROFILE = "https://datapackage.org/profiles/2.0/datapackage.json"
_LICENSES = {"CC-BY-4.0": "https://creativecommons.org/licenses/by/4.0/"}
_TYPES: Mapping[Kind, Mapping[str, Any]] = {
    Kind.TEXT: {"type": "string"},
    Kind.DATE: {"type": "date"},
    Kind.TIME: {"type": "datetime"},
    Kind.INTEGER: {"type": "integer"},
    Kind.FRACTION: {"type": "number"},
    Kind.DECIMAL: {"type": "number"},
    Kind.TEXTS: {"type": "list", "delimiter": ";"},
}
_RW = 0o644 << 16


def table(report: Report, about: About) -> bytes:
    """Return the rows of a report as a ZIP archive.

    Args:
        report: The rows, and what stands beside them.
        about: What else the other two files tell.
    """
    file = BytesIO()
    write(file, {"data": report}, about)
    return file.getvalue()


def write(file: IO[bytes], tables: Mapping[str, Report], about: About) -> None:
    """Write tables as one ZIP archive.

    Args:
        file: Where to; it need not be readable.
        tables: By name; what stands beside the first stands beside all of them.
        about: What else the other two files tell.
    """
    first = next(iter(tables.values()))
    when = datetime.fromisoformat(str(first.meta["published_at"]))
    resources = []
    with ZipFile(file, "w") as archive:
        for name, report in tables.items():
            digest, size = sha256(), 0
            entry = _entry(f"{name}.csv", when)
            # Sizes are known only when it is written.
            with archive.open(entry, "w", force_zip64=len(report) > _MANY) as rows:
                for block in csv.rows(report):
                    digest.update(block)
                    size += rows.write(block)
            resources.append(_resource(name, report, about, digest.hexdigest(), size))
        package = {**_about(first, about), "resources": resources}
        for name, text in (
            ("README.md", "".join(_read_me(tables, about))),
            ("datapackage.json", json.dumps(package, ensure_ascii=False, indent=1)),
        ):
            archive.writestr(_entry(name, when), text.encode())


def _entry(name: str, when: datetime) -> ZipInfo:
    entry = ZipInfo(name, when.timetuple()[:6])
    entry.compress_type = ZIP_DEFLATED
    # Not of the machine it is made on.
    entry.create_system, entry.external_attr = 3, _RW
    return entry


def _about(report: Report, about: About) -> dict[str, Any]:
    meta = report.meta
    found: dict[str, Any] = {
        "$schema": _PROFILE,
        "name": f"modelcensus-{about.name}-release-{meta['release']}",
        "id": about.url,
        "title": report.title or f"Model Census: {about.name}",
        "description": meta["quote"],
        "homepage": about.url,
        "version": f"{meta['release']}.0.0",
        "created": meta["published_at"],
        "contributors": [{"title": "Model Census", "roles": ["publisher"]}],
    }
    licenses = [_license(name) for name in told.licenses(report)]
    sources = [_source(each, about) for each in told.sources(report)]
    return found | {
        name: value
        for name, value in (("licenses", licenses), ("sources", sources))
        if value
    }


def _license(name: str) -> dict[str, str]:
    path = _LICENSES.get(name)
    return {"name": name} if path is None else {"name": name, "path": path}


def _source(source: tuple[str, str], about: About) -> dict[str, str]:
    slug, credit = source
    return {"title": credit, "path": f"{about.public}/v1/datasets/{slug}"}


def _resource(
    name: str, report: Report, about: About, digest: str, size: int
) -> dict[str, Any]:
    return {
        "name": name,
        "type": "table",
        "path": f"{name}.csv",
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "bytes": size,
        "hash": f"sha256:{digest}",
        "dialect": {"delimiter": ",", "lineTerminator": "\r\n", "quoteChar": '"'},
        "schema": {
            "fields": [_field(column, about) for column in report.columns],
            "missingValues": [""],
        },
    }


def _field(column: Column, about: About) -> dict[str, Any]:
    return {
        "name": column.name,
        **_TYPES[column.kind],
        "description": about.definition(column.name),
    }


def _read_me(tables: Mapping[str, Report], about: About) -> Iterator[str]:
    report = next(iter(tables.values()))
    yield f"# Model Census: {about.name}\n\n"
    for label, text in told.facts(report, about):
        yield f"- {label}: {text}\n"
    remarks = list(told.remarks(report))
    if remarks:
        yield "\n## To keep in mind\n\n"
        yield from (f"- {remark}\n" for remark in remarks)
    for name, each in tables.items():
        yield f"\n## Columns of `{name}.csv`\n\n"
        yield "UTF-8, with a header; empty is not known.\n\n"
        for column in each.columns:
            means = about.definition(column.name)
            yield f"- `{column.name}` ({told.KINDS[column.kind]}): {means}\n"
