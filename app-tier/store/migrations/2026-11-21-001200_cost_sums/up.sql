-- What answers about costs read first: months of an account by one of service and region, and in all; and days in all, which
-- the outlook rests on. Written with `cost_days` and `cost_months`, from them alone. The key's order is that in which answers
-- put them together.
CREATE TABLE cost_sums (
    step      text        NOT NULL CHECK (step IN ('month', 'day')),
    dimension text        NOT NULL CHECK (dimension IN ('all', 'service', 'region')),
    -- Its first day.
    starts    date        NOT NULL,
    -- Of the dimension; empty for all.
    key       text        NOT NULL,
    currency  text        NOT NULL,
    account   bigint      NOT NULL REFERENCES accounts ON DELETE CASCADE,
    nanos     bigint      NOT NULL,
    estimated boolean     NOT NULL,
    read_at   timestamptz NOT NULL,
    PRIMARY KEY (step, dimension, starts, key, currency, account)
);
CREATE INDEX cost_sums_of ON cost_sums (account, starts);

INSERT INTO cost_sums (step, dimension, starts, key, currency, account, nanos, estimated, read_at)
SELECT 'month', d.dimension, m.month, d.key, m.currency, m.account, sum(m.nanos), bool_or(m.estimated), min(m.read_at)
FROM cost_months m CROSS JOIN LATERAL (VALUES ('all', ''), ('service', m.service), ('region', m.region)) AS d(dimension, key)
GROUP BY 2, 3, 4, 5, 6
UNION ALL
SELECT 'day', 'all', day, '', currency, account, sum(nanos), bool_or(estimated), min(read_at) FROM cost_days
GROUP BY day, currency, account;

-- Days of one service: those of desktops are asked for by themselves.
CREATE INDEX cost_days_service ON cost_days (service, day);

-- The values of a tag side by side: thousands of rows for one answer were most of its cost. Each row has those of one source
-- and status; of each key the dearest are named, and the others are one value without a name.
CREATE TABLE cost_tag_sums (
    key      text        NOT NULL,
    month    date        NOT NULL,
    account  bigint      NOT NULL REFERENCES accounts ON DELETE CASCADE,
    region   text        NOT NULL,
    currency text        NOT NULL,
    source   text        NOT NULL,
    status   text        NOT NULL,
    others   boolean     NOT NULL,
    as_of    timestamptz NOT NULL,
    named    text[]      NOT NULL,
    nanos    bigint[]    NOT NULL CHECK (cardinality(nanos) = cardinality(named)),
    PRIMARY KEY (key, month, account, region, currency, source, status, others)
);
CREATE INDEX cost_tag_sums_of ON cost_tag_sums (account, month);

INSERT INTO cost_tag_sums (key, month, account, region, currency, source, status, others, as_of, named, nanos)
SELECT key, month, account, region, currency, source, status, others, min(as_of), array_agg(value), array_agg(nanos)
FROM cost_tags GROUP BY 1, 2, 3, 4, 5, 6, 7, 8;

DROP TABLE cost_tags;
