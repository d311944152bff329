-- How well this installation reads questions whose meaning is known. Only whole evaluations are written down.
CREATE TABLE evaluations (
    id bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
    -- A job that is driven again after it has written its evaluation writes no second one.
    job_id bigint NOT NULL UNIQUE,
    -- By username; null where it was nobody who is still there.
    started_by text,
    finished_at timestamptz NOT NULL,
    -- What changes with the weights of the model; null when none was asked.
    model text,
    -- What changes with the catalog, the house's words and the settings that decide.
    catalog text NOT NULL,
    groups jsonb NOT NULL,
    misses jsonb NOT NULL,
    median_ms integer NOT NULL CHECK (median_ms >= 0),
    p95_ms integer NOT NULL CHECK (p95_ms >= 0)
);
