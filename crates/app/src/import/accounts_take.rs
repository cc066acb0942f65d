//! Taking the township's sheet of accounts: its rows are put into what each village makes public. Every village is judged
//! before the first is written, by the rules that judge the command itself, so a refusal leaves all villages as they were.

use super::accounts::{Accounts, Sheaf, Standing, rules_of, standing, typed};
use crate::command::{Beside, Command};
use crate::error::AppError;
use crate::matter::{MoveForm, OpenForm};
use crate::state::App;
use xiangyue_domain::flow::{self, Ctx, MoveRequest};
use xiangyue_domain::form;
use xiangyue_domain::ids::{AccountId, MatterId, RegionId};
use xiangyue_domain::matter::{Matter, Who};
use xiangyue_domain::policy::Kind;
use xiangyue_domain::refusal::Refusal;

/// What becomes of the rows of a village.
enum Step {
    /// They go into its draft.
    Fill(Box<Matter>, MoveForm),
    /// They begin what is not there: key of the command, and what is sent.
    Begin(String, Command, Box<Beside>),
}

impl App {
    /// Puts the rows of a sheet without fault where they belong; `words` gives the text that stands with them, anew with
    /// every sheet, since it says their number and sums. Gives how many villages were filled; sent twice it begins nothing
    /// twice. What one village refuses is refused for all of them.
    pub async fn take_accounts(
        &self,
        account: AccountId,
        cell: (&str, &str),
        read: &Accounts,
        words: &(dyn Fn(&Sheaf) -> String + Sync),
    ) -> Result<usize, AppError> {
        if !read.faults.is_empty() {
            return Err(Refusal::new("accounts_faults").with("n", read.faults.len()).into());
        }
        let by = Who::Account { account, post: None };
        let steps = self.steps_of(&by, cell, read, words).await?;
        let taken = steps.len();
        let mut sent = Vec::new();
        for step in steps {
            match step {
                Step::Fill(matter, form) => {
                    self.send_move(&matter, by.clone(), form, None).await?;
                }
                Step::Begin(key, command, beside) => {
                    sent.push(self.queue_at(self.now(), by.clone(), Some(key), command, *beside).await?);
                }
            }
        }
        for answer in sent {
            answer.await.map_err(|_| AppError::Busy)??;
        }
        Ok(taken)
    }

    /// What is to be done at each village, judged; what a village has sent on or published is left as it is.
    async fn steps_of(
        &self,
        by: &Who,
        cell: (&str, &str),
        read: &Accounts,
        words: &(dyn Fn(&Sheaf) -> String + Sync),
    ) -> Result<Vec<Step>, AppError> {
        let policy = self.policy();
        let (kind, rules) = rules_of(&policy)?;
        let duty = kind.duty.as_ref().ok_or(AppError::NotFound)?;
        // What stands there is asked anew: since the sheet was read it may have been begun, by this very sheet too.
        let villages: Vec<RegionId> = read.sheaves.iter().map(|s| s.village).collect();
        let mut stands = self.duty_matters(&villages, cell).await?;
        let fresh: Vec<RegionId> = villages.iter().filter(|v| !stands.contains_key(v)).copied().collect();
        let mut claims = self.free_claims(&fresh, cell).await?;
        let keys: Vec<String> = stands.values().map(|m| m.key.clone()).collect();
        self.secrets().warm(self.pool(), self.realm(), &keys).await?;
        let mut steps = Vec::new();
        for sheaf in &read.sheaves {
            let mut typed = typed(&rules.lines, &sheaf.lines);
            typed.insert(rules.words.clone(), words(sheaf));
            let found = stands.remove(&sheaf.village);
            match (standing(&policy, found.as_ref())?, found) {
                (Standing::Draft(..), Some(matter)) => {
                    let form = MoveForm { mv: rules.fill.clone(), typed, ..MoveForm::default() };
                    self.would_fill(by, kind, &matter, &form).await?;
                    steps.push(Step::Fill(Box::new(matter), form));
                }
                (Standing::New, _) => {
                    typed.insert(duty.item.clone(), cell.0.to_owned());
                    typed.insert(duty.period.clone(), cell.1.to_owned());
                    let form = OpenForm { kind: kind.id.clone(), place: sheaf.village, typed, ..OpenForm::default() };
                    let claim = claims.remove(&sheaf.village).unwrap_or_default();
                    // Given up and sent again it is begun anew: the claim that is free then has another number.
                    let key = format!("accounts/{}/{claim}", &read.digest[..24]);
                    steps.push(self.would_begin(by, form, (key, claim))?);
                }
                (Standing::Closed(_) | Standing::Draft(..), _) => {}
            }
        }
        Ok(steps)
    }

    /// Judges a draft that is to be filled, as the committer will.
    async fn would_fill(&self, by: &Who, kind: &Kind, matter: &Matter, form: &MoveForm) -> Result<(), AppError> {
        let account = by.account().ok_or(AppError::NotFound)?;
        self.subject_of(matter).await?;
        let (policy, directory) = (self.policy(), self.directory());
        let ctx = Ctx { now: self.now(), policy: &policy, directory: &directory };
        if !flow::sees(ctx, matter, account) {
            return Err(AppError::NotFound);
        }
        let mv = kind.find_move(&form.mv).ok_or_else(|| Refusal::new("no_move"))?;
        let filled = form::read(&policy, kind, &mv.fields, &mv.require, &form.typed).map_err(Refusal::form)?;
        let texts = filled.secret.keys().cloned().collect();
        let request = MoveRequest { mv: form.mv.clone(), values: filled.plain, texts, ..MoveRequest::default() };
        flow::make_move(ctx, matter, by.clone(), request, &mut || MatterId(0))?;
        Ok(())
    }

    /// Judges what is to be begun, and makes it ready.
    fn would_begin(&self, by: &Who, form: OpenForm, (key, claim): (String, String)) -> Result<Step, AppError> {
        let (policy, directory) = (self.policy(), self.directory());
        let ctx = Ctx { now: self.now(), policy: &policy, directory: &directory };
        let mut prepared = self.prepare_open(form, &key)?;
        if let Command::Open(request) = &prepared.command {
            flow::open(ctx, by.clone(), MatterId(0), String::new(), request.as_ref().clone())?;
        }
        prepared.beside.claims = vec![claim];
        Ok(Step::Begin(key, prepared.command, Box::new(prepared.beside)))
    }
}
