"""How much one question may ask for."""

from collections.abc import Sequence
from math import prod

from app.domain.questions import Ask
from app.domain.registry import Dimension
from app.domain.tally import Filters
from app.domain.values import ANY
from app.errors import BadValueError

MOST_ROWS = 100_000
MOST_REQUESTED = 1_000


def check_size(
    ask: Ask, numerator: Filters, group_by: Sequence[Dimension], periods: int
) -> None:
    """Refuse a question whose answer would have more rows than anyone reads.

    Every value that is asked for by name has a row, and two dimensions multiply.

    Raises:
        BadValueError: More than 1,000 groups by name, or 100,000 rows.
    """
    chosen = [numerator.get(dimension, ANY) for dimension in group_by]
    named = 0
    if chosen and not any(values.negated for values in chosen):
        named = prod(len(values.items) for values in chosen)
    if named > MOST_REQUESTED:
        raise BadValueError.of(
            "group_by",
            ",".join(group_by),
            f"that asks for {named} groups by name; name at most {MOST_REQUESTED}, or "
            "group by one dimension",
            fix="none",
        )
    if group_by and periods * (ask.top + named) > MOST_ROWS:
        raise BadValueError.of(
            "group_by",
            ",".join(group_by),
            f"that may be more than {MOST_ROWS} rows; ask for fewer days, longer "
            "periods or fewer groups",
            fix="none",
        )
