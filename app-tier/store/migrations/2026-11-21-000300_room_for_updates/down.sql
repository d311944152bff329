ALTER TABLE workspaces RESET (fillfactor);
