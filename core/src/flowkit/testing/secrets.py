"""The contract of secrets providers, as tests that a provider's author inherits.

::

    class TestVaultSecrets(SecretsProviderContract):
        provider_class = VaultSecrets

        def raw_store(self, folder, values): ...
        def missing(self, folder): ...

``raw_store`` puts a secret where the provider reads it, without the provider. That no error shows a value is tested
with tracebacks and what is printed, since both end up in logs.
"""

from __future__ import annotations

import os
import traceback
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, ClassVar

import attrs
import pytest

from flowkit.errors import FlowkitError
from flowkit.interfaces.secrets_provider import COMMON_OPTIONS, SecretsProvider

__all__ = ["Secret", "SecretsProviderContract"]

_PLAIN = {"DATABASE_USER": "scott", "DATABASE_PASSWORD": "tiger-tiger-0451"}
_ODD = {
    "ODD_QUOTES": 'it\'s "quoted" and `ticked`',
    "ODD_SIGNS": "a=b;c&d #e %f $HOME ${HOME} \\n",
    "ODD_LETTERS": "pässwörd 日本語 😀",
    "ODD_LINES": "-----BEGIN KEY-----\nabc=\n-----END KEY-----\n",
    "ODD_BLANKS": "  in blanks  ",
}
_VALUE = "never-to-be-shown-8347"


@attrs.frozen
class Secret:
    """What a user's ``@secrets(sources=[…])`` says of one secret."""

    secret_id: str | None
    options: Mapping[str, Any] = attrs.field(factory=dict)
    role: str | None = None


class SecretsProviderContract(ABC):
    """Inherit, set ``provider_class``, and store secrets without it."""

    provider_class: ClassVar[type[SecretsProvider]]
    #: False where a value can't have several lines, or blanks at its ends.
    takes_any_text: ClassVar[bool] = True

    # --- what an author gives --------------------------------------------------------------------------------------

    @abstractmethod
    def raw_store(self, folder: Path, values: Mapping[str, str]) -> Secret:
        """Make a secret with these variables, without the provider; ``folder`` is empty and may be used or not."""

    @abstractmethod
    def missing(self, folder: Path) -> Secret:
        """A secret that isn't there, in a place that can be read."""

    def unreadable(self, folder: Path, value: str) -> Iterable[Secret]:
        """Secrets that are there, with ``value`` in them, and can't be read: of the wrong form, for one."""
        return ()

    # --- tests -----------------------------------------------------------------------------------------------------

    def test_what_is_stored_is_fetched(self, tmp_path: Path) -> None:
        """Names and values, and nothing else, each time."""
        secret = self.raw_store(tmp_path, _PLAIN)
        for _ in range(2):
            assert dict(self._fetch(secret)) == _PLAIN

    def test_values_of_any_text(self, tmp_path: Path) -> None:
        """Quotes, signs that shells know, letters of all scripts; lines and blanks where the source can hold them."""
        odd = {
            name: value
            for name, value in _ODD.items()
            if self.takes_any_text or value == " ".join(value.splitlines()).strip()
        }
        assert dict(self._fetch(self.raw_store(tmp_path, odd))) == odd

    def test_all_is_text(self, tmp_path: Path) -> None:
        """Environment variables are."""
        for name, value in self._fetch(self.raw_store(tmp_path, {"NUMBER": "8080", "FLAG": "true"})).items():
            assert type(name) is str
            assert type(value) is str

    def test_its_options_are_its_own(self) -> None:
        """Those that are the same for all sources are taken by ``@secrets``, and never reach it."""
        taken = COMMON_OPTIONS & (self.provider_class.known_options or frozenset())
        assert not taken, f"known_options has {', '.join(sorted(taken))}, which is the same for all sources"

    def test_the_environment_is_left_alone(self, tmp_path: Path) -> None:
        """Setting variables is the decorator's, which knows what may be overridden."""
        # A name of its own: another test's fetch may have set the others.
        secret = self.raw_store(tmp_path, {"LEFT_ALONE": "not-yet-set"})
        before = dict(os.environ)
        self._fetch(secret)
        assert dict(os.environ) == before

    def test_a_missing_secret_is_an_error_that_names_it(self, tmp_path: Path) -> None:
        """In one line."""
        secret = self.missing(tmp_path)
        with pytest.raises(FlowkitError) as caught:
            self._fetch(secret)
        assert "\n" not in caught.value.message
        if secret.secret_id is not None:
            assert secret.secret_id in caught.value.message

    def test_no_error_shows_a_value(self, tmp_path: Path) -> None:
        """Neither its message nor its traceback, whatever the source looks like."""
        for secret in self.unreadable(tmp_path, _VALUE):
            with pytest.raises(FlowkitError) as caught:
                self._fetch(secret)
            assert "\n" not in caught.value.message
            assert _VALUE not in "".join(traceback.format_exception(caught.value))

    def test_nothing_is_printed(self, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
        """What a task prints is stored."""
        self._fetch(self.raw_store(tmp_path, {"PASSWORD": _VALUE}))
        out, err = capfd.readouterr()
        assert _VALUE not in out + err

    def _fetch(self, secret: Secret) -> Mapping[str, str]:
        return self.provider_class().fetch(secret.secret_id, secret.options, secret.role)
