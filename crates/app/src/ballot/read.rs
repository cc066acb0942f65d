//! Reading votes: what a voter sees behind their link, what the clerk keeps, and what everybody may read. Names of a
//! roll are only for those who keep the vote; how somebody voted is only shown of an open vote.

use super::{Names, RollLine, code_as_typed};
use crate::error::AppError;
use crate::keys::Subject;
use crate::state::App;
use xiangyue_domain::ballot::{Ballot, Choice, Marks, Way};
use xiangyue_domain::ids::{AccountId, BallotId, MatterId};
use xiangyue_domain::matter::Matter;
use xiangyue_domain::refusal::Refusal;

/// What a voter sees behind their link.
#[derive(Debug, Clone)]
pub struct Voting {
    /// The vote.
    pub ballot: Ballot,
    /// Heading.
    pub title: String,
    /// What is voted on, in the words that were published.
    pub words: Vec<String>,
    /// The voter's name.
    pub name: String,
    /// They have voted, and how.
    pub voted: Option<Way>,
    /// What they chose, of an open vote.
    pub choice: Option<Choice>,
}

/// A vote as the clerk keeps it.
#[derive(Debug, Clone)]
pub struct Kept {
    /// The vote.
    pub ballot: Ballot,
    /// Its matter.
    pub matter: Matter,
    /// Heading.
    pub title: String,
    /// Voters in the order of the roll, with their codes.
    pub voters: Vec<(RollLine, String)>,
    /// Who voted.
    pub marks: Marks,
    /// Why it was called off.
    pub void: Option<String>,
    /// Whether this account keeps it, or only sees its matter.
    pub keeps: bool,
}

/// A vote as everybody may read it.
#[derive(Debug, Clone)]
pub struct Outlook {
    /// The vote.
    pub ballot: Ballot,
    /// Heading.
    pub title: String,
    /// How many have voted.
    pub voted: usize,
}

impl App {
    pub(crate) async fn subject_named(&self, key: &str) -> Result<Subject, AppError> {
        let found = self.secrets().find(self.pool(), self.realm(), key).await?;
        found.ok_or_else(|| Refusal::new("erased").into())
    }

    pub(crate) async fn names_of(&self, ballot: &Ballot) -> Result<Names, AppError> {
        let subject = self.subject_named(&ballot.opened.key).await?;
        let plain = self.secrets().open_bytes(&subject, &ballot.opened.names).unwrap_or_default();
        Ok(serde_json::from_slice(&plain).unwrap_or_default())
    }

    pub(crate) async fn voter_of(&self, code: &str) -> Result<(Ballot, i64), AppError> {
        let digest = self.ballot_digest(&code_as_typed(code));
        let (id, voter) = self.pool().voter(self.realm(), &digest).await?.ok_or(AppError::NotFound)?;
        Ok((self.pool().ballot(self.realm(), id).await?.ok_or(AppError::NotFound)?, voter))
    }

    /// Who voted: of an open secret vote by its marks, else by what the vote says itself.
    async fn marks_of(&self, ballot: &Ballot) -> Result<Marks, AppError> {
        if !ballot.voted.is_empty() {
            return Ok(ballot.voted.iter().copied().collect());
        }
        if ballot.opened.secret {
            return Ok(self.pool().ballot_marks(self.realm(), ballot.id()).await?);
        }
        Ok(ballot.cast.iter().map(|(n, (_, way))| (*n, *way)).collect())
    }

    /// What a voter sees behind their link.
    pub async fn voting(&self, code: &str) -> Result<Voting, AppError> {
        let (ballot, voter) = self.voter_of(code).await?;
        let names = self.names_of(&ballot).await?;
        let at = usize::try_from(voter - 1).unwrap_or(usize::MAX);
        let words = self.posted_words(&format!("matter:{}", ballot.opened.matter)).await?;
        Ok(Voting {
            title: names.title,
            words,
            name: names.voters.get(at).map_or_else(String::new, |v| v.name.clone()),
            voted: self.marks_of(&ballot).await?.get(&voter).copied(),
            choice: ballot.cast.get(&voter).map(|(choice, _)| *choice),
            ballot,
        })
    }

    /// A vote that this account may keep.
    pub(crate) async fn kept_ballot(&self, account: AccountId, id: BallotId) -> Result<Ballot, AppError> {
        let ballot = self.pool().ballot(self.realm(), id).await?.ok_or(AppError::NotFound)?;
        self.find_matter(account, ballot.opened.matter).await?;
        Ok(ballot)
    }

    /// A vote as the clerk keeps it; names and codes are left out for whoever does not keep it.
    pub async fn kept(&self, account: AccountId, id: BallotId) -> Result<Kept, AppError> {
        let ballot = self.pool().ballot(self.realm(), id).await?.ok_or(AppError::NotFound)?;
        let matter = self.find_matter(account, ballot.opened.matter).await?;
        let keeps = self.may_keep(&matter, &ballot.opened.rule, account);
        let names = self.names_of(&ballot).await?;
        let void = match &ballot.void {
            Some((_, Some(sealed))) => {
                let subject = self.subject_named(&ballot.opened.key).await?;
                self.secrets().open_bytes(&subject, sealed).map(|b| String::from_utf8_lossy(&b).into_owned())
            }
            _ => None,
        };
        let code = |n: i64| self.ballot_code(&ballot.opened.salt, n);
        let voters = if keeps { (1i64..).zip(names.voters).map(|(n, v)| (v, code(n))).collect() } else { Vec::new() };
        let marks = self.marks_of(&ballot).await?;
        Ok(Kept { title: names.title, voters, marks, void, keeps, matter, ballot })
    }

    /// A vote as everybody may read it.
    pub async fn outlook(&self, id: BallotId) -> Result<Outlook, AppError> {
        let ballot = self.pool().ballot(self.realm(), id).await?.ok_or(AppError::NotFound)?;
        let title = self.names_of(&ballot).await.map(|n| n.title).unwrap_or_default();
        let voted = self.marks_of(&ballot).await?.len();
        Ok(Outlook { ballot, title, voted })
    }

    /// Votes on a matter, oldest first.
    pub async fn ballots_of(&self, matter: MatterId) -> Result<Vec<Ballot>, AppError> {
        Ok(self.pool().ballots_of(self.realm(), matter).await?)
    }

    /// The roll that was used last for the same body at the same place, to go on from.
    pub async fn last_roll(&self, account: AccountId, matter: &Matter, body: &str) -> Result<String, AppError> {
        let village = self.posted_place(matter.place);
        for ballot in self.pool().ballots_at(self.realm(), village.0).await? {
            let kept = self.find_matter(account, ballot.opened.matter).await;
            if ballot.opened.body == body && kept.is_ok_and(|m| self.may_keep(&m, &ballot.opened.rule, account)) {
                let names = self.names_of(&ballot).await?;
                let line = |v: &RollLine| format!("{} {}", v.name, v.phone).trim_end().to_owned();
                return Ok(names.voters.iter().map(line).collect::<Vec<_>>().join("\n"));
            }
        }
        Ok(String::new())
    }
}
