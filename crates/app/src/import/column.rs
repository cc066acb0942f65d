//! The columns of a sheet and how a row is read by them: each cell becomes the plain text its field expects, or a
//! fault with the cell's address.

use super::choices::{Choices, Meant};
use super::ground::Ground;
use super::job::CellFault;
use std::collections::BTreeMap;
use xiangyue_domain::gazetteer::Lost;
use xiangyue_domain::ids::RegionId;
use xiangyue_domain::policy::{FieldType, Kind, Sheet};
use xiangyue_domain::register::Org;
use xiangyue_sheet::{Form, Row, Wanted, read};

/// What a column holds.
enum Holds {
    /// Plain text of a form.
    Plain(Form),
    /// One of several.
    Choice(Choices),
    /// A place.
    Place,
    /// A unit or a place: whoever reported a value.
    Office(Choices),
}

/// A field that one column or several fill.
struct Slot {
    field: String,
    /// Columns of the sheet that fill it, in order.
    columns: Vec<usize>,
    required: bool,
    holds: Holds,
}

/// The columns of a sheet.
pub(crate) struct Columns {
    sheet: Sheet,
    slots: Vec<Slot>,
}

/// A row as it was read.
#[derive(Debug, Default)]
pub(crate) struct ReadRow {
    /// Its number in the file.
    pub number: u32,
    /// Texts by field.
    pub typed: BTreeMap<String, String>,
    /// Place, where the sheet has one and it was found.
    pub place: Option<RegionId>,
    /// Column of the file for each field.
    pub at: BTreeMap<String, usize>,
    /// What is wrong.
    pub faults: Vec<CellFault>,
}

impl ReadRow {
    /// A text; empty when the cell was.
    pub fn get(&self, field: &str) -> &str {
        self.typed.get(field).map_or("", String::as_str)
    }

    /// Notes a fault at a field's cell; one fault of a cell is enough.
    pub fn fault(&mut self, field: &str, key: &str, args: Vec<(String, String)>) {
        let column = self.at.get(field).copied();
        if column.is_some() && self.faults.iter().any(|f| f.column == column) {
            return;
        }
        let found = self.get(field).chars().take(40).collect();
        let args = args.into_iter().chain([("field".to_owned(), field.to_owned())]).collect();
        self.faults.push(CellFault { row: self.number, column, key: key.to_owned(), args, found });
    }

    /// A fault without facts.
    pub fn plain_fault(&mut self, field: &str, key: &str) {
        self.fault(field, key, Vec::new());
    }
}

impl Columns {
    /// The columns of a sheet, with the choices of today.
    pub fn of(sheet: Sheet, ground: &Ground) -> Columns {
        let kind = ground.policy.kind(&sheet.subject);
        let mut slots: Vec<Slot> = Vec::new();
        for (i, column) in sheet.columns.iter().enumerate().filter(|(_, c)| !c.field.is_empty()) {
            if let Some(slot) = slots.iter_mut().find(|s| s.field == column.field) {
                slot.columns.push(i);
                slot.required |= column.required;
                continue;
            }
            let mut holds = holds(ground, kind, &column.field);
            if let Holds::Choice(choices) | Holds::Office(choices) = &mut holds {
                column.words.iter().for_each(|(word, value)| choices.word(word, value));
            }
            let field = column.field.clone();
            slots.push(Slot { field, columns: vec![i], required: column.required, holds });
        }
        Columns { sheet, slots }
    }

    /// What is looked for in a file.
    pub fn wanted(&self) -> Vec<Wanted> {
        let names = |c: &xiangyue_domain::policy::SheetColumn| {
            std::iter::once(&c.heading).chain(&c.also).cloned().collect::<Vec<String>>()
        };
        self.sheet.columns.iter().map(|c| Wanted { names: names(c), required: c.required }).collect()
    }

    /// Headings that must be there and were not matched.
    pub fn missing(&self, matched: &[Option<usize>]) -> Vec<String> {
        let lacks = |s: &&Slot| s.required && !s.columns.iter().any(|c| matched.get(*c).is_some_and(Option::is_some));
        let heading = |s: &Slot| s.columns.first().and_then(|c| self.sheet.columns.get(*c)).map(|c| c.heading.clone());
        self.slots.iter().filter(lacks).filter_map(heading).collect()
    }

    /// Reads a row; `matched` gives the column of the file for each column of the sheet.
    pub fn read(&self, ground: &Ground, row: &Row, matched: &[Option<usize>]) -> ReadRow {
        let mut out = ReadRow { number: row.number, ..ReadRow::default() };
        for slot in &self.slots {
            let mut texts: Vec<String> = Vec::new();
            for column in slot.columns.iter().filter_map(|c| matched.get(*c).copied().flatten()) {
                out.at.entry(slot.field.clone()).or_insert(column);
                let form = if let Holds::Plain(form) = &slot.holds { *form } else { Form::Line };
                match read(row.cell(column), form) {
                    Ok(text) if text.is_empty() || texts.last() == Some(&text) => {}
                    Ok(text) => texts.push(text),
                    Err(fault) => {
                        let found = row.cell(column).text().chars().take(40).collect();
                        let (key, number) = (format!("import.fault_{}", fault.key()), out.number);
                        let args = vec![("field".to_owned(), slot.field.clone())];
                        out.faults.push(CellFault { row: number, column: Some(column), key, args, found });
                    }
                }
            }
            let text = texts.join("/");
            if text.is_empty() {
                if slot.required {
                    out.plain_fault(&slot.field, "fault.required");
                }
                continue;
            }
            out.typed.insert(slot.field.clone(), text.clone());
            self.mean(ground, slot, &text, &mut out);
        }
        out
    }

    /// What a text means, where a column holds one of several or a place.
    fn mean(&self, ground: &Ground, slot: &Slot, text: &str, out: &mut ReadRow) {
        let arg = |name: &str, value: String| vec![(name.to_owned(), value)];
        match &slot.holds {
            Holds::Plain(_) => {}
            Holds::Choice(choices) => match choices.find(text) {
                Meant::One(value) => {
                    out.typed.insert(slot.field.clone(), value);
                }
                Meant::Several(names) => {
                    let args = arg("names", names.join("、"));
                    out.fault(&slot.field, "import.fault_several", args);
                }
                Meant::None => out.fault(&slot.field, "import.fault_choice", arg("eg", choices.some())),
            },
            Holds::Place => match ground.place(text) {
                Ok(place) => out.place = Some(place),
                Err(lost) => lost_place(ground, &slot.field, &lost, out),
            },
            Holds::Office(choices) => match (choices.find(text), ground.place(text)) {
                (Meant::One(seat), _) => {
                    out.typed.insert(slot.field.clone(), seat);
                }
                (_, Ok(place)) => {
                    out.typed.insert(slot.field.clone(), place.0.to_string());
                }
                (_, Err(_)) => out.plain_fault(&slot.field, "import.fault_office"),
            },
        }
    }
}

/// Says why a place was not found.
fn lost_place(ground: &Ground, field: &str, lost: &Lost, out: &mut ReadRow) {
    let (key, args) = match lost {
        Lost::Blank => ("fault.required", Vec::new()),
        Lost::Code => ("import.fault_place_code", Vec::new()),
        Lost::Unknown => ("import.fault_place", Vec::new()),
        Lost::Several(ids) => {
            let names: Vec<String> = ids.iter().take(4).map(|id| ground.name(*id)).collect();
            ("import.fault_several", vec![("names".to_owned(), names.join("、"))])
        }
        Lost::NoVillage(town) => {
            let name = ground.directory.tree.display(*town, ground.day()).to_owned();
            ("import.fault_no_village", vec![("town".to_owned(), name)])
        }
    };
    out.fault(field, key, args);
}

/// What a field holds: by the kind's form, or by what registers call it.
fn holds(ground: &Ground, kind: Option<&Kind>, field: &str) -> Holds {
    if let Some(found) = kind.and_then(|k| k.field(field)).filter(|_| field != "channel") {
        return match found.kind {
            FieldType::Text => Holds::Plain(Form::Line),
            FieldType::Longtext => Holds::Plain(Form::Words),
            FieldType::Phone
            | FieldType::Citizen
            | FieldType::Code
            | FieldType::Matter
            | FieldType::Household
            | FieldType::Party
            | FieldType::Unit
            | FieldType::File
            | FieldType::List => Holds::Plain(Form::Code),
            FieldType::Int | FieldType::Money => Holds::Plain(Form::Number),
            FieldType::Date => Holds::Plain(Form::Day),
            FieldType::Period => Holds::Plain(Form::Span),
            FieldType::Bool => Holds::Plain(Form::Flag),
            FieldType::Choice => Holds::Choice(Choices::of_field(&ground.policy, found)),
        };
    }
    match field {
        "place" => Holds::Place,
        "channel" => Holds::Choice(channels(kind)),
        "urgency" => Holds::Choice(urgencies()),
        "post" => Holds::Choice(posts(ground)),
        "unit" => Holds::Choice(units(ground, |o| o.id.to_string())),
        "indicator" => Holds::Choice(indicators(ground)),
        "office" => Holds::Office(units(ground, |o| o.id.to_string())),
        "confidential" => Holds::Plain(Form::Flag),
        "citizen" | "phone" | "login" | "source_no" | "household" => Holds::Plain(Form::Code),
        "from" | "until" => Holds::Plain(Form::Day),
        "period" => Holds::Plain(Form::Span),
        "value" => Holds::Plain(Form::Number),
        _ => Holds::Plain(Form::Line),
    }
}

fn channels(kind: Option<&Kind>) -> Choices {
    let mut choices = Choices::default();
    for channel in kind.iter().flat_map(|k| &k.intake.channels) {
        let name = kind.and_then(|k| k.field("channel")).and_then(|f| f.options.get(channel));
        choices.put(channel, name.unwrap_or(channel));
    }
    choices
}

/// The two urgencies; what a county calls them stands in its sheet.
fn urgencies() -> Choices {
    let mut choices = Choices::default();
    for urgency in ["urgent", "normal"] {
        choices.put(urgency, urgency);
    }
    choices
}

fn posts(ground: &Ground) -> Choices {
    let mut choices = Choices::default();
    for post in &ground.policy.posts {
        choices.put(&post.id, &post.name);
        choices.add(&post.id, &post.name_en);
    }
    choices
}

fn units(ground: &Ground, value: impl Fn(&Org) -> String) -> Choices {
    let mut choices = Choices::default();
    for org in ground.directory.orgs.values() {
        let value = value(org);
        choices.put(&value, &org.short);
        choices.add(&value, &org.name);
        choices.add(&value, &org.unit);
    }
    choices
}

fn indicators(ground: &Ground) -> Choices {
    let mut choices = Choices::default();
    for indicator in &ground.policy.indicators {
        choices.put(&indicator.id, &indicator.name);
        choices.add(&indicator.id, &indicator.name_en);
    }
    choices
}
