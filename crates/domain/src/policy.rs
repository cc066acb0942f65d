//! What a pack says, as plain values: kinds with their forms and flows, posts with their rights, measures and
//! indicators. These are the shapes that a pack's TOML files are read into, and from which its JSON Schema is made.
//! Nothing here names a county, a scheme or a threshold.

mod accounts;
mod assembly;
mod board;
mod body;
mod clock;
mod due;
mod field;
mod flow;
mod heading;
mod kind;
mod ledger;
mod list;
mod number;
mod options;
mod own;
mod paper;
mod points;
mod post;
mod posted;
mod posting;
mod sheet;
mod texts;
mod tree;
mod whole;

pub use accounts::{AccountsColumn, AccountsRules, PLACE};
pub use assembly::{BallotRule, PostedRule, RegisterPage, Secrecy};
pub use board::{BoardRules, Colour};
pub use body::{Body, BodyRule, Count as VoteCount, Share};
pub use clock::{CategoryLimit, Clock, Escalation, LimitRule};
pub use due::{DutyRules, WINDOW_MOST, WindowRule};
pub use field::{DayRule, Field, FieldType};
pub use flow::{Assign, Extend, Join, Move, Mover, Opens, Phase, RequireWhen, Step, TakesBack, Vote};
pub use kind::{CATEGORY, Carry, Intake, Kind};
pub use ledger::{
    AccountKind, FlowLine, LedgerBucket, LedgerMeasure, LedgerRules, OwnerKind, PartyKind, Purpose, Quantity, Side,
    TransferKind, UnitKind,
};
pub use list::{
    ColumnChange, LIST_COLUMNS, LIST_MORE, ListClass, ListHead, ListRow, ListVersion, RowChange, list_cell,
    list_changes,
};
pub use number::{Basis, Better, Count, Indicator, IndicatorSource, Measure, Settings, WarningRule, WeightedRate};
pub use options::Options;
pub use own::OwnRules;
pub use paper::{DossierPart, PRINTED, Print};
pub use points::{Cap, Clearing, Honour, Legal, Loan, LoanGrade, Per, PointsRule, next_date};
pub use post::{Level, PostKind, Right};
pub use posted::PostedWords;
pub use posting::{Books, Posting};
pub use sheet::{Direction, Sheet, SheetColumn};
pub use texts::TextRules;
pub use tree::CatalogueTree;
pub use whole::{Catalogue, Item, Policy, Unit};
