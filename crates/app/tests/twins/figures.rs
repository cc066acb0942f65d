//! Figures against a plain sum over the facts: any place, any days, any cut-off.

use crate::play::Play;
use crate::stage::{FAR_VILLAGE, OTHER_TOWN, SIBLING, Stage, TOWN, VILLAGE, twins};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use std::collections::BTreeMap;
use xiangyue_app::App;
use xiangyue_app::explain::Page;
use xiangyue_app::indicator::{Figure, Figures, is_rate, parts};
use xiangyue_app::period::Period;
use xiangyue_app::series::Grain;
use xiangyue_domain::day::Day;
use xiangyue_domain::fact::Fact;
use xiangyue_domain::ids::RegionId;
use xiangyue_domain::matter::Who;
use xiangyue_domain::policy::{Basis, Indicator, IndicatorSource, Level, Policy};
use xiangyue_store::Scope;

twins!(figures_are_plain_sums, figures_are_plain_sums_over_changes_of_the_tree);

async fn facts(stage: &Stage) -> Vec<(i64, Fact)> {
    let sql = "select measure, bucket, place, day, cohort, delta, subject from fact where realm = $1";
    let day = |n: i64| Day(i32::try_from(n).expect("a day"));
    let rows = stage.app.pool().rows(sql, &[stage.app.realm().into()]).await.expect("facts");
    rows.iter()
        .map(|r| {
            let (measure, bucket) = (r.text(0).to_owned(), r.text(1).to_owned());
            let place = RegionId(r.int(2));
            (r.int(6), Fact { measure, bucket, place, day: day(r.int(3)), cohort: day(r.int(4)), delta: r.int(5) })
        })
        .collect()
}

/// The facts that a figure is made of, found one by one.
fn behind<'a>(
    stage: &Stage,
    facts: &'a [(i64, Fact)],
    indicator: &Indicator,
    above: bool,
    place: RegionId,
    period: Period,
) -> Vec<&'a (i64, Fact)> {
    let directory = stage.app.directory();
    let (over, under) = parts(indicator);
    let measures = if above { over } else { under };
    let nodes = directory.tree.then_nodes(place, period.cut_off);
    let from = if indicator.basis == Basis::Stock { Day(i32::MIN) } else { period.from };
    facts
        .iter()
        .filter(|(_, f)| measures.contains(&f.measure) && nodes.contains(&f.place) && f.day <= period.cut_off)
        .filter(|(_, f)| indicator.bucket.as_ref().is_none_or(|b| *b == f.bucket))
        .filter(|(_, f)| {
            let day = if indicator.basis == Basis::Cohort { f.cohort } else { f.day };
            from <= day && day <= period.to.min(period.cut_off)
        })
        .collect()
}

async fn compare(stage: &Stage, seed: u64, places: &[RegionId], rounds: usize) {
    let (app, policy) = (&stage.app, stage.app.policy());
    let facts = facts(stage).await;
    let ids: Vec<&str> = policy.indicators.iter().map(|i| i.id.as_str()).collect();
    let (first, last) = (Day::ymd(2021, 2, 20).expect("a day"), app.now().day());
    let mut rng = StdRng::seed_from_u64(seed);
    let (mut seen, mut scores) = (0, 0);
    for _ in 0..rounds {
        let days = last.0 - first.0 + 20;
        let from = first.plus(rng.random_range(0..days));
        let to = from.plus(rng.random_range(0..80));
        let cut_off = if rng.random_range(0..2) == 0 { to } else { from.plus(rng.random_range(0..100)) };
        let period = Period { from, to, cut_off };
        let figures = app.figures(&ids, places, period).await.expect("figures");
        scores += places.iter().map(|place| scored(&policy, &figures, *place)).sum::<usize>();
        for indicator in policy.indicators.iter().filter(|i| counted(i)) {
            for place in places {
                let figure = figures[&(*place, indicator.id.clone())];
                let sum = |above| {
                    behind(stage, &facts, indicator, above, *place, period).iter().map(|(_, f)| f.delta).sum::<i64>()
                };
                assert_eq!(figure.numerator, sum(true), "{} at {place} in {period:?}", indicator.id);
                seen += usize::from(figure.numerator != 0);
                if let Some(below) = figure.denominator {
                    assert_eq!(below, sum(false), "under {} at {place} in {period:?}", indicator.id);
                    let cohort = indicator.basis == Basis::Cohort;
                    let share = indicator.id.ends_with("_rate") || indicator.id.ends_with("_share");
                    assert!(
                        !cohort || !share || figure.numerator <= below,
                        "{} is above 100 % in {period:?}",
                        indicator.id
                    );
                }
            }
        }
    }
    assert!(scores > 10, "only {scores} scores had a value");
    assert!(seen > 200, "{seen} figures were anything at all");
    over_time(stage, places).await;
    explained(stage, &facts, places, seed).await;
}

/// Whether an indicator is summed from facts: neither a register nor a score.
fn counted(indicator: &Indicator) -> bool {
    matches!(indicator.source, IndicatorSource::Sum(_) | IndicatorSource::Rate { .. })
}

/// A score is its rates by weight, made here anew from their two counts; a rate over nothing has no say in it.
fn scored(policy: &Policy, figures: &Figures, place: RegionId) -> usize {
    let mut seen = 0;
    for indicator in &policy.indicators {
        let IndicatorSource::Weighted(list) = &indicator.source else { continue };
        let of = |id: &str| figures[&(place, id.to_owned())];
        let with: Vec<(f64, Figure)> = list.iter().map(|s| (f64::from(s.weight), of(&s.indicator))).collect();
        let with: Vec<&(f64, Figure)> = with.iter().filter(|(_, f)| f.denominator.is_some_and(|d| d > 0)).collect();
        let weight: f64 = with.iter().map(|(w, _)| w).sum();
        #[expect(clippy::cast_precision_loss, reason = "counts of a test")]
        let points: f64 =
            with.iter().map(|(w, f)| w * f.numerator as f64 / f.denominator.unwrap_or(1) as f64 * 100.0).sum();
        let figure = of(&indicator.id);
        assert_eq!(figure.value.is_some(), weight > 0.0, "{}", indicator.id);
        assert!((figure.value.unwrap_or(0.0) * weight - points).abs() < 1e-6, "{} at {place}", indicator.id);
        seen += usize::from(figure.value.is_some());
    }
    seen
}

/// A series is the figures of its steps, as they are known now, also where the month ends on another day.
async fn over_time(stage: &Stage, places: &[RegionId]) {
    let (app, policy, today) = (&stage.app, stage.app.policy(), stage.app.now().day());
    let ids: Vec<&str> = policy.indicators.iter().map(|i| i.id.as_str()).collect();
    for (grain, days) in [(Grain::Month(0), 70), (Grain::Month(25), 70), (Grain::Day, 9)] {
        for place in places.iter().step_by(3) {
            let series = app.series(&ids, *place, grain, (today.plus(-days), today), &[]).await.expect("a series");
            let steps = series.values().next().expect("an indicator").len();
            for n in 0..steps {
                let (from, to) = series.values().next().map(|s| (s[n].from, s[n].to)).expect("a step");
                let figures = app.figures(&ids, &[*place], Period { from, to, cut_off: today }).await.expect("figures");
                for (id, line) in &series {
                    assert_eq!(line[n].figure, figures[&(*place, id.clone())], "{id} at {place}, {from} to {to}");
                }
            }
        }
    }
}

/// The records behind a figure add up to it, page by page, and are as many as is said, over any days.
async fn explained(stage: &Stage, facts: &[(i64, Fact)], places: &[RegionId], seed: u64) {
    let (app, policy) = (&stage.app, stage.app.policy());
    let (first, last) = (Day::ymd(2021, 2, 20).expect("a day"), app.now().day());
    let mut rng = StdRng::seed_from_u64(seed);
    let mut several = 0;
    let summed: Vec<&Indicator> = policy.indicators.iter().filter(|i| counted(i)).collect();
    for round in 0..60 {
        // The first place is the widest, where lists go over several pages.
        let place = if round < 4 { places[0] } else { places[rng.random_range(0..places.len())] };
        let from = if round < 8 { first } else { first.plus(rng.random_range(0..last.0 - first.0)) };
        let to = if round < 8 { last } else { from.plus(rng.random_range(0..60)) };
        let cut_off = if rng.random_range(0..2) == 0 { to } else { from.plus(rng.random_range(0..80)) };
        let period = Period { from, to, cut_off };
        let behind = app.behind(&summed.iter().map(|i| i.id.as_str()).collect::<Vec<_>>(), place, period).await;
        let behind = behind.expect("counted");
        for indicator in &summed {
            for above in [true, false].into_iter().filter(|a| *a || is_rate(indicator)) {
                let mut subjects: BTreeMap<i64, i64> = BTreeMap::new();
                for (subject, fact) in self::behind(stage, facts, indicator, above, place, period) {
                    *subjects.entry(*subject).or_default() += fact.delta;
                }
                subjects.retain(|_, n| *n != 0);
                let said = behind[&indicator.id];
                let said = if above { said.above } else { said.below };
                assert_eq!(usize::try_from(said).ok(), Some(subjects.len()), "{} {above} {period:?}", indicator.id);
                let listed = listed(app, indicator, above, place, period).await;
                assert_eq!(listed, subjects.into_iter().collect::<Vec<_>>(), "{} {above} {period:?}", indicator.id);
                several += usize::from(listed.len() > 7);
            }
        }
    }
    assert!(several > 5, "{several} lists went over more than one page");
}

/// All records by page after page, by matter.
async fn listed(app: &App, indicator: &Indicator, above: bool, place: RegionId, period: Period) -> Vec<(i64, i64)> {
    let mut page = Page { above, size: 7, ..Page::default() };
    let mut out = Vec::new();
    loop {
        let found = app.explain(&Scope::system(), &indicator.id, place, period, &page).await.expect("explained");
        assert_eq!(found.hidden, 0);
        assert!(found.records.windows(2).all(|w| (w[0].day, w[0].matter.id) < (w[1].day, w[1].matter.id)));
        out.extend(found.records.iter().map(|r| (r.matter.id.0, r.n)));
        page.after = found.next;
        if page.after.is_none() {
            let mut unique = out.clone();
            unique.sort_unstable();
            unique.dedup();
            assert_eq!(unique.len(), out.len(), "{} lists a record twice", indicator.id);
            return unique;
        }
        assert_eq!(found.records.len(), page.size, "a page before the last is full");
    }
}

async fn figures_are_plain_sums(stage: Stage) {
    Play::new(&stage, 42).run(390).await;
    let places: Vec<RegionId> =
        [Level::County, Level::Town, Level::Village, Level::Grid].into_iter().flat_map(|l| stage.all(l)).collect();
    compare(&stage, 7, &places, 48).await;
}

async fn figures_are_plain_sums_over_changes_of_the_tree(stage: Stage) {
    Play::new(&stage, 5).run(90).await;
    let by = Who::System;
    let now = stage.app.now().day();
    let (village, sibling) = (stage.place(VILLAGE), stage.place(SIBLING));
    stage.app.merge_regions(by.clone(), vec![sibling], village, now).await.expect("merged");
    let (name, display) = ("新坡村委会".to_owned(), "新坡村".to_owned());
    stage.app.rename_region(by.clone(), village, now, "991101100299".into(), name, display).await.expect("renamed");
    stage.wait_hours(24 * 9);
    let (town, other) = (stage.place(TOWN), stage.place(OTHER_TOWN));
    let far = stage.place(FAR_VILLAGE);
    for n in 0..30 {
        let (code, post) =
            [("991101100299", "village.secretary"), (FAR_VILLAGE, "village.secretary"), (TOWN, "town.dispatcher")]
                [n % 3];
        let receipt = stage.report(code, "lamp").await;
        stage.wait_hours(11);
        if n % 2 == 0 {
            let by = stage.holding(post, stage.place(code));
            stage.go(by, receipt.matter, "solve", &[("reply", "好了")]).await.expect("solved");
        }
    }
    stage.app.sweep(stage.app.now()).await.expect("swept");
    stage.app.merge_regions(by, vec![other], town, stage.app.now().day()).await.expect("merged");
    stage.wait_hours(24 * 8);
    stage.app.sweep(stage.app.now()).await.expect("swept");
    stage.sound().await;
    let mut places = vec![stage.place(crate::stage::COUNTY), town, village, far];
    places.extend(stage.all(Level::Grid));
    compare(&stage, 9, &places, 14).await;
}
