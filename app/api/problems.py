"""Failures as `application/problem+json` (RFC 9457): one shape for all of them."""

from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from app.api.complaints import Excluded, Lacking, NoSuchParameter, WrongValue
from app.api.replies import Reply
from app.api.urls import LISTS
from app.errors import (
    AppError,
    BadParameterError,
    BadValueError,
    Complaint,
    NotFoundError,
    UnauthorizedError,
    UnavailableError,
    closest,
)
from app.present import json

MEDIA_TYPE = "application/problem+json"
PATH = "/problems"
"""Below it each code has a page: what `type` points to."""

_SHOWN = 100
_MOST_NAMED = 5
_MOST_SHOWN = 20
_JOINED = LISTS | {"group_by"}
"""Parameters that take several values, with commas between them."""


class PathError(NotFoundError):
    """There is nothing at this path."""

    code = "no-such-path"
    title = "No such path"

    def __init__(self, path: str, known: Iterable[str]) -> None:
        """Complain about a path; `known` are those there are."""
        self.near: str | None = closest(path, known)
        hint = f" Did you mean {self.near}?" if self.near else ""
        super().__init__(f"There is nothing here.{hint} See /docs/api for all paths.")


class MethodError(AppError):
    """This path takes other methods."""

    status: ClassVar[int] = 405
    code = "method-not-allowed"
    title = "Method not allowed"

    def __init__(self, allowed: str) -> None:
        """Complain about a method where others are allowed: `GET, HEAD`."""
        self.allowed = f"{allowed}, OPTIONS"
        super().__init__(f"This path takes {self.allowed}.")


class TooLongError(AppError):
    """The URL is longer than any question needs."""

    status: ClassVar[int] = 414
    code = "url-too-long"
    title = "URL too long"

    def __init__(self, most: int) -> None:
        """Complain about a URL of more than `most` characters."""
        super().__init__(
            f"The URL has more than {most} characters. Ask several questions instead."
        )


class Problems:
    """Makes the replies; knows where readers reach this service."""

    def __init__(self, public: str) -> None:
        """Let every `type` start with the URL `public`."""
        self._public = public

    def reply(self, error: AppError, try_url: str | None = None) -> Reply:
        """Return the reply to a failure that was expected.

        Args:
            error: The failure.
            try_url: A URL that works instead.
        """
        body: dict[str, object] = self._head(error) | {"detail": _plain(str(error))}
        if error.complaints:
            shown = error.complaints[:_MOST_SHOWN]
            body["errors"] = [_complaint(c) for c in shown]
        if try_url is not None:
            body["try_url"] = try_url
        return _reply(error.status, body, _headers(error))

    def failure(self, request_id: str) -> Reply:
        """Return the reply to a failure that nobody expected; it says nothing of it."""
        body = self._head(AppError) | {
            "detail": "This failed here, not at your end, and was logged. "
            "If it happens again, report it with its request_id.",
            "request_id": request_id,
        }
        return _reply(AppError.status, body, [])

    def _head(self, error: AppError | type[AppError]) -> dict[str, object]:
        return {
            "type": f"{self._public}{PATH}/{error.code}",
            "title": error.title,
            "status": error.status,
        }


def _reply(
    status: int, body: Mapping[str, object], headers: Iterable[tuple[str, str]]
) -> Reply:
    # Harmless even where someone shows it as HTML.
    raw = json.dumps(body).replace(b"<", b"\\u003c").replace(b">", b"\\u003e")
    return Reply(raw, MEDIA_TYPE, status=status, headers=headers)


def _headers(error: AppError) -> Iterable[tuple[str, str]]:
    if isinstance(error, UnavailableError):
        yield "retry-after", str(error.retry_after)
    if isinstance(error, MethodError):
        yield "allow", error.allowed
    if isinstance(error, UnauthorizedError):
        yield "www-authenticate", "Bearer"


def _complaint(complaint: Complaint) -> dict[str, object]:
    found: dict[str, object] = {"parameter": _plain(complaint.parameter[:_SHOWN])}
    if complaint.value is not None:
        found["value"] = _plain(complaint.value[:_SHOWN])
    found["message"] = _plain(complaint.message)
    if complaint.allowed:
        found["allowed"] = list(complaint.allowed)
    if complaint.did_you_mean is not None:
        found["did_you_mean"] = complaint.did_you_mean
    return found


def _plain(text: str) -> str:
    """Return a text without characters that do something when they are printed."""
    if text.isprintable():
        return text
    escaped = (
        c if c.isprintable() else c.encode("unicode_escape").decode() for c in text
    )
    return "".join(escaped)


# Failures of the framework, in our words


def of_validation(error: RequestValidationError) -> AppError:
    """Return all complaints about the parameters of one request as one failure."""
    found = error.errors()
    for one in found:
        cause = one.get("ctx", {}).get("error")
        if isinstance(cause, NoSuchParameter):
            return _unknown(cause)
        if isinstance(cause, Excluded):
            return _excluded(cause)
        if isinstance(cause, Lacking):
            return BadValueError.of(cause.name, "", str(cause), fix=cause.meant)
    complaints = [_of_value(one) for one in found]
    fix = {c.parameter: c.did_you_mean for c in complaints}
    detail = "; ".join(f"{c.parameter}: {c.message}" for c in complaints)
    return BadValueError(f"{detail}.", complaints=complaints, fix=fix)


def _of_value(one: Mapping[str, Any]) -> Complaint:
    name, cause = str(one["loc"][-1]), one.get("ctx", {}).get("error")
    if not isinstance(cause, WrongValue):
        return Complaint(name, None, str(one["msg"]))
    given = str(one["input"])
    return Complaint(name, given, str(cause), cause.allowed, cause.meant)


def _unknown(cause: NoSuchParameter) -> AppError:
    complaints: list[Complaint] = []
    fix: dict[str, str | None] = {}
    for name in cause.names:
        meant = closest(name, cause.known)
        message = "is no parameter here"
        complaints.append(Complaint(name, None, message, cause.known, meant))
        fix[name] = None
        if meant is not None and meant not in cause.given:
            fix[meant] = _text(cause.given[name])
    names = ", ".join(name[:_SHOWN] for name in cause.names[:_MOST_NAMED])
    hints = [c.did_you_mean for c in complaints[:_MOST_NAMED] if c.did_you_mean]
    hint = f" Did you mean {', '.join(hints)}?" if hints else ""
    return BadParameterError(
        f"{names}: no such parameter here.{hint} Parameters are never ignored.",
        complaints=complaints,
        fix=fix,
    )


def _text(given: object) -> str:
    return ",".join(map(str, given)) if isinstance(given, list) else str(given)


def _excluded(cause: Excluded) -> AppError:
    kept, *others = cause.names
    complaints = [Complaint(o, None, f"is excluded by {kept}") for o in others]
    fix = dict.fromkeys(others)
    return BadParameterError(f"{cause}.", complaints=complaints, fix=fix)


def repeated(query: Iterable[tuple[str, str]]) -> AppError | None:
    """Return the complaint about parameters given more than once, if there are any."""
    by_name: dict[str, list[str]] = {}
    for name, value in query:
        by_name.setdefault(name, []).append(value)
    twice = {name: values for name, values in by_name.items() if len(values) > 1}
    if not twice:
        return None
    message = "is given more than once"
    names = ", ".join(name[:_SHOWN] for name in list(twice)[:_MOST_NAMED])
    return BadParameterError(
        f"{names}: given more than once. Put several values into one, with commas.",
        complaints=[Complaint(n, v[-1], message) for n, v in twice.items()],
        fix={n: ",".join(v) if n in _JOINED else v[0] for n, v in twice.items()},
    )


def of_http(error: HTTPException, path: str, known: Iterable[str]) -> AppError:
    """Return a failure of routing as one of ours."""
    if error.status_code == MethodError.status:
        allowed = (error.headers or {}).get("Allow", "")
        return MethodError("GET, HEAD" if allowed in {"", "GET"} else allowed)
    if error.status_code == NotFoundError.status:
        return PathError(path, known)
    return BadParameterError(_plain(str(error.detail)))
