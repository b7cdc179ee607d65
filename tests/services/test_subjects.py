"""Names of another scheme become models of the registry, and all others a remainder."""

from datetime import UTC, date, datetime

import pytest

from app.domain.observations import Batch, Observation, SeriesKind
from app.domain.periods import Window
from app.services.subjects import resolved
from app.store.tables import AliasRow, ModelRow

FIRST, SECOND = date(2026, 8, 17), date(2026, 8, 18)
MODEL, REST = SeriesKind.MODEL, SeriesKind.REMAINDER

MODELS = [
    ModelRow(slug=slug, base=base, variant=variant, release_from=1)
    for slug, base, variant in (
        ("acme/one:free", "acme/one", "free"),
        ("acme/one", "acme/one", "standard"),
        ("bolt/two:thinking", "bolt/two", "thinking"),
        ("bolt/two:free", "bolt/two", "free"),
        ("corp/old:free", "corp/x", "free"),
        ("corp/x-2026", "corp/x", "standard"),
    )
]


def alias(name: str, target: str, kind: str = "base", scheme: str = "hub") -> AliasRow:
    return AliasRow(
        scheme=scheme,
        external_id=name,
        target=target,
        target_kind=kind,
        release_from=1,
    )


def told(*volumes: tuple[date, str, int], category: str | None = None) -> Batch:
    rows = [Observation(day, MODEL, name, n, category) for day, name, n in volumes]
    as_of = datetime(2026, 8, 20, tzinfo=UTC)
    return Batch("hub", Window(FIRST, SECOND), as_of, rows, scheme="hub")


def test_all_names_of_a_base_are_its_standard_variant() -> None:
    aliases = [alias("Acme/One", "acme/one"), alias("acme/one-gguf", "acme/one")]
    batch = told(
        (FIRST, "acme/ONE", 5), (FIRST, "acme/one-gguf", 2), (SECOND, "acme/one", 1)
    )

    found = resolved(batch, aliases, MODELS)

    assert list(found.observations) == [
        Observation(FIRST, MODEL, "acme/one", 7),
        Observation(SECOND, MODEL, "acme/one", 1),
    ]
    assert found.scheme is None


@pytest.mark.parametrize(
    ("aliases", "subject"),
    [
        ([alias("x", "bolt/two")], "bolt/two:free"),
        ([alias("x", "corp/x")], "corp/x-2026"),
        ([alias("x", "acme/one:free", "model")], "acme/one"),
        ([alias("x", "acme/one"), alias("X", "acme/one:free", "model")], "acme/one"),
        ([alias("x", "acme/one"), alias("x", "bolt/two")], None),
        ([alias("x", "acme/one", scheme="other")], None),
        ([alias("x", "no/base")], None),
        ([alias("x", "no/model", "model")], None),
        ([alias("x", "acme/one"), alias("X", "no/model", "model")], None),
        ([], None),
    ],
)
def test_a_name_that_does_not_mean_one_base_is_listed_nowhere(
    aliases: list[AliasRow], subject: str | None
) -> None:
    (one,) = resolved(told((FIRST, "x", 3)), aliases, MODELS).observations

    kind = REST if subject is None else MODEL
    assert one == Observation(FIRST, kind, subject or "other", 3)


def test_what_is_listed_nowhere_is_added_up_by_day_and_category() -> None:
    batch = told((FIRST, "x", 3), (FIRST, "y", 4), (SECOND, "x", 9), category="code")

    assert list(resolved(batch, [], MODELS).observations) == [
        Observation(FIRST, REST, "other", 7, "code"),
        Observation(SECOND, REST, "other", 9, "code"),
    ]
