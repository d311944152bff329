-- AWS's price list of desktops, one row for each of a desktop's three prices. Kept as long as it is not read anew.
CREATE TABLE prices (
    region           text    NOT NULL,
    operating_system text    NOT NULL,
    byol             boolean NOT NULL,
    compute_type     text    NOT NULL,
    root_gib         integer NOT NULL,
    user_gib         integer NOT NULL,
    unit             text    NOT NULL CHECK (unit IN ('always_on_month', 'auto_stop_month', 'auto_stop_hour')),
    -- 1e-9 of the currency.
    nanos            bigint  NOT NULL,
    currency         text    NOT NULL,
    PRIMARY KEY (region, operating_system, byol, compute_type, root_gib, user_gib, unit, currency)
);

-- When the price list of a region was asked for, and why it was not told.
CREATE TABLE price_reads (
    region  text        PRIMARY KEY,
    read_at timestamptz,
    -- The last try, which may have been in vain.
    tried_at timestamptz NOT NULL,
    message  text
);

-- What the engine advises, as of the last time it looked at a desktop.
CREATE TABLE recommendations (
    id           bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    workspace_id text        NOT NULL REFERENCES workspaces ON DELETE CASCADE,
    action       text        NOT NULL CHECK (action IN ('to_always_on', 'to_auto_stop', 'set_timeout', 'terminate')),
    minutes      integer,
    holds_from   date,
    why          text        NOT NULL,
    saves_p50    bigint      NOT NULL CHECK (saves_p50 >= 0),
    saves_p90    bigint      NOT NULL CHECK (saves_p90 >= 0),
    currency     text        NOT NULL,
    saves_until  date        NOT NULL,
    confidence   integer     NOT NULL,
    estimated    boolean     NOT NULL,
    usage_from   date        NOT NULL,
    usage_until  date        NOT NULL,
    days_known   integer     NOT NULL,
    days_missing integer     NOT NULL,
    prices       text        NOT NULL,
    made_at      timestamptz NOT NULL,
    UNIQUE (workspace_id, action)
);

CREATE VIEW ask_recommendations AS
SELECT r.id, r.workspace_id, w.user_name, a.name AS account, w.region, w.running_mode, w.auto_stop_minutes, w.compute_type,
       r.action, r.minutes, r.holds_from, r.why, round(r.saves_p50 / 1e9, 2) AS saves_p50, round(r.saves_p90 / 1e9, 2) AS saves_p90,
       r.saves_p50 AS saves_p50_nanos, r.saves_p90 AS saves_p90_nanos, r.currency, r.saves_until, r.confidence, r.estimated,
       r.usage_from, r.usage_until, r.days_known, r.days_missing, r.prices, r.made_at
FROM recommendations r
JOIN workspaces w ON w.id = r.workspace_id AND w.gone_at IS NULL
LEFT JOIN accounts a ON a.id = w.account;

CREATE VIEW ask_usage AS
SELECT u.workspace_id || ' ' || u.day AS id, u.workspace_id, w.user_name, a.name AS account, w.region,
       coalesce(d.name, d.alias) AS directory, w.running_mode, w.compute_type, (u.day + time '00:00') AT TIME ZONE 'UTC' AS day,
       u.connected_minutes, u.billable_hours, u.estimated
FROM usage_days u
JOIN workspaces w ON w.id = u.workspace_id
LEFT JOIN accounts a ON a.id = w.account
LEFT JOIN directories d ON d.account = w.account AND d.region = w.region AND d.id = w.directory_id;

DO $$
BEGIN
    EXECUTE format('GRANT SELECT ON ask_recommendations, ask_usage TO skydesk_reader');
END $$;
