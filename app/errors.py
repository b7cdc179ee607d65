"""Expected failures. The raiser passes data; the class writes the sentence.

Every class has the HTTP status that is part of its meaning, a code (the last part of
the problem's type) and a title; the mapping to a reply is the door's.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import ClassVar

_SHOWN = 100


def closest(value: str, allowed: Iterable[str]) -> str | None:
    """Return the allowed value most like `value`, or None if none is alike."""
    by_fold = {a.casefold(): a for a in allowed}
    found = get_close_matches(value[:_SHOWN].casefold(), by_fold, n=1, cutoff=0.6)
    return by_fold[found[0]] if found else None


@dataclass(frozen=True, slots=True)
class Complaint:
    """What is wrong with one parameter."""

    parameter: str
    value: str | None = None
    message: str = ""
    allowed: Sequence[str] = ()
    did_you_mean: str | None = None


class AppError(Exception):
    """An expected failure. `str(error)` is the sentence shown to the caller.

    Attributes:
        complaints: What is wrong, a parameter each.
        fix: Parameters to set (or, with None, to drop) so that the same question works.
            None: no question near this one works.
    """

    status: ClassVar[int] = 500
    code: ClassVar[str] = "internal-error"
    title: ClassVar[str] = "Internal error"

    def __init__(
        self,
        detail: str,
        *,
        complaints: Sequence[Complaint] = (),
        fix: Mapping[str, str | None] | None = None,
    ) -> None:
        super().__init__(detail)
        self.complaints = complaints
        self.fix = fix


class BadParameterError(AppError):
    """A parameter that does not exist, is repeated, or excludes another."""

    status = 400
    code = "bad-parameter"
    title = "Bad parameter"


class BadValueError(AppError):
    """A value that cannot be."""

    status = 422
    code = "bad-value"
    title = "Bad value"

    @classmethod
    def of(
        cls,
        parameter: str,
        value: str,
        message: str,
        *,
        allowed: Iterable[str] = (),
        fix: str | None = None,
    ) -> "BadValueError":
        """Return the complaint about one value; `fix` is a value that works."""
        allowed = tuple(allowed)
        meant = closest(value, allowed)
        complaint = Complaint(parameter, value, message, allowed, meant)
        return cls(
            f"{parameter}: {message}",
            complaints=[complaint],
            fix={parameter: meant or fix},
        )


class NotFoundError(AppError):
    """The thing asked about does not exist."""

    status = 404
    code = "not-found"
    title = "Not found"


class UnknownError(NotFoundError):
    """No provider, model, dataset, release… of this name."""

    code = "unknown"
    title = "Unknown name"

    def __init__(
        self,
        parameter: str,
        value: str,
        known: Iterable[str],
        see: str,
        *,
        thing: str | None = None,
        fix: Mapping[str, str | None] | None = None,
    ) -> None:
        """Complain about a name.

        Args:
            parameter: Where it was given.
            value: The name.
            known: Those there are.
            see: Where they are listed.
            thing: What it is the name of, if that is called other than the parameter.
            fix: See `AppError`; None: the name that was meant, if there is one.
        """
        known = tuple(known)
        # No number is like another.
        meant = None if value.isdecimal() else closest(value, known)
        hint = f" Did you mean {meant}?" if meant else ""
        few = known if len(known) <= _SHOWN else ()
        super().__init__(
            f"There is no {thing or parameter} {value[:_SHOWN]!r}.{hint} See {see}.",
            complaints=[Complaint(parameter, value, "unknown", few, meant)],
            fix={parameter: meant} if fix is None else fix,
        )


class NotYetError(NotFoundError):
    """A dataset that a release did not know yet."""

    code = "not-yet"
    title = "Not in this release yet"

    def __init__(self, dataset: str, since: int, release: int) -> None:
        super().__init__(
            f"Release {release} does not know {dataset} yet, which begins with release "
            f"{since}: ask a later release, or none.",
            complaints=[Complaint("release", str(release), f"is before {since}")],
            fix={"release": None, "as_of": None},
        )


class UnreadError(NotFoundError):
    """A dataset that is known here, and of which nothing was read yet."""

    code = "not-read-yet"
    title = "Not read yet"

    def __init__(self, dataset: str, setting: str | None) -> None:
        """Complain about a dataset.

        Args:
            dataset: Slug.
            setting: What has to be set before it can be read, if anything.
        """
        needs = f", once {setting} is set" if setting else ""
        super().__init__(
            f"{dataset} is known here, and nothing of it has been read yet: whoever "
            f"runs this service reads it with `modelcensus ingest {dataset}`{needs}.",
            complaints=[Complaint("dataset", dataset, "has not been read yet")],
        )


class OutsideDataError(BadValueError):
    """The days or the moment asked for lie wholly outside what there is."""

    code = "outside-data"
    title = "Outside the data"


class EstimateError(BadValueError):
    """An exact number is asked for where there are only estimates."""

    code = "estimates-only"
    title = "There are only estimates"
    instead: ClassVar[str] = "share"
    """What can be asked of estimates."""

    def __init__(self, dataset: str, scope: str) -> None:
        super().__init__(
            f"{dataset} holds estimates from a sample: there are no exact volumes of "
            f"{scope}. Ask /v1/share or /v1/rankings.",
            complaints=[Complaint("dataset", dataset, "holds estimates only")],
            fix={"of": self.instead},
        )


class FormatError(AppError):
    """A format that this is not to be had in."""

    status = 501
    code = "no-such-format"
    title = "No such format"

    def __init__(self, value: str, known: Iterable[str]) -> None:
        known = tuple(known)
        super().__init__(
            f"format: this is to be had as {' or '.join(known)}.",
            complaints=[Complaint("format", value, "is not to be had", known)],
        )


class UnauthorizedError(AppError):
    """No key, or one that is none of ours."""

    status = 401
    code = "no-key"
    title = "A key is needed"


class ForbiddenError(AppError):
    """The key does not allow this."""

    status = 403
    code = "not-allowed"
    title = "Not allowed"


class TooLargeError(AppError):
    """More bytes than any such request needs."""

    status = 413
    code = "too-large"
    title = "Too large"


class TooSlowError(AppError):
    """A body that does not arrive in full in the time any such body needs."""

    status = 408
    code = "too-slow"
    title = "Too slow"


class MediaTypeError(AppError):
    """A body of a kind that is not read here, or packed in a way that is not."""

    status = 415
    code = "unsupported-media-type"
    title = "Unsupported media type"


class UnavailableError(AppError):
    """Not to be had right now; try again later."""

    status = 503
    code = "unavailable"
    title = "Unavailable for now"
    retry_after: ClassVar[int] = 5


class DrawingError(UnavailableError):
    """A figure that is not to be had right now; its numbers are."""

    code = "drawing"
    title = "Figure not drawn"

    def __init__(self, why: str) -> None:
        super().__init__(
            f"{why} Try again in {self.retry_after} seconds, or ask for the numbers: "
            "without the suffix, or as .vl.json."
        )


class FontError(BadValueError):
    """A PNG in a script that there is no font for here."""

    code = "no-font"
    title = "No font"

    def __init__(self, sample: str) -> None:
        super().__init__(
            f"There is no font here for {sample[:_SHOWN]}, so that a PNG could not be "
            "read. Ask for the figure as .svg, which its reader's own fonts draw.",
            complaints=[Complaint("lang", None, "has no font here")],
            fix={"lang": None},
        )


class SourceError(AppError):
    """A payload that cannot be read as what its source promises; nothing is kept."""

    status = 422
    code = "unreadable-payload"
    title = "Unreadable payload"

    def __init__(
        self, source: str, detail: str, *, complaints: Sequence[Complaint] = ()
    ) -> None:
        super().__init__(f"{source}: {detail}", complaints=complaints)


class UpstreamError(AppError):
    """An upstream did not answer, or not with what was asked for."""

    status = 502
    code = "upstream-failed"
    title = "Upstream failed"

    def __init__(self, source: str, detail: str) -> None:
        super().__init__(f"{source}: {detail}")


class StaleBatchError(AppError):
    """A write that would go backwards or fork what is published; nothing written."""

    status = 409
    code = "stale-write"
    title = "Stale write"


class RecordError(AppError):
    """The record does not hold together, or cannot be opened."""

    status = 500
    code = "record-damaged"
    title = "The record is damaged"
