//! Whether a flow can be walked: every step is reached, and from every step that waits for someone a way leads on to
//! a closed or final one.

use super::Say;
use std::collections::BTreeSet;
use xiangyue_domain::policy::{Kind, Phase};

pub(super) fn check(kind: &Kind, say: Say) {
    let Some(first) = kind.steps.first() else { return };
    let reached = closure(kind, BTreeSet::from([first.id.as_str()]), |from, to| (from, to));
    let ends = kind.steps.iter().filter(|s| matches!(s.phase, Phase::Closed | Phase::Final)).map(|s| s.id.as_str());
    let ending = closure(kind, ends.collect(), |from, to| (to, from));
    for (i, step) in kind.steps.iter().enumerate() {
        let at = format!("/step/{i}/id");
        if !reached.contains(step.id.as_str()) {
            say(&at, format!("没有动作通到步骤 {};请加一个 to = \"{}\" 的动作,或删去这一步", step.id, step.id));
        }
        if !ending.contains(step.id.as_str()) {
            let message = format!("步骤 {} 走不到办结;请加一个从它出发、通到 closed 或 final 步骤的动作", step.id);
            say(&at, message);
        }
    }
}

/// Steps that hang together with the given ones over moves, along or against their direction.
fn closure<'a>(
    kind: &'a Kind,
    mut steps: BTreeSet<&'a str>,
    turn: impl Fn(&'a str, &'a str) -> (&'a str, &'a str),
) -> BTreeSet<&'a str> {
    loop {
        let before = steps.len();
        for mv in &kind.moves {
            let Some(to) = mv.to.as_deref() else { continue };
            for from in &mv.from {
                let (a, b) = turn(from, to);
                if steps.contains(a) {
                    steps.insert(b);
                }
            }
        }
        if steps.len() == before {
            return steps;
        }
    }
}
