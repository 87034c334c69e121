//! leadhook turns signed webhooks into leads.
//!
//! Auth and form providers call it when somebody signs up or fills in a form. It verifies each
//! request, stores it durably, translates it by a mapping file of the source into a lead, and sends
//! that to Dub's `POST /track/lead`, so that the click that brought the person gets the credit. A
//! lead lost or counted twice is money, and everything here follows from that.
//!
//! # The words
//!
//! A *provider* is a kind of sender; a *source* is one configured inbound URL with its mapping file;
//! a *request* is one HTTP call and carries *events*; a *mapping* turns an event into *leads*; a
//! *delivery* is what one rule made of one event, and goes to the *destination* by *attempts*; the
//! *ledger* knows for good what has been recorded there. Each word means that and nothing else, in
//! code, files, logs and answers.
//!
//! # The house
//!
//! | module | what it does |
//! |---|---|
//! | [`ingest`] | the routes: reads a request, has it verified, split, mapped and stored, answers |
//! | [`admin`] | the API of operators: refused requests, and admitting them |
//! | [`provider`] | verification by declared scheme, splitting into events; one file a provider |
//! | [`mapping`] | mapping files: parsed, checked, compiled, applied |
//! | [`lead`] | the lead body by the destination's rules, with repairs |
//! | [`store`] | the verbs that change durable facts, and SQLite behind them |
//! | [`delivery`] | due deliveries become attempts; what they give is decided and stored |
//! | [`topology`] | the checked whole of sources, providers and mappings; immutable |
//! | [`monitor`] | tells when a field that used to be found stops coming |
//! | [`review`] | what stored events say about a mapping |
//! | [`reload`] | mapping files that change while it runs: a good one takes effect, a bad one does not |
//! | [`config`] | settings from a file and the environment |
//! | [`model`] | the nouns; [`diagnostic`]: every code once; [`clock`]: the only `now` |
//! | [`telemetry`] | logs and metrics |
//! | [`sample`] | look-alikes of real events, to be kept and shared as samples |
//! | [`sandbox`] | a stand-in destination and signed sample traffic, for `demo` and tests |
//! | [`app`], [`cli`] | assembly: building, starting, stopping; the commands |
//!
//! Dependencies go one way, and a test reads the sources to see that they do. [`ingest`] and
//! [`delivery`] meet only in the [`store`], plus a wake-up whose loss loses nothing. [`provider`],
//! [`mapping`], [`lead`], [`model`] and the policy of [`delivery`] are pure. SQL lives in the store,
//! outbound HTTP in `delivery::client`, the environment in `cli`.
//!
//! # What always holds
//!
//! - Only a [`provider::Verifier`] makes a [`provider::Verified`], and only that can be recorded. What
//!   it refuses is kept aside, until an operator admits it and it verifies.
//! - One fact, one transaction. 2xx only after its commit is on disk. No network inside one.
//! - The bytes of an event never change. The bytes of a lead never change once it is due.
//! - Delivery is at least once. The ledger, and the destination's own memory of 7 days, make it
//!   once in practice.
//! - A request is served by one version of its mapping from beginning to end, and the text of every
//!   version that was ever in force is in the store.
//! - Everything has a limit: bodies, batches, queues, attempts, answers, mapping steps.
//! - A destination's failure is data, not an error.
//!
//! # One event from beginning to end
//!
//! Clerk calls `POST /webhooks/clerk`. [`ingest`] reads the body, counting, and asks the source's
//! [`provider::Verifier`], which compares the signature over the raw bytes in constant time and
//! gives a [`provider::Verified`]. The [`provider::Provider`] cuts the body into events (one here)
//! and finds id and type of each. The source's [`mapping::Mapping`] makes of the event what its
//! rules say: a [`model::Lead`] whose body [`lead`] has checked, one that waits for its click id, or
//! the reason why there is none.
//!
//! [`store::Store::record`] hands request, event and deliveries to the writer thread, which puts
//! whatever waits into one transaction, commits, and only then answers. Is the event's key known,
//! nothing is written. Has the ledger the customer with this event name, the delivery is
//! `recorded_before`. Only now does Clerk get its 200.
//!
//! Where the [`delivery`] side is idle it has offered a slot, and the lead was stored as leased with
//! its attempt started: it goes through [`store::HandOver`] and is on its way within milliseconds.
//! Otherwise the dispatcher claims it from the store when pace and destination allow. One HTTP
//! attempt later `delivery::policy` looks at the answer and at the history of customer and event
//! name, and says what follows; [`store::Store::conclude`] stores that, fenced by the lease. If the
//! process dies anywhere on this way, the next start finds the delivery due, or its lease expired.

pub mod admin;
pub mod app;
pub mod cli;
pub mod clock;
pub mod config;
pub mod delivery;
pub mod diagnostic;
pub mod ingest;
pub mod lead;
pub mod mapping;
pub mod model;
pub mod monitor;
pub mod provider;
pub mod reload;
pub mod review;
pub mod sample;
pub mod sandbox;
pub mod store;
pub mod telemetry;
pub mod topology;
