"""Tables of things: their columns, wherever they are shown."""

from collections.abc import Mapping, Sequence

from app.web import plain
from app.web.explorer_table import Cell, Column
from app.web.plain import NOTHING, Row
from app.web.thing import Grid
from app.web.urls import spelt

Sortable = Mapping[str, Column]
"""Columns by the names that `sort` has for them."""


def _text(head: str, key: str) -> Column:
    def write(row: Row) -> Cell:
        return Cell(NOTHING if row[key] is None else str(row[key]))

    return Column(head, number=False, write=write)


def _day(head: str, key: str) -> Column:
    def write(row: Row) -> Cell:
        # A date stays on one line.
        day = NOTHING if row[key] is None else plain.day(row[key])
        return Cell(day.replace(" ", "\N{NO-BREAK SPACE}"))

    return Column(head, number=False, write=write)


def _count(head: str, key: str) -> Column:
    return Column(head, number=True, write=lambda row: Cell(f"{row[key]:,}"))


def _recent(row: Row) -> Cell:
    volume = row["volume_28d"]
    # What its source does not list by name need not be at zero.
    if not volume:
        return Cell("none listed")
    return Cell(plain.amount(volume), str(volume))


def _link(head: str, below: str, slug: str, name: str) -> Column:
    def write(row: Row) -> Cell:
        return Cell(str(row[name]), path=spelt(f"{below}/{row[slug]}", ()))

    return Column(head, number=False, write=write)


def _kind(row: Row) -> Cell:
    return Cell(_KINDS.get(row["kind"], row["kind"] or NOTHING))


def _country(row: Row) -> Cell:
    name = row.get("origin_name", row["origin"])
    return Cell(str(name), path=spelt(f"origins/{row['origin']}", ()))


def _reach(row: Row) -> Cell:
    if row["first_day"] is None:
        return Cell("nothing yet")
    return Cell(plain.days(row["first_day"], row["last_day"]))


_KINDS = {"pseudo": "pseudonym", "finetuner": "fine-tuner"}
_RECENT = Column("Tokens in 28 days", number=True, write=_recent)
_COUNTRY = Column("Country", number=False, write=_country)

COLUMNS: Mapping[str, Sortable] = {
    "providers": {
        "name": _link("Provider", "providers", "slug", "name"),
        "volume_28d": _RECENT,
        "origin": _COUNTRY,
        "confidence": _text("Confidence", "confidence"),
        "kind": Column("Kind", number=False, write=_kind),
        "models": _count("Models", "models"),
    },
    "models": {
        "name": _link("Model", "models", "slug", "name"),
        "volume_28d": _RECENT,
        "provider": _link("Provider", "providers", "provider", "provider"),
        "origin": _COUNTRY,
        "variant": _text("Variant", "variant"),
        "weights": _text("Weights", "weights"),
        "first_seen": _day("First seen", "first_seen"),
        "last_seen": _day("Last seen", "last_seen"),
    },
    "origins": {
        "origin_name": _link("Country", "origins", "origin", "origin_name"),
        "volume_28d": _RECENT,
        "providers": _count("Providers", "providers"),
        "models": _count("Models", "models"),
    },
    "datasets": {
        "name": _link("Dataset", "datasets", "slug", "name"),
        "publisher": _text("Publisher", "publisher"),
        "metric": _text("Counts", "metric"),
        "license": _text("Licence", "license"),
        "first_day": Column("Days", number=False, write=_reach),
    },
}
"""The columns of each list."""


def grid(
    kind: str,
    title: str,
    caption: str,
    found: Sequence[Row],
    *,
    without: Sequence[str] = (),
    more: Sequence[tuple[str, str]] = (),
) -> Grid:
    """Return things as a table.

    Args:
        kind: Of the things.
        title: Its heading.
        caption: What it shows.
        found: Rows of `/v1/<kind>`.
        without: Columns that would say the same in each row.
        more: Names and paths of where there is more.
    """
    columns = [column for name, column in COLUMNS[kind].items() if name not in without]
    cells = [[column.write(row) for column in columns] for row in found]
    empty = f"There are no {title.lower()}."
    return Grid(kind, title, caption, columns, cells, empty, more)
