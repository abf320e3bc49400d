"""``flowkit plugins list``: what is installed, what it offers, and what is wrong with it."""

from __future__ import annotations

from typing import Any

import click

from flowkit.cli.group import app_context
from flowkit.cli.options import FlowkitOption
from flowkit.kernel.plugin_info import BrokenPlugin, FoundPlugin, PluginInfo
from flowkit.kernel.registry import Registry

__all__ = ["list_plugins"]


@click.command("list")
@click.option("--json", "as_json", cls=FlowkitOption, is_flag=True, help="Write one JSON object in place of text.")
@click.pass_context
def list_plugins(ctx: click.Context, as_json: bool) -> None:
    """Show all plugins: in use, broken and blocked. Loads nothing that they offer."""
    context = app_context(ctx)
    report = describe(context.registry)
    if as_json:
        import json

        context.console.result(json.dumps(report, indent=2))
    else:
        for line in render(report):
            context.console.result(line)


def describe(registry: Registry) -> dict[str, Any]:
    """All that is known of the plugins, as values that JSON has.

    ``plugins``, ``broken`` and ``blocked`` are lists of objects with ``name``, ``distribution``, ``version`` and
    ``location``; ``collisions`` is a list of sentences.
    """
    plugins = registry.plugins()
    return {
        "plugins": [_in_use(registry, info) for info in plugins if isinstance(info, PluginInfo)],
        "broken": [
            {**_identity(info.found), "cause": info.cause, "mend": info.mend, "in_use": not info.unusable}
            for info in plugins
            if isinstance(info, BrokenPlugin)
        ],
        "blocked": [{**_identity(info.found), "reason": info.reason} for info in registry.blocked()],
        "collisions": list(registry.collisions()),
    }


def render(report: dict[str, Any]) -> list[str]:
    """The lines of the text form."""
    lines: list[str] = []
    for plugin in report["plugins"]:
        lines += [_title(plugin), *_offers(plugin), ""]
    for plugin in report["broken"]:
        state = "in use, but broken in part" if plugin["in_use"] else "broken"
        lines += [f"{_title(plugin)}: {state}", f"  cause: {plugin['cause']}", f"  mend:  {plugin['mend']}", ""]
    for plugin in report["blocked"]:
        lines += [f"{_title(plugin)}: blocked ({plugin['reason']})", ""]
    lines += [f"collision: {sentence}" for sentence in report["collisions"]]
    while lines and not lines[-1]:
        lines.pop()
    return lines


def _identity(found: FoundPlugin) -> dict[str, Any]:
    return {
        "name": found.name,
        "distribution": found.distribution,
        "version": found.version,
        "location": found.location,
    }


def _in_use(registry: Registry, info: PluginInfo) -> dict[str, Any]:
    provides: dict[str, list[dict[str, str]]] = {}
    for kind in registry.kinds():
        for entry in registry.providers(kind):
            if entry.plugin == info.found:
                facts = {"name": entry.name, "help": entry.provider.help}
                if kind == "commands":
                    facts["scope"] = entry.provider.scope
                provides.setdefault(kind, []).append(facts)
    return {**_identity(info.found), "provides": provides, "hooks": list(registry.hooks_of(info.name))}


def _title(plugin: dict[str, Any]) -> str:
    of = f"{plugin['distribution']} {plugin['version']}".strip() or plugin["location"]
    return f"{plugin['name']} ({of})" if of else str(plugin["name"])


def _offers(plugin: dict[str, Any]) -> list[str]:
    rows = [
        (kind.replace("_", " "), _command_name(facts), facts["help"])
        for kind, offered in plugin["provides"].items()
        for facts in offered
    ]
    widths = [max((len(row[column]) for row in rows), default=0) for column in (0, 1)]
    lines: list[str] = []
    previous = ""
    for kind, name, text in rows:
        shown = "" if kind == previous else kind
        lines.append(f"  {shown:<{widths[0]}}  {name:<{widths[1]}}  {text}".rstrip())
        previous = kind
    if plugin["hooks"]:
        lines.append(f"  also called: {', '.join(plugin['hooks'])}")
    return lines or ["  offers nothing"]


def _command_name(facts: dict[str, str]) -> str:
    scope = {"flow": "FLOW.py ", "flowkit": "flowkit "}.get(facts.get("scope", ""), "")
    return f"{scope}{facts['name']}"
