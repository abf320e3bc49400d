from __future__ import annotations

import importlib
from pathlib import Path

import pytest

from flowkit.errors import (
    BrokenPluginError,
    FlowkitError,
    InternalError,
    PluginCollision,
    PluginVersionError,
    UnknownCapability,
)
from flowkit.kernel.kinds import KINDS
from flowkit.kernel.provider import Provider
from flowkit.kernel.registry import Registry
from flowkit.settings import Settings
from support.distributions import Site

pytestmark = pytest.mark.usefixtures("only_our_plugins")

CLIENT = """
class Client(ClientProvider):
    name = "x"
    def client(self, service, options): return service

def load():
    print("loaded")
    return Client

@hookimpl
def flowkit_client_providers():
    print("listed")
    yield Provider("x", load)
"""


def discover(**environment: str) -> Registry:
    return Registry.discover(Settings.load({f"FLOWKIT_{name}": value for name, value in environment.items()}))


def offer(site: Site, kind: str, provider: str, name: str = "p", setup: str = "") -> None:
    site.plugin(name, f"{setup}\n@hookimpl\ndef flowkit_{kind}():\n    yield {provider}\n")


def test_a_capability_is_loaded_when_it_is_used_and_once(site: Site, capsys: pytest.CaptureFixture[str]) -> None:
    site.plugin("p", CLIENT)
    registry = discover()
    assert capsys.readouterr().out == ""
    assert registry.names("client_providers") == ("x",)
    registry.plugins()
    assert capsys.readouterr().out == "listed\n"
    first = registry.get("client_providers", "x")
    assert registry.get("client_providers", "x") is first
    assert first().client("s3", {}) == "s3"
    assert capsys.readouterr().out == "loaded\n"


@pytest.mark.parametrize(
    ("kind", "loads", "wrong"),
    [
        ("datastores", "int", "isn't a subclass of Datastore"),
        ("datastores", "'no class'", "isn't a subclass of Datastore"),
        ("client_providers", "type('C', (ClientProvider,), {})", "doesn't define client"),
        ("commands", "print", "isn't a click command"),
        ("config_parsers", "'text'", "can't be called"),
        ("modules", "int", "isn't a module"),
    ],
)
def test_what_is_loaded_must_be_of_its_kind(site: Site, kind: str, loads: str, wrong: str) -> None:
    offer(site, kind, f"Provider('x', lambda: {loads})")
    with pytest.raises(BrokenPluginError, match=wrong) as caught:
        discover().get(kind, "x")
    assert "'p' (flowkit-p 1.0)" in str(caught.value)


@pytest.mark.parametrize(
    ("load", "text"),
    [
        ("lambda: __import__('no_such_sdk')", "install what provides the module 'no_such_sdk'"),
        ("lambda: 1 / 0", "ZeroDivisionError: division by zero"),
        ("lambda: exit('gone')", "SystemExit: gone"),
    ],
)
def test_an_error_while_loading_names_the_plugin_and_a_mend(site: Site, load: str, text: str) -> None:
    offer(site, "config_parsers", f"Provider('x', {load})")
    with pytest.raises(BrokenPluginError, match="the configuration parser 'x' of the plugin 'p'") as caught:
        discover().get("config_parsers", "x")
    assert text in str(caught.value)


@pytest.mark.parametrize(("version", "upgrade"), [(2, "upgrade FlowKit"), (0, "upgrade flowkit-p")])
def test_an_interface_of_another_version_is_refused(site: Site, version: int, upgrade: str) -> None:
    offer(site, "config_parsers", f"Provider('x', lambda: dict, api_version={version})")
    registry = discover()
    assert "x" in registry.names("config_parsers")
    with pytest.raises(PluginVersionError, match=upgrade):
        registry.get("config_parsers", "x")


def test_a_name_that_two_plugins_claim_names_both(site: Site) -> None:
    offer(site, "datastores", "Provider('local', int)", "one")
    offer(site, "step_decorators", "Provider('gpu', int)", "two")
    offer(site, "step_decorators", "Provider('gpu', int)", "three")
    registry = discover()
    with pytest.raises(PluginCollision, match=r"'builtin' \(flowkit 2.* 'one' \(flowkit-one 1.0\).*--no-plugin one"):
        registry.get("datastores", "local")
    with pytest.raises(PluginCollision, match=r"'three' .* and 'two' "):
        registry.get("step_decorators", "gpu")
    assert len(registry.collisions()) == 2
    assert registry.names("datastores") == ("local", "spin")
    assert discover(NO_PLUGIN="one,two").collisions() == ()


def test_a_command_can_be_in_both_command_lines(site: Site) -> None:
    load = "lambda: click.Command({0!r}), scope={0!r}"
    both = f"Provider('x', {load.format('flow')}); yield Provider('x', {load.format('flowkit')})"
    offer(site, "commands", both, setup="import click")
    registry = discover()
    assert registry.get("commands", "x").name == "flow"
    assert registry.get("commands", "x", scope="flow").name == "flow"
    assert registry.get("commands", "x", scope="flowkit").name == "flowkit"
    assert "x" in registry.names("commands", scope="flow")
    assert "plugins" not in registry.names("commands", scope="flow")
    assert registry.get("commands", "plugins").name == "plugins"
    assert registry.collisions() == ()


def test_two_claims_in_one_scope_collide(site: Site) -> None:
    for name in ("one", "two"):
        offer(site, "commands", "Provider('x', int, scope='flowkit')", name)
    with pytest.raises(PluginCollision):
        discover().get("commands", "x", scope="flowkit")
    with pytest.raises(UnknownCapability):
        discover().get("commands", "x", scope="flow")


# --- names that aren't there ---------------------------------------------------------------------------------------


def unknown(registry: Registry, kind: str, name: str) -> str:
    with pytest.raises(UnknownCapability) as caught:
        registry.get(kind, name)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_an_unknown_name_says_what_is_near() -> None:
    assert unknown(discover(), "step_decorators", "retri").startswith(
        "there is no step decorator 'retri'; did you mean 'retry'?; known: catch, environment,"
    )


def test_an_unknown_name_says_what_to_install() -> None:
    assert "it comes with flowkit-aws, which isn't installed: pip install ./plugins/flowkit_aws" in unknown(
        discover(), "datastores", "s3"
    )
    told = unknown(discover(PLUGIN_INSTALL="get {distribution}, {folder}"), "datastores", "s3")
    assert told.endswith("isn't installed: get flowkit-aws, flowkit_aws")


def test_an_unknown_name_lists_broken_and_blocked_plugins_as_suspects(site: Site) -> None:
    site.plugin("bad", "1 / 0")
    site.plugin("out")
    told = unknown(discover(NO_PLUGIN="out"), "datastores", "mystery")
    assert "bad (broken: importing plugin_bad failed: ZeroDivisionError" in told
    assert "out (blocked: environment variable FLOWKIT_NO_PLUGIN)" in told


def test_a_plugin_that_is_installed_but_broken_is_not_to_be_installed(site: Site) -> None:
    site.plugin("aws", "1 / 0", distribution="flowkit_aws")
    told = unknown(discover(), "datastores", "s3")
    assert "it comes with flowkit-aws, which is installed but broken: importing plugin_aws failed" in told
    told = unknown(discover(NO_PLUGIN="aws"), "datastores", "s3")
    assert "which is installed but blocked: environment variable" in told


def test_an_unknown_kind_is_a_bug() -> None:
    with pytest.raises(InternalError, match="tardigrades"):
        discover().get("tardigrades", "x")


# --- hooks that aren't lists of providers --------------------------------------------------------------------------


def test_the_first_plugin_that_knows_the_user_wins(site: Site) -> None:
    site.plugin("a", "@hookimpl\ndef flowkit_username(): return None")
    assert discover(USER="built").hook.flowkit_username(settings=Settings.load({"FLOWKIT_USER": "built"})) == "built"
    site.plugin("c", "@hookimpl\ndef flowkit_username(): return 'c'")
    site.plugin("b", "@hookimpl\ndef flowkit_username(settings): return 'b of ' + settings.username")
    assert discover().hook.flowkit_username(settings=Settings.load({"FLOWKIT_USER": "x"})) == "b of x"


def test_an_error_in_a_hook_whose_answer_is_needed_names_the_plugin(site: Site) -> None:
    site.plugin("bad", "@hookimpl\ndef flowkit_new_run_id(flow): return {}[flow]")
    with pytest.raises(BrokenPluginError, match=r"'bad': flowkit_new_run_id raised KeyError: 'F' .*--no-plugin bad"):
        discover().hook.flowkit_new_run_id(flow="F")
    assert int(discover(NO_PLUGIN="bad").hook.flowkit_new_run_id(flow="F")) > 1_600_000_000_000_000


def test_an_error_of_ours_in_such_a_hook_stays_itself(site: Site) -> None:
    site.plugin("bad", "@hookimpl\ndef flowkit_new_run_id(): raise NotFound('no counter')")
    with pytest.raises(FlowkitError, match="no counter"):
        discover().hook.flowkit_new_run_id(flow="F")


def test_problems_of_a_graph_are_collected(site: Site) -> None:
    site.plugin("a", "@hookimpl\ndef flowkit_check_graph(graph): yield Problem(f'a {graph}')")
    site.plugin("b", "@hookimpl\ndef flowkit_check_graph(): return None")
    site.plugin("c", "@hookimpl\ndef flowkit_check_graph(): return [Problem('c')]")
    problems = discover().hook.flowkit_check_graph(graph="G")  # type: ignore[arg-type]
    assert [problem.message for problem in problems] == ["a G", "c"]
    site.plugin("d", "@hookimpl\ndef flowkit_check_graph():\n    yield 1 / 0")
    with pytest.raises(BrokenPluginError, match="plugin 'd'"):
        discover().hook.flowkit_check_graph(graph="G")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("hook", "arguments"),
    [
        ("flowkit_run_started", {"run": None, "graph": None}),
        ("flowkit_run_finished", {"run": None, "failure": ""}),
        ("flowkit_task_event", {"event": None}),
        ("flowkit_task_scope", {"task": None}),
    ],
)
def test_an_error_in_a_hook_that_only_watches_is_shown_once_and_stops_nothing(
    site: Site, capsys: pytest.CaptureFixture[str], hook: str, arguments: dict[str, None]
) -> None:
    site.plugin("bad", f"@hookimpl\ndef {hook}(): 1 / 0")
    site.plugin("good", f"@hookimpl\ndef {hook}(): print('told')")
    registry = discover()
    call = getattr(registry.hook, hook)
    call(**arguments)
    call(**arguments)
    said = capsys.readouterr()
    assert said.out == "told\ntold\n"
    assert said.err.count("\n") == 1
    assert f"plugin 'bad': {hook} raised ZeroDivisionError" in said.err


def test_scopes_of_a_task_are_given_in_order(site: Site) -> None:
    scope = "import contextlib\n@hookimpl\ndef flowkit_task_scope(task): return {}"
    site.plugin("a", scope.format("contextlib.nullcontext(('a', task))"))
    site.plugin("b", scope.format("None"))
    site.plugin("c", scope.format("contextlib.nullcontext(('c', task))"))
    scopes = discover().hook.flowkit_task_scope(task=7)  # type: ignore[arg-type]
    assert [scope.__enter__() for scope in scopes] == [("a", 7), ("c", 7)]


def test_whether_a_hook_is_implemented_is_known(site: Site) -> None:
    assert not discover().hook.is_implemented("flowkit_task_event")
    site.plugin("a", "@hookimpl\ndef flowkit_task_event(): ...")
    assert discover().hook.is_implemented("flowkit_task_event")
    with pytest.raises(AttributeError, match="flowkit_nonsense"):
        discover().hook.flowkit_nonsense  # noqa: B018 (looking it up is what is tested)


# --- the tables ----------------------------------------------------------------------------------------------------


def test_every_kind_has_an_interface_that_can_be_imported() -> None:
    for kind in KINDS.values():
        assert (kind.loads == "class") == bool(kind.base)
        if kind.base:
            module, _, name = kind.base.partition(":")
            base = getattr(importlib.import_module(module), name)
            assert base.api_version == kind.api_version
        assert kind.oldest_api_version <= kind.api_version


def test_every_built_in_capability_loads() -> None:
    registry = Registry.discover(Settings.load({}))
    for kind in registry.kinds():
        for entry in registry.providers(kind):
            loaded = registry.load(kind, entry)
            assert entry.provider.help, f"{kind} {entry.name} has no help"
            if KINDS[kind].loads == "class":
                assert loaded.name == entry.name


def test_a_provider_says_nothing_by_default() -> None:
    provider = Provider("x", Path)
    assert (provider.help, provider.scope, provider.types, provider.priority, provider.api_version) == (
        "",
        "flow",
        (),
        0,
        1,
    )
