//! Rows that become matters: the kind's own form reads them, and its flow is asked beforehand whether it would take
//! them in, so that what the preview calls sound is not refused at the import.

use super::column::ReadRow;
use super::duties::judged;
use super::ground::Ground;
use super::target::{Body, Made, of_form, of_refusal};
use crate::command::{Beside, Command};
use crate::matter::OpenForm;
use crate::state::App;
use serde_json::Value;
use xiangyue_domain::flow::{self, Ctx, OpenRequest};
use xiangyue_domain::form;
use xiangyue_domain::ids::{MatterId, RegionId};
use xiangyue_domain::matter::{Values, Who};
use xiangyue_domain::policy::{Kind, Sheet};
use xiangyue_domain::refusal::Refusal;

/// A kind's sheet.
pub(crate) struct Orders {
    kind: String,
    channel: String,
    key: String,
    /// Fields that the sheet fills.
    fields: Vec<String>,
    /// Those a row must fill.
    required: Vec<String>,
}

/// A matter to be taken in.
pub(crate) struct Order {
    form: OpenForm,
    /// Fields of the form that are read.
    fields: Vec<String>,
    urgency: String,
    who: Who,
    values: Values,
}

impl Orders {
    pub fn of(sheet: &Sheet) -> Orders {
        let mut fields: Vec<String> = sheet.columns.iter().map(|c| c.field.clone()).collect();
        fields.sort();
        fields.dedup();
        let required = sheet.columns.iter().filter(|c| c.required).map(|c| c.field.clone()).collect();
        let (kind, channel, key) = (sheet.subject.clone(), sheet.channel.clone(), sheet.key.clone());
        Orders { kind, channel, key, fields, required }
    }

    /// The field that the rules of disclosures judge, where they judge this kind.
    pub fn judged<'g>(&self, ground: &'g Ground) -> Option<&'g str> {
        judged(&ground.policy, &self.kind)
    }

    pub fn draft(&self, ground: &Ground, read: &mut ReadRow) -> Option<Made> {
        let Some(kind) = ground.policy.kind(&self.kind) else {
            read.plain_fault("", "refusal.no_kind");
            return None;
        };
        let number = read.get(&self.key).to_owned();
        let (ids, required) = self.of_kind(kind);
        let filled = match form::read(&ground.policy, kind, &ids, &required, &read.typed) {
            Ok(filled) => Some(filled),
            Err(faults) => {
                of_form(read, faults);
                None
            }
        };
        let place = read.place?;
        let Some(who) = opener(ground, kind, place) else {
            read.fault("place", "refusal.no_right_open", vec![("kind".to_owned(), kind.name.clone())]);
            return None;
        };
        let channel =
            if read.get("channel").is_empty() { self.channel.clone() } else { read.get("channel").to_owned() };
        let mut values = filled?.plain;
        let urgency = read.get("urgency").to_owned();
        if !urgency.is_empty() {
            values.insert("urgency".to_owned(), Value::String(urgency.clone()));
        }
        let source_no = if number.is_empty() { read.get("source_no").to_owned() } else { number.clone() };
        let source_no = Some(source_no).filter(|n| !n.is_empty());
        let request = OpenRequest {
            kind: kind.id.clone(),
            place,
            channel: channel.clone(),
            source_no: source_no.clone(),
            values: values.clone(),
            ..OpenRequest::default()
        };
        let ctx = Ctx { now: ground.now, policy: &ground.policy, directory: &ground.directory };
        if let Err(refusal) = flow::open(ctx, who.clone(), MatterId(0), String::new(), request) {
            of_refusal(read, "place", refusal);
            return None;
        }
        let confidential = read.get("confidential") == "true";
        let mut typed = std::mem::take(&mut read.typed);
        typed.retain(|field, _| ids.contains(field));
        let form =
            OpenForm { kind: kind.id.clone(), place, channel, source_no, typed, confidential, ..OpenForm::default() };
        let order = Order { form, fields: ids, urgency, who, values };
        Some(Made { body: Body::Order(Box::new(order)), same: number, field: self.key.clone() })
    }

    /// Fields of the kind that the sheet fills, and those that must be filled.
    fn of_kind(&self, kind: &Kind) -> (Vec<String>, Vec<String>) {
        let known = |id: &&String| kind.field(id).is_some() && *id != "channel";
        let all = kind.intake_fields().into_iter().map(|f| f.id.clone()).filter(|id| !self.fields.contains(id));
        let ids = self.fields.iter().filter(known).cloned().chain(all).collect();
        (ids, self.required.iter().filter(known).cloned().collect())
    }
}

/// Who takes a matter in: whoever imports, under the post that may do so at that place.
fn opener(ground: &Ground, kind: &Kind, place: RegionId) -> Option<Who> {
    let Some(account) = ground.account else { return Some(Who::System) };
    let directory = &ground.directory;
    let chain = directory.tree.ancestors(place, ground.day());
    let posts = directory.posts_of(account, ground.day());
    let over = |h: &&&xiangyue_domain::register::Holder| directory.region_of(h).is_some_and(|r| chain.contains(&r));
    let post = posts.iter().filter(|h| kind.intake.by.contains(&h.post)).find(over)?;
    Some(Who::Account { account, post: Some((*post).clone()) })
}

impl Order {
    /// Makes it ready to be sent: its texts enciphered, its receipt made.
    pub fn prepare(self, app: &App, key: &str) -> Result<(Who, Command, Beside), Refusal> {
        let mut prepared = app.prepare_open_of(self.form, key, &self.fields)?;
        if let (Command::Open(request), false) = (&mut prepared.command, self.urgency.is_empty()) {
            request.values.insert("urgency".to_owned(), Value::String(self.urgency));
        }
        Ok((self.who, prepared.command, prepared.beside))
    }

    /// Number in the system it came from.
    pub fn source_no(&self) -> Option<&str> {
        self.form.source_no.as_deref()
    }

    /// Kind.
    pub fn kind(&self) -> &str {
        &self.form.kind
    }

    /// Place.
    pub fn place(&self) -> RegionId {
        self.form.place
    }

    /// What the form holds that names nobody.
    pub fn values(&self) -> &Values {
        &self.values
    }
}
