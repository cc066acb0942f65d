//! What a transfer counts for, under the measures in force. Written with the transfer, so that replay asks no pack.

use super::account::AccountKey;
use super::event::{About, Leg, LegFact};
use crate::policy::{LedgerBucket, LedgerRules, Side};

/// Facts of legs whose accounts are known by these keys.
pub(super) fn facts(
    rules: &LedgerRules,
    kind: &str,
    legs: &[Leg],
    keys: &[AccountKey],
    about: &About,
    party: &str,
) -> Vec<LegFact> {
    let mut out = Vec::new();
    for measure in rules.measures.iter().filter(|m| m.on.iter().any(|k| k == kind)) {
        for (i, (leg, key)) in legs.iter().zip(keys).enumerate().filter(|(_, (_, k))| k.kind == measure.account) {
            let counts = match measure.side {
                None => true,
                Some(Side::In) => leg.n > 0,
                Some(Side::Out) => leg.n < 0,
            };
            if !counts {
                continue;
            }
            let bucket = match measure.bucket {
                None => String::new(),
                Some(LedgerBucket::Unit) => key.unit.clone(),
                Some(LedgerBucket::Rule) => about.rule.clone(),
                Some(LedgerBucket::Party) => party.to_owned(),
            };
            // What goes out is counted as how much went out; both sides together are a balance.
            let amount = if measure.side == Some(Side::Out) { -leg.n } else { leg.n };
            out.push(LegFact(measure.id.clone(), bucket, i, if measure.amount { amount } else { 1 }));
        }
    }
    out
}
