//! The tables as Diesel sees them; `migrations/` is what makes them.

diesel::table! {
    queue_jobs (id) {
        id -> Int8,
        kind -> Text,
        payload -> Jsonb,
        unique_key -> Nullable<Text>,
        schedule -> Nullable<Text>,
        planned_at -> Nullable<Timestamptz>,
        requested_by -> Nullable<Int8>,
        priority -> Int2,
        state -> Text,
        due_at -> Timestamptz,
        attempts -> Int4,
        lease_id -> Nullable<Uuid>,
        worker -> Nullable<Text>,
        cancel_requested -> Bool,
        checkpoint -> Nullable<Jsonb>,
        progress -> Nullable<Jsonb>,
        last_error -> Nullable<Text>,
        created_at -> Timestamptz,
        started_at -> Nullable<Timestamptz>,
        finished_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    queue_schedules (id) {
        id -> Int8,
        name -> Text,
        cron -> Text,
        timezone -> Text,
        kind -> Text,
        payload -> Jsonb,
        unique_key -> Nullable<Text>,
        enabled -> Bool,
        last_planned -> Nullable<Timestamptz>,
        next_planned -> Nullable<Timestamptz>,
        updated_at -> Timestamptz,
    }
}
