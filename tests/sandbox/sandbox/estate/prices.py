"""What a desktop costs: AWS's published prices of us-east-1, and how other regions differ.

Money is in ten-thousand-millionths of a dollar (``UNIT``), the ten decimals in which AWS bills, so
that sums are exact. The prices of hardware newer than the published tables are made up, and so is
what extra space costs; the price list and the bill read the same ones.
"""

from dataclasses import dataclass
from functools import lru_cache

from .catalog import NEW_COMPUTE

UNIT = 10**10
_CENT = UNIT // 100

_USD = {
    "VALUE": (25.0, 7.25, 0.22),
    "STANDARD": (35.0, 9.75, 0.30),
    "PERFORMANCE": (50.0, 13.0, 0.47),
    "POWER": (78.0, 19.0, 0.68),
    "POWERPRO": (140.0, 19.0, 1.53),
    "GENERALPURPOSE_4XLARGE": (258.0, 22.0, 2.87),
    "GRAPHICS_G4DN": (604.0, 20.0, 1.75),
    "GRAPHICS_G6_XLARGE": (671.0, 20.0, 1.94),
    NEW_COMPUTE: (1006.0, 24.0, 11.48),
}
"""Per compute type with its usual volumes, Windows included: AlwaysOn a month, AutoStop a month,
AutoStop an hour."""

USUAL_VOLUMES = {
    "VALUE": (80, 10),
    "STANDARD": (80, 50),
    "PERFORMANCE": (80, 100),
    "POWER": (175, 100),
    "POWERPRO": (175, 100),
    "GENERALPURPOSE_4XLARGE": (175, 100),
    "GRAPHICS_G4DN": (100, 100),
    "GRAPHICS_G6_XLARGE": (100, 100),
    NEW_COMPUTE: (175, 100),
}

HARDWARE_NUMBERS = {
    "VALUE": 1,
    "STANDARD": 2,
    "PERFORMANCE": 3,
    "POWER": 8,
    "POWERPRO": 19,
    "GENERALPURPOSE_4XLARGE": 41,
    "GRAPHICS_G4DN": 27,
    "GRAPHICS_G6_XLARGE": 47,
    NEW_COMPUTE: 53,
}
"""The number of the hardware in usage types."""

_REGIONS = {
    "us-east-1": ("", (1.0, 1.0, 1.0), 10),
    "eu-west-1": ("EU-", (1.057, 1.128, 1.067), 11),
    "ap-southeast-1": ("APS1-", (1.59, 1.368, 1.456), 12),
}
"""Per region: prefix of usage types, factors on the three prices, cents for a GB more a month."""

REGIONS = tuple(_REGIONS)

_LINUX = ("UBUNTU", "AMAZON_LINUX", "ROCKY")

PARTS = {"month": "", "base": "-AutoStop-User", "hour": "-AutoStop-Usage"}
"""What of a desktop is charged, and how its usage type ends."""


@dataclass(frozen=True, slots=True)
class Rates:
    """AlwaysOn for a month, AutoStop for a month, AutoStop for an hour; in ``UNIT`` of a dollar."""

    month: int
    base: int
    hour: int


@lru_cache(maxsize=4096)
def rates(region: str, system: str | None, compute: str, root_gib: int, user_gib: int) -> Rates:
    """The prices of a desktop. Where AWS does not tell the system, it is Windows."""
    _, factors, per_gib = _REGIONS.get(region, _REGIONS["us-east-1"])
    dollars = _USD.get(compute, _USD["STANDARD"])
    month, base, hour = (price * factor for price, factor in zip(dollars, factors, strict=True))
    if without_windows(system):
        month, hour = month - 4, hour - 0.03
    root, user = USUAL_VOLUMES.get(compute, (80, 50))
    more = max(0, root_gib - root) + max(0, user_gib - user)
    volumes = more * per_gib * _CENT
    by_month = (round(month) * UNIT + volumes, round(base * 4) * UNIT // 4 + volumes)
    return Rates(*by_month, round(hour * 100) * _CENT)


def without_windows(system: str | None) -> bool:
    """Whether AWS charges no Windows licence: Linux without a subscription, or an own licence."""
    return system is not None and (system.startswith(_LINUX) or own_licence(system))


def own_licence(system: str | None) -> bool:
    """Whether the licence is the customer's own: desktop Windows, which AWS does not rent out."""
    return system is not None and system.startswith(("WINDOWS_7", "WINDOWS_10", "WINDOWS_11"))


@lru_cache(maxsize=4096)
def usage_type(region: str, compute: str, part: str) -> str:
    """How the bill calls what is charged. Volumes and systems do not show in it."""
    prefix = _REGIONS.get(region, _REGIONS["us-east-1"])[0]
    return f"{prefix}AW-HW-{HARDWARE_NUMBERS.get(compute, 99)}{PARTS[part]}"


def written(amount: int) -> str:
    """An amount with the ten decimals that AWS writes."""
    sign, whole = ("-", -amount) if amount < 0 else ("", amount)
    return f"{sign}{whole // UNIT}.{whole % UNIT:010d}"
