"""Pages of providers, models, countries and datasets."""

from app.web.asking import Made, View, Visit
from app.web.thing import KINDS, problem
from app.web.things_datasets import dataset
from app.web.things_lists import listing
from app.web.things_registry import model, origin, provider
from app.web.urls import spelt


def _nothing(kind: str) -> View:
    async def view(visit: Visit) -> Made:
        asked = await visit.ask(spelt(f"/v1/{kind}/{visit.named['rest']}", ()))
        return problem(visit, kind, asked)

    return view


VIEWS: dict[str, View] = {
    **{f"/{kind}": listing(kind) for kind in KINDS},
    "/providers/{slug}": provider,
    "/models/{provider}/{model}": model,
    "/origins/{code}": origin,
    "/datasets/{slug}": dataset,
    **{f"/{kind}/{{rest:path}}": _nothing(kind) for kind in KINDS},
}
