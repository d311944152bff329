"""The Price List: GetProducts for Amazon WorkSpaces, in the shape of AWS's own list.

Each combination of region, system, licence, hardware and volumes has three products: AlwaysOn a
month, AutoStop a month, AutoStop an hour. Some rare combinations lack one of them and the largest
volumes all three; software comes at no charge. The endpoint is in a few regions only.
"""

from collections.abc import Iterator
from functools import lru_cache
from typing import Any

import orjson

from ..estate.catalog import OWN_BUNDLES, TITLES
from ..estate.chance import number
from ..estate.prices import (
    HARDWARE_NUMBERS,
    PARTS,
    REGIONS,
    USUAL_VOLUMES,
    own_licence,
    rates,
    usage_type,
    written,
)
from ..wire import Answer, AwsError, json
from ..world import Ask
from .service import Service

SERVICE_CODE = "AmazonWorkSpaces"
ENDPOINTS = ("us-east-1", "eu-central-1", "ap-south-1")

_INVALID = "InvalidParameterException"
_LOCATIONS = {
    "us-east-1": "US East (N. Virginia)",
    "eu-west-1": "EU (Ireland)",
    "ap-southeast-1": "Asia Pacific (Singapore)",
}
_SYSTEMS = {
    "WINDOWS_SERVER_2022": "Windows",
    "WINDOWS_11": "Windows",
    "UBUNTU_22_04": "Ubuntu Linux",
    "AMAZON_LINUX_2": "Amazon Linux",
    "ROCKY_8": "Rocky Linux",
    "RHEL_8": "Red Hat Enterprise Linux",
}
"""One system of each price: Server 2025 costs what Server 2022 does."""

_LARGEST_USER_GIB = 250
_FREE = "0.0000000000"
_TERM, _RATE = "JRTCKXETXF", "6YS6EN2CT7"
"""The codes that AWS gives on-demand terms and their rates."""


def get_products(ask: Ask) -> Answer:
    params = ask.params
    if ask.region not in ENDPOINTS:
        raise AwsError(
            "InvalidSignatureException", "Credential should be scoped to a valid region.", 403
        )
    if params["ServiceCode"] != SERVICE_CODE:
        raise AwsError("NotFoundException", f"No service {params['ServiceCode']} in the sandbox")
    if params.get("FormatVersion", "aws_v1") != "aws_v1":
        raise AwsError(_INVALID, "FormatVersion must be aws_v1")
    filters = params.get("Filters") or []
    token, limit = params.get("NextToken"), params.get("MaxResults") or 100
    question = ask.question(filters)
    last = ask.position(token, question, "InvalidNextTokenException")
    products = _products(ask.world.estate.seed)
    page: list[str] = []
    answer: dict[str, Any] = {"FormatVersion": "aws_v1", "PriceList": page}
    for index in range(last + 1, len(products)):
        product = products[index]
        if not all(_matches(product, one) for one in filters):
            continue
        if len(page) == limit:
            answer["NextToken"] = ask.next_token(token, question, last)
            break
        page.append(_written(product, ask))
        last = index
    return json(answer)


def _matches(product: dict[str, str], asked: dict[str, str]) -> bool:
    has = product.get(asked["Field"])
    kind, value = asked["Type"], asked["Value"]
    if kind in ("TERM_MATCH", "EQUALS"):
        return has == value
    if kind == "CONTAINS":
        return has is not None and value in has
    among = has in value.split(",")
    return among if kind == "ANY_OF" else not among


@lru_cache(maxsize=4)
def _products(seed: int) -> tuple[dict[str, str], ...]:
    """The attributes of all products, with their price as ``usd``, in order."""
    return tuple(_hardware(seed)) + tuple(_software())


def _hardware(seed: int) -> Iterator[dict[str, str]]:
    for region in REGIONS:
        for system in _SYSTEMS:
            for compute in HARDWARE_NUMBERS:
                for root, user in _volumes(compute):
                    missing = _missing(seed, (region, system, compute, root, user))
                    for part in PARTS:
                        if part not in missing:
                            yield _product(region, system, compute, root, user, part)


def _volumes(compute: str) -> list[tuple[int, int]]:
    """The pairs of volumes that a compute type is sold with."""
    root, user = USUAL_VOLUMES[compute]
    pairs = {(root, gib) for gib in (10, 50, 100, user, user + 100)}
    for bundles in OWN_BUNDLES.values():
        own = [(row[3], row[4]) for row in bundles if row[1] == compute]
        pairs |= {pair for r, u in own for pair in ((r, u), (r, u + 100))}
    return sorted(pair for pair in pairs if pair[1] <= _LARGEST_USER_GIB)


def _missing(seed: int, what: tuple[str, str, str, int, int]) -> tuple[str, ...]:
    """The parts that the list leaves out for a pair of volumes that few people order."""
    chance = number(seed, "price", *what)
    if what[3:] == USUAL_VOLUMES[what[2]] or chance % 12:
        return ()
    return (list(PARTS)[(chance >> 8) % 3],)


def _product(
    region: str, system: str, compute: str, root: int, user: int, part: str
) -> dict[str, str]:
    by_hour = part == "hour"
    return {
        "servicecode": SERVICE_CODE,
        "servicename": "Amazon WorkSpaces",
        "location": _LOCATIONS[region],
        "locationType": "AWS Region",
        "regionCode": region,
        "usagetype": usage_type(region, compute, part),
        "operation": "",
        "resourceType": "Hardware",
        "bundle": TITLES[compute],
        "storage": f"Root:{root} GB,User:{user} GB",
        "runningMode": "AlwaysOn" if part == "month" else "AutoStop",
        "operatingSystem": _SYSTEMS[system],
        "license": "Bring Your Own License" if own_licence(system) else "Included",
        "group": "Billed by the hour" if by_hour else "Billed by the month",
        "groupDescription": "Billed hourly" if by_hour else "Billed monthly",
        "unit": "Hour" if by_hour else "Month",
        "usd": written(getattr(rates(region, system, compute, root, user), part)),
    }


def _software() -> Iterator[dict[str, str]]:
    """What comes with Windows at no charge of its own."""
    for region in REGIONS:
        prefix = usage_type(region, "STANDARD", "month").partition("AW-")[0]
        for digit, name in enumerate(("Utilities", "Plus Applications"), start=1):
            for mode, ending in (("AlwaysOn", ""), ("AutoStop", "-AutoStop-User")):
                yield {
                    "servicecode": SERVICE_CODE,
                    "servicename": "Amazon WorkSpaces",
                    "location": _LOCATIONS[region],
                    "locationType": "AWS Region",
                    "regionCode": region,
                    "usagetype": f"{prefix}AW-SW-{digit}{ending}",
                    "operation": "",
                    "resourceType": "Software",
                    "softwareIncluded": name,
                    "runningMode": mode,
                    "operatingSystem": "Windows",
                    "license": "Included",
                    "group": "Software",
                    "groupDescription": "Software included with the bundle",
                    "unit": "Month",
                    "usd": _FREE,
                }


def _written(product: dict[str, str], ask: Ask) -> str:
    """A product as the list writes it: JSON in a text."""
    attributes = {key: value for key, value in product.items() if key not in ("unit", "usd")}
    price = _FREE if ask.strike.free else product["usd"]
    sku = f"{number(0, *attributes.values()):032X}"[-16:]
    dimension = {
        "unit": product["unit"],
        "beginRange": "0",
        "endRange": "Inf",
        "description": f"${price} per {product['unit'].lower()} for {product['usagetype']}",
        "appliesTo": [],
        "rateCode": f"{sku}.{_TERM}.{_RATE}",
        "pricePerUnit": {ask.strike.currency: price},
    }
    term = {
        "sku": sku,
        "offerTermCode": _TERM,
        "effectiveDate": "2026-06-01T00:00:00Z",
        "termAttributes": {},
        "priceDimensions": {f"{sku}.{_TERM}.{_RATE}": dimension},
    }
    entry = {
        "product": {
            "productFamily": "Enterprise Applications",
            "attributes": attributes,
            "sku": sku,
        },
        "serviceCode": SERVICE_CODE,
        "terms": {"OnDemand": {f"{sku}.{_TERM}": term}},
        "version": "20260627000000",
        "publicationDate": "2026-06-27T00:00:00Z",
    }
    return orjson.dumps(entry).decode()


SERVICE = Service(
    name="pricing",
    model="pricing",
    target="AWSPriceListService",
    operations={"GetProducts": get_products},
)
