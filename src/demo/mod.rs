//! The demonstration: an invented small city, and everything `make demo` starts.

pub mod city;
pub mod sample_app;
