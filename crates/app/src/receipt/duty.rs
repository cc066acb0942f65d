//! What a village makes public as a duty, in words that are hashed: the very fields that its page shows, masked as there.
//! It must never say more than the page does.

use super::post_of;
use crate::keys::{Subject, Texts};
use crate::said::said_of;
use crate::state::App;
use xiangyue_domain::day::Time;
use xiangyue_domain::ids::MatterId;
use xiangyue_domain::matter::{Matter, Values};
use xiangyue_domain::policy::{Kind, Move, PostedWords};
use xiangyue_domain::receipt::Posted;

/// What it is published under. Such things have a list of their own, so they sort behind what a village has decided.
pub(crate) fn duty_subject(id: MatterId) -> String {
    format!("village:{id}")
}

/// The matter that a subject is of, if it is of a duty.
pub(super) fn duty_of(subject: &str) -> Option<MatterId> {
    subject.strip_prefix("village:").and_then(|id| id.parse().ok()).map(MatterId)
}

impl App {
    /// What the move that makes a duty public publishes.
    pub(crate) fn posted_by_duty(
        &self,
        (kind, matter, mv): (&Kind, &Matter, &Move),
        (subject, said, at): (&Subject, &Texts, Time),
        (values, texts): (&Values, &Texts),
    ) -> Option<Posted> {
        let rules = kind.duty.as_ref().filter(|d| d.publish == mv.id)?;
        let policy = self.policy();
        let words = Some(&policy.posted).filter(|w| !w.duty.is_empty())?;
        let (mut all, mut told) = (matter.values.clone(), said.clone());
        all.extend(values.iter().map(|(k, v)| (k.clone(), v.clone())));
        told.extend(texts.iter().map(|(k, v)| (k.clone(), v.clone())));
        let text = |field: &String| all.get(field).and_then(|v| v.as_str()).unwrap_or_default().to_owned();
        let version = matter.trail.iter().filter(|t| t.mv == rules.publish).count() + 1;
        let heads = [
            ("item", crate::disclosure::item_of(&policy, rules, matter).to_owned()),
            ("period", text(&rules.period)),
            ("event", text(&rules.event)),
            ("place", self.posted_head(matter.place)),
            ("number", matter.number.clone()),
            ("version", version.to_string()),
            ("day", at.day().to_string()),
        ];
        let mut lines = PostedWords::fill(&words.duty, &heads);
        for said in said_of(kind, &all, &told) {
            let label = &said.field.label;
            let row = |cells: &Vec<String>| cells_in_words(words, &said.field.columns, cells);
            let shown =
                if said.rows.is_empty() { vec![said.text.clone()] } else { said.rows.iter().map(row).collect() };
            let line = |value| PostedWords::line(&words.field, &[("label", label.clone()), ("value", value)]);
            lines.extend(shown.into_iter().filter_map(line));
        }
        let place = self.posted_place(matter.place);
        Some(post_of(self.secrets(), subject, duty_subject(matter.id), place, &lines.join("\n")))
    }
}

/// A row of a list: the cells that hold something.
fn cells_in_words(words: &PostedWords, columns: &[xiangyue_domain::policy::Field], cells: &[String]) -> String {
    let cell = |(column, cell): (&xiangyue_domain::policy::Field, &String)| {
        PostedWords::line(&words.cell, &[("label", column.label.clone()), ("value", cell.clone())])
    };
    columns.iter().zip(cells).filter_map(cell).collect::<Vec<_>>().join(&words.between)
}
