-- What a value may be called in short: some of its words that follow each other, but not all, squashed. The same as
-- domain::questions::words::parts.
CREATE FUNCTION name_parts(value text) RETURNS text[] LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT coalesce(array_agg(DISTINCT part), '{}')
    FROM (SELECT regexp_split_to_array(trim(regexp_replace(lower(value), '[^[:alnum:]]+', ' ', 'g')), ' ') AS words) AS w
    CROSS JOIN LATERAL generate_subscripts(words, 1) AS first
    CROSS JOIN LATERAL generate_series(first, least(first + 4, cardinality(words))) AS last
    CROSS JOIN LATERAL array_to_string(words[first:last], '') AS part
    WHERE last - first + 1 < cardinality(words) AND (length(part) >= 3 OR length(part) = 2 AND part ~ '[0-9]')
$$;
ALTER TABLE known_values ADD COLUMN parts text[] NOT NULL GENERATED ALWAYS AS (name_parts(value)) STORED;
CREATE INDEX known_values_parts ON known_values USING gin (parts);
