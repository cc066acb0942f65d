//! Until when a question about something made public is taken: some days from its last publication, by the pack's rule or
//! by the item's own. Afterwards it is refused with the rule, its basis and what the person can still do.

use crate::disclosure::item_of;
use crate::due::{duty_kind, is_public};
use crate::error::AppError;
use crate::state::App;
use xiangyue_domain::day::{Day, Time};
use xiangyue_domain::matter::{Matter, Values};
use xiangyue_domain::policy::{DutyRules, FieldType, Policy};
use xiangyue_domain::refusal::Refusal;

/// The window of something that was made public.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Window {
    /// Day on which its last version was published.
    pub from: Day,
    /// Last day on which a question is taken.
    pub until: Day,
    /// How many days that are.
    pub days: i32,
    /// The rule that says so.
    pub basis: String,
    /// What whoever comes too late can do.
    pub instead: String,
}

impl Window {
    /// Whether a question is taken now.
    pub fn is_open(&self, now: Time) -> bool {
        now.day() <= self.until
    }

    /// Why it is not.
    pub fn refusal(&self, item: &str) -> Refusal {
        Refusal::new("question_over")
            .with("item", item)
            .with("from", self.from)
            .with("days", self.days)
            .with("until", self.until)
            .with("basis", &self.basis)
            .with("instead", &self.instead)
    }
}

/// The window of a matter that is public; `None` where the pack sets none.
pub(crate) fn window(policy: &Policy, rules: &DutyRules, matter: &Matter) -> Option<Window> {
    let rule = rules.window.as_ref().filter(|_| is_public(rules, matter))?;
    let from = matter.trail.iter().rev().find(|t| t.mv == rules.publish)?.at.day();
    let code = matter.values.get(&rules.item).and_then(|v| v.as_str()).unwrap_or_default();
    let own = policy.catalogue(&rules.catalogue).and_then(|c| c.item(code)).and_then(|i| i.window);
    let days = own.unwrap_or(rule.days);
    let (basis, instead) = (rule.basis.clone(), rule.instead.clone());
    Some(Window { from, until: from.plus(days), days, basis, instead })
}

impl App {
    /// Refuses a question that comes after its window; one that was taken in time and is sent again is the same.
    pub(crate) async fn is_in_window(&self, (kind, values): (String, Values), key: &str) -> Result<(), AppError> {
        let policy = self.policy();
        let Some((_, rules)) = duty_kind(&policy) else { return Ok(()) };
        let asks = rules.objection.as_deref() == Some(kind.as_str()) && rules.window.is_some();
        let Some(kind) = policy.kind(&kind).filter(|_| asks) else { return Ok(()) };
        let about = kind.fields.iter().find(|f| f.kind == FieldType::Matter).and_then(|f| values.get(&f.id)?.as_str());
        let Some(about) = about else { return Ok(()) };
        for matter in self.pool().matters_for_lookup(self.realm(), about).await? {
            let of_duty = policy.kind_of(&matter).is_some_and(|k| k.duty.is_some());
            let Some(window) = window(&policy, rules, &matter).filter(|_| of_duty) else { continue };
            if !window.is_open(self.now()) && self.matter_by_command_key(key).await?.is_none() {
                return Err(window.refusal(item_of(&policy, rules, &matter)).into());
            }
        }
        Ok(())
    }
}
