//! Surges: whether one category comes in at one place far more often than chance allows. A count is held against the larger
//! of two expectations, what a place of its size would have and what it is itself used to, both lifted by as much as
//! the category has grown everywhere else: the first cold night is no surge in each village. It must never call an alarm
//! more often than [`FALSE_IN_A_MONTH`] over a whole county when there is nothing but noise; a test measures that.

/// Alarms in a month over all places and categories together that noise may cause.
pub const FALSE_IN_A_MONTH: f64 = 1.0;
/// Fewest cases that make a surge: two of something rare are none.
pub const LEAST: i64 = 5;
/// Cases expected at least.
const FLOOR: f64 = 0.3;
/// Windows that what a place of its size would have weighs beside what it is itself used to.
const WEIGHT: f64 = 10.0;
/// How much the usual itself sways from window to window: the square of its share. Days differ, and people follow one
/// another.
const SWAY: f64 = 0.05;

/// What was counted of one category at one place, and what it is held against. The base is the time before, several
/// windows long.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Seen {
    /// In the window, at the place.
    pub now: i64,
    /// In the base, at the place.
    pub usual: i64,
    /// In the base at the place, of all categories.
    pub size: i64,
    /// In the window, everywhere.
    pub now_everywhere: i64,
    /// In the base, everywhere.
    pub usual_everywhere: i64,
    /// In the base everywhere, of all categories.
    pub all: i64,
    /// How many windows the base is long.
    pub windows: f64,
}

/// What is made of it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Judged {
    /// How many were to be expected.
    pub expected: f64,
    /// Chance of as many or more.
    pub chance: f64,
}

fn float(n: i64) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "counts of a county stay far below 2^52")]
    let n = n as f64;
    n
}

impl Seen {
    /// What a place of its size would have had in a window of the base.
    fn by_size(&self) -> f64 {
        float(self.size) / float(self.all.max(1)) * float(self.usual_everywhere) / self.windows
    }

    /// How much the category has grown everywhere else; that it has become rarer lowers no bar.
    fn growth(&self) -> f64 {
        let elsewhere_now = float(self.now_everywhere - self.now);
        let elsewhere_usual = float(self.usual_everywhere - self.usual) / self.windows;
        ((elsewhere_now + 1.0) / (elsewhere_usual + 1.0)).max(1.0)
    }

    /// Whether it may be a surge at all, by what is known without the place's own past.
    pub fn may_be(&self, threshold: f64) -> bool {
        let expected = (self.by_size() * self.growth()).max(FLOOR);
        self.now >= LEAST && tail(self.now, expected, 1.0 / SWAY) < threshold
    }

    /// The expectation and the chance.
    pub fn judge(&self) -> Judged {
        let by_size = self.by_size();
        let shape = WEIGHT * by_size + float(self.usual);
        let own = shape / (WEIGHT + self.windows);
        let expected = (by_size.max(own) * self.growth()).max(FLOOR);
        // What is known of the place's own rate is known from that many cases.
        let size = 1.0 / (SWAY + 1.0 / (shape + 1.0));
        Judged { expected, chance: if self.now >= LEAST { tail(self.now, expected, size) } else { 1.0 } }
    }
}

/// Chance below which a count is a surge, when so many places and categories are looked at every day.
pub fn threshold(places: usize, categories: usize) -> f64 {
    let tests = u32::try_from(places.saturating_mul(categories).max(1)).map_or(f64::from(u32::MAX), f64::from);
    FALSE_IN_A_MONTH / (tests * 30.0)
}

/// Chance of at least `n` under a negative binomial of a mean and a size; the larger the size, the nearer to Poisson.
fn tail(n: i64, mean: f64, size: f64) -> f64 {
    let q = mean / (mean + size);
    let mut term = (size * (1.0 - q).ln()).exp();
    for k in 0..n {
        term *= (float(k) + size) / (float(k) + 1.0) * q;
    }
    let (mut sum, mut k) = (0.0, float(n));
    while term > sum * 1e-12 {
        sum += term;
        term *= (k + size) / (k + 1.0) * q;
        k += 1.0;
    }
    sum.min(1.0)
}

/// The share of all others, and the chance that one like them has as many of its own: a binomial, swaying like any other
/// count.
pub fn chance_of_share((n, of): (i64, i64), (others, of_others): (i64, i64)) -> (f64, f64) {
    let share = (float(others) + 1.0) / (float(of_others) + 2.0);
    (share, tail(n, share * float(of), 1.0 / SWAY))
}

#[cfg(test)]
mod tests;
