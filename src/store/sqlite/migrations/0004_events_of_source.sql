-- Without it, looking for the events of a source that has few reads those of all the others.
CREATE INDEX events_of_source ON events (source, received_at);
