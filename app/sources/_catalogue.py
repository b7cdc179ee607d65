"""What public lists have in common: how they are fetched, read and refused."""

import re
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Annotated, ClassVar, TypeVar

import httpx2
from pydantic import AfterValidator, BaseModel, BeforeValidator, Field, ValidationError

from app.domain.observations import Payload
from app.sources import http
from app.sources._limits import Pace
from app.sources._rows import check_slug
from app.sources._values import Faults, explain, read_json, shown

ModelT = TypeVar("ModelT", bound=BaseModel)

ADVICE = "Nothing of this list is used."
MOST_TOKENS = 2**31 - 1

_REPOSITORY = re.compile(r"\w[\w.-]{0,95}(/\w[\w.-]{0,95})?", re.ASCII)
_LONGEST_NAME = 200
_LOOKED_AT = 1_000


def clean_name(text: str) -> str | None:
    """Return a name in one line of at most 200 characters; None: there is nothing.

    Whoever names an app or a model must not be able to make a list unreadable.
    """
    shown_as = "".join(c if c.isprintable() else " " for c in text[:_LOOKED_AT])
    return " ".join(shown_as.split())[:_LONGEST_NAME] or None


def check_model(text: str) -> str:
    """Return `author/model` as it is.

    Raises:
        ValueError: It is not that.
    """
    if "/" in check_slug(text):
        return text
    msg = f"{shown(text)} is not a model such as author/model"
    raise ValueError(msg)


def check_repository(text: str) -> str:
    """Return the name of a repository on Hugging Face as it is.

    Raises:
        ValueError: It is not that.
    """
    if _REPOSITORY.fullmatch(text):
        return text
    msg = f"{shown(text)} is not a repository on Hugging Face"
    raise ValueError(msg)


def _clean(value: str | None) -> str | None:
    return None if value is None else clean_name(value)


def _or_none(value: object) -> object:
    return None if value == "" else value


Name = Annotated[str | None, AfterValidator(_clean)]
ModelName = Annotated[str, AfterValidator(check_model)]
Repository = Annotated[str, AfterValidator(check_repository)]
MaybeRepository = Annotated[Repository | None, BeforeValidator(_or_none)]
Tokens = Annotated[int, Field(ge=0, le=MOST_TOKENS)]


class PublicList:
    """One JSON document at one address, without a key."""

    name: ClassVar[str]
    path: ClassVar[str]

    def __init__(
        self,
        url: str,
        now: Callable[[], datetime],
        timeout: timedelta,
        every: timedelta,
    ) -> None:
        """Reach the list at `url` (scheme and host); nothing is sent yet.

        Args:
            url: Where the publisher is reached, without a path.
            now: The clock, in UTC.
            timeout: Longest wait of one fetch, in all.
            every: How often to read.
        """
        self.every = every
        self._url = url.rstrip("/") + self.path
        self._now = now
        self._timeout = timeout
        self._quotas = (Pace(30, timedelta(minutes=1)),)

    def fetch(self, client: httpx2.Client) -> Payload:
        """Return the list; see `RegistrySource.fetch`."""
        answer = http.get(
            client,
            self._url,
            source=self.name,
            params={},
            headers={"Accept": "application/json"},
            timeout=self._timeout,
            now=self._now,
            quotas=self._quotas,
        )
        return Payload(answer.body, answer.media_type, answer.url, self._now())


def read_model(kind: type[ModelT], body: bytes, faults: Faults) -> ModelT:
    """Return a body of JSON as `kind`.

    Raises:
        SourceError: It is not that; by `faults`.
    """
    try:
        return kind.model_validate(read_json(body))
    except ValidationError as error:
        for loc, why in explain(error):
            faults.add(".".join(map(str, loc)) or "body", why)
    except ValueError as error:
        faults.add("body", f"not whole JSON: {error}")
    faults.check()
    raise AssertionError  # there was a fault


def check_size(body: bytes, most_bytes: int, most_values: int, faults: Faults) -> None:
    """Refuse a body that could take far more memory than a list needs.

    Raises:
        SourceError: It is larger, or has more values; by `faults`.
    """
    # Parsed, it may take twenty times its bytes in memory; so look before.
    if len(body) > most_bytes or body.count(b",") > most_values:
        faults.refuse("body", "is larger than such a list can be")


def repeated(names: Iterator[str]) -> Iterator[tuple[int, str]]:
    """Yield the place, from 1, and the name of all that occurs again."""
    seen: set[str] = set()
    for number, name in enumerate(names, 1):
        if name in seen:
            yield number, name
        seen.add(name)
