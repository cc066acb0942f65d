//! Duties that come round: each counts by an indicator that is a sum anybody may see, and begins on a day that there is.

use super::Say;
use std::collections::BTreeSet;
use xiangyue_domain::day::Day;
use xiangyue_domain::duty::Every;
use xiangyue_domain::policy::{IndicatorSource, Policy};

/// The duties of one file.
pub(super) fn check(policy: &Policy, ids: &[String], seen: &mut BTreeSet<String>, say: Say) {
    for (i, id) in ids.iter().enumerate() {
        if !seen.insert(id.clone()) {
            say(&format!("/duty/{i}/id"), format!("定期事项 {id} 重复;换一个 id"));
            continue;
        }
        let Some(duty) = policy.duties.iter().find(|d| d.id == *id) else { continue };
        let sums = |source: &IndicatorSource| match source {
            IndicatorSource::Sum(list) => {
                let mut measures = policy.kinds.iter().flat_map(|k| k.measures.iter().map(move |m| (k, m)));
                !measures.any(|(k, m)| list.contains(&m.id) && (k.sealed || m.seen_from.is_some()))
            }
            _ => false,
        };
        if !policy.indicator(&duty.indicator).is_some_and(|x| sums(&x.source)) {
            let message =
                format!("定期事项 {id} 的指标 {} 不存在,或者不是谁都能看的合计;请写一个 sum 指标", duty.indicator);
            say(&format!("/duty/{i}/indicator"), message);
        }
        if duty.least == 0 {
            say(&format!("/duty/{i}/least"), format!("定期事项 {id} 的 least 至少写 1"));
        }
        let longest = match duty.every {
            Every::Week => 7,
            Every::Month => 31,
            Every::Quarter => 92,
            Every::Half => 184,
            Every::Year => 366,
        };
        if duty.day > longest {
            say(&format!("/duty/{i}/day"), format!("定期事项 {id} 的 day 是期内第几天,最多 {longest}"));
        }
        if !duty.since.is_empty() && Day::parse(&duty.since).is_none() {
            say(&format!("/duty/{i}/since"), format!("定期事项 {id} 的 since 不是日期;请写成 2026-01-01"));
        }
    }
}
