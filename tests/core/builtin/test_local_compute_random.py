"""Random generators: a seed of the flow's import holds in every task, and nothing else is the same in two."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from flowkit.testing.compute_launcher import Launcher

FLOW = """
from flowkit import FlowSpec, step
{before}

class ContractFlow(FlowSpec):
    @step
    def start(self):
        {body}
        self.next(self.end)

    @step
    def end(self):
        pass
"""


def draws(folder: Path, before: str, body: str) -> tuple[list[str], str]:
    """What two tasks print, and how they were started."""
    with Launcher(folder, FLOW.format(before=before, body=body)) as launcher:
        specs = [launcher.submit("start", str(number)) for number in range(2)]
        for spec in specs:
            assert launcher.outcome(spec).status == "succeeded", launcher.output(spec, "stderr")
        return [launcher.output(spec).decode().strip() for spec in specs], launcher.info(specs[0])["start"]


def fresh(code: str) -> str:
    """What a fresh interpreter prints."""
    command = [sys.executable, "-c", code]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


@pytest.mark.parametrize(
    ("before", "body"),
    [
        ("import random\nrandom.seed(42)", "print(random.random())"),
        ("import random\nrandom.seed('a text')\nx = random.random()", "print(random.random())"),
        ("import random\nrng = random.Random(7)", "print(rng.random())"),
        ("import numpy as np\nnp.random.seed(3)", "print(np.random.rand())"),
        ("import numpy as np\nrng = np.random.default_rng(3)", "print(rng.random())"),
        ("import numpy as np\nrng = np.random.RandomState(3)", "print(rng.rand())"),
        ("import random, numpy as np\nrandom.seed(1); np.random.seed(1)", "print(random.random(), np.random.rand())"),
    ],
)
def test_a_seed_of_the_import_holds_in_every_forked_task(tmp_path: Path, before: str, body: str) -> None:
    (one, other), how = draws(tmp_path, before, body)
    assert one == other == fresh(f"{before}\n{body}")
    assert how == "fork"


@pytest.mark.parametrize(
    ("before", "body"),
    [
        ("import random", "print(random.random())"),
        ("import random\nx = random.random()", "print(random.random())"),
        ("import random\nrng = random.Random()", "print(rng.random())"),
        ("import numpy as np", "print(np.random.rand())"),
        ("import numpy as np\nrng = np.random.default_rng()", "print(rng.random())"),
        ("import numpy as np\nrng = np.random.RandomState()", "print(rng.rand())"),
        ("", "import numpy as np; print(np.random.rand())"),
        ("", "import random; print(random.random())"),
    ],
)
def test_without_a_seed_forked_tasks_have_streams_of_their_own(tmp_path: Path, before: str, body: str) -> None:
    (one, other), how = draws(tmp_path, before, body)
    assert one != other
    assert how == "fork"


@pytest.mark.parametrize(
    ("before", "body"),
    [
        # So many numbers were drawn that the seed can't be seen any more.
        ("import random\nrandom.seed(42)\nx = [random.random() for _ in range(5000)]", "print(random.random())"),
        # A seed that looks like entropy.
        (f"import numpy as np\nrng = np.random.default_rng({3**80})", "print(rng.random())"),
        ("import random\nsaved = random.Random(1).getstate()\nrandom.setstate(saved)", "print(random.random())"),
    ],
)
def test_what_can_not_be_told_is_as_in_a_fresh_interpreter(tmp_path: Path, before: str, body: str) -> None:
    (one, other), _ = draws(tmp_path, before, body)
    assert one == other == fresh(f"{before}\n{body}")


def test_numpy_seeded_without_a_value_gets_fresh_interpreters(tmp_path: Path) -> None:
    (one, other), how = draws(tmp_path, "import numpy as np\nnp.random.seed()", "print(np.random.rand())")
    assert one != other
    assert how == "spawn"


def test_a_preloaded_module_does_not_disturb_the_seed(tmp_path: Path) -> None:
    (tmp_path / "draws.py").write_text("import random\nrandom.random()\n")
    before, body = "import random\nrandom.seed(42)", "import draws; print(random.random())"
    (one, other), how = draws(tmp_path, before, body)
    assert one == other
    assert how == "fork"
