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
INSERT INTO cost_tags (account, month, key, value, others, region, currency, nanos, source, status, as_of)
SELECT s.account, s.month, s.key, t.value, s.others, s.region, s.currency, t.nanos, s.source, s.status, s.as_of
FROM cost_tag_sums s CROSS JOIN LATERAL unnest(s.named, s.nanos) AS t(value, nanos);

DROP TABLE cost_tag_sums;
DROP INDEX cost_days_service;
DROP TABLE cost_sums;
