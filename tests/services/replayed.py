"""The bundled days, told again as an upstream would tell them, payload by payload."""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cache

from app.domain.likeness import Volumes
from app.services.neighbours import Fault
from app.services.plausible import Background, is_of_the_market, judge
from tests.services import bundled
from tests.services.plain_claims import Claims

Told = Mapping[date, Volumes]

DAYS: Told = dict(sorted(bundled.facts().volumes.items()))
ALL = list(DAYS)
FIRST, LAST = ALL[0], ALL[-1]
DAY = timedelta(days=1)
LISTED = 50
LAUNCH, END = date(2026, 4, 3), date(2026, 4, 8)
"""Days that are real and odd: a free model is launched, and a free model ends."""


@cache
def _bases() -> dict[str, str]:
    found: dict[str, str] = {}
    for slug, model in bundled.facts().models.items():
        if found.setdefault(model.base, slug) != slug and model.variant == "standard":
            found[model.base] = slug
    return found


@cache
def origin_of(base: str, day: date) -> str:
    """Return the country of a model's lab; of a model nobody knows, `unknown`."""
    slug = _bases().get(base)
    return Claims(bundled.facts()).best(slug, "origin", day) if slug else "unknown"


def background(
    known: Told, pending: Told | None = None, moved: Collection[date] = ()
) -> Background:
    return Background(
        known, origin_of, _bases().__contains__, LISTED, dict(pending or {}), moved
    )


def days(first: date, last: date) -> dict[date, Volumes]:
    return {day: DAYS[day] for day in ALL if first <= day <= last}


def until(last: date) -> dict[date, Volumes]:
    return days(FIRST, last)


def since(first: date) -> dict[date, Volumes]:
    return days(first, LAST)


def rules(told: Told, known: Told, pending: Told | None = None) -> dict[date, set[str]]:
    """Return the rules by which each held day is held."""
    found = judge(told, background(known, pending))
    return {day: {fault.rule for fault in faults} for day, faults in found.items()}


@dataclass
class Replay:
    """A record that reads payload after payload, and decides after each if told to."""

    decide: Callable[[date], bool] = lambda _: False
    known: dict[date, Volumes] = field(default_factory=dict)
    pending: dict[date, Volumes] = field(default_factory=dict)
    held: dict[date, list[Fault]] = field(default_factory=dict)
    """Every day that was ever held, with why at first."""
    found: dict[date, list[Fault]] = field(default_factory=dict)
    """The same, with why at last."""

    def _is_moved(self, day: date) -> bool:
        return is_of_the_market([fault.rule for fault in self.found[day]])

    def read(self, payloads: Iterable[Told]) -> "Replay":
        for told in payloads:
            moved = [day for day in self.pending if self._is_moved(day)]
            found = judge(told, background(self.known, self.pending, moved))
            self.found |= found
            for day in found:
                self.held.setdefault(day, found[day])
            self.pending |= {day: told[day] for day in found}
            accepted = {d: v for d, v in self.pending.items() if self.decide(d)}
            good = {day: told[day] for day in told.keys() - found.keys()} | accepted
            self.known = dict(sorted({**self.known, **good}.items()))
            self.pending = {d: v for d, v in self.pending.items() if d not in good}
        return self


def payloads(width: int) -> list[Told]:
    """Return a payload a day: that day and those before it, `width` in all."""
    return [days(day - (width - 1) * DAY, day) for day in ALL]
