//! Black-box tests: the real binary over real sockets, a real database, a stand-in destination.

mod action;
mod architecture;
mod authoring;
mod bad_input;
mod cases;
mod check;
mod clicks;
mod coverage;
mod crash;
mod custom;
mod delivery;
mod demo;
mod diagnostics;
mod disk_full;
mod export;
mod guide;
mod ingest;
mod limits;
mod map;
mod providers;
mod readme;
mod rejections;
mod reload;
mod serve;
mod support;
mod whatif;
