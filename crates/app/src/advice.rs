//! What the county's past says of a matter that waits to be handed out: who handles such matters, what it may be about, and
//! the nearest cases to look at. It is shown beside the rules and decides nothing; the pack can switch it off.

use crate::error::AppError;
use crate::lore::{Case, handler_of, label_of};
use crate::state::App;
use xiangyue_domain::ids::AccountId;
use xiangyue_domain::matter::Matter;
use xiangyue_domain::policy::Kind;
use xiangyue_domain::propose::Proposal;
use xiangyue_domain::register::Holder;
use xiangyue_domain::similar::overlap;

/// Proposals that are looked at, past cases that are compared, cases that are shown.
const PROPOSALS: usize = 3;
const COMPARED: i64 = 40;
const SHOWN: usize = 3;

/// Advice on a matter.
#[derive(Debug, Clone, Default)]
pub struct Advice {
    /// Who handles such matters here, the likeliest first, from 0 to 1.
    pub handlers: Vec<(Holder, f64)>,
    /// What it may be about, the likeliest first.
    pub categories: Vec<Proposal>,
}

/// A past case and who handled it.
#[derive(Debug, Clone)]
pub struct Past {
    /// The matter.
    pub matter: Matter,
    /// As a label: a unit's post at its seat, any other post by its kind.
    pub handler: String,
}

impl App {
    /// What the past says; nothing where it says too little or the pack has it switched off.
    pub async fn advice(&self, matter: &Matter) -> Result<Advice, AppError> {
        let Some((case, _)) = self.case_of(matter).await? else { return Ok(Advice::default()) };
        let (handlers, categories) = self.proposals(&matter.kind, &case, PROPOSALS);
        let here = |p: &Proposal| Some((self.holder_here(&p.label, matter)?, p.confidence));
        Ok(Advice { handlers: handlers.iter().filter_map(here).collect(), categories })
    }

    /// The post that a label means at a matter's place.
    fn holder_here(&self, label: &str, matter: &Matter) -> Option<Holder> {
        if label.contains('@') {
            return Holder::parse(label);
        }
        self.directory().post_over(&self.policy(), label, matter.place, self.now().day())
    }

    /// The nearest past cases that the account may see, of the same kind and category, by their words; most alike first.
    pub async fn nearest(&self, account: AccountId, matter: &Matter) -> Result<Vec<Past>, AppError> {
        let policy = self.policy();
        let (Some(kind), Some((case, _))) = (policy.kind_of(matter), self.case_of(matter).await?) else {
            return Ok(Vec::new());
        };
        if case.category.is_empty() {
            return Ok(Vec::new());
        }
        let scope = self.scope(account);
        let found = self.pool().matters_like(self.realm(), &scope, (&matter.kind, &case.category), COMPARED).await?;
        let names: Vec<String> = found.iter().map(|m| m.key.clone()).collect();
        self.secrets.warm(self.pool(), self.realm(), &names).await?;
        let mut near: Vec<(f64, Past)> = Vec::new();
        for other in found.into_iter().filter(|m| m.id != matter.id) {
            near.extend(self.compare(kind, &case, other).await?);
        }
        near.sort_by(|a, b| b.0.total_cmp(&a.0).then(b.1.matter.id.cmp(&a.1.matter.id)));
        Ok(near.into_iter().take(SHOWN).map(|(_, past)| past).collect())
    }

    async fn compare(&self, kind: &Kind, case: &Case, other: Matter) -> Result<Option<(f64, Past)>, AppError> {
        let Some(handler) = handler_of(&self.policy(), kind, &other) else { return Ok(None) };
        let Some((past, _)) = self.case_of(&other).await? else { return Ok(None) };
        let (share, _) = self.with_lore(|lore| overlap(&case.grams, &past.grams, &lore.rarity));
        let near = share + if past.town == case.town { 0.1 } else { 0.0 };
        Ok(Some((near, Past { matter: other, handler })))
    }

    /// Whether a past case was handled by this post.
    pub fn was_handled_by(&self, past: &Past, holder: &Holder) -> bool {
        past.handler == label_of(&self.policy(), holder)
    }
}
