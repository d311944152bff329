DROP VIEW ask_changes;
CREATE VIEW ask_changes AS
SELECT c.id, c.workspace_id, c.user_name, a.name AS account, c.region, c.kind, c.field, c.old, c.new, c.observed_at
FROM changes c
LEFT JOIN accounts a ON a.id = c.account;
GRANT SELECT ON ask_changes TO skydesk_reader;
DROP VIEW ask_events;
ALTER TABLE changes DROP COLUMN since;
DROP TABLE event_reads, event_workspaces, events;
