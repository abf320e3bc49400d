"""The library that draws charts: from vl-convert, bundled once on each machine and kept in the user's cache."""

from __future__ import annotations

import os
import tempfile
from functools import cache
from importlib import metadata
from pathlib import Path

from flowkit_cards.errors import ChartsUnavailable

__all__ = ["charts_available", "vega_script"]


#: What the bundle does besides: nothing; it defines ``vegaEmbed`` by itself.
_SNIPPET = "window.vegaEmbed = vegaEmbed;"


@cache
def vega_script() -> str:
    """The script that defines ``window.vegaEmbed``: about 900 kB.

    Raises
    ------
    ChartsUnavailable
        If vl-convert isn't installed.
    """
    try:
        version = metadata.version("vl-convert-python")
    except metadata.PackageNotFoundError:
        raise ChartsUnavailable(
            "a chart in a card needs vl-convert-python: install flowkit-cards with its extra 'charts'"
        ) from None
    kept = _cache_folder() / f"vega-{version}.js"
    try:
        return kept.read_text(encoding="utf-8")
    except OSError:
        pass
    import vl_convert

    # A script inside a page ends at this text, wherever it stands.
    script = vl_convert.javascript_bundle(_SNIPPET).replace("</script", "<\\/script").replace("<!--", "<\\!--")
    _keep(kept, script)
    return script


def charts_available() -> bool:
    """Whether charts can be drawn here."""
    try:
        metadata.version("vl-convert-python")
    except metadata.PackageNotFoundError:
        return False
    return True


def _cache_folder() -> Path:
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "flowkit-cards"


def _keep(path: Path, script: str) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with tempfile.NamedTemporaryFile("w", encoding="utf-8", dir=path.parent, delete=False) as file:
            file.write(script)
        os.replace(file.name, path)
    except OSError:  # a machine without a home that can be written: made again next time
        return
