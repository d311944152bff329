-- Sessions of a day are those that began on it by the desktop's timeout, as the page of its use shows them; connections were
-- counted. Runs end five minutes after their last point began; points that are at most the timeout and five minutes apart
-- belong together.
UPDATE usage_days d SET sessions = coalesce(s.n, 0)
FROM usage_days b
LEFT JOIN (
    SELECT workspace_id, (began_at AT TIME ZONE 'UTC')::date AS day, count(*) AS n
    FROM (
        SELECT c.workspace_id, c.began_at,
               c.began_at - lag(c.ended_at) OVER (PARTITION BY c.workspace_id ORDER BY c.began_at) AS pause,
               make_interval(mins => coalesce(nullif(greatest(w.auto_stop_minutes, 0), 0), 60)) AS timeout
        FROM usage_connections c JOIN workspaces w ON w.id = c.workspace_id
    ) AS c
    WHERE pause IS NULL OR pause > timeout
    GROUP BY 1, 2
) AS s USING (workspace_id, day)
WHERE d.workspace_id = b.workspace_id AND d.day = b.day;
