//! Scores: rates that can be put together at all, each once, each with a weight. What cannot be weighed fairly is a
//! fault here, so that no page has to guess.

use super::Say;
use std::collections::BTreeSet;
use xiangyue_domain::policy::{Better, Indicator, IndicatorSource, Policy, WeightedRate};

/// Checks what goes into one score.
pub(super) fn check(policy: &Policy, indicator: &Indicator, list: &[WeightedRate], say: Say) {
    if list.len() < 2 {
        say("/source", format!("综合得分 {} 至少要两项;只有一项就直接用那一项", indicator.id));
    }
    if indicator.bucket.is_some() {
        say("/bucket", format!("综合得分 {} 不能只取一类;请删去 bucket,或写在各项里", indicator.id));
    }
    let mut seen = BTreeSet::new();
    for (i, one) in list.iter().enumerate() {
        let id = &one.indicator;
        let at = format!("/source/weighted/{i}");
        if !(1..=1000).contains(&one.weight) {
            say(&format!("{at}/weight"), format!("{id} 的权重是 {};可写 1 到 1000 的整数", one.weight));
        }
        if !seen.insert(id) {
            say(&format!("{at}/indicator"), format!("{id} 写了两次;请合成一项,权重相加"));
        }
        let wrong = match policy.indicator(id) {
            None => Some(format!("{id} 不存在;请写 indicators.toml 里有的率")),
            Some(found) if !matches!(found.source, IndicatorSource::Rate { .. }) => {
                Some(format!("{id} 不是率,不能按百分之几合成;请换成 source = {{ rate = … }} 的指标"))
            }
            Some(found) if found.basis != indicator.basis => {
                Some(format!("{id} 的 basis 与 {} 不同,合在一起说的不是同一批事;请写成一样", indicator.id))
            }
            Some(found) if found.better != Some(Better::Up) => {
                Some(format!("{id} 没有写越高越好(better = \"up\"),加权后方向不清;请换一项或写明"))
            }
            Some(_) => None,
        };
        if let Some(message) = wrong {
            say(&format!("{at}/indicator"), message);
        }
    }
}
