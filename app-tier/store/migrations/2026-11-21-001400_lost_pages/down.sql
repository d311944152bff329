ALTER TABLE cost_resource_reads
    DROP COLUMN whole,
    DROP COLUMN tries;
