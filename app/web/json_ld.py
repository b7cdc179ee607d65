"""What a page says of its thing in the words of schema.org, for machines."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from app.web.plain import Row
from app.web.urls import spelt

JsonLd = Mapping[str, Any]

_CONTEXT = "https://schema.org"
_NAME = "Model Census"
_LICENSES = {"CC-BY-4.0": "https://creativecommons.org/licenses/by/4.0/"}
_OF_ONES_OWN = "LicenseRef-"
_ESCAPES = str.maketrans(
    {each: f"\\u{ord(each):04x}" for each in ("<", ">", "&", "\u2028", "\u2029")}
)
FILES = {
    "csv": ("CSV", "text/csv"),
    "xlsx": (
        "Excel",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ),
    "zip": ("ZIP", "application/zip"),
    "json": ("JSON", "application/json"),
    "ndjson": ("NDJSON", "application/x-ndjson"),
    "parquet": ("Parquet", "application/vnd.apache.parquet"),
}
"""Formats by their suffixes: name and media type."""


def written(data: JsonLd) -> str:
    """Return structured data as text that cannot end the element that holds it."""
    text = json.dumps({"@context": _CONTEXT, **data}, ensure_ascii=False)
    return text.translate(_ESCAPES)


def crumbs(way: Sequence[tuple[str, str]]) -> JsonLd:
    """Return where a page is: names and URLs, from the outermost inwards."""
    return {
        "@type": "BreadcrumbList",
        "itemListElement": [
            {"@type": "ListItem", "position": at, "name": name, "item": url}
            for at, (name, url) in enumerate(way, 1)
        ],
    }


def catalog(public: str, datasets: Sequence[Row]) -> JsonLd:
    """Return the list of datasets."""
    return {
        "@type": "DataCatalog",
        "name": _NAME,
        "description": "Which AI models are used, who makes them and where: "
        "datasets with their sources, licences and gaps.",
        "url": f"{public}/datasets",
        "publisher": _us(public),
        "isAccessibleForFree": True,
        "dataset": [
            {
                "@type": "Dataset",
                "name": each["name"],
                "url": _page(public, each),
                "description": description(each),
                **_licensed(each["license"]),
            }
            for each in datasets
        ],
    }


def dataset(public: str, about: Row, meta: Row, files: Sequence[str]) -> JsonLd:
    """Return one dataset.

    Args:
        public: Where readers reach this service.
        about: What `/v1` says of the dataset.
        meta: Of that answer.
        files: URLs of its numbers as CSV; none if there are no numbers.
    """
    url = _page(public, about)
    return {
        "@type": "Dataset",
        "@id": url,
        "name": about["name"],
        "description": description(about),
        "url": url,
        "identifier": about["slug"],
        **_licensed(about["license"]),
        "creator": _publisher(about),
        "publisher": _us(public),
        **dict(_dated(about)),
        "dateModified": meta["published_at"],
        "version": str(meta["release"]),
        "variableMeasured": {
            "@type": "PropertyValue",
            "name": about["metric"],
            "unitText": about["unit"],
        },
        "isAccessibleForFree": True,
        "citation": meta["citation"],
        "includedInDataCatalog": {
            "@type": "DataCatalog",
            "name": _NAME,
            "url": f"{public}/datasets",
        },
        "distribution": [each for url in files for each in _downloads(url)],
    }


def organisation(public: str, about: Row) -> JsonLd:
    """Return a provider, with no more than what is claimed of it."""
    return {
        "@type": "Organization",
        "name": about["name"],
        "alternateName": [about["organisation"], *about["aliases"]],
        "mainEntityOfPage": public + spelt(f"/providers/{about['slug']}", ()),
    }


def description(about: Row) -> str:
    """Return what a dataset is, in a sentence."""
    scope = about.get("scope", about["metric"])
    return (
        f"{about['name']}: {scope}, by {', '.join(about['dimensions'])}; published "
        f"by {about['publisher']}, kept and classified by {_NAME}, with bounds for "
        "what cannot be attributed."
    )


def license_url(name: str) -> str | None:
    """Return where a licence is told; None if there is none, or of one's own."""
    if name.startswith(_OF_ONES_OWN):
        return None
    return _LICENSES.get(name, f"https://spdx.org/licenses/{name}.html")


def _licensed(name: str) -> JsonLd:
    url = license_url(name)
    return {} if url is None else {"license": url}


def _publisher(about: Row) -> JsonLd:
    named = {"@type": "Organization", "name": about["publisher"]}
    return {**named, "url": about["url"]} if about["url"] else named


def _us(public: str) -> JsonLd:
    return {"@type": "Organization", "name": _NAME, "url": f"{public}/"}


def _dated(about: Row) -> Iterator[tuple[str, str]]:
    if about["first_day"] is not None:
        yield "temporalCoverage", f"{about['first_day']}/{about['last_day']}"
    if about["url"]:
        yield "isBasedOn", about["url"]


def _downloads(url: str) -> Iterator[JsonLd]:
    path, _, query = url.partition(".csv?")
    for suffix, (name, media_type) in FILES.items():
        yield {
            "@type": "DataDownload",
            "name": name,
            "encodingFormat": media_type,
            "contentUrl": f"{path}.{suffix}?{query}",
        }


def _page(public: str, about: Row) -> str:
    return public + spelt(f"/datasets/{about['slug']}", ())
