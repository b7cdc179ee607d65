"""Publishing numbers of one's own over HTTP, into the dataset that a key owns."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Request
from fastapi import Query as Asked
from pydantic import Field
from starlette.concurrency import run_in_threadpool

from app.api import sent
from app.api.door import Door
from app.api.parameters import OneDay, OneMoment
from app.api.queries import Query
from app.api.replies import Reply
from app.api.rows import Closed
from app.api.urls import spelt
from app.domain.periods import Window
from app.domain.snapshot import Snapshot
from app.errors import BadValueError, MediaTypeError, UnavailableError
from app.present import json as present
from app.services import pushing
from app.services.keys import Key, Scope
from app.services.pushing import Push, Pushed

router = APIRouter(prefix="/v1", tags=["writes"])

MOST_BYTES = 16_000_000

_AT_ONCE = 2
_CREATED = 201


class Slots:
    """How many pushes one process reads and writes at once: each takes memory.

    Attributes:
        free: How many more there may be right now.
    """

    def __init__(self, most: int = _AT_ONCE) -> None:
        """Let `most` in."""
        self.free = most

    @contextmanager
    def one(self) -> Iterator[None]:
        """Take a slot for as long as the block takes.

        Raises:
            UnavailableError: There is none.
        """
        if not self.free:
            raise UnavailableError("Others are pushing right now; try again soon.")
        self.free -= 1
        try:
            yield
        finally:
            self.free += 1


class PushQuery(Query):
    """What a push tells beside its observations."""

    start_date: OneDay = Field(description="First day that the body tells of.")
    end_date: OneDay = Field(
        description="Last day that the body tells of. A day in between without an "
        "observation keeps what is known of it.",
    )
    as_of: OneMoment = Field(
        description="When you knew this (RFC 3339). A later push restates the days it "
        "tells; an earlier one is superseded.",
    )


class PushCounts(Closed):
    """What became of the observations."""

    new: int = Field(description="Not known before.")
    changed: int = Field(description="Known with another volume.")
    same: int = Field(description="Known already.")
    rejected: int = Field(description="Superseded, held or in conflict.")


class PushCheck(Closed):
    """One check of the batch, and what it found."""

    name: str = Field(description="Its name.")
    passed: bool = Field(description="Whether it passed.")
    detail: str = Field(description="What it looked at, or found.")


class PushLinks(Closed):
    """Where to go from here."""

    release: str | None = Field(description="The release, if there is one.")
    dataset: str = Field(description="The dataset, pinned to the newest release.")
    evidence: str | None = Field(
        description="The readings behind these days, pinned; null before there are any."
    )


class PushedAnswer(Closed):
    """What became of a push."""

    run: int = Field(description="Number of the run that it was.")
    verdict: str = Field(
        description="`published`, `unchanged`, `superseded` or `quarantined`."
    )
    reason: str | None = Field(description="Why, if it was not just published.")
    release: int | None = Field(
        description="The release that says so; null if nothing changed for a reader."
    )
    counts: PushCounts = Field(description="What became of the observations.")
    held_days: list[date] = Field(
        description="Days of the window that wait until an operator decides."
    )
    checks: list[PushCheck] = Field(description="What was checked.")
    links: PushLinks


_OBSERVATION: dict[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "required": ["date", "model", "volume"],
    "properties": {
        "date": {"type": "string", "format": "date"},
        "model": {
            "type": "string",
            "description": "`author/model`, or `other` for all else.",
        },
        "volume": {
            "type": "integer",
            "minimum": 0,
            "maximum": 2**63 - 1,
            "description": "In the unit of the dataset; may stand in quotes.",
        },
        "category": {
            "type": "string",
            "description": "Use case, if the dataset tells them apart.",
        },
    },
}
_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            pushing.JSON: {
                "schema": {
                    "type": "object",
                    "additionalProperties": False,
                    "required": ["observations"],
                    "properties": {
                        "observations": {
                            "type": "array",
                            "minItems": 1,
                            "items": _OBSERVATION,
                        }
                    },
                }
            },
            pushing.NDJSON: {
                "schema": {"type": "string"},
                "example": '{"date":"2026-10-18","model":"openai/gpt-oss-120b",'
                '"volume":120}\n'
                '{"date":"2026-10-18","model":"other","volume":7}\n',
            },
            pushing.CSV: {
                "schema": {"type": "string"},
                "example": "date,model,volume\n2026-10-18,openai/gpt-oss-120b,120\n"
                "2026-10-18,other,7\n",
            },
        },
    }
}


async def _pusher(request: Request) -> Key:
    # Asked for before the parameters are read: whoever has no key is told just that.
    return await sent.authorized(request, Scope.INGEST)


@router.post(
    "/datasets/{dataset}/observations",
    operation_id="pushObservations",
    summary="Publish numbers of your own",
    description="Needs a key with the scope `ingest` that owns the dataset. A day that "
    "the body tells replaces what was known of that day; what was published before "
    "stays as it was. The same push again changes nothing. A body that is refused is "
    "refused whole, and the first ten things that are wrong are named.",
    response_model=PushedAnswer,
    status_code=_CREATED,
    openapi_extra=_BODY,
)
async def post_observations(
    request: Request,
    key: Annotated[Key, Depends(_pusher)],
    query: Annotated[PushQuery, Asked()],
    dataset: Annotated[str, Path(description="Slug of the dataset.")],
) -> Reply:
    door: Door = request.app.state.door
    window = _window(query)
    pushing.check(key, dataset, window, query.as_of, door.now())
    media_type = _media_type(request)
    with request.app.state.pushes.one():
        body = await sent.body(request, MOST_BYTES)
        push = Push(dataset, window, query.as_of, body, media_type)

        def write() -> Reply:
            found = pushing.push(door.record, push, key, now=door.now)
            # Whoever wrote it should find it.
            door.snapshots.refresh()
            return _reply(door.public, push, found, door.snapshots.current)

        return await run_in_threadpool(write)


def _window(query: PushQuery) -> Window:
    try:
        return Window(query.start_date, query.end_date)
    except ValueError as error:
        end = str(query.end_date)
        raise BadValueError.of("end_date", end, str(error)) from error


def _media_type(request: Request) -> str:
    """Return the kind of a body.

    Raises:
        MediaTypeError: None of ours, in another charset, or packed.
    """
    coding = request.headers.get("content-encoding", "identity")
    if coding.strip().casefold() != "identity":
        raise MediaTypeError("Send the body as it is, without a Content-Encoding.")
    given, _, parameters = request.headers.get("content-type", "").partition(";")
    name, _, charset = parameters.partition("=")
    is_utf8 = charset.strip().strip('"').casefold() in {"utf-8", "utf8", "us-ascii"}
    media_type = given.strip().casefold()
    if media_type not in pushing.MEDIA_TYPES or not (
        is_utf8 or name.strip().casefold() != "charset"
    ):
        raise MediaTypeError(
            f"Send one of {', '.join(pushing.MEDIA_TYPES)}, in UTF-8, and say which "
            "with Content-Type."
        )
    return media_type


def _reply(public: str, push: Push, found: Pushed, snapshot: Snapshot) -> Reply:
    run = found.run
    answer = {
        "run": run.id,
        "verdict": run.verdict,
        "reason": run.reason,
        "release": found.release,
        "counts": {name: run.counts[name] for name in PushCounts.model_fields},
        "held_days": [str(day) for day in found.held],
        "checks": run.checks,
        "links": _links(public, push, found.release, snapshot),
    }
    status = 200 if found.release is None else _CREATED
    return Reply(present.dumps(answer), "application/json", status=status)


def _links(
    public: str, push: Push, release: int | None, snapshot: Snapshot
) -> dict[str, str | None]:
    pinned = [("release", str(snapshot.release.id))]
    at = f"/v1/datasets/{push.dataset}"
    span = snapshot.datasets[push.dataset].span
    shown = push.window.overlap(span) if span else None
    evidence = None
    if shown is not None:
        days = [("start_date", str(shown.first)), ("end_date", str(shown.last))]
        evidence = public + spelt(f"{at}/evidence", [*days, *pinned])
    return {
        "release": f"{public}/v1/releases/{release}" if release else None,
        "dataset": public + spelt(at, pinned),
        "evidence": evidence,
    }
