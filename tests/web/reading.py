"""What a page says, read as a reader does."""

import html
import re
from typing import Any


def found(pattern: str, page: str) -> list[Any]:
    """Return what a pattern finds in a page, without the escapes of HTML."""
    return [
        html.unescape(each)
        if isinstance(each, str)
        else tuple(map(html.unescape, each))
        for each in re.findall(pattern, page, re.DOTALL)
    ]


def text(page: str) -> str:
    """Return what a reader reads."""
    bare = re.sub(r"<(script|style|head)\b.*?</\1>|<[^>]+>", " ", page, flags=re.DOTALL)
    return " ".join(html.unescape(bare).split())


def rows(page: str, at: int = 0) -> list[list[str]]:
    """Return the cells of a table, its head included."""
    table = re.findall(r"<table>(.*?)</table>", page, re.DOTALL)[at]
    return [
        [
            text(cell)
            for cell in re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.DOTALL)
        ]
        for row in re.findall(r"<tr>(.*?)</tr>", table, re.DOTALL)
    ]


def copied(page: str, key: str) -> str:
    """Return a text that is offered to copy."""
    (value,) = found(rf'<textarea id="copy-{key}"[^>]*>\n(.*?)</textarea>', page)
    return str(value)
