"""Cost Explorer: sums that are the desktops', groups, filters, periods, tags."""

import time
from collections import Counter

import pytest
from conftest import DEVELOPMENT, PRODUCTION, every, refusal, until
from raw import Wire

OCTOBER = {"Start": "2026-10-01", "End": "2026-11-01"}
YEAR = {"Start": "2025-10-01", "End": "2026-11-19"}
DESKTOPS = {"Dimensions": {"Key": "SERVICE", "Values": ["Amazon WorkSpaces"]}}
TARGET = "AWSInsightsIndexService.GetCostAndUsage"


def by(*keys: str) -> list[dict[str, str]]:
    return [{"Type": "DIMENSION", "Key": key} for key in keys]


def units(text: str) -> int:
    """An amount in ten-thousand-millionths: exact, as floats are not."""
    whole, _, part = text.partition(".")
    assert len(part) == 10
    return int(whole) * 10**10 + int(part)


def asked(**more) -> dict:
    return {
        "TimePeriod": OCTOBER,
        "Granularity": "MONTHLY",
        "Metrics": ["UnblendedCost"],
        **more,
    }


def total(answer: dict) -> int:
    results = answer["ResultsByTime"]
    return sum(
        units(metrics["UnblendedCost"]["Amount"])
        for result in results
        for metrics in [result["Total"], *(group["Metrics"] for group in result["Groups"])]
        if metrics
    )


def groups(answer: dict) -> Counter:
    found: Counter = Counter()
    for result in answer["ResultsByTime"]:
        for group in result["Groups"]:
            amount = units(group["Metrics"]["UnblendedCost"]["Amount"])
            found[tuple(group["Keys"])] += amount
    return found


@pytest.fixture
def ce(sandbox):
    return sandbox.client("ce", PRODUCTION, "us-east-1")


@pytest.fixture
def payer(sandbox):
    return sandbox.base("ce", "us-east-1")


@pytest.mark.parametrize(
    "more",
    [
        {},
        {"Granularity": "DAILY", "TimePeriod": YEAR, "GroupBy": by("SERVICE", "REGION")},
        {"GroupBy": [{"Type": "TAG", "Key": "Department"}, *by("USAGE_TYPE")], "Filter": DESKTOPS},
        {"Metrics": ["UsageQuantity", "AmortizedCost"], "GroupBy": by("USAGE_TYPE")},
    ],
)
def test_answers_have_the_modelled_shape(sandbox, more):
    Wire(sandbox, region="us-east-1").json("ce", "ce", TARGET, asked(**more))


def test_the_bill_of_desktops_is_what_they_cost(sandbox, ce):
    expected = 0
    for region in ("eu-west-1", "us-east-1"):
        client = sandbox.client("workspaces", PRODUCTION, region)
        for row in every(client, "describe_workspaces", "Workspaces"):
            told = sandbox.control(
                "GET", f"past?workspace={row['WorkspaceId']}&from=2026-10-01&to=2026-11-01"
            )
            expected += units(told["months"][0]["total"])
    billed = total(ce.get_cost_and_usage(**asked(Filter=DESKTOPS)))
    # Those terminated since were in use in October as well.
    assert expected <= billed < expected * 1.05


def test_parts_add_up_whatever_they_are_grouped_by(ce):
    whole = total(ce.get_cost_and_usage(**asked()))
    for group in (
        by("SERVICE"),
        by("REGION", "SERVICE"),
        by("USAGE_TYPE"),
        by("RECORD_TYPE"),
        by("LINKED_ACCOUNT"),
        by("OPERATION"),
        [{"Type": "TAG", "Key": "Department"}],
        [{"Type": "TAG", "Key": "CostCenter"}, *by("REGION")],
    ):
        answer = ce.get_cost_and_usage(**asked(GroupBy=group))
        assert total(answer) == whole, group
        assert answer["GroupDefinitions"] == group
    daily = ce.get_cost_and_usage(**asked(Granularity="DAILY"))
    assert len(daily["ResultsByTime"]) == 31 and total(daily) == whole
    records = groups(ce.get_cost_and_usage(**asked(GroupBy=by("RECORD_TYPE"))))
    assert records["Tax",] == records["Usage",] * 20 // 100


def test_filters(ce):
    services = groups(ce.get_cost_and_usage(**asked(GroupBy=by("SERVICE"))))
    assert len(services) > 8 and max(services, key=services.get) == ("Amazon WorkSpaces",)

    def of(expression: dict) -> int:
        return total(ce.get_cost_and_usage(**asked(Filter=expression)))

    desktops = of(DESKTOPS)
    assert desktops == services["Amazon WorkSpaces",]
    assert of({"Not": DESKTOPS}) == sum(services.values()) - desktops
    ireland = {"Dimensions": {"Key": "REGION", "Values": ["eu-west-1"]}}
    virginia = {"Dimensions": {"Key": "REGION", "Values": ["us-east-1"]}}
    parts = of({"And": [DESKTOPS, ireland]}), of({"And": [DESKTOPS, virginia]})
    assert sum(parts) == desktops and min(parts) > 0
    assert of({"And": [DESKTOPS, {"Or": [ireland, virginia]}]}) == desktops
    starts = {"Key": "USAGE_TYPE", "Values": ["EU-AW-"], "MatchOptions": ["STARTS_WITH"]}
    assert of({"Dimensions": starts}) == parts[0]
    sales = {"Tags": {"Key": "Department", "Values": ["Sales"]}}
    absent = {"Tags": {"Key": "Department", "MatchOptions": ["ABSENT"]}}
    by_tag = groups(
        ce.get_cost_and_usage(
            **asked(GroupBy=[{"Type": "TAG", "Key": "Department"}], Filter=DESKTOPS)
        )
    )
    assert of({"And": [DESKTOPS, sales]}) == by_tag["Department$Sales",] > 0
    assert of({"And": [DESKTOPS, absent]}) == by_tag["Department$",] > 0


def test_hours_and_months_by_usage_type(ce):
    answer = ce.get_cost_and_usage(
        **asked(Filter=DESKTOPS, GroupBy=by("USAGE_TYPE"), Metrics=["UsageQuantity"])
    )
    told = {
        group["Keys"][0]: group["Metrics"]["UsageQuantity"]
        for group in answer["ResultsByTime"][0]["Groups"]
    }
    assert told["EU-AW-HW-2-AutoStop-Usage"]["Unit"] == "Hour"
    assert told["EU-AW-HW-2"]["Unit"] == told["AW-HW-2-AutoStop-User"]["Unit"] == "Month"
    assert float(told["EU-AW-HW-2-AutoStop-Usage"]["Amount"]) > 500


def test_periods_and_what_is_estimated(ce):
    answer = ce.get_cost_and_usage(**asked(TimePeriod={"Start": "2026-08-15", "End": "2026-11-18"}))
    assert [(r["TimePeriod"]["Start"], r["Estimated"]) for r in answer["ResultsByTime"]] == [
        ("2026-08-15", False),
        ("2026-09-01", False),
        ("2026-10-01", False),
        ("2026-11-01", True),
    ]
    assert answer["ResultsByTime"][-1]["TimePeriod"]["End"] == "2026-11-18"
    cut = ce.get_cost_and_usage(**asked(TimePeriod={"Start": "2026-08-15", "End": "2026-09-01"}))
    assert total(cut) == units(answer["ResultsByTime"][0]["Total"]["UnblendedCost"]["Amount"])
    days = {"Start": "2026-11-17", "End": "2026-11-20"}
    daily = ce.get_cost_and_usage(**asked(TimePeriod=days, Granularity="DAILY"))["ResultsByTime"]
    spent = [units(day["Total"]["UnblendedCost"]["Amount"]) for day in daily]
    assert all(day["Estimated"] for day in daily)
    assert spent[0] > spent[1] > spent[2] == 0, "today is half over, tomorrow is not yet"


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"TimePeriod": {"Start": "2026-10-01", "End": "2026-10-01"}}, "before end date"),
        ({"TimePeriod": {"Start": "2026-10-01", "End": "2026-12-02"}}, "next month"),
        ({"TimePeriod": {"Start": "2025-09-30", "End": "2026-10-01"}}, "historical data"),
        ({"TimePeriod": {"Start": "October", "End": "2026-10-01"}}, "pattern"),
        ({"Granularity": "HOURLY"}, "Hourly"),
        ({"Metrics": ["Cost"]}, "Metrics"),
        ({"GroupBy": by("SERVICE", "REGION", "OPERATION")}, "2 group"),
        ({"GroupBy": by("RESOURCE_ID")}, "RESOURCE_ID"),
        ({"GroupBy": by("WEATHER")}, "WEATHER"),
        ({"Filter": {"And": [DESKTOPS]}}, "two operands"),
        ({"Filter": {**DESKTOPS, "Not": DESKTOPS}}, "exactly one"),
    ],
)
def test_bad_requests(ce, more, words):
    code, message = refusal(ce.get_cost_and_usage, **asked(**more))
    assert code == "ValidationException" and words in message


def test_pages_have_every_group_once(ce):
    more = {"TimePeriod": YEAR, "Granularity": "DAILY", "GroupBy": by("USAGE_TYPE", "REGION")}
    pages, token, seen = 0, {}, []
    while token or not pages:
        page = ce.get_cost_and_usage(**asked(**more), **token)
        for result in page["ResultsByTime"]:
            seen += [(result["TimePeriod"]["Start"], *g["Keys"]) for g in result["Groups"]]
        token, pages = {k: v for k, v in page.items() if k == "NextPageToken"}, pages + 1
    assert pages == -(-len(seen) // 5_000) > 1 and len(seen) == len(set(seen))
    code, _ = refusal(ce.get_cost_and_usage, **asked(**more), NextPageToken="nonsense")
    assert code == "InvalidNextTokenException"


def test_an_account_sees_its_own_costs_and_the_payer_all(sandbox, ce, payer):
    mine = total(ce.get_cost_and_usage(**asked()))
    theirs = total(sandbox.client("ce", DEVELOPMENT, "us-east-1").get_cost_and_usage(**asked()))
    everybody = groups(payer.get_cost_and_usage(**asked(GroupBy=by("LINKED_ACCOUNT"))))
    assert everybody[PRODUCTION,] == mine and everybody[DEVELOPMENT,] == theirs
    assert len(everybody) == 3


RESOURCES = {"TimePeriod": {"Start": "2026-11-05", "End": "2026-11-18"}, "Filter": DESKTOPS}


def test_costs_by_resource_are_those_of_the_desktops(sandbox, ce):
    wire = Wire(sandbox, region="us-east-1")
    params = asked(**RESOURCES, Granularity="DAILY", GroupBy=by("RESOURCE_ID"))
    wire.json("ce", "ce", f"{TARGET}WithResources", params)
    found, token = Counter(), {}
    while True:
        page = ce.get_cost_and_usage_with_resources(**params, **token)
        found += groups(page)
        if "NextPageToken" not in page:
            break
        token = {"NextPageToken": page["NextPageToken"]}
    whole = total(ce.get_cost_and_usage(**asked(**RESOURCES, Granularity="DAILY")))
    assert sum(found.values()) == whole
    (arn,), amount = found.most_common(1)[0]
    id_ = arn.rpartition("/")[2]
    told = sandbox.control("GET", f"past?workspace={id_}")
    parts = [p for p in told["months"][0]["parts"] if "2026-11-05" <= p["day"] < "2026-11-18"]
    assert sum(units(part["amount"]) for part in parts) == amount


def test_where_costs_by_resource_are_refused(sandbox, ce):
    def of(client, **more) -> str:
        params = asked(**{**RESOURCES, "GroupBy": by("RESOURCE_ID"), **more})
        return refusal(client.get_cost_and_usage_with_resources, **params)[0]

    not_opted_in = sandbox.client("ce", DEVELOPMENT, "us-east-1")
    assert of(not_opted_in) == "DataUnavailableException"
    assert of(ce, GroupBy=by("SERVICE")) == "ValidationException"
    assert of(ce, TimePeriod={"Start": "2026-11-01", "End": "2026-11-18"}) == "ValidationException"


def test_a_tag_groups_from_its_activation_on_and_back_after_a_backfill(sandbox, ce, payer):
    workspaces = sandbox.client("workspaces")
    id_ = workspaces.describe_workspaces(Limit=1)["Workspaces"][0]["WorkspaceId"]
    workspaces.create_tags(ResourceId=id_, Tags=[{"Key": "desktop-id", "Value": id_}])
    group = [{"Type": "TAG", "Key": "Owner"}]

    def owners(start: str, end: str) -> Counter:
        period = {"Start": start, "End": end}
        more = {"TimePeriod": period, "GroupBy": group, "Filter": DESKTOPS}
        return groups(ce.get_cost_and_usage(**asked(**more)))

    october = ("2026-10-01", "2026-11-01")
    assert set(owners(*october)) == {("Owner$",)}
    wanted = [{"TagKey": key, "Status": "Active"} for key in ("Owner", "desktop-id", "no-such-tag")]
    errors = payer.update_cost_allocation_tags_status(CostAllocationTagsStatus=wanted)["Errors"]
    assert [error["TagKey"] for error in errors] == ["no-such-tag"]
    assert set(owners(*october)) == {("Owner$",)}, "not before its activation"
    assert len(owners("2026-11-18", "2026-11-19")) > 5
    since = "2026-03-01T00:00:00Z"
    assert (
        payer.start_cost_allocation_tag_backfill(BackfillFrom=since)["BackfillRequest"][
            "BackfillFrom"
        ]
        == since
    )
    again = refusal(payer.start_cost_allocation_tag_backfill, BackfillFrom=since)
    assert again[0] == "BackfillLimitExceededException"
    history = payer.list_cost_allocation_tag_backfill_history
    until(lambda: history()["BackfillRequests"][0]["BackfillStatus"] == "SUCCEEDED")
    assert len(owners(*october)) > 5
    assert set(owners("2026-02-01", "2026-03-01")) == {("Owner$",)}
    group = [{"Type": "TAG", "Key": "desktop-id"}]
    # The desktop carries the tag since today only, however far a backfill reaches.
    assert set(owners(*october)) == {("desktop-id$",)}
    today = {"TimePeriod": {"Start": "2026-11-18", "End": "2026-11-19"}, "GroupBy": group}
    assert set(groups(ce.get_cost_and_usage(**asked(**today)))) <= {
        ("desktop-id$",),
        (f"desktop-id${id_}",),
    }


def test_tags_are_listed_for_all_and_changed_by_the_payer(sandbox, ce, payer):
    wire = Wire(sandbox, region="us-east-1")
    listed = wire.json("ce", "ce", "AWSInsightsIndexService.ListCostAllocationTags", {})
    status = {tag["TagKey"]: tag["Status"] for tag in listed["CostAllocationTags"]}
    assert status["Department"] == "Active" and status["Owner"] == "Inactive"
    active = ce.list_cost_allocation_tags(Status="Active")["CostAllocationTags"]
    assert {tag["TagKey"] for tag in active} == {"CostCenter", "Department", "Environment"}
    wanted = [{"TagKey": "Owner", "Status": "Active"}]
    code, _ = refusal(ce.update_cost_allocation_tags_status, CostAllocationTagsStatus=wanted)
    assert code == "AccessDeniedException"
    code, _ = refusal(
        payer.update_cost_allocation_tags_status, CostAllocationTagsStatus=wanted * 21
    )
    assert code == "ValidationException"
    for since in ("2026-03-02T00:00:00Z", "2025-10-01T00:00:00Z", "2026-12-01T00:00:00Z"):
        code, _ = refusal(payer.start_cost_allocation_tag_backfill, BackfillFrom=since)
        assert code == "ValidationException"


def test_another_currency_on_demand(sandbox, ce):
    sandbox.control("POST", "faults", {"kind": "currency", "service": "ce"})
    answer = ce.get_cost_and_usage(**asked())
    assert answer["ResultsByTime"][0]["Total"]["UnblendedCost"]["Unit"] == "EUR"


def test_a_year_is_worked_out_once(ce):
    more = asked(TimePeriod=YEAR, Granularity="DAILY", GroupBy=by("SERVICE"))
    ce.get_cost_and_usage(**more)
    begun = time.monotonic()
    ce.get_cost_and_usage(**more)
    assert time.monotonic() - begun < 2, "some 100 ms on an idle machine"


def test_pages_go_wrong_on_demand(sandbox, ce):
    grouped = asked(GroupBy=by("SERVICE", "REGION"))
    plain = {"groups": ce.get_cost_and_usage(**grouped), "total": ce.get_cost_and_usage(**asked())}

    def bent(kind: str, **request) -> dict:
        fault = {"kind": kind, "service": "ce", "account": PRODUCTION, "times": 1}
        sandbox.control("POST", "faults", fault)
        return ce.get_cost_and_usage(**request)

    for name, request in (("groups", grouped), ("total", asked())):
        lost = bent("lost_page", **request)
        assert [one["TimePeriod"] for one in lost["ResultsByTime"]] == [OCTOBER]
        assert not groups(lost) and total(lost) == 0
        doubled = bent("doubled_page", **request)["ResultsByTime"]
        assert doubled == plain[name]["ResultsByTime"] * 2
        assert ce.get_cost_and_usage(**request)["ResultsByTime"] == plain[name]["ResultsByTime"]
