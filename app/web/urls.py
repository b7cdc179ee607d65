"""URLs of this service, as pages spell them."""

from urllib.parse import quote

from app.web.asking import Pairs

_SAFE = ",:/-"
_SCHEMES = ("https://", "http://")


def spelt(path: str, query: Pairs) -> str:
    """Return a path with a query, escaped."""
    text = "&".join(f"{_escaped(name)}={_escaped(value)}" for name, value in query)
    return f"{_escaped(path)}?{text}" if text else _escaped(path)


def _escaped(text: str) -> str:
    return quote(text, safe=_SAFE)


def linked(url: str | None) -> str:
    """Return a URL if readers may be sent there, else nothing."""
    return url if url is not None and url.startswith(_SCHEMES) else ""
