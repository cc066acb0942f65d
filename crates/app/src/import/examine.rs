//! What is here already: the same number of another platform, the same row of the same file, the same person. One
//! number is taken in once, however often and from wherever it is sent; only an entry that was voided, and so never
//! happened, lets its number come again.

use super::target::{Body, Draft};
use crate::command::Outcome;
use crate::error::AppError;
use crate::matter::OpenForm;
use crate::state::App;
use std::collections::{HashMap, HashSet};
use xiangyue_domain::crypto::sm3_hex;
use xiangyue_domain::refusal::{FieldFault, Refusal};

/// How often an entry may be voided and come again.
const AGAIN_MOST: usize = 6;

/// Where the rows of a file come from, for their keys.
pub(crate) struct Origin {
    /// Sheet.
    pub sheet: String,
    /// Digest of the file.
    pub digest: String,
    /// Worksheet.
    pub worksheet: usize,
}

/// What is known of a row after all checks.
pub(crate) enum Verdict {
    /// It can be taken in, under this key and with these claims.
    Good { draft: Draft, key: String, claims: Vec<String> },
    /// This very row was taken in before.
    Taken { row: u32, outcome: Outcome },
    /// What it says is here already: number of the matter, or nothing for a register.
    Same { row: u32, outcome: Outcome },
    /// It cannot be taken in.
    Bad { draft: Draft },
}

/// Names under which a row is known.
struct Names {
    key: String,
    claim: Option<String>,
    token: Option<String>,
}

impl Origin {
    /// Where the rows of a job come from.
    pub fn of(job: &super::job::Job) -> Origin {
        Origin { sheet: job.sheet.clone(), digest: job.digest.clone(), worksheet: job.worksheet }
    }

    fn key(&self, row: u32) -> String {
        format!("sheet/{}/{}/{}/{row}", self.sheet, &self.digest[..self.digest.len().min(32)], self.worksheet)
    }
}

/// The claim on a number of another system.
fn source_claim(kind: &str, number: &str) -> String {
    format!("source/{kind}/{}", &sm3_hex(number.as_bytes())[..32])
}

/// The name of a key or claim when the entries under it were voided so many times.
fn again(name: &str, times: usize) -> String {
    if times == 0 { name.to_owned() } else { format!("{name}#{times}") }
}

impl App {
    /// The token by which a matter is found by its number in another system.
    pub(crate) fn source_token(&self, kind: &str, number: &str) -> String {
        self.secrets().token("source", &format!("{kind}/{number}"))
    }

    fn names(&self, origin: &Origin, draft: &Draft) -> Names {
        let key = origin.key(draft.row);
        let (claim, token) = match &draft.body {
            Some(Body::Order(order)) => match order.source_no() {
                Some(no) => (Some(source_claim(order.kind(), no)), Some(self.source_token(order.kind(), no))),
                None => (None, None),
            },
            Some(Body::Person(_)) if !draft.same.is_empty() => {
                (Some(format!("person/{}", self.secrets().token("citizen", &draft.same))), None)
            }
            _ => (None, None),
        };
        Names { key, claim, token }
    }

    /// Answers that were given to names, and which of their matters were voided.
    async fn answers(&self, names: &[String]) -> Result<(HashMap<String, Outcome>, HashSet<i64>), AppError> {
        let rows = self.pool().replies(self.realm(), names).await?;
        let found: HashMap<String, Outcome> =
            rows.into_iter().filter_map(|(k, r)| Some((k, serde_json::from_str(&r).ok()?))).collect();
        let mut ids: Vec<i64> = found.values().filter_map(|o: &Outcome| o.matter.map(|m| m.0)).collect();
        ids.sort_unstable();
        ids.dedup();
        let matters = if ids.is_empty() { Vec::new() } else { self.pool().matters_any(self.realm(), &ids).await? };
        Ok((found, matters.into_iter().filter(|m| m.voided).map(|m| m.id.0).collect()))
    }

    /// Judges the rows of a chunk. `seen` holds what earlier rows of the file are known by.
    pub(crate) async fn examine(
        &self,
        origin: &Origin,
        drafts: Vec<Draft>,
        seen: &mut HashMap<String, u32>,
    ) -> Result<Vec<Verdict>, AppError> {
        let named: Vec<(Draft, Names)> = drafts
            .into_iter()
            .map(|draft| {
                let names = self.names(origin, &draft);
                (draft, names)
            })
            .collect();
        let sound = || named.iter().filter(|(d, _)| d.body.is_some());
        let tokens: Vec<String> = sound().filter_map(|(_, n)| n.token.clone()).collect();
        let mut known: HashMap<String, Outcome> = HashMap::new();
        for row in if tokens.is_empty() { Vec::new() } else { self.pool().known(self.realm(), &tokens).await? } {
            if !row.voided {
                let matter = Some(xiangyue_domain::ids::MatterId(row.matter));
                known.insert(row.token, Outcome { matter, number: row.number, ..Outcome::default() });
            }
        }
        // How often the entries under a row's names were voided; nearly always not at all.
        let mut times: Vec<usize> = vec![0; named.len()];
        let mut taken: Vec<Option<(bool, Outcome)>> = named.iter().map(|_| None).collect();
        for round in 0..AGAIN_MOST {
            let open: Vec<usize> =
                (0..named.len()).filter(|i| times[*i] == round && named[*i].0.body.is_some()).collect();
            let mut asked: Vec<String> = open.iter().map(|i| again(&named[*i].1.key, round)).collect();
            asked.extend(open.iter().filter_map(|i| named[*i].1.claim.as_ref()).map(|c| again(c, round)));
            if asked.is_empty() {
                break;
            }
            let (answers, voided) = self.answers(&asked).await?;
            for i in open {
                let names = &named[i].1;
                let own = answers.get(&again(&names.key, round)).map(|o| (true, o));
                let other = names.claim.as_ref().and_then(|c| answers.get(&again(c, round))).map(|o| (false, o));
                match own.or(other) {
                    Some((_, o)) if o.matter.is_some_and(|m| voided.contains(&m.0)) => times[i] = round + 1,
                    Some((own, o)) => taken[i] = Some((own, o.clone())),
                    None => {}
                }
            }
        }
        let judged = named.into_iter().zip(times).zip(taken);
        let verdicts =
            judged.map(|(((draft, names), times), taken)| judge(draft, &names, times, taken, &known, seen)).collect();
        self.mind_duties(verdicts, seen).await
    }

    /// The claim of a matter that is entered by hand with a number of another system; a number that is here already
    /// is a fault of the form, unless this very form brought it.
    pub(crate) async fn claim_of(&self, form: &OpenForm, key: &str) -> Result<Vec<String>, AppError> {
        let Some(number) = form.source_no.as_ref().filter(|n| !n.is_empty()) else { return Ok(Vec::new()) };
        if self.pool().reply(self.realm(), key).await?.is_some() {
            return Ok(Vec::new());
        }
        let claim = source_claim(&form.kind, number);
        let field = form.typed.iter().find(|(_, v)| v.trim() == number.trim()).map_or("", |(f, _)| f.as_str());
        let there = |n: &str| Refusal::form(vec![FieldFault::new(field, "claimed").with("number", n)]);
        let token = self.source_token(&form.kind, number);
        if let Some(known) = self.pool().known(self.realm(), &[token]).await?.iter().find(|k| !k.voided) {
            return Err(there(&known.number).into());
        }
        for times in 0..AGAIN_MOST {
            let name = again(&claim, times);
            let (answers, voided) = self.answers(std::slice::from_ref(&name)).await?;
            match answers.get(&name) {
                None => return Ok(vec![name]),
                Some(o) if o.matter.is_some_and(|m| voided.contains(&m.0)) => {}
                Some(o) => return Err(there(&o.number).into()),
            }
        }
        Err(there("").into())
    }
}

fn judge(
    mut draft: Draft,
    names: &Names,
    times: usize,
    taken: Option<(bool, Outcome)>,
    known: &HashMap<String, Outcome>,
    seen: &mut HashMap<String, u32>,
) -> Verdict {
    let row = draft.row;
    if draft.body.is_none() {
        // A row with a fault has its number all the same: what bears it further down is a repetition, not the first.
        if let Some(first) = draft.first_of(seen) {
            draft.repeats(first);
        }
        return Verdict::Bad { draft };
    }
    match taken {
        Some((true, outcome)) => return Verdict::Taken { row, outcome },
        Some((false, outcome)) => return Verdict::Same { row, outcome },
        None => {}
    }
    if let Some(outcome) = names.token.as_ref().and_then(|t| known.get(t)) {
        return Verdict::Same { row, outcome: outcome.clone() };
    }
    if let Some(first) = draft.first_of(seen) {
        draft.repeats(first);
        return Verdict::Bad { draft };
    }
    let claims = names.claim.iter().map(|c| again(c, times)).collect();
    Verdict::Good { key: again(&names.key, times), draft, claims }
}

impl Draft {
    /// The earlier row of the file that is the same, if there is one; else this is the first.
    fn first_of(&self, seen: &mut HashMap<String, u32>) -> Option<u32> {
        if self.same.is_empty() {
            return None;
        }
        Some(*seen.entry(self.same.clone()).or_insert(self.row)).filter(|first| *first != self.row)
    }

    /// Says that an earlier row of the file is the same.
    fn repeats(&mut self, first: u32) {
        let args = vec![("row".to_owned(), first.to_string())];
        let (key, found) = ("import.fault_repeats".to_owned(), String::new());
        self.faults.push(super::job::CellFault { row: self.row, column: self.same_column, key, args, found });
        self.body = None;
    }
}
