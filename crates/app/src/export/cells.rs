//! What stands in the cells of a sheet that goes out: names and not codes, the other side's words where the pack gives
//! them.

use crate::state::App;
use crate::view::Opened;
use serde_json::Value;
use std::sync::Arc;
use xiangyue_domain::day::{Day, Time};
use xiangyue_domain::form::decimal;
use xiangyue_domain::ids::RegionId;
use xiangyue_domain::matter::Matter;
use xiangyue_domain::policy::{FieldType, Kind, Level, Phase, Policy, Sheet, SheetColumn};
use xiangyue_domain::register::Directory;
use xiangyue_sheet::Out;

/// What cells are worded by.
pub(super) struct Words {
    policy: Arc<Policy>,
    directory: Arc<Directory>,
    today: Day,
}

impl Words {
    pub fn of(app: &App) -> Words {
        Words { policy: app.policy(), directory: app.directory(), today: app.now().day() }
    }

    /// One matter in the columns of a sheet.
    pub fn row(&self, sheet: &Sheet, opened: &Opened) -> Vec<Out> {
        let kind = self.policy.kind_of(&opened.matter);
        sheet.columns.iter().map(|c| Out::plain(self.cell(kind, c, opened))).collect()
    }

    fn cell(&self, kind: Option<&Kind>, column: &SheetColumn, opened: &Opened) -> String {
        if column.field.is_empty() {
            return column.fill.clone();
        }
        let matter = &opened.matter;
        if let Some(kind) = kind.filter(|k| k.field(&column.field).is_some() && column.field != "channel") {
            return self.field(kind, column, opened);
        }
        let code = match column.field.as_str() {
            "channel" => matter.channel().to_owned(),
            "urgency" => matter.values.get("urgency").and_then(Value::as_str).unwrap_or("").to_owned(),
            other => return self.known(kind, other, matter),
        };
        let channel = kind.and_then(|k| k.field("channel")).and_then(|f| f.options.get(&code)).cloned();
        theirs(column, &code).or(channel.filter(|_| column.field == "channel")).unwrap_or(code)
    }

    /// A field of the kind's form.
    fn field(&self, kind: &Kind, column: &SheetColumn, opened: &Opened) -> String {
        let Some(field) = kind.field(&column.field) else { return String::new() };
        if field.kind.is_secret() {
            let text = opened.texts.get(&field.id).or_else(|| opened.reporter.get(&field.id));
            return text.cloned().unwrap_or_default();
        }
        let Some(value) = opened.matter.values.get(&field.id) else { return String::new() };
        match field.kind {
            FieldType::Choice => {
                let code = value.as_str().unwrap_or("");
                let name = match field.catalogue.as_deref().and_then(|c| self.policy.catalogue(c)) {
                    Some(catalogue) => catalogue.path_name(code, false).replace(" / ", "/"),
                    None => field.options.get(code).cloned().unwrap_or_default(),
                };
                theirs(column, code).unwrap_or(name)
            }
            FieldType::Date => {
                value.as_i64().and_then(|d| i32::try_from(d).ok()).map_or_else(String::new, |d| Day(d).to_string())
            }
            FieldType::Money => decimal(value.as_i64().unwrap_or(0)),
            FieldType::Bool => theirs(column, &value.to_string()).unwrap_or_else(|| value.to_string()),
            _ => value.as_str().map_or_else(|| value.to_string(), str::to_owned),
        }
    }

    /// What every matter has.
    fn known(&self, kind: Option<&Kind>, field: &str, matter: &Matter) -> String {
        let step = |id: &str| kind.and_then(|k| k.step(id));
        let entered = |phase: Phase| {
            let into =
                |t: &&xiangyue_domain::matter::Trail| t.from != t.to && step(&t.to).is_some_and(|s| s.phase == phase);
            matter.trail.iter().rev().find(into).map(|t| t.at.to_string()).unwrap_or_default()
        };
        let ended = matches!(matter.phase, Phase::Closed | Phase::Final);
        match field {
            "number" => matter.number.clone(),
            "source_no" => matter.intakes.iter().find_map(|i| i.source_no.clone()).unwrap_or_default(),
            "kind" => kind.map(|k| k.name.clone()).unwrap_or_default(),
            "step" => step(&matter.step).map(|s| s.name.clone()).unwrap_or_default(),
            "place" => self.place(matter.place),
            "town" => self.at(matter.place, Level::Town),
            "village" => self.at(matter.place, Level::Village),
            "unit" => self.unit(matter),
            "level_done" => matter.level_done.map(|l| self.level(l)).unwrap_or_default(),
            "taken_at" => matter.intakes.first().map(|i| i.at.to_string()).unwrap_or_default(),
            "due" => matter.due().map(|t: Time| t.to_string()).unwrap_or_default(),
            "answered_at" => entered(Phase::Answered),
            "closed_at" if ended => entered(Phase::Closed),
            _ => String::new(),
        }
    }

    /// Town and what lies in it.
    pub fn place(&self, place: RegionId) -> String {
        let tree = &self.directory.tree;
        let mut names: Vec<&str> = tree
            .ancestors(place, self.today)
            .into_iter()
            .filter(|id| tree.get(*id).is_some_and(|r| r.level <= Level::Town))
            .map(|id| tree.display(id, self.today))
            .collect();
        names.reverse();
        if names.is_empty() { tree.display(place, self.today).to_owned() } else { names.concat() }
    }

    fn at(&self, place: RegionId, level: Level) -> String {
        let tree = &self.directory.tree;
        tree.at_level(place, level, self.today).map_or_else(String::new, |id| tree.display(id, self.today).to_owned())
    }

    /// Where it was handled: the seat of whoever answered it, else of whoever has it.
    fn unit(&self, matter: &Matter) -> String {
        let answered = matter.handlers.last().and_then(|handler| {
            let by = |t: &&xiangyue_domain::matter::Trail| t.by.account() == Some(*handler);
            matter.trail.iter().rev().filter(by).find_map(|t| t.by.post().cloned())
        });
        let holder = answered.or_else(|| matter.holder.clone());
        holder.map(|h| self.directory.seat_name(h.seat, self.today)).unwrap_or_default()
    }

    fn level(&self, level: Level) -> String {
        let words = self.policy.settings.as_ref().and_then(|s| s.level_words.get(&level));
        words.cloned().unwrap_or_else(|| level.as_str().to_owned())
    }
}

/// The other side's word for a value.
fn theirs(column: &SheetColumn, value: &str) -> Option<String> {
    column.words.iter().find(|(_, v)| *v == value).map(|(word, _)| word.clone())
}
