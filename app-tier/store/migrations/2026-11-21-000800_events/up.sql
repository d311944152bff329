-- Who did what to desktops, kept for ever: CloudTrail forgets after 90 days. An event never changes.
CREATE TABLE events (
    account         bigint      NOT NULL REFERENCES accounts ON DELETE CASCADE,
    -- CloudTrail's own.
    id              text        NOT NULL,
    region          text        NOT NULL,
    at              timestamptz NOT NULL,
    name            text        NOT NULL,
    summary         text        NOT NULL,
    actor           text        NOT NULL,
    actor_arn       text,
    source_identity text,
    source_ip       text,
    user_agent      text,
    read_only       boolean     NOT NULL,
    error_code      text,
    error_message   text,
    -- What was asked for, as AWS wrote it down: what Skydesk does not understand today it may understand tomorrow.
    request         jsonb,
    -- What it can have changed: names as in changes (a field, or the kind of change), each with its value afterwards, or
    -- null where the event does not tell.
    touched         jsonb       NOT NULL,
    PRIMARY KEY (account, id)
);

-- The desktops that an event names, or one row without any: what lists show. Some were gone before Skydesk saw them. What
-- lists are ordered and counted by is here as well, so that neither reads the events themselves.
CREATE TABLE event_workspaces (
    entry        bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    account      bigint      NOT NULL,
    event        text        NOT NULL,
    workspace_id text,
    at           timestamptz NOT NULL,
    read_only    boolean     NOT NULL,
    -- Why AWS did not do it to this one.
    error_code   text,
    UNIQUE (account, event, workspace_id),
    FOREIGN KEY (account, event) REFERENCES events ON DELETE CASCADE
);
CREATE INDEX event_workspaces_of ON event_workspaces (workspace_id, at DESC);
CREATE INDEX event_workspaces_done ON event_workspaces (at, entry) WHERE NOT read_only;

-- What of CloudTrail has been read without a gap, by account and region.
CREATE TABLE event_reads (
    account    bigint      NOT NULL REFERENCES accounts ON DELETE CASCADE,
    region     text        NOT NULL,
    read_from  timestamptz NOT NULL,
    read_until timestamptz NOT NULL,
    PRIMARY KEY (account, region),
    CHECK (read_from <= read_until)
);

-- When everything was last looked at before a change was noticed: it happened after that. NULL: not known.
ALTER TABLE changes ADD COLUMN since timestamptz;

CREATE VIEW ask_events AS
SELECT n.entry, n.event AS id, n.at, e.name, e.summary, a.name AS account, e.region, n.workspace_id, w.user_name, e.actor,
       e.actor_arn, e.source_identity, e.source_ip, e.user_agent, n.read_only, coalesce(n.error_code, e.error_code) AS error_code,
       e.error_message
FROM event_workspaces n
LEFT JOIN events e ON e.account = n.account AND e.id = n.event
LEFT JOIN workspaces w ON w.id = n.workspace_id
LEFT JOIN accounts a ON a.id = n.account;

-- Who made a change is looked up when somebody asks, because CloudTrail tells of a deed later than the desktop does: the
-- latest event of the desktop that can have made it. New hardware shows up to an hour after the call, and an end takes its
-- time; the rest shows within minutes. Clocks differ a little. Columns that nobody asks for are not computed.
CREATE OR REPLACE VIEW ask_changes AS
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

GRANT SELECT ON ask_events TO skydesk_reader;
