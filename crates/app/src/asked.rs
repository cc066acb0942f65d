//! What somebody is asked to decide: a move of one matter that waits for the answer of another post. Nothing is stored of it
//! but the notice; whether it still waits is what the flow offers.

use crate::error::AppError;
use crate::state::App;
use xiangyue_domain::flow::{Ctx, offered};
use xiangyue_domain::ids::AccountId;
use xiangyue_domain::matter::Matter;

/// Notices that are looked at, the newest; of their matters those that have ended are not read.
const ASKED: i64 = 100;

impl App {
    /// Matters in which this account is asked for a decision, each with the move that asked, newest first.
    pub async fn asked_of(&self, account: AccountId) -> Result<Vec<(Matter, String)>, AppError> {
        let ids = self.pool().asked(self.realm(), account.0, ASKED).await?;
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let matters = self.pool().matters_seen(self.realm(), &self.scope(account), &ids).await?;
        let (policy, directory) = (self.policy(), self.directory());
        let ctx = Ctx { now: self.now(), policy: &policy, directory: &directory };
        let asks = |matter: &Matter| offered(ctx, matter, account).into_iter().find_map(|mv| mv.answers.clone());
        let mut asked: Vec<(Matter, String)> =
            matters.into_iter().filter_map(|matter| asks(&matter).map(|mv| (matter, mv))).collect();
        asked.reverse();
        Ok(asked)
    }
}
