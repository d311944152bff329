"""CloudTrail's history: what the past says was done, what was called here, and how it is asked."""

import json
from datetime import UTC, datetime

import pytest
from conftest import DEVELOPMENT, EXTERNAL_IDS, PRODUCTION, every, refusal, running, until
from raw import Wire

NOW = datetime(2026, 11, 18, 12, tzinfo=UTC)
TARGET = "CloudTrail_20131101.LookupEvents"
SOURCE = [{"AttributeKey": "EventSource", "AttributeValue": "workspaces.amazonaws.com"}]


def named(name: str) -> list[dict[str, str]]:
    return [{"AttributeKey": "EventName", "AttributeValue": name}]


def events(client, **more) -> list[dict]:
    return every(client, "lookup_events", "Events", **more)


def record(event: dict) -> dict:
    return json.loads(event["CloudTrailEvent"])


@pytest.fixture
def trail(sandbox):
    return sandbox.client("cloudtrail")


def test_answers_have_the_modelled_shape(sandbox):
    for target in (TARGET, f"com.amazonaws.cloudtrail.v20131101.{TARGET}"):
        got = Wire(sandbox).json("cloudtrail", "cloudtrail", target, {})
        assert len(got["Events"]) == 50 and got["NextToken"]


def test_ninety_days_newest_first_each_once(trail):
    found = events(trail)
    assert len({event["EventId"] for event in found}) == len(found) > 3_000
    moments = [event["EventTime"] for event in found]
    assert moments == sorted(moments, reverse=True)
    assert (NOW - moments[-1]).days in (89, 90)
    for event in found[:200]:
        told = record(event)
        assert told["eventID"] == event["EventId"] and told["eventName"] == event["EventName"]
        assert datetime.fromisoformat(told["eventTime"]) == event["EventTime"]
        assert told["awsRegion"] == "eu-west-1" and told["recipientAccountId"] == PRODUCTION
        assert str(told["readOnly"]).lower() == event["ReadOnly"]
        identity = told["userIdentity"]
        assert (
            identity["accountId"] == PRODUCTION and identity["accessKeyId"] == event["AccessKeyId"]
        )
        assert identity["type"] in ("AssumedRole", "IAMUser")


def test_by_one_attribute(trail):
    whole = events(trail)
    for key, member in (
        ("EventName", "EventName"),
        ("EventSource", "EventSource"),
        ("Username", "Username"),
        ("ReadOnly", "ReadOnly"),
        ("EventId", "EventId"),
        ("AccessKeyId", "AccessKeyId"),
    ):
        value = whole[7][member]
        found = events(trail, LookupAttributes=[{"AttributeKey": key, "AttributeValue": value}])
        assert [e["EventId"] for e in found] == [e["EventId"] for e in whole if e[member] == value]
    done = next(event for event in whole if event["Resources"])
    (resource,) = done["Resources"]
    attribute = {"AttributeKey": "ResourceName", "AttributeValue": resource["ResourceName"]}
    found = events(trail, LookupAttributes=[attribute])
    assert done["EventId"] in {event["EventId"] for event in found}
    attribute = {"AttributeKey": "ResourceType", "AttributeValue": resource["ResourceType"]}
    found = events(trail, LookupAttributes=[attribute])
    assert len(found) == sum(bool(event["Resources"]) for event in whole)


def test_within_a_time(trail):
    start, end = datetime(2026, 10, 1, tzinfo=UTC), datetime(2026, 10, 8, tzinfo=UTC)
    found = events(trail, StartTime=start, EndTime=end)
    assert found and all(start <= event["EventTime"] <= end for event in found)
    assert found == [e for e in events(trail) if start <= e["EventTime"] <= end]
    assert not events(trail, EndTime=datetime(2026, 8, 1, tzinfo=UTC))


def test_a_token_goes_with_the_very_parameters(trail):
    token = trail.lookup_events(LookupAttributes=SOURCE)["NextToken"]
    assert trail.lookup_events(LookupAttributes=SOURCE, NextToken=token)["Events"]
    for more in ({}, {"LookupAttributes": SOURCE, "MaxResults": 50}, {"StartTime": NOW}):
        code, _ = refusal(trail.lookup_events, NextToken=token, **more)
        assert code == "InvalidNextTokenException"
    code, _ = refusal(trail.lookup_events, LookupAttributes=SOURCE, NextToken="nonsense")
    assert code == "InvalidNextTokenException"


@pytest.mark.parametrize(
    ("params", "code"),
    [
        ({"LookupAttributes": SOURCE * 2}, "InvalidLookupAttributesException"),
        ({"MaxResults": 51}, "ValidationException"),
        ({"StartTime": NOW, "EndTime": datetime(2026, 1, 1)}, "InvalidTimeRangeException"),
        ({"EventCategory": "insight"}, "InvalidEventCategoryException"),
    ],
)
def test_bad_requests(trail, params, code):
    assert refusal(trail.lookup_events, **params)[0] == code


def test_events_are_the_history_of_the_modes_and_the_lives(sandbox):
    names: dict[str, int] = {}
    for account in (PRODUCTION, DEVELOPMENT):
        for region in ("eu-west-1", "us-east-1"):
            trail = sandbox.client("cloudtrail", account, region)
            changed: dict[str, list[str]] = {}
            for event in events(trail, LookupAttributes=SOURCE):
                if event["ReadOnly"] == "true":
                    continue
                names[event["EventName"]] = names.get(event["EventName"], 0) + 1
                if event["EventName"] == "ModifyWorkspaceProperties":
                    told = record(event)
                    asked = told["requestParameters"]
                    told_past = past(sandbox, asked["workspaceId"])
                    (era,) = [
                        era for era in told_past["modes"] if era["since"] == told["eventTime"]
                    ]
                    assert era["mode"] == asked["workspaceProperties"]["runningMode"]
                    assert era["by"] == event["Username"]
                    changed.setdefault(asked["workspaceId"], []).append(told["eventTime"])
            rows = every(
                sandbox.client("workspaces", account, region), "describe_workspaces", "Workspaces"
            )
            for row in rows:
                told_past = past(sandbox, row["WorkspaceId"])
                eras = told_past["modes"][1:]
                since = [era["since"] for era in eras if era["since"] >= "2026-08-20T12:01"]
                assert sorted(changed.get(row["WorkspaceId"], [])) == since
    assert {
        "CreateWorkspaces",
        "CreateTags",
        "ModifyWorkspaceProperties",
        "RebootWorkspaces",
        "StartWorkspaces",
        "StopWorkspaces",
        "TerminateWorkspaces",
    } <= set(names)


def past(sandbox, id_: str) -> dict:
    return sandbox.control("GET", f"past?workspace={id_}")


def test_creations_and_terminations_are_those_of_the_estate(sandbox, trail):
    for event in events(trail, LookupAttributes=named("CreateWorkspaces")):
        told = record(event)
        (pending,) = told["responseElements"]["pendingRequests"]
        assert past(sandbox, pending["workspaceId"])["created"] == told["eventTime"]
    ended = events(trail, LookupAttributes=named("TerminateWorkspaces"))
    assert ended
    for event in ended:
        (resource,) = event["Resources"]
        told = past(sandbox, resource["ResourceName"])
        gone = datetime.fromisoformat(told["gone"])
        assert 0 < (gone - event["EventTime"]).total_seconds() < 600


def test_roles_and_people_are_told_apart(trail):
    done = [record(event) for event in events(trail, LookupAttributes=SOURCE)]
    done = [one["userIdentity"] for one in done if not one["readOnly"]]
    users = [one for one in done if one["type"] == "IAMUser"]
    roles = [one for one in done if one["type"] == "AssumedRole"]
    assert users and all(one["userName"] in one["arn"] for one in users)
    contexts = [one["sessionContext"] for one in roles]
    assert any("sourceIdentity" in one for one in contexts)
    assert any("sourceIdentity" not in one for one in contexts)
    assert all(one["sessionIssuer"]["type"] == "Role" for one in contexts)


def operator(sandbox, account: str = PRODUCTION, source: str | None = None):
    """A WorkSpaces client of the account's second role."""
    more = {"SourceIdentity": source} if source else {}
    held = sandbox.base("sts").assume_role(
        RoleArn=f"arn:aws:iam::{account}:role/SkydeskOperator",
        RoleSessionName="skydesk-job-7",
        ExternalId=EXTERNAL_IDS[account],
        **more,
    )["Credentials"]
    return sandbox.base(
        "workspaces",
        key=held["AccessKeyId"],
        aws_session_token=held["SessionToken"],
    )


def test_what_is_called_here_is_told_with_its_caller(tmp_path):
    options = ("--desktops", "60", "--now", "2026-11-18T12:00", "--trail-seconds", "0.5")
    with running(tmp_path, *options) as sandbox:
        client, trail = operator(sandbox, source="ingrid"), sandbox.client("cloudtrail")
        rows = every(client, "describe_workspaces", "Workspaces")
        always = [
            row["WorkspaceId"]
            for row in rows
            if row["WorkspaceProperties"]["RunningMode"] == "ALWAYS_ON"
            and row["State"] == "AVAILABLE"
        ]
        first, second, *_ = always
        asked = [{"WorkspaceId": id_} for id_ in (first, second, "ws-000000000")]
        client.reboot_workspaces(RebootWorkspaceRequests=asked)
        code, _ = refusal(
            client.modify_workspace_properties,
            WorkspaceId=first,
            WorkspaceProperties={"RunningMode": "AUTO_STOP"},
        )
        assert code == "InvalidResourceStateException"
        client.create_tags(ResourceId=second, Tags=[{"Key": "Owner", "Value": "Zoë"}])
        recent = {"StartTime": NOW, "LookupAttributes": SOURCE}

        def told() -> list[dict]:
            found = [e for e in events(trail, **recent) if e["Username"] == "skydesk-job-7"]
            return found if len(found) == 3 else []

        assert not told(), "not at once"
        tagged, refused, rebooted = until(told)
        assert rebooted["EventName"] == "RebootWorkspaces"
        assert [r["ResourceName"] for r in rebooted["Resources"]] == [first, second, "ws-000000000"]
        written = record(rebooted)
        identity = written["userIdentity"]
        assert identity["arn"].endswith("assumed-role/SkydeskOperator/skydesk-job-7")
        assert identity["sessionContext"]["sourceIdentity"] == "ingrid"
        assert identity["sessionContext"]["sessionIssuer"]["userName"] == "SkydeskOperator"
        assert written["requestParameters"]["rebootWorkspaceRequests"][0] == {"workspaceId": first}
        (failed,) = written["responseElements"]["failedRequests"]
        assert failed["workspaceId"] == "ws-000000000"
        assert record(refused)["errorCode"] == "InvalidResourceStateException"
        assert record(tagged)["requestParameters"]["tags"] == [{"key": "Owner", "value": "Zoë"}]
        whole = events(trail, LookupAttributes=SOURCE)
    with running(tmp_path, *options) as sandbox:
        trail = sandbox.client("cloudtrail")
        until(lambda: events(trail, LookupAttributes=SOURCE) == whole)


def test_pages_go_wrong_on_demand(sandbox, trail):
    plain = [event["EventId"] for event in events(trail, LookupAttributes=named("CreateTags"))]
    more = {"LookupAttributes": named("CreateTags"), "PaginationConfig": {"PageSize": 3}}
    sandbox.control("POST", "faults", {"kind": "duplicate_row", "service": "cloudtrail"})
    doubled = [event["EventId"] for event in events(trail, **more)]
    assert list(dict.fromkeys(doubled)) == plain and len(doubled) > len(plain)


def test_the_operator_may_act_and_be_denied(sandbox):
    client = operator(sandbox)
    id_ = client.describe_workspaces(Limit=1)["Workspaces"][0]["WorkspaceId"]
    client.create_tags(ResourceId=id_, Tags=[{"Key": "a", "Value": "b"}])
    sandbox.control(
        "POST", "faults", {"kind": "deny", "service": "workspaces", "operation": "DeleteTags"}
    )
    code, message = refusal(client.delete_tags, ResourceId=id_, TagKeys=["a"])
    assert code == "AccessDeniedException"
    assert "assumed-role/SkydeskOperator/skydesk-job-7 is not authorized" in message
    (first, *_) = sandbox.control("GET", "accounts")["items"]
    assert first["operator_role_arn"] == f"arn:aws:iam::{PRODUCTION}:role/SkydeskOperator"
