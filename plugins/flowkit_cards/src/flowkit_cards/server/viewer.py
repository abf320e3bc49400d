"""The viewer's own page."""

from __future__ import annotations

import secrets
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template
from markupsafe import Markup

__all__ = ["BRIDGE", "viewer_page"]

_FOLDER = Path(__file__).parent

#: Hands updates to a page's own ``window.flowkit_card_update``.
BRIDGE = """
<script>
addEventListener("message", (event) => {
  if (event.source !== parent || !event.data) return;
  if (typeof event.data.flowkit_card_scroll === "number") scrollTo(0, event.data.flowkit_card_scroll);
  if (!event.data.flowkit_card_update) return;
  const update = window.flowkit_card_update;
  const data = event.data.flowkit_card_update;
  const done = update ? update("data" in data ? data.data : data) : undefined;
  parent.postMessage({ flowkit_card_updated: update ? done !== false : "none" }, "*");
});
</script>
"""


def viewer_page(token: str, flow: str | None, run_id: str | None) -> tuple[str, str]:
    """The page, and the content security policy that it is to be sent with."""
    nonce = secrets.token_urlsafe(16)
    html = _template().render(
        nonce=nonce,
        start={"token": token, "flow": flow, "run": run_id},
        style=Markup((_FOLDER / "viewer.css").read_text(encoding="utf-8")),  # noqa: S704 - a file of this package
        script=Markup((_FOLDER / "viewer.js").read_text(encoding="utf-8")),  # noqa: S704 - a file of this package
    )
    policy = (
        f"default-src 'none'; script-src 'nonce-{nonce}'; style-src 'nonce-{nonce}'; connect-src 'self'; "
        "frame-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
    return html, policy


@cache
def _template() -> Template:
    environment = Environment(loader=FileSystemLoader(_FOLDER), autoescape=True, undefined=StrictUndefined)
    return environment.get_template("viewer.html.j2")
