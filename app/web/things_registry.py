"""Pages of one provider, one model, one country."""

import json
from asyncio import gather
from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from app.domain.registry import UNKNOWN
from app.web import json_ld, plain, thing_claims
from app.web.asking import Answer, Made, Visit
from app.web.explorer_answer import Fact
from app.web.plain import NOTHING, Row
from app.web.thing import Section, Thing, made, problem, rows
from app.web.thing_lists import grid
from app.web.thing_numbers import Numbers, links, numbers
from app.web.urls import spelt

_MOST = "100"
_USED = ("sort", "-volume_28d")
_RECENT = "used most first"


async def provider(visit: Visit) -> Made:
    """Return the page of a provider."""
    path = f"/v1/providers/{visit.named['slug']}"
    asked = await visit.ask(spelt(path, visit.query))
    if not asked.ok:
        return problem(visit, "providers", asked)
    answer = asked.json()
    about, meta = answer["data"], answer["meta"]
    slug, pin = about["slug"], ("release", str(meta["release"]))
    counted, (models, models_told), (countries, named) = await gather(
        numbers(visit, "provider", slug, meta["release"]),
        rows(visit, "/v1/models", ("provider", slug), _USED, ("limit", _MOST), pin),
        rows(visit, "/v1/origins", ("limit", "1000"), pin),
    )
    names = {row["origin"]: row["origin_name"] for row in countries["data"]}
    caption = _caption(f"Models by {about['name']}", counted)
    table = grid(
        "models",
        "Models",
        caption,
        models["data"],
        without=("provider", "origin"),
        more=_more("models", models, ("provider", slug)),
    )
    lab = about["kind"] == "lab"
    return made(
        visit,
        Thing(
            kind="providers",
            path=f"providers/{slug}",
            title=about["name"],
            lead=meta["quote"],
            meta=meta,
            sections=[
                Section("about", "About", list(_provider(about))),
                Section(
                    "origin",
                    "Where it is from",
                    list(thing_claims.origin(about, names)),
                ),
            ],
            headline=counted.headline,
            said=counted.said,
            charts=counted.charts,
            grids=[table, *thing_claims.grids(about)],
            links=links(visit, path[1:], "provider", slug),
            data=[json_ld.organisation(visit.public, about)] if lab else [],
            told=counted.told and models_told and named,
        ),
    )


def _provider(about: Row) -> Iterator[Fact]:
    if about["organisation"]:
        yield Fact("Organisation", about["organisation"])
    if about["kind"]:
        yield Fact("Kind", thing_claims.KINDS.get(about["kind"], about["kind"]))
    if about["lab"] and about["lab"] != about["slug"]:
        path = spelt(f"providers/{about['lab']}", ())
        yield Fact("Lab behind it", "", [(about["lab"], path)])
    yield from _aliases(about)
    yield Fact("Models", f"{about['models']:,}")


def _aliases(about: Row) -> Iterator[Fact]:
    if about["aliases"]:
        yield Fact("Also called", plain.listed(about["aliases"]))


def _more(
    kind: str, shown: Mapping[str, Any], of: tuple[str, str]
) -> list[tuple[str, str]]:
    """Return where all of them are, if not all are shown."""
    count = shown["meta"].get("count", 0)
    if count <= len(shown["data"]):
        return []
    return [(f"All {count:,} {kind}", spelt(kind, [of]))]


def _caption(what: str, counted: Numbers) -> str:
    return f"{what}, {_RECENT}; tokens of {counted.until}" if counted.until else what


# Models


async def model(visit: Visit) -> Made:
    """Return the page of a model; another name of it leads to its own."""
    named = visit.named
    path = f"/v1/models/{named['provider']}/{named['model']}"
    asked = await visit.ask(spelt(path, visit.query))
    if not asked.ok:
        return problem(visit, "models", asked)
    answer = asked.json()
    about, meta = answer["data"], answer["meta"]
    slug, pin = about["slug"], ("release", str(meta["release"]))
    counted, (variants, told), (maker, made_by) = await gather(
        numbers(visit, "model", slug, meta["release"]),
        rows(visit, "/v1/models", ("base", about["base"]), _USED, pin),
        rows(visit, f"/v1/providers/{about['provider']}", pin),
    )
    table = grid(
        "models",
        "Variants",
        _caption(f"{about['base']} and its variants", counted),
        variants["data"],
        without=("provider", "origin"),
    )
    return made(
        visit,
        Thing(
            kind="models",
            path=f"models/{slug}",
            title=about["name"],
            lead=meta["quote"],
            meta=meta,
            sections=[
                Section("about", "About", list(_model(about, maker["data"], meta)))
            ],
            headline=counted.headline,
            said=counted.said,
            charts=counted.charts,
            grids=[table, *thing_claims.grids(about)],
            links=links(visit, f"v1/models/{slug}", "model", slug),
            told=counted.told and told and made_by,
        ),
    )


def _model(about: Row, maker: Row, meta: Row) -> Iterator[Fact]:
    yield Fact("Slug", about["slug"])
    yield from _made_by(about, maker)
    yield Fact("Weights", about["weights"])
    yield Fact("Licence", about["license"] or "not known")
    if about["family"]:
        yield Fact("Family", about["family"])
    yield Fact("Variant", about["variant"])
    if about["released_on"]:
        yield Fact("Released", _released(about["released_on"]))
    if about["context_length"]:
        yield Fact("Context", f"{about['context_length']:,} tokens")
    yield Fact("Price", _price(about))
    if about["hugging_face_id"]:
        yield Fact("On Hugging Face", about["hugging_face_id"])
    yield from _aliases(about)
    yield Fact("Listed", _listed(about, meta))


def _released(text: str) -> str:
    """Return a date, or the month or year that is all that is known of it."""
    match text.count("-"):
        case 2:
            return plain.day(text)
        case 1:
            return f"{date.fromisoformat(f'{text}-01'):%B %Y}"
        case _:
            return text


def _made_by(about: Row, maker: Row) -> Iterator[Fact]:
    provider, origin = about["provider"], about["origin"]
    name = maker["name"] if maker else provider
    if provider not in {None, UNKNOWN}:
        yield Fact("Provider", "", [(name, spelt(f"providers/{provider}", ()))])
    same = bool(maker) and maker["origin"] == origin
    country = maker["origin_name"] if same else origin
    yield Fact("Country", "", [(country, spelt(f"origins/{origin}", ()))])


def _price(about: Row) -> str:
    since = about["price_as_of"]
    if since is None:
        return "not known"
    prompt, completion = (
        _dollars(about[f"price_{part}_usd_per_million"])
        for part in ("prompt", "completion")
    )
    return (
        f"{prompt} per million tokens read, {completion} per million written, since "
        f"{plain.day(since)}"
    )


def _dollars(price: float | None) -> str:
    return NOTHING if price is None else f"US$ {Decimal(str(price)):f}"


def _listed(about: Row, meta: Row) -> str:
    if about["first_seen"] is None:
        return f"on no day, in {meta['dataset']}"
    return f"{plain.days(about['first_seen'], about['last_seen'])}, first and last day"


# Countries

_UNKNOWN: Mapping[str, str] = {
    UNKNOWN: "This is what cannot be placed: models of providers whose country no "
    "evidence shows, models under a pseudonym, and what the source does not list by "
    "name. It widens the bounds of every country.",
    "": "Any of what cannot be placed may be from here: that is why there are bounds.",
}


async def origin(visit: Visit) -> Made:
    """Return the page of a country, or of what is of none."""
    code = visit.named["code"]
    single = [("origin", code), *visit.query]
    # A list of countries is no country.
    whole = code.isalnum()
    asked = await visit.ask(
        spelt("/v1/origins", single) if whole else spelt(f"/v1/origins/{code}", ())
    )
    if not asked.ok:
        return problem(visit, "origins", _single(asked))
    meta = asked.json()["meta"]
    pin = ("release", str(meta["release"]))
    here = ("origin", code)
    counted, (labs, labs_told), (models, models_told) = await gather(
        numbers(visit, "origin", code, meta["release"]),
        rows(visit, "/v1/providers", here, _USED, ("limit", _MOST), pin),
        rows(visit, "/v1/models", here, _USED, ("limit", "20"), pin),
    )
    name = _name(code, counted)
    return made(
        visit,
        Thing(
            kind="origins",
            path=f"origins/{code}",
            title=name,
            lead=_lead(name, code, labs, models),
            meta=meta,
            sections=[_uncertain(code, counted)],
            headline=counted.headline,
            said=counted.said,
            charts=counted.charts,
            grids=[
                grid(
                    "providers",
                    "Providers",
                    _caption(f"Providers: {name}", counted),
                    labs["data"],
                    without=("origin",),
                    more=_more("providers", labs, here),
                ),
                grid(
                    "models",
                    "Models",
                    _caption(f"Models: {name}", counted),
                    models["data"],
                    without=("origin",),
                    more=_more("models", models, here),
                ),
            ],
            links=links(visit, "v1/origins", "origin", code),
            told=counted.told and labs_told and models_told,
        ),
    )


def _single(asked: Answer) -> Answer:
    """Have what a problem suggests lead to one country, not to a list of one."""
    told = asked.json()
    better = str(told.get("try_url", "")).replace("/origins?origin=", "/origins/", 1)
    return Answer(asked.status, json.dumps(told | {"try_url": better}).encode())


def _name(code: str, counted: Numbers) -> str:
    data = counted.answer["data"]
    return (
        "Unknown country"
        if code == UNKNOWN
        else (str(data[0]["origin_name"]) if data else code)
    )


def _lead(name: str, code: str, labs: Row, models: Row) -> str:
    many = labs["meta"].get("count", 0), models["meta"].get("count", 0)
    told = plain.counted(many[0], "provider"), plain.counted(many[1], "model")
    if code == UNKNOWN:
        return f"For {told[0]} with {told[1]} no country is claimed."
    return f"{name} is the seat of {told[0]} with {told[1]} in this census."


def _uncertain(code: str, counted: Numbers) -> Section:
    facts = []
    for row in counted.answer["data"][-1:]:
        if code != UNKNOWN and row["coverage"] is not None:
            placed = f"{plain.percent(row['coverage'])} of tokens, {counted.until}"
            facts.append(Fact("Could be placed", placed))
    unlisted = counted.answer["meta"].get("unlisted_volume")
    if unlisted:
        told = f"{plain.amount(unlisted)} tokens, known only as a sum"
        facts.append(Fact("Not listed by name", told))
    text = _UNKNOWN.get(code, _UNKNOWN[""])
    return Section("unknown", "What is not known", facts, [text])
