//! What is planned for the default pack, without sending any of it: duties of the calendar are met by most villages, and
//! inspections come in rounds.

use crate::act::Stage;
use crate::case::Case;
use crate::ground::Ground;
use crate::plan::Frame;
use crate::scenario::Scenario;
use crate::shadow::Shadow;
use crate::wording::Wording;
use crate::{Options, regular, rounds, scripts, story, sweep};
use std::collections::{BTreeMap, BTreeSet};
use xiangyue_app::{App, AppOptions, Clock};
use xiangyue_domain::day::Day;
use xiangyue_pack::{Loaded, PackFiles, load};

/// A stage on which nothing has been sent yet.
struct Set {
    _dir: tempfile::TempDir,
    scenario: Scenario,
    wording: Wording,
    ground: Ground,
    shadow: Shadow,
    frame: Frame,
}

impl Set {
    async fn new(loaded: &Loaded) -> Set {
        let dir = tempfile::tempdir().unwrap();
        let options = AppOptions {
            database: dir.path().join("xiangyue.db").display().to_string(),
            files: dir.path().join("files"),
            key_file: dir.path().join("key"),
            clock: Clock::fixed(Day::ymd(2026, 11, 26).unwrap().at_minute(10 * 60)),
            seed: Some(7),
        };
        let app = App::open(options, loaded.policy.clone()).await.unwrap();
        let scenario = Scenario::load(&loaded.files).unwrap();
        let wording = Wording::load(&loaded.files).unwrap();
        let frame = crate::frame(&app, loaded, &scenario, &Options { seed: 1, ..Options::default() }).unwrap();
        app.install(frame.base.start(), loaded).await.unwrap();
        let directory = app.directory();
        let ground = Ground::new(&directory, &scenario.pace, frame.seed, frame.base);
        let shadow = Shadow::new(&app.policy(), directory);
        Set { _dir: dir, scenario, wording, ground, shadow, frame }
    }

    fn stage(&self) -> Stage<'_> {
        Stage {
            scripts: scripts(&self.scenario),
            stories: story::topics(&self.scenario, &self.wording),
            scenario: &self.scenario,
            wording: &self.wording,
            ground: &self.ground,
            shadow: &self.shadow,
        }
    }

    fn stream(&self, id: &str) -> usize {
        self.scenario.stream.iter().position(|s| s.id == id).unwrap()
    }
}

fn pack() -> Loaded {
    let dir = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../packs").join(PackFiles::default_name());
    load(PackFiles::at(&dir).unwrap()).unwrap()
}

#[tokio::test]
async fn most_villages_meet_what_comes_round_and_some_do_not() {
    let set = Set::new(&pack()).await;
    let (stage, villages) = (set.stage(), set.ground.villages.len());
    for (id, mv) in [("talk", ""), ("consultation", "talk")] {
        let index = set.stream(id);
        let cases = regular::regular(&stage, index, set.frame).unwrap();
        let duty = &set.scenario.stream[index].regular.as_ref().unwrap().duty;
        let duty = set.shadow.policy.duties.iter().find(|d| d.id == *duty).unwrap();
        // The day on which it counts: that of the opening, or of the move by which it is held.
        let held = |c: &Case| {
            let steps = &stage.scripts[c.script].steps;
            if mv.is_empty() { Some(c.open) } else { c.plan.iter().find(|p| steps[p.1].mv == mv).map(|p| p.0) }
        };
        let spans = duty.spans(set.frame.base, set.frame.until);
        assert!(spans.len() >= 29, "{id}: a span for every month");
        let mut shares = Vec::new();
        for span in spans.iter().filter(|s| s.to < set.frame.until) {
            let to = span.to.min(span.due.plus(i32::from(duty.grace)));
            let done: BTreeSet<usize> = cases
                .iter()
                .filter(|c| held(c).is_some_and(|at| span.from <= at.day() && at.day() <= to))
                .map(|c| c.spot.village)
                .collect();
            shares.push(done.len() * 100 / villages);
        }
        assert!(shares.iter().rev().take(3).all(|s| (80..=97).contains(s)), "{id}: {shares:?}");
        assert!(shares[..6].iter().all(|s| *s < 30), "{id}: it spreads: {shares:?}");
        assert!(cases.iter().all(|c| c.open < set.frame.cut && c.open.day() >= set.frame.base));
    }
}

#[tokio::test]
async fn inspections_come_in_two_rounds_and_look_at_what_was_made_public() {
    let set = Set::new(&pack()).await;
    let stage = set.stage();
    let made = rounds::rounds(&stage, set.stream("village_disclosure"), set.frame).unwrap();
    let mut rounds: BTreeMap<String, BTreeSet<&str>> = BTreeMap::new();
    for id in ["inspection_none", "inspection_own", "inspection_common"] {
        let cases = sweep::sweeps(&stage, set.stream(id), &made, set.frame).unwrap();
        assert!(cases.len() > 10, "{id}");
        for case in &cases {
            let (_, n) = case.repeats.unwrap();
            let seen = made.iter().find(|c| c.n == n).unwrap();
            assert!(seen.open < case.open && seen.spot == case.spot, "{id}: it looks at what is there already");
            let turn = case.duty.clone().unwrap();
            assert_eq!(turn.item, stage.topic(seen).category);
            rounds.entry(turn.period).or_default().insert(id);
        }
    }
    assert_eq!(rounds.len(), 2, "{rounds:?}");
    assert!(rounds.values().all(|found| found.len() == 3), "{rounds:?}");
}
