"""The files that OpenRouter exports every night, read without a key."""

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import httpx2
import pytest

from app.domain.observations import Batch, Observation, Payload, SeriesKind
from app.errors import SourceError, UpstreamError
from app.sources.source import Source
from tests.sources.exports import (
    FOLDER,
    NOW,
    FakeExports,
    Wire,
    manifest,
    source,
    table,
)
from tests.sources.given import window
from tests.sources.upstream import Fault

DAY = timedelta(days=1)
OLDEST = date(2026, 9, 19)
NAMED = date(2026, 10, 8)
END = "Nothing of this file is used."


@pytest.fixture
def exports() -> Iterator[FakeExports]:
    with FakeExports() as fake:
        yield fake


def payload(
    body: bytes | None = None, told: Wire | str | None = None, dated: str | None = None
) -> Payload:
    """Return a file of 8 October and its manifest as they would have been fetched."""
    body = table(NAMED - DAY) if body is None else body
    if not isinstance(told, str):
        told = json.dumps(manifest(NAMED, body) if told is None else told)
    packed = {"manifest": told, "csv": body.decode()}
    if dated is not None:
        packed["dated"] = dated
    url = f"https://openrouter.ai{FOLDER}{NAMED}.csv"
    return Payload(json.dumps(packed).encode(), "application/json", url, NOW)


def refusal(read: Payload) -> str:
    with pytest.raises(SourceError) as caught:
        source().parse(read)
    return str(caught.value)


def test_it_is_a_source() -> None:
    ours: Source = source()

    assert (ours.name, ours.dataset) == ("openrouter-exports", "openrouter-tokens")
    assert ours.every == timedelta(hours=6)


def test_a_file_is_fetched_with_its_manifest_and_read(
    client: httpx2.Client, exports: FakeExports
) -> None:
    exports.publish(NAMED, NAMED)
    ours = source(exports.url)

    fetched = ours.fetch(client, window("2026-09-09", "2026-10-07"))
    (batch,) = ours.parse(fetched)

    assert exports.asked == [f"{FOLDER}{NAMED}.manifest.json", f"{FOLDER}{NAMED}.csv"]
    assert exports.keys == [None, None]
    assert fetched.url == f"{exports.url}{FOLDER}{NAMED}.csv"
    assert json.loads(fetched.body) == {
        "manifest": exports.answer(exports.asked[0], None)[1].decode(),
        "csv": exports.files[NAMED].decode(),
    }
    model = SeriesKind.MODEL
    expected = []
    for n, day in enumerate(window("2026-09-08", "2026-10-07").days()):
        expected += [
            Observation(day, model, "acme/a", 1_000 + n),
            Observation(day, model, "acme/b:free", 10),
            Observation(day, SeriesKind.REMAINDER, "other", 10),
        ]
    assert batch == Batch(
        "openrouter-tokens",
        window("2026-09-08", "2026-10-07"),
        datetime(2026, 10, 8, 1, 46, tzinfo=UTC),
        expected,
        [],
    )


def test_before_the_file_of_the_day_is_there_that_of_the_day_before_is_read(
    client: httpx2.Client, exports: FakeExports
) -> None:
    exports.publish(NAMED - DAY, NAMED - DAY)
    ours = source(exports.url)

    (batch,) = ours.parse(ours.fetch(client, window("2026-09-09", "2026-10-07")))

    assert batch.window == window("2026-09-07", "2026-10-06")
    assert [path.rpartition("/")[2] for path in exports.asked] == [
        "2026-10-08.manifest.json",
        "2026-10-07.manifest.json",
        "2026-10-07.csv",
    ]


@pytest.mark.usefixtures("hurried")
def test_where_nothing_is_published_a_sentence_says_so(
    client: httpx2.Client, exports: FakeExports
) -> None:
    with pytest.raises(UpstreamError) as caught:
        source(exports.url).fetch(client, window("2026-09-09", "2026-10-07"))

    assert str(caught.value) == (
        "openrouter-exports: the file of 2026-10-08 or 2026-10-07 is not published "
        "there."
    )
    assert len(exports.asked) == 2


def test_a_manifest_without_its_file_is_no_answer(
    client: httpx2.Client, exports: FakeExports, monkeypatch: pytest.MonkeyPatch
) -> None:
    exports.publish(NAMED, NAMED)
    whole = exports.answer
    monkeypatch.setattr(
        exports,
        "answer",
        lambda path, key: (404, b"") if ".csv" in path else whole(path, key),
    )

    with pytest.raises(UpstreamError, match="it answers 404"):
        source(exports.url).fetch(client, window("2026-09-09", "2026-10-07"))


@pytest.mark.parametrize("fault", [Fault.ERROR, Fault.SILENCE, Fault.PAGE, Fault.BOMB])
@pytest.mark.usefixtures("hurried")
def test_an_upstream_that_fails_is_given_up_in_time(
    client: httpx2.Client, exports: FakeExports, fault: Fault
) -> None:
    exports.publish(NAMED, NAMED)
    exports.fail(fault)

    with pytest.raises(UpstreamError):
        source(exports.url, 0.5).fetch(client, window("2026-09-09", "2026-10-07"))


@pytest.mark.parametrize("name", ["Last_Modified", "Date"])
def test_a_manifest_without_a_moment_is_dated_by_its_answer(
    client: httpx2.Client, exports: FakeExports, name: str
) -> None:
    exports.publish(NAMED, NAMED)
    told = manifest(NAMED, exports.files[NAMED])
    del told["retrieved_at"]
    exports.manifests[NAMED] = told
    exports.dated = {name: "Thu, 08 Oct 2026 01:47:00 GMT"}
    ours = source(exports.url)

    (batch,) = ours.parse(ours.fetch(client, window("2026-09-09", "2026-10-07")))

    assert batch.as_of == datetime(2026, 10, 8, 1, 47, tzinfo=UTC)


@pytest.mark.parametrize("name", ["generated_at", "as_of", "published_at"])
def test_the_moment_may_have_other_names(name: str) -> None:
    told = manifest(NAMED, table(NAMED - DAY))
    told[name] = told.pop("retrieved_at")

    (batch,) = source().parse(payload(told=told))

    assert batch.as_of == datetime(2026, 10, 8, 1, 46, tzinfo=UTC)


@pytest.mark.parametrize(
    "files",
    [
        lambda sums: [{"name": "2026-10-08.csv", "sha256": sums}],
        lambda sums: {"2026-10-08.csv": sums.upper()},
        lambda sums: {"csv": {"checksum": {"sha256": sums}}},
    ],
)
def test_the_sum_of_the_file_may_stand_anywhere(files: object) -> None:
    assert callable(files)
    told = manifest(NAMED, table(NAMED - DAY))
    (csv, _) = told["files"].values()  # type: ignore[attr-defined] # an object
    told["files"] = files(csv["sha256"])

    assert source().parse(payload(told=told)) == source().parse(payload())


def test_a_file_may_be_named_after_its_last_day() -> None:
    body = table(NAMED)
    told = manifest(NAMED, body, retrieved_at="2026-10-08T05:46:00Z")

    (batch,) = source().parse(payload(body, told))

    assert batch.window == window("2026-09-09", "2026-10-08")


def test_a_day_that_the_file_lacks_stays_inside_the_window() -> None:
    (batch,) = source().parse(payload(table(NAMED - DAY, days=28)))

    assert batch.window == window("2026-09-08", "2026-10-07")
    assert min(o.day for o in batch.observations) == date(2026, 9, 10)


TABLE = table(NAMED - DAY)
OTHER_LICENSE = "manifest: the licence is '\"CC BY-NC 4.0\"' and not CC BY 4.0"


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"row_count": 89}, "file: has 90 rows, its manifest says 89"),
        ({"row_count": "90"}, "file: has 90 rows, its manifest says 90"),
        ({"row_count": None}, "manifest: row_count is missing"),
        ({"attribution": ""}, "manifest: attribution is missing"),
        ({"license": None}, "manifest: license is missing"),
        ({"license": "CC BY-NC 4.0"}, OTHER_LICENSE),
        ({"files": {}}, "file: its SHA-256 is none of those in its manifest"),
        (
            {"snapshot_date": "2026-10-07"},
            "manifest: is that of '2026-10-07' and not of 2026-10-08",
        ),
        (
            {"retrieved_at": "2026-10-08"},
            "manifest: '2026-10-08' is not when the file was published",
        ),
        (
            {"retrieved_at": "2026-10-08T07:00:00Z"},
            (
                "as_of: 2026-10-08T07:00:00Z is later than the clock here, "
                "2026-10-08T06:00:00Z"
            ),
        ),
        (
            {"retrieved_at": "2026-10-06T07:00:00Z"},
            "as_of: 2026-10-06T07:00:00Z is before the last day, 2026-10-07",
        ),
    ],
)
def test_a_manifest_that_says_otherwise_is_not_believed(
    changed: Wire, why: str
) -> None:
    assert refusal(payload(told=manifest(NAMED, TABLE, **changed))) == (
        f"openrouter-exports: {why}. {END}"
    )


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        (b"acme/a,1,1003,", b"acme/a,1,-1,", "line 11: total_tokens '-1' is not a"),
        (b"2026-09-08,", b"2026-09-07,", "line 2: 2026-09-07 is outside 2026-09-08"),
        (b"acme/b:free", b"acme/a", "line 3: 2026-09-08 acme/a occurs twice"),
        (b",rank,", b",", "line 1: the header is"),
        (b"2026-10-07,", b"2026-10-06,", "file: of 2026-10-08 ends with 2026-10-06"),
    ],
)
def test_rows_that_cannot_be_are_rejected_even_with_a_sum(
    old: bytes, new: bytes, why: str
) -> None:
    assert old in TABLE

    assert refusal(payload(TABLE.replace(old, new))).startswith(
        f"openrouter-exports: {why}"
    )


def test_a_file_that_was_changed_on_the_way_is_rejected() -> None:
    told = manifest(NAMED, TABLE)
    for n in range(0, len(TABLE), 97):
        flipped = TABLE[:n] + bytes([TABLE[n] ^ 1]) + TABLE[n + 1 :]
        assert "its SHA-256 is none" in refusal(payload(flipped, told))


def test_a_file_that_is_no_text_is_kept_as_it_came_and_rejected(
    client: httpx2.Client, exports: FakeExports
) -> None:
    exports.files[NAMED] = TABLE.replace(b"acme/b", b"acme/\xff")
    ours = source(exports.url)

    fetched = ours.fetch(client, window("2026-09-09", "2026-10-07"))

    assert refusal(fetched) == (
        "openrouter-exports: after line 0: not UTF-8; save the file as CSV in UTF-8. "
        + END
    )


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b"", "body: not whole JSON"),
        (b"[]", "body: is not an object"),
        (b"{}", "body: is not a manifest and its file"),
        (b'{"manifest":"{}"}', "body: is not a manifest and its file"),
        (b'{"manifest":"{}","csv":1}', "csv: is not a text"),
        (b"," * 20_000, "body: holds more than 30 days can"),
        (b" " * 400_000, "body: holds more than 30 days can"),
    ],
)
def test_what_is_no_payload_is_rejected(body: bytes, why: str) -> None:
    read = payload()
    other = Payload(body, read.media_type, read.url, NOW)

    assert refusal(other).startswith(f"openrouter-exports: {why}")


@pytest.mark.parametrize(
    ("told", "why"),
    [
        ("{", "manifest: not whole JSON"),
        ("[]", "manifest: is not an object"),
        ('{"row_count":1,"row_count":2}', "manifest: not whole JSON: the key"),
        ("[" * 10_000, "manifest: not whole JSON: it is nested too deeply"),
    ],
)
def test_what_is_no_manifest_is_rejected(told: str, why: str) -> None:
    assert refusal(payload(told=told)).startswith(f"openrouter-exports: {why}")


@pytest.mark.parametrize("dated", [None, "", "yesterday"])
def test_a_file_without_any_moment_is_rejected(dated: str | None) -> None:
    told = manifest(NAMED, TABLE)
    del told["retrieved_at"]

    assert "is not when the file was published" in refusal(
        payload(told=told, dated=dated)
    )


def test_a_file_without_rows_is_rejected() -> None:
    empty = TABLE[: TABLE.index(b"\n") + 1]

    assert refusal(payload(empty, manifest(NAMED, empty, row_count=3))) == (
        f"openrouter-exports: file: has 0 rows, its manifest says 3. {END}"
    )


def test_an_address_without_a_day_is_rejected() -> None:
    read = payload()
    other = Payload(read.body, read.media_type, "https://a/latest.csv", NOW)

    assert "does not name a day" in refusal(other)


def test_a_machine_without_a_key_ends_with_every_day(
    client: httpx2.Client, exports: FakeExports
) -> None:
    exports.publish(OLDEST, NAMED)
    ours = source(exports.url)
    known, days = window("2026-03-30", "2026-08-21"), set()

    for asked in ours.windows(known, NAMED):
        (batch,) = ours.parse(ours.fetch(client, asked))
        days |= {o.day for o in batch.observations}

    assert set(window("2026-08-22", "2026-10-07").days()) <= days
    assert len(exports.asked) == 4
