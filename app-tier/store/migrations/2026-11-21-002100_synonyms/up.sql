-- Words that a house has of its own, and what is read in their place.
CREATE TABLE synonyms (
    id bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
    phrase text NOT NULL CHECK (char_length(phrase) BETWEEN 1 AND 60),
    -- The form in which names are compared: two phrases that a question cannot tell apart are one.
    name text NOT NULL,
    means text NOT NULL CHECK (char_length(means) BETWEEN 1 AND 60),
    created_by text NOT NULL,
    created_at timestamptz NOT NULL,
    CONSTRAINT synonyms_name_key UNIQUE (name)
);
