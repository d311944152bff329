-- Durable jobs and the schedules that make them. The tables know nothing of who uses them.

CREATE TABLE queue_jobs (
    id               bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind             text        NOT NULL CHECK (kind <> ''),
    payload          jsonb       NOT NULL,
    -- Two jobs of one kind and key never wait or run at the same time.
    unique_key       text,
    -- Set on jobs that a schedule made: which one, and for which planned time.
    schedule         text,
    planned_at       timestamptz,
    requested_by     bigint,
    priority         smallint    NOT NULL DEFAULT 0,
    state            text        NOT NULL DEFAULT 'waiting'
                                 CHECK (state IN ('waiting', 'running', 'done', 'dead', 'cancelled')),
    -- When a worker may take it: its time while it waits, the lapse of its lease while it runs.
    due_at           timestamptz NOT NULL DEFAULT now(),
    attempts         integer     NOT NULL DEFAULT 0 CHECK (attempts >= 0),
    lease_id         uuid,
    worker           text,
    cancel_requested boolean     NOT NULL DEFAULT false,
    checkpoint       jsonb,
    progress         jsonb,
    last_error       text,
    created_at       timestamptz NOT NULL DEFAULT now(),
    started_at       timestamptz,
    finished_at      timestamptz,
    CONSTRAINT queue_jobs_lease_while_running
        CHECK ((state = 'running') = (lease_id IS NOT NULL)),
    CONSTRAINT queue_jobs_finished_at_the_end
        CHECK ((state IN ('done', 'dead', 'cancelled')) = (finished_at IS NOT NULL)),
    CONSTRAINT queue_jobs_planned_by_a_schedule
        CHECK ((schedule IS NULL) = (planned_at IS NULL))
);

CREATE UNIQUE INDEX queue_jobs_unique_key ON queue_jobs (kind, unique_key)
    WHERE unique_key IS NOT NULL AND state IN ('waiting', 'running');
-- Holds after the job has ended as well, so a planned time is enqueued once, whoever asks.
CREATE UNIQUE INDEX queue_jobs_schedule_planned ON queue_jobs (schedule, planned_at);
CREATE INDEX queue_jobs_due ON queue_jobs (priority DESC, due_at, id)
    WHERE state IN ('waiting', 'running');
CREATE INDEX queue_jobs_state ON queue_jobs (state, id);
CREATE INDEX queue_jobs_finished ON queue_jobs (finished_at) WHERE finished_at IS NOT NULL;

CREATE TABLE queue_schedules (
    id           bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name         text        NOT NULL UNIQUE CHECK (name <> ''),
    cron         text        NOT NULL,
    timezone     text        NOT NULL,
    kind         text        NOT NULL CHECK (kind <> ''),
    payload      jsonb       NOT NULL,
    unique_key   text,
    enabled      boolean     NOT NULL,
    last_planned timestamptz,
    -- NULL while it is switched off.
    next_planned timestamptz,
    updated_at   timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT queue_schedules_planned_while_enabled CHECK (enabled = (next_planned IS NOT NULL))
);

CREATE INDEX queue_schedules_due ON queue_schedules (next_planned) WHERE enabled;

-- The channel carries the table's oid, because channels belong to the database and not to a schema.
-- An empty payload means "there is work", a number means "this job shall stop".
CREATE FUNCTION queue_jobs_notify_work() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('queue_jobs_' || TG_RELID, '');
    RETURN NULL;
END
$$;

CREATE FUNCTION queue_jobs_notify_cancel() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('queue_jobs_' || TG_RELID, NEW.id::text);
    RETURN NULL;
END
$$;

CREATE TRIGGER queue_jobs_inserted AFTER INSERT ON queue_jobs
    FOR EACH STATEMENT EXECUTE FUNCTION queue_jobs_notify_work();

CREATE TRIGGER queue_jobs_waits_again AFTER UPDATE OF state ON queue_jobs
    FOR EACH ROW WHEN (OLD.state <> 'waiting' AND NEW.state = 'waiting' AND NEW.due_at <= now())
    EXECUTE FUNCTION queue_jobs_notify_work();

CREATE TRIGGER queue_jobs_cancel_asked AFTER UPDATE OF cancel_requested ON queue_jobs
    FOR EACH ROW WHEN (NEW.cancel_requested AND NOT OLD.cancel_requested)
    EXECUTE FUNCTION queue_jobs_notify_cancel();
