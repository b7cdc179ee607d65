"""Colours are told apart, also by who cannot see all of them, on their background."""

from itertools import combinations
from math import dist

import pytest

from app.present.figures.look import Theme
from app.present.figures.palette import DARK, LIGHT, STYLE, Palette, palette

# Machado, Oliveira and Fernandes (2009), severity 1, for linear light.
SIGHTS = {
    "all": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    "protan": (
        (0.152286, 1.052583, -0.204868),
        (0.114503, 0.786281, 0.099216),
        (-0.003882, -0.048116, 1.051998),
    ),
    "deutan": (
        (0.367322, 0.860646, -0.227968),
        (0.280085, 0.672501, 0.047413),
        (-0.011820, 0.042940, 0.968881),
    ),
    "tritan": (
        (1.255528, -0.076749, -0.178779),
        (-0.078411, 0.930809, 0.147602),
        (0.004733, 0.691367, 0.303900),
    ),
}

Light = tuple[float, float, float]


def linear(colour: str) -> Light:
    parts = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    red, green, blue = (
        p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts
    )
    return red, green, blue


def contrast(one: str, other: str) -> float:
    weights = (0.2126, 0.7152, 0.0722)
    bright = sorted(
        sum(w * p for w, p in zip(weights, linear(c), strict=True))
        for c in (one, other)
    )
    return (bright[1] + 0.05) / (bright[0] + 0.05)


def oklab(light: Light) -> Light:
    """Return a colour where distances are those that are seen (Ottosson, 2020)."""
    red, green, blue = (min(max(p, 0), 1) for p in light)
    cones = (
        (0.4122214708 * red + 0.5363325363 * green + 0.0514459929 * blue) ** (1 / 3),
        (0.2119034982 * red + 0.6806995451 * green + 0.1073969566 * blue) ** (1 / 3),
        (0.0883024619 * red + 0.2817188376 * green + 0.6299787005 * blue) ** (1 / 3),
    )
    long, middle, short = cones
    return (
        0.2104542553 * long + 0.7936177850 * middle - 0.0040720468 * short,
        1.9779984951 * long - 2.4285922050 * middle + 0.4505937099 * short,
        0.0259040371 * long + 0.7827717662 * middle - 0.8086757660 * short,
    )


def seen(colour: str, sight: str) -> Light:
    light = linear(colour)
    red, green, blue = (
        sum(w * p for w, p in zip(row, light, strict=True)) for row in SIGHTS[sight]
    )
    return oklab((red, green, blue))


both = pytest.mark.parametrize("colours", [LIGHT, DARK], ids=["light", "dark"])


@both
def test_groups_stand_out_from_their_background(colours: Palette) -> None:
    greys = (colours.rest, colours.other, colours.unknown)

    assert min(contrast(c, colours.paper) for c in (*colours.hues, *greys)) >= 3
    assert min(contrast(c, colours.paper) for c in (colours.ink, colours.soft)) >= 4.5


@both
@pytest.mark.parametrize("sight", SIGHTS)
def test_no_two_groups_look_alike(colours: Palette, sight: str) -> None:
    # A just noticeable difference is 0.02.
    near = {
        (one, other): dist(seen(one, sight), seen(other, sight))
        for one, other in combinations((*colours.hues, colours.other), 2)
    }

    assert min(near.values()) >= 0.08


def test_every_colour_has_its_own_in_the_other_theme() -> None:
    assert len(set(LIGHT.all())) == len(LIGHT.all()) == len(DARK.all())
    assert palette(Theme.AUTO) is palette(Theme.LIGHT) is LIGHT
    assert palette(Theme.DARK) is DARK
    for light, dark in zip(LIGHT.all(), DARK.all(), strict=True):
        assert f'[fill="{light}"]{{fill:{dark}}}' in STYLE
        assert f'[stroke="{light}"]{{stroke:{dark}}}' in STYLE
