-- Who said how it went with a desktop of which it could not be told, and how that was found out. What could not be told stays
-- in message.
ALTER TABLE operation_desktops
    ADD COLUMN settled_by   text,
    ADD COLUMN settled_at   timestamptz,
    ADD COLUMN settled_note text,
    ADD CONSTRAINT operation_desktops_settled
        CHECK ((settled_by IS NULL) = (settled_at IS NULL) AND (settled_at IS NULL) = (settled_note IS NULL));
