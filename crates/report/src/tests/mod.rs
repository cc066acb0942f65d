//! Samples and helpers of the crate's tests, and what holds across writers.

pub(crate) mod sample;
pub(crate) mod xml;
mod xlsx;
