-- Clicks by the key of the customer whom they brought, the newest of each. Where `unreleased` is 1,
-- more leads were parked for it than one transaction makes due: the next claims go on.
CREATE TABLE clicks (
    customer   BLOB    PRIMARY KEY NOT NULL,
    click_id   TEXT    NOT NULL,
    learnt_at  INTEGER NOT NULL,
    unreleased INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;

CREATE INDEX clicks_by_age ON clicks (learnt_at);
CREATE INDEX clicks_unreleased ON clicks (customer) WHERE unreleased = 1;

CREATE INDEX deliveries_parked ON deliveries (customer) WHERE state = 'parked';
-- With the state, or the planner would take the index of all states, and sort.
CREATE INDEX deliveries_parked_by_age ON deliveries (state, created_at) WHERE state = 'parked';

-- Of the mapping that made the delivery; the event's own changes when it is mapped again.
ALTER TABLE deliveries ADD COLUMN mapping_version TEXT NOT NULL DEFAULT '';
UPDATE deliveries SET mapping_version = events.mapping_version
FROM events WHERE events.id = deliveries.event_id;
