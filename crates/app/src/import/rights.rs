//! Who may import what: matters by whoever may take them in, people by the right to enter them, posts by the right to
//! give them, earlier values by the right to make reports. Each row is asked again at its place.

use crate::state::App;
use xiangyue_domain::ids::AccountId;
use xiangyue_domain::policy::{Direction, Right, Sheet};

impl App {
    /// Sheets that an account may import.
    pub fn import_sheets(&self, account: AccountId) -> Vec<Sheet> {
        let (policy, directory, day) = (self.policy(), self.directory(), self.now().day());
        let posts = directory.posts_of(account, day);
        let has = |right| directory.has_right_somewhere(&policy, account, right, day);
        let may = |sheet: &Sheet| match sheet.subject.as_str() {
            "people" => has(Right::Register),
            "staff" => has(Right::Grant),
            "reported" => has(Right::Report),
            kind => policy.kind(kind).is_some_and(|k| posts.iter().any(|h| k.intake.by.contains(&h.post))),
        };
        policy.sheets(Direction::In).into_iter().filter(may).collect()
    }

    /// Whether there is any, without making the sheets: every page of the desk asks.
    pub fn may_import(&self, account: AccountId) -> bool {
        let (policy, directory, day) = (self.policy(), self.directory(), self.now().day());
        let posts = directory.posts_of(account, day);
        let has = |right| directory.has_right_somewhere(&policy, account, right, day);
        let takes_in = |id: &str| {
            policy
                .kinds
                .iter()
                .any(|k| (id == "*" || k.id == id) && posts.iter().any(|h| k.intake.by.contains(&h.post)))
        };
        let may = |sheet: &&Sheet| match sheet.subject.as_str() {
            "people" => has(Right::Register),
            "staff" => has(Right::Grant),
            "reported" => has(Right::Report),
            subject => takes_in(subject),
        };
        policy.sheets.iter().filter(|s| s.direction == Direction::In).any(|s| may(&s))
    }

    /// A sheet that an account may import.
    pub fn import_sheet(&self, account: AccountId, id: &str) -> Option<Sheet> {
        self.import_sheets(account).into_iter().find(|s| s.id == id)
    }
}
