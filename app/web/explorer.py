"""The explorer: a question as a page, with its answer in words, picture and numbers."""

from asyncio import gather

from app.web import explorer_answer, explorer_form, explorer_table, templating
from app.web.asking import Answer, Made, Pairs, View, Visit
from app.web.explorer_changes import changes
from app.web.explorer_form import NAMES, Lists
from app.web.explorer_taking import Taking
from app.web.plain import Row
from app.web.shown import Shown, shown
from app.web.thing import PAGES
from app.web.urls import spelt

POLICY = (
    "default-src 'none'; base-uri 'none'; form-action 'self'; script-src 'self'; "
    "style-src 'self'; img-src 'self' data:; connect-src 'self'; frame-ancestors 'none'"
)
"""Policy of the explorer: its own scripts and pictures, questions to this service."""

_ROOT = "./"


def _exploring(kind: str) -> View:
    async def view(visit: Visit) -> Made:
        query = explorer_form.asked(visit.query)
        found = await shown(visit, kind, query)
        if isinstance(found, Answer):
            return await _problem(visit, kind, query, found)
        return await _answer(visit, found)

    return view


async def _answer(visit: Visit, found: Shown) -> Made:
    figure, answer = found.figure, found.answer
    kind, meta = figure.kind, answer["meta"]
    release = str(meta["release"])
    dataset, lists, changed = await gather(
        _item(visit, f"/v1/datasets/{meta['dataset']}", release),
        _lists(visit, release),
        changes(visit, kind, answer),
    )
    scope = dataset.get("scope", meta["unit"])
    values = {
        "root": _ROOT,
        "section": _section(kind),
        "opening": visit.path == "/",
        "form": explorer_form.form(kind, figure.question, lists),
        "shown": found,
        "figure": figure,
        "meta": meta,
        "headline": explorer_answer.headline(kind, answer, scope),
        "table": explorer_table.table(kind, answer, PAGES),
        "facts": list(explorer_answer.facts(answer, dataset)),
        "caveats": explorer_answer.caveats(answer),
        "warnings": explorer_answer.warnings(answer),
        "notes": explorer_answer.notes(answer),
        "changes": changed,
        "taking": Taking(found, visit.public),
    }
    body = templating.page("explorer.html", values)
    return Made(body, POLICY, headers=figure.linked(page=True), kept=changed.told)


async def _problem(visit: Visit, kind: str, query: Pairs, asked: Answer) -> Made:
    """Return a page that says what is wrong, with the form to mend it."""
    problem = asked.json()
    better = str(problem.get("try_url", "")).replace(".vl.json", "", 1)
    ours = f"{visit.public}/v1/"
    values = {
        "root": _ROOT,
        "section": _section(kind),
        "form": explorer_form.form(kind, query, await _lists(visit, None)),
        "problem": problem,
        "better": better.replace(ours, _ROOT, 1),
        "written": better.replace(ours, f"{visit.public}/", 1),
    }
    body = templating.page("explorer_problem.html", values)
    return Made(body, POLICY, status=asked.status, headers=asked.later)


def _section(kind: str) -> str:
    return kind if kind == "rankings" else ""


async def _item(visit: Visit, path: str, release: str) -> Row:
    asked = await visit.ask(spelt(path, [("release", release)]))
    found: Row = asked.json()["data"] if asked.ok else {}
    return found


async def _lists(visit: Visit, release: str | None) -> Lists:
    async def rows(name: str, *query: tuple[str, str]) -> list[Row]:
        pinned = [("release", release)] if release else []
        asked = await visit.ask(
            spelt(f"/v1/{name}", [("limit", "1000"), *query, *pinned])
        )
        return asked.json()["data"] if asked.ok else []

    most = ("sort", "-volume_28d")
    return Lists(
        *await gather(
            rows("origins", most),
            rows("providers", most),
            rows("categories"),
            rows("datasets"),
        )
    )


VIEWS: dict[str, View] = {
    "/": _exploring("share"),
    **{f"/{kind}": _exploring(kind) for kind in NAMES},
}
