//! Seeded draws. The same seed gives the same county on every machine, whatever the version of a library; nothing
//! here may be used for keys, tokens or anything else that has to be secret.

/// A small generator (splitmix64): fast, and good enough for demo data.
#[derive(Debug, Clone)]
pub(crate) struct Dice(u64);

/// Mixes a number so that neighbours give unlike results.
pub(crate) fn mix(n: u64) -> u64 {
    let mut z = n.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// A number that follows from a seed and a text.
pub(crate) fn of_text(seed: u64, text: &str) -> u64 {
    text.bytes().fold(mix(seed), |n, b| mix(n ^ u64::from(b)))
}

/// A number between 0 and 1 from a mixed one.
#[expect(clippy::cast_precision_loss, reason = "the upper 53 bits fit a float exactly")]
pub(crate) fn unit(n: u64) -> f64 {
    (n >> 11) as f64 / (1u64 << 53) as f64
}

impl Dice {
    pub fn new(seed: u64) -> Dice {
        Dice(mix(seed))
    }

    pub fn draw(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        mix(self.0)
    }

    /// Between 0 and 1.
    pub fn unit(&mut self) -> f64 {
        unit(self.draw())
    }

    /// Below `n`; 0 when `n` is 0.
    pub fn below(&mut self, n: usize) -> usize {
        let n = u64::try_from(n).unwrap_or(u64::MAX).max(1);
        usize::try_from(self.draw() % n).unwrap_or(0)
    }

    pub fn chance(&mut self, p: f64) -> bool {
        self.unit() < p
    }

    /// Between two bounds, more often near the lower one, as times and amounts are.
    pub fn skewed(&mut self, low: f64, high: f64) -> f64 {
        let (low, high) = (low.max(0.001), high.max(low.max(0.001)));
        low * (high / low).powf(self.unit())
    }

    /// Around 1, spread by `s` as a log-normal is.
    pub fn around_one(&mut self, s: f64) -> f64 {
        let sum: f64 = (0..6).map(|_| self.unit()).sum();
        ((sum - 3.0) * std::f64::consts::SQRT_2 * s).exp()
    }

    /// An index by weight; 0 when all weights are 0.
    pub fn weighted(&mut self, weights: impl Iterator<Item = f64> + Clone) -> usize {
        let total: f64 = weights.clone().sum();
        let mut left = self.unit() * total;
        let mut last = 0;
        for (i, weight) in weights.enumerate() {
            if weight <= 0.0 {
                continue;
            }
            last = i;
            left -= weight;
            if left < 0.0 {
                break;
            }
        }
        last
    }
}

/// Weights summed up, to draw from many of them quickly.
#[derive(Debug, Clone, Default)]
pub(crate) struct Wheel(Vec<f64>);

impl Wheel {
    pub fn new(weights: impl Iterator<Item = f64>) -> Wheel {
        let mut sum = 0.0;
        Wheel(
            weights
                .map(|w| {
                    sum += w.max(0.0);
                    sum
                })
                .collect(),
        )
    }

    pub fn is_empty(&self) -> bool {
        self.0.last().is_none_or(|total| *total <= 0.0)
    }

    pub fn spin(&self, dice: &mut Dice) -> usize {
        let at = dice.unit() * self.0.last().copied().unwrap_or(0.0);
        self.0.partition_point(|sum| *sum <= at).min(self.0.len().saturating_sub(1))
    }
}
