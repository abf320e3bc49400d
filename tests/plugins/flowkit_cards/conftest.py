"""Fixtures of the tests of flowkit-cards: one browser for all, and pages that are watched while they are open."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import attrs
import pytest

from support.need import need_module, need_program


@attrs.define
class Watched:
    """A page, and what it did that no card may do."""

    page: Any
    messages: list[str]
    requests: list[str]

    def assert_quiet(self) -> None:
        """No error on the console, and nothing was asked of the network."""
        assert self.messages == []
        assert self.requests == []


@pytest.fixture(scope="session")
def vega_cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the library for charts is kept, so that the tests bundle it once."""
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(autouse=True)
def _keep_vega(vega_cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(vega_cache))


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """Chromium. Not for the whole session: while it is there, this thread has an event loop that runs."""
    need_module("playwright")
    program = need_program("chromium")
    from playwright.sync_api import sync_playwright

    flags = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=program, args=flags)
        yield chromium
        chromium.close()


@pytest.fixture
def open_page(browser: Any, tmp_path: Path) -> Iterator[Callable[..., Watched]]:
    """Opens HTML (or an address) in a window of its own."""
    contexts: list[Any] = []

    def open_it(
        html: str = "", *, url: str = "", width: int = 1280, height: int = 900, scheme: str = "light"
    ) -> Watched:
        context = browser.new_context(viewport={"width": width, "height": height}, color_scheme=scheme)
        contexts.append(context)
        watched = Watched(context.new_page(), [], [])
        page = watched.page
        page.on("console", lambda one: one.type == "error" and watched.messages.append(one.text))
        page.on("pageerror", lambda error: watched.messages.append(str(error)))
        page.on("dialog", lambda dialog: (watched.messages.append(f"dialog {dialog.message}"), dialog.dismiss()))
        own = url.partition("/?")[0] or "file:"

        def watch(route: Any) -> None:
            """Requests that the page's policy stops don't come here."""
            if route.request.url.startswith(own):
                route.continue_()
            else:
                watched.requests.append(route.request.url)
                route.abort()

        context.route(re.compile("^(https?|file|ftp|wss?):"), watch)
        if not url:
            file = tmp_path / f"card-{len(contexts)}.html"
            file.write_text(html, encoding="utf-8")
            url = file.as_uri()
        page.goto(url)
        return watched

    yield open_it
    for context in contexts:
        context.close()


@pytest.fixture
def page_of() -> Callable[[Sequence[object]], str]:
    """The page of components, as the card type ``blank`` makes it."""
    from flowkit_cards.live.components import Components
    from flowkit_cards.page.assemble import PageContent, make_page

    def make(components: Sequence[object], title: str = "step", sections: Sequence[Any] = ()) -> str:
        forms = list(Components("", components).forms().values())
        return make_page(PageContent(title=title, overline="Flow / 1 / step / 2", components=forms, sections=sections))

    return make
