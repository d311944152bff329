DROP TABLE queue_schedules;
DROP TABLE queue_jobs;
DROP FUNCTION queue_jobs_notify_cancel;
DROP FUNCTION queue_jobs_notify_work;
