"""Which format a path asks for, and of what."""

from fastapi import Request

from app.api.problems import PathError
from app.api.urls import QUESTIONS
from app.present.formats import Format, suffixes


def formed(request: Request) -> tuple[str, Format]:
    """Return the path without the suffix of a format, and the format.

    Raises:
        PathError: There is no such format. One thing, unlike a list, has JSON only.
    """
    path: str = request.scope["path"]
    suffix = request.path_params.get("suffix")
    if suffix is None:
        plain = path.removesuffix(Format.JSON)
        return plain, Format.PLAIN if plain == path else Format.JSON
    plain = path.removesuffix(f".{suffix}")
    known = suffixes(pictured=plain in QUESTIONS)
    if f".{suffix}" not in known:
        raise PathError(path, [plain, *(plain + form for form in known)])
    return plain, Format(f".{suffix}")
