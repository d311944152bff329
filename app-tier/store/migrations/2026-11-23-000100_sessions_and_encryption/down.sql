DROP VIEW ask_usage, ask_workspaces;

CREATE VIEW ask_usage AS
SELECT u.workspace_id || ' ' || u.day AS id, u.workspace_id, w.user_name, a.name AS account, w.region,
       coalesce(d.name, d.alias) AS directory, w.running_mode, w.compute_type, (u.day + time '00:00') AT TIME ZONE 'UTC' AS day,
       u.connected_minutes, u.billable_hours, u.estimated
FROM usage_days u
JOIN workspaces w ON w.id = u.workspace_id
LEFT JOIN accounts a ON a.id = w.account
LEFT JOIN directories d ON d.account = w.account AND d.region = w.region AND d.id = w.directory_id;

CREATE VIEW ask_workspaces AS
SELECT w.id, w.user_name, w.computer_name, a.name AS account, a.account_id, w.region,
       coalesce(d.name, d.alias) AS directory, w.directory_id, b.name AS bundle, w.bundle_id,
       w.state, w.running_mode, w.auto_stop_minutes, w.compute_type, w.root_volume_gib, w.user_volume_gib,
       w.operating_system, w.protocol, w.root_encrypted, w.user_encrypted, w.connection, w.last_connected_at,
       CASE WHEN w.connection_observed_at IS NULL OR w.gone_at IS NOT NULL THEN w.connection_observed_at
            ELSE greatest(w.connection_observed_at, l.connection_status) END AS connection_observed_at,
       w.ip_address, w.subnet_id, w.error_code, w.error_message, w.tags,
       CASE WHEN w.tags_observed_at IS NULL OR w.gone_at IS NOT NULL THEN w.tags_observed_at
            ELSE greatest(w.tags_observed_at, l.tags) END AS tags_observed_at,
       w.first_seen_at,
       CASE WHEN w.gone_at IS NOT NULL THEN w.observed_at ELSE greatest(w.observed_at, l.desktops) END AS observed_at,
       w.gone_at, w.search
FROM workspaces w
LEFT JOIN accounts a ON a.id = w.account
LEFT JOIN directories d ON d.account = w.account AND d.region = w.region AND d.id = w.directory_id
LEFT JOIN bundles b ON b.account = w.account AND b.region = w.region AND b.id = w.bundle_id
LEFT JOIN workspace_looks l ON l.account = w.account AND l.region = w.region;

GRANT SELECT ON ask_usage, ask_workspaces TO skydesk_reader;

ALTER TABLE usage_days DROP COLUMN sessions;
