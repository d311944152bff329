"""Processes: the same seed gives the same estate, and a restart is not a change."""

import subprocess
import sys

from conftest import ROOT, every, rest, running, until

SUNDAY_NIGHT = ("--desktops", "200", "--now", "2026-11-22T03:00:00Z")


def picture(sandbox) -> list:
    client = sandbox.client("workspaces")
    tags = every(
        sandbox.client("resourcegroupstaggingapi"), "get_resources", "ResourceTagMappingList"
    )
    return [
        every(client, "describe_workspaces", "Workspaces"),
        every(client, "describe_workspace_bundles", "Bundles"),
        every(client, "describe_workspace_directories", "Directories"),
        tags,
    ]


def test_two_processes_tell_the_same(tmp_path):
    with (
        running(tmp_path / "a", *SUNDAY_NIGHT) as one,
        running(tmp_path / "b", *SUNDAY_NIGHT) as two,
        running(tmp_path / "c", *SUNDAY_NIGHT, "--seed", "7") as other,
    ):
        assert picture(one) == picture(two)
        assert picture(one) != picture(other)


def test_a_restart_is_not_a_change(tmp_path):
    with running(tmp_path, *SUNDAY_NIGHT) as sandbox:
        client = sandbox.client("workspaces")
        rows = every(client, "describe_workspaces", "Workspaces")
        stopped = [
            r["WorkspaceId"]
            for r in rows
            if r["State"] == "STOPPED" and r["WorkspaceProperties"]["RunningMode"] == "AUTO_STOP"
        ]
        start, modify, tag, gone = stopped[:4]
        client.start_workspaces(StartWorkspaceRequests=[{"WorkspaceId": start}])
        client.modify_workspace_properties(
            WorkspaceId=modify, WorkspaceProperties={"RunningMode": "ALWAYS_ON"}
        )
        client.create_tags(ResourceId=tag, Tags=[{"Key": "Kept", "Value": "✓"}])
        client.terminate_workspaces(TerminateWorkspaceRequests=[{"WorkspaceId": gone}])
        directory = client.describe_workspace_directories()["Directories"][0]["DirectoryId"]
        bundle = client.describe_workspace_bundles(Owner="AMAZON")["Bundles"][0]["BundleId"]
        client.create_workspaces(
            Workspaces=[{"DirectoryId": directory, "BundleId": bundle, "UserName": "kept.one"}]
        )

        def settled() -> bool:
            states = {r["WorkspaceId"]: r["State"] for r in picture(sandbox)[0]}
            return states.get(start) == "AVAILABLE" and gone not in states

        until(settled)
        held = sandbox.client("workspaces")
        token = held.describe_workspaces()["NextToken"]
        credentials = held._request_signer._credentials
        before = picture(sandbox)
    with running(tmp_path, *SUNDAY_NIGHT) as sandbox:
        until(settled)
        assert picture(sandbox) == before
        again = sandbox.base(
            "workspaces",
            key=credentials.access_key,
            aws_session_token=credentials.token,
        )
        assert len(rest(again, token)) == len(before[0]) - 25


def test_a_torn_last_line_is_dropped_and_a_broken_one_refused(tmp_path):
    with running(tmp_path, *SUNDAY_NIGHT) as sandbox:
        client = sandbox.client("workspaces")
        id_ = client.describe_workspaces(Limit=1)["Workspaces"][0]["WorkspaceId"]
        client.create_tags(ResourceId=id_, Tags=[{"Key": "Whole", "Value": "1"}])
    (journal,) = tmp_path.glob("*.jsonl")
    whole = journal.read_bytes()
    journal.write_bytes(whole + b'{"do":"tag","at":1')
    with running(tmp_path, *SUNDAY_NIGHT) as sandbox:
        tags = sandbox.client("workspaces").describe_tags(ResourceId=id_)["TagList"]
        assert {"Key": "Whole", "Value": "1"} in tags
    assert journal.read_bytes() == whole
    journal.write_bytes(b"nonsense\n" + whole)
    assert "line 1" in failure(tmp_path)


def test_a_journal_has_one_writer(tmp_path):
    with running(tmp_path, *SUNDAY_NIGHT):
        assert "in use by another sandbox" in failure(tmp_path)


def failure(state) -> str:
    """What a sandbox that must not start says."""
    command = [sys.executable, "-m", "sandbox", "--port", "0", "--state", str(state)]
    ended = subprocess.run(
        [*command, *SUNDAY_NIGHT], cwd=ROOT, capture_output=True, text=True, timeout=30
    )
    assert ended.returncode == 1
    return ended.stderr
