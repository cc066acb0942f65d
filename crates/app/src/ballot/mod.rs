//! Use cases of votes by ballot: opening one with its roll, voting by a link, entering sheets, counting. A secret choice
//! is in memory while it is put into the box, and in the box as part of a sum; it is never kept beside a voter.

mod read;
mod roll;

pub use read::{Kept, Outlook, Voting};
pub use roll::{RollLine, parse_roll};

use crate::command::{Beside, Command, Outcome};
use crate::error::AppError;
use crate::keys::{Secrets, Subject};
use crate::receipt::post_of;
use crate::state::App;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use xiangyue_domain::ballot::{self, Ballot, BallotRequest, Choice, Counted, Tally};
use xiangyue_domain::crypto::{hex, sm3};
use xiangyue_domain::day::Time;
use xiangyue_domain::flow::Ctx;
use xiangyue_domain::ids::{AccountId, BallotId, MatterId};
use xiangyue_domain::matter::Who;
use xiangyue_domain::receipt::Posted;
use xiangyue_domain::refusal::Refusal;

/// Letters and figures of a code: none that looks like another.
const LETTERS: &[u8; 32] = b"23456789ABCDEFGHJKLMNPQRSTUVWXYZ";
/// Letters in a code.
const CODE: usize = 10;
/// Digits of a number in the box, so that its ciphertext is always as long.
const WIDE: usize = 8;

/// Puts a sheet into the box: the box before to the box after. `None` when its key is gone.
pub type Put = Box<dyn FnOnce(Option<&str>) -> Option<String> + Send>;
/// Empties the box. `None` when its key is gone.
pub type Empty = Box<dyn FnOnce(Option<&str>) -> Option<Tally> + Send>;
/// Makes the commitment to a result.
pub type Post = Box<dyn FnOnce(&Counted) -> Posted + Send>;

/// What is asked of a vote.
pub enum BallotDo {
    /// Open one.
    Open(MatterId, Box<BallotRequest>),
    /// Vote by a link.
    Cast((MatterId, BallotId), i64, Choice, Put),
    /// Enter sheets: voter, whether one was put in, and of an open vote what it says.
    Paper((MatterId, BallotId), Vec<(i64, bool, Option<Choice>)>),
    /// Close and count, with the sheets of a secret vote that were counted by hand.
    Close((MatterId, BallotId), Tally, Empty, Post),
    /// Call it off, with the reason as ciphertext.
    Void((MatterId, BallotId), Option<String>),
}

impl BallotDo {
    /// Name in the journal.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            BallotDo::Open(..) => "open",
            BallotDo::Cast(..) => "cast",
            BallotDo::Paper(..) => "paper",
            BallotDo::Close(..) => "close",
            BallotDo::Void(..) => "void",
        }
    }

    /// Matter that is voted on.
    pub(crate) fn matter(&self) -> MatterId {
        match self {
            BallotDo::Open(matter, _)
            | BallotDo::Cast((matter, _), ..)
            | BallotDo::Paper((matter, _), _)
            | BallotDo::Close((matter, _), ..)
            | BallotDo::Void((matter, _), _) => *matter,
        }
    }

    /// The vote, if there is one yet.
    pub(crate) fn ballot(&self) -> Option<BallotId> {
        match self {
            BallotDo::Open(..) => None,
            BallotDo::Cast((_, ballot), ..)
            | BallotDo::Paper((_, ballot), _)
            | BallotDo::Close((_, ballot), ..)
            | BallotDo::Void((_, ballot), _) => Some(*ballot),
        }
    }
}

/// A vote to be opened, as it was typed.
#[derive(Debug, Clone, Default)]
pub struct BallotForm {
    /// Rule of the kind.
    pub rule: String,
    /// 无记名.
    pub secret: bool,
    /// Until when the links may be used.
    pub until: Time,
    /// The roll, one voter a line.
    pub roll: String,
}

/// Heading and names, as they are enciphered.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Names {
    pub title: String,
    pub voters: Vec<RollLine>,
}

/// A tally as text of one length.
fn boxed(tally: Tally) -> String {
    format!("{:0w$}{:0w$}{:0w$}", tally.yes, tally.no, tally.abstain, w = WIDE)
}

fn unboxed(bytes: &[u8]) -> Option<Tally> {
    let text = std::str::from_utf8(bytes).ok()?;
    let number = |at: usize| text.get(at * WIDE..(at + 1) * WIDE)?.parse().ok();
    Some(Tally { yes: number(0)?, no: number(1)?, abstain: number(2)?, spoilt: 0 })
}

/// What is in a box; nothing before the first sheet.
fn look_in(secrets: &Secrets, subject: &Subject, sealed: Option<&str>) -> Option<Tally> {
    match sealed {
        None => Some(Tally::default()),
        Some(sealed) => unboxed(&secrets.open_bytes(subject, sealed)?),
    }
}

/// A code as it was typed: capital letters, without dashes and blanks.
pub fn code_as_typed(text: &str) -> String {
    text.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_uppercase()).take(CODE * 2).collect()
}

impl App {
    /// The code of a voter: it follows from the vote's salt and the platform's key, so the database alone has none.
    pub(crate) fn ballot_code(&self, salt: &str, voter: i64) -> String {
        let bytes = sm3(self.secrets().token("ballot", &format!("{salt}/{voter}")).as_bytes());
        bytes.iter().take(CODE).map(|b| char::from(LETTERS[usize::from(*b) % LETTERS.len()])).collect()
    }

    pub(crate) fn ballot_digest(&self, code: &str) -> String {
        self.secrets().token("ballot-code", code)
    }

    /// Opens a vote on a matter.
    pub async fn open_ballot(
        &self,
        account: AccountId,
        id: MatterId,
        form: BallotForm,
        key: Option<String>,
    ) -> Result<BallotId, AppError> {
        let matter = self.find_matter(account, id).await?;
        let voters = parse_roll(&form.roll)?;
        let subject = self.subject_of(&matter).await?;
        let title = self.heading_of(&matter).await?;
        let salt = hex(&self.secrets().salt());
        let digest = |n: usize| self.ballot_digest(&self.ballot_code(&salt, i64::try_from(n + 1).unwrap_or(0)));
        let roll = (0..voters.len()).map(digest).collect();
        let names = serde_json::to_vec(&Names { title, voters }).unwrap_or_default();
        let names = self.secrets().seal_bytes(&subject, &names);
        let request = BallotRequest { rule: form.rule, secret: form.secret, until: form.until, salt, roll, names };
        let command = Command::Ballot(Box::new(BallotDo::Open(id, Box::new(request))));
        let done = self.send(Who::Account { account, post: None }, key, command, Beside::default()).await?;
        Ok(BallotId(done.made.first().copied().unwrap_or_default()))
    }

    /// Votes by a link. Whoever tries twice is told that they have voted.
    pub async fn cast(&self, code: &str, choice: Choice) -> Result<(), AppError> {
        let (ballot, voter) = self.voter_of(code).await?;
        let subject = self.subject_named(&ballot.opened.key).await?;
        let secrets = Arc::clone(&self.secrets);
        let put: Put = Box::new(move |sealed| {
            let tally = look_in(&secrets, &subject, sealed)?.with(choice);
            Some(secrets.seal_bytes(&subject, boxed(tally).as_bytes()))
        });
        let which = (ballot.opened.matter, ballot.id());
        let command = Command::Ballot(Box::new(BallotDo::Cast(which, voter, choice, put)));
        // No key of the sender: what is kept under one would tell in which order secret votes came.
        self.send(Who::Reporter, None, command, Beside::default()).await.map(|_| ())
    }

    /// Enters sheets of paper.
    pub async fn enter_paper(
        &self,
        account: AccountId,
        id: BallotId,
        sheets: Vec<(i64, bool, Option<Choice>)>,
    ) -> Result<Outcome, AppError> {
        let ballot = self.kept_ballot(account, id).await?;
        let command = Command::Ballot(Box::new(BallotDo::Paper((ballot.opened.matter, id), sheets)));
        self.send(Who::Account { account, post: None }, None, command, Beside::default()).await
    }

    /// Closes a vote and counts it.
    pub async fn close_ballot(&self, account: AccountId, id: BallotId, paper: Tally) -> Result<Outcome, AppError> {
        let ballot = self.kept_ballot(account, id).await?;
        let subject = self.subject_named(&ballot.opened.key).await?;
        let (secrets, key) = (Arc::clone(&self.secrets), subject.clone());
        let empty: Empty = Box::new(move |sealed| look_in(&secrets, &key, sealed));
        let names = self.names_of(&ballot).await?;
        let post = self.result_post(&ballot, subject, names.title);
        let command = Command::Ballot(Box::new(BallotDo::Close((ballot.opened.matter, id), paper, empty, post)));
        self.send(Who::Account { account, post: None }, None, command, Beside::default()).await
    }

    /// Calls a vote off; the sheets that were put in are not counted.
    pub async fn void_ballot(&self, account: AccountId, id: BallotId, reason: &str) -> Result<Outcome, AppError> {
        let ballot = self.kept_ballot(account, id).await?;
        if reason.trim().is_empty() {
            return Err(Refusal::field("reason", "required").into());
        }
        let subject = self.subject_named(&ballot.opened.key).await?;
        let secret = Some(self.secrets().seal_bytes(&subject, reason.trim().as_bytes()));
        let command = Command::Ballot(Box::new(BallotDo::Void((ballot.opened.matter, id), secret)));
        self.send(Who::Account { account, post: None }, None, command, Beside::default()).await
    }

    /// The result in words, and the commitment to them.
    fn result_post(&self, ballot: &Ballot, subject: Subject, title: String) -> Post {
        let (place, words) = (self.posted_place(ballot.opened.place), self.result_words(ballot, title));
        let (secrets, of) = (Arc::clone(&self.secrets), format!("ballot:{}", ballot.id()));
        Box::new(move |counted| post_of(&secrets, &subject, of, place, &words(counted)))
    }

    fn may_keep(&self, matter: &xiangyue_domain::matter::Matter, rule: &str, account: AccountId) -> bool {
        let (policy, directory) = (self.policy(), self.directory());
        let ctx = Ctx { now: self.now(), policy: &policy, directory: &directory };
        ballot::may_keep(ctx, matter, rule, Who::Account { account, post: None }).is_ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_box_is_as_long_whatever_is_in_it() {
        let one = Tally::default().with(Choice::Yes);
        assert_eq!(boxed(Tally::default()).len(), boxed(one).len());
        assert_eq!(unboxed(boxed(one).as_bytes()), Some(one));
        assert_eq!(unboxed(b"12"), None);
    }

    #[test]
    fn a_code_is_read_however_it_was_typed() {
        assert_eq!(code_as_typed(" abcde-fgh 23"), "ABCDEFGH23");
    }
}
