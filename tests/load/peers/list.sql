-- What the product asks PostgreSQL for a page of 50 in the usual order, without any server around it: the floor.
-- The place to begin at is made of a number that pgbench draws; names of users begin with letters.
\set letters random(0, 675)
SELECT id, account, account_id, region, directory_id, directory, bundle_id, bundle, user_name, computer_name,
    ip_address, subnet_id, state, error_code, error_message, running_mode, auto_stop_minutes, compute_type,
    root_volume_gib, user_volume_gib, operating_system, protocol, root_encrypted, user_encrypted, connection,
    last_connected_at, connection_observed_at, tags, tags_observed_at, first_seen_at, observed_at, gone_at,
    (SELECT coalesce(sum(n), 0)::bigint FROM workspace_counts) AS total
FROM ask_workspaces
WHERE gone_at IS NULL AND (user_name, id) > (chr(97 + :letters::int / 26) || chr(97 + :letters::int % 26), 'ws-')
ORDER BY user_name, id LIMIT 51;
