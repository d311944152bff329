"""Tags, by resource and by the tagging API."""

import pytest
from conftest import DEVELOPMENT, PRODUCTION, every, refusal


def tags_of(client, id_: str) -> dict[str, str]:
    return {t["Key"]: t["Value"] for t in client.describe_tags(ResourceId=id_)["TagList"]}


def mappings(client, **params) -> dict[str, dict[str, str]]:
    params.setdefault("ResourceTypeFilters", ["workspaces:workspace"])
    rows = every(client, "get_resources", "ResourceTagMappingList", **params)
    assert len({row["ResourceARN"] for row in rows}) == len(rows)
    return {
        row["ResourceARN"].rsplit("/", 1)[1]: {t["Key"]: t["Value"] for t in row["Tags"]}
        for row in rows
    }


def test_the_tagging_api_tells_what_describe_tags_tells(sandbox):
    client = sandbox.client("workspaces")
    found = mappings(sandbox.client("resourcegroupstaggingapi"))
    ids = [r["WorkspaceId"] for r in every(client, "describe_workspaces", "Workspaces")]
    untagged = [id_ for id_ in ids if id_ not in found]
    assert untagged and set(found) <= set(ids)
    assert tags_of(client, untagged[0]) == {}
    for id_ in list(found)[:10]:
        assert tags_of(client, id_) == found[id_]


def test_create_overwrites_and_delete_deletes(sandbox):
    client, tagging = sandbox.client("workspaces"), sandbox.client("resourcegroupstaggingapi")
    found = mappings(tagging)
    id_ = next(id_ for id_, tags in found.items() if "Department" in tags)
    new = [{"Key": "Department", "Value": "Zoölogie"}, {"Key": "Empty", "Value": ""}]
    client.create_tags(ResourceId=id_, Tags=new)
    wanted = {**found[id_], "Department": "Zoölogie", "Empty": ""}
    assert tags_of(client, id_) == wanted == mappings(tagging)[id_]
    client.delete_tags(ResourceId=id_, TagKeys=list(wanted))
    assert tags_of(client, id_) == {}
    assert id_ not in mappings(tagging)


def test_tag_filters(sandbox):
    tagging = sandbox.client("resourcegroupstaggingapi")
    everything = mappings(tagging)
    filters = [{"Key": "Department", "Values": ["Sales", "Legal"]}, {"Key": "Owner"}]
    found = mappings(tagging, TagFilters=filters, ResourcesPerPage=10)
    assert found == {
        id_: tags
        for id_, tags in everything.items()
        if tags.get("Department") in ("Sales", "Legal") and "Owner" in tags
    }
    assert found


def test_other_resource_types_are_motos(sandbox):
    tagging = sandbox.client("resourcegroupstaggingapi")
    assert mappings(tagging, ResourceTypeFilters=["s3"]) == {}


def test_one_account_region_may_not_read_tags(sandbox):
    tagging = sandbox.client("resourcegroupstaggingapi", DEVELOPMENT, "us-east-1")
    code, message = refusal(tagging.get_resources)
    assert code == "AccessDeniedException"
    assert message.startswith(
        "User: arn:aws:sts::222222222222:assumed-role/SkydeskReader/test "
        "is not authorized to perform: tag:GetResources"
    )
    assert mappings(sandbox.client("resourcegroupstaggingapi", DEVELOPMENT, "eu-west-1"))
    workspaces = sandbox.client("workspaces", DEVELOPMENT, "us-east-1")
    assert workspaces.describe_workspaces()["Workspaces"]


@pytest.mark.parametrize(
    ("params", "words"),
    [
        ({"ResourcesPerPage": 101}, "between 1 and 100"),
        ({"PaginationToken": "nonsense"}, "token"),
        ({"ResourceARNList": ["arn:x"], "TagFilters": [{"Key": "a"}]}, "combined"),
    ],
)
def test_bad_requests(sandbox, params, words):
    tagging = sandbox.client("resourcegroupstaggingapi", PRODUCTION)
    code, message = refusal(tagging.get_resources, **params)
    assert code == "InvalidParameterException"
    assert words in message


def test_tags_that_aws_would_not_take(sandbox):
    client = sandbox.client("workspaces")
    id_ = client.describe_workspaces(Limit=1)["Workspaces"][0]["WorkspaceId"]
    missing = refusal(client.describe_tags, ResourceId="ws-000000000")
    assert missing[0] == "ResourceNotFoundException"
    for tags, code in (
        ([{"Key": "aws:x", "Value": "1"}], "InvalidParameterValuesException"),
        ([{"Key": "a"}, {"Key": "a"}], "InvalidParameterValuesException"),
        ([{"Key": "k" * 128}], "ValidationException"),
        ([{"Key": f"k{n}"} for n in range(51)], "ResourceLimitExceededException"),
    ):
        assert refusal(client.create_tags, ResourceId=id_, Tags=tags)[0] == code
