//! Files as offices send them and as somebody means harm with them: read, or refused once, within memory and time.

mod bombs;
mod fuzz;
mod package;
mod sheets;
