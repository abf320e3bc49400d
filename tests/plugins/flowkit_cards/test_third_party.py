"""A card type from a distribution of its own."""

from __future__ import annotations

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

@hookimpl
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
