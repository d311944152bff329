-- What Skydesk does to desktops, from the proposal to the last desktop, and what applied changes saved.

-- The role that operations take on; empty: Skydesk only reads in that account.
ALTER TABLE accounts ADD COLUMN operator_role_arn text NOT NULL DEFAULT '';

CREATE TABLE operations (
    id                 bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    action             text        NOT NULL,
    parameters         jsonb       NOT NULL,
    -- A proposal that nobody decided about in time stays 'proposed'; that it has expired follows from expires_at.
    state              text        NOT NULL CHECK (state IN
        ('proposed', 'queued', 'running', 'done', 'partly_done', 'failed', 'unknown', 'rejected', 'cancelled')),
    reason             text        NOT NULL,
    -- Names stay when people go.
    proposer           bigint      REFERENCES users ON DELETE SET NULL,
    proposed_by        text        NOT NULL,
    proposed_at        timestamptz NOT NULL,
    expires_at         timestamptz,
    decided_by         text,
    decided_at         timestamptz,
    decision_note      text,
    confirmation       text,
    -- Of recommendations that may be withdrawn since, with what they said.
    recommendation     bigint,
    predicted_p50      bigint,
    predicted_p90      bigint,
    predicted_currency text,
    predicted_from     date,
    predicted_until    date,
    predicted_why      text,
    undo_of            bigint      REFERENCES operations,
    job_id             bigint,
    began_at           timestamptz,
    ended_at           timestamptz
);
CREATE INDEX operations_open ON operations (recommendation) WHERE state IN ('proposed', 'queued', 'running');
CREATE INDEX operations_undo_of ON operations (undo_of) WHERE undo_of IS NOT NULL;

CREATE TABLE operation_desktops (
    operation    bigint      NOT NULL REFERENCES operations ON DELETE CASCADE,
    place        integer     NOT NULL,
    -- Desktops and accounts that are gone since are named here still.
    workspace_id text        NOT NULL,
    account      bigint      NOT NULL,
    account_name text        NOT NULL,
    region       text        NOT NULL,
    user_name    text        NOT NULL,
    -- Desktops that are looked at and called for together.
    call_group   integer     NOT NULL,
    state        text        NOT NULL CHECK (state IN
        ('planned', 'waiting', 'calling', 'accepted', 'done', 'refused', 'failed', 'unknown', 'cancelled')),
    before       jsonb       NOT NULL,
    set          jsonb       NOT NULL,
    -- AWS's state right before the call.
    state_before text,
    -- The intent, written before the call; the answer, written after it.
    called_at    timestamptz,
    answered_at  timestamptz,
    -- AWS was seen at it.
    at_work      boolean     NOT NULL DEFAULT false,
    ended_at     timestamptz,
    code         text,
    message      text,
    PRIMARY KEY (operation, workspace_id)
);
CREATE INDEX operation_desktops_of ON operation_desktops (workspace_id);
-- Two operations never act on one desktop at the same time.
CREATE UNIQUE INDEX operation_desktops_busy ON operation_desktops (workspace_id) WHERE state IN ('waiting', 'calling', 'accepted');

-- The savings ledger: a change that was applied and seen, with the settings and prices of that day.
CREATE TABLE applied_changes (
    operation     bigint      NOT NULL REFERENCES operations ON DELETE CASCADE,
    workspace_id  text        NOT NULL,
    account_name  text        NOT NULL,
    region        text        NOT NULL,
    user_name     text        NOT NULL,
    applied_at    timestamptz NOT NULL,
    before        jsonb       NOT NULL,
    -- NULL: the desktop was terminated.
    after         jsonb,
    -- NULL: no price was known.
    prices_before jsonb,
    prices_after  jsonb,
    PRIMARY KEY (operation, workspace_id)
);
CREATE INDEX applied_changes_at ON applied_changes (applied_at);
CREATE INDEX applied_changes_of ON applied_changes (workspace_id, applied_at);

-- Whose doing a change is when it was Skydesk's: known at once, without CloudTrail.
ALTER TABLE changes ADD COLUMN operation bigint REFERENCES operations ON DELETE SET NULL;

CREATE OR REPLACE VIEW ask_changes AS
SELECT c.id, c.workspace_id, c.user_name, a.name AS account, c.region, c.kind, c.field, c.old, c.new, c.observed_at,
       c.made_by, coalesce(o.proposed_by, c.made_by ->> 'actor') AS actor, c.operation, o.proposed_by AS operation_by
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
LEFT JOIN accounts a ON a.id = c.account
LEFT JOIN operations o ON o.id = c.operation;

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
