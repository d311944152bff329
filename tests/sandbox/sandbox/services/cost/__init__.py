"""AWS Cost Explorer: `usage` by any group, by resource, and cost allocation `tags`."""

from ..service import Service
from . import tags, usage

SERVICE = Service(
    name="ce",
    model="ce",
    target="AWSInsightsIndexService",
    operations={
        "GetCostAndUsage": usage.get_cost_and_usage,
        "GetCostAndUsageWithResources": usage.get_cost_and_usage_with_resources,
        "ListCostAllocationTags": tags.list_tags,
        "UpdateCostAllocationTagsStatus": tags.update_status,
        "StartCostAllocationTagBackfill": tags.start_backfill,
        "ListCostAllocationTagBackfillHistory": tags.list_backfills,
    },
)
