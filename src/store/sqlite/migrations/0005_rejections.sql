-- Requests that were refused, a ring for each source. Credentials are fingerprints already.
-- `carrier`: where the scheme of the source carried a credential at that time.
-- `body`: NULL where it was not read, or not kept.
-- `ring_start`: how many bytes of its source were kept before it, ever; so that what no longer fits
-- into the ring is found without adding anything up.
-- `admitted`: the ids of the events that it became.
CREATE TABLE rejections (
    id          BLOB    PRIMARY KEY NOT NULL,
    source      TEXT    NOT NULL,
    received_at INTEGER NOT NULL,
    code        TEXT    NOT NULL,
    peer        TEXT,
    method      TEXT    NOT NULL,
    target      TEXT    NOT NULL,
    headers     TEXT    NOT NULL,
    carrier     TEXT,
    body        BLOB,
    causes      TEXT    NOT NULL,
    bytes       INTEGER NOT NULL,
    ring_start  INTEGER NOT NULL,
    admitted_at INTEGER,
    admitted    TEXT,
    CHECK ((admitted_at IS NULL) = (admitted IS NULL))
) STRICT;

CREATE INDEX rejections_in_ring ON rejections (source, ring_start);
CREATE INDEX rejections_of_source ON rejections (source, id);
CREATE INDEX rejections_by_time ON rejections (received_at);
