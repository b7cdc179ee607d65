"""Figures for other sites: one page each, complete without a script."""

from dataclasses import replace

from app.errors import closest
from app.web import embed_table, oembed, templating
from app.web.asking import Answer, Made, View, Visit
from app.web.embed_code import KINDS
from app.web.shown import shown
from app.web.urls import spelt

POLICY = (
    "default-src 'none'; base-uri 'none'; form-action 'none'; script-src 'self'; "
    "style-src 'self'; img-src 'self' data:; connect-src 'self'; frame-ancestors *"
)
"""Policy of an embed: its own script and pictures, in a frame of any page."""

# Pages that are isolated from others show only frames that are so too.
_ISOLATED = ("cross-origin-embedder-policy", "require-corp")


def _embed(kind: str) -> View:
    async def view(visit: Visit) -> Made:
        found = await shown(visit, kind, visit.query)
        if isinstance(found, Answer):
            return _problem(visit, found)
        values = {
            "shown": found,
            "figure": found.figure,
            "meta": found.answer["meta"],
            "number": embed_table.number(kind, found.answer, found.words),
            "table": embed_table.table(kind, found.answer, found.words),
        }
        body = templating.page("embed.html", values)
        return Made(body, POLICY, headers=(_ISOLATED, *found.figure.linked()))

    return view


def _problem(visit: Visit, asked: Answer) -> Made:
    problem = asked.json()
    better: str | None = problem.get("try_url")
    if better is not None:
        better = better.replace(f"{visit.public}/v1/", f"{visit.public}/embed/", 1)
        better = better.replace(".vl.json", "", 1)
    told = problem["title"], problem["detail"]
    made = wrong(visit.path, visit.public, *told, better=better, status=asked.status)
    return replace(made, headers=(*made.headers, *asked.later))


async def _nothing(visit: Visit) -> Made:
    meant = closest(visit.named["rest"], KINDS)
    better = None if meant is None else visit.public + spelt(f"/embed/{meant}", [])
    said = f"There are figures of {', '.join(KINDS)}."
    told = "No such figure", said
    return wrong(visit.path, visit.public, *told, better=better, status=404)


def wrong(
    path: str,
    public: str,
    title: str,
    detail: str,
    *,
    better: str | None,
    status: int,
) -> Made:
    """Return a page that says what is wrong, as readable in a frame as elsewhere.

    Args:
        path: What was asked for.
        public: Where readers reach this service, without a slash at the end.
        title: What is wrong, in short.
        detail: What to do.
        better: A URL that works.
        status: Of HTTP.
    """
    values = {
        "title": title,
        "detail": detail,
        "better": better,
        "home": f"{public}/",
        "root": "../" * (path.count("/") - 1),
    }
    body = templating.page("embed_problem.html", values)
    return Made(body, POLICY, status=status, headers=(_ISOLATED,))


VIEWS: dict[str, View] = {
    **{f"/embed/{kind}": _embed(kind) for kind in KINDS},
    "/embed/{rest:path}": _nothing,
    "/oembed": oembed.view,
}
