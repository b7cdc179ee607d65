"""URLs of this service, as pages spell them."""

from urllib.parse import quote

from app.web.asking import Pairs

_SAFE = ",:/-"


def spelt(path: str, query: Pairs) -> str:
    """Return a path with a query, escaped."""
    text = "&".join(f"{_escaped(name)}={_escaped(value)}" for name, value in query)
    return f"{_escaped(path)}?{text}" if text else _escaped(path)


def _escaped(text: str) -> str:
    return quote(text, safe=_SAFE)
