DROP VIEW ask_billing;
DROP TABLE cost_settled, cost_tags, cost_desktops, workspace_costs, cost_tag_months, cost_resource_reads, cost_resource_days,
    cost_tag_states, cost_states, cost_reads, cost_months, cost_days;
