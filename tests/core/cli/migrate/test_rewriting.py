"""What becomes of a source that was written for Metaflow."""

from __future__ import annotations

import ast
import json
from fnmatch import fnmatchcase
from importlib import import_module
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flowkit.cli.migrate import names
from flowkit.cli.migrate.names import NameTable
from flowkit.cli.migrate.rewriting import rewrite
from flowkit.kernel.registry import Registry
from flowkit.settings import Settings
from support.parity.flows import ComparedFlow, compared_flows, for_metaflow
from support.sources import ROOT

METAFLOW_NAMES = json.loads(Path(names.__file__).with_name("metaflow_names.json").read_text())
NAMES = NameTable(Registry.discover(Settings.load({})))


def rewritten(source: str) -> tuple[str, list[str]]:
    done = rewrite(source.encode(), NAMES)
    again = rewrite(done.source, NAMES)
    assert again.source == done.source
    return done.source.decode(), [f"{one.line}: {one.text}" for one in done.findings]


@pytest.mark.parametrize("flow", list(compared_flows()), ids=lambda flow: flow.id)
def test_the_flows_that_were_compared_come_back(flow: ComparedFlow) -> None:
    source, findings = rewritten(for_metaflow(flow.source))
    assert ast.dump(ast.parse(source)) == ast.dump(ast.parse(flow.source))
    assert findings == []


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("from metaflow import FlowSpec, step\n", "from flowkit import FlowSpec, step\n"),
        ("import metaflow\nmetaflow.Metaflow()\n", "import flowkit\nflowkit.FlowKit()\n"),
        ("import metaflow as mf\nmf.current.run_id\n", "import flowkit as mf\nmf.current.run_id\n"),
        ("import metaflow, os\n", "import flowkit, os\n"),
        ("import os; from metaflow import step; x = 1\n", "import os; from flowkit import step; x = 1\n"),
        (
            "import metaflow.exception as e\ntry: pass\nexcept e.MetaflowException: pass\n",
            "import flowkit.errors as e\ntry: pass\nexcept e.FlowkitError: pass\n",
        ),
        (
            "import metaflow.exception\nmetaflow.exception.MetaflowNotFound\n",
            "import flowkit.errors\nflowkit.errors.NotFound\n",
        ),
        ("from metaflow import Metaflow\nprint(Metaflow())\n", "from flowkit import FlowKit\nprint(FlowKit())\n"),
        ("from metaflow import Metaflow as M\nM()\n", "from flowkit import FlowKit as M\nM()\n"),
        (
            "from metaflow import Metaflow\nFlowKit = 1\nMetaflow()\n",
            "from flowkit import FlowKit as Metaflow\nFlowKit = 1\nMetaflow()\n",
        ),
        ("from metaflow import cards\ncards.MetaflowCard\n", "from flowkit import cards\ncards.Card\n"),
        (
            "from metaflow.cards import MetaflowCardComponent, Table\n",
            "from flowkit.cards import CardComponent, Table\n",
        ),
        ("from metaflow.plugins.timeout_decorator import TimeoutException\n", "from flowkit import StepTimeout\n"),
        ("from metaflow.metaflow_current import current\n", "from flowkit import current\n"),
        ("from metaflow.client import MetaflowData\n", "from flowkit.client import TaskData\n"),
        ("from metaflow.client.core import Task\n", "from flowkit.client import Task\n"),
        ("from metaflow.parameters import JSONType\n", "from flowkit.parameters import JSONType\n"),
        ("from metaflow import S3, card\n", "from flowkit import S3, card\n"),
        (
            "from metaflow import (\n    FlowSpec,  # the base\n    step,\n    # more\n    current,\n)\n",
            "from flowkit import (\n    FlowSpec,  # the base\n    step,\n    # more\n    current,\n)\n",
        ),
        (
            "from metaflow import step, MetaflowData, MetaflowCode\n",
            "from flowkit.client import TaskData, TaskCode\nfrom flowkit import step\n",
        ),
        (
            "def f():\n\tif 1:\n\t\tfrom metaflow import Metaflow, TaskData\n\t\treturn Metaflow\n",
            "def f():\n\tif 1:\n\t\tfrom flowkit import FlowKit\n\t\tfrom flowkit.client import TaskData\n"
            "\t\treturn FlowKit\n",
        ),
        (
            "from metaflow import Metaflow\nf(Metaflow=1)\nx.Metaflow = 2\ndef g(Metaflow): return Metaflow\n",
            "from flowkit import FlowKit\nf(Metaflow=1)\nx.Metaflow = 2\ndef g(Metaflow): return Metaflow\n",
        ),
        ("os.environ['METAFLOW_USER']\n", "os.environ['FLOWKIT_USER']\n"),
        ('f(**{"METAFLOW_RUN_MAX_WORKERS": r"METAFLOW_X"})\n', 'f(**{"FLOWKIT_RUN_MAX_WORKERS": r"FLOWKIT_X"})\n'),
        ('"""A flow of Metaflow, with METAFLOW_USER."""\n', '"""A flow of Metaflow, with METAFLOW_USER."""\n'),
        ("# metaflow\r\nfrom metaflow import step\r\n", "# metaflow\r\nfrom flowkit import step\r\n"),
        ("import metaflowish\nfrom .metaflow import x\n", "import metaflowish\nfrom .metaflow import x\n"),
    ],
)
def test_sources(before: str, after: str) -> None:
    assert rewritten(before) == (after, [])


@pytest.mark.parametrize(
    ("before", "after", "findings"),
    [
        (
            "from metaflow import step, NotThere\nNotThere()\n",
            "from flowkit import step\nfrom metaflow import NotThere\nNotThere()\n",
            ["1: FlowKit has no 'NotThere' of metaflow: the line still imports it from Metaflow"],
        ),
        (
            "import metaflow.plugins.aws\n",
            "import metaflow.plugins.aws\n",
            ["1: FlowKit has no module like 'metaflow.plugins.aws'"],
        ),
        (
            "import metaflow\nmetaflow.NotThere\n",
            "import flowkit\nflowkit.NotThere\n",
            ["2: FlowKit has no 'NotThere' of metaflow"],
        ),
        (
            "from metaflow import *\n",
            "from flowkit import *\n",
            ["1: 'flowkit' gives what FlowKit has itself to import *, not what plugins bring: name those"],
        ),
        (
            "from metaflow.plugins.kubernetes import *\n",
            "from metaflow.plugins.kubernetes import *\n",
            ["1: FlowKit has no module like 'metaflow.plugins.kubernetes'"],
        ),
        (
            "x = '~/.metaflowconfig/config.json'\ny = f'{z}/.metaflow'\n",
            "x = '~/.metaflowconfig/config.json'\ny = f'{z}/.metaflow'\n",
            [
                "1: the text '~/.metaflowconfig/config.json' names a folder of Metaflow's; FlowKit's is .flowkitconfig",
                "2: the text '/.metaflow' names a folder of Metaflow's; FlowKit's is .flowkit",
            ],
        ),
        (
            "run('METAFLOW_USER=me python flow.py')\nimport_module('metaflow.cards')\n",
            "run('METAFLOW_USER=me python flow.py')\nimport_module('metaflow.cards')\n",
            [
                "1: the text 'METAFLOW_USER=me python flow.py' has the variable METAFLOW_USER in it, which is "
                "FLOWKIT_USER here",
                "2: the text 'metaflow.cards' may name a module or a package of Metaflow's",
            ],
        ),
    ],
)
def test_what_is_left_to_the_user(before: str, after: str, findings: list[str]) -> None:
    assert rewritten(before) == (after, findings)


def test_what_a_plugin_brings_that_isnt_installed_is_told(only_our_plugins: None) -> None:
    alone = NameTable(Registry.discover(Settings.load({"FLOWKIT_PLUGINS": "-"})))
    done = rewrite(b"from metaflow import card, kubernetes\nfrom metaflow.cards import Markdown\n", alone)
    assert done.source == b"from flowkit import card, kubernetes\nfrom flowkit.cards import Markdown\n"
    assert [one.text for one in done.findings] == [
        "'card' comes with flowkit-cards, which isn't installed here",
        "'kubernetes' comes with flowkit-k8s, which isn't installed here",
    ]


def test_the_encoding_stays() -> None:
    source = "# -*- coding: latin-1 -*-\nfrom metaflow import step\nname = 'é'\n".encode("latin-1")
    assert rewrite(source, NAMES).source == source.replace(b"metaflow", b"flowkit")


def test_what_isnt_python() -> None:
    with pytest.raises(SyntaxError):
        rewrite(b"from metaflow import (", NAMES)


#: Metaflow's own machinery, and what plugins that aren't there yet bring.
WITHOUT_COUNTERPART = {
    "EXT_PKG package_sources JSONTypeClass *_parser DelayedEvaluationParameter add_custom_parameters flow_context",
    "get_username is_stringish replace_flow_context set_parameter_context DeployedFlowMeta DeployerMeta RunnerMeta",
    "generate_fake_flow_file_contents CommandManager ExecutingProcess SubprocessManager async_handle_timeout",
    "get_runner_cli handle_timeout temporary_fifo with_dir",
}


def test_every_public_name_of_metaflow_is_known() -> None:
    inventory = json.loads((ROOT / "tests/parity/metaflow.json").read_text())["modules"]
    unknown = {name for module, names in inventory.items() for name in names if NAMES.name(module, name) is None}
    patterns = [pattern for line in WITHOUT_COUNTERPART for pattern in line.split()]
    assert not {name for name in unknown if not any(fnmatchcase(name, pattern) for pattern in patterns)}


@pytest.mark.parametrize(
    "name", [*METAFLOW_NAMES["offered"], *METAFLOW_NAMES["modules"].values(), *METAFLOW_NAMES["elsewhere"]]
)
def test_what_the_table_says_is_there(name: str) -> None:
    module = import_module(name)
    for offered in METAFLOW_NAMES["offered"].get(name, ()):
        assert hasattr(module, offered)


STATEMENTS = st.lists(
    st.sampled_from(
        [
            "from metaflow import Metaflow",
            "from metaflow import Metaflow as M, NotThere",
            "import metaflow",
            "import metaflow.cards, os",
            "from metaflow.exception import MetaflowException as E, MetaflowNotFound",
            "print(Metaflow(), metaflow.Metaflow, E)",
            "FlowKit = Metaflow",
            "os.environ['METAFLOW_USER'] = 'x'",
            "class F:\n    from metaflow import step\n    @step\n    def f(self): return Metaflow",
            "if x:\n    from metaflow import NotThere, TaskData, current; y = 1",
        ]
    ),
    max_size=6,
)


@settings(max_examples=30, deadline=None)
@given(STATEMENTS)
def test_any_mixture_is_python_and_needs_no_second_pass(statements: list[str]) -> None:
    imports = ["import metaflow", "from metaflow import Metaflow"]
    source, _ = rewritten("".join(f"{one}\n" for one in [*imports, *statements]))
    ast.parse(source)
    kept = [line for line in source.splitlines() if "metaflow" in line]
    assert all("NotThere" in line for line in kept), kept
