"""A card type from a distribution of its own."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from support.distributions import Site
from support.project import Project

TYPE = """
def load():
    from flowkit.cards import Card

    class ScoreCard(Card):
        type = "acme.score"

        def render(self, task):
            return f"<h1>score {task.data.score}</h1>"

    return ScoreCard

@hookimpl(optionalhook=True)
def flowkit_card_types():
    yield Provider("acme.score", load, help="One score")
"""
FLOW = """
    from flowkit import FlowSpec, card, step


    class ScoredFlow(FlowSpec):
        @card(type="acme.score")
        @step
        def start(self):
            self.score = 0.97
            self.next(self.end)

        @step
        def end(self):
            pass


    if __name__ == "__main__":
        ScoredFlow()
"""


def test_a_distribution_brings_a_card_type(project: Project, tmp_path: Path) -> None:
    folder = tmp_path / "site-packages"
    folder.mkdir()
    Site(folder).plugin("acme-cards", TYPE)
    project.write("flow.py", FLOW)
    env = {"PYTHONPATH": str(folder)}
    listed = project.flowkit("plugins", "list", env=env, check=True)
    assert "acme.score" in listed.stdout
    for start in ("fork", "spawn"):
        project.run("run", "--task-start", start, env=env, check=True)
        shown = project.run("card", "get", "start", "--type", "acme.score", env=env, check=True)
        assert "<h1>score 0.97</h1>" in shown.stdout


def test_without_the_distribution_the_step_succeeds_and_its_card_says_why(project: Project) -> None:
    project.write("flow.py", FLOW)
    done = project.run("run", check=True)
    assert "no plugin brings the card type 'acme.score'" in done.stdout
    shown = project.run("card", "get", "start", check=True)
    assert "no plugin brings the card type" in shown.stdout


def test_it_isnt_broken_where_cards_are_left_out(project: Project, tmp_path: Path) -> None:
    Site(tmp_path).plugin("acme-cards", TYPE)
    env = {"PYTHONPATH": str(tmp_path), "FLOWKIT_PLUGINS": "acme-cards"}
    listed = project.flowkit("--no-plugin", "cards", "plugins", "list", env=env, check=True)
    assert "acme-cards (flowkit-acme-cards 1.0)" in listed.stdout
    assert "broken" not in listed.stdout


def test_it_passes_the_contract_of_plugins(tmp_path: Path) -> None:
    Site(tmp_path).module("acme_cards", "from flowkit.plugin import Provider, hookimpl\n" + TYPE)
    contract = "from flowkit.testing.plugin import PluginContract"
    test = f"{contract}\n\nclass TestIt(PluginContract):\n    module = 'acme_cards'\n"
    (tmp_path / "test_it.py").write_text(test)
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--import-mode=prepend", "test_it.py"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_a_card_type_or_component_that_exits_fails_no_step(project: Project, tmp_path: Path) -> None:
    folder = tmp_path / "site-packages"
    folder.mkdir()
    exiting = TYPE.replace('return f"<h1>score {task.data.score}</h1>"', 'raise SystemExit("bad template")')
    Site(folder).plugin("acme-cards", exiting)
    component = """
    class Exiting:
        component_id = None

        def render(self):
            raise SystemExit("no licence")

    class ScoredFlow"""
    flow = FLOW.replace("\n    class ScoredFlow", component).replace("@card(", '@card(id="own")\n        @card(')
    appended = 'current.card["own"].append(Exiting()); current.card["own"].refresh(); self.score'
    project.write("flow.py", flow.replace("card, step", "card, current, step").replace("self.score", appended))
    env = {"PYTHONPATH": str(folder)}
    for start in ("fork", "spawn"):
        done = project.run("run", "--task-start", start, env=env, check=True)
        assert "the card of type 'acme.score' can't be made: SystemExit: bad template" in done.stdout
        for chosen, told in (("--type=acme.score", "bad template"), ("--id=own", "SystemExit: no licence")):
            assert told in project.run("card", "get", "start", chosen, env=env, check=True).stdout
