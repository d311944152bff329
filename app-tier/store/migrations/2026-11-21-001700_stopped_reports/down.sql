ALTER TABLE views DROP CONSTRAINT views_next_report_of_a_report;
UPDATE views SET report = NULL WHERE next_report_at IS NULL;
ALTER TABLE views ADD CONSTRAINT views_check CHECK ((report IS NULL) = (next_report_at IS NULL));
