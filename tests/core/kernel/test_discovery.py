from __future__ import annotations

import sys
from pathlib import Path

import pytest

from flowkit.errors import ConfigurationError
from flowkit.kernel.plugin_info import BrokenPlugin, PluginInfo
from flowkit.kernel.registry import Registry
from flowkit.settings import Settings
from support.distributions import PREAMBLE, Site

pytestmark = pytest.mark.usefixtures("only_our_plugins")

DATASTORE = """
@hookimpl
def flowkit_datastores():
    yield Provider({name!r}, lambda: 1 / 0, help="never loaded")
"""
EVENTS = """
@hookimpl
def flowkit_run_finished(run):
    run.append({name!r})
"""


def discover(**environment: str) -> Registry:
    return Registry.discover(Settings.load({f"FLOWKIT_{name}": value for name, value in environment.items()}))


def broken(registry: Registry) -> dict[str, BrokenPlugin]:
    return {one.name: one for one in registry.plugins() if isinstance(one, BrokenPlugin)}


def in_use(registry: Registry) -> list[str]:
    return [one.name for one in registry.plugins() if isinstance(one, PluginInfo)]


def test_a_plugin_is_found_and_nothing_of_it_is_loaded(site: Site) -> None:
    site.plugin("redis", DATASTORE.format(name="redis"), version="3.1")
    registry = discover()
    assert "redis" in registry.names("datastores")
    entry = registry.entry("datastores", "redis")
    assert (entry.plugin.name, entry.distribution, entry.version) == ("redis", "flowkit-redis", "3.1")
    assert registry.versions()["flowkit-redis"] == "3.1"
    assert not broken(registry)


def test_built_ins_come_first(site: Site) -> None:
    site.plugin("aaa", DATASTORE.format(name="aaa"))
    registry = discover()
    assert in_use(registry)[:2] == ["builtin", "aaa"]
    assert registry.names("datastores") == ("local", "spin", "aaa")


@pytest.mark.parametrize(
    ("source", "cause", "mend"),
    [
        (
            "import no_such_sdk",
            "ModuleNotFoundError: No module named 'no_such_sdk'",
            "provides the module 'no_such_sdk'",
        ),
        ("1 / 0", "ZeroDivisionError: division by zero", "--no-plugin"),
        ("import sys; sys.exit('bye')", "SystemExit: bye", "--no-plugin"),
        ("def x(:", "SyntaxError", "--no-plugin"),
        ("@hookimpl\ndef flowkit_check_graph(graf): ...", "has no argument 'graf'", "by name: graph"),
        ("@hookimpl\ndef flowkit_datastore(): ...", "no hook flowkit_datastore", "did you mean flowkit_datastores?"),
        ("def flowkit_datastores(): ...", "flowkit_datastores in plugin_bad isn't marked", "@hookimpl"),
        ("@hookimpl\nasync def flowkit_run_started(run): ...", "is an async function", "plain one"),
        ("@hookimpl\nasync def flowkit_datastores(): yield", "is an async function", "plain one"),
        ("@hookimpl(wrapper=True)\ndef flowkit_username(settings): yield", "hook wrapper", "plain @hookimpl"),
        ("@hookimpl\ndef flowkit_add_hookspecs(manager): 1 / 0", "flowkit_add_hookspecs raised", "--no-plugin"),
        ("flowkit_after = 'aws'", "flowkit_after in plugin_bad is 'aws'", "tuple"),
    ],
)
def test_a_plugin_that_cannot_be_used_is_shown_and_the_others_are_used(
    site: Site, source: str, cause: str, mend: str
) -> None:
    site.plugin("bad", source)
    site.plugin("good", DATASTORE.format(name="good"))
    registry = discover()
    fault = broken(registry)["bad"]
    assert cause in fault.cause
    assert mend in fault.mend
    assert fault.unusable
    assert "good" in registry.names("datastores")
    assert in_use(registry) == ["builtin", "good"]
    assert "\n" not in fault.cause + fault.mend


@pytest.mark.parametrize(
    ("source", "cause"),
    [
        (
            "@hookimpl\ndef flowkit_serializers():\n    yield Provider('x', int)\n    1 / 0",
            "flowkit_serializers raised",
        ),
        ("@hookimpl\ndef flowkit_serializers(): return [('x', int)]", "isn't a Provider"),
        ("@hookimpl\ndef flowkit_serializers(): return [Provider('', int)]", "isn't a Provider"),
        ("@hookimpl\ndef flowkit_serializers(): return [Provider(3, int)]", "it offers 3, whose name is 3"),
        ("@hookimpl\ndef flowkit_serializers(): return [Provider('x', int, api_version='1')]", "api_version is '1'"),
        ("@hookimpl\ndef flowkit_serializers(): return [Provider('x', int, types='a.B')]", "whose types is 'a.B'"),
        ("@hookimpl\ndef flowkit_exports(): return [Provider('FlowSpec', int)]", "flowkit.FlowSpec is FlowKit's own"),
        ("@hookimpl\ndef flowkit_step_decorators(): return [Provider('step', int)]", "flowkit.step is FlowKit's own"),
        ("@hookimpl\ndef flowkit_flow_decorators(): return [Provider('retry', int)]", "flowkit.retry is FlowKit's own"),
        ("@hookimpl\ndef flowkit_modules(): return [Provider('client.run', int)]", "flowkit.client.run is FlowKit's"),
    ],
)
def test_a_plugin_that_fails_in_what_it_offers_keeps_the_rest(site: Site, source: str, cause: str) -> None:
    site.plugin("half", DATASTORE.format(name="half") + source)
    registry = discover()
    assert "x" not in registry.names("serializers")
    assert "half" in registry.names("datastores")
    fault = broken(registry)["half"]
    assert cause in fault.cause
    assert not fault.unusable


def test_an_entry_point_must_name_a_module(site: Site) -> None:
    site.module("plugin_x", "")
    site.distribution("flowkit-x", "1", {"x": "plugin_x:thing", "y": "plugin_nowhere"})
    faults = broken(discover())
    assert "plugin_x:thing" in faults["x"].cause
    assert "plugin_nowhere" in faults["y"].cause


def test_no_two_distributions_share_a_plugin_name(site: Site) -> None:
    site.plugin("same", DATASTORE.format(name="one"), distribution="flowkit-one", module="one_module")
    site.plugin("same", DATASTORE.format(name="two"), distribution="flowkit-two", module="two_module")
    registry = discover()
    causes = {one.found.distribution: one.cause for one in registry.broken()}
    assert "claimed by flowkit-two" in causes["flowkit-one"]
    assert "claimed by flowkit-one" in causes["flowkit-two"]
    assert registry.names("datastores") == ("local", "spin")
    assert Registry.discover(Settings.load({}), block=["flowkit-two"]).names("datastores") == ("local", "spin", "one")


def test_a_plugin_cannot_call_itself_builtin(site: Site) -> None:
    site.plugin("builtin", DATASTORE.format(name="mine"))
    registry = discover()
    assert "FlowKit's own" in broken(registry)["builtin"].cause
    assert registry.names("datastores") == ("local", "spin")


def test_one_module_cannot_be_two_plugins(site: Site) -> None:
    site.module("plugin_m", PREAMBLE + DATASTORE.format(name="m"))
    site.distribution("flowkit-m", "1", {"m": "plugin_m", "n": "plugin_m"})
    registry = discover()
    assert registry.names("datastores") == ("local", "spin", "m")
    assert "one module" in broken(registry)["n"].mend


# --- leaving plugins out -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["bad-one", "Bad_One", "flowkit-bad-one"])
def test_a_blocked_plugin_is_not_imported(site: Site, name: str) -> None:
    site.plugin("bad-one", "raise SystemExit")
    site.plugin("other")
    by_flag = Registry.discover(Settings.load({}), block=[name])
    by_variable = discover(NO_PLUGIN=f"x, {name}")
    for registry in (by_flag, by_variable):
        (blocked,) = registry.blocked()
        assert blocked.name == "bad-one"
        assert "bad-one" not in broken(registry)
        assert "other" in in_use(registry)
    assert "plugin_bad_one" not in sys.modules
    assert by_flag.blocked()[0].reason == "--no-plugin"
    assert by_variable.blocked()[0].reason == "environment variable FLOWKIT_NO_PLUGIN"


def test_a_file_can_block_and_allow(site: Site, tmp_path: Path) -> None:
    site.plugin("one")
    site.plugin("two")
    folder = tmp_path / "configuration"
    folder.mkdir()
    (folder / "config.json").write_text('{"FLOWKIT_PLUGINS": ["two"]}')
    registry = discover(HOME=str(folder))
    assert in_use(registry) == ["builtin", "two"]
    (blocked,) = registry.blocked()
    assert blocked.name == "one"
    assert "allow-list" in blocked.reason
    assert str(folder / "config.json") in blocked.reason
    assert in_use(discover(PLUGINS="flowkit-one")) == ["builtin", "one"]


def test_the_built_in_capabilities_cannot_be_blocked() -> None:
    with pytest.raises(ConfigurationError, match="can't be blocked"):
        Registry.discover(Settings.load({}), block=["builtin"])


# --- order ---------------------------------------------------------------------------------------------------------


def called(registry: Registry) -> list[str]:
    names: list[str] = []
    registry.hook.flowkit_run_finished(run=names, failure="")  # type: ignore[arg-type]
    return names


def test_plugins_are_asked_by_name_unless_they_say_otherwise(site: Site) -> None:
    for name in "cab":
        site.plugin(name, EVENTS.format(name=name))
    assert called(discover()) == ["a", "b", "c"]


def test_a_plugin_can_be_before_and_after_others(site: Site) -> None:
    site.plugin("a", "flowkit_after = ('c', 'not there')" + EVENTS.format(name="a"))
    site.plugin("b", EVENTS.format(name="b"))
    site.plugin("c", "flowkit_before = ['b']" + EVENTS.format(name="c"))
    assert called(discover()) == ["c", "a", "b"]


def test_plugins_whose_wishes_are_a_ring_are_broken(site: Site) -> None:
    site.plugin("a", "flowkit_after = ('b',)" + EVENTS.format(name="a"))
    site.plugin("b", "flowkit_after = ('a',)" + EVENTS.format(name="b"))
    site.plugin("c", EVENTS.format(name="c"))
    registry = discover()
    assert called(registry) == ["c"]
    assert set(broken(registry)) == {"a", "b"}
    assert "before" in broken(registry)["a"].cause


# --- a file beside the flow ----------------------------------------------------------------------------------------


def test_a_file_beside_the_flow_is_a_plugin(site: Site, tmp_path: Path) -> None:
    folder = tmp_path / "flows"
    folder.mkdir()
    file = folder / "flowkit_plugins.py"
    file.write_text(PREAMBLE + DATASTORE.format(name="mine"))
    registry = Registry.for_flow(Settings.load({}), folder / "flow.py")
    assert registry.names("datastores") == ("local", "spin", "mine")
    assert registry.versions()["flowkit_plugins"].startswith("crc32:")
    again = Registry.for_flow(Settings.load({}), folder / "flow.py")
    assert again.names("datastores") == ("local", "spin", "mine")
    assert Registry.for_flow(Settings.load({}), folder / "flow.py", block=["flowkit_plugins"]).blocked()


def test_a_file_that_fails_is_a_broken_plugin(tmp_path: Path) -> None:
    (tmp_path / "flowkit_plugins.py").write_text("1 / 0")
    registry = Registry.for_flow(Settings.load({}), tmp_path / "flow.py")
    assert f"{tmp_path}/flowkit_plugins.py:1" in broken(registry)["flowkit_plugins"].cause
    assert "flowkit_plugins" not in sys.modules


def test_no_file_no_plugin(tmp_path: Path) -> None:
    assert in_use(Registry.for_flow(Settings.load({}), tmp_path / "flow.py")) == ["builtin"]


# --- hooks of plugins' own -----------------------------------------------------------------------------------------

OPENS = """
import types
specifications = types.ModuleType("specifications")

@hookspec
def flowkit_card_types():
    '''Types of cards.'''

@hookspec
def flowkit_card_seen(name):
    '''A card was seen.'''

specifications.flowkit_card_types = flowkit_card_types
specifications.flowkit_card_seen = flowkit_card_seen
del flowkit_card_types, flowkit_card_seen

@hookimpl
def flowkit_add_hookspecs(manager):
    manager.add_hookspecs(specifications)
"""
USES = """
@hookimpl
def flowkit_card_types():
    yield Provider("fancy", lambda: "a fancy card")

@hookimpl
def flowkit_card_seen(name):
    return name.upper()
"""


def test_a_plugin_can_open_hooks_whatever_the_order(site: Site) -> None:
    site.plugin("a-user", USES)
    site.plugin("opener", OPENS)
    registry = discover()
    assert not broken(registry)
    assert registry.get("card_types", "fancy") == "a fancy card"
    assert registry.hook.flowkit_card_seen(name="x") == ["X"]
    assert "card_types" in registry.kinds()
    assert "card_seen" not in registry.kinds()
    assert registry.hooks_of("a-user") == ["flowkit_card_seen"]


def test_a_hook_that_a_plugin_opened_may_be_async(site: Site) -> None:
    """It is called by that plugin, which may wait for it."""
    site.plugin("opener", OPENS)
    site.plugin("a-user", USES.replace("def flowkit_card_seen", "async def flowkit_card_seen"))
    registry = discover()
    assert not broken(registry)
    (waits,) = registry.hook.flowkit_card_seen(name="x")
    with pytest.raises(StopIteration, match="X"):
        waits.send(None)


def test_a_hook_that_nobody_opened_may_be_optional(site: Site) -> None:
    site.plugin("a-user", USES.replace("@hookimpl", "@hookimpl(optionalhook=True)"))
    registry = discover()
    assert in_use(registry) == ["builtin", "a-user"]
    assert registry.kinds() == discover(NO_PLUGIN="a-user").kinds()
