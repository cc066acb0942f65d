//! Pure rules of rural governance. The eight nouns stand here under their own names: region, register, catalogue
//! (in `policy`), matter with its flow, ledger, indicator (in `policy`) over facts, pack values (`policy`), journal (`entry`).
//! Nothing here does I/O, reads a clock or draws a random number; all of these are arguments.

pub mod ballot;
pub mod calendar;
pub mod code;
pub mod condition;
pub mod crypto;
pub mod day;
pub mod due;
pub mod duty;
pub mod entry;
pub mod erasure;
pub mod fact;
pub mod flow;
pub mod form;
pub mod gazetteer;
pub mod ids;
pub mod ledger;
pub mod mask;
pub mod matter;
pub mod policy;
pub mod propose;
pub mod receipt;
pub mod refusal;
pub mod region;
pub mod register;
pub mod report;
pub mod reported;
pub mod saying;
pub mod similar;
pub mod subscription;
pub mod surge;
pub mod words;
