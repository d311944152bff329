"""Acting on desktops: legal states, failed requests, effects that take time."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from conftest import every, refusal, rest, until


@pytest.fixture
def client(sandbox):
    return sandbox.client("workspaces")


def state_of(client, id_: str) -> str | None:
    rows = client.describe_workspaces(WorkspaceIds=[id_])["Workspaces"]
    return rows[0]["State"] if rows else None


def pick(client, state: str, mode: str) -> str:
    for row in every(client, "describe_workspaces", "Workspaces"):
        if row["State"] == state and row["WorkspaceProperties"]["RunningMode"] == mode:
            return row["WorkspaceId"]
    raise AssertionError(f"no {state} {mode} desktop")


def test_start_takes_time_and_leads_to_available(client):
    id_ = pick(client, "STOPPED", "AUTO_STOP")
    assert client.start_workspaces(StartWorkspaceRequests=[{"WorkspaceId": id_}]) | {
        "ResponseMetadata": None
    } == {"FailedRequests": [], "ResponseMetadata": None}
    assert state_of(client, id_) == "STARTING"
    until(lambda: state_of(client, id_) == "AVAILABLE")


def test_stop_ends_the_connection(client):
    ids = [r["WorkspaceId"] for r in every(client, "describe_workspaces", "Workspaces")]
    status = every(client, "describe_workspaces_connection_status", "WorkspacesConnectionStatus")
    connected = {r["WorkspaceId"] for r in status if r["ConnectionState"] == "CONNECTED"}
    rows = client.describe_workspaces(WorkspaceIds=[i for i in ids if i in connected][:25])
    id_ = next(
        r["WorkspaceId"]
        for r in rows["Workspaces"]
        if r["WorkspaceProperties"]["RunningMode"] == "AUTO_STOP"
    )
    client.stop_workspaces(StopWorkspaceRequests=[{"WorkspaceId": id_}])
    assert state_of(client, id_) == "STOPPING"
    until(lambda: state_of(client, id_) == "STOPPED")
    (row,) = client.describe_workspaces_connection_status(WorkspaceIds=[id_])[
        "WorkspacesConnectionStatus"
    ]
    assert row["ConnectionState"] == "UNKNOWN"
    assert "LastKnownUserConnectionTimestamp" in row


def test_illegal_states_come_back_as_failed_requests(client):
    stopped = pick(client, "STOPPED", "AUTO_STOP")
    always = pick(client, "AVAILABLE", "ALWAYS_ON")
    missing = "ws-000000000"
    asked = [{"WorkspaceId": id_} for id_ in (stopped, always, missing)]
    failed = client.stop_workspaces(StopWorkspaceRequests=asked)["FailedRequests"]
    assert [(f["WorkspaceId"], f["ErrorCode"]) for f in failed] == [
        (stopped, "InvalidResourceStateException"),
        (always, "OperationNotSupportedException"),
        (missing, "ResourceNotFound.Workspace"),
    ]
    failed = client.reboot_workspaces(RebootWorkspaceRequests=[{"WorkspaceId": stopped}])
    assert failed["FailedRequests"][0]["ErrorCode"] == "InvalidResourceStateException"


@pytest.mark.parametrize("verb", ["Start", "Stop", "Reboot", "Terminate"])
def test_more_than_25_are_refused_as_a_whole(client, verb):
    asked = [{"WorkspaceId": f"ws-{n:09d}"} for n in range(26)]
    call = getattr(client, f"{verb.lower()}_workspaces")
    code, message = refusal(call, **{f"{verb}WorkspaceRequests": asked})
    assert code == "ValidationException"
    assert "less than or equal to 25" in message


def test_reboot_heals(client):
    id_ = pick(client, "AVAILABLE", "ALWAYS_ON")
    client.reboot_workspaces(RebootWorkspaceRequests=[{"WorkspaceId": id_}])
    assert state_of(client, id_) == "REBOOTING"
    until(lambda: state_of(client, id_) == "AVAILABLE")


def test_terminate_is_for_ever_and_leaves_paging_whole(sandbox, client):
    rows = every(client, "describe_workspaces", "Workspaces")
    first = client.describe_workspaces()
    last_of_page = first["Workspaces"][-1]["WorkspaceId"]
    client.terminate_workspaces(TerminateWorkspaceRequests=[{"WorkspaceId": last_of_page}])
    assert state_of(client, last_of_page) == "TERMINATING"
    until(lambda: state_of(client, last_of_page) is None)
    later = rest(client, first["NextToken"])
    assert [r["WorkspaceId"] for r in later] == [r["WorkspaceId"] for r in rows[25:]]
    tagged = every(
        sandbox.client("resourcegroupstaggingapi"), "get_resources", "ResourceTagMappingList"
    )
    assert not any(last_of_page in row["ResourceARN"] for row in tagged)
    assert len(every(client, "describe_workspaces", "Workspaces")) == len(rows) - 1


def properties_of(client, id_: str) -> dict:
    (row,) = client.describe_workspaces(WorkspaceIds=[id_])["Workspaces"]
    return row["WorkspaceProperties"]


def test_modify_running_mode_and_timeout(client):
    id_ = pick(client, "AVAILABLE", "ALWAYS_ON")
    wanted = {"RunningMode": "AUTO_STOP", "RunningModeAutoStopTimeoutInMinutes": 180}
    client.modify_workspace_properties(WorkspaceId=id_, WorkspaceProperties=wanted)
    assert properties_of(client, id_) | wanted == properties_of(client, id_)
    client.modify_workspace_properties(
        WorkspaceId=id_, WorkspaceProperties={"RunningMode": "ALWAYS_ON"}
    )
    assert "RunningModeAutoStopTimeoutInMinutes" not in properties_of(client, id_)
    for bad in (
        {"RunningMode": "AUTO_STOP", "RunningModeAutoStopTimeoutInMinutes": 90},
        {"RunningMode": "ALWAYS_ON", "RunningModeAutoStopTimeoutInMinutes": 60},
        {},
    ):
        code, _ = refusal(
            client.modify_workspace_properties, WorkspaceId=id_, WorkspaceProperties=bad
        )
        assert code == "InvalidParameterValuesException"


def test_modify_hardware_takes_time(client):
    id_ = pick(client, "AVAILABLE", "ALWAYS_ON")
    before = properties_of(client, id_)
    client.modify_workspace_properties(
        WorkspaceId=id_,
        WorkspaceProperties={"UserVolumeSizeGib": before["UserVolumeSizeGib"] + 50},
    )
    (row,) = client.describe_workspaces(WorkspaceIds=[id_])["Workspaces"]
    assert row["State"] == "UPDATING"
    assert row["ModificationStates"] == [{"Resource": "USER_VOLUME", "State": "UPDATE_IN_PROGRESS"}]
    until(lambda: state_of(client, id_) == "AVAILABLE")
    code, _ = refusal(
        client.modify_workspace_properties,
        WorkspaceId=id_,
        WorkspaceProperties={"UserVolumeSizeGib": 10},
    )
    assert code == "InvalidParameterValuesException"


def test_admin_maintenance(client):
    id_ = pick(client, "AVAILABLE", "ALWAYS_ON")
    client.modify_workspace_state(WorkspaceId=id_, WorkspaceState="ADMIN_MAINTENANCE")
    assert state_of(client, id_) == "ADMIN_MAINTENANCE"
    client.modify_workspace_state(WorkspaceId=id_, WorkspaceState="AVAILABLE")
    assert state_of(client, id_) == "AVAILABLE"


def test_create(client):
    directory = client.describe_workspace_directories()["Directories"][0]["DirectoryId"]
    bundle = client.describe_workspace_bundles(Owner="AMAZON")["Bundles"][0]["BundleId"]
    good = {"DirectoryId": directory, "BundleId": bundle, "UserName": "new.person"}
    answer = client.create_workspaces(
        Workspaces=[
            {**good, "Tags": [{"Key": "Department", "Value": "Sales"}]},
            {**good, "DirectoryId": "d-0000000000"},
            {**good, "BundleId": "wsb-000000000"},
            {**good},
        ]
    )
    assert [f["ErrorCode"] for f in answer["FailedRequests"]] == [
        "ResourceNotFound.Directory",
        "ResourceNotFound.Bundle",
        "ResourceExists.Workspace",
    ]
    (made,) = answer["PendingRequests"]
    assert made["State"] == "PENDING"
    until(lambda: state_of(client, made["WorkspaceId"]) == "AVAILABLE")
    assert made["WorkspaceId"] in {
        r["WorkspaceId"] for r in every(client, "describe_workspaces", "Workspaces")
    }
    tags = client.describe_tags(ResourceId=made["WorkspaceId"])["TagList"]
    assert tags == [{"Key": "Department", "Value": "Sales"}]


def test_readers_see_every_desktop_once_while_others_change_them(sandbox, client):
    whole = sorted(r["WorkspaceId"] for r in every(client, "describe_workspaces", "Workspaces"))

    def read(_: int) -> list[str]:
        own = sandbox.client("workspaces")
        return sorted(r["WorkspaceId"] for r in every(own, "describe_workspaces", "Workspaces"))

    def change(number: int) -> None:
        own = sandbox.client("workspaces")
        for id_ in whole[number::9]:
            own.create_tags(ResourceId=id_, Tags=[{"Key": "Seen", "Value": str(number)}])
            own.stop_workspaces(StopWorkspaceRequests=[{"WorkspaceId": id_}])

    with ThreadPoolExecutor(8) as pool:
        readers = [pool.submit(read, number) for number in range(8)]
        writers = [pool.submit(change, number) for number in range(4)]
        assert all(reader.result() == whole for reader in readers)
        for writer in writers:
            writer.result()
    tagged = every(
        sandbox.client("resourcegroupstaggingapi"),
        "get_resources",
        "ResourceTagMappingList",
        TagFilters=[{"Key": "Seen"}],
    )
    assert len(tagged) == sum(len(whole[number::9]) for number in range(4))


def test_unknown_operations_are_refused_as_modelled(client):
    code, message = refusal(client.describe_account)
    assert code == "UnknownOperationException"
    assert "DescribeAccount" in message
