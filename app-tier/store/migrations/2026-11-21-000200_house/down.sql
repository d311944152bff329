-- The role stays: other databases of the server may use it.
DROP VIEW ask_changes, ask_workspaces;
DROP TABLE questions, reports, known_values, changes, workspaces, directories, bundles, sync_states, accounts, settings,
    audit, refresh_tokens, sessions, users;
