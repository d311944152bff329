-- A view whose report was stopped keeps how it was made, and has no next time.
ALTER TABLE views DROP CONSTRAINT views_check;
ALTER TABLE views ADD CONSTRAINT views_next_report_of_a_report CHECK (report IS NOT NULL OR next_report_at IS NULL);
