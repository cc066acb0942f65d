//! Drives the same use cases a person would cause, so that a demo county lives.
