-- A desktop that is kept for one in another region: nobody uses it, and nobody is to be told that it can go.
ALTER TABLE workspaces ADD COLUMN standby boolean NOT NULL DEFAULT false;
