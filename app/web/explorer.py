"""The explorer: a question as a page, with its answer in words, picture and numbers."""

from asyncio import gather

from app.web import explorer_answer, explorer_form, explorer_table, templating
from app.web.asking import Answer, Made, Pairs, View, Visit
from app.web.explorer_changes import changes
from app.web.explorer_form import NAMES
from app.web.explorer_taking import Taking
from app.web.shown import Shown, shown
from app.web.thing import PAGES, rows

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
    pin = ("release", str(meta["release"]))
    (about, about_told), (lists, lists_told), changed = await gather(
        rows(visit, f"/v1/datasets/{meta['dataset']}", pin),
        _lists(visit, pin),
        changes(visit, kind, answer),
    )
    dataset = about["data"] or {}
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
    kept = about_told and lists_told and changed.told
    return Made(body, POLICY, headers=figure.linked(page=True), kept=kept)


async def _problem(visit: Visit, kind: str, query: Pairs, asked: Answer) -> Made:
    """Return a page that says what is wrong, with the form to mend it."""
    problem = asked.json()
    better = str(problem.get("try_url", "")).replace(".vl.json", "", 1)
    ours = f"{visit.public}/v1/"
    lists, _ = await _lists(visit)
    values = {
        "root": _ROOT,
        "section": _section(kind),
        "form": explorer_form.form(kind, query, lists),
        "problem": problem,
        "better": better.replace(ours, _ROOT, 1),
        "written": better.replace(ours, f"{visit.public}/", 1),
    }
    body = templating.page("explorer_problem.html", values)
    return Made(body, POLICY, status=asked.status, headers=asked.later)


def _section(kind: str) -> str:
    return kind if kind == "rankings" else ""


async def _lists(
    visit: Visit, *pin: tuple[str, str]
) -> tuple[explorer_form.Lists, bool]:
    """Return what there is to choose from, and whether no more of it may come later."""
    whole, most = ("limit", "1000"), ("sort", "-volume_28d")
    found = await gather(
        rows(visit, "/v1/origins", whole, most, *pin),
        rows(visit, "/v1/providers", whole, most, *pin),
        rows(visit, "/v1/categories", whole, *pin),
        rows(visit, "/v1/datasets", whole, *pin),
    )
    lists = explorer_form.Lists(*(answer["data"] for answer, _ in found))
    return lists, all(told for _, told in found)


VIEWS: dict[str, View] = {
    "/": _exploring("share"),
    **{f"/{kind}": _exploring(kind) for kind in NAMES},
}
