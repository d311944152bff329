"""The services that the sandbox answers itself, one module or package each.

To add one: a module with a ``Service``, and its line in ``SERVICES``. An operation that a service
here does not list goes to moto where ``moto_has_the_rest``, and is refused as unknown where not.
"""

from . import cloudtrail, cloudwatch, cost, pricing, sts, tagging, workspaces
from .service import Service

SERVICES: tuple[Service, ...] = (
    workspaces.SERVICE,
    tagging.SERVICE,
    cloudwatch.SERVICE,
    pricing.SERVICE,
    cost.SERVICE,
    cloudtrail.SERVICE,
    sts.SERVICE,
)

BY_TARGET = {
    target: service
    for service in SERVICES
    if service.target
    for target in (service.target, *service.aliases)
}
"""By the prefix of X-Amz-Target."""

BY_NAME = {service.name: service for service in SERVICES}
"""By the service of the credential scope."""

__all__ = ["BY_NAME", "BY_TARGET", "SERVICES", "Service"]
