-- The house: people, accounts, desktops and what was asked about them.

CREATE EXTENSION IF NOT EXISTS pg_trgm WITH SCHEMA public;

CREATE TABLE users (
    id                   bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    username             text        NOT NULL,
    email                text        NOT NULL DEFAULT '',
    password_hash        text        NOT NULL,
    role                 text        NOT NULL CHECK (role IN ('requester', 'viewer', 'operator', 'admin')),
    disabled             boolean     NOT NULL DEFAULT false,
    must_change_password boolean     NOT NULL DEFAULT false,
    created_at           timestamptz NOT NULL DEFAULT now(),
    last_login_at        timestamptz
);
-- Names are told apart without regard to case.
CREATE UNIQUE INDEX users_username_key ON users (lower(username));

-- A signed-in browser. Access tokens name it; ending it ends them.
CREATE TABLE sessions (
    id         uuid        PRIMARY KEY,
    user_id    bigint      NOT NULL REFERENCES users ON DELETE CASCADE,
    created_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL,
    revoked_at timestamptz
);
CREATE INDEX sessions_user_id ON sessions (user_id);

-- Each is good for one refresh. Only its SHA-256 is here.
CREATE TABLE refresh_tokens (
    hash       bytea       PRIMARY KEY,
    session_id uuid        NOT NULL REFERENCES sessions ON DELETE CASCADE,
    created_at timestamptz NOT NULL DEFAULT now(),
    used_at    timestamptz
);
CREATE INDEX refresh_tokens_session_id ON refresh_tokens (session_id);

CREATE TABLE audit (
    id         bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at         timestamptz NOT NULL DEFAULT now(),
    actor      text        NOT NULL,
    action     text        NOT NULL,
    subject    text        NOT NULL,
    detail     jsonb       NOT NULL DEFAULT '{}',
    request_id text,
    address    text
);

-- One row: what administrators set. Absent fields have their default.
CREATE TABLE settings (
    single boolean PRIMARY KEY DEFAULT true CHECK (single),
    value  jsonb   NOT NULL
);

CREATE TABLE accounts (
    id          bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name        text        NOT NULL CONSTRAINT accounts_name_key UNIQUE,
    account_id  text        NOT NULL CONSTRAINT accounts_account_id_key UNIQUE,
    role_arn    text        NOT NULL,
    external_id text        NOT NULL DEFAULT '',
    regions     text[]      NOT NULL,
    created_at  timestamptz NOT NULL DEFAULT now(),
    version     integer     NOT NULL DEFAULT 1
);

-- How the last look at each capability of each account-region went.
CREATE TABLE sync_states (
    account       bigint NOT NULL REFERENCES accounts ON DELETE CASCADE,
    region        text   NOT NULL,
    capability    text   NOT NULL,
    state         text   NOT NULL,
    succeeded_at  timestamptz,
    tried_at      timestamptz,
    rows          bigint NOT NULL DEFAULT 0,
    denied_action text,
    message       text,
    PRIMARY KEY (account, region, capability)
);

CREATE TABLE bundles (
    account      bigint NOT NULL REFERENCES accounts ON DELETE CASCADE,
    region       text   NOT NULL,
    id           text   NOT NULL,
    name         text   NOT NULL,
    owner        text,
    compute_type text,
    observed_at  timestamptz NOT NULL,
    PRIMARY KEY (account, region, id)
);

CREATE TABLE directories (
    account     bigint NOT NULL REFERENCES accounts ON DELETE CASCADE,
    region      text   NOT NULL,
    id          text   NOT NULL,
    name        text,
    alias       text,
    state       text,
    observed_at timestamptz NOT NULL,
    PRIMARY KEY (account, region, id)
);

CREATE TABLE workspaces (
    id                     text        PRIMARY KEY,
    account                bigint      NOT NULL REFERENCES accounts ON DELETE CASCADE,
    region                 text        NOT NULL,
    directory_id           text        NOT NULL,
    bundle_id              text,
    user_name              text        NOT NULL,
    computer_name          text,
    ip_address             text,
    subnet_id              text,
    state                  text        NOT NULL,
    error_code             text,
    error_message          text,
    running_mode           text,
    auto_stop_minutes      integer,
    compute_type           text,
    root_volume_gib        integer,
    user_volume_gib        integer,
    operating_system       text,
    protocol               text,
    root_encrypted         boolean     NOT NULL DEFAULT false,
    user_encrypted         boolean     NOT NULL DEFAULT false,
    connection             text,
    last_connected_at      timestamptz,
    connection_observed_at timestamptz,
    tags                   jsonb,
    tags_observed_at       timestamptz,
    first_seen_at          timestamptz NOT NULL,
    observed_at            timestamptz NOT NULL,
    gone_at                timestamptz,
    -- What `q=` looks into.
    search text NOT NULL GENERATED ALWAYS AS (
        lower(id || ' ' || user_name || ' ' || coalesce(computer_name, '') || ' ' || coalesce(tags::text, ''))
    ) STORED
);
-- The list in its usual order; the count of what exists reads nothing else.
CREATE INDEX workspaces_by_user ON workspaces (user_name, id) WHERE gone_at IS NULL;
CREATE INDEX workspaces_by_place ON workspaces (account, region);
CREATE INDEX workspaces_search ON workspaces USING gin (search public.gin_trgm_ops);

CREATE TABLE changes (
    id           bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    workspace_id text        NOT NULL,
    account      bigint      NOT NULL REFERENCES accounts ON DELETE CASCADE,
    region       text        NOT NULL,
    user_name    text        NOT NULL,
    kind         text        NOT NULL CHECK (kind IN ('appeared', 'gone', 'returned', 'changed')),
    field        text,
    old          text,
    new          text,
    observed_at  timestamptz NOT NULL
);
CREATE INDEX changes_workspace_id ON changes (workspace_id, id DESC);
CREATE INDEX changes_observed_at ON changes (observed_at);

-- Values that a question can name, squashed to letters and digits as domain::questions::words does.
CREATE TABLE known_values (
    entity    text NOT NULL,
    dimension text NOT NULL,
    value     text NOT NULL,
    name      text NOT NULL,
    PRIMARY KEY (entity, dimension, value)
);
CREATE INDEX known_values_name ON known_values (name);
CREATE INDEX known_values_similar ON known_values USING gin (name public.gin_trgm_ops);

CREATE TABLE reports (
    id           bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    user_id      bigint      NOT NULL REFERENCES users ON DELETE CASCADE,
    job_id       bigint      NOT NULL,
    title        text        NOT NULL,
    format       text        NOT NULL,
    request      jsonb       NOT NULL,
    created_at   timestamptz NOT NULL DEFAULT now(),
    finished_at  timestamptz,
    rows         bigint,
    bytes        bigint,
    sha256       text,
    -- Where the file lies in the file store; NULL before it is made and after it is cleared away.
    storage_key  text
);
CREATE INDEX reports_user_id ON reports (user_id, id DESC);

-- How questions were answered; never what was asked.
CREATE TABLE questions (
    id         bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    user_id    bigint      REFERENCES users ON DELETE SET NULL,
    at         timestamptz NOT NULL DEFAULT now(),
    outcome    text        NOT NULL,
    elapsed_ms integer     NOT NULL
);
CREATE INDEX questions_at ON questions (at);

-- Lists and answers read these views: one column for each dimension of domain::catalog. The joins are LEFT so that
-- PostgreSQL leaves out those whose columns nobody asks for.
CREATE VIEW ask_workspaces AS
SELECT w.id, w.user_name, w.computer_name, a.name AS account, a.account_id, w.region,
       coalesce(d.name, d.alias) AS directory, w.directory_id, b.name AS bundle, w.bundle_id,
       w.state, w.running_mode, w.auto_stop_minutes, w.compute_type, w.root_volume_gib, w.user_volume_gib,
       w.operating_system, w.protocol, w.root_encrypted, w.user_encrypted, w.connection, w.last_connected_at,
       w.connection_observed_at, w.ip_address, w.subnet_id, w.error_code, w.error_message, w.tags, w.tags_observed_at,
       w.first_seen_at, w.observed_at, w.gone_at, w.search
FROM workspaces w
LEFT JOIN accounts a ON a.id = w.account
LEFT JOIN directories d ON d.account = w.account AND d.region = w.region AND d.id = w.directory_id
LEFT JOIN bundles b ON b.account = w.account AND b.region = w.region AND b.id = w.bundle_id;

CREATE VIEW ask_changes AS
SELECT c.id, c.workspace_id, c.user_name, a.name AS account, c.region, c.kind, c.field, c.old, c.new, c.observed_at
FROM changes c
LEFT JOIN accounts a ON a.id = c.account;

-- Answers to questions run as this role: it reads the views and nothing else.
DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'skydesk_reader') THEN
        CREATE ROLE skydesk_reader NOLOGIN;
    END IF;
EXCEPTION WHEN duplicate_object OR unique_violation THEN
    -- Another database of the same server made it in this moment.
    NULL;
END $$;
DO $$
BEGIN
    EXECUTE format('GRANT USAGE ON SCHEMA %I TO skydesk_reader', current_schema());
    EXECUTE format('GRANT SELECT ON ask_workspaces, ask_changes TO skydesk_reader');
END $$;
-- Tried, not looked up: since PostgreSQL 16 one can be a member of a role, as its maker is, and not become it.
DO $$
BEGIN
    SET LOCAL ROLE skydesk_reader;
    RESET ROLE;
EXCEPTION WHEN insufficient_privilege THEN
    EXECUTE format('GRANT skydesk_reader TO %I', current_user);
END $$;
