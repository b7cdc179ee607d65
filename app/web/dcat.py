"""The datasets as catalogues of data exchange them: DCAT-AP 3, as JSON-LD.

Source: https://semiceu.github.io/DCAT-AP/releases/3.0.0/
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from app.web import machine
from app.web.asking import Made, Visit
from app.web.json_ld import FILES, description, license_url
from app.web.plain import Row
from app.web.urls import spelt

MEDIA_TYPE = "application/ld+json"

Node = dict[str, Any]

_XSD = "http://www.w3.org/2001/XMLSchema#"
_EU = "http://publications.europa.eu/resource/authority"
_IANA = "https://www.iana.org/assignments/media-types/"
_CONTEXT = {
    "dcat": "http://www.w3.org/ns/dcat#",
    "dct": "http://purl.org/dc/terms/",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "xsd": _XSD,
}
_DAILY = 24
_NAME = "Model Census"
_ABOUT = (
    "Which AI models are used, who makes them and where: datasets with their sources, "
    "licences and gaps."
)


async def catalog(visit: Visit) -> Made:
    """Return all datasets, and the interface that answers questions of them."""
    asked = await visit.ask("/v1/datasets?limit=1000")
    if not asked.ok:
        return machine.passed_on(asked)
    found = asked.json()
    slugs = [row["slug"] for row in found["data"]]
    pin = [("release", str(found["meta"]["release"]))]
    public, sets = visit.public, []
    for slug in slugs:
        each = await visit.ask(spelt(f"/v1/datasets/{slug}", pin))
        if not each.ok:
            return machine.passed_on(each)
        sets.append(await _dataset(visit, each.json()))
    return _made(
        {
            "@id": f"{public}/dcat.jsonld#catalog",
            "@type": "dcat:Catalog",
            "dct:title": _english(_NAME),
            "dct:description": _english(_ABOUT),
            "dct:publisher": _us(public),
            "foaf:homepage": {"@id": f"{public}/", "@type": "foaf:Document"},
            "dct:language": {"@id": f"{_EU}/language/ENG"},
            "dct:modified": _moment(found["meta"]["published_at"]),
            "dcat:service": _service(public, slugs),
            "dcat:dataset": sets,
        }
    )


async def dataset(visit: Visit) -> Made:
    """Return one dataset."""
    asked = await visit.ask(spelt(f"/v1/datasets/{visit.named['slug']}", visit.query))
    if not asked.ok:
        return machine.passed_on(asked)
    return _made(await _dataset(visit, asked.json()))


def _made(node: Node) -> Made:
    text = json.dumps({"@context": _CONTEXT, **node}, ensure_ascii=False, indent=1)
    return Made(text.encode(), machine.POLICY, MEDIA_TYPE)


async def _dataset(visit: Visit, answer: Mapping[str, Any]) -> Node:
    about, meta, public = answer["data"], answer["meta"], visit.public
    whole = [("dataset", about["slug"]), ("window", "all")]
    pin = [("release", str(meta["release"]))]
    # Not every dataset has volumes: some are estimates of shares.
    counted = await visit.ask(spelt("/v1/volume", [*whole, *pin]))
    files = spelt("", whole) if counted.ok else None
    return {
        "@id": _named(public, about["slug"]),
        "@type": "dcat:Dataset",
        "dct:identifier": about["slug"],
        "dct:title": _english(about["name"]),
        "dct:description": _english(description(about)),
        "dct:publisher": _us(public),
        "dct:creator": {"@type": "foaf:Agent", "foaf:name": about["publisher"]},
        "dcat:keyword": [_english(each) for each in about["dimensions"]],
        "dct:accessRights": {"@id": f"{_EU}/access-right/PUBLIC"},
        "dct:modified": _moment(meta["published_at"]),
        "dcat:version": str(meta["release"]),
        "dcat:landingPage": {
            "@id": public + spelt(f"/datasets/{about['slug']}", ()),
            "@type": "foaf:Document",
        },
        **dict(_known(about)),
        "dcat:distribution": list(_files(public, files, about)),
    }


def _known(about: Row) -> Iterator[tuple[str, Node]]:
    """Yield what not every dataset has."""
    if about["first_day"] is not None:
        yield (
            "dct:temporal",
            {
                "@type": "dct:PeriodOfTime",
                "dcat:startDate": _typed(about["first_day"], "date"),
                "dcat:endDate": _typed(about["last_day"], "date"),
            },
        )
    if about["cadence_hours"] == _DAILY:
        yield "dct:accrualPeriodicity", {"@id": f"{_EU}/frequency/DAILY"}
    if about["url"]:
        yield "dct:source", {"@id": about["url"]}


def _files(public: str, query: str | None, about: Row) -> Iterator[Node]:
    if query is None:
        return
    licence = license_url(about["license"])
    licensed = {"dct:license": {"@id": licence}} if licence else {}
    for suffix, (name, media_type) in FILES.items():
        url = {"@id": f"{public}/v1/volume.{suffix}{query}"}
        yield {
            "@type": "dcat:Distribution",
            "dct:title": _english(name),
            "dcat:accessURL": url,
            "dcat:downloadURL": url,
            "dcat:mediaType": {"@id": _IANA + media_type},
            "dcat:accessService": {"@id": f"{public}/v1"},
            **licensed,
        }


def _service(public: str, slugs: Sequence[str]) -> Node:
    return {
        "@id": f"{public}/v1",
        "@type": "dcat:DataService",
        "dct:title": _english(f"{_NAME} API"),
        "dcat:endpointURL": {"@id": f"{public}/v1"},
        "dcat:endpointDescription": {"@id": f"{public}/openapi.json"},
        "dcat:servesDataset": [{"@id": _named(public, slug)} for slug in slugs],
    }


def _us(public: str) -> Node:
    return {"@id": f"{public}/#us", "@type": "foaf:Agent", "foaf:name": _NAME}


def _named(public: str, slug: str) -> str:
    """Return the name of a dataset, which is none of the pages about it."""
    return public + spelt(f"/datasets/{slug}", ()) + "#dataset"


def _english(text: str) -> Node:
    return {"@value": text, "@language": "en"}


def _moment(text: str) -> Node:
    return _typed(text, "dateTime")


def _typed(text: str, kind: str) -> Node:
    return {"@value": text, "@type": f"xsd:{kind}"}
