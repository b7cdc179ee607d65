"""Tokens per model and UTC day, from the files that OpenRouter exports every night.

Endpoints: `GET /api/v1/datasets/exports/rankings-daily/{YYYY-MM-DD}.manifest.json` and
`….csv`, without a key. They are reported by others and not documented by OpenRouter;
where they are missing, every fetch fails with one sentence and nothing else happens.
Payload: the CSV has CRLF and the header `date,model_permaslug,rank,total_tokens,
share_of_daily_tokens`, at most 51 rows a day as in `openrouter_rankings`; `rank` is
empty for `other`. Of the manifest we rely on `row_count`, `license`, `attribution`, a
SHA-256 of each file (read wherever it stands), and the moment `retrieved_at`.
Unit: tokens, prompt and completion, each counted by the model's own tokenizer.
Licence: CC BY 4.0. Credit "Source: OpenRouter (openrouter.ai/rankings), as of
<as_of>", and say what was changed; see `openrouter_rankings` for what the publisher
asks besides. A manifest that names another licence is rejected.
Quotas: none published; answers may be kept for five minutes. We ask twice a file.

Traps:
- A file covers the 30 days before the day it is named after, from about 01:46 UTC of
  that day. So before that, the file of the day before is the newest; and should files
  be named after their last day, the same questions still cover every day.
- The oldest is that of 2026-09-19. Before it there is nothing but a 404.
- `latest.*` may mix the files of two days just after 01:46. So only dated files are
  read; they do not change. `exports/index.json` does not list them.
- Days are restated for about a month. So the newest file is read each time; what it no
  longer covers stays as the last file said it.

A payload is one JSON object that keeps the manifest and the CSV as they came, to the
byte, with the `Last-Modified` or `Date` that dates them if the manifest does not. So
the sums can be checked whenever it is read, and again from the record.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from email.utils import parsedate_to_datetime
from hashlib import sha256

import httpx2

from app.domain.observations import Batch, Payload
from app.domain.periods import Window
from app.errors import UpstreamError
from app.sources import http
from app.sources._forms import EXPORT, open_csv, read_blocks
from app.sources._limits import Deadline, Pace
from app.sources._rows import MOST_ROWS, Rows, batch
from app.sources._values import Faults, read_day, read_json, read_moment, shown

_DAY = timedelta(days=1)
_COVERED = 30
_STEP = timedelta(days=_COVERED - 2)
_FIRST_FILE = date(2026, 9, 19)
_PATH = "/api/v1/datasets/exports/rankings-daily/"
_MOST_BYTES = 200 * _COVERED * MOST_ROWS  # a row has 90
_MOST_VALUES = 6 * _COVERED * MOST_ROWS
_MOMENTS = ("retrieved_at", "generated_at", "as_of", "published_at")
_NAME = re.compile(r"/([0-9]{4}-[0-9]{2}-[0-9]{2})\.csv$")
_SHA256 = re.compile(r"[0-9a-fA-F]{64}")
_LICENSE = re.compile(r"\b(by|attribution)[-/ ]4\.0", re.IGNORECASE)

Manifest = Mapping[str, object]


class OpenRouterExports:
    """See the module's docstring for the upstream, and `Source` for the methods."""

    name = "openrouter-exports"
    dataset = "openrouter-tokens"

    def __init__(
        self,
        url: str,
        now: Callable[[], datetime],
        timeout: timedelta,
        every: timedelta,
    ) -> None:
        """Reach the files at `url` (scheme and host); nothing is sent yet.

        Args:
            url: Where OpenRouter is reached, without a path.
            now: The clock, in UTC.
            timeout: Longest wait of one fetch, in all.
            every: How often to read.
        """
        self.every = every
        self._url = url.rstrip("/") + _PATH
        self._now = now
        self._timeout = timeout
        self._quotas = (Pace(30, timedelta(minutes=1)),)

    def windows(self, known: Window | None, today: date) -> Sequence[Window]:
        """Return the days before today, after those that lie between and `known`.

        Each window has 29 days, which one file covers. They reach back to the first
        day that is not known, or to 2026-08-21, the first that any file has.
        """
        oldest = _FIRST_FILE - _DAY
        last = today - _DAY
        if last < oldest:
            return []
        wanted = oldest - _STEP
        if known is not None:
            wanted = max(wanted, known.last + _DAY)
        found = [Window(last - _STEP, last)]
        while found[0].first > wanted:
            last = max(found[0].first - _DAY, oldest)
            found.insert(0, Window(last - _STEP, last))
        return found

    def fetch(self, client: httpx2.Client, window: Window) -> Payload:
        """Return the newest file of those that may cover `window`; see `Source.fetch`.

        That is the one named after the day after its last, or after its last.
        """
        deadline = Deadline(self._timeout)
        for day in (window.last + _DAY, window.last):
            try:
                manifest = self._get(client, f"{day}.manifest.json", deadline)
            except http.AbsentError:
                continue
            table = self._get(client, f"{day}.csv", deadline)
            body = _packed(manifest, table)
            return Payload(body, "application/json", table.url, self._now())
        raise UpstreamError(
            self.name,
            f"the file of {window.last + _DAY} or {window.last} is not published "
            "there.",
        )

    def _get(self, client: httpx2.Client, name: str, deadline: Deadline) -> http.Answer:
        return http.get(
            client,
            self._url + name,
            source=self.name,
            params={},
            headers={"Accept": "application/json, text/csv"},
            timeout=deadline,
            now=self._now,
            quotas=self._quotas,
        )

    def parse(self, payload: Payload) -> list[Batch]:
        """Read one file, checked against its manifest; see `Source.parse`.

        The batch covers the 30 days that end with the file's last day, which must be
        the day that the file is named after or the day before.
        """
        faults = Faults(self.name, "Nothing of this file is used.")
        named = _named(payload.url, faults)
        file = _unpacked(payload.body, faults)
        manifest = _manifest(file, named, faults)
        as_of = _moment(manifest, file, faults)
        form = open_csv(_bytes(file["csv"]), faults, [EXPORT])
        rows = read_blocks(form, as_of, faults).get(as_of, Rows(form.word))
        if len(rows) != manifest["row_count"]:
            why = f"has {len(rows)} rows, its manifest says {manifest['row_count']}"
            faults.refuse("file", why)
        found = batch(
            self.dataset,
            rows,
            window=_window(rows, named, faults),
            as_of=as_of,
            fetched_at=payload.fetched_at,
            faults=faults,
        )
        faults.check()
        return [found]


def _packed(manifest: http.Answer, table: http.Answer) -> bytes:
    file = {"manifest": _text(manifest.body), "csv": _text(table.body)}
    if not any(f'"{name}"' in file["manifest"] for name in _MOMENTS):
        dated = manifest.headers
        file["dated"] = dated.get("last-modified") or dated.get("date") or ""
    return json.dumps(file).encode()


def _text(body: bytes) -> str:
    # What is not UTF-8 comes back the same, to be refused when it is read.
    return body.decode("utf-8", "surrogateescape")


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")


def _unpacked(body: bytes, faults: Faults) -> Mapping[str, str]:
    if len(body) > _MOST_BYTES or body.count(b",") > _MOST_VALUES:
        faults.refuse("body", "holds more than 30 days can")
    file = _object("body", body, faults)
    if not {"manifest", "csv"} <= file.keys():
        faults.add("body", "is not a manifest and its file")
    for name, text in file.items():
        if not isinstance(text, str):
            faults.add(name, "is not a text")
    faults.check()
    return {name: str(text) for name, text in file.items()}


def _object(where: str, body: bytes, faults: Faults) -> Mapping[str, object]:
    try:
        found = read_json(body)
    except ValueError as error:
        faults.refuse(where, f"not whole JSON: {error}")
    if not isinstance(found, dict):
        faults.refuse(where, "is not an object")
    return found


def _named(url: str, faults: Faults) -> date:
    found = _NAME.search(url)
    if not found:
        faults.refuse("address", f"{shown(url)} does not name a day")
    return read_day(found[1])


def _manifest(file: Mapping[str, str], named: date, faults: Faults) -> Manifest:
    """Return the manifest, which is of this file: its sum, day and licence."""
    manifest = _object("manifest", _bytes(file["manifest"]), faults)
    for name in ("row_count", "license", "attribution"):
        if not manifest.get(name):
            faults.add("manifest", f"{name} is missing")
    faults.check()
    license_ = json.dumps(manifest["license"])
    if not _LICENSE.search(license_):
        faults.add("manifest", f"the licence is {shown(license_)} and not CC BY 4.0")
    day = manifest.get("snapshot_date", str(named))
    if day != str(named):
        faults.add("manifest", f"is that of {shown(day)} and not of {named}")
    if sha256(_bytes(file["csv"])).hexdigest() not in set(_sums(manifest)):
        faults.add("file", "its SHA-256 is none of those in its manifest")
    faults.check()
    return manifest


def _sums(part: object, depth: int = 5) -> Iterator[str]:
    """Yield every SHA-256 in a manifest, wherever it stands."""
    if isinstance(part, str) and _SHA256.fullmatch(part):
        yield part.lower()
    elif depth and isinstance(part, list | dict):
        for inner in part.values() if isinstance(part, dict) else part:
            yield from _sums(inner, depth - 1)


def _moment(manifest: Manifest, file: Mapping[str, str], faults: Faults) -> datetime:
    told = next((manifest[name] for name in _MOMENTS if name in manifest), None)
    dated = file.get("dated", "")
    try:
        if told is not None:
            return read_moment(told)
        return parsedate_to_datetime(dated).astimezone(UTC)
    except ValueError:
        why = f"{shown(told or dated)} is not when the file was published"
        faults.refuse("manifest", why)


def _window(rows: Rows, named: date, faults: Faults) -> Window:
    last = rows.span().last
    if last not in {named, named - _DAY}:
        faults.add("file", f"of {named} ends with {last}")
    return Window(last - timedelta(days=_COVERED - 1), last)
