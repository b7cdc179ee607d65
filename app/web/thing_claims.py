"""What is claimed about a thing, how surely, and what it rests on: in words."""

from collections.abc import Callable, Iterator, Mapping, Sequence

from app.domain.registry import UNKNOWN
from app.web import plain
from app.web.explorer_answer import Fact
from app.web.explorer_table import Cell, Column
from app.web.plain import NOTHING, Row
from app.web.thing import Grid
from app.web.urls import linked

SURE: Mapping[str, str] = {
    "high": "high",
    "medium": "medium",
    "low": "low: it may be otherwise, and the bounds allow for that",
    "disputed": "disputed: there are good reasons for more than one reading",
}
"""What each degree of confidence means."""

KINDS: Mapping[str, str] = {
    "lab": "a lab that makes its own models",
    "finetuner": "adapts the models of others",
    "community": "a community, or a person, that publishes models",
    "pseudo": "a pseudonym: who is behind it is not known",
}
"""What providers are."""

_NAMES: Mapping[str, str] = {
    "origin": "country",
    "license": "licence",
    "hugging_face_id": "name on Hugging Face",
    "context_length": "context length",
    "released_on": "released on",
}


def origin(row: Row, names: Mapping[str, str]) -> Iterator[Fact]:
    """Yield where a provider is from, and what that rests on.

    Args:
        row: Of the provider.
        names: Countries by their codes.
    """
    if row["origin"] == UNKNOWN:
        yield Fact("Country", "unknown: no country is claimed")
    else:
        path = f"origins/{row['origin']}"
        yield Fact("Country", "", [(row["origin_name"], path)])
    if row["confidence"] is None:
        return
    yield Fact("Confidence", SURE.get(row["confidence"], row["confidence"]))
    yield Fact("It rests on", row["basis"] or "nothing on record", _evidence(row))
    if row["alternatives"]:
        others = [names.get(code, code) for code in row["alternatives"]]
        yield Fact("It may also be", plain.listed(others))
    yield Fact("Claimed since", f"release {row['since_release']}")


def _evidence(row: Row) -> list[tuple[str, str]]:
    url = linked(row["evidence"])
    return [("evidence", url)] if url else []


def grids(item: Row) -> Iterator[Grid]:
    """Yield the claims that are made, and those that no longer are."""
    claims = item["attributions"]
    yield _grid(
        "claims",
        "What is claimed",
        "Each claim, how sure it is, and what it rests on",
        [*_COLUMNS, _column("Since release", lambda row: str(row["since_release"]))],
        claims,
    )
    if item["history"]:
        yield _grid(
            "history",
            "What was claimed before",
            "Claims that are no longer made",
            [*_COLUMNS, _column("Releases", _span)],
            item["history"],
        )


def _grid(
    key: str, title: str, caption: str, columns: Sequence[Column], found: Sequence[Row]
) -> Grid:
    cells = [[column.write(row) for column in columns] for row in found]
    return Grid(key, title, caption, columns, cells, "Nothing is claimed.")


def _span(row: Row) -> str:
    return f"{row['since_release']} to {row['until_release']}"


def _column(head: str, write: Callable[[Row], str]) -> Column:
    return Column(head, number=False, write=lambda row: Cell(write(row)))


def _what(row: Row) -> str:
    name = str(row["attribute"])
    return _NAMES.get(name, name).capitalize()


def _value(row: Row) -> str:
    return " or ".join([str(row["value"]), *row["alternatives"]])


def _when(row: Row) -> str:
    first, last = row["valid_from"], row["valid_to"]
    if first is None and last is None:
        return "always"
    if last is None:
        return f"from {plain.day(first)}"
    until = f"to {plain.day(last)}"
    return until if first is None else f"from {plain.day(first)} {until}"


def _basis(row: Row) -> Cell:
    return Cell(row["basis"] or NOTHING, path=linked(row["evidence"]))


_COLUMNS = (
    _column("What", _what),
    _column("Value", _value),
    _column("Valid", _when),
    _column("Confidence", lambda row: str(row["confidence"])),
    Column("It rests on", number=False, write=_basis),
)
