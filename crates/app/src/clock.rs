//! The clock and the source of randomness, passed in: tests and the simulator bring their own.

use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};
use xiangyue_domain::day::Time;

/// Where "now" comes from.
#[derive(Debug, Clone)]
pub enum Clock {
    /// The machine's clock.
    System,
    /// A clock that is set by hand.
    Fixed(Arc<AtomicI64>),
}

impl Clock {
    /// A clock that stands at an instant until it is set.
    pub fn fixed(at: Time) -> Clock {
        Clock::Fixed(Arc::new(AtomicI64::new(at.0)))
    }

    /// Now.
    pub fn now(&self) -> Time {
        match self {
            Clock::System => {
                #[expect(clippy::disallowed_methods, reason = "this is the one place that reads the machine's clock")]
                let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
                Time(i64::try_from(since.as_millis()).unwrap_or(0))
            }
            Clock::Fixed(at) => Time(at.load(Ordering::SeqCst)),
        }
    }

    /// Sets a clock that is set by hand; the machine's clock is left alone.
    pub fn set(&self, at: Time) {
        if let Clock::Fixed(held) = self {
            held.store(at.0, Ordering::SeqCst);
        }
    }
}

/// Randomness for keys, tokens and codes.
#[derive(Debug, Clone)]
pub struct Entropy(Arc<Mutex<StdRng>>);

impl Entropy {
    /// From the operating system.
    pub fn system() -> Entropy {
        let mut seed = [0u8; 32];
        #[expect(
            clippy::disallowed_methods,
            reason = "this is the one place that asks the operating system for chance"
        )]
        rand::rng().fill_bytes(&mut seed);
        Entropy(Arc::new(Mutex::new(StdRng::from_seed(seed))))
    }

    /// The same draws each time, for the simulator and tests.
    pub fn seeded(seed: u64) -> Entropy {
        Entropy(Arc::new(Mutex::new(StdRng::seed_from_u64(seed))))
    }

    /// Random bytes.
    pub fn bytes<const N: usize>(&self) -> [u8; N] {
        let mut out = [0u8; N];
        self.0.lock().unwrap_or_else(PoisonError::into_inner).fill_bytes(&mut out);
        out
    }
}
