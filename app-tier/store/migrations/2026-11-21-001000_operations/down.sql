DROP VIEW ask_recommendations;
CREATE VIEW ask_recommendations AS
SELECT r.id, r.workspace_id, w.user_name, a.name AS account, w.region, w.running_mode, w.auto_stop_minutes, w.compute_type,
       r.action, r.minutes, r.holds_from, r.why, round(r.saves_p50 / 1e9, 2) AS saves_p50, round(r.saves_p90 / 1e9, 2) AS saves_p90,
       r.saves_p50 AS saves_p50_nanos, r.saves_p90 AS saves_p90_nanos, r.currency, r.saves_until, r.confidence, r.estimated,
       r.usage_from, r.usage_until, r.days_known, r.days_missing, r.prices, r.made_at
FROM recommendations r
JOIN workspaces w ON w.id = r.workspace_id AND w.gone_at IS NULL
LEFT JOIN accounts a ON a.id = w.account;
DROP VIEW ask_changes;
ALTER TABLE changes DROP COLUMN operation;
CREATE VIEW ask_changes AS
SELECT c.id, c.workspace_id, c.user_name, a.name AS account, c.region, c.kind, c.field, c.old, c.new, c.observed_at,
       c.made_by, c.made_by ->> 'actor' AS actor
FROM (
    SELECT changes.*, (
        SELECT jsonb_build_object('actor', e.actor, 'event_id', e.id, 'at', e.at)
        FROM event_workspaces n
        JOIN events e ON e.account = n.account AND e.id = n.event
        WHERE n.workspace_id = changes.workspace_id
          AND n.at <= changes.observed_at + interval '2 minutes'
          AND n.at >= coalesce(changes.since, changes.observed_at - interval '1 hour') -
              CASE WHEN changes.kind = 'gone' OR changes.field IN
                       ('compute_type', 'root_volume_gib', 'user_volume_gib', 'bundle_id', 'operating_system')
                   THEN interval '2 hours' ELSE interval '15 minutes' END
          AND n.error_code IS NULL AND e.error_code IS NULL
          AND e.touched ? coalesce(changes.field, changes.kind)
          AND (e.touched ->> coalesce(changes.field, changes.kind) IS NULL
               OR e.touched ->> coalesce(changes.field, changes.kind) = changes.new)
        ORDER BY n.at DESC, e.id DESC
        LIMIT 1) AS made_by
    FROM changes) c
LEFT JOIN accounts a ON a.id = c.account;
GRANT SELECT ON ask_changes, ask_recommendations TO skydesk_reader;
DROP TABLE applied_changes, operation_desktops, operations;
ALTER TABLE accounts DROP COLUMN operator_role_arn;
