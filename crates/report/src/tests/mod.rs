//! Samples and helpers of the crate's tests, and what holds across writers. They must never read a file or the network.

pub(crate) mod sample;
mod xlsx;
pub(crate) mod xml;
