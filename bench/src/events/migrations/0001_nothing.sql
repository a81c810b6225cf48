-- The bench has no tables of its own but those that it makes itself.
SELECT 1;
