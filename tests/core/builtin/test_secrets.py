"""The core's sources of secrets, and ``@secrets``."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from pathlib import Path

import pytest

from flowkit.builtin.secrets.environment import EnvironmentSecrets
from flowkit.builtin.secrets.file import FileSecrets
from flowkit.builtin.secrets.inline import InlineSecrets
from flowkit.errors import FlowkitError
from flowkit.testing.secrets import Secret, SecretsProviderContract
from support.distributions import Site
from support.project import Project


class TestInline(SecretsProviderContract):
    provider_class = InlineSecrets

    def raw_store(self, folder: Path, values: Mapping[str, str]) -> Secret:
        return Secret(None, {"env_vars": values})

    def missing(self, folder: Path) -> Secret:
        return Secret("mine", {})

    def unreadable(self, folder: Path, value: str) -> Iterable[Secret]:
        yield Secret(None, {"env_vars": value})
        yield Secret(None, {"env_vars": {"A": [value]}})


class TestEnvironmentAsJSON(SecretsProviderContract):
    provider_class = EnvironmentSecrets

    def raw_store(self, folder: Path, values: Mapping[str, str]) -> Secret:
        os.environ["STORED"] = json.dumps(values)
        return Secret("STORED")

    def missing(self, folder: Path) -> Secret:
        return Secret("NOT_STORED")

    def unreadable(self, folder: Path, value: str) -> Iterable[Secret]:
        for number, text in enumerate([value, f'["{value}"]', f'{{"A": ["{value}"]}}', f'{{"A": "{value}"', "null"]):
            os.environ[f"BROKEN_{number}"] = text
            yield Secret(f"BROKEN_{number}")

    @pytest.fixture(autouse=True)
    def own_environment(self, monkeypatch: pytest.MonkeyPatch) -> None:
        for name in ("STORED", *(f"BROKEN_{number}" for number in range(5))):
            monkeypatch.setenv(name, "")


class TestEnvironmentVariables(SecretsProviderContract):
    provider_class = EnvironmentSecrets

    def raw_store(self, folder: Path, values: Mapping[str, str]) -> Secret:
        for name, value in values.items():
            self.patch.setenv(name, value)
        return Secret(None, {"variables": list(values)})

    def missing(self, folder: Path) -> Secret:
        return Secret(None, {"variables": ["NOT_STORED"]})

    def unreadable(self, folder: Path, value: str) -> Iterable[Secret]:
        yield Secret(None)
        yield Secret(None, {"variables": "A"})

    @pytest.fixture(autouse=True)
    def own_environment(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.patch = monkeypatch


class FileContract(SecretsProviderContract):
    provider_class = FileSecrets

    def missing(self, folder: Path) -> Secret:
        return Secret(str(folder / "gone"))

    def unreadable(self, folder: Path, value: str) -> Iterable[Secret]:
        for number, (content, options) in enumerate(
            [
                (value.encode(), {}),
                (f"=\n{value}".encode(), {}),
                (f'{{"{value}"'.encode(), {}),
                (value.encode(), {"format": "json"}),
                (value.encode(), {"format": "text"}),
                (value.encode(), {"format": "yaml"}),
                (value.encode() + b"\xff", {}),
            ]
        ):
            file = folder / f"broken-{number}"
            file.write_bytes(content)
            yield Secret(str(file), options)
        yield Secret(None)
        yield Secret(str(folder))


class TestFileOfJSON(FileContract):
    def raw_store(self, folder: Path, values: Mapping[str, str]) -> Secret:
        (folder / "s.json").write_text(json.dumps(values))
        return Secret(str(folder / "s.json"))


class TestFileOfLines(FileContract):
    takes_any_text = False

    def raw_store(self, folder: Path, values: Mapping[str, str]) -> Secret:
        lines = ["# secrets", "", *(f"{name}={value}" for name, value in values.items())]
        (folder / "s.env").write_text("\n".join(lines), encoding="utf-8")
        return Secret(str(folder / "s.env"))


def test_lines_as_shells_and_tools_write_them(tmp_path: Path) -> None:
    file = tmp_path / "s.env"
    file.write_text("export A=1\nB = 'two words'\nC=\"\"\nD='\nE=a=b\n")
    assert FileSecrets().fetch(str(file), {}) == {"A": "1", "B": "two words", "C": "", "D": "'", "E": "a=b"}


def test_a_whole_file_is_a_value(tmp_path: Path) -> None:
    (tmp_path / "key").write_bytes(b"-----BEGIN\r\nx\n")
    assert FileSecrets().fetch(str(tmp_path / "key"), {"variable": "KEY"}) == {"KEY": "-----BEGIN\r\nx\n"}


def test_numbers_are_texts() -> None:
    assert InlineSecrets().fetch(None, {"env_vars": {"A": 1, "B": 1.5}}) == {"A": "1", "B": "1.5"}
    with pytest.raises(FlowkitError, match="'A' must be a text or a number, and is a bool"):
        InlineSecrets().fetch(None, {"env_vars": {"A": True}})


# --- @secrets ------------------------------------------------------------------------------------------------------

FLOW = """
import os
from flowkit import FlowSpec, secrets, step

class SecretFlow(FlowSpec):
    @secrets(SOURCES)
    @step
    def only(self):
        self.length = len(os.environ["TOKEN"])
        print("the token is", os.environ["TOKEN"])

if __name__ == "__main__":
    SecretFlow()
"""
INLINE = "{'type': 'inline', 'options': {'env_vars': {'TOKEN': 'abc-123-def'}}}"


@pytest.mark.parametrize("start", ["fork", "spawn"])
def test_a_step_has_its_secrets_and_its_output_has_not(project: Project, start: str) -> None:
    project.write("flow.py", FLOW.replace("SOURCES", f"sources=[{INLINE}]"))
    done = project.run("run", "--task-start", start, check=True)
    assert "the token is ***" in done.stdout
    stored = b"".join(file.read_bytes() for file in project.store.rglob("*") if file.is_file())
    assert b"the token is" in stored
    assert b"abc-123-def" not in stored


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ("sources='inline.x'", "sources must be a list"),
        ("sources=['inline']", "the secret 'inline' names no type: write 'TYPE.inline'"),
        ("sources=[{'id': 'x'}]", "sources must be a list"),
        ("sources=['no-vault.x']", "there is no secrets provider 'no-vault'"),
        (f"sources=[{INLINE}, {INLINE}]", "inline and inline both set TOKEN"),
        ("sources=['environment.GONE']", "GONE"),
        ("sources=[{'type': 'inline', 'options': {'env_vars': {'FLOWKIT_USER': 'x'}}}]", "'FLOWKIT_USER'"),
        ("sources=[{'type': 'inline', 'options': {'env_vars': {'A B': 'x'}}}]", "'A B'"),
        ("sources=[], allow_override=1", "allow_override must be True or False"),
        (
            "sources=[{'type': 'file', 'id': 's.json', 'options': {'alow': ['Z']}}]",
            "the secret file.s.json has the option 'alow', which file doesn't know: did you mean 'allow'? "
            "it knows allow, deny, format, prefix, variable",
        ),
        ("sources=[{'type': 'environment', 'id': 'X', 'options': {'format': 'x'}}]", "it knows allow, deny, prefix, v"),
        ("sources=[{'type': 'inline', 'options': {'vars': {'A': 'abc-123-def'}}}]", "did you mean 'env_vars'?"),
    ],
)
def test_a_wrong_source_says_so_and_shows_no_value(project: Project, arguments: str, words: str) -> None:
    project.write("flow.py", FLOW.replace("SOURCES", arguments))
    done = project.run("run")
    assert done.returncode == 1
    assert words in done.stderr
    assert "abc-123-def" not in done.stderr.replace(f"@secrets({arguments})", "")


def test_a_variable_that_is_set_is_overridden_only_if_asked(project: Project) -> None:
    project.write("flow.py", FLOW.replace("SOURCES", f"sources=[{INLINE}]"))
    refused = project.run("run", env={"TOKEN": "own"})
    assert refused.returncode == 1
    assert "sets TOKEN, which is set already" in refused.stderr
    project.write("flow.py", FLOW.replace("SOURCES", f"sources=[{INLINE}], allow_override=True"))
    assert "the token is ***" in project.run("run", env={"TOKEN": "own"}, check=True).stdout


# --- options of any source, and plugins ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "variables"),
    [
        ({"prefix": "DB_"}, ["DB_HOST", "DB_PASSWORD", "DB_USER"]),
        ({"allow": ["USER", "PASSWORD"]}, ["PASSWORD", "USER"]),
        ({"deny": ["HOST"], "prefix": "X_"}, ["X_PASSWORD", "X_USER"]),
        ({"allow": ["USER", "HOST"], "deny": ["HOST"]}, ["USER"]),
    ],
)
def test_which_variables_a_source_sets(project: Project, options: dict[str, object], variables: list[str]) -> None:
    (project.path / "s.json").write_text('{"USER": "scott", "PASSWORD": "tiger-0451", "HOST": "h"}')
    project.write(
        "flow.py",
        f"""
        import os
        from flowkit import FlowSpec, secrets, step

        class Chosen(FlowSpec):
            @secrets(sources=[{{"type": "file", "id": "s.json", "options": {options!r}}}], allow_override=True)
            @step
            def only(self):
                names = ("USER", "PASSWORD", "HOST")
                self.found = sorted(n for n in os.environ if n.endswith(names) and os.environ[n] in
                                    ("scott", "tiger-0451", "h"))
                print("found", *self.found)

        if __name__ == "__main__":
            Chosen()
        """,
    )
    env = {"USER": None}
    assert f"found {' '.join(variables)}\n" in project.run("run", check=True, env=env).stdout


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"allow": "USER"}, "the option 'allow' of the secret file.s.json must be a list of variables' names"),
        ({"allow": ["PASSWORD"]}, "the secret file.s.json has no 'PASSWORD', which its option 'allow' names; it has A"),
        ({"prefix": "9"}, "sets '9A', which can't be set by a secret"),
    ],
)
def test_lists_that_cannot_be(project: Project, options: dict[str, object], message: str) -> None:
    (project.path / "s.json").write_text('{"A": "never-shown-0451"}')
    source = {"type": "file", "id": "s.json", "options": options}
    project.write("flow.py", FLOW.replace("SOURCES", f"sources={[source]!r}"))
    done = project.run("run")
    assert done.returncode == 1
    assert message in done.stderr
    assert "never-shown-0451" not in done.stdout + done.stderr


PLUGIN = """
from flowkit.plugin import Provider, SecretsProvider, hookimpl

class Vault(SecretsProvider):
    name = "vault"

    def fetch(self, secret_id, options, role=None):
        return {"TOKEN": f"of-the-vault-{secret_id}"}

@hookimpl
def flowkit_secrets_providers():
    yield Provider("vault", lambda: Vault)
"""


@pytest.mark.parametrize("start", ["fork", "spawn"])
def test_a_plugin_that_is_left_out_is_left_out_in_tasks(project: Project, start: str) -> None:
    project.write("flowkit_plugins.py", PLUGIN)
    project.write("flow.py", FLOW.replace("SOURCES", "sources=['vault.main']"))
    assert "the token is ***" in project.run("run", "--task-start", start, check=True).stdout
    done = project.run("--no-plugin", "flowkit_plugins", "run", "--task-start", start)
    assert done.returncode == 1
    assert "'vault'" in done.stderr


REFUSING = """
from flowkit.plugin import FlowkitError, SecretsProvider

class Refusing(SecretsProvider):
    name = "refusing"

    def fetch(self, secret_id, options, role=None):
        try:
            raise KeyError("the SDK's own")
        except KeyError:
            raise FlowkitError(f"there is no secret {secret_id} with {sorted(options)}: name another") from None

def load():
    return Refusing

@hookimpl
def flowkit_secrets_providers():
    yield Provider("refusing", load)
"""


def test_what_a_plugin_refuses_is_one_line(project: Project, site: Site) -> None:
    """Without where the plugin and its SDK raised it; any option is the plugin's to know."""
    site.plugin("refusing", REFUSING)
    source = {"type": "refusing", "id": "x", "options": {"other": 1}}
    project.write("flow.py", FLOW.replace("SOURCES", f"sources=[{source!r}]"))
    done = project.run("run", env={"PYTHONPATH": str(site.folder)})
    assert done.returncode == 1
    assert "there is no secret x with ['other']: name another" in done.stderr
    assert "Traceback" not in done.stdout + done.stderr
    assert "File " not in done.stdout + done.stderr


@pytest.mark.parametrize(
    ("returns", "words"),
    [
        ("None", "returned a value of type NoneType, not a mapping"),
        ("{'PORT': 5432}", "returned for PORT a value of type int, not"),
        ("{5432: 'never-shown-0451'}", "returned a name of type int, not"),
    ],
)
def test_a_plugin_that_returns_anything_but_text_is_named_with_the_secret(
    project: Project, site: Site, returns: str, words: str
) -> None:
    body = f"    def fetch(self, secret_id, options, role=None):\n        return {returns}\n"
    site.plugin("odd", REFUSING.partition("    def fetch")[0] + body + "\ndef load" + REFUSING.partition("def load")[2])
    project.write("flow.py", FLOW.replace("SOURCES", "sources=['refusing.x']"))
    done = project.run("run", env={"PYTHONPATH": str(site.folder)})
    assert done.returncode == 1
    assert f"the secret refusing.x: the secrets provider 'refusing' of the plugin 'odd' (flowkit-odd 1.0) {words}" in (
        done.stderr
    )
    assert "never-shown-0451" not in done.stdout + done.stderr


def test_a_plugin_s_option_that_is_taken_for_all_sources_is_refused(project: Project, site: Site) -> None:
    site.plugin(
        "greedy", REFUSING.replace("    def fetch", "    known_options = frozenset({'a', 'prefix'})\n\n    def fetch")
    )
    project.write("flow.py", FLOW.replace("SOURCES", "sources=['refusing.x']"))
    done = project.run("check", env={"PYTHONPATH": str(site.folder)})
    assert done.returncode == 1
    assert "the plugin 'greedy' (flowkit-greedy 1.0) names the option 'prefix' as its own, which is the same for" in (
        done.stderr
    )


def test_the_contract_refuses_such_an_option() -> None:
    class Greedy(InlineSecrets):
        known_options = frozenset({"deny"})

    class Contract(SecretsProviderContract):
        provider_class = Greedy

        def raw_store(self, folder: Path, values: Mapping[str, str]) -> Secret:
            return Secret(None, {"env_vars": values})

        def missing(self, folder: Path) -> Secret:
            return Secret("none")

    with pytest.raises(AssertionError, match="known_options has deny"):
        Contract().test_its_options_are_its_own()
