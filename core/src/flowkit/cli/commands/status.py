"""``flowkit status``: what is in force, and what it comes from."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from typing import Any

import click

from flowkit.cli.config_file import as_text, masked
from flowkit.cli.context import AppContext
from flowkit.cli.group import app_context
from flowkit.cli.options import FlowkitOption
from flowkit.errors import ConfigurationError
from flowkit.kernel.plugin_info import BrokenPlugin
from flowkit.settings import PREFIX, SETTINGS, Settings
from flowkit.version import __version__

__all__ = ["status"]

#: Settings that have a line of their own.
_SHOWN_APART = frozenset({"USER", "HOME", "PROFILE", "NAMESPACE", "DEFAULT_DATASTORE", "DEFAULT_METADATA"})


@click.command(help="Show what is in force, and what it comes from: who you are, where runs go, plugins, settings.")
@click.option("--json", "as_json", cls=FlowkitOption, is_flag=True, help="Write one JSON object in place of text.")
@click.option(
    "--check",
    "checks",
    cls=FlowkitOption,
    is_flag=True,
    help="Prove it: write, read, list and delete one object in the datastore, and open the metadata.",
)
@click.pass_context
def status(ctx: click.Context, as_json: bool, checks: bool) -> None:
    """Write the report to stdout. A setting that can't be used is shown with the reason; nothing is loaded.

    With ``checks``, only the verdicts are shown as text; the exit status is 1 if one is bad.
    """
    context = app_context(ctx)
    if checks:
        ctx.exit(0 if _check(context, as_json=as_json) else 1)
    report = describe(context)
    if as_json:
        import json

        context.console.result(json.dumps(report, indent=2, ensure_ascii=False))
        return
    for line in render(report):
        context.console.result(line)


def _check(context: AppContext, *, as_json: bool) -> bool:
    """Show each verdict when it is known; whether all are good."""
    import json

    import attrs

    from flowkit.cli.checking import check_configuration

    verdicts = []
    for verdict in check_configuration(context):
        verdicts.append(verdict)
        if not as_json:
            word = {True: "ok", False: "failed", None: "not tried"}[verdict.ok]
            spent = f"{verdict.seconds * 1000:,.0f} ms" if verdict.ok is not None else ""
            context.console.result(f"{word:<9}  {verdict.what:<23}  {spent:>9}  {verdict.message}".rstrip())
    good = all(verdict.ok for verdict in verdicts)
    if as_json:
        report = {**describe(context), "check": [attrs.asdict(verdict) for verdict in verdicts], "works": good}
        context.console.result(json.dumps(report, indent=2, ensure_ascii=False))
    else:
        context.console.message("the configuration works" if good else "the configuration doesn't work", bold=True)
    return good


def describe(context: AppContext) -> dict[str, Any]:
    """The report, as values that JSON has. Each fact has ``value`` and ``source``, or ``error``."""
    settings = context.settings
    return {
        "flowkit": __version__,
        "python": sys.executable,
        "facts": {name: _fact(find) for name, find in _facts(context).items()},
        "files": [{"path": str(path), "exists": path.exists()} for path in settings.files],
        "plugins": _plugins(context),
        "settings": {
            f"{PREFIX}{name}": {"value": masked(name, value), "source": settings.source(name)}
            for name, value in settings.values().items()
            if name not in _SHOWN_APART
        },
    }


def _facts(context: AppContext) -> dict[str, Callable[[], tuple[object, str]]]:
    settings = context.settings
    return {
        "user": lambda: _user(context),
        "namespace": lambda: _namespace(context),
        "profile": lambda: (settings.profile or "none", settings.source("PROFILE")),
        "datastore": lambda: (settings.datastore, settings.source("DEFAULT_DATASTORE")),
        "datastore root": lambda: _datastore_root(settings),
        "metadata": lambda: (settings.metadata, settings.source("DEFAULT_METADATA")),
        "metadata location": lambda: _metadata_location(settings),
        "task start": lambda: (settings.task_start, settings.source("TASK_START")),
        "tasks at once": lambda: (settings.max_workers, settings.source("MAX_WORKERS")),
    }


def _fact(find: Callable[[], tuple[object, str]]) -> dict[str, object]:
    try:
        value, source = find()
    except ConfigurationError as error:
        return {"error": error.message}
    return {"value": value, "source": source}


def _user(context: AppContext) -> tuple[str, str]:
    settings = context.settings
    name = str(context.registry.hook.flowkit_username(settings=settings))
    if name != settings.username:
        return name, "a plugin"
    return name, settings.source("USER") if settings.get("USER") else "the system"


def _namespace(context: AppContext) -> tuple[str, str]:
    settings = context.settings
    if settings.namespace is not None:
        return settings.namespace, settings.source("NAMESPACE")
    return f"user:{_user(context)[0]}", "default"


def _datastore_root(settings: Settings) -> tuple[str, str]:
    if settings.datastore == "local":
        return _local_root(settings)
    name = f"DATASTORE_SYSROOT_{settings.datastore.upper().replace('-', '_')}"
    root = settings.datastore_root(settings.datastore)
    if root is None:
        raise ConfigurationError(f"set {PREFIX}{name}, or give --datastore-root")
    return root, settings.source(name)


def _metadata_location(settings: Settings) -> tuple[str, str]:
    name, _, location = settings.metadata.partition("@")
    if location:
        return location, settings.source("DEFAULT_METADATA")
    # What it is opened with; it may look at settings of its own instead, which only it knows.
    root, source = _local_root(settings)
    return (root if name == "local" else f"{root}, or where settings of {name} itself say"), source


def _local_root(settings: Settings) -> tuple[str, str]:
    root = settings.local_root()
    if settings.get("DATASTORE_SYSROOT_LOCAL"):
        return str(root), settings.source("DATASTORE_SYSROOT_LOCAL")
    return str(root), f"the nearest from {settings.cwd} upwards" if root.exists() else "made by the first run"


def _plugins(context: AppContext) -> dict[str, list[dict[str, str]]]:
    registry = context.registry
    found: dict[str, list[dict[str, str]]] = {"in_use": [], "broken": [], "blocked": []}
    for info in registry.plugins():
        facts = {
            "name": info.name,
            "distribution": info.found.distribution,
            "version": info.found.version,
            "location": info.found.location,
        }
        if isinstance(info, BrokenPlugin):
            found["broken"].append({**facts, "cause": info.cause, "mend": info.mend})
        else:
            found["in_use"].append(facts)
    for blocked in registry.blocked():
        found["blocked"].append(
            {
                "name": blocked.name,
                "distribution": blocked.found.distribution,
                "version": blocked.found.version,
                "location": blocked.found.location,
                "reason": blocked.reason,
            }
        )
    return found


def render(report: dict[str, Any]) -> Iterator[str]:
    """The lines of the text form."""
    yield f"FlowKit {report['flowkit']} on {report['python']}"
    yield ""
    width = max(len(name) for name in report["facts"])
    for name, fact in report["facts"].items():
        shown = f"wrong: {fact['error']}" if "error" in fact else f"{fact['value']}  ({fact['source']})"
        yield f"{name:<{width}}  {shown}"
    yield ""
    yield "configuration files, the first counts before the others:"
    yield from (f"  {file['path']}{'' if file['exists'] else '  (not there)'}" for file in report["files"])
    yield ""
    yield "plugins:"
    yield from _plugin_lines(report["plugins"])
    yield ""
    yield "other settings that are set:" if report["settings"] else "no other setting is set"
    for name, fact in report["settings"].items():
        unknown = "" if name.removeprefix(PREFIX) in SETTINGS else ", not one of the core's"
        yield f"  {name}={as_text(fact['value'])}  ({fact['source']}{unknown})"


def _plugin_lines(plugins: dict[str, list[dict[str, str]]]) -> Iterator[str]:
    for plugin in plugins["in_use"]:
        yield f"  {_title(plugin)}"
    for plugin in plugins["broken"]:
        yield f"  {_title(plugin)}  broken: {plugin['cause']}; {plugin['mend']}"
    for plugin in plugins["blocked"]:
        yield f"  {_title(plugin)}  blocked: {plugin['reason']}"


def _title(plugin: dict[str, str]) -> str:
    of = f"{plugin['distribution']} {plugin['version']}".strip() or plugin["location"]
    return f"{plugin['name']} ({of})" if of else plugin["name"]
