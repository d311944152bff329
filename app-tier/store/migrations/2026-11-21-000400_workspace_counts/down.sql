DROP TRIGGER workspaces_counted_insert ON workspaces;
DROP TRIGGER workspaces_counted_update ON workspaces;
DROP TRIGGER workspaces_counted_delete ON workspaces;
DROP TRIGGER workspaces_counted_truncate ON workspaces;
DROP FUNCTION count_workspaces();
DROP TABLE workspace_counts;
