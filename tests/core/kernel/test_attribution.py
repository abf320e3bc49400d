from __future__ import annotations

import sys
from pathlib import Path

import pytest

from flowkit.kernel.registry import Registry
from flowkit.settings import Settings
from support.distributions import Site

pytestmark = pytest.mark.usefixtures("only_our_plugins")


def package(site: Site, name: str, code: str, *, is_namespace: bool = False) -> None:
    folder = site.folder.joinpath(*name.split("."))
    folder.mkdir(parents=True)
    if not is_namespace:
        (folder / "__init__.py").touch()
    (folder / "code.py").write_text(code)


def raised(module: str, *arguments: object) -> BaseException:
    with pytest.raises(ZeroDivisionError) as caught:
        sys.modules[module].fail(*arguments)
    return caught.value


def at_fault(registry: Registry, error: BaseException) -> tuple[str, str] | None:
    found = registry.at_fault(error)
    return None if found is None else (found[0].name, found[1])


def discover() -> Registry:
    return Registry.discover(Settings.load({}))


def test_the_innermost_plugin_in_the_traceback_is_at_fault(site: Site) -> None:
    package(site, "outer_one", "def fail(call):\n    call()\n")
    package(site, "inner_one", "import fractions\ndef fail():\n    fractions.Fraction(1, 0)\n")
    for name in ("outer", "inner"):
        module = f"{name}_one.plugin"
        (site.folder / f"{name}_one" / "plugin.py").write_text(
            f"from flowkit.plugin import hookimpl\nfrom {name}_one import code\n"
            "@hookimpl\ndef flowkit_task_event(): ...\n"
        )
        site.distribution(f"flowkit-{name}", "1.0", {name: module})
    registry = discover()
    inner = sys.modules["inner_one.code"].fail
    assert at_fault(registry, raised("outer_one.code", inner)) == ("inner", f"{site.folder}/inner_one/code.py:3")
    fails = lambda: 1 / 0  # noqa: E731
    assert at_fault(registry, raised("outer_one.code", fails)) == ("outer", f"{site.folder}/outer_one/code.py:2")


def test_a_namespace_that_others_share_is_no_plugins(site: Site, tmp_path: Path) -> None:
    package(site, "shared_space.one", "def fail():\n    1 / 0\n")
    package(site, "shared_space.other", "def fail():\n    1 / 0\n")
    (site.folder / "shared_space/one/plugin.py").write_text(
        "from flowkit.plugin import hookimpl\nfrom shared_space.one import code\nfrom shared_space.other import code\n"
        "@hookimpl\ndef flowkit_task_event(): ...\n"
    )
    site.distribution("flowkit-one", "1.0", {"one": "shared_space.one.plugin"})
    registry = discover()
    found = at_fault(registry, raised("shared_space.one.code"))
    assert found is not None
    assert found[0] == "one"
    assert at_fault(registry, raised("shared_space.other.code")) is None


def test_further_packages_of_a_plugins_distribution_are_the_plugins(site: Site) -> None:
    package(site, "second_package", "def fail():\n    1 / 0\n")
    info = site.plugin("two", "import second_package.code\n@hookimpl\ndef flowkit_task_event(): ...\n")
    (info / "top_level.txt").write_text("plugin_two\nsecond_package\n")
    found = at_fault(discover(), raised("second_package.code"))
    assert found is not None
    assert found[0] == "two"


def test_what_flowkit_brings_is_flowkits(site: Site) -> None:
    site.plugin("cards", "def fail(): 1 / 0\n@hookimpl\ndef flowkit_task_event(): ...\n", distribution="flowkit_cards")
    registry = discover()
    assert at_fault(registry, raised("plugin_cards")) is None
    with pytest.raises(TypeError) as caught:
        Registry.for_flow(Settings.load({}), None)  # type: ignore[arg-type]
    assert at_fault(registry, caught.value) is None
