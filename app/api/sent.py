"""What a caller of a write sends: the key that allows it, and a body of some bytes."""

import asyncio

from fastapi import Request
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect

from app.api.door import Door
from app.errors import (
    BadValueError,
    ForbiddenError,
    TooLargeError,
    TooSlowError,
    UnauthorizedError,
)
from app.services import keys
from app.services.keys import Key, Scope

_SCHEME = "bearer "
_LONGEST = 60.0
"""Seconds that a body may take to arrive."""


async def authorized(request: Request, scope: Scope) -> Key:
    """Return the key of a request, if it allows this.

    Raises:
        UnauthorizedError: There is no key, or it is none of ours.
        ForbiddenError: It allows other things.
    """
    given = request.headers.get("authorization", "")
    if not given.casefold().startswith(_SCHEME):
        raise UnauthorizedError(
            "Writing needs a key: send `Authorization: Bearer …`. An operator makes "
            "one with `modelcensus keys create`."
        )
    door: Door = request.app.state.door
    secret = given[len(_SCHEME) :].strip()
    key = await run_in_threadpool(keys.authenticate, door.record, secret)
    if key is None:
        raise UnauthorizedError("This key is not known, or was revoked.")
    if scope not in key.scopes:
        has = ", ".join(key.scopes)
        raise ForbiddenError(f"This needs the scope {scope}; the key has {has}.")
    return key


async def body(request: Request, most: int, *, longest: float = _LONGEST) -> bytes:
    """Return the body of a request, whatever its headers promise.

    Args:
        request: The request; nothing of its body was read yet.
        most: Bytes it may have. No more than these and a chunk are ever held.
        longest: Seconds it may take.

    Raises:
        TooLargeError: It is larger.
        TooSlowError: It is not all there by then.
        BadValueError: The caller went away in the middle of it.
    """
    told = request.headers.get("content-length", "")
    # Longer numbers than any body need not be read.
    if told.isdecimal() and (len(told) > len(str(most)) or int(told) > most):
        raise TooLargeError(_too_large(most))
    try:
        async with asyncio.timeout(longest):
            return await _all(request, most)
    except TimeoutError as error:
        raise TooSlowError(
            f"The body took longer than {longest:g} seconds to arrive."
        ) from error
    except ClientDisconnect as error:
        raise BadValueError("The body was cut off.") from error


async def _all(request: Request, most: int) -> bytes:
    found = bytearray()
    async for chunk in request.stream():
        if len(found) + len(chunk) > most:
            raise TooLargeError(_too_large(most))
        found += chunk
    return bytes(found)


def _too_large(most: int) -> str:
    return f"The body has more than {most} bytes."
