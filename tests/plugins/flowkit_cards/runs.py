"""Runs of flows with cards, that several tests look at."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from support.project import Project

__all__ = ["cards", "listed", "reading", "run"]


def run(project: Project, source: str, *arguments: str, check: bool = True) -> str:
    """Write ``flow.py`` and run it; what it wrote."""
    project.write("flow.py", source)
    done = project.run("run", *arguments, check=check)
    return done.stdout + done.stderr


@contextmanager
def reading(project: Project) -> Iterator[None]:
    """Let this process's client read the project."""
    from flowkit import get_namespace, namespace
    from flowkit.client import get_metadata, metadata

    before, before_namespace = get_metadata(), get_namespace()
    metadata(f"local@{project.store}")
    namespace(None)
    try:
        yield
    finally:
        metadata(before)
        namespace(before_namespace)


def cards(project: Project, step: str, flow: str = "CardFlow", **chosen: Any) -> list[Any]:
    """Cards of all tasks of a step of the newest run."""
    from flowkit.cards import get_cards

    from flowkit import Flow

    with reading(project):
        latest = Flow(flow).latest_run
        assert latest is not None
        return [card for task in latest[step].tasks() for card in get_cards(task, **chosen)]


def listed(project: Project, *arguments: str) -> Any:
    """What ``card list --as-json`` says."""
    return json.loads(project.run("card", "list", *arguments, "--as-json", check=True).stdout)


def text_of(html: str) -> str:
    """A page's words, without its head, scripts and markup."""
    body = re.sub(r"<script>.*?</script>", "", html.partition("<body")[2], flags=re.DOTALL)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", body))
