-- What can be asked about the house itself. The queue's tables are there before these: its migrations come first.

-- What of an account is still looked at; the worst that those looks say. Desktops are counted where the total of the list is.
CREATE VIEW ask_accounts AS
SELECT a.name, a.account_id, cardinality(a.regions) AS regions, a.operator_role_arn <> '' AS can_operate,
       s.sync_state, s.synced_at, n.desktops, a.created_at
FROM accounts a
LEFT JOIN LATERAL (
    SELECT CASE WHEN bool_or(state = 'denied') THEN 'denied'
                WHEN bool_or(state IN ('failed', 'throttled')) THEN 'failed'
                WHEN bool_or(succeeded_at IS NOT NULL) THEN 'ok'
                ELSE 'never' END AS sync_state,
           max(succeeded_at) AS synced_at
    FROM sync_states WHERE account = a.id AND region = ANY (a.regions)) s ON true
LEFT JOIN LATERAL (
    SELECT coalesce(sum(c.n), 0)::bigint AS desktops FROM workspace_counts c WHERE c.account = a.id) n ON true;

-- A proposal that nobody decided about in time has expired, though its row still says otherwise. Only dollars are a number
-- here, as of costs.
CREATE VIEW ask_operations AS
SELECT o.id, o.action, CASE WHEN o.state = 'proposed' AND o.expires_at <= now() THEN 'expired' ELSE o.state END AS state,
       o.proposed_by, o.proposed_at, o.decided_by, o.decided_at, o.began_at, o.ended_at, d.desktops, d.failed,
       CASE o.predicted_currency WHEN 'USD' THEN round(o.predicted_p50 / 1e9, 2) END AS predicted_saving, o.reason
FROM operations o
LEFT JOIN LATERAL (
    SELECT count(*) AS desktops, count(*) FILTER (WHERE state IN ('refused', 'failed')) AS failed
    FROM operation_desktops WHERE operation = o.id) d ON true;

-- Whose a report is tells its user_id, by which answers leave out what is somebody else's. A report whose job was forgotten
-- had ended.
CREATE VIEW ask_reports AS
SELECT r.id, r.user_id, r.title, r.format, u.username AS asked_by,
       CASE WHEN r.finished_at IS NOT NULL THEN 'done' ELSE coalesce(j.state, 'done') END AS state,
       r.created_at, r.finished_at, r.rows, r.bytes
FROM reports r
LEFT JOIN users u ON u.id = r.user_id
LEFT JOIN queue_jobs j ON j.id = r.job_id;

-- Neither what a job was given to do nor who runs it.
CREATE VIEW ask_jobs AS
SELECT id, kind, state, attempts, created_at, finished_at, last_error AS error FROM queue_jobs;

-- No password and no hash, so that no question can be about them.
CREATE VIEW ask_users AS
SELECT id, username, email, role, disabled, created_at, last_login_at FROM users;

-- Savings in dollars alone are a number here, too: sums of several currencies mean nothing.
CREATE OR REPLACE VIEW ask_recommendations AS
SELECT r.id, r.workspace_id, w.user_name, a.name AS account, w.region, w.running_mode, w.auto_stop_minutes, w.compute_type,
       r.action, r.minutes, r.holds_from, r.why, CASE r.currency WHEN 'USD' THEN round(r.saves_p50 / 1e9, 2) END AS saves_p50,
       CASE r.currency WHEN 'USD' THEN round(r.saves_p90 / 1e9, 2) END AS saves_p90,
       r.saves_p50 AS saves_p50_nanos, r.saves_p90 AS saves_p90_nanos, r.currency, r.saves_until, r.confidence, r.estimated,
       r.usage_from, r.usage_until, r.days_known, r.days_missing, r.prices, r.made_at,
       (SELECT max(o.id) FROM operations o WHERE o.recommendation = r.id
           AND (o.state IN ('queued', 'running') OR o.state = 'proposed' AND o.expires_at > now())) AS operation
FROM recommendations r
JOIN workspaces w ON w.id = r.workspace_id AND w.gone_at IS NULL
LEFT JOIN accounts a ON a.id = w.account;

GRANT SELECT ON ask_accounts, ask_operations, ask_reports, ask_jobs, ask_users TO skydesk_reader;
