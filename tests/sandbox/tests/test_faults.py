"""Faults on demand, counts of calls, reset."""

import time

import pytest
from botocore.exceptions import PaginationError
from conftest import DEVELOPMENT, PRODUCTION, every, refusal, until


def put(sandbox, **fault):
    return sandbox.control("POST", "faults", fault)["items"][0]


def test_throttling_by_rate(sandbox):
    put(sandbox, kind="throttle", service="workspaces", operation="DescribeWorkspaces", rate=0.3)
    client = sandbox.client("workspaces")
    throttled = 0
    for _ in range(200):
        try:
            client.describe_workspaces(Limit=1)
        except client.exceptions.ClientError as error:
            assert error.response["Error"]["Code"] == "ThrottlingException"
            assert error.response["ResponseMetadata"]["HTTPStatusCode"] == 400
            throttled += 1
    assert 25 < throttled < 100
    client.describe_workspace_directories()
    counted = {
        (c["operation"], c["outcome"]): c["calls"] for c in sandbox.control("GET", "calls")["calls"]
    }
    assert counted["DescribeWorkspaces", "ThrottlingException"] == throttled
    assert counted["DescribeWorkspaces", "ok"] == 200 - throttled


def test_access_denied_names_the_action_where_it_was_put(sandbox):
    put(sandbox, kind="deny", service="workspaces", account=PRODUCTION, region="us-east-1")
    code, message = refusal(
        sandbox.client("workspaces", PRODUCTION, "us-east-1").describe_workspace_directories
    )
    assert code == "AccessDeniedException"
    assert "workspaces:DescribeWorkspaceDirectories" in message
    assert sandbox.client("workspaces", PRODUCTION, "eu-west-1").describe_workspaces()
    assert sandbox.client("workspaces", DEVELOPMENT, "us-east-1").describe_workspaces()


def test_sts_refuses_in_its_own_protocol(sandbox):
    put(sandbox, kind="deny", service="sts", operation="GetCallerIdentity")
    code, message = refusal(sandbox.base("sts").get_caller_identity)
    assert code == "AccessDenied" and "sts:GetCallerIdentity" in message
    put(sandbox, kind="throttle", service="sts", operation="AssumeRole", times=1)
    with pytest.raises(Exception, match="Throttling"):
        sandbox.assume(PRODUCTION)
    assert sandbox.assume(PRODUCTION)


@pytest.mark.parametrize("status", [500, 503])
def test_server_errors(sandbox, status):
    client = sandbox.client("workspaces")
    put(sandbox, kind="error", service="workspaces", status=status, times=1)
    with pytest.raises(client.exceptions.ClientError) as caught:
        client.describe_workspaces()
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == status
    assert client.describe_workspaces()["Workspaces"]


def test_slow_answers(sandbox):
    client = sandbox.client("workspaces")
    put(sandbox, kind="slow", operation="DescribeWorkspaces", ms=300, times=1)
    begun = time.monotonic()
    client.describe_workspaces()
    assert time.monotonic() - begun >= 0.3


def test_a_token_given_twice(sandbox):
    client = sandbox.client("workspaces")
    put(sandbox, kind="repeat_token", operation="DescribeWorkspaces")
    with pytest.raises(PaginationError, match="same next token"):
        every(client, "describe_workspaces", "Workspaces")


def test_a_row_on_two_pages(sandbox):
    client = sandbox.client("workspaces")
    plain = every(client, "describe_workspaces", "Workspaces")
    put(sandbox, kind="duplicate_row", operation="DescribeWorkspaces", times=3)
    rows = every(client, "describe_workspaces", "Workspaces")
    ids = [row["WorkspaceId"] for row in rows]
    assert list(dict.fromkeys(ids)) == [row["WorkspaceId"] for row in plain]
    # The first page has no page before it, so one of the three strikes shows nothing.
    assert len(ids) == len(plain) + 2


def test_dropped_desktops_are_nowhere_until_the_time_is_over(sandbox):
    client, tagging = sandbox.client("workspaces"), sandbox.client("resourcegroupstaggingapi")
    total = len(every(client, "describe_workspaces", "Workspaces"))
    fault = put(sandbox, kind="drop", account=PRODUCTION, region="eu-west-1", count=40, seconds=1.5)
    hidden = set(fault["ids"])
    assert len(hidden) == 40
    seen = {row["WorkspaceId"] for row in every(client, "describe_workspaces", "Workspaces")}
    assert len(seen) == total - 40 and not seen & hidden
    arns = every(tagging, "get_resources", "ResourceTagMappingList")
    assert not hidden & {row["ResourceARN"].rsplit("/", 1)[1] for row in arns}
    some = fault["ids"][:25]
    assert not client.describe_workspaces_connection_status(WorkspaceIds=some)[
        "WorkspacesConnectionStatus"
    ]
    until(lambda: len(every(client, "describe_workspaces", "Workspaces")) == total)


def test_faults_can_be_listed_and_taken_down(sandbox):
    first = put(sandbox, kind="throttle", service="workspaces")
    second = put(sandbox, kind="slow", ms=1)
    shown = sandbox.control("GET", "faults")["items"]
    assert [one["id"] for one in shown] == [first["id"], second["id"]]
    sandbox.control("DELETE", f"faults/{first['id']}")
    assert len(sandbox.control("GET", "faults")["items"]) == 1
    assert sandbox.control("DELETE", "faults") == {"cleared": 1}
    assert sandbox.control_error("DELETE", "faults/999")[0] == 404


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ({"kind": "explode"}, "'kind'"),
        ({"kind": "throttle", "rate": 2}, "'rate'"),
        ({"kind": "slow"}, "'ms'"),
        ({"kind": "error", "status": 200}, "'status'"),
        ({"kind": "deny", "servce": "sts"}, "servce"),
        ("nonsense", "object"),
    ],
)
def test_a_fault_that_cannot_be(sandbox, fault, words):
    status, message = sandbox.control_error("POST", "faults", fault)
    assert status == 400 and words in message


def test_control_endpoint_says_what_it_has(sandbox):
    assert sandbox.control("GET", "health") == {"status": "ok", "seed": 42, "desktops": 600}
    assert [a["assumable"] for a in sandbox.control("GET", "accounts")["items"]] == [1, 1, 0]
    assert sandbox.control_error("GET", "nothing")[0] == 404
    assert sandbox.control_error("DELETE", "estate")[0] == 405


def test_reset_undoes_everything(sandbox):
    client = sandbox.client("workspaces")
    before = client.describe_workspaces()["Workspaces"]
    id_ = before[0]["WorkspaceId"]
    client.create_tags(ResourceId=id_, Tags=[{"Key": "Mine", "Value": "1"}])
    client.terminate_workspaces(
        TerminateWorkspaceRequests=[{"WorkspaceId": before[1]["WorkspaceId"]}]
    )
    put(sandbox, kind="throttle")
    sandbox.control("POST", "reset")
    assert sandbox.control("GET", "faults") == {"items": []}
    assert sandbox.control("GET", "calls")["total"] == 0
    after = client.describe_workspaces()["Workspaces"]
    assert [r["WorkspaceId"] for r in after] == [r["WorkspaceId"] for r in before]
    assert "Mine" not in {t["Key"] for t in client.describe_tags(ResourceId=id_)["TagList"]}
