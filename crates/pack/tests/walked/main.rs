//! The kinds of the packs carried through the real engine, with facts counted as they fall out: what the source
//! reports count must come out of the flows as they ship.

mod dispute;
mod hotline;
mod others;
mod quality;
mod village;
mod world;
