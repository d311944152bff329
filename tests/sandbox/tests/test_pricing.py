"""The price list, and that the bill is made of its prices."""

import json
from collections import Counter

import pytest
from conftest import DEVELOPMENT, every, refusal
from raw import Wire

KEY = ("regionCode", "operatingSystem", "license", "bundle", "storage")
PARTS = ("AlwaysOn", "AutoStop-User", "AutoStop-Usage")


def products(sandbox, **fields: str) -> list[dict]:
    filters = [{"Type": "TERM_MATCH", "Field": k, "Value": v} for k, v in fields.items()]
    client = sandbox.client("pricing", region="us-east-1")
    listed = every(
        client, "get_products", "PriceList", ServiceCode="AmazonWorkSpaces", Filters=filters
    )
    return [json.loads(text) for text in listed]


def price_of(product: dict) -> tuple[str, float]:
    (term,) = product["terms"]["OnDemand"].values()
    (dimension,) = term["priceDimensions"].values()
    ((_, amount),) = dimension["pricePerUnit"].items()
    return dimension["unit"], float(amount)


def part_of(product: dict) -> str:
    usage = product["product"]["attributes"]["usagetype"]
    return next((part for part in PARTS[1:] if usage.endswith(part)), PARTS[0])


def test_answers_have_the_modelled_shape_and_pages_of_a_hundred(sandbox):
    wire, token, seen = Wire(sandbox, region="us-east-1"), None, []
    while token or not seen:
        params = {"ServiceCode": "AmazonWorkSpaces", **({"NextToken": token} if token else {})}
        page = wire.json("pricing", "pricing", "AWSPriceListService.GetProducts", params)
        assert len(page["PriceList"]) == 100 or "NextToken" not in page
        seen += [json.loads(text)["product"]["sku"] for text in page["PriceList"]]
        token = page.get("NextToken")
    assert len(seen) == len(set(seen)) > 1_500


@pytest.mark.parametrize(
    ("fields", "prices"),
    [
        ({"regionCode": "us-east-1", "bundle": "Standard"}, (35.0, 9.75, 0.30)),
        ({"regionCode": "eu-west-1", "bundle": "Standard"}, (37.0, 11.0, 0.32)),
        ({"location": "US East (N. Virginia)", "bundle": "PowerPro"}, (140.0, 19.0, 1.53)),
    ],
)
def test_published_prices(sandbox, fields, prices):
    found = products(sandbox, **fields, operatingSystem="Windows", license="Included")
    usual = "Root:80 GB,User:50 GB" if fields["bundle"] == "Standard" else "Root:175 GB,User:100 GB"
    of_usual = [one for one in found if one["product"]["attributes"]["storage"] == usual]
    told = {part_of(one): price_of(one) for one in of_usual}
    units = ("Month", "Month", "Hour")
    assert told == dict(zip(PARTS, zip(units, prices, strict=True), strict=True))


def test_some_volumes_lack_a_price_and_software_is_free(sandbox):
    hardware = products(sandbox, resourceType="Hardware")
    parts = Counter()
    for one in hardware:
        parts[tuple(one["product"]["attributes"][name] for name in KEY)] += 1
    partial = sum(count < 3 for count in parts.values())
    assert set(parts.values()) == {2, 3} and 10 < partial < len(parts) * 0.15
    software = products(sandbox, resourceType="Software")
    assert software and {price_of(one)[1] for one in software} == {0.0}
    assert all(price_of(one)[1] > 0 for one in hardware)


def test_what_desktops_cost_is_in_the_list(sandbox):
    client = sandbox.client("workspaces", DEVELOPMENT, "us-east-1")
    rows = every(client, "describe_workspaces", "Workspaces")
    listed: dict[tuple, set[float]] = {}
    for one in products(sandbox, regionCode="us-east-1", resourceType="Hardware"):
        it = one["product"]["attributes"]
        listed.setdefault((it["usagetype"], it["storage"]), set()).add(price_of(one)[1])
    found = missing = 0
    for row in rows:
        sizes = row["WorkspaceProperties"]
        storage = f"Root:{sizes['RootVolumeSizeGib']} GB,User:{sizes['UserVolumeSizeGib']} GB"
        told = sandbox.control("GET", f"past?workspace={row['WorkspaceId']}&from=2026-10-01")
        for part in told["months"][0]["parts"]:
            known = listed.get((part["usage_type"], storage))
            found += known is not None and float(part["rate"]) in known
            missing += known is None or float(part["rate"]) not in known
    assert found > 20 * missing > 0


@pytest.mark.parametrize(
    ("params", "code"),
    [
        ({"ServiceCode": "AmazonNothing"}, "NotFoundException"),
        ({"ServiceCode": "AmazonWorkSpaces", "MaxResults": 101}, "ValidationException"),
        ({"ServiceCode": "AmazonWorkSpaces", "NextToken": "x"}, "InvalidNextTokenException"),
        ({"ServiceCode": "AmazonWorkSpaces", "FormatVersion": "v2"}, "InvalidParameterException"),
    ],
)
def test_bad_requests(sandbox, params, code):
    assert refusal(sandbox.client("pricing", region="us-east-1").get_products, **params)[0] == code


def test_the_endpoint_is_in_few_regions(sandbox):
    client = sandbox.client("pricing", region="eu-west-1")
    assert refusal(client.get_products, ServiceCode="AmazonWorkSpaces")[0] == (
        "InvalidSignatureException"
    )


def test_other_currencies_and_no_price_on_demand(sandbox):
    fault = {"kind": "currency", "code": "CNY", "service": "pricing"}
    (put,) = sandbox.control("POST", "faults", fault)["items"]
    assert put["code"] == "CNY"
    one = products(sandbox, bundle="Value", regionCode="us-east-1")[0]
    (term,) = one["terms"]["OnDemand"].values()
    assert list(next(iter(term["priceDimensions"].values()))["pricePerUnit"]) == ["CNY"]
    sandbox.control("DELETE", "faults")
    sandbox.control("POST", "faults", {"kind": "free", "service": "pricing"})
    assert price_of(products(sandbox, bundle="Value", regionCode="us-east-1")[0])[1] == 0
    status, words = sandbox.control_error("POST", "faults", {"kind": "currency", "code": "euro"})
    assert status == 400 and "'code'" in words
