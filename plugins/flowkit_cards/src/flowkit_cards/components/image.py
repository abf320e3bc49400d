"""Images."""

from __future__ import annotations

import base64
import io
from collections.abc import Mapping
from typing import Any, ClassVar

from flowkit_cards.components.base import Component, Form
from flowkit_cards.components.looks import Draw
from flowkit_cards.describe import display_text, type_name
from flowkit_cards.drawing.element import Node, h
from flowkit_cards.drawing.words import bytes_text

__all__ = ["Image"]

#: Bytes of one image.
MAX_SIZE = 20_000_000
_MAGIC = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"BM", "image/bmp"),
)
_BUNDLE_TYPES = ("image/svg+xml", "image/png", "image/jpeg", "image/gif", "image/webp")


class Image(Component):
    """An image, inside the card itself.

    Parameters
    ----------
    src
        Bytes of a PNG, JPEG, GIF, WebP, AVIF, BMP or SVG; a ``data:image/…`` URL; a PIL image; a matplotlib figure;
        or any object that shows itself in a notebook as an image.
    label
        A caption, which also says what the image is to those who can't see it.
    disable_updates
        A running card doesn't follow changes of this image.
    """

    type = "image"
    REALTIME_UPDATABLE: ClassVar[bool] = True

    def __init__(self, src: Any = None, label: object = None, disable_updates: bool = True) -> None:
        self._src, self._label = src, label
        if disable_updates:
            self.REALTIME_UPDATABLE = False  # type: ignore[misc] # of this image alone

    @classmethod
    def from_pil_image(cls, pilimage: Any, label: object = None, disable_updates: bool = False) -> Image:
        """An image of PIL's, stored as a PNG."""
        return cls(_kept(pilimage), label, disable_updates)

    @classmethod
    def from_matplotlib(cls, plot: Any, label: object = None, disable_updates: bool = False) -> Image:
        """A figure of matplotlib's, or anything that has one: axes, a plot of pandas. It is drawn now."""
        return cls(_kept(plot), label, disable_updates)

    def update(self, image: Any, label: object = None) -> None:
        """Show another image."""
        self._src = _kept(image)
        if label is not None:
            self._label = label

    def fields(self) -> Mapping[str, Any]:
        """A data URL, and the label."""
        if isinstance(self._src, Exception):
            raise self._src
        label = None if self._label is None else display_text(self._label, 500)[0]
        return {"src": _data_url(self._src), "label": label}


def look(form: Form, _draw: Draw) -> Node:
    """The image with its caption."""
    label = form.get("label")
    # A data URL of an image can't run anything in an <img>, whatever it holds.
    source = str(form.get("src", ""))
    shown = h("img", {"src": source if source.startswith("data:image/") else "", "alt": label or "Image"})
    return h("figure", None, shown, h("figcaption", None, str(label)) if label else None)


def _kept(image: Any) -> Any:
    """What of an image must be kept now, since the user's object may change; an exception if it can't be read."""
    if isinstance(image, str | bytes | bytearray | memoryview) or image is None:
        return image
    try:
        return _data_url(image)
    except Exception as error:
        return error


def _data_url(image: Any) -> str:
    if image is None:
        raise ValueError("no image was given")
    if isinstance(image, str):
        if not image.startswith("data:image/"):
            raise ValueError("text must be a URL that begins with data:image/")
        _check_size(len(image) * 3 // 4)
        return image
    if isinstance(image, bytes | bytearray | memoryview):
        return _encoded(bytes(image))
    return _encoded(*_drawn(image))


def _drawn(image: Any) -> tuple[bytes, str | None]:
    modules = {kind.__module__.partition(".")[0] for kind in type(image).__mro__}
    if "PIL" in modules:
        return _saved(image, format="PNG"), "image/png"
    figure = image if hasattr(image, "savefig") else _figure_of(image)
    if figure is not None:
        return _saved(figure, format="png", bbox_inches="tight", dpi=144), "image/png"
    for mime, content in _notebook_forms(image):
        data = content.encode() if isinstance(content, str) and mime == "image/svg+xml" else content
        return (base64.b64decode(data) if isinstance(data, str) else bytes(data)), mime
    raise TypeError(f"a {type_name(image)} is no image: take bytes, a PIL image or a matplotlib figure")


def _saved(image: Any, **options: Any) -> bytes:
    buffer = io.BytesIO()
    (getattr(image, "savefig", None) or image.save)(buffer, **options)
    return buffer.getvalue()


def _figure_of(plot: Any) -> Any:
    if hasattr(plot, "get_figure"):
        return plot.get_figure()
    first: Any = next(iter(getattr(plot, "flat", ())), None)  # an array of axes
    return first.get_figure() if hasattr(first, "get_figure") else None


def _notebook_forms(value: Any) -> list[tuple[str, Any]]:
    bundle: Any = {}
    if callable(make := getattr(value, "_repr_mimebundle_", None)):
        made = make(include=_BUNDLE_TYPES, exclude=())
        bundle = made[0] if isinstance(made, tuple) else made or {}
    names = {"image/png": "_repr_png_", "image/jpeg": "_repr_jpeg_", "image/svg+xml": "_repr_svg_"}
    for mime, name in names.items():
        if mime not in bundle and callable(make := getattr(value, name, None)) and (content := make()) is not None:
            bundle = {**bundle, mime: content[0] if isinstance(content, tuple) else content}
    return [(mime, bundle[mime]) for mime in _BUNDLE_TYPES if mime in bundle]


def _encoded(content: bytes, mime: str | None = None) -> str:
    _check_size(len(content))
    return f"data:{mime or _mime_type(content)};base64,{base64.b64encode(content).decode()}"


def _check_size(size: int) -> None:
    if size > MAX_SIZE:
        raise ValueError(f"the image was left out: it has {bytes_text(size)}, and a card takes {bytes_text(MAX_SIZE)}")


def _mime_type(content: bytes) -> str:
    for magic, mime in _MAGIC:
        if content.startswith(magic):
            return mime
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "image/webp"
    if content[4:12] in (b"ftypavif", b"ftypavis"):
        return "image/avif"
    if content.lstrip()[:5].lower() in (b"<svg ", b"<?xml", b"<!doc") and b"<svg" in content[:2000]:
        return "image/svg+xml"
    raise ValueError("these bytes are no PNG, JPEG, GIF, WebP, AVIF, BMP or SVG")
