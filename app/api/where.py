"""Where answers are drawn, so that a long one does not hold up the others."""

from enum import Enum, auto

from app.api.queries import Query, Question
from app.present.formats import Format


class Where(Enum):
    """Where an answer is drawn."""

    HERE = auto()
    """On the event loop: what is short."""
    IN_TURN = auto()
    """In the one thread for what may be long."""
    DRAWING = auto()
    """In a thread that leads a drawing process."""
    FILED = auto()
    """In the one thread for what is made row by row, in whose turn no question is."""
    ASIDE = auto()
    """In a thread of its own: what waits for the record."""


def drawn_where(query: Query, form: Format, *, aside: bool) -> Where:
    """Return where an answer is drawn; `aside`: the service asks the record."""
    if aside:
        return Where.ASIDE
    if form.is_drawn:
        return Where.DRAWING
    if form.is_file:
        return Where.FILED
    is_long = isinstance(query, Question) and query.long
    return Where.IN_TURN if is_long or form.binary or form.is_picture else Where.HERE
