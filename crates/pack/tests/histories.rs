//! Every kind walked at random: whatever way a matter goes, it never stands above the line of a rate without standing
//! below it, at any cut-off.

use std::collections::BTreeSet;
use xiangyue_domain::day::Day;
use xiangyue_domain::fact::{Fact, facts_of};
use xiangyue_domain::ids::{MatterId, RegionId};
use xiangyue_domain::matter::{Change, Happening, IntakeRecord, Matter, Opened, Values, Who};
use xiangyue_domain::policy::{Basis, Field, FieldType, IndicatorSource, Kind, Level, Move, Phase, Policy};
use xiangyue_pack::{PackFiles, load};

/// Draws that are the same every time.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap_or(0) % sides.max(1)
    }

    fn value(&mut self, policy: &Policy, field: &Field) -> Option<serde_json::Value> {
        let codes: Vec<String> = match &field.catalogue {
            Some(id) => policy.catalogue(id)?.items.iter().map(|i| i.code.clone()).collect(),
            None => field.options.keys().cloned().collect(),
        };
        match field.kind {
            FieldType::Choice => Some(codes.get(self.roll(codes.len()))?.clone().into()),
            FieldType::Int | FieldType::Money => Some(self.roll(9).into()),
            FieldType::Code => Some("WZ-1".into()),
            _ => None,
        }
    }
}

fn change(matter: i64, day: Day, what: Happening, values: Values) -> Change {
    Change { values, ..Change::new(MatterId(matter), day.at_minute(600), Who::System, what) }
}

fn opened(policy: &Policy, kind: &Kind, dice: &mut Dice, day: Day) -> Matter {
    let mut values = Values::from([("urgency".to_owned(), ["urgent", "normal"][dice.roll(2)].into())]);
    for field in kind.intake_fields() {
        if field.required || dice.roll(2) == 0 {
            values.extend(dice.value(policy, field).map(|v| (field.id.clone(), v)));
        }
    }
    let channel = kind.intake.channels[dice.roll(kind.intake.channels.len())].clone();
    let at = day.at_minute(600);
    let step = &kind.steps[0];
    let opened = Opened {
        kind: kind.id.clone(),
        number: "N1".into(),
        place: RegionId(1),
        level_in: Level::Village,
        step: step.id.clone(),
        phase: step.phase,
        intake: IntakeRecord { channel, source_no: None, at, receipt: None, first: MatterId(1) },
        key: String::new(),
        code: None,
        confidential: false,
        bypass: false,
        barred: Vec::new(),
        flow: String::new(),
        parent: None,
        given: None,
    };
    Matter::open(&change(1, day, Happening::Opened(Box::new(opened)), values), 1).expect("an opening")
}

/// Whether the flow lets a matter go this way, whoever asks.
fn open_to(kind: &Kind, matter: &Matter, mv: &Move) -> bool {
    let to = mv.to.as_deref().and_then(|to| kind.step(to));
    let leaves = matter.phase == Phase::Closed && to.is_some_and(|s| s.id != matter.step && s.phase != Phase::Final);
    let held = mv.when.as_ref().is_none_or(|w| w.holds(&matter.vars(kind)).unwrap_or(false));
    mv.from.contains(&matter.step) && (!leaves || mv.reopen) && held
}

fn walked(policy: &Policy, kind: &Kind, dice: &mut Dice) -> Matter {
    let mut day = Day::ymd(2021, 3, 1).expect("a day");
    let mut matter = opened(policy, kind, dice, day);
    for _ in 0..dice.roll(14) {
        let ways: Vec<&Move> = kind.moves.iter().filter(|mv| open_to(kind, &matter, mv)).collect();
        if matter.phase == Phase::Final || ways.is_empty() {
            break;
        }
        let mv = ways[dice.roll(ways.len())];
        day = day.plus(i32::try_from(dice.roll(3)).unwrap_or(0));
        let mut values = Values::new();
        for field in mv.fields.iter().filter_map(|f| kind.field(f)) {
            if mv.require.contains(&field.id) || dice.roll(2) == 0 {
                values.extend(dice.value(policy, field).map(|v| (field.id.clone(), v)));
            }
        }
        let set = mv
            .set
            .iter()
            .map(|(f, v)| (f.clone(), if v.is_empty() { serde_json::Value::Null } else { v.as_str().into() }));
        values.extend(set);
        let to = mv.to.clone().unwrap_or_else(|| matter.step.clone());
        let phase = kind.step(&to).map_or(matter.phase, |s| s.phase);
        let level = [Level::Grid, Level::Village, Level::Town, Level::County][dice.roll(4)];
        let what = Happening::Moved { mv: mv.id.clone(), to, phase, handled: mv.handles.then_some(level) };
        matter.apply(&change(1, day, what, values), matter.version() + 1);
    }
    matter
}

fn sum(facts: &[Fact], measures: &[String], bucket: Option<&String>, until: Day) -> i64 {
    let counts = |f: &&Fact| measures.contains(&f.measure) && bucket.is_none_or(|b| *b == f.bucket) && f.day <= until;
    facts.iter().filter(counts).map(|f| f.delta).sum()
}

#[test]
fn no_matter_stands_above_a_line_and_not_below_it() {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/packs/heights");
    let policy = PackFiles::at(&path).and_then(load).expect("the pack holds").policy;
    let mut dice = Dice(7);
    let mut faults: BTreeSet<String> = BTreeSet::new();
    for kind in &policy.kinds {
        for _ in 0..3000 {
            let matter = walked(&policy, kind, &mut dice);
            let facts = facts_of(&matter, kind, &kind.measures, matter.place).expect("the measures can be judged");
            let days: BTreeSet<Day> = facts.iter().map(|f| f.day).collect();
            for indicator in policy.indicators.iter().filter(|i| i.basis == Basis::Cohort) {
                let IndicatorSource::Rate { over, under } = &indicator.source else { continue };
                for day in &days {
                    let above = sum(&facts, over, indicator.bucket.as_ref(), *day);
                    let below = sum(&facts, under, indicator.bucket.as_ref(), *day);
                    if above > below {
                        let way: Vec<&str> = matter.trail.iter().map(|t| t.mv.as_str()).collect();
                        faults.insert(format!("{}: {above} over {below} after {way:?}", indicator.id));
                    }
                }
            }
        }
    }
    let mut first: Vec<&String> = Vec::new();
    for fault in &faults {
        let id = fault.split(':').next();
        if first.last().and_then(|f| f.split(':').next()) != id {
            first.push(fault);
        }
    }
    assert!(first.is_empty(), "{first:#?}");
}
