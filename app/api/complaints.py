"""What can be wrong with the parameters of a request.

Raised while they are read; pydantic collects all of one request, and
`problems.of_validation` makes one failure of them.
"""

from collections.abc import Iterable, Mapping, Sequence


class WrongValue(ValueError):  # noqa: N818 (a complaint, one of several)
    """One value cannot be."""

    def __init__(
        self, message: str, *, allowed: Iterable[str] = (), meant: str | None = None
    ) -> None:
        """Complain about one value.

        Args:
            message: What is wrong, after the name of the parameter.
            allowed: Every value that can be, if they are few.
            meant: A value that works instead, if there is one near.
        """
        super().__init__(message)
        self.allowed = tuple(allowed)
        self.meant = meant


class Excluded(ValueError):  # noqa: N818 (a complaint, one of several)
    """Parameters exclude each other; all but the first are to be left out."""

    def __init__(self, message: str, *names: str) -> None:
        super().__init__(message)
        self.names: Sequence[str] = names


class Lacking(ValueError):  # noqa: N818 (a complaint, one of several)
    """A parameter is missing without which there is no question."""

    def __init__(self, message: str, name: str, meant: str) -> None:
        """Complain that `name` is missing; `meant` is a value that works."""
        super().__init__(message)
        self.name = name
        self.meant = meant


class NoSuchParameter(ValueError):  # noqa: N818 (a complaint, one of several)
    """Parameters that the endpoint does not take."""

    def __init__(
        self,
        names: Sequence[str],
        known: Sequence[str],
        given: Mapping[str, object],
    ) -> None:
        """Complain about `names`, given what is known and all that was given."""
        super().__init__(", ".join(names))
        self.names = names
        self.known = known
        self.given = given
