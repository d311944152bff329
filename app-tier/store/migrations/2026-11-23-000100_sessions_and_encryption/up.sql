-- How many connections began on a day, in UTC: "sessions yesterday" is a sum over days, as hours are.
ALTER TABLE usage_days ADD COLUMN sessions integer NOT NULL DEFAULT 0;
UPDATE usage_days d SET sessions = c.n
FROM (SELECT workspace_id, (began_at AT TIME ZONE 'UTC')::date AS day, count(*) AS n FROM usage_connections GROUP BY 1, 2) c
WHERE c.workspace_id = d.workspace_id AND c.day = d.day;
ALTER TABLE usage_days ALTER COLUMN sessions DROP DEFAULT;

CREATE OR REPLACE VIEW ask_usage AS
SELECT u.workspace_id || ' ' || u.day AS id, u.workspace_id, w.user_name, a.name AS account, w.region,
       coalesce(d.name, d.alias) AS directory, w.running_mode, w.compute_type, (u.day + time '00:00') AT TIME ZONE 'UTC' AS day,
       u.connected_minutes, u.billable_hours, u.estimated, u.sessions
FROM usage_days u
JOIN workspaces w ON w.id = u.workspace_id
LEFT JOIN accounts a ON a.id = w.account
LEFT JOIN directories d ON d.account = w.account AND d.region = w.region AND d.id = w.directory_id;

-- Who asks for encrypted desktops means both volumes; for unencrypted ones, either.
CREATE OR REPLACE VIEW ask_workspaces AS
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
       w.gone_at, w.search, w.root_encrypted AND w.user_encrypted AS encrypted
FROM workspaces w
LEFT JOIN accounts a ON a.id = w.account
LEFT JOIN directories d ON d.account = w.account AND d.region = w.region AND d.id = w.directory_id
LEFT JOIN bundles b ON b.account = w.account AND b.region = w.region AND b.id = w.bundle_id
LEFT JOIN workspace_looks l ON l.account = w.account AND l.region = w.region;
