-- Two letters are a part of a name, too: "the na directory" is na.halden.example. The same as domain::questions::words::parts.
CREATE OR REPLACE FUNCTION name_parts(value text) RETURNS text[] LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT coalesce(array_agg(DISTINCT part), '{}')
    FROM (SELECT regexp_split_to_array(trim(regexp_replace(lower(value), '[^[:alnum:]]+', ' ', 'g')), ' ') AS words) AS w
    CROSS JOIN LATERAL generate_subscripts(words, 1) AS first
    CROSS JOIN LATERAL generate_series(first, least(first + 4, cardinality(words))) AS last
    CROSS JOIN LATERAL array_to_string(words[first:last], '') AS part
    WHERE last - first + 1 < cardinality(words) AND part ~ '[[:alpha:]]' AND length(part) >= 2
$$;
-- What is generated is not made anew when its function changes.
ALTER TABLE known_values DROP COLUMN parts;
ALTER TABLE known_values ADD COLUMN parts text[] NOT NULL GENERATED ALWAYS AS (
    -- domain::questions::link::NEVER_IN_PART
    CASE WHEN dimension IN ('id', 'account_id', 'bundle_id', 'computer_name', 'directory_id', 'ip_address', 'subnet_id', 'tags')
        THEN '{}'::text[] ELSE name_parts(value) END) STORED;
CREATE INDEX known_values_parts ON known_values USING gin (parts);
