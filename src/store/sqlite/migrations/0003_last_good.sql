-- The mapping file of each source as it was when it last had no fault. Its text is kept here once
-- more, because comments, secrets and cases may change while the version stays.
CREATE TABLE last_good (
    source  TEXT PRIMARY KEY NOT NULL,
    version TEXT NOT NULL,
    text    TEXT NOT NULL,
    FOREIGN KEY (source, version) REFERENCES mappings (source, version)
) STRICT;

-- SQLite takes the bare columns from the row that has the maximum.
INSERT INTO last_good (source, version, text)
SELECT source, version, text FROM (
    SELECT source, version, text, max(noted_at) FROM mappings GROUP BY source
);
