//! Tests of the engine on a small county with one kind that uses every feature a pack can ask for.

mod clocks;
mod fixture;
mod histories;
mod join;
mod keep;
mod limits;
mod parts;
mod rules;
