//! The tables as diesel sees them. Bulk writes and views are written as SQL beside their callers.

use diesel::{allow_tables_to_appear_in_same_query, joinable, table};

table! {
    users (id) {
        id -> BigInt,
        username -> Text,
        email -> Text,
        password_hash -> Text,
        role -> Text,
        disabled -> Bool,
        must_change_password -> Bool,
        created_at -> Timestamptz,
        last_login_at -> Nullable<Timestamptz>,
    }
}

table! {
    sessions (id) {
        id -> Uuid,
        user_id -> BigInt,
        created_at -> Timestamptz,
        expires_at -> Timestamptz,
        revoked_at -> Nullable<Timestamptz>,
    }
}

table! {
    refresh_tokens (hash) {
        hash -> Binary,
        session_id -> Uuid,
        created_at -> Timestamptz,
        used_at -> Nullable<Timestamptz>,
    }
}

table! {
    audit (id) {
        id -> BigInt,
        at -> Timestamptz,
        actor -> Text,
        action -> Text,
        subject -> Text,
        detail -> Jsonb,
        request_id -> Nullable<Text>,
        address -> Nullable<Text>,
    }
}

table! {
    settings (single) {
        single -> Bool,
        value -> Jsonb,
    }
}

table! {
    accounts (id) {
        id -> BigInt,
        name -> Text,
        account_id -> Text,
        role_arn -> Text,
        external_id -> Text,
        regions -> Array<Text>,
        created_at -> Timestamptz,
        version -> Integer,
        operator_role_arn -> Text,
    }
}

table! {
    sync_states (account, region, capability) {
        account -> BigInt,
        region -> Text,
        capability -> Text,
        state -> Text,
        succeeded_at -> Nullable<Timestamptz>,
        tried_at -> Nullable<Timestamptz>,
        rows -> BigInt,
        denied_action -> Nullable<Text>,
        message -> Nullable<Text>,
    }
}

table! {
    reports (id) {
        id -> BigInt,
        user_id -> BigInt,
        job_id -> BigInt,
        title -> Text,
        format -> Text,
        request -> Jsonb,
        created_at -> Timestamptz,
        finished_at -> Nullable<Timestamptz>,
        rows -> Nullable<BigInt>,
        bytes -> Nullable<BigInt>,
        sha256 -> Nullable<Text>,
        storage_key -> Nullable<Text>,
    }
}

table! {
    questions (id) {
        id -> BigInt,
        user_id -> Nullable<BigInt>,
        at -> Timestamptz,
        outcome -> Text,
        elapsed_ms -> Integer,
    }
}

table! {
    views (id) {
        id -> BigInt,
        user_id -> BigInt,
        name -> Text,
        plan -> Jsonb,
        shared -> Bool,
        on_overview -> Bool,
        report -> Nullable<Jsonb>,
        next_report_at -> Nullable<Timestamptz>,
        created_at -> Timestamptz,
    }
}

table! {
    synonyms (id) {
        id -> BigInt,
        phrase -> Text,
        name -> Text,
        means -> Text,
        created_by -> Text,
        created_at -> Timestamptz,
    }
}

table! {
    evaluations (id) {
        id -> BigInt,
        job_id -> BigInt,
        started_by -> Nullable<Text>,
        finished_at -> Timestamptz,
        model -> Nullable<Text>,
        catalog -> Text,
        groups -> Jsonb,
        misses -> Jsonb,
        median_ms -> Integer,
        p95_ms -> Integer,
    }
}

joinable!(sessions -> users (user_id));
joinable!(refresh_tokens -> sessions (session_id));
joinable!(reports -> users (user_id));
joinable!(views -> users (user_id));
allow_tables_to_appear_in_same_query!(users, sessions, refresh_tokens, reports, views);
