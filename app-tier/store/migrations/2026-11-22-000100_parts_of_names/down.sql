ALTER TABLE known_values DROP COLUMN parts;
DROP FUNCTION name_parts(text);
