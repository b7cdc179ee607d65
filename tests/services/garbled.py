"""Answers that are not what their source promises, made of a true one."""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache, partial
from typing import Any

from tests.services.mutants import NONE
from tests.services.spoiling import FILE, NEW, SATURDAY, true_days
from tests.services.spoiling import to_csv as csv_of
from tests.services.spoiling import to_json as json_of
from tests.sources import exports
from tests.sources.upstream import PAGE

Wire = Any


@dataclass(frozen=True)
class Garbled:
    """A mutant: an answer, what becomes of it, and the new days it still publishes.

    Attributes:
        manifest: Of an export file; None: as it should be.
    """

    kind: str
    name: str
    make: Callable[[], bytes]
    verdict: str = "rejected"
    good: frozenset[date] = NONE
    manifest: Callable[[bytes], bytes] | None = None


def answers() -> list[Garbled]:
    """Return garbled answers of the Data API."""
    kinds = (_cut_answers, _fields, _added, _values, _dates, _echoes, _bodies)
    return [one for kind in kinds for one in kind()]


def files() -> list[Garbled]:
    """Return garbled export files, or files with a garbled manifest."""
    kinds = (_cut_files, _manifests, _columns, _file_values)
    return [one for kind in kinds for one in kind()]


@cache
def _true() -> bytes:
    return json_of(true_days())


def _cut_answers() -> Iterator[Garbled]:
    for percent in range(1, 100):

        def make(percent: int = percent) -> bytes:
            body = _true()
            return body[: len(body) * percent // 100]

        yield Garbled("cut", f"at {percent} %", make)


def _wire(change: Callable[[Wire], object]) -> Callable[[], bytes]:
    def make() -> bytes:
        found = json.loads(_true())
        change(found)
        return json.dumps(found).encode()

    return make


def _row(**values: object) -> Callable[[Wire], object]:
    return lambda wire: wire["data"][-2].update(values)


def _meta(**values: object) -> Callable[[], bytes]:
    return lambda: json_of(true_days(), **values)


def _fields() -> Iterator[Garbled]:
    wrong: Mapping[str, tuple[object, ...]] = {
        "total_tokens": (595090081549, 1.5, None, ["1"], {"n": "1"}, True),
        "date": (20260802, None, "02.08.2026", "2026-8-2", "2026-08-02T00:00:00Z"),
        "model_permaslug": (7, None, "", "acme one", "acme", ["acme/one"]),
    }
    for name, values in wrong.items():
        for value in values:
            make = _wire(_row(**{name: value}))
            yield Garbled("retyped", f"{name} is {value!r}", make)
        yield Garbled("removed", f"{name} of one row", _wire(partial(_lose, name=name)))
        yield Garbled("renamed", f"{name} of all", _wire(partial(_rename, name=name)))
    for name in ("as_of", "version", "start_date", "end_date"):
        yield Garbled("removed", f"meta.{name}", _wire(partial(_lose_meta, name=name)))
        yield Garbled("retyped", f"meta.{name} is 7", _meta(**{name: 7}))
    for name in ("data", "meta"):
        yield Garbled("removed", name, _wire(partial(_lose_part, name=name)))
    yield Garbled("retyped", "another version", _meta(version="v2"))
    no_list = _wire(lambda wire: wire.update(data={}))
    yield Garbled("retyped", "data is an object", no_list)


def _lose(wire: Wire, name: str) -> None:
    del wire["data"][-1][name]


def _rename(wire: Wire, name: str) -> None:
    for row in wire["data"]:
        row[f"the_{name}"] = row.pop(name)


def _lose_part(wire: Wire, name: str) -> None:
    del wire[name]


def _lose_meta(wire: Wire, name: str) -> None:
    del wire["meta"][name]


def _added() -> Iterator[Garbled]:
    """Yield answers with more than was promised: these are as good as before."""

    def all_rows(wire: Wire) -> None:
        for row in wire["data"]:
            row["modality"] = "text"

    good = frozenset(NEW)
    yield Garbled("added", "a field of all rows", _wire(all_rows), "published", good)
    yield Garbled("added", "a field of one row", _wire(_row(x=1)), "published", good)
    yield Garbled("added", "a field of meta", _meta(period="day"), "published", good)
    more = _wire(lambda wire: wire.update(next=None))
    yield Garbled("added", "a field of the answer", more, "published", good)


def _values() -> Iterator[Garbled]:
    texts = (
        *("-5", "+5", "1_000", "1,000", "1e400", "1e9", "NaN", "Infinity", "1.5"),
        *("", " 12", "12 ", "0x10", "\u0663\u0664", "\uff19", str(2**63), "null"),
    )
    for text in texts:
        make = _wire(_row(total_tokens=text))
        yield Garbled("no number", f"{text!r}", make)
    for raw in (b"NaN", b"-Infinity", b"1e400", b"-1", b"01"):

        def make_raw(raw: bytes = raw) -> bytes:
            head, key, tail = _true().rpartition(b'"total_tokens":')
            return head + key + raw + tail[tail.index(b"}") :]

        yield Garbled("no number", f"{raw.decode()} without quotes", make_raw)

    def twice(wire: Wire) -> None:
        wire["data"].append(dict(wire["data"][-1]))

    def keys() -> bytes:
        return _true().replace(
            b'"total_tokens":', b'"total_tokens":"1","total_tokens":'
        )

    def parts() -> bytes:
        return b'{"data":[],' + _true()[1:]

    yield Garbled("told twice", "a row", _wire(twice))
    yield Garbled("told twice", "a key of each row", keys)
    yield Garbled("told twice", "a key of the answer", parts)

    def day(wire: Wire) -> None:
        wire["data"] += [row for row in wire["data"] if row["date"] == str(SATURDAY)]

    yield Garbled("told twice", "a day", _wire(day))


def _dates() -> Iterator[Garbled]:
    odd = ("2027-01-01", "2026-08-03", "2026-07-03", "2024-12-31", "0001-01-01")
    for text in (*odd, "9999-12-31", "2026-02-30", "1785628800"):
        yield Garbled("stray dates", text, _wire(_row(date=text)))
    for by in (1, -1, 365, -365):

        def move(wire: Wire, by: int = by) -> None:
            for row in wire["data"]:
                told = date.fromisoformat(row["date"]) + timedelta(days=by)
                row["date"] = str(told)

        yield Garbled("stray dates", f"all moved by {by} days", _wire(move))


def _echoes() -> Iterator[Garbled]:
    windows = (
        ("2026-07-05", "2026-08-02"),
        ("2026-07-04", "2026-08-01"),
        ("2026-07-03", "2026-08-01"),
        ("2025-07-04", "2025-08-02"),
        ("2026-08-02", "2026-07-04"),
        ("2025-01-01", "2026-08-02"),
    )
    for first, last in windows:
        make = _meta(start_date=first, end_date=last)
        yield Garbled("another window", f"{first} to {last}", make)
    for moment in ("2026-08-03T03:00:00Z", "2027-08-03T02:01:37Z"):
        yield Garbled("stale or early", f"as of {moment}", _meta(as_of=moment))
    for moment in ("2026-08-01T23:59:59Z", "2026-07-03T02:01:37Z"):
        yield Garbled("stale or early", f"as of {moment}", _meta(as_of=moment))
    running = _meta(as_of="2026-08-02T18:00:00Z")
    saturday = frozenset({SATURDAY})
    yield Garbled("stale or early", "while Sunday ran", running, "published", saturday)

    def yesterday() -> bytes:
        told = {day: rows for day, rows in true_days().items() if day <= SATURDAY}
        return json_of(told)

    yield Garbled("stale or early", "no Sunday", yesterday, "published", saturday)

    def clamped() -> bytes:
        told = {day: rows for day, rows in true_days().items() if day.day > 9}
        return json_of(told, start_date="2026-07-10")

    yield Garbled("another window", "the start moved", clamped)


def _bodies() -> Iterator[Garbled]:
    bodies = {
        "empty data": json_of({}),
        "an empty body": b"",
        "an empty object": b"{}",
        "an empty list": b"[]",
        "null": b"null",
        "an error with status 200": b'{"error":{"code":500,"message":"Oops"}}',
        "nested": b'{"data":' + b"[" * 5_000,
        "UTF-16": _true().decode().encode("utf-16"),
        "a byte that is no UTF-8": _true().replace(b"v1", b"v\xff"),
        "two answers": _true() * 2,
        "NDJSON": b"\n".join(
            json.dumps(r).encode() for r in json.loads(_true())["data"]
        ),
    }
    yield Garbled("no answer", "a page", lambda: PAGE, "failed")
    for name, body in bodies.items():
        yield Garbled("no answer", name, partial(bytes, body))


@cache
def _table() -> bytes:
    return csv_of(true_days())


def _cut_files() -> Iterator[Garbled]:
    """Yield files cut short, with the manifest of the whole, and with one of theirs."""

    def whole(_: bytes) -> bytes:
        return json.dumps(exports.manifest(FILE, _table())).encode()

    for percent in range(5, 100, 5):

        def make(percent: int = percent) -> bytes:
            body = _table()
            return body[: len(body) * percent // 100]

        def lines(make: Callable[[], bytes] = make) -> bytes:
            return b"".join(make().splitlines(keepends=True)[:-1])

        yield Garbled("cut", f"at {percent} %", make, manifest=whole)
        # A file that ends with a whole line on its last day is only short of rows.
        ends = percent > 96
        held = ("quarantined", frozenset({SATURDAY})) if ends else ("rejected", NONE)
        yield Garbled("cut", f"and summed at {percent} %", lines, *held)


def _manifests() -> Iterator[Garbled]:
    def said(**values: object) -> Callable[[bytes], bytes]:
        return lambda body: json.dumps(exports.manifest(FILE, body, **values)).encode()

    wrong: dict[str, Callable[[bytes], bytes]] = {
        "another sum": said(files={"csv": {"sha256": "0" * 64}}),
        "no sum": said(files={}),
        "a row more": lambda body: said(row_count=body.count(b"\n"))(body),
        "no count": said(row_count=None),
        "a count in text": lambda body: said(row_count=f"{body.count(b'/')}")(body),
        "another licence": said(license={"name": "CC BY-NC 4.0 or ask"}),
        "no licence": said(license=None),
        "no credit": said(attribution=""),
        "of another day": said(snapshot_date="2026-08-02"),
        "from the future": said(retrieved_at="2026-09-03T01:46:00.000Z"),
        "from before its days": said(retrieved_at="2026-08-01T01:46:00.000Z"),
        "no moment": said(retrieved_at="yesterday"),
        "cut": lambda body: said()(body)[:-9],
        "a key twice": lambda body: b'{"row_count":1,' + said()(body)[1:],
    }
    for name, manifest in wrong.items():
        yield Garbled("another manifest", name, _table, manifest=manifest)


def _columns() -> Iterator[Garbled]:
    def header(old: str, new: str) -> Callable[[], bytes]:
        return lambda: _table().replace(old.encode(), new.encode(), 1)

    def column(index: int) -> bytes:
        lines = [line.split(",") for line in _table().decode().split("\r\n")[:-1]]
        kept = [",".join(c for n, c in enumerate(line) if n != index) for line in lines]
        return "".join(f"{line}\r\n" for line in kept).encode()

    for name in ("date", "model_permaslug", "total_tokens"):
        yield Garbled("renamed", name, header(name, f"{name}_"))
    yield Garbled(
        "renamed", "exchanged", header("rank,total_tokens", "total_tokens,rank")
    )
    for index, name in enumerate(exports.HEADER.split(",")):
        yield Garbled("removed", f"the column {name}", partial(column, index))
    yield Garbled("added", "a column", header("date,", "date,x,"))
    yield Garbled(
        "no answer", "only a header", lambda: exports.HEADER.encode() + b"\r\n"
    )
    yield Garbled("no answer", "a page", lambda: PAGE, "failed")
    page = "a page instead of the manifest"
    yield Garbled("no answer", page, _table, "failed", manifest=lambda _: PAGE)


def _file_values() -> Iterator[Garbled]:
    def last(**values: str) -> Callable[[], bytes]:
        def make() -> bytes:
            lines = _table().decode().split("\r\n")
            cells = dict(
                zip(exports.HEADER.split(","), lines[-3].split(","), strict=True)
            )
            lines[-3] = ",".join((cells | values).values())
            return "\r\n".join(lines).encode()

        return make

    for text in ("-5", "1_000", "1e400", "NaN", "1.5", "", "\u0663", str(2**63), '"7'):
        yield Garbled("no number", f"{text!r}", last(total_tokens=text))
    for text in ("2027-01-01", "2024-12-31", "2026-02-30", "02.08.2026", ""):
        yield Garbled("stray dates", f"{text!r}", last(date=text))
    for text in ("", "acme", "acme one"):
        yield Garbled("retyped", f"model is {text!r}", last(model_permaslug=text))

    def twice() -> bytes:
        return _table() + _table().splitlines(keepends=True)[-1]

    def older() -> bytes:
        told = {day: rows for day, rows in true_days().items() if day <= SATURDAY}
        return csv_of(told)

    yield Garbled("told twice", "a row", twice)
    yield Garbled("stale or early", "the file of the day before", older)
