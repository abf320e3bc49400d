"""The flows that are compared: their source, what to run, and the same for Metaflow."""

from __future__ import annotations

import hashlib
import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import attrs

from support.parity.metaflow import METAFLOW_VERSION
from support.sources import ROOT

__all__ = ["FLOWS", "READER", "Command", "ComparedFlow", "compared_flows", "for_metaflow"]

#: The folder of the flows.
FLOWS = ROOT / "tests" / "flows" / "flows"
READER = ROOT / "tests" / "flows" / "parity" / "reader.py"
RECORDED = READER.parent / "recorded"
_VERBS_WITH_A_RUN = ("run", "resume")
#: Change when what is recorded of a run changes other than by the reader.
_FORM = 1

#: What is called otherwise here, longest first.
_RENAMED = (
    ("flowkit.errors", "metaflow.exception"),
    ("FlowkitError", "MetaflowException"),
    ("StepTimeout", "TimeoutException"),
    ("FLOWKIT_", "METAFLOW_"),
    ("flowkit", "metaflow"),
)


def for_metaflow(source: str) -> str:
    """The source with the names that Metaflow has."""
    for ours, theirs in _RENAMED:
        source = source.replace(ours, theirs)
    return source


@attrs.frozen
class Command:
    """One command line of a flow."""

    arguments: tuple[str, ...]
    variables: dict[str, str]

    @classmethod
    def parse(cls, text: str) -> Command:
        """``NAME=value… verb argument…``."""
        words = shlex.split(text)
        count = next(index for index, word in enumerate(words) if not re.match(r"[A-Z_]+=", word))
        return cls(tuple(words[count:]), dict(word.split("=", 1) for word in words[:count]))

    @property
    def makes_a_run(self) -> bool:
        """Whether there will be a run to read."""
        return any(word in _VERBS_WITH_A_RUN for word in self.arguments)

    def with_run_id_file(self, file: Path) -> list[str]:
        """The arguments; the run's id goes to ``file``."""
        words = list(self.arguments)
        if self.makes_a_run:
            at = next(index for index, word in enumerate(words) if word in _VERBS_WITH_A_RUN)
            words[at + 1 : at + 1] = ["--run-id-file", str(file)]
        return words


@attrs.frozen
class ComparedFlow:
    """One file of :data:`FLOWS`; lines that begin with ``# $`` are its commands, ``run`` if there are none."""

    path: Path
    source: str

    @property
    def id(self) -> str:
        """The file's name."""
        return self.path.stem

    @property
    def flow_name(self) -> str:
        """Name of the flow: the last class of the file that is called at its end."""
        name: str = re.findall(r"^ +(\w+)\(\)$", self.source, re.MULTILINE)[-1]
        return name

    @property
    def commands(self) -> list[Command]:
        """What is run, in order, in one folder."""
        found = re.findall(r"^# \$ (.*)$", self.source, re.MULTILINE)
        return [Command.parse(line) for line in found or ["run"]]

    @property
    def private_names(self) -> list[str]:
        """Private attributes that it sets."""
        return sorted(set(re.findall(r"self\.(_[a-z]\w*) = ", self.source)))

    @property
    def digest(self) -> str:
        """Changes when what was recorded of the flow may not hold any more."""
        parts = [self.source, READER.read_text(encoding="utf-8"), METAFLOW_VERSION, repr((_FORM, _RENAMED))]
        return hashlib.sha256("\0".join(parts).encode()).hexdigest()

    @property
    def recording(self) -> Path:
        """Where Metaflow's results are kept."""
        return RECORDED / f"{self.id}.json"


def compared_flows() -> Iterator[ComparedFlow]:
    """All of them, by name."""
    for path in sorted(FLOWS.glob("*.py")):
        yield ComparedFlow(path, path.read_text(encoding="utf-8"))
