//! A stand-in destination and signed sample traffic, for `demo` and the tests.
