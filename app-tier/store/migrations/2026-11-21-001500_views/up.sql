-- Questions kept under a name. The plan is what is asked, whatever words led to it.
CREATE TABLE views (
    id bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
    user_id bigint NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    name text NOT NULL CHECK (char_length(name) BETWEEN 1 AND 80),
    plan jsonb NOT NULL,
    shared boolean NOT NULL DEFAULT false,
    on_overview boolean NOT NULL DEFAULT false,
    -- `contract::views::ViewReport`
    report jsonb,
    next_report_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT now(),
    CHECK ((report IS NULL) = (next_report_at IS NULL))
);
CREATE UNIQUE INDEX views_name_key ON views (user_id, lower(name));
CREATE INDEX views_due ON views (next_report_at) WHERE next_report_at IS NOT NULL;
