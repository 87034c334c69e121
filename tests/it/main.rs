//! Black-box tests: the real binary over real sockets, a real database, a stand-in destination.

mod action;
mod architecture;
mod bad_input;
mod cases;
mod check;
mod clicks;
mod crash;
mod delivery;
mod demo;
mod disk_full;
mod export;
mod guide;
mod ingest;
mod providers;
mod readme;
mod serve;
mod support;
mod whatif;
