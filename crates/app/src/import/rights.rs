//! Who may import what: matters by whoever may take them in, people by the right to enter them, posts by the right to
//! give them, earlier values by the right to make reports. Each row is asked again at its place.

use crate::state::App;
use xiangyue_domain::ids::AccountId;
use xiangyue_domain::policy::{Direction, Right, Sheet};

impl App {
    /// Whether an account may import what a sheet of a subject holds.
    fn may_bring(&self, account: AccountId) -> impl Fn(&str) -> bool {
        let (policy, directory, day) = (self.policy(), self.directory(), self.now().day());
        let posts: Vec<String> = directory.posts_of(account, day).iter().map(|h| h.post.clone()).collect();
        move |subject| {
            let has = |right| directory.has_right_somewhere(&policy, account, right, day);
            match subject {
                "people" => has(Right::Register),
                "staff" => has(Right::Grant),
                "reported" => has(Right::Report),
                kind => policy.kind(kind).is_some_and(|k| posts.iter().any(|p| k.intake.by.contains(p))),
            }
        }
    }

    /// Sheets that an account may import.
    pub fn import_sheets(&self, account: AccountId) -> Vec<Sheet> {
        let may = self.may_bring(account);
        self.policy().sheets(Direction::In).into_iter().filter(|s| may(&s.subject)).collect()
    }

    /// Whether there is any, without making the sheets: every page of the desk asks.
    pub fn may_import(&self, account: AccountId) -> bool {
        let (policy, may) = (self.policy(), self.may_bring(account));
        let of = |sheet: &Sheet| match sheet.subject.as_str() {
            "*" => policy.kinds.iter().any(|k| may(&k.id)),
            subject => may(subject),
        };
        policy.sheets.iter().any(|s| s.direction == Direction::In && of(s))
    }

    /// A sheet that an account may import.
    pub fn import_sheet(&self, account: AccountId, id: &str) -> Option<Sheet> {
        self.import_sheets(account).into_iter().find(|s| s.id == id)
    }
}
