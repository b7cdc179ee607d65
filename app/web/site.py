"""The pages that are made from answers of `/v1`, by path."""

from collections.abc import Awaitable, Callable, Mapping

from app.web import discovery, embeds, explorer, things
from app.web.asking import Answer, Made, Pairs, View, Visit

Asking = Callable[[str], Awaitable[tuple[int, bytes]]]
Seeing = Callable[[str, Mapping[str, str], Pairs, str, Asking], Awaitable[Made]]


def site() -> Mapping[str, Seeing]:
    """Return what makes each page, by path with named parts.

    It takes the path, its named parts, the query, the public URL of this service, and
    what asks `/v1`: path and query in, status and body out.
    """
    views = {
        **explorer.VIEWS,
        **embeds.VIEWS,
        **discovery.VIEWS,
        **things.VIEWS,
    }
    return {path: _seeing(view) for path, view in views.items()}


def _seeing(view: View) -> Seeing:
    async def see(
        path: str, named: Mapping[str, str], query: Pairs, public: str, asking: Asking
    ) -> Made:
        async def ask(url: str) -> Answer:
            return Answer(*await asking(url))

        return await view(Visit(path, named, query, public, ask))

    return see
