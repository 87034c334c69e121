//! The mapping files that come with the program.
