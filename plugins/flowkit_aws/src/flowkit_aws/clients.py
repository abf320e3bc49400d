"""How clients of AWS are configured; each is built once a process, whatever capability asks for it."""

from __future__ import annotations

from flowkit.plugin import ClientProvider, CloudClients

__all__ = ["AWS"]


def _boto3() -> type[ClientProvider]:
    from flowkit_aws.boto3_clients import Boto3Clients

    return Boto3Clients


#: ``AWS.client("secretsmanager", "SECRETS")`` is the client that is configured for that.
AWS = CloudClients(
    "AWS",
    {
        "PROFILE": "profile of the SDK's configuration files",
        "ROLE": "ARN of a role to assume, from the credentials that are found otherwise",
        "REGION": "region of the service",
        "ENDPOINT_URL": "address of another service with the same interface",
        "STS_ENDPOINT_URL": "address of the service that gives out roles",
        "CA_BUNDLE": "file of certificates to trust",
        "SESSION_VARS": "JSON object of arguments for boto3's Session, such as aws_access_key_id",
        "CLIENT_PARAMS": "JSON object of arguments for the session's client(), its config as an object too",
        "SERVER_SIDE_ENCRYPTION": "how S3 encrypts what is written: AES256 or aws:kms; else as the bucket says",
    },
    "boto3",
    _boto3,
    objects=frozenset({"SESSION_VARS", "CLIENT_PARAMS"}),
    aliases={"STS_ENDPOINT_URL": "AWS_ENDPOINT_URL"},
)
