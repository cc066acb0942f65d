//! The same matter from many sides: merging, joining what was just sent, taking apart. Who may is for the rules to say;
//! what a reader may not see is neither merged by them nor named to them.

use crate::command::{Beside, Command, Joining, Outcome, Pair};
use crate::error::AppError;
use crate::state::App;
use xiangyue_domain::flow::{self, Ctx};
use xiangyue_domain::ids::{AccountId, MatterId};
use xiangyue_domain::matter::{Matter, Who};

impl App {
    pub(crate) async fn send_join(
        &self,
        by: Who,
        how: Joining,
        (from, into): (MatterId, MatterId),
        key: Option<String>,
    ) -> Result<Outcome, AppError> {
        self.send(by, key, Command::Join(how, Pair { from, into }), Beside::default()).await
    }

    /// Merges a matter into another one.
    pub async fn merge(
        &self,
        account: AccountId,
        from: MatterId,
        into: MatterId,
        key: Option<String>,
    ) -> Result<Outcome, AppError> {
        self.find_matter(account, from).await?;
        self.find_matter(account, into).await?;
        self.send_join(Who::Account { account, post: None }, Joining::Merge, (from, into), key).await
    }

    /// Joins a matter that the account entered a moment ago to another one.
    pub async fn join(
        &self,
        account: AccountId,
        from: MatterId,
        into: MatterId,
        key: Option<String>,
    ) -> Result<Outcome, AppError> {
        self.find_matter(account, into).await?;
        self.send_join(Who::Account { account, post: None }, Joining::Fresh, (from, into), key).await
    }

    /// Takes a matter out again of the one it was merged into.
    pub async fn unmerge(
        &self,
        account: AccountId,
        from: MatterId,
        into: MatterId,
        key: Option<String>,
    ) -> Result<Outcome, AppError> {
        self.find_matter(account, into).await?;
        self.send_join(Who::Account { account, post: None }, Joining::Apart, (from, into), key).await
    }

    /// Matters that were merged into this one directly, those that the account may see. Whoever works on this one works on what
    /// they say as well, unless one of them is kept from somebody.
    pub async fn merged_here(&self, account: AccountId, matter: &Matter) -> Result<Vec<Matter>, AppError> {
        let ids: Vec<i64> = matter.intakes.iter().map(|i| i.first.0).filter(|id| *id != matter.id.0).collect();
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let (policy, directory) = (self.policy(), self.directory());
        let ctx = Ctx { now: self.now(), policy: &policy, directory: &directory };
        let found = self.pool().matters_any(self.realm(), &ids).await?;
        let works = flow::allowed(ctx, matter, account);
        let posts = directory.posts_of(account, ctx.now.day());
        let open = |m: &Matter| !m.bypass && !m.confidential && policy.kind(&m.kind).is_none_or(|k| !k.sealed);
        let shared = |m: &Matter| works && open(m) && !m.bars(account, &posts);
        let here = |m: &Matter| m.merged_into == Some(matter.id) && (shared(m) || flow::sees(ctx, m, account));
        Ok(found.into_iter().filter(here).collect())
    }
}
