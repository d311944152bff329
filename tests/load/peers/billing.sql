-- What the product asks PostgreSQL for `GET /api/billing` over 24 months by service, without any server around it: the
-- floor. Settings, readings, sums by service, the service of desktops and its parts, days for the outlook, the tag, the cap.
-- Times are reckoned once for each statement, as the product binds them. (A colon would begin a variable of pgbench.)
SELECT value FROM settings;
SELECT a.id, a.name, p.part, coalesce(s.state, 'never'), s.tried_at, s.succeeded_at, s.denied_action, s.message
FROM accounts a CROSS JOIN unnest('{services,resources,tags}'::text[]) AS p(part)
LEFT JOIN cost_states s ON s.account = a.id AND s.part = p.part;
SELECT c.starts, c.key, c.currency, sum(c.nanos)::bigint, bool_or(c.estimated), min(c.read_at)
FROM cost_sums c WHERE c.step = 'month' AND c.dimension = 'service'
AND c.starts >= (SELECT (date_trunc('month', current_date) - interval '23 months')::date)
AND c.starts < (SELECT (date_trunc('month', current_date) + interval '1 month')::date) GROUP BY c.starts, c.key, c.currency;
SELECT c.account, (SELECT name FROM accounts WHERE id = c.account), c.starts, c.currency, bool_or(c.estimated), sum(c.nanos)::bigint,
    min(c.read_at)
FROM cost_sums c WHERE c.step = 'month' AND c.dimension = 'service' AND c.key = 'Amazon WorkSpaces'
AND c.starts >= (SELECT (date_trunc('month', current_date) - interval '23 months')::date)
AND c.starts < (SELECT (date_trunc('month', current_date) + interval '1 month')::date) GROUP BY c.account, c.starts, c.currency;
SELECT c.account, (SELECT name FROM accounts WHERE id = c.account), c.month, c.currency, c.source, c.status, sum(c.nanos)::bigint,
    sum(c.desktops)::bigint, min(c.as_of)
FROM cost_desktops c WHERE c.month >= (SELECT (date_trunc('month', current_date) - interval '23 months')::date)
AND c.month < (SELECT (date_trunc('month', current_date) + interval '1 month')::date)
GROUP BY c.account, c.month, c.currency, c.source, c.status;
SELECT c.starts, '', c.currency, sum(c.nanos)::bigint, bool_or(c.estimated), min(c.read_at)
FROM cost_sums c WHERE c.step = 'day' AND c.dimension = 'all'
AND c.starts >= (SELECT current_date - 57) AND c.starts < (SELECT current_date - 1) GROUP BY c.starts, c.currency;
SELECT bool_or(state = 'inactive'), bool_or(state = 'unknown'), bool_or(state = 'active'), max(active_since), min(asked_at)
FROM cost_tag_states WHERE key = 'skydesk' || chr(58) || 'workspace-id';
SELECT coalesce(sum(nanos), 0)::bigint FROM aws_spend WHERE month = (SELECT date_trunc('month', current_date)::date);
