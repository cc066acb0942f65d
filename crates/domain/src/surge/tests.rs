//! The statistic itself, and how it fares on simulated noise: a county of nine towns and a hundred and twenty villages with
//! uneven sizes, weeks, seasons, a heating season that begins overnight, and days that sway.

use super::*;
use proptest::test_runner::{RngAlgorithm, TestRng};
use rand_like::Dice;

/// Chance for the noise, from the generator that property tests use.
mod rand_like {
    use super::{RngAlgorithm, TestRng};
    use proptest::prelude::Rng;

    pub struct Dice(TestRng);

    impl Dice {
        pub fn new(seed: u8) -> Dice {
            Dice(TestRng::from_seed(RngAlgorithm::ChaCha, &[seed; 32]))
        }

        /// Between 0 and 1.
        pub fn share(&mut self) -> f64 {
            f64::from(self.0.next_u32()) / (f64::from(u32::MAX) + 1.0)
        }

        /// Sways around 1 by a share.
        pub fn sway(&mut self, by: f64) -> f64 {
            let normal = (0..6).map(|_| self.share()).sum::<f64>() * 1.414 - 4.243;
            (by * normal).exp()
        }

        pub fn poisson(&mut self, mean: f64) -> i64 {
            let (mut n, mut p, limit) = (0, self.share(), (-mean).exp());
            while p > limit {
                n += 1;
                p *= self.share();
            }
            n
        }
    }
}

const VILLAGES: usize = 120;
const TOWNS: usize = 9;
const LEAVES: usize = 90;
const BRANCHES: usize = 10;
/// Days that are looked at, with a quarter before them.
const DAYS: usize = 300;
const BASE: usize = 91;
const WINDOW: usize = 3;

/// Counts by place and category up to each day, places being the county, the towns and the villages, categories the
/// branches and the leaves.
struct County {
    upto: Vec<Vec<Vec<i64>>>,
}

fn town(village: usize) -> usize {
    1 + village % TOWNS
}

fn float(n: usize) -> f64 {
    f64::from(u32::try_from(n).unwrap())
}

impl County {
    fn noise(dice: &mut Dice, a_day: f64) -> County {
        let days = BASE + DAYS + WINDOW;
        let mut upto = vec![vec![vec![0; days + 1]; BRANCHES + LEAVES]; 1 + TOWNS + VILLAGES];
        let sizes: Vec<f64> = (0..VILLAGES).map(|_| dice.sway(0.9)).collect();
        let of_all: f64 = sizes.iter().sum();
        let shares: Vec<f64> = (0..LEAVES).map(|l| 1.0 / float(l + 3)).collect();
        let shared: f64 = shares.iter().sum();
        // What a village has more or less of than others, for good.
        let habits: Vec<Vec<f64>> = (0..VILLAGES).map(|_| (0..LEAVES).map(|_| dice.sway(0.6)).collect()).collect();
        for day in 0..days {
            let week = [1.25, 1.1, 1.0, 1.0, 1.05, 0.7, 0.6][day % 7];
            for leaf in 0..LEAVES {
                let season = match leaf % 9 {
                    // Heating: from one day to the next.
                    0 if day < 250 => 0.05,
                    0 => 3.0,
                    1 => 1.0 + 0.7 * (float(day) / 58.0).sin(),
                    _ => 1.0,
                };
                let everywhere = a_day * week * season * dice.sway(0.2) * shares[leaf] / shared / of_all;
                for village in 0..VILLAGES {
                    let mean = everywhere * sizes[village] * habits[village][leaf] * (0.75 + 0.5 * dice.share());
                    let n = dice.poisson(mean);
                    for place in [0, town(village), 1 + TOWNS + village].into_iter().filter(|_| n > 0) {
                        for category in [leaf % BRANCHES, BRANCHES + leaf] {
                            upto[place][category][day + 1] += n;
                        }
                    }
                }
            }
        }
        for counts in upto.iter_mut().flatten() {
            (1..=days).for_each(|day| counts[day] += counts[day - 1]);
        }
        County { upto }
    }

    fn sum(&self, place: usize, category: usize, from: usize, days: usize) -> i64 {
        self.upto[place][category][from + days] - self.upto[place][category][from]
    }

    /// More of a category at a place, and so everywhere, on a day.
    fn add(&mut self, place: usize, category: usize, day: usize, n: i64) {
        for at in [0, place] {
            self.upto[at][category][day + 1..].iter_mut().for_each(|sum| *sum += n);
        }
    }

    /// What is told on a day: a window that ends with it, after the base.
    fn alarms(&self, day: usize) -> Vec<(usize, usize)> {
        let (base, window) = (day - WINDOW - BASE + 1, day - WINDOW + 1);
        let size = |place: usize| (0..BRANCHES).map(|b| self.sum(place, b, base, BASE)).sum::<i64>();
        let all = size(0);
        let threshold = threshold(TOWNS + VILLAGES, BRANCHES + LEAVES);
        let mut found = Vec::new();
        let sizes: Vec<i64> = (0..=TOWNS + VILLAGES).map(size).collect();
        for category in 0..BRANCHES + LEAVES {
            let now_everywhere = self.sum(0, category, window, WINDOW);
            let usual_everywhere = self.sum(0, category, base, BASE);
            for (place, size) in sizes.iter().copied().enumerate().skip(1) {
                let now = self.sum(place, category, window, WINDOW);
                let usual = self.sum(place, category, base, BASE);
                let windows = float(BASE) / float(WINDOW);
                let seen = Seen { now, usual, size, now_everywhere, usual_everywhere, all, windows };
                if now >= LEAST && seen.judge().chance < threshold {
                    assert!(seen.may_be(threshold), "what is found is never sorted out before");
                    found.push((place, category));
                }
            }
        }
        found
    }
}

/// How many alarms a month of noise brings, counting one that lasts over several days once.
fn false_alarms(dice: &mut Dice, a_day: f64) -> f64 {
    let county = County::noise(dice, a_day);
    let (mut told, mut before) = (0u32, Vec::new());
    for day in BASE + WINDOW..BASE + WINDOW + DAYS {
        let now = county.alarms(day);
        told += u32::try_from(now.iter().filter(|a| !before.contains(*a)).count()).unwrap();
        before = now;
    }
    f64::from(told) * 30.0 / float(DAYS)
}

#[test]
fn noise_hardly_ever_calls_an_alarm() {
    for (a_day, seed) in [(20.0, 1), (300.0, 3)] {
        let rate = false_alarms(&mut Dice::new(seed), a_day);
        println!("{a_day} cases a day: {rate:.2} false alarms a month");
        assert!(rate <= FALSE_IN_A_MONTH, "{a_day} cases a day: {rate:.2} false alarms a month");
    }
}

#[test]
fn a_burst_is_found() {
    let calm = County::noise(&mut Dice::new(7), 20.0);
    let days: Vec<usize> = (BASE + WINDOW..BASE + WINDOW + DAYS).step_by(9).collect();
    let share = |size: i64| {
        let found = days.iter().filter(|day| {
            // So many cases of one kind in one town within three days.
            let (place, leaf) = (1 + **day % TOWNS, **day % 40 + 5);
            let mut county = County { upto: calm.upto.clone() };
            for (n, back) in [(size / 4, 2), (size / 2, 1), (size - size / 4 - size / 2, 0)] {
                county.add(place, leaf % BRANCHES, **day - back, n);
                county.add(place, BRANCHES + leaf, **day - back, n);
            }
            county.alarms(**day).contains(&(place, BRANCHES + leaf))
        });
        float(found.count()) / float(days.len())
    };
    for (size, least) in [(8, 0.0), (10, 0.5), (14, 0.95)] {
        let found = share(size);
        println!("of bursts of {size} cases {found:.2} are found");
        assert!(found >= least, "of bursts of {size} cases {found:.2} are found");
    }
}

#[test]
fn the_chance_of_many_falls_as_they_grow() {
    let near = |a: f64, b: f64| (a - b).abs() < 1e-6;
    assert!(near(tail(0, 2.0, 5.0), 1.0));
    // With a great size it is Poisson's.
    assert!((tail(3, 1.0, 1e9) - 0.080_301).abs() < 1e-5);
    let tails: Vec<f64> = (1..60).map(|n| tail(n, 2.0, 5.0)).collect();
    assert!(tails.windows(2).all(|w| w[0] > w[1]) && tails[58] < 1e-12);
    assert!(tail(10, 2.0, 5.0) > tail(10, 2.0, 50.0), "what sways more surprises less");
}

#[test]
fn a_share_is_held_against_that_of_the_others() {
    let (share, usual) = chance_of_share((5, 60), (30, 600));
    assert!((share - 31.0 / 602.0).abs() < 1e-9 && usual > 0.1, "{usual}");
    assert!(chance_of_share((14, 60), (30, 600)).1 < 1e-4);
    assert!(chance_of_share((3, 3), (0, 0)).1 > 0.1, "where nothing is known, nothing is told");
}

/// Thirty units that hand back one in twenty, looked at every fourth day.
#[test]
fn units_that_are_like_the_others_are_hardly_ever_told() {
    let mut dice = Dice::new(11);
    let mut told = 0;
    let months = 200;
    for _ in 0..months * 7 {
        let units: Vec<(i64, i64)> =
            (0..30).map(|i| 4 + i * 3).map(|of| (dice.poisson(0.05 * float(of)), i64::try_from(of).unwrap())).collect();
        let all = units.iter().fold((0, 0), |sum, u| (sum.0 + u.0, sum.1 + u.1));
        let odd = |u: &&(i64, i64)| {
            u.0 >= LEAST && chance_of_share(**u, (all.0 - u.0, all.1 - u.1)).1 < threshold(30, 7) * 30.0
        };
        told += units.iter().filter(odd).count();
    }
    let rate = float(told) / float(months);
    println!("{rate:.3} false alarms a month over thirty units");
    assert!(rate <= FALSE_IN_A_MONTH, "{rate}");
}

#[test]
fn growth_everywhere_is_no_surge_anywhere() {
    let seen =
        Seen { now: 9, usual: 1, size: 300, now_everywhere: 160, usual_everywhere: 30, all: 6000, windows: 30.0 };
    assert!(seen.judge().chance > 1e-3, "{:?}", seen.judge());
    let alone = Seen { now_everywhere: 10, ..seen };
    assert!(alone.judge().chance < 1e-5, "{:?}", alone.judge());
    // A place that is used to it raises no alarm.
    let used = Seen { usual: 200, usual_everywhere: 260, now_everywhere: 11, ..seen };
    assert!(used.judge().chance > 1e-2, "{:?}", used.judge());
}
