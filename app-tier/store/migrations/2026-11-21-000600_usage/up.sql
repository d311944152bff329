-- Who was connected when, kept for ever: AWS forgets points of five minutes after 63 days. Stored as what they say, runs of
-- points, so that no timeout, price or rule is in them; sessions and hours are computed.
--
-- A desktop was observed from observed_from to observed_until, but for its gaps; in its connections a user was connected,
-- in the rest nobody. Runs begin and end on the five minutes of the metric, do not touch and do not overlap.
CREATE TABLE usage_marks (
    workspace_id   text        PRIMARY KEY REFERENCES workspaces ON DELETE CASCADE,
    observed_from  timestamptz NOT NULL,
    observed_until timestamptz NOT NULL,
    CHECK (observed_from < observed_until)
);

CREATE TABLE usage_connections (
    workspace_id text        NOT NULL REFERENCES workspaces ON DELETE CASCADE,
    began_at     timestamptz NOT NULL,
    ended_at     timestamptz NOT NULL,
    PRIMARY KEY (workspace_id, began_at),
    CHECK (began_at < ended_at)
);

CREATE TABLE usage_gaps (
    workspace_id text        NOT NULL REFERENCES workspaces ON DELETE CASCADE,
    began_at     timestamptz NOT NULL,
    ended_at     timestamptz NOT NULL,
    PRIMARY KEY (workspace_id, began_at),
    CHECK (began_at < ended_at)
);

-- What follows from them by the timeout that a desktop had when the day was read: days in UTC, as AWS bills.
CREATE TABLE usage_days (
    workspace_id      text    NOT NULL REFERENCES workspaces ON DELETE CASCADE,
    day               date    NOT NULL,
    connected_minutes integer NOT NULL,
    billable_hours    integer NOT NULL,
    estimated         boolean NOT NULL,
    PRIMARY KEY (workspace_id, day)
);
CREATE INDEX usage_days_day ON usage_days (day);

-- What asking AWS costs, by month: counted before each call, so that no crash makes it look cheaper than it is.
CREATE TABLE aws_spend (
    month   date   NOT NULL,
    -- Also one that is no longer registered: what was spent is spent.
    account bigint NOT NULL,
    api     text   NOT NULL,
    calls   bigint NOT NULL,
    -- What AWS charges by: metrics of GetMetricData, requests of Cost Explorer.
    units   bigint NOT NULL,
    -- 1e-9 USD.
    nanos   bigint NOT NULL,
    PRIMARY KEY (month, account, api)
);
