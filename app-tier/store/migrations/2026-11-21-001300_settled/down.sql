ALTER TABLE operation_desktops DROP COLUMN settled_note, DROP COLUMN settled_at, DROP COLUMN settled_by;
