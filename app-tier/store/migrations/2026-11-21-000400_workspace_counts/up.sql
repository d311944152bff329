-- How many desktops there are, by account and region, so that the total of the list reads a few rows instead of them all.
-- Triggers write it in the transaction that writes the desktops: in every snapshot it is what counting would give. Syncs
-- of different places write different rows and do not wait for each other.
CREATE TABLE workspace_counts (
    account bigint NOT NULL,
    region  text   NOT NULL,
    n       bigint NOT NULL,
    PRIMARY KEY (account, region)
);

-- Nobody writes between the count and the triggers.
LOCK TABLE workspaces IN SHARE MODE;
INSERT INTO workspace_counts (account, region, n)
SELECT account, region, count(*) FROM workspaces WHERE gone_at IS NULL GROUP BY account, region;

CREATE FUNCTION count_workspaces() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        INSERT INTO workspace_counts AS c (account, region, n)
        SELECT account, region, count(*) FROM written WHERE gone_at IS NULL GROUP BY account, region
        ORDER BY account, region
        ON CONFLICT (account, region) DO UPDATE SET n = c.n + excluded.n;
    ELSIF TG_OP = 'UPDATE' THEN
        -- Nearly always nothing: a desktop seen again counts as before.
        INSERT INTO workspace_counts AS c (account, region, n)
        SELECT account, region, sum(change) FROM (
            SELECT account, region, 1 AS change FROM written WHERE gone_at IS NULL
            UNION ALL SELECT account, region, -1 FROM replaced WHERE gone_at IS NULL) AS changes
        GROUP BY account, region HAVING sum(change) <> 0 ORDER BY account, region
        ON CONFLICT (account, region) DO UPDATE SET n = c.n + excluded.n;
    ELSIF TG_OP = 'DELETE' THEN
        INSERT INTO workspace_counts AS c (account, region, n)
        SELECT account, region, -count(*) FROM replaced WHERE gone_at IS NULL GROUP BY account, region
        ORDER BY account, region
        ON CONFLICT (account, region) DO UPDATE SET n = c.n + excluded.n;
    ELSE
        DELETE FROM workspace_counts;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER workspaces_counted_insert AFTER INSERT ON workspaces
    REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION count_workspaces();
CREATE TRIGGER workspaces_counted_update AFTER UPDATE ON workspaces
    REFERENCING NEW TABLE AS written OLD TABLE AS replaced FOR EACH STATEMENT EXECUTE FUNCTION count_workspaces();
CREATE TRIGGER workspaces_counted_delete AFTER DELETE ON workspaces
    REFERENCING OLD TABLE AS replaced FOR EACH STATEMENT EXECUTE FUNCTION count_workspaces();
CREATE TRIGGER workspaces_counted_truncate AFTER TRUNCATE ON workspaces
    FOR EACH STATEMENT EXECUTE FUNCTION count_workspaces();
