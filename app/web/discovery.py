"""What is read before anything is asked: by crawlers, catalogues, language models."""

import json
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping
from typing import Any
from xml.sax.saxutils import escape

from app.web import csvw, dcat, explorer, machine, pages
from app.web.asking import Answer, Made, View, Visit
from app.web.plain import Row
from app.web.thing import KINDS
from app.web.urls import spelt

_TEXT = "text/plain; charset=utf-8"
_XML = "application/xml; charset=utf-8"
_JSON = "application/json"
_LINKSET = 'application/linkset+json; profile="https://www.rfc-editor.org/info/rfc9727"'
_CATALOG = "/.well-known/api-catalog"
_SITEMAP = "http://www.sitemaps.org/schemas/sitemap/0.9"
_MOST = 50_000
"""URLs that one sitemap may have."""
_A_PAGE = "1000"
"""Most rows that `/v1` has on one."""


async def robots(visit: Visit) -> Made:
    """Return what crawlers may read: everything."""
    text = f"User-agent: *\nAllow: /\n\nSitemap: {visit.public}/sitemap.xml\n"
    return Made(text.encode(), machine.POLICY, _TEXT)


# The sitemap


async def sitemap(visit: Visit) -> Made:
    """Return every page there is, and when what it tells of was last published."""
    asked = await visit.ask("/v1/releases?limit=1")
    if not asked.ok:
        return machine.passed_on(asked)
    meta = asked.json()["meta"]
    # The first page is one of the others.
    told = [path for path in explorer.VIEWS if path != "/"]
    for kind in KINDS:
        found = await _things(visit, kind, str(meta["release"]))
        if isinstance(found, Answer):
            return machine.passed_on(found)
        told += [f"/{kind}", *found]
    urls = [*_entries(visit.public, told, meta["published_at"])]
    urls += _entries(visit.public, _texts(visit.public), None)
    body = f'<?xml version="1.0" encoding="UTF-8"?>\n<urlset xmlns="{_SITEMAP}">\n'
    body += "".join(urls[:_MOST]) + "</urlset>\n"
    return Made(body.encode(), machine.POLICY, _XML)


async def _things(visit: Visit, kind: str, release: str) -> list[str] | Answer:
    """Return the paths of all things of a kind, or what said that they are not told."""
    name = "origin" if kind == "origins" else "slug"
    url: str | None = spelt(f"/v1/{kind}", [("limit", _A_PAGE), ("release", release)])
    found: list[str] = []
    while url is not None:
        asked = await visit.ask(url)
        if not asked.ok:
            return asked
        page = asked.json()
        found += [spelt(f"/{kind}/{row[name]}", ()) for row in page["data"]]
        following = page["links"].get("next")
        url = following and following.removeprefix(visit.public)
    return found


def _texts(public: str) -> Iterator[str]:
    """Yield the paths of pages that are the same until the code changes."""
    for path, page in pages.pages(public).items():
        # A slash at the end is another spelling, and a problem is met, not looked for.
        other = path.endswith("/") or path.startswith("/problems/")
        if page.media_type.startswith("text/html") and not other:
            yield path


def _entries(public: str, paths: Iterable[str], when: str | None) -> Iterator[str]:
    changed = f"<lastmod>{when}</lastmod>" if when else ""
    for path in paths:
        yield f"<url><loc>{escape(public + path)}</loc>{changed}</url>\n"


# The catalogue of interfaces


async def api_catalog(visit: Visit) -> Made:
    """Return which interfaces there are, and where they are described (RFC 9727)."""
    body = {"linkset": list(_linkset(visit.public))}
    link = f'<{visit.public}{_CATALOG}>; rel="api-catalog"'
    return Made(_written(body), machine.POLICY, _LINKSET, headers=[("link", link)])


def _linkset(public: str) -> Iterator[Mapping[str, Any]]:
    def at(path: str, kind: str) -> list[Mapping[str, str]]:
        return [{"href": public + path, "type": kind}]

    interfaces = f"{public}/v1", f"{public}/mcp"
    yield {
        "anchor": public + _CATALOG,
        "item": [{"href": each} for each in interfaces],
    }
    yield {
        "anchor": interfaces[0],
        "service-desc": at("/openapi.json", _JSON),
        "service-doc": at("/docs/api", "text/html"),
        "service-meta": at("/dcat.jsonld", dcat.MEDIA_TYPE),
        "status": at("/v1/status", _JSON),
    }
    yield {
        "anchor": interfaces[1],
        "service-doc": at("/llms.txt", "text/plain"),
        "status": at("/v1/status", _JSON),
    }


def _written(body: Mapping[str, Any]) -> bytes:
    return json.dumps(body, ensure_ascii=False, indent=1).encode()


# For language models

_FOR_MODELS = """\
# Model Census

> Which language models are used, how much, and from where: a public record of tokens by
> origin of the lab, weights, provider, family and model, day by day, with bounds for
> what is not attributed and a permanent link for every number. Free, without a key.

Shares are fractions from 0 to 1 and lie between `share_low` and `share_high`. They are
of the traffic named in `meta.base` and `meta.caveats`, not of all use of AI. To publish
a number, take `meta.quote`, `meta.citation` and `links.permalink` of its answer.

{examples}
## Ask

- [Share]({public}/v1/share?origin=CN): share of use; `origin`, `weights`, `provider`,
  `family`, `model`… select, `within_…` narrows the base, `group_by` splits, `interval`
  gives a series, `start_date` and `end_date` take days, months, weeks, quarters, years
- [Volume]({public}/v1/volume?interval=month): how much was used
- [Rankings]({public}/v1/rankings): who leads in a window of time
- [Models]({public}/v1/models?q=qwen): find a model; also `/v1/providers`, `/v1/origins`
- [Status]({public}/v1/status): how fresh everything is
- Tools for agents (Model Context Protocol, streamable HTTP, no key): {public}/mcp

The same path with `.csv`, `.ndjson`, `.parquet`, `.xlsx`, `.zip`, `.svg` or `.png` is
the same answer in that format. An unknown parameter is an error that says what was
meant.

## Datasets

{datasets}
## Read

- [Documents]({public}/docs): how to use it, and a glossary
- [Reference]({public}/docs/api): every path and parameter
- [OpenAPI]({public}/openapi.json): the same for programs
- [Method]({public}/method): what each number is, and what it is not
- [Catalogue]({public}/dcat.jsonld): the datasets as DCAT-AP
"""
_EXAMPLES = (
    "/v1/share?origin=CN",
    "/v1/share?weights=open",
    "/v1/rankings?top=3",
)


async def for_models(visit: Visit) -> Made:
    """Return what a language model should know before it asks or quotes."""
    asked = await visit.ask("/v1/datasets?limit=1000")
    if not asked.ok:
        return machine.passed_on(asked)
    found = asked.json()
    examples = [text async for text in _examples(visit, found["meta"]["release"])]
    text = _FOR_MODELS.format(
        public=visit.public,
        examples="".join(examples),
        datasets="".join(_dataset(visit.public, row) for row in found["data"]),
    )
    return Made(text.encode(), machine.POLICY, _TEXT)


async def _examples(visit: Visit, release: int) -> AsyncIterator[str]:
    """Yield what the census says right now, each with the question."""
    for path in _EXAMPLES:
        asked = await visit.ask(f"{path}&release={release}")
        if asked.ok and (quote := asked.json()["meta"]["quote"]):
            yield f"- {quote} ({visit.public}{path})\n"


def _dataset(public: str, row: Row) -> str:
    days = f"{row['first_day']} to {row['last_day']}" if row["first_day"] else "no days"
    url = public + spelt(f"/datasets/{row['slug']}", ())
    return (
        f"- [{row['name']}]({url}): `dataset={row['slug']}`, {row['metric']} "
        f"({row['unit']}) by {', '.join(row['dimensions'])}; {days}; {row['license']}\n"
    )


VIEWS: dict[str, View] = {
    "/robots.txt": robots,
    "/sitemap.xml": sitemap,
    "/llms.txt": for_models,
    _CATALOG: api_catalog,
    "/dcat.jsonld": dcat.catalog,
    "/dcat/{slug}.jsonld": dcat.dataset,
    "/csvw/{table:path}": csvw.described,
}
