//! What rows become: matters, people, posts or reported values. One shape for all of them, so that checking, sending
//! and the files to take away are written once.

use super::column::{Columns, ReadRow};
use super::ground::Ground;
use super::job::CellFault;
use super::orders::{Order, Orders};
use super::people::{self, Resident};
use super::reported;
use super::staff;
use crate::people::NewPost;
use xiangyue_domain::policy::Sheet;
use xiangyue_domain::refusal::{FieldFault, Refusal};
use xiangyue_domain::reported::Reported;
use xiangyue_sheet::Row;

/// What the rows of a sheet become.
pub(crate) enum Target {
    /// Matters of a kind.
    Orders(Orders),
    /// People of the register.
    People,
    /// Posts and who holds them.
    Staff,
    /// Values from before the platform.
    Reported,
}

/// What a row becomes, ready to be sent.
pub(crate) enum Body {
    /// A matter.
    Order(Box<Order>),
    /// A person.
    Person(Box<Resident>),
    /// A post given.
    Post(Box<NewPost>),
    /// A value.
    Value(Reported),
}

/// A row that was read and checked as far as memory allows.
pub(crate) struct Draft {
    /// Row of the file.
    pub row: u32,
    /// What is wrong; nothing for a row that holds.
    pub faults: Vec<CellFault>,
    /// What it becomes, when nothing is wrong.
    pub body: Option<Body>,
    /// By what two rows of a file, or of two files, are known for the same; empty for nothing.
    pub same: String,
    /// Column of the file that holds it.
    pub same_column: Option<usize>,
    /// Column of what the rules of disclosures judge: the item that is begun, or what a question is about.
    pub judged_column: Option<usize>,
    /// The row as it stands, where it is asked for.
    pub cells: Option<Row>,
}

impl Target {
    /// What the rows of a sheet become.
    pub fn of(sheet: &Sheet) -> Target {
        match sheet.subject.as_str() {
            "people" => Target::People,
            "staff" => Target::Staff,
            "reported" => Target::Reported,
            _ => Target::Orders(Orders::of(sheet)),
        }
    }

    /// Reads and checks a row against what is in memory.
    pub fn draft(&self, ground: &Ground, columns: &Columns, row: &Row, matched: &[Option<usize>]) -> Draft {
        let mut read = columns.read(ground, row, matched);
        let made = match self {
            Target::Orders(orders) => orders.draft(ground, &mut read),
            Target::People => people::draft(ground, &mut read),
            Target::Staff => staff::draft(ground, &mut read),
            Target::Reported => reported::draft(ground, &mut read),
        };
        let (same, field) = made.as_ref().map_or(("", ""), |m| (m.same.as_str(), m.field.as_str()));
        let (same, same_column) = (same.to_owned(), read.at.get(field).copied());
        let judged = if let Target::Orders(orders) = self { orders.judged(ground) } else { None };
        let judged_column = judged.and_then(|field| read.at.get(field).copied());
        let body = made.map(|m| m.body).filter(|_| read.faults.is_empty());
        Draft { row: read.number, faults: read.faults, body, same, same_column, judged_column, cells: None }
    }
}

/// What a row makes.
pub(crate) struct Made {
    pub body: Body,
    /// By what it is known for the same as another.
    pub same: String,
    /// Field of that.
    pub field: String,
}

/// Faults of a form become faults of the cells that filled it.
pub(crate) fn of_form(read: &mut ReadRow, faults: Vec<FieldFault>) {
    for fault in faults {
        let args = fault.args.into_iter().filter(|(k, _)| k != "label").collect();
        read.fault(&fault.field, &format!("fault.{}", fault.key), args);
    }
}

/// A refusal of the rules becomes a fault of the cell it is about.
pub(crate) fn of_refusal(read: &mut ReadRow, field: &str, refusal: Refusal) {
    if refusal.fields.is_empty() {
        read.fault(field, &format!("refusal.{}", refusal.key), refusal.args);
    } else {
        of_form(read, refusal.fields);
    }
}
