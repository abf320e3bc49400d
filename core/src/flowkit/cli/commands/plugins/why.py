"""``flowkit plugins why NAME``: who provides a name, and if nobody does, what would."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any

import click

from flowkit.cli.group import app_context
from flowkit.cli.options import FlowkitOption
from flowkit.errors import FlowkitError
from flowkit.kernel.distributions import normalize
from flowkit.kernel.kinds import KINDS, kind_of
from flowkit.kernel.plugin_info import BlockedPlugin, BrokenPlugin, Entry, FoundPlugin, PluginInfo
from flowkit.kernel.registry import Registry
from flowkit.kernel.suggestions import known_distributions
from flowkit.kernel.validation import is_own_name

__all__ = ["why"]


@click.command("why", short_help="Show who provides a name, or what would.")
@click.argument("name")
@click.option("--json", "as_json", cls=FlowkitOption, is_flag=True, help="Write one JSON object in place of text.")
@click.pass_context
def why(ctx: click.Context, name: str, as_json: bool) -> None:
    """Show who provides NAME, from which distribution and file, who else claims it, and what would bring it.

    NAME is a capability's (a datastore's, a decorator's, a command's…), a plugin's or a distribution's. Ends with 1
    if nothing that is in use has the name.
    """
    context = app_context(ctx)
    report = explain(context.registry, name)
    if as_json:
        import json

        context.console.result(json.dumps(report, indent=2))
    else:
        for line in render(report):
            context.console.result(line)
    if (
        not report["provided"]
        and not report["is_core"]
        and not any(plugin["state"] == "in use" for plugin in report["plugins"])
    ):
        ctx.exit(1)


def explain(registry: Registry, name: str) -> dict[str, Any]:
    """All that is known of a name, as values that JSON has.

    ``is_core`` says whether ``flowkit.NAME`` is FlowKit's own, which no plugin can provide. ``provided`` has an object
    for each claim of the name, ``collisions`` sentences, ``plugins`` those that are called
    so or come in a distribution of that name, ``not_in_use`` the broken and blocked ones, and ``known`` the
    distributions that are known to bring it.
    """
    plugins = registry.plugins()
    known: Sequence[PluginInfo | BrokenPlugin | BlockedPlugin] = [*plugins, *registry.blocked()]
    claims = [(kind, entry) for kind in registry.kinds() for entry in registry.providers(kind) if entry.name == name]
    return {
        "name": name,
        "is_core": is_own_name(name),
        "provided": [_claim(registry, plugins, kind, entry) for kind, entry in claims],
        "collisions": [text for text in registry.collisions() if f" {name!r} is claimed " in text],
        "plugins": [_plugin(one) for one in known if _is_called(one.found, name)],
        "not_in_use": [_plugin(one) for one in known if not isinstance(one, PluginInfo)],
        "known": [
            {
                "distribution": bringer.name,
                "installed": any(normalize(one.found.distribution) == normalize(bringer.name) for one in plugins),
                "install": registry.settings.plugin_install.replace("{distribution}", bringer.name).replace(
                    "{folder}", bringer.folder
                ),
            }
            for bringer in known_distributions(name, KINDS)
        ],
    }


def render(report: dict[str, Any]) -> list[str]:
    """The lines of the text form."""
    lines: list[str] = []
    if report["is_core"]:
        lines.append(f"{report['name']}: FlowKit's own, as flowkit.{report['name']}")
    for claim in report["provided"]:
        lines += [
            f"{claim['name']}: {claim['noun']}{_of_scope(claim)}",
            f"  provided by  {claim['title']}: {claim['help']}".rstrip(": "),
            f"  from         {claim['file']}",
            *([f"  broken       {claim['error']}"] if claim["error"] else []),
        ]
    lines += [f"collision: {text}" for text in report["collisions"]]
    for plugin in report["plugins"]:
        lines += [f"{plugin['title']}: plugin, {plugin['state']}", *_details(plugin)]
    if not lines:
        lines.append(f"no plugin that is in use provides {report['name']!r}")
    if not report["provided"]:
        for known in report["known"]:
            state = "is installed" if known["installed"] else f"isn't installed: {known['install']}"
            lines.append(f"it comes with {known['distribution']}, which {state}")
        for plugin in report["not_in_use"]:
            if plugin in report["plugins"]:
                continue
            if not report["is_core"]:
                lines += [f"may have it: {plugin['title']}, {plugin['state']}", *_details(plugin)]
            elif f" {report['name']!r}" in plugin.get("cause", ""):
                lines += [f"claims it in vain: {plugin['title']}, {plugin['state']}", *_details(plugin)]
    return lines


def _details(plugin: dict[str, Any]) -> list[str]:
    return [
        f"  {key:<12} {plugin[key]}" for key in ("location", "module", "cause", "mend", "reason") if plugin.get(key)
    ]


def _of_scope(claim: dict[str, Any]) -> str:
    return {"flow": " of flows (python FLOW.py …)", "flowkit": " of flowkit"}.get(claim["scope"], "")


def _is_called(found: FoundPlugin, name: str) -> bool:
    return normalize(name) in {normalize(found.name), normalize(found.distribution)}


def _claim(registry: Registry, plugins: Sequence[PluginInfo | BrokenPlugin], kind: str, entry: Entry) -> dict[str, Any]:
    own = next((one for one in plugins if isinstance(one, PluginInfo) and one.found == entry.plugin), None)
    file, error = getattr(own.module, "__file__", "") if own else "", ""
    try:
        loaded = registry.load(kind, entry)
        file = _file_of(loaded) or file
    except FlowkitError as wrong:
        error = wrong.message
    return {
        "name": entry.name,
        "kind": kind,
        "noun": kind_of(kind).noun,
        "scope": entry.provider.scope if kind_of(kind).scoped else "",
        "help": entry.provider.help,
        "plugin": entry.plugin.name,
        "title": _title(entry.plugin),
        "distribution": entry.distribution,
        "version": entry.version,
        "file": file or entry.plugin.location,
        "error": error,
    }


def _file_of(loaded: Any) -> str:
    """The file that defines what was loaded: a class, a function, a command's function, or a module."""
    subject = getattr(loaded, "callback", None) or loaded
    module = sys.modules.get(getattr(subject, "__module__", ""), subject)
    return str(getattr(module, "__file__", None) or "")


def _plugin(plugin: PluginInfo | BrokenPlugin | BlockedPlugin) -> dict[str, Any]:
    facts: dict[str, Any] = {"name": plugin.name, "title": _title(plugin.found), "location": plugin.found.location}
    if isinstance(plugin, BlockedPlugin):
        return {**facts, "state": "blocked", "reason": plugin.reason}
    if isinstance(plugin, BrokenPlugin):
        state = "broken" if plugin.unusable else "broken in part"
        return {**facts, "state": state, "cause": plugin.cause, "mend": plugin.mend}
    return {**facts, "state": "in use", "module": str(getattr(plugin.module, "__file__", "") or "")}


def _title(found: FoundPlugin) -> str:
    of = f"{found.distribution} {found.version}".strip()
    return f"{found.name} ({of})" if of else found.name
