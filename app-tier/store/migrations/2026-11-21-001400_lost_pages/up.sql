-- A day whose costs by resource do not add up to those by service lacks a page: what was told of it is no whole, and it is
-- asked for again, but not for ever.
ALTER TABLE cost_resource_reads
    ADD COLUMN whole boolean NOT NULL DEFAULT true,
    ADD COLUMN tries integer NOT NULL DEFAULT 1;
