"""What the company uses of AWS beside desktops, so that a bill looks like one.

Amounts per account, region and day are a function of the seed: they grow slowly, differ from day to
day, and what people use rests at weekends. Nothing of it exists as a resource.
"""

from collections.abc import Iterator

from .chance import mixed, number
from .days import DAY
from .prices import UNIT

_COMPUTE = "Amazon Elastic Compute Cloud - Compute"
_DATABASE = "Amazon Relational Database Service"
_STORAGE = "Amazon Simple Storage Service"
_DIRECTORY = "AWS Directory Service"
_MADE = "CreateDBInstance:0014"

_ALL_DAYS, _WORKDAYS = 1.0, 0.45

_USES = (
    (_COMPUTE, "BoxUsage:m6i.large", "RunInstances", "Hrs", 58.0, 0.107, _ALL_DAYS),
    (_COMPUTE, "BoxUsage:t3.medium", "RunInstances", "Hrs", 19.0, 0.0456, _WORKDAYS),
    ("EC2 - Other", "EBS:VolumeUsage.gp3", "CreateVolume-Gp3", "GB-Mo", 23.5, 0.088, _ALL_DAYS),
    ("EC2 - Other", "NatGateway-Hours", "NatGateway", "Hrs", 3.4, 0.048, _ALL_DAYS),
    ("EC2 - Other", "EBS:SnapshotUsage", "CreateSnapshot", "GB-Mo", 6.2, 0.05, _ALL_DAYS),
    (_DATABASE, "InstanceUsage:db.r6g.large", _MADE, "Hrs", 31.0, 0.259, _ALL_DAYS),
    (_DATABASE, "RDS:GP3-Storage", _MADE, "GB-Mo", 7.9, 0.127, _ALL_DAYS),
    (_STORAGE, "TimedStorage-ByteHrs", "StandardStorage", "GB-Mo", 12.3, 0.023, _ALL_DAYS),
    (_STORAGE, "Requests-Tier1", "PutObject", "Requests", 1.1, 0.000005, _WORKDAYS),
    (_DIRECTORY, "Small-Directory-Usage", "CreateConnector", "Hrs", 3.6, 0.05, _ALL_DAYS),
    ("AmazonCloudWatch", "CW:MetricMonitorUsage", "MetricStorage", "Metrics", 2.7, 0.3, _ALL_DAYS),
    ("AWS Key Management Service", "KMS-Keys", "Unknown", "Keys", 0.4, 1.0, _ALL_DAYS),
    ("AWS Secrets Manager", "AWSSecretsManager-Secrets", "", "Secrets", 0.2, 0.4, _ALL_DAYS),
)
"""(service, usage type, operation, unit, dollars a day, price of a unit, factor at weekends)."""

_SITES = (
    ("111111111111", "eu-west-1", "EU-", 8.0),
    ("111111111111", "us-east-1", "", 5.3),
    ("222222222222", "eu-west-1", "EU-", 3.3),
    ("222222222222", "us-east-1", "", 1.4),
    ("333333333333", "eu-west-1", "EU-", 2.2),
)

_GROWING_SINCE = 20_454
"""2026-01-01 as a day."""


def background(seed: int, account: str, day: int, known: float) -> Iterator[tuple]:
    """The lines of a day, as `ledger.Line` has its members, as far as the day is ``known``."""
    index = day // DAY
    growth = 1 + 0.11 * (index - _GROWING_SINCE) / 365
    weekend = (index + 3) % 7 >= 5
    for owner, region, prefix, size in _SITES:
        if owner != account:
            continue
        chance = number(seed, "background", account, region, index)
        for service, kind, operation, unit, dollars, price, resting in _USES:
            chance = mixed(chance + 1)
            noise = 0.94 + (chance & 0xFFFF) / 0xFFFF * 0.12
            spent = dollars * size * growth * noise * (resting if weekend else 1.0) * known
            amount = round(spent * UNIT)
            where = (day, account, region, service, prefix + kind, operation, "Usage")
            yield (*where, round(amount / price), unit, amount)
