"""An answer as an entry of a bibliography."""

import re
from collections.abc import Mapping
from hashlib import sha256

_SPECIAL = re.compile(r"[#$%&_{}\\~^]")
_SPELLINGS = {c: f"\\{c}" for c in "#$%&_{}"} | {
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
    release = meta["release"]
    return (
        f"@misc{{modelcensus-{release}-{key},\n"
        f"  title = {{{{{_escaped(str(meta['quote']))}}}}},\n"
        "  author = {{Model Census}},\n"
        f"  year = {{{published[:4]}}},\n"
        f"  version = {{release {release}}},\n"
        f"  note = {{{_escaped(str(meta['citation']))}}},\n"
        f"  url = {{{url}}}\n"
        "}"
    )


def _escaped(text: str) -> str:
    return _SPECIAL.sub(lambda found: _SPELLINGS[found[0]], text)
