-- What a sync saw as it was before is not written again: with three capabilities, three rows written for each desktop, each
-- time, were nearly all that a sync of an unchanged estate cost. When a desktop was last seen follows from when its place
-- was last looked at in full, which is one row a place.

-- Since when everything of an account-region has been looked at. What is there, was there at that time.
CREATE TABLE workspace_looks (
    account           bigint NOT NULL REFERENCES accounts ON DELETE CASCADE,
    region            text   NOT NULL,
    desktops          timestamptz,
    tags              timestamptz,
    connection_status timestamptz,
    PRIMARY KEY (account, region)
);

-- Which desktops a sweep has come across so far, a row for each batch. Cleared when it is complete.
CREATE TABLE sightings (
    account       bigint      NOT NULL REFERENCES accounts ON DELETE CASCADE,
    region        text        NOT NULL,
    capability    text        NOT NULL,
    sweep         timestamptz NOT NULL,
    workspace_ids text[]      NOT NULL
);
CREATE INDEX sightings_by_place ON sightings (account, region, capability);

-- A search that reads the 20,000 rows of a large estate takes milliseconds without it, while the trigrams of each new or
-- newly tagged desktop took longer to write than all the rest.
DROP INDEX workspaces_search;

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
       w.gone_at, w.search
FROM workspaces w
LEFT JOIN accounts a ON a.id = w.account
LEFT JOIN directories d ON d.account = w.account AND d.region = w.region AND d.id = w.directory_id
LEFT JOIN bundles b ON b.account = w.account AND b.region = w.region AND b.id = w.bundle_id
LEFT JOIN workspace_looks l ON l.account = w.account AND l.region = w.region;
