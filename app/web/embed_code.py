"""What others paste into their pages to show a figure, and where a figure is to be had.

The explorer and oEmbed offer the same code. It works without a script, names the
source, and shows what is newest unless the question names a release.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from typing import Any
from urllib.parse import quote

from app.web.asking import Pairs, is_pinned
from app.web.urls import spelt

KINDS = ("share", "volume", "rankings")
"""The questions that have figures."""

LOOKS = frozenset({"theme", "lang"})
"""Parameters of how a figure looks, which go with its question in an embed."""

WIDTH = 720
"""Pixels of an embed, where there is room."""

_CARD_WIDTH, _CARD_SCALE = 600, 2


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure as others show it, of an answer that is there.

    Attributes:
        public: Where readers reach this service, without a slash at the end.
        kind: One of `KINDS`.
        query: Parameters of its question, and of `LOOKS`; none of them empty.
        title: What it shows.
        quote: The sentence of the answer.
        credit: The short citation of the answer.
        release: Number of the release that answered.
    """

    public: str
    kind: str
    query: Pairs
    title: str
    quote: str
    credit: str
    release: int

    @classmethod
    def of(
        cls,
        public: str,
        kind: str,
        query: Pairs,
        answer: Mapping[str, Any],
        title: str,
    ) -> "Figure":
        """Return the figure of an answer of `/v1/<kind>`."""
        meta = answer["meta"]
        return cls(
            public,
            kind,
            tuple(query),
            title,
            meta["quote"],
            meta["citation_short"],
            meta["release"],
        )

    @property
    def question(self) -> Pairs:
        """Its parameters without those of its looks."""
        return [pair for pair in self.query if pair[0] not in LOOKS]

    @property
    def live(self) -> bool:
        """Whether it shows what is newest."""
        return not is_pinned(self.query)

    @property
    def page(self) -> str:
        """URL of its page in the explorer."""
        return self.public + spelt(f"/{self.kind}", self.question)

    @property
    def embed(self) -> str:
        """URL of the page that is shown in a frame."""
        return self.public + spelt(f"/embed/{self.kind}", self.query)

    @property
    def card(self) -> str:
        """URL of the picture for cards, `card_width` pixels wide."""
        return self.picture(width=_CARD_WIDTH, scale=_CARD_SCALE)

    @property
    def card_width(self) -> int:
        """Pixels."""
        return _CARD_WIDTH * _CARD_SCALE

    @property
    def source(self) -> str:
        """Whom to name beside it, for as long as it is shown."""
        if not self.live:
            return self.credit
        return self.credit.removesuffix(f", release {self.release}")

    @property
    def words(self) -> str:
        """What it says, for who cannot see it; true even when it shows more."""
        if not self.live:
            return self.quote
        return f"{self.quote} (Release {self.release}; this may show a later one.)"

    def picture(self, *, width: int = WIDTH, scale: int = 1) -> str:
        """Return the URL of its PNG, `width` times `scale` pixels wide."""
        size = [("width", str(width)), ("scale", str(scale))]
        return self.public + spelt(f"/v1/{self.kind}.png", [*self.query, *size])

    def oembed(self, form: str, *, page: bool = False) -> str:
        """Return the URL of its oEmbed answer.

        Args:
            form: `json` or `xml`.
            page: Whether it is found from its page in the explorer, not its embed.
        """
        url = quote(self.page if page else self.embed, safe="")
        return f"{self.public}/oembed?url={url}&format={form}"

    def discovery(self, *, page: bool = False) -> tuple[tuple[str, str], ...]:
        """Return media types and URLs of its oEmbed answers, as `oembed` does."""
        return (
            ("application/json+oembed", self.oembed("json", page=page)),
            ("text/xml+oembed", self.oembed("xml", page=page)),
        )

    def linked(self, *, page: bool = False) -> tuple[tuple[str, str], ...]:
        """Return header fields that lead to its oEmbed answers, as `oembed` does."""
        return tuple(
            ("link", f'<{url}>; rel="alternate"; type="{media_type}"')
            for media_type, url in self.discovery(page=page)
        )


def frame(
    figure: Figure, *, width: int = WIDTH, height: int = 560, fitted: bool = False
) -> str:
    """Return the code that shows a figure in a frame: live, with values on hover.

    Args:
        figure: What to show.
        width: Most pixels; it is narrower where there is less room.
        height: Pixels.
        fitted: Whether a script gives the frame the height of what it holds.
    """
    frame = (
        f'<iframe src="{escape(figure.embed)}" title="{escape(figure.title)}" '
        f'width="{width}" height="{height}" loading="lazy" '
        'style="border:0;width:100%"></iframe>'
    )
    script = (
        f'<script async src="{escape(figure.public)}/static/embed-host.js"></script>'
    )
    return _captioned(figure, frame, width) + (script if fitted else "")


def picture(figure: Figure, *, width: int = WIDTH) -> str:
    """Return the code that shows a figure as a picture, for sites without frames.

    Args:
        figure: What to show.
        width: Most pixels; it is narrower where there is less room.
    """
    source = escape(figure.picture(width=width, scale=2))
    image = (
        f'<a href="{escape(figure.page)}"><img src="{source}" '
        f'alt="{escape(figure.words)}" width="{width}" loading="lazy" '
        'style="max-width:100%;height:auto"></a>'
    )
    return _captioned(figure, image, width)


def _captioned(figure: Figure, shown: str, width: int) -> str:
    return (
        f'<figure style="margin:0;max-width:{width}px">{shown}'
        f'<figcaption>Source: <a href="{escape(figure.page)}">'
        f"{escape(figure.source)}</a></figcaption></figure>"
    )
