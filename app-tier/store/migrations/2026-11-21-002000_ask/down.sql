DROP VIEW ask_accounts, ask_operations, ask_reports, ask_jobs, ask_users;
CREATE OR REPLACE VIEW ask_recommendations AS
SELECT r.id, r.workspace_id, w.user_name, a.name AS account, w.region, w.running_mode, w.auto_stop_minutes, w.compute_type,
       r.action, r.minutes, r.holds_from, r.why, round(r.saves_p50 / 1e9, 2) AS saves_p50, round(r.saves_p90 / 1e9, 2) AS saves_p90,
       r.saves_p50 AS saves_p50_nanos, r.saves_p90 AS saves_p90_nanos, r.currency, r.saves_until, r.confidence, r.estimated,
       r.usage_from, r.usage_until, r.days_known, r.days_missing, r.prices, r.made_at,
       (SELECT max(o.id) FROM operations o WHERE o.recommendation = r.id
           AND (o.state IN ('queued', 'running') OR o.state = 'proposed' AND o.expires_at > now())) AS operation
FROM recommendations r
JOIN workspaces w ON w.id = r.workspace_id AND w.gone_at IS NULL
LEFT JOIN accounts a ON a.id = w.account;
