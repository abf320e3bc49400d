"""Each hook that offers capabilities: a plugin implements it, and what it offers is found, checked and loaded."""

from __future__ import annotations

import pytest

from flowkit.errors import BrokenPluginError
from flowkit.kernel.kinds import KINDS
from flowkit.kernel.registry import Registry
from flowkit.settings import Settings
from support.distributions import Site

pytestmark = pytest.mark.usefixtures("only_our_plugins")

CLASS = """
def load():
    from flowkit import plugin
    base = plugin.{base}
    methods = dict.fromkeys(getattr(base, "__abstractmethods__", ()), lambda *values, **named: None)
    return type("Own", (base,), {{**methods, "name": "own"}})
"""
COMMAND = """
def load():
    import click
    return click.Command("own")
"""
CALLABLE = "load = lambda: print\n"
MODULE = "def load():\n    import json\n    return json\n"
#: Kept by hand, so that a kind that is added is tested.
SOURCES = {
    "datastores": CLASS.format(base="Datastore"),
    "metadata_providers": CLASS.format(base="MetadataProvider"),
    "compute_backends": CLASS.format(base="ComputeBackend"),
    "deployers": CLASS.format(base="Deployer"),
    "step_decorators": CLASS.format(base="StepDecorator"),
    "flow_decorators": CLASS.format(base="FlowDecorator"),
    "serializers": CLASS.format(base="Serializer"),
    "secrets_providers": CLASS.format(base="SecretsProvider"),
    "environments": CLASS.format(base="Environment"),
    "commands": COMMAND,
    "config_parsers": CALLABLE,
    "data_clients": CLASS.format(base="DataClient"),
    "event_loggers": CLASS.format(base="EventLogger"),
    "monitors": CLASS.format(base="Monitor"),
    "modules": MODULE,
    "exports": CALLABLE,
    "runner_verbs": CALLABLE,
    "client_providers": CLASS.format(base="ClientProvider"),
}


def discover(site: Site, kind: str, load: str) -> Registry:
    offer = f"@hookimpl\ndef flowkit_{kind}():\n    yield Provider('own', load, help='Mine')\n"
    site.plugin("p", f"{load}\n{offer}")
    return Registry.discover(Settings.load({}))


def test_every_kind_is_here() -> None:
    assert set(SOURCES) == set(KINDS)


@pytest.mark.parametrize("kind", list(SOURCES))
def test_what_a_plugin_offers_is_found_and_loaded(site: Site, kind: str) -> None:
    registry = discover(site, kind, SOURCES[kind])
    assert "own" in registry.names(kind)
    entry = registry.entry(kind, "own")
    assert (entry.plugin.name, entry.distribution, entry.version) == ("p", "flowkit-p", "1.0")
    loaded = registry.get(kind, "own")
    assert loaded is registry.get(kind, "own")
    if KINDS[kind].loads == "class":
        assert loaded.__mro__[1].__name__ == KINDS[kind].base.partition(":")[2]


@pytest.mark.parametrize("kind", list(SOURCES))
def test_what_is_of_another_kind_is_refused(site: Site, kind: str) -> None:
    registry = discover(site, kind, "load = lambda: 1")
    with pytest.raises(BrokenPluginError, match="of the plugin 'p'"):
        registry.get(kind, "own")
