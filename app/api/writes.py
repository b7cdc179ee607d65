"""Writing over HTTP: with a key, through the same services as the command line."""

import json
from datetime import date
from typing import Annotated, Any, TypeVar

from fastapi import APIRouter, Path, Request
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.concurrency import run_in_threadpool

from app.api import sent
from app.api.door import Door
from app.api.replies import Reply
from app.domain.registry import ALWAYS, Confidence, Subject
from app.errors import BadValueError, Complaint
from app.present import json as present
from app.services.keys import Scope

router = APIRouter(prefix="/v1", tags=["writes"])

_MOST_BYTES = 64_000
_CREATED = 201

_Body = TypeVar("_Body", bound=BaseModel)


class Claims(BaseModel):
    """What a person claims of a provider or a model."""

    model_config = ConfigDict(extra="forbid", strict=True)

    values: dict[str, str] = Field(
        description="Attribute and value: `origin`, `weights`, `license`…",
        examples=[{"origin": "FR"}],
    )
    confidence: str = Field(
        description="`high`, `medium`, `low` or `disputed`. A claim that is low or "
        "disputed widens the bounds.",
        examples=["disputed"],
    )
    basis: str = Field(description="Why, in a sentence.")
    evidence: str = Field(description="Address of a page that shows it.")
    alternatives: list[str] = Field(
        default=[],
        description="What else the value may be. A disputed claim without any is "
        "disputed with what was claimed before.",
    )
    valid_from: str | None = Field(
        default=None, description="First day it holds for, `YYYY-MM-DD`."
    )
    valid_to: str | None = Field(
        default=None, description="First day it no longer holds for."
    )


class Written(BaseModel):
    """What became of a write."""

    release: int | None = Field(
        description="The release that says so; null if the record said so already."
    )


_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {"application/json": {"schema": Claims.model_json_schema()}},
    }
}


@router.post(
    "/providers/{provider}/attributions",
    operation_id="addProviderAttributions",
    summary="Claim something of a provider",
    description="Needs a key with the scope `curate`. One release; what was published "
    "before stays as it was.",
    response_model=Written,
    status_code=_CREATED,
    openapi_extra=_BODY,
)
async def post_provider(
    request: Request,
    provider: Annotated[str, Path(description="Slug of the provider.")],
) -> Reply:
    return await _decide(request, Subject.PROVIDER, provider)


@router.post(
    "/models/{provider}/{model}/attributions",
    operation_id="addModelAttributions",
    summary="Claim something of a model",
    description="Needs a key with the scope `curate`. One release; what was published "
    "before stays as it was.",
    response_model=Written,
    status_code=_CREATED,
    openapi_extra=_BODY,
)
async def post_model(
    request: Request,
    provider: Annotated[str, Path(description="First part of the slug.")],
    model: Annotated[str, Path(description="Second part.")],
) -> Reply:
    return await _decide(request, Subject.MODEL, f"{provider}/{model}")


async def _decide(request: Request, kind: Subject, subject: str) -> Reply:
    from app.services import decisions  # noqa: PLC0415 (only writing needs it)

    door: Door = request.app.state.door
    key = await sent.authorized(request, Scope.CURATE)
    claims = await body_of(request, Claims)
    decision = decisions.Decision(
        kind,
        subject,
        claims.values,
        _confidence(claims.confidence),
        claims.basis,
        claims.evidence,
        key.owner,
        tuple(claims.alternatives),
        _day("valid_from", claims.valid_from) or ALWAYS,
        _day("valid_to", claims.valid_to),
    )

    def write() -> int | None:
        now = door.now()
        number = decisions.decide(door.record, decision, trigger="http", now=now)
        # Whoever wrote it should find it.
        door.snapshots.refresh()
        return number

    number = await run_in_threadpool(write)
    body = present.dumps({"release": number})
    status = 200 if number is None else _CREATED
    return Reply(body, "application/json", status=status)


async def body_of(request: Request, model: type[_Body]) -> _Body:
    """Return the JSON body of a request.

    Raises:
        TooLargeError: It is larger than any that makes sense.
        BadValueError: It is not JSON, or not of this form.
    """
    raw = await sent.body(request, _MOST_BYTES)
    try:
        return model.model_validate(json.loads(raw, object_pairs_hook=_once))
    except ValidationError as error:
        complaints = [
            Complaint(".".join(map(str, e["loc"])), None, e["msg"])
            for e in error.errors()
        ]
        detail = "; ".join(f"{c.parameter}: {c.message}" for c in complaints)
        raise BadValueError(f"{detail}.", complaints=complaints) from error
    except (ValueError, RecursionError) as error:
        raise BadValueError(f"The body is not JSON: {error}.") from error


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a name occurs twice")
    return found


def _confidence(text: str) -> Confidence:
    try:
        return Confidence(text)
    except ValueError as error:
        why = f"is not one of {', '.join(Confidence)}"
        raise BadValueError.of("confidence", text, why, allowed=Confidence) from error


def _day(name: str, text: str | None) -> date | None:
    try:
        return None if text is None else date.fromisoformat(text)
    except ValueError as error:
        why = "is not a day of the form YYYY-MM-DD"
        raise BadValueError.of(name, text or "", why) from error
