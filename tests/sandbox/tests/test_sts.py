"""Who may become whom."""

import pytest
from conftest import DEVELOPMENT, PRODUCTION, refusal

from sandbox import keys
from sandbox.wire import AwsError

ROLE = "arn:aws:iam::{}:role/SkydeskReader"


def ask(sandbox, account: str, external_id: str | None, **more) -> tuple[str, str]:
    params = {"RoleArn": ROLE.format(account), "RoleSessionName": "test", **more}
    if external_id is not None:
        params["ExternalId"] = external_id
    return refusal(sandbox.base("sts").assume_role, **params)


def test_any_key_is_the_tooling_account(sandbox):
    identity = sandbox.base("sts", key="whatever").get_caller_identity()
    assert identity["Account"] == "000000000000"


def test_a_session_is_the_account_of_its_role(sandbox):
    for account in (PRODUCTION, DEVELOPMENT):
        identity = sandbox.client("sts", account).get_caller_identity()
        assert identity["Account"] == account
        assert identity["Arn"] == f"arn:aws:sts::{account}:assumed-role/SkydeskReader/test"


@pytest.mark.parametrize(
    ("account", "external_id"),
    [
        ("333333333333", "skydesk-acquisition"),
        (PRODUCTION, "skydesk-development"),
        (PRODUCTION, None),
        ("444444444444", "skydesk-production"),
    ],
)
def test_what_the_trust_policy_refuses(sandbox, account, external_id):
    code, message = ask(sandbox, account, external_id)
    assert code == "AccessDenied"
    assert f"sts:AssumeRole on resource: {ROLE.format(account)}" in message


def test_no_chaining(sandbox):
    code, _ = refusal(
        sandbox.client("sts", PRODUCTION).assume_role,
        RoleArn=ROLE.format(DEVELOPMENT),
        RoleSessionName="chained",
        ExternalId="skydesk-development",
    )
    assert code == "AccessDenied"


@pytest.mark.parametrize(
    "more",
    [
        {"DurationSeconds": 899},
        {"DurationSeconds": 3601},
        {"RoleSessionName": "has space"},
        {"RoleArn": "arn:aws:iam::1:role/x/not-an-account"},
    ],
)
def test_malformed_requests(sandbox, more):
    assert ask(sandbox, PRODUCTION, "skydesk-production", **more)[0] == "ValidationError"


def test_forged_and_expired_keys(sandbox):
    held = sandbox.assume(PRODUCTION)

    def status(key: str, token: str | None) -> str:
        client = sandbox.base("workspaces", key=key, aws_session_token=token)
        return refusal(client.describe_workspaces)[0]

    key, token = held["AccessKeyId"], held["SessionToken"]
    assert status(key, None) == "UnrecognizedClientException"
    assert status(key[:-1] + ("A" if key[-1] != "A" else "B"), token).startswith("Unrecog")
    old = keys.issue(PRODUCTION, "test", -120)
    assert status(old.access_key, old.session_token) == "ExpiredTokenException"
    client = sandbox.base("sts", key=old.access_key, aws_session_token=old.session_token)
    assert refusal(client.get_caller_identity)[0] == "ExpiredToken"


def test_a_key_reads_back_what_it_was_issued_for():
    made = keys.issue(DEVELOPMENT, "sess=ion@x", 900)
    caller = keys.caller_of(made.access_key, made.session_token)
    assert caller.account == DEVELOPMENT
    assert caller.arn.endswith("/sess=ion@x")
    other = keys.issue(PRODUCTION, "sess=ion@x", 900)
    with pytest.raises(AwsError):
        keys.caller_of(made.access_key, other.session_token)
