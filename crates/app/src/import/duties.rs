//! Rows that begin a disclosure, or ask about one: the same rules as on their pages. A question comes within its window, and
//! one item of one period is begun once, whether by hand or by a file. Must never let a file do what a page refuses.

use super::examine::Verdict;
use super::job::CellFault;
use super::target::{Body, Draft};
use crate::due::duty_kind;
use crate::error::AppError;
use crate::state::App;
use std::collections::HashMap;
use xiangyue_domain::policy::{FieldType, Policy};
use xiangyue_domain::refusal::Refusal;

/// The field that these rules judge: the item of a duty, or what a question is about.
pub(super) fn judged<'p>(policy: &'p Policy, kind: &str) -> Option<&'p str> {
    let found = policy.kind(kind)?;
    if let Some(duty) = &found.duty {
        return Some(&duty.item);
    }
    let (_, rules) = duty_kind(policy)?;
    let asks = rules.objection.as_deref() == Some(kind) && rules.window.is_some();
    let about = found.fields.iter().find(|f| f.kind == FieldType::Matter).filter(|_| asks)?;
    Some(&about.id)
}

impl App {
    /// Takes back what the rules of disclosures refuse. `seen` holds what earlier rows of the file begin.
    pub(super) async fn mind_duties(
        &self,
        verdicts: Vec<Verdict>,
        seen: &mut HashMap<String, u32>,
    ) -> Result<Vec<Verdict>, AppError> {
        let mut out = Vec::with_capacity(verdicts.len());
        for verdict in verdicts {
            out.push(match verdict {
                Verdict::Good { draft, key, claims } => self.mind_duty(draft, key, claims, seen).await?,
                other => other,
            });
        }
        Ok(out)
    }

    async fn mind_duty(
        &self,
        draft: Draft,
        key: String,
        mut claims: Vec<String>,
        seen: &mut HashMap<String, u32>,
    ) -> Result<Verdict, AppError> {
        let Some(Body::Order(order)) = &draft.body else { return Ok(Verdict::Good { draft, key, claims }) };
        if judged(&self.policy(), order.kind()).is_none() {
            return Ok(Verdict::Good { draft, key, claims });
        }
        let (asked, place) = ((order.kind().to_owned(), order.values().clone()), order.place());
        let begun = match self.is_in_window(asked.clone(), &key).await {
            Ok(()) => self.is_no_second(asked, place, &key).await,
            Err(late) => Err(late),
        };
        match begun {
            Ok(claim) => {
                if let Some(first) = claim.as_ref().and_then(|c| seen.get(c)).filter(|first| **first != draft.row) {
                    let first = first.to_string();
                    return Ok(bad(draft, "import.fault_repeats", vec![("row".to_owned(), first)]));
                }
                seen.extend(claim.iter().map(|c| (c.clone(), draft.row)));
                claims.extend(claim);
                Ok(Verdict::Good { draft, key, claims })
            }
            Err(AppError::Refused(Refusal { key, args, fields })) => Ok(match fields.into_iter().next() {
                Some(fault) => bad(draft, &format!("fault.{}", fault.key), fault.args),
                None => bad(draft, &format!("refusal.{key}"), args),
            }),
            Err(error) => Err(error),
        }
    }
}

fn bad(mut draft: Draft, key: &str, args: Vec<(String, String)>) -> Verdict {
    let (row, column) = (draft.row, draft.judged_column);
    draft.faults.push(CellFault { row, column, key: key.to_owned(), args, found: String::new() });
    draft.body = None;
    Verdict::Bad { draft }
}
