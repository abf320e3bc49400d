"""The client provider ``boto3``: sessions and clients from options."""

from __future__ import annotations

import encodings.idna  # noqa: F401 - else each task imports it when it connects
from collections.abc import Mapping
from functools import partial
from typing import Any, ClassVar

import boto3
import botocore.session
from botocore.config import Config
from botocore.credentials import Credentials
from botocore.exceptions import BotoCoreError
from botocore.utils import determine_content_length

from flowkit.plugin import ClientProvider, ConfigurationError, Patience, patience_for
from flowkit_aws.credentials import LazyCredentials, LazyResolver, assume_role

__all__ = ["Boto3Clients"]

#: Bytes.
_SENT_AT_ONCE = 256 * 1024

#: Standard mode: again after throttling, 5xx and dropped connections, with exponential pauses and jitter.
_CONFIG = Config(
    retries={"mode": "standard", "total_max_attempts": 6},
    connect_timeout=10,
    read_timeout=60,
    max_pool_connections=64,
    tcp_keepalive=True,
    # What is stored is checked against its hash when it is read, and signed on its way; services that only resemble
    # S3 don't all know the newer check sums.
    request_checksum_calculation="when_required",
    response_checksum_validation="when_required",
)


class Boto3Clients(ClientProvider):
    """Builds clients with boto3. Credentials are looked for when the first request is made, not before."""

    name: ClassVar[str] = "boto3"

    def client(self, service: str, options: Mapping[str, Any]) -> Any:
        """A client of ``service``.

        Parameters
        ----------
        options
            Those of :mod:`flowkit_aws.clients`, in lower case; others are passed over.

        Raises
        ------
        ConfigurationError
            If they name a profile that isn't there, the role isn't an ARN, or boto3 refuses them.
        """
        role = options.get("role")
        if role and not str(role).startswith("arn:"):
            raise ConfigurationError(
                f"the role {role!r} isn't an ARN, such as arn:aws:iam::123456789012:role/NAME: correct "
                "FLOWKIT_AWS_ROLE, or what is given as role"
            )
        try:
            return self._build(service, options)
        except (BotoCoreError, TypeError, ValueError) as error:
            raise ConfigurationError(
                f"no client for {service} can be made: {error}; see the settings FLOWKIT_AWS_PROFILE, _REGION, "
                f"_ENDPOINT_URL, _SESSION_VARS, _CLIENT_PARAMS and those of one capability"
            ) from error

    def _build(self, service: str, options: Mapping[str, Any]) -> Any:
        variables = dict(options.get("session_vars", {}))
        parameters = dict(options.get("client_params", {}))
        config = _CONFIG.merge(Config(**parameters.pop("config", {})))
        core = botocore.session.Session(profile=options.get("profile") or variables.pop("profile_name", None))
        region = options.get("region") or variables.pop("region_name", None)
        verify = options.get("ca_bundle")
        found = LazyCredentials(core.get_component("credential_provider").load_credentials)
        if "aws_access_key_id" in variables:
            keys = [variables.pop(f"aws_{name}", None) for name in ("access_key_id", "secret_access_key")]
            given = Credentials(*keys, variables.pop("aws_session_token", None))
            found = LazyCredentials(lambda: given)
        if role := options.get("role"):
            found = LazyCredentials(assume_role(found, role, region, options.get("sts_endpoint_url"), verify))
        core.register_component("credential_provider", LazyResolver(found))
        session = boto3.session.Session(botocore_session=core, **variables)
        chosen = {"endpoint_url": options.get("endpoint_url"), "verify": verify, "region_name": region}
        client = session.client(service, config=config, **{**chosen, **parameters})
        client.meta.events.register_last("before-call.s3", _send_at_once)
        client.meta.events.register_first("needs-retry", partial(_end_early, patience_for(client.meta.endpoint_url)))
        return client


def _send_at_once(params: dict[str, Any], **_: Any) -> None:
    """The SDK waits before each body for the service to say that it may come: for a small one, a round trip more."""
    if "Expect" in params["headers"] and (determine_content_length(params["body"]) or 0) <= _SENT_AT_ONCE:
        del params["headers"]["Expect"]


def _end_early(patience: Patience, response: Any, caught_exception: Exception | None, **_: Any) -> None:
    """Ends the SDK's attempts early if the service has never answered, and refuses connections."""
    if response is not None:
        patience.answered()
    elif caught_exception is not None and patience.is_at_end(caught_exception):
        raise caught_exception
