DROP TABLE aws_spend, usage_days, usage_gaps, usage_connections, usage_marks;
