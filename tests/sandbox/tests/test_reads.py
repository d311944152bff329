"""Paging, filters and shapes of the Describe operations."""

import json
import urllib.request

import pytest
from conftest import DEVELOPMENT, PRODUCTION, SITES, every, refusal
from shapes import conforms

from sandbox.modelled import service


def test_paging_reads_every_desktop_exactly_once(sandbox):
    seen = []
    for account, region in SITES:
        client = sandbox.client("workspaces", account, region)
        pages = list(client.get_paginator("describe_workspaces").paginate())
        assert all(len(page["Workspaces"]) == 25 for page in pages[:-1])
        seen += [row["WorkspaceId"] for page in pages for row in page["Workspaces"]]
    total = sandbox.control("GET", "estate")["total"]
    assert len(seen) == len(set(seen)) == total["desktops"] == 600


def test_a_page_is_as_long_as_asked(sandbox):
    client = sandbox.client("workspaces")
    rows = every(client, "describe_workspaces", "Workspaces", PaginationConfig={"PageSize": 7})
    assert len({row["WorkspaceId"] for row in rows}) == len(rows) == 600 - 186 - 102 - 48
    assert len(client.describe_workspaces(Limit=1)["Workspaces"]) == 1


def test_summary_and_rows_agree(sandbox):
    for account, region in SITES:
        rows = every(
            sandbox.client("workspaces", account, region), "describe_workspaces", "Workspaces"
        )
        sites = sandbox.control("GET", "estate")["sites"]
        (site,) = [s for s in sites if (s["account"], s["region"]) == (account, region)]
        assert len(rows) == site["desktops"]
        always = [r for r in rows if r["WorkspaceProperties"]["RunningMode"] == "ALWAYS_ON"]
        assert len(always) == site["by_mode"]["ALWAYS_ON"]


def test_filters(sandbox):
    client = sandbox.client("workspaces")
    rows = every(client, "describe_workspaces", "Workspaces")
    one = rows[3]
    same = every(client, "describe_workspaces", "Workspaces", DirectoryId=one["DirectoryId"])
    assert [r["WorkspaceId"] for r in same] == [
        r["WorkspaceId"] for r in rows if r["DirectoryId"] == one["DirectoryId"]
    ]
    (found,) = client.describe_workspaces(
        DirectoryId=one["DirectoryId"], UserName=one["UserName"].upper()
    )["Workspaces"]
    assert found["WorkspaceId"] == one["WorkspaceId"]
    made = every(client, "describe_workspaces", "Workspaces", BundleId=one["BundleId"])
    assert len(made) == sum(r["BundleId"] == one["BundleId"] for r in rows)
    ids = [r["WorkspaceId"] for r in rows[10:35]]
    by_id = client.describe_workspaces(WorkspaceIds=[*ids[:24], "ws-000000000"])["Workspaces"]
    assert {r["WorkspaceId"] for r in by_id} == set(ids[:24])


@pytest.mark.parametrize(
    ("params", "code", "words"),
    [
        ({"Limit": 26}, "ValidationException", "less than or equal to 25"),
        ({"NextToken": "nonsense"}, "InvalidParameterValuesException", "token"),
        ({"WorkspaceIds": [f"ws-{n:09d}" for n in range(26)]}, "ValidationException", "25"),
        ({"WorkspaceIds": ["i-1234"]}, "ValidationException", "pattern"),
        (
            {"BundleId": "wsb-123456789", "DirectoryId": "d-1234567890"},
            "InvalidParameterValuesException",
            "mutually exclusive",
        ),
        ({"UserName": "a.b"}, "InvalidParameterValuesException", "DirectoryId"),
    ],
)
def test_bad_requests_are_refused_as_modelled(sandbox, params, code, words):
    client = sandbox.client("workspaces")
    got, message = refusal(client.describe_workspaces, **params)
    assert got == code
    assert words in message


def test_a_token_is_for_its_own_question_only(sandbox):
    client = sandbox.client("workspaces")
    token = client.describe_workspaces()["NextToken"]
    assert client.describe_workspaces(NextToken=token, Limit=3)["Workspaces"]
    elsewhere = sandbox.client("workspaces", DEVELOPMENT)
    assert refusal(elsewhere.describe_workspaces, NextToken=token)[0].startswith("InvalidParam")
    directory = client.describe_workspace_directories()["Directories"][0]["DirectoryId"]
    code, _ = refusal(client.describe_workspaces, NextToken=token, DirectoryId=directory)
    assert code == "InvalidParameterValuesException"


def test_connection_status(sandbox):
    client = sandbox.client("workspaces")
    ids = [r["WorkspaceId"] for r in every(client, "describe_workspaces", "Workspaces")]
    rows = []
    for start in range(0, len(ids), 25):
        answer = client.describe_workspaces_connection_status(WorkspaceIds=ids[start : start + 25])
        rows += answer["WorkspacesConnectionStatus"]
    assert len(rows) < len(ids), "some desktops have no row"
    states = {row["ConnectionState"] for row in rows}
    assert states == {"CONNECTED", "DISCONNECTED", "UNKNOWN"}
    assert any("LastKnownUserConnectionTimestamp" not in row for row in rows)
    operation = "describe_workspaces_connection_status"
    paged = every(client, operation, "WorkspacesConnectionStatus")
    assert [r["WorkspaceId"] for r in paged] == [r["WorkspaceId"] for r in rows]
    code, _ = refusal(client.describe_workspaces_connection_status, WorkspaceIds=[*ids[:26]])
    assert code == "ValidationException"


def test_bundles_and_directories(sandbox):
    client = sandbox.client("workspaces")
    public = every(client, "describe_workspace_bundles", "Bundles", Owner="AMAZON")
    own = every(client, "describe_workspace_bundles", "Bundles")
    assert len(public) > 25 and {b["Owner"] for b in public} == {"AMAZON"}
    assert own and {b["Owner"] for b in own} == {PRODUCTION}
    known = {b["BundleId"] for b in [*public, *own]}
    used = {r["BundleId"] for r in every(client, "describe_workspaces", "Workspaces")}
    assert len(used & known) > 10
    ids = [b["BundleId"] for b in public[:25]]
    assert len(client.describe_workspace_bundles(BundleIds=ids)["Bundles"]) == 25
    directories = every(client, "describe_workspace_directories", "Directories")
    assert len(directories) == 3
    (one,) = client.describe_workspace_directories(Limit=1)["Directories"]
    assert one == directories[0]


def test_an_account_without_desktops_has_none(sandbox):
    client = sandbox.base("workspaces")
    assert client.describe_workspaces()["Workspaces"] == []
    far = sandbox.client("workspaces", PRODUCTION, "ap-southeast-2")
    assert far.describe_workspaces()["Workspaces"] == []
    assert every(far, "describe_workspace_bundles", "Bundles", Owner="AMAZON")


HOT = [
    ("workspaces", "WorkspacesService", "DescribeWorkspaces", {}),
    ("workspaces", "WorkspacesService", "DescribeWorkspacesConnectionStatus", {}),
    ("workspaces", "WorkspacesService", "DescribeWorkspaceBundles", {"Owner": "AMAZON"}),
    ("workspaces", "WorkspacesService", "DescribeWorkspaceBundles", {}),
    ("workspaces", "WorkspacesService", "DescribeWorkspaceDirectories", {}),
    ("resourcegroupstaggingapi", "ResourceGroupsTaggingAPI_20170126", "GetResources", {}),
]


@pytest.mark.parametrize(("model", "target", "operation", "params"), HOT)
def test_raw_answers_have_the_modelled_shape(sandbox, model, target, operation, params):
    held = sandbox.assume(PRODUCTION)
    shape = service(model).operation_model(operation).output_shape
    scope = "tagging" if "Tagging" in target else "workspaces"
    token_out = "PaginationToken" if scope == "tagging" else "NextToken"
    token, pages = None, 0
    while token or not pages:
        body = {**params, token_out: token} if token else params
        request = urllib.request.Request(
            sandbox.url,
            json.dumps(body).encode(),
            {
                "Content-Type": "application/x-amz-json-1.1",
                "X-Amz-Target": f"{target}.{operation}",
                "X-Amz-Security-Token": held["SessionToken"],
                "Authorization": "AWS4-HMAC-SHA256 Credential="
                f"{held['AccessKeyId']}/20261118/eu-west-1/{scope}/aws4_request, "
                "SignedHeaders=host, Signature=00",
            },
        )
        with urllib.request.urlopen(request, timeout=10) as answer:
            got = json.load(answer)
        conforms(shape, got)
        token, pages = got.get(token_out), pages + 1
    assert pages >= 1
