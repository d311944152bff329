-- How many desktops have the tag is counted where it is asked, not when AWS is.
ALTER TABLE cost_tag_states DROP COLUMN desktops_with, DROP COLUMN desktops_without;
ALTER TABLE cost_tag_states RENAME COLUMN counted_at TO asked_at;
