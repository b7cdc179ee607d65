"""An answer as an entry of a bibliography."""

import re
from collections.abc import Mapping
from hashlib import sha256

_SPECIAL = re.compile(r"([#$%&_{}])")
_LONGER = {
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
}


def entry(meta: Mapping[str, object], url: str) -> str:
    """Return a BibTeX entry that names an answer for good.

    Args:
        meta: What stands beside the answer.
        url: Where it stays as it is.
    """
    published = str(meta["published_at"])
    key = sha256(url.encode()).hexdigest()[:8]
    fields = {
        "title": f"{{{_escaped(str(meta['quote']))}}}",
        "author": "{Model Census}",
        "year": published[:4],
        "version": f"release {meta['release']}",
        "note": _escaped(str(meta["citation"])),
        "url": url,
    }
    lines = "".join(f",\n  {name} = {{{value}}}" for name, value in fields.items())
    return f"@misc{{modelcensus-{meta['release']}-{key}{lines}\n}}"


def _escaped(text: str) -> str:
    for character, spelling in _LONGER.items():
        text = text.replace(character, f"\0{spelling}\0")
    parts = text.split("\0")
    # Every second part is a spelling already.
    return "".join(
        part if number % 2 else _SPECIAL.sub(r"\\\1", part)
        for number, part in enumerate(parts)
    )
