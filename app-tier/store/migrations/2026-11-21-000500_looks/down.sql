CREATE OR REPLACE VIEW ask_workspaces AS
SELECT w.id, w.user_name, w.computer_name, a.name AS account, a.account_id, w.region,
       coalesce(d.name, d.alias) AS directory, w.directory_id, b.name AS bundle, w.bundle_id,
       w.state, w.running_mode, w.auto_stop_minutes, w.compute_type, w.root_volume_gib, w.user_volume_gib,
       w.operating_system, w.protocol, w.root_encrypted, w.user_encrypted, w.connection, w.last_connected_at,
       w.connection_observed_at, w.ip_address, w.subnet_id, w.error_code, w.error_message, w.tags, w.tags_observed_at,
       w.first_seen_at, w.observed_at, w.gone_at, w.search
FROM workspaces w
LEFT JOIN accounts a ON a.id = w.account
LEFT JOIN directories d ON d.account = w.account AND d.region = w.region AND d.id = w.directory_id
LEFT JOIN bundles b ON b.account = w.account AND b.region = w.region AND b.id = w.bundle_id;

CREATE INDEX workspaces_search ON workspaces USING gin (search public.gin_trgm_ops);
DROP TABLE sightings, workspace_looks;
