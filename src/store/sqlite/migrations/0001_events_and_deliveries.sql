-- Times are epoch milliseconds, ids are UUIDs of 16 bytes, keys are HMAC-SHA256 with the key of
-- the installation, cut to 16 bytes. References are not enforced at run time, because checking
-- them would cost a look-up per row of every recording; the tests check all of them instead.

CREATE TABLE installation (
    one        INTEGER PRIMARY KEY CHECK (one = 1),
    secret     BLOB    NOT NULL CHECK (length(secret) = 32),
    created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE sources (
    name       TEXT    PRIMARY KEY,
    created_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE mappings (
    source   TEXT    NOT NULL,
    version  TEXT    NOT NULL,
    text     TEXT    NOT NULL,
    noted_at INTEGER NOT NULL,
    PRIMARY KEY (source, version)
) STRICT;

-- Only requests whose body is not simply the bytes of their one event.
CREATE TABLE requests (
    id          BLOB    PRIMARY KEY NOT NULL,
    source      TEXT    NOT NULL,
    received_at INTEGER NOT NULL,
    headers     TEXT    NOT NULL,
    query       TEXT    NOT NULL,
    body        BLOB    NOT NULL
) STRICT;

-- Not WITHOUT ROWID: there, bodies beyond a quarter of a page would each take pages of their own.
CREATE TABLE events (
    id                BLOB    PRIMARY KEY NOT NULL,
    source            TEXT    NOT NULL,
    type              TEXT,
    provider_event_id TEXT,
    received_at       INTEGER NOT NULL,
    mapping_version   TEXT    NOT NULL,
    fault             TEXT,
    request_id        BLOB    REFERENCES requests (id),
    headers           TEXT,
    query             TEXT,
    bytes             BLOB    NOT NULL,
    CHECK ((request_id IS NULL) = (headers IS NOT NULL AND query IS NOT NULL))
) STRICT;

CREATE INDEX events_by_time ON events (received_at);
CREATE INDEX events_of_request ON events (request_id) WHERE request_id IS NOT NULL;

-- Outlives the events: `event_id` may name one that was removed.
CREATE TABLE event_keys (
    key        BLOB    PRIMARY KEY NOT NULL,
    event_id   BLOB    NOT NULL,
    expires_at INTEGER
) STRICT, WITHOUT ROWID;

CREATE INDEX event_keys_by_expiry ON event_keys (expires_at) WHERE expires_at IS NOT NULL;

-- `number` is the order of creation, which ids of the same millisecond don't tell.
-- `once_ms`: NULL is for good; otherwise only entries of the ledger younger than this hold back.
-- `waits_for`: a due delivery that another one must precede; set when a claim finds it, so that no
-- later claim looks at it again, and cleared when one that it waits for ends.
CREATE TABLE deliveries (
    number       INTEGER PRIMARY KEY,
    id           BLOB    NOT NULL UNIQUE,
    event_id     BLOB    NOT NULL REFERENCES events (id),
    source       TEXT    NOT NULL,
    rule         TEXT    NOT NULL,
    destination  TEXT    NOT NULL,
    state        TEXT    NOT NULL,
    reasons      TEXT,
    warnings     TEXT,
    created_at   INTEGER NOT NULL,
    attempts     INTEGER NOT NULL DEFAULT 0,
    spent_ms     INTEGER NOT NULL DEFAULT 0,
    due_at       INTEGER,
    waits_for    TEXT,
    lease        BLOB,
    leased_until INTEGER,
    customer     BLOB,
    pair         BLOB,
    once_ms      INTEGER,
    has_click    INTEGER,
    deferred     INTEGER,
    body         BLOB,
    CHECK ((state = 'pending') = (due_at IS NOT NULL)),
    CHECK ((state = 'leased') = (lease IS NOT NULL AND leased_until IS NOT NULL)),
    CHECK (waits_for IS NULL OR (state = 'pending' AND waits_for IN ('pair', 'customer')))
) STRICT;

CREATE INDEX deliveries_of_event ON deliveries (event_id);
CREATE INDEX deliveries_by_state ON deliveries (state);
CREATE INDEX deliveries_due ON deliveries (destination, due_at)
    WHERE state = 'pending' AND waits_for IS NULL;
CREATE INDEX deliveries_by_lease_end ON deliveries (leased_until) WHERE state = 'leased';
CREATE INDEX deliveries_leased ON deliveries (destination, pair) WHERE state = 'leased';
CREATE INDEX deliveries_unfinished ON deliveries (destination, customer)
    WHERE state IN ('pending', 'leased');
CREATE INDEX deliveries_after_pair ON deliveries (destination, pair) WHERE waits_for = 'pair';
CREATE INDEX deliveries_after_customer ON deliveries (destination, customer)
    WHERE waits_for = 'customer';

CREATE TABLE attempts (
    delivery_id      BLOB    NOT NULL REFERENCES deliveries (id),
    id               BLOB    NOT NULL,
    destination      TEXT    NOT NULL,
    pair             BLOB    NOT NULL,
    started_at       INTEGER NOT NULL,
    ended_at         INTEGER,
    status           INTEGER,
    destination_code TEXT,
    effect           TEXT,
    outcome          TEXT,
    late             INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (delivery_id, id)
) STRICT, WITHOUT ROWID;

-- Only what can change the meaning of a later answer.
CREATE INDEX attempts_of_pair ON attempts (destination, pair)
    WHERE effect IN ('marked', 'unknown');

-- Keys of (customer, event name) and of (event, rule); nothing readable, and never removed.
CREATE TABLE ledger (
    destination TEXT    NOT NULL,
    key         BLOB    NOT NULL,
    recorded_at INTEGER NOT NULL,
    PRIMARY KEY (destination, key)
) STRICT, WITHOUT ROWID;

-- Always empty: a probe writes here and takes it back.
CREATE TABLE probes (
    filler BLOB NOT NULL
) STRICT;
