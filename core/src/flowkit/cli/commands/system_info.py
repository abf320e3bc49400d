"""``flowkit info``: what this FlowKit is, and what it works with."""

from __future__ import annotations

import sys
from typing import Any

import click

from flowkit.cli.commands.status import describe, render
from flowkit.cli.group import app_context
from flowkit.cli.options import FlowkitOption

__all__ = ["info"]


@click.command(help="Show versions of FlowKit, Python and what they need, the configuration in force, and plugins.")
@click.option("--json", "as_json", cls=FlowkitOption, is_flag=True, help="Write one JSON object in place of text.")
@click.pass_context
def info(ctx: click.Context, as_json: bool) -> None:
    """Write the facts to stdout. Nothing is loaded, and secrets of the configuration are masked."""
    context = app_context(ctx)
    facts = _installation()
    report = describe(context)
    if as_json:
        import json

        context.console.result(json.dumps({"installation": facts, **report}, indent=2, ensure_ascii=False))
        return
    width = max(map(len, facts))
    for name, value in facts.items():
        context.console.result(f"{name:<{width}}  {value}")
    context.console.result("")
    for line in list(render(report))[2:]:  # without its own line of versions
        context.console.result(line)


def _installation() -> dict[str, Any]:
    import platform
    from importlib.metadata import PackageNotFoundError, requires, version
    from pathlib import Path

    import flowkit
    from flowkit.version import __version__

    facts = {
        "FlowKit": f"{__version__} in {Path(flowkit.__file__).parent}",
        "Python": f"{platform.python_version()} ({platform.python_implementation()}) at {sys.executable}",
        "system": platform.platform(),
    }
    try:
        needed = [one.partition(";")[0].strip() for one in requires("flowkit") or () if "extra ==" not in one]
    except PackageNotFoundError:  # run from its folder, not installed
        needed = []
    for requirement in sorted(needed):
        name = requirement
        for sign in "<>=!~ [":
            name = name.partition(sign)[0]
        try:
            facts[name] = version(name)
        except PackageNotFoundError:
            facts[name] = "not there"
    return facts
