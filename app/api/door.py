"""What every endpoint does: find the release, ask the service, hand over the reply."""

from asyncio import Future, ensure_future, get_running_loop, shield, wrap_future
from collections.abc import Callable, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Annotated, Self, TypeVar

from fastapi import Depends, Request
from pydantic import BaseModel
from starlette.concurrency import run_in_threadpool

from app.api import answers, cursors, pictures
from app.api.answers import Asked, Drawn
from app.api.cache import Bounded, Clock, Present, Standing
from app.api.conditions import has_tag
from app.api.formed import formed
from app.api.parameters import end_of
from app.api.queries import Page, Pinnable, Query, Question
from app.api.replies import EXCHANGE, FOR_EVER, LIVE, SETTLED, Exchange, Reply
from app.api.urls import Pairs, canonical, pairs
from app.api.where import Where, drawn_where
from app.domain.readings import Reading
from app.domain.reports import Item, Report
from app.domain.snapshot import Snapshot
from app.drawing.pool import Pool
from app.errors import BadParameterError, Complaint, NotYetError
from app.present.formats import Format
from app.services.past import Past
from app.services.snapshots import Snapshots
from app.store.database import Database

_Q = TypeVar("_Q", bound=Query)


@dataclass(frozen=True, slots=True)
class At:
    """The release that a request asks.

    Attributes:
        snapshot: The release.
        now: The present moment, if the answer is live; None if it is pinned.
        offset: Rows that a cursor has left behind.
    """

    snapshot: Snapshot
    now: datetime | None
    offset: int = 0

    def live(self) -> datetime:
        """Return the present moment, for what cannot be pinned."""
        if self.now is None:
            raise RuntimeError
        return self.now


@dataclass(frozen=True)
class Door:
    """What the endpoints share.

    Attributes:
        public: Where readers reach this service, without a slash at the end.
        snapshots: The releases in memory.
        present: What live answers depend on.
        now: The clock.
        drawn: Answers as bytes, by entity tag: whatever spelling asks for them.
        record: For what is not in memory, and for writing; never on the event loop.
        drawing: Draws figures.
        cold: Where long answers are worked out, one at a time: so each is done sooner,
            none later, and answers that are finished need not wait for them.
        filing: Where files are made, one at a time.
        under_way: Answers that are being worked out, by entity tag.
    """

    public: str
    snapshots: Snapshots
    present: Present
    now: Clock
    drawn: Bounded[str, Drawn]
    record: Database
    drawing: Pool
    cold: Executor = field(default_factory=partial(ThreadPoolExecutor, 1, "cold"))
    filing: Executor = field(default_factory=partial(ThreadPoolExecutor, 1, "files"))
    under_way: dict[str, Future[Drawn]] = field(default_factory=dict)

    async def once(self, tag: str, draw: Callable[[], Drawn], where: Where) -> Drawn:
        """Return an answer, which is drawn once however many ask for it at a time.

        Args:
            tag: Entity tag of the answer.
            draw: Asks the service, and writes what it says.
            where: Where to draw it.
        """
        if where is Where.HERE:
            return self.here(tag, draw)
        drawn = self.drawn.get(tag)
        if drawn is None:
            drawn = await shield(
                self.under_way.get(tag) or self._begin(tag, draw, where)
            )
            self.drawn.put(tag, drawn, drawn.size)
        return drawn

    def here(self, tag: str, draw: Callable[[], Drawn]) -> Drawn:
        """Return an answer that is drawn in no time; see `once`."""
        drawn = self.drawn.get(tag)
        if drawn is None:
            drawn = draw()
            self.drawn.put(tag, drawn, drawn.size)
        return drawn

    def _begin(
        self, tag: str, draw: Callable[[], Drawn], where: Where
    ) -> Future[Drawn]:
        if where in {Where.IN_TURN, Where.FILED}:
            turn = self.cold if where is Where.IN_TURN else self.filing
            begun = get_running_loop().run_in_executor(turn, draw)
        elif where is Where.DRAWING:
            begun = wrap_future(self.drawing.submit(draw))
        else:
            begun = ensure_future(run_in_threadpool(draw))
        self.under_way[tag] = begun
        begun.add_done_callback(lambda _: self.under_way.pop(tag))
        return begun

    @property
    def past(self) -> Past:
        """What is only in the record."""
        return Past(self.record)

    async def release(self, number: int) -> Snapshot:
        """Return a release; off the event loop if the record must be asked."""
        held = self.snapshots.held(number)
        if held is not None:
            return held
        return await run_in_threadpool(self.snapshots.at, number)

    def held(self, query: Question) -> At | None:
        """Return the release that a question asks, if it is in memory."""
        if query.as_of is not None:
            return None
        if query.release is None:
            return self._live()
        found = self.snapshots.held(query.release)
        return At(found, None) if found is not None else None

    async def at(self, query: Query, question: Callable[[], str]) -> At:
        """Return the release that a query asks: by cursor, number, moment, or now."""
        if isinstance(query, Page) and query.cursor is not None:
            number, offset = cursors.read(query.cursor, question())
            return At(await self.release(number), None, offset)
        if isinstance(query, Pinnable) and query.release is not None:
            return At(await self.release(query.release), None)
        if isinstance(query, Pinnable) and query.as_of is not None:
            when, now = query.as_of, self.now()
            moment = when if isinstance(when, datetime) else end_of(when, now)
            number = self.snapshots.as_of(moment, now)
            return At(await self.release(number), None)
        return self._live()

    def _live(self) -> At:
        return At(self.present.standing().snapshot, self.now())


class Call:
    """One request at the door."""

    def __init__(
        self,
        door: Door,
        path: str,
        form: Format,
        given: Pairs,
        none_match: bytes | None = None,
        answer: type[BaseModel] | None = None,
    ) -> None:
        """Take what a request says beside its parameters.

        Args:
            door: What the endpoints share.
            path: Path without the suffix of a format.
            form: The format.
            given: Parameters as they were given.
            none_match: Entity tags of the answers that the caller has.
            answer: What the answer looks like.
        """
        self._door = door
        self._path, self._form = path, form
        self._pairs = given
        self._none_match = none_match
        self._answer = answer

    @classmethod
    def of(cls, request: Request, given: Pairs) -> Self:
        """Return the call that a request is.

        Raises:
            PathError: Its path ends in a format that there is not.
        """
        exchange: Exchange = request.scope[EXCHANGE]
        path, form = formed(request)
        door, known = request.app.state.door, exchange.if_none_match
        answer = request.scope["route"].response_model
        return cls(door, path, form, given, known, answer)

    def _check_age(self, query: Query, at: At) -> None:
        """Refuse a release that is older than the dataset that is asked.

        Raises:
            NotYetError: It is.
        """
        slug = str(getattr(query, "dataset", None))
        if at.now is not None or slug in at.snapshot.datasets:
            return
        found = self._door.present.standing().snapshot.datasets.get(slug)
        if found is not None:
            raise NotYetError(slug, found.dataset.since, at.snapshot.release.id)

    async def reply(
        self,
        query: _Q,
        ask: Callable[[At], Report | Item],
        *,
        by_run: bool = False,
        aside: bool = False,
        moving: bool = False,
    ) -> Reply:
        """Return the reply to a question.

        Args:
            query: Its parameters.
            ask: Asks the service.
            by_run: Whether the answer tells of the last runs.
            aside: Whether the service asks the record, and so not on the event loop.
            moving: Whether the answer compares with what is newest, though it names a
                release.
        """
        wide, look = _wide(query, self._form), pictures.look(query, self._form)
        if wide is not None and moving:
            raise BadParameterError(
                "These rows have no wide form: each tells a number then and now.",
                complaints=[Complaint("shape", "wide", "is not to be had here")],
                fix={"shape": None},
            )
        at = await self._door.at(query, self._staying)
        self._check_age(query, at)
        asked = self._asked(query, at, wide, moving=moving)
        tag = self._tag(at, by_run=by_run, moving=moving)
        release = at.snapshot.release
        if self._has(tag) and not asked.dated:
            return answers.unchanged(asked, tag, release.published_at)

        def draw() -> Drawn:
            answer = ask(at)
            if look is not None and isinstance(answer, Report):
                return pictures.draw(answer, asked, look, self._door.drawing)
            return answers.draw(answer, asked)

        drawn = await self._door.once(
            tag, draw, drawn_where(query, self._form, aside=aside)
        )
        cursor = None
        if drawn.after is not None:
            cursor = cursors.cursor(release.id, drawn.after, self._staying())
        published = None if by_run or moving else release.published_at
        return answers.reply(asked, drawn, tag, published, cursor)

    def at_once(self, query: Question, ask: Callable[[At], Report]) -> Reply | None:
        """Return the reply to a question if it is short, and its release in memory.

        It is the one that `reply` returns, without ever waiting.
        """
        at = None if query.long or query.shape != "long" else self._door.held(query)
        if at is None:
            return None
        self._check_age(query, at)
        asked = self._asked(query, at, None, moving=False)
        tag = self._tag(at, by_run=False, moving=False)
        published = at.snapshot.release.published_at
        if self._has(tag):
            return answers.unchanged(asked, tag, published)
        drawn = self._door.here(tag, lambda: answers.draw(ask(at), asked))
        return answers.reply(asked, drawn, tag, published, None)

    @property
    def now(self) -> datetime:
        """The present moment."""
        return self._door.now()

    @property
    def newest(self) -> Snapshot:
        """The newest release in memory."""
        return self._door.present.standing().snapshot

    @property
    def readings(self) -> Sequence[Reading]:
        """What is read on schedule."""
        return self._door.present.readings

    @property
    def past(self) -> Past:
        """What is only in the record; ask it aside."""
        return self._door.past

    def _asked(self, query: Query, at: At, wide: str | None, *, moving: bool) -> Asked:
        pinnable = isinstance(query, Pinnable) and not moving
        dated = isinstance(query, Pinnable) and query.as_of is not None
        return Asked(
            self._door.public,
            self._path,
            self._form,
            self._pairs,
            pinnable=pinnable,
            lifetime=self._lifetime(query, at, dated=dated, moving=moving),
            dated=dated,
            wide=wide,
            answer=self._answer,
        )

    def _lifetime(self, query: Query, at: At, *, dated: bool, moving: bool) -> str:
        if at.now is None and not dated and not moving:
            return FOR_EVER
        if not isinstance(query, Question) or dated or moving:
            return LIVE
        settled = self._door.present.standing().settled
        return SETTLED if str(query.dataset) in settled else LIVE

    def _question(self, *without: str) -> str:
        """Return one spelling of the question, without some of its parameters."""
        kept = [pair for pair in self._pairs if pair[0] not in without]
        return f"{self._path}?{canonical(kept)}"

    def _staying(self) -> str:
        """Return what all pages of an answer have in common."""
        return self._question("cursor", "limit", "release", "as_of")

    def _tag(self, at: At, *, by_run: bool, moving: bool) -> str:
        live: Standing | None = None
        if at.now is not None or moving:
            live = self._door.present.standing()
        return answers.etag(
            self._question("release", "as_of"),
            self._form.look,
            at.snapshot.release.id,
            live.ages if live else None,
            live.runs if live and by_run else None,
            live.snapshot.release.id if live and moving else None,
        )

    def _has(self, tag: str) -> bool:
        return self._none_match is not None and has_tag(self._none_match, tag)


def _wide(query: Query, form: Format) -> str | None:
    """Return the column that a wide table spreads; None if it is to be long.

    Raises:
        BadParameterError: A shape is asked for where there is no table.
    """
    if not isinstance(query, Question) or query.shape == "long":
        return None
    if not form.tabular:
        raise BadParameterError(
            "shape goes with a table: add .csv to the path.",
            complaints=[Complaint("shape", query.shape, "needs a table")],
            fix={"shape": None},
        )
    return query.measure


async def _call(request: Request) -> Call:
    return Call.of(request, pairs(request.scope["query_string"]))


Calling = Annotated[Call, Depends(_call)]
