ALTER TABLE cost_tag_states RENAME COLUMN asked_at TO counted_at;
ALTER TABLE cost_tag_states ADD COLUMN desktops_with bigint NOT NULL DEFAULT 0, ADD COLUMN desktops_without bigint NOT NULL DEFAULT 0;
