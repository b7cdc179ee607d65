"""Short answers without the framework: as soon as they are asked for.

Finding the route, and a task with its context, take longer than what a short answer
says. Whatever is not the plain case goes the usual way: other paths and formats, what
waits for the record, and every failure, which is told there.
"""

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from starlette.datastructures import State

from app.api.door import At, Call
from app.api.queries import Question
from app.api.replies import Reply
from app.api.urls import pairs
from app.domain.periods import parse_date
from app.domain.reports import Report
from app.errors import AppError
from app.present.formats import Format

_Q = TypeVar("_Q", bound=Question)


_DAYS = frozenset({"start_date", "end_date"})
_KINDS = 256

Given = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Asking(Generic[_Q]):
    """How one question is asked.

    Attributes:
        model: Its parameters.
        ask: Asks the service.
    """

    model: type[_Q]
    ask: Callable[[At, _Q], Report]
    _kinds: dict[Hashable, _Q] = field(default_factory=dict, init=False)

    def reply(self, call: Call, given: Given) -> Reply | None:
        """Return the reply, if it can be had at once and is no failure."""
        try:
            query = self.read(given)
            return call.at_once(query, lambda at: self.ask(at, query))
        except (ValueError, AppError):
            return None

    def read(self, given: Given) -> _Q:
        """Return the question as its model reads it.

        Of one that differs from a question before it by its days alone, only these are
        read: nothing else hangs on what they are.

        Raises:
            ValueError: It is none.
        """
        days = {name: parse_date(given[name]) for name in _DAYS if name in given}
        kind = (*days, *(pair for pair in given.items() if pair[0] not in days))
        known = self._kinds.get(kind)
        if known is not None:
            return known.model_copy(update=days)
        query = self._kinds[kind] = self.model.model_validate(given)
        if len(self._kinds) > _KINDS:
            del self._kinds[next(iter(self._kinds))]
        return query


class Short:
    """Answers what is short."""

    def __init__(self, state: State, asked: Mapping[str, Asking[Any]]) -> None:
        """Answer questions at the door of an application, each on its path."""
        self._state = state
        self._asked = asked

    def reply(
        self, path: str, raw_query: bytes, none_match: bytes | None = None
    ) -> Reply | None:
        """Return the reply to a GET; None if it is to be answered the usual way.

        Args:
            path: What is asked for, unescaped.
            raw_query: Its query.
            none_match: Entity tags of the answers that the caller has.
        """
        asking = self._asked.get(path)
        if asking is None:
            return None
        pairs_ = pairs(raw_query)
        given = dict(pairs_)
        if len(given) < len(pairs_):
            return None
        call = Call(self._state.door, path, Format.PLAIN, pairs_, none_match)
        return asking.reply(call, given)
