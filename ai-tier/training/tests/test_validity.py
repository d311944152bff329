"""The type-check of plans, by plans with one mistake each."""

from typing import Any

import pytest

from training.catalog import Catalog
from training.validity import faults

COUNT = [{"function": "count"}]
LAST_WEEK = [{"dimension": "at", "op": "since", "values": [{"days_ago": 7}]}]


def test_the_examples_of_the_language_are_valid(catalog: Catalog) -> None:
    for plan in (
        {"entity": "usage", "measures": [{"function": "sum", "of": "billable_hours"}],
         "group_by": [{"dimension": "user_name"}],
         "filters": [{"dimension": "day", "op": "since", "values": [{"start_of": "month", "ago": 1}]}],
         "having": [{"by": "sum_billable_hours", "op": "more_than", "value": 80}]},
        {"entity": "billing", "measures": [{"function": "sum", "of": "cost"}],
         "group_by": [{"dimension": "account"}, {"dimension": "user_name"}],
         "order": {"by": "sum_cost", "descending": True}, "limit": 3, "limit_per": "account"},
        {"entity": "events", "measures": COUNT, "group_by": [{"dimension": "desktop.operating_system"}],
         "filters": LAST_WEEK, "compare": {"since": {"days_ago": 14}, "before": {"days_ago": 7}},
         "order": {"by": "count_change", "descending": False}},
        {"entity": "workspaces", "measures": [{"function": "share"}],
         "part": [{"dimension": "tags.Department", "op": "empty"}]},
        {"entity": "workspaces", "filters": [{"dimension": "last_connected_at", "op": "since",
                                              "values": [{"latest": "03-03", "plus_months": 1}]}]},
    ):  # fmt: skip
        assert faults(plan, catalog) == []


@pytest.mark.parametrize(
    "plan",
    [
        {"entity": "passwords"},
        {"entity": "workspaces", "sql": "drop"},
        {"entity": "workspaces", "filters": []},
        {"entity": "workspaces", "measures": [{"function": "sum", "of": "state"}]},
        {"entity": "workspaces", "measures": [{"function": "count", "of": "id"}]},
        {"entity": "workspaces", "measures": [{"function": "share"}]},
        {"entity": "workspaces", "group_by": [{"dimension": "region"}]},
        {"entity": "workspaces", "measures": COUNT, "group_by": [{"dimension": "tags"}]},
        {"entity": "workspaces", "measures": COUNT, "group_by": [{"dimension": "last_connected_at"}]},
        {"entity": "workspaces", "measures": COUNT, "group_by": [{"dimension": "region", "grain": "day"}]},
        {"entity": "workspaces", "measures": COUNT, "columns": ["region"]},
        {"entity": "workspaces", "measures": COUNT, "part": LAST_WEEK},
        {"entity": "workspaces", "columns": ["salary"]},
        {"entity": "workspaces", "filters": [{"dimension": "state", "op": "at_least", "values": ["x"]}]},
        {"entity": "workspaces", "filters": [{"dimension": "state", "op": "is", "values": []}]},
        {"entity": "workspaces", "filters": [{"dimension": "gone_at", "op": "empty", "values": [1]}]},
        {"entity": "workspaces", "filters": [{"dimension": "root_encrypted", "op": "is", "values": ["yes"]}]},
        {"entity": "workspaces", "filters": [{"dimension": "root_volume_gib", "op": "is", "values": [True]}]},
        {"entity": "workspaces", "filters": [{"dimension": "gone_at", "op": "since", "values": ["soon"]}]},
        {"entity": "workspaces", "limit": 0},
        {"entity": "workspaces", "order": {"by": "tags"}},
        {"entity": "billing", "measures": COUNT, "group_by": [{"dimension": "month", "grain": "day"}]},
        {"entity": "billing",
         "filters": [{"dimension": "month", "op": "since", "values": [{"hours_ago": 3}]}]},
        {"entity": "usage",
         "filters": [{"dimension": "desktop.region", "op": "is", "values": ["eu-west-1"]}]},
        {"entity": "users", "filters": [{"dimension": "desktop.state", "op": "is", "values": ["ERROR"]}]},
        {"entity": "events", "measures": COUNT, "compare": {"since": {"days_ago": 14}}},
        {"entity": "events", "measures": COUNT, "filters": LAST_WEEK, "compare": {"before": {"days_ago": 7}}},
        {"entity": "events", "measures": COUNT, "filters": LAST_WEEK, "compare": {"since": {"days_ago": 14}},
         "group_by": [{"dimension": "at", "grain": "day"}]},
        {"entity": "events", "measures": COUNT, "having": [{"by": "count", "op": "is", "value": 1}]},
        {"entity": "events", "measures": COUNT, "group_by": [{"dimension": "actor"}],
         "having": [{"by": "sum_cost", "op": "is", "value": 1}]},
        {"entity": "events", "measures": COUNT, "order": {"by": "actor"}},
        {"entity": "events", "measures": COUNT, "group_by": [{"dimension": "actor"}], "limit": 3,
         "order": {"by": "count"}, "limit_per": "actor"},
    ],
)  # fmt: skip
def test_a_mistake_is_found(plan: dict[str, Any], catalog: Catalog) -> None:
    assert faults(plan, catalog)
