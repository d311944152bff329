-- What AWS charges, as Cost Explorer tells it, kept for ever: it forgets after 13 months. Days and months are in UTC, as on
-- the bill. Amounts are 1e-9 of the currency beside them; amounts of different currencies are never summed.

-- What an account is charged on a day, by service and region. A closed month is not asked for again and not written again.
CREATE TABLE cost_days (
    account   bigint      NOT NULL REFERENCES accounts ON DELETE CASCADE,
    day       date        NOT NULL,
    service   text        NOT NULL,
    region    text        NOT NULL,
    currency  text        NOT NULL,
    nanos     bigint      NOT NULL,
    estimated boolean     NOT NULL,
    read_at   timestamptz NOT NULL,
    PRIMARY KEY (account, day, service, region, currency)
);
CREATE INDEX cost_days_day ON cost_days (day);

-- Their sums, written with them: what lists of months read.
CREATE TABLE cost_months (
    account   bigint      NOT NULL REFERENCES accounts ON DELETE CASCADE,
    month     date        NOT NULL,
    service   text        NOT NULL,
    region    text        NOT NULL,
    currency  text        NOT NULL,
    nanos     bigint      NOT NULL,
    estimated boolean     NOT NULL,
    read_at   timestamptz NOT NULL,
    PRIMARY KEY (account, month, service, region, currency)
);
CREATE INDEX cost_months_month ON cost_months (month);

-- What was read of which month, and whether it will ever be asked for again.
CREATE TABLE cost_reads (
    account bigint      NOT NULL REFERENCES accounts ON DELETE CASCADE,
    month   date        NOT NULL,
    part    text        NOT NULL CHECK (part IN ('services', 'tags')),
    -- What it was grouped by, of tags: another key is another question.
    key     text        NOT NULL DEFAULT '',
    closed  boolean     NOT NULL,
    -- It adds up to what AWS says of the month without groups, where that was asked.
    whole   boolean     NOT NULL,
    -- By tag: how much of the month's costs carries it, 0 to 1.
    carried double precision,
    read_at timestamptz NOT NULL,
    PRIMARY KEY (account, month, part, key)
);

-- How the last reading of an account went, part by part.
CREATE TABLE cost_states (
    account       bigint NOT NULL REFERENCES accounts ON DELETE CASCADE,
    part          text   NOT NULL CHECK (part IN ('services', 'resources', 'tags')),
    state         text   NOT NULL,
    tried_at      timestamptz,
    succeeded_at  timestamptz,
    denied_action text,
    message       text,
    PRIMARY KEY (account, part)
);

-- The tag that holds desktops' own ids: whether costs are told by it, and how many desktops have it.
CREATE TABLE cost_tag_states (
    account          bigint      PRIMARY KEY REFERENCES accounts ON DELETE CASCADE,
    key              text        NOT NULL,
    state            text        NOT NULL CHECK (state IN ('unused', 'inactive', 'active', 'unknown')),
    -- Since when it was seen to be active.
    active_since     timestamptz,
    desktops_with    bigint      NOT NULL,
    desktops_without bigint      NOT NULL,
    counted_at       timestamptz NOT NULL
);

-- What a desktop is charged on a day, by resource; also one that was gone before Skydesk saw it. AWS tells 14 days.
CREATE TABLE cost_resource_days (
    workspace_id text        NOT NULL,
    day          date        NOT NULL,
    currency     text        NOT NULL,
    account      bigint      NOT NULL REFERENCES accounts ON DELETE CASCADE,
    nanos        bigint      NOT NULL,
    read_at      timestamptz NOT NULL,
    PRIMARY KEY (workspace_id, day, currency)
);
CREATE INDEX cost_resource_days_of ON cost_resource_days (account, day);

-- Days of which all pages were read; a desktop without a row on such a day was charged nothing.
CREATE TABLE cost_resource_reads (
    account bigint      NOT NULL REFERENCES accounts ON DELETE CASCADE,
    day     date        NOT NULL,
    read_at timestamptz NOT NULL,
    PRIMARY KEY (account, day)
);

-- What a desktop is charged in a month, by the tag with its id.
CREATE TABLE cost_tag_months (
    account      bigint      NOT NULL REFERENCES accounts ON DELETE CASCADE,
    month        date        NOT NULL,
    workspace_id text        NOT NULL,
    currency     text        NOT NULL,
    nanos        bigint      NOT NULL,
    read_at      timestamptz NOT NULL,
    PRIMARY KEY (account, month, workspace_id, currency)
);

-- The best that is known of a desktop's month, and what each source says by itself. Made from the above and from usage and
-- prices; those of a month are written together with its sums.
CREATE TABLE workspace_costs (
    workspace_id   text        NOT NULL,
    month          date        NOT NULL,
    currency       text        NOT NULL,
    account        bigint      NOT NULL REFERENCES accounts ON DELETE CASCADE,
    region         text        NOT NULL,
    nanos          bigint      NOT NULL,
    source         text        NOT NULL CHECK (source IN ('resource', 'tag', 'mixed', 'model')),
    status         text        NOT NULL CHECK (status IN ('final', 'estimated', 'partial')),
    resource_nanos bigint,
    resource_days  integer     NOT NULL,
    tag_nanos      bigint,
    -- Costs of the month carry the tag, but for nearly nothing.
    tag_whole      boolean     NOT NULL DEFAULT false,
    model_nanos    bigint,
    -- All that the model rests on is known.
    model_complete boolean     NOT NULL,
    as_of          timestamptz NOT NULL,
    PRIMARY KEY (workspace_id, month, currency)
);
CREATE INDEX workspace_costs_of ON workspace_costs (account, month);

-- Their sums by source, to stand beside the service's total.
CREATE TABLE cost_desktops (
    account  bigint      NOT NULL REFERENCES accounts ON DELETE CASCADE,
    month    date        NOT NULL,
    region   text        NOT NULL,
    currency text        NOT NULL,
    source   text        NOT NULL,
    status   text        NOT NULL,
    nanos    bigint      NOT NULL,
    desktops bigint      NOT NULL,
    as_of    timestamptz NOT NULL,
    PRIMARY KEY (account, month, region, currency, source, status)
);
CREATE INDEX cost_desktops_month ON cost_desktops (month);

-- Their sums by the tags that desktops had when the month was last put together. Of each key the dearest values; the others
-- are one row, so that a tag with a value of its own for each desktop costs no more than any.
CREATE TABLE cost_tags (
    account  bigint      NOT NULL REFERENCES accounts ON DELETE CASCADE,
    month    date        NOT NULL,
    key      text        NOT NULL,
    value    text        NOT NULL,
    others   boolean     NOT NULL,
    region   text        NOT NULL,
    currency text        NOT NULL,
    nanos    bigint      NOT NULL,
    source   text        NOT NULL,
    status   text        NOT NULL,
    as_of    timestamptz NOT NULL,
    PRIMARY KEY (account, month, key, value, others, region, currency)
);
CREATE INDEX cost_tags_key ON cost_tags (key, month);

-- When the desktops of a month were last put together, and whether that will be done again.
CREATE TABLE cost_settled (
    account    bigint      NOT NULL REFERENCES accounts ON DELETE CASCADE,
    month      date        NOT NULL,
    closed     boolean     NOT NULL,
    settled_at timestamptz NOT NULL,
    PRIMARY KEY (account, month)
);

-- A row for each desktop and month; and one for each other service, account and region. What AWS charges for desktops beyond
-- what is known of them is a row without a desktop, so that sums are those of the bill. Only dollars are
-- a number here, because sums of several currencies mean nothing.
CREATE VIEW ask_billing AS
SELECT c.workspace_id || ' ' || c.month || ' ' || c.currency AS id, c.workspace_id, w.user_name, a.name AS account, c.region,
       'Amazon WorkSpaces' AS service, coalesce(d.name, d.alias) AS directory, w.running_mode, w.compute_type,
       (c.month + time '00:00') AT TIME ZONE 'UTC' AS month, CASE c.currency WHEN 'USD' THEN round(c.nanos / 1e9, 2) END AS cost,
       round(c.nanos / 1e9, 2) || ' ' || c.currency AS charged, c.currency, c.source, c.status
FROM workspace_costs c
LEFT JOIN workspaces w ON w.id = c.workspace_id
LEFT JOIN accounts a ON a.id = c.account
LEFT JOIN directories d ON d.account = w.account AND d.region = w.region AND d.id = w.directory_id
UNION ALL
SELECT m.account || ' ' || m.service || ' ' || m.region || ' ' || m.month || ' ' || m.currency, NULL, NULL, a.name, m.region,
       m.service, NULL, NULL, NULL, (m.month + time '00:00') AT TIME ZONE 'UTC',
       CASE m.currency WHEN 'USD' THEN round((m.nanos - coalesce(p.nanos, 0)) / 1e9, 2) END,
       round((m.nanos - coalesce(p.nanos, 0)) / 1e9, 2) || ' ' || m.currency, m.currency, 'service',
       CASE WHEN m.estimated THEN 'estimated' ELSE 'final' END
FROM cost_months m
LEFT JOIN accounts a ON a.id = m.account
LEFT JOIN LATERAL (
    SELECT sum(d.nanos) AS nanos FROM cost_desktops d
    WHERE m.service = 'Amazon WorkSpaces' AND d.account = m.account AND d.month = m.month AND d.region = m.region
      AND d.currency = m.currency) p ON true;

GRANT SELECT ON ask_billing TO skydesk_reader;
