"""Small random worlds, and random questions about them."""

import os
from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from random import Random

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from tests.services.plain import DIMENSIONS, OTHER, Claim, Facts, ModelFact, Some, Wish

EXAMPLES = int(os.environ.get("CENSUS_EXAMPLES", "120"))

# A machine that is busy with other things must not fail a comparison.
compared = settings(
    max_examples=EXAMPLES, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)

PROVIDERS = ("acme", "bolt", "hidden")
MODELS = ("acme/one", "acme/one:free", "acme/two", "bolt/ox", "hidden/alpha")
SURE = ("high", "medium", "low", "disputed")
VALUES: Mapping[str, tuple[str, ...]] = {
    "origin": ("CN", "US", "FR"),
    "provider": PROVIDERS,
    "lab": ("acme", "bolt"),
    "family": ("ace", "bee"),
    "base": ("acme/one", "acme/two", "bolt/ox", "hidden/alpha"),
    "model": MODELS,
    "license": ("MIT", "proprietary"),
    "weights": ("open", "closed"),
    "variant": ("standard", "free"),
    "category": ("code", "art", "law"),
}
INTERVALS = ("total", "day", "week", "month", "quarter", "year")
# Around the end of a quarter, of a year, and of a month within a week.
STARTS = (date(2026, 3, 26), date(2025, 12, 20), date(2026, 4, 24), date(2026, 6, 1))


class World(Random):
    """Draws facts: whether, which of, and how many."""

    def often(self, chance: float = 0.5) -> bool:
        return self.random() < chance


def facts(seed: int) -> Facts:
    world = World(seed)
    first = world.choice(STARTS) + timedelta(days=world.randrange(7))
    days = [first + timedelta(days=n) for n in range(world.choice((1, 9, 20, 40)))]
    if world.often(0.12):
        return _directory(world, days)
    models = {slug: _model(world, slug, days) for slug in MODELS}
    there = _with_gaps(world, days)
    scale = world.choice((3, 100, 10**13))
    has_rest = world.often(0.8)
    return Facts(
        volumes={day: _listed(world, scale, has_rest=has_rest) for day in there},
        read=_read(world, there),
        models=models,
        providers={slug: _provider(world, slug, days) for slug in PROVIDERS},
        additive=world.often(0.85),
        revision_days=world.choice((0, 3, 30)),
    )


def _directory(world: World, days: list[date]) -> Facts:
    there = _with_gaps(world, days)
    names = {"code": "Software", "art": "Art & Design", "law": "Law"}
    return Facts(
        volumes={
            day: {slug: world.randrange(9) for slug in names if world.often(0.9)}
            or {"code": 1}
            for day in there
        },
        read=_read(world, there),
        categories=names,
        dimensions=("category",),
        default_group="category",
        additive=False,
        revision_days=0,
    )


def _with_gaps(world: World, days: list[date]) -> list[date]:
    chance = world.choice((1.0, 0.9, 0.6))
    return [d for d in days if world.often(chance)] or days[:1]


def _listed(world: World, scale: int, *, has_rest: bool) -> dict[str, int]:
    found = {slug: world.randrange(scale) for slug in MODELS if world.often(0.6)}
    found = found or {"acme/one": scale}
    if has_rest and world.often(0.9):
        found[OTHER] = world.randrange(2 * scale)
    return found


def _read(world: World, days: list[date]) -> dict[date, datetime]:
    """When each day was read: at its end, soon after, or long after."""
    soon = timedelta(minutes=world.choice((30, 59, 60, 90)))
    often = world.choice((0.0, 0.1))
    found = {}
    for day in days:
        ended = datetime.combine(day, time(), UTC) + timedelta(days=1)
        late = timedelta(days=world.choice((0, 2, 3, 29, 30, 60)), hours=2)
        is_last = day == days[-1] and world.often(0.6)
        found[day] = ended + (soon if is_last or world.often(often) else late)
    return found


def _claims(world: World, attribute: str, days: list[date]) -> tuple[Claim, ...]:
    """No claim, one, or two that follow each other inside the days."""
    cut = world.choice(days) if world.often(0.4) else None
    found: list[Claim] = []
    for begins, ends in ((None, cut), (cut, None)):
        if (cut is None and found) or world.often(0.15):
            continue
        also = tuple(world.sample(VALUES[attribute], world.randrange(2)))
        sure = world.choice(SURE)
        value = world.choice(VALUES[attribute])
        # One that goes on is outranked by one that begins later.
        last = None if world.often(0.3) else ends
        found.append(Claim(attribute, value, sure, also, begins, last))
    return tuple(found)


def _model(world: World, slug: str, days: list[date]) -> ModelFact:
    base, _, variant = slug.partition(":")
    claims: list[Claim] = []
    for attribute in ("weights", "family", "license"):
        claims += _claims(world, attribute, days)
    if world.often(0.2):
        claims += _claims(world, "origin", days)
    if slug.startswith("hidden"):
        claims.append(Claim("provider", "hidden", "low"))
    elif world.often(0.8):
        claims.append(Claim("provider", slug.split("/", maxsplit=1)[0], "high"))
    else:
        claims += _claims(world, "provider", days)
    if world.often(0.5):
        claims.append(Claim("released_on", str(world.choice(days)), "high"))
    if world.often(0.5):
        claims.append(Claim("name", f"The {slug}", "high"))
    return ModelFact(base, variant or "standard", tuple(claims))


def _provider(world: World, slug: str, days: list[date]) -> tuple[Claim, ...]:
    named = (Claim("name", slug.title(), "high"),) if world.often() else ()
    return named + _claims(world, "origin", days) + _claims(world, "lab", days)


@st.composite
def wishes(draw: st.DrawFn, about: Facts, *, within: bool = True) -> Wish:
    start, end, window = draw(_times(about))
    group_by = st.lists(
        st.sampled_from(about.dimensions), unique=True, min_size=0, max_size=2
    ).map(tuple)
    interval = draw(st.sampled_from(INTERVALS))
    smooth = st.sampled_from((None, None, 7))
    can_smooth = interval == "day" and about.additive
    return Wish(
        interval=interval,
        start=start,
        end=end,
        window=window,
        include=draw(st.booleans()),
        filters=draw(_filters(about)),
        within=draw(_filters(about)) if within and draw(st.booleans()) else {},
        group_by=draw(st.none() | group_by),
        top=draw(st.sampled_from((1, 2, 3, 20))),
        compare=draw(st.booleans()),
        smooth=draw(smooth) if can_smooth else None,
    )


@st.composite
def ranked(draw: st.DrawFn, about: Facts) -> Wish:
    start, end, window = draw(_times(about))
    group_by = st.sampled_from(about.dimensions).map(lambda d: (d,))
    pairs = st.permutations(about.dimensions).map(lambda ds: tuple(ds[:2]))
    return Wish(
        start=start,
        end=end,
        window=window,
        filters=draw(st.just({}) | _filters(about)),
        within=draw(st.just({}) | _filters(about)),
        group_by=draw(st.none() | group_by | pairs | st.just(())),
        top=draw(st.sampled_from((1, 2, 20))),
        sort=draw(st.sampled_from(("volume", "growth", "trending"))),
    )


Times = tuple[date | None, date | None, str | None]


@st.composite
def _times(draw: st.DrawFn, about: Facts) -> Times:
    kind = draw(st.sampled_from(("window", "dates", "open")))
    if kind == "window":
        spans = ("1d", "5d", "28d", "1w", "2w", "1m", "3m", "1y", "all")
        return None, None, draw(st.none() | st.sampled_from(spans))
    first, last = min(about.volumes), max(about.volumes)
    some = [st.timedeltas(timedelta(-9), timedelta(20)) for _ in range(2)]
    start = min(first + draw(some[0]), last)
    end = max(start, first, start + draw(some[1]))
    if kind == "dates":
        return start, end, None
    return (start, None, None) if draw(st.booleans()) else (None, end, None)


@st.composite
def _filters(draw: st.DrawFn, about: Facts) -> dict[str, Some]:
    chosen = draw(st.lists(st.sampled_from(about.dimensions), unique=True, max_size=3))
    found = {}
    for dimension in sorted(chosen, key=DIMENSIONS.index):
        unlisted = (OTHER,) if dimension in {"model", "base"} else ()
        values = st.sampled_from((*VALUES[dimension], *unlisted, "unknown"))
        some = draw(st.frozensets(values, min_size=1, max_size=3))
        found[dimension] = Some(some, draw(st.booleans()))
    return found
