-- A sync writes every desktop several times (seen, tags, connection) and changes next to nothing. With room on its page
-- for the next version of a row, PostgreSQL touches no index for that (HOT); without, each time all of them, of which the
-- trigrams of `search` alone cost more than everything else of a sync. Pages that are full already are left as they are:
-- they empty as their rows move.
ALTER TABLE workspaces SET (fillfactor = 50);
