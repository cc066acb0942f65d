//! Issuing a report: frozen with its figures, its words and the head of the journal it stands on; and the sentences that are
//! written anew before. What a report says is text for this module: it must never make a figure or a sentence of its own.

use crate::command::{Beside, Command};
use crate::error::AppError;
use crate::keys::Texts;
use crate::period::Period;
use crate::state::App;
use std::collections::BTreeMap;
use xiangyue_domain::crypto::sm3_hex;
use xiangyue_domain::day::Day;
use xiangyue_domain::entry::Event;
use xiangyue_domain::ids::{AccountId, RegionId, ReportId};
use xiangyue_domain::matter::Who;
use xiangyue_domain::policy::Right;
use xiangyue_domain::refusal::Refusal;
use xiangyue_domain::report::{Frozen, Issued, ReportEvent, Wording};

/// Longest sentence or paragraph, in characters.
pub const WORDING_MAX: usize = 4000;
/// Name of the text within its ciphertext.
const TEXT: &str = "text";

/// Which report sentences are written for: whoever makes it anew with a later last day finds them again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReportOf {
    /// Place.
    pub place: RegionId,
    /// Template.
    pub template: String,
    /// First day of its period.
    pub from: Day,
}

/// A report to be issued.
#[derive(Debug, Clone)]
pub struct ToIssue {
    /// Place and template.
    pub of: ReportOf,
    /// Days, and the day up to which things count.
    pub period: Period,
    /// Head of the journal when its figures were made.
    pub head: (i64, String),
    /// Its figures.
    pub figures: Vec<Frozen>,
    /// The document.
    pub body: String,
}

impl App {
    /// Last entry of the journal and its hash.
    pub async fn journal_head(&self) -> Result<(i64, String), AppError> {
        let head = self.pool().head(self.realm()).await?;
        Ok(head.map(|h| (h.seq, h.hash)).unwrap_or_default())
    }

    /// Sentences that were written anew for a report, by paragraph.
    pub async fn wordings(&self, of: &ReportOf) -> Result<BTreeMap<String, String>, AppError> {
        let rows = self.pool().wordings(self.realm(), of.place.0, &of.template, i64::from(of.from.0)).await?;
        let mut out = BTreeMap::new();
        for wording in rows.into_iter().filter(|w| !w.key.is_empty()) {
            out.extend(self.opened(&wording.key, &wording.sealed).await?.map(|text| (wording.block, text)));
        }
        Ok(out)
    }

    async fn opened(&self, key: &str, sealed: &str) -> Result<Option<String>, AppError> {
        let subject = self.secrets().find(self.pool(), self.realm(), key).await?;
        Ok(subject.and_then(|s| self.secrets().open(&s, sealed).remove(TEXT)))
    }

    /// Writes a paragraph anew; no text brings back that of the template.
    pub async fn word(
        &self,
        account: AccountId,
        of: ReportOf,
        block: String,
        text: Option<String>,
        key: Option<String>,
    ) -> Result<(), AppError> {
        if text.as_ref().is_some_and(|t| t.chars().count() > WORDING_MAX) {
            return Err(Refusal::field("text", "too_long").with("max", WORDING_MAX).into());
        }
        let mut beside = Beside::default();
        let (mut name, mut sealed) = (String::new(), String::new());
        if let Some(text) = text {
            let (subject, wrapped) = self.secrets().subject();
            sealed = self.secrets().seal(&subject, &Texts::from([(TEXT.to_owned(), text)])).unwrap_or_default();
            name.clone_from(&subject.name);
            beside.key = Some((subject.name, wrapped));
        }
        let day = self.now().day();
        let ReportOf { place, template, from } = of;
        let command = Command::Register(Box::new(move |_, directory, policy| {
            if !directory.has_right(policy, account, Right::Report, place, day) {
                return Err(Refusal::new("no_right"));
            }
            let wording = Wording { place, template, from, block, key: name, sealed };
            Ok(vec![Event::Report(ReportEvent::Worded { wording })])
        }));
        self.send(Who::Account { account, post: None }, key, command, beside).await.map(|_| ())
    }

    /// Issues a report; sent twice with one key it is issued once.
    pub async fn issue_report(
        &self,
        account: AccountId,
        new: ToIssue,
        key: Option<String>,
    ) -> Result<ReportId, AppError> {
        let (subject, wrapped) = self.secrets().subject();
        let digest = sm3_hex(new.body.as_bytes());
        let ToIssue { of, period, head, figures, body } = new;
        let sealed = self.secrets().seal(&subject, &Texts::from([(TEXT.to_owned(), body)])).unwrap_or_default();
        let (at, name, place) = (self.now(), subject.name.clone(), of.place);
        let command = Command::Register(Box::new(move |ids, directory, policy| {
            if !directory.has_right(policy, account, Right::Report, place, at.day()) {
                return Err(Refusal::new("no_right"));
            }
            let report = Issued {
                id: ReportId(ids.draw()),
                place,
                template: of.template,
                from: period.from,
                to: period.to,
                cut_off: period.cut_off,
                at,
                by: account,
                head,
                figures,
                digest,
                key: name,
                sealed,
            };
            Ok(vec![Event::Report(ReportEvent::Issued { report: Box::new(report) })])
        }));
        let beside = Beside { key: Some((subject.name, wrapped)), ..Beside::default() };
        let done = self.send(Who::Account { account, post: None }, key, command, beside).await?;
        done.made.first().map(|id| ReportId(*id)).ok_or(AppError::NotFound)
    }

    /// A report that was issued, with its document.
    pub async fn issued_report(&self, account: AccountId, id: ReportId) -> Result<(Issued, String), AppError> {
        let found = self.pool().issued(self.realm(), id.0).await?.ok_or(AppError::NotFound)?;
        self.may_report(account, found.place)?;
        let text = self.opened(&found.key, &found.sealed).await?.filter(|t| sm3_hex(t.as_bytes()) == found.digest);
        let text = text.ok_or_else(|| AppError::Io(format!("issued_report {id}: 文稿打不开,或与摘要不符")))?;
        Ok((found, text))
    }

    /// Reports of a place that were issued, newest first; `before` 0 begins with the last.
    pub async fn issued_reports(
        &self,
        account: AccountId,
        place: RegionId,
        before: i64,
        limit: i64,
    ) -> Result<Vec<Issued>, AppError> {
        self.may_report(account, place)?;
        let before = if before > 0 { before } else { i64::MAX };
        Ok(self.pool().issued_of(self.realm(), place.0, before, limit).await?)
    }

    /// The last report by the same template on days before these, among those issued lately.
    pub async fn issued_before(&self, of: &ReportOf, period: Period) -> Result<Option<Issued>, AppError> {
        const LATELY: i64 = 60;
        let lately = self.pool().issued_of(self.realm(), of.place.0, i64::MAX, LATELY).await?;
        Ok(lately.into_iter().find(|r| r.template == of.template && r.cut_off < period.cut_off))
    }

    fn may_report(&self, account: AccountId, place: RegionId) -> Result<(), AppError> {
        let (directory, policy, day) = (self.directory(), self.policy(), self.now().day());
        if directory.has_right(&policy, account, Right::Report, place, day) { Ok(()) } else { Err(AppError::NotFound) }
    }
}
