ALTER TABLE workspaces DROP COLUMN standby;
