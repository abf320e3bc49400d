"""Who gets in."""

from __future__ import annotations

import pytest

from flowkit_service.server.access import Access


def headers(**given: str) -> dict[bytes, bytes]:
    return {name.replace("_", "-").encode(): value.encode() for name, value in given.items()}


@pytest.mark.parametrize(
    ("given", "is_let_in"),
    [
        ({"x_api_key": "secret"}, True),
        ({"authorization": "Bearer secret"}, True),
        ({"authorization": "bearer  secret "}, True),
        ({"authorization": "Basic secret"}, False),
        ({"x_api_key": "secret2"}, False),
        ({"x_api_key": ""}, False),
        ({}, False),
        ({"host": "localhost:8080"}, False),
    ],
)
def test_with_a_token(given: dict[str, str], is_let_in: bool) -> None:
    refusal = Access("secret").refusal(headers(**given))
    assert (refusal is None) is is_let_in
    if refusal is not None:
        assert refusal[0] == 401
        assert "secret" not in refusal[1]
        assert "FLOWKIT_SERVICE_AUTH_KEY" in refusal[1]


@pytest.mark.parametrize(
    ("host", "is_let_in"),
    [
        ("127.0.0.1:8080", True),
        ("localhost:8080", True),
        ("localhost", True),
        ("[::1]:8080", True),
        ("[::1]", True),
        ("evil.example:8080", False),
        ("127.0.0.1.evil.example", False),
        ("", False),
    ],
)
def test_without_a_token_on_this_machine(host: str, is_let_in: bool) -> None:
    """A page in a browser, whose name was made to lead here, isn't answered."""
    refusal = Access(None, loopback_only=True).refusal(headers(host=host))
    assert (refusal is None) is is_let_in
    assert Access(None, loopback_only=False).refusal(headers(host=host)) is None
