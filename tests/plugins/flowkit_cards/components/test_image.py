"""Images."""

from __future__ import annotations

import base64
import io
from typing import Any

import pytest
from flowkit.cards import Image

from flowkit_cards.components.base import form_of

DOT = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


def test_bytes() -> None:
    form = form_of(Image(DOT, "A dot"))
    assert form["src"].startswith("data:image/png;base64,")
    assert base64.b64decode(form["src"].partition(",")[2]) == DOT
    assert form["label"] == "A dot"


@pytest.mark.parametrize("kind", ["png", "jpeg", "gif", "webp", "bmp"])
def test_pil(kind: str) -> None:
    pil = pytest.importorskip("PIL.Image")
    image = pil.new("RGB", (2, 2))
    buffer = io.BytesIO()
    image.save(buffer, kind)
    assert form_of(Image(buffer.getvalue()))["src"].startswith(f"data:image/{kind};")
    assert form_of(Image.from_pil_image(image))["src"].startswith("data:image/png;")
    assert form_of(Image(image))["src"].startswith("data:image/png;")


def test_matplotlib() -> None:
    matplotlib = pytest.importorskip("matplotlib.figure")
    figure = matplotlib.Figure()
    axes = figure.subplots()
    axes.plot([1, 2])
    for plot in (figure, axes):
        assert form_of(Image.from_matplotlib(plot))["src"].startswith("data:image/png;")


class Notebook:
    """Shows itself in a notebook."""

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        return {"text/plain": "x", "image/svg+xml": "<svg xmlns='http://www.w3.org/2000/svg'/>"}


def test_a_mimebundle() -> None:
    assert form_of(Image(Notebook()))["src"].startswith("data:image/svg+xml;base64,")


def test_svg_bytes() -> None:
    assert form_of(Image(b"<svg xmlns='http://www.w3.org/2000/svg'></svg>"))["src"].startswith("data:image/svg+xml")


@pytest.mark.parametrize("wrong", [None, b"no image", "https://example.org/a.png", 3, bytes(30_000_000)])
def test_what_is_no_image_says_so(wrong: Any) -> None:
    form = form_of(Image(wrong))
    assert form["type"] == "error"


def test_an_update_takes_the_image_as_it_is_now() -> None:
    image = Image(DOT, disable_updates=False)
    image.update("data:image/gif;base64,R0lGODlhAQABAAAAACw=", "other")
    assert form_of(image)["src"].startswith("data:image/gif")
    assert form_of(image)["label"] == "other"
    image.update(3)
    assert form_of(image)["type"] == "error"
