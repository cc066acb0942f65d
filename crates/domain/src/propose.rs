//! What a county did with matters like this one: naive Bayes over pairs of characters, category and place, learnt from its
//! own past and nothing else. Holds keyed numbers and counts only; memory is bounded. It proposes with a confidence that
//! it has measured on itself; it must never decide.

use std::collections::HashMap;

/// Most different features that are kept; what comes later and is not among them says nothing.
const FEATURES: usize = 25_000;
/// Most labels.
const LABELS: usize = 400;
/// Features of one text that are looked at: the rarest say most.
const OF_ONE: usize = 60;
/// Smoothing of counts.
const ALPHA: f64 = 0.05;
/// Bins in which the share of right proposals is counted.
const BINS: usize = 20;

/// A proposal.
#[derive(Debug, Clone, PartialEq)]
pub struct Proposal {
    /// What is proposed.
    pub label: String,
    /// Share of the county's past cases with so clear a lead in which the first proposal was right; for the others what is
    /// left, by their weight.
    pub confidence: f64,
    /// Cases of this label that were learnt.
    pub cases: u32,
}

/// What was learnt about one question: which unit, or which category.
#[derive(Clone, Default)]
pub struct Bayes {
    labels: Vec<String>,
    index: HashMap<String, u16>,
    /// Texts and features by label.
    texts: Vec<u32>,
    features: Vec<u32>,
    all: u32,
    counts: HashMap<u32, Vec<(u16, u16)>>,
    /// Proposals made while learning, and those of them that were right, by how clear they were.
    made: [u32; BINS],
    right: [u32; BINS],
}

impl std::fmt::Debug for Bayes {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Bayes({} texts, {} labels, {} features)", self.all, self.labels.len(), self.counts.len())
    }
}

/// A feature that is no text, such as a place or a category; it lies apart from those of texts as a number may.
pub fn mark(kind: &str, value: &str) -> u32 {
    let bytes = kind.bytes().chain([b'=']).chain(value.bytes());
    bytes.fold(0x811c_9dc5, |n, b| (n ^ u32::from(b)).wrapping_mul(0x0100_0193))
}

impl Bayes {
    /// Texts learnt.
    pub fn texts(&self) -> u32 {
        self.all
    }

    /// Bytes that it takes, about.
    pub fn bytes(&self) -> usize {
        self.counts.values().map(|c| c.capacity() * 4 + 40).sum::<usize>() + self.labels.len() * 80
    }

    /// Takes a decided case in. Before that it is asked what it would have said, so that its confidence is measured on
    /// cases that it had not seen.
    pub fn learn(&mut self, features: &[u32], label: &str) {
        if self.all > 50
            && let Some((best, share)) = self.best(features)
        {
            let bin = bin_of(share);
            self.made[bin] = self.made[bin].saturating_add(1);
            self.right[bin] = self.right[bin].saturating_add(u32::from(self.labels[usize::from(best)] == label));
        }
        let Some(at) = self.label(label) else { return };
        self.all = self.all.saturating_add(1);
        self.texts[usize::from(at)] = self.texts[usize::from(at)].saturating_add(1);
        for feature in features.iter().take(OF_ONE) {
            if self.counts.len() >= FEATURES && !self.counts.contains_key(feature) {
                continue;
            }
            let seen = self.counts.entry(*feature).or_default();
            match seen.iter_mut().find(|(l, _)| *l == at) {
                Some((_, n)) => *n = n.saturating_add(1),
                None => seen.push((at, 1)),
            }
            self.features[usize::from(at)] = self.features[usize::from(at)].saturating_add(1);
        }
    }

    fn label(&mut self, label: &str) -> Option<u16> {
        if let Some(at) = self.index.get(label) {
            return Some(*at);
        }
        if self.labels.len() >= LABELS {
            return None;
        }
        let at = u16::try_from(self.labels.len()).ok()?;
        self.index.insert(label.to_owned(), at);
        self.labels.push(label.to_owned());
        self.texts.push(0);
        self.features.push(0);
        Some(at)
    }

    /// Logarithm of how well each label fits.
    fn scores(&self, features: &[u32]) -> Vec<f64> {
        let kinds = f64::from(u32::try_from(self.counts.len()).unwrap_or(u32::MAX)).max(1.0);
        let total = |at: usize| f64::from(self.features[at]) + ALPHA * kinds;
        let mut scores: Vec<f64> = self.texts.iter().map(|n| (f64::from(*n) + 0.5).ln()).collect();
        let known: Vec<&Vec<(u16, u16)>> =
            features.iter().take(OF_ONE).filter_map(|f| self.counts.get(f)).filter(|c| !c.is_empty()).collect();
        for (at, score) in scores.iter_mut().enumerate() {
            // A feature that this label never had counts as the smoothing alone.
            *score += f64::from(u32::try_from(known.len()).unwrap_or(0)) * (ALPHA / total(at)).ln();
        }
        for counts in known {
            for (at, n) in counts {
                scores[usize::from(*at)] += ((f64::from(*n) + ALPHA) / ALPHA).ln();
            }
        }
        scores
    }

    /// Shares of the labels, most fitting first. Neighbouring pairs say nearly the same twice, so the evidence is
    /// weakened before it is made into shares.
    fn shares(&self, features: &[u32]) -> Vec<(u16, f64)> {
        let scores = self.scores(features);
        let top = scores.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let weights: Vec<f64> = scores.iter().map(|s| ((s - top) * 0.35).exp()).collect();
        let sum: f64 = weights.iter().sum();
        let mut shares: Vec<(u16, f64)> =
            (0u16..).zip(weights.iter().map(|w| w / sum.max(f64::MIN_POSITIVE))).collect();
        shares.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
        shares
    }

    fn best(&self, features: &[u32]) -> Option<(u16, f64)> {
        self.shares(features).first().copied()
    }

    /// The most fitting labels with how far they can be trusted; nothing before enough was learnt.
    pub fn propose(&self, features: &[u32], most: usize) -> Vec<Proposal> {
        if self.all < 50 {
            return Vec::new();
        }
        let shares = self.shares(features);
        let Some((_, first)) = shares.first().copied() else { return Vec::new() };
        let trust = self.trust(first);
        let rest = (1.0 - first).max(f64::MIN_POSITIVE);
        let proposal = |(rank, (at, share)): (usize, &(u16, f64))| Proposal {
            label: self.labels[usize::from(*at)].clone(),
            confidence: if rank == 0 { trust } else { (1.0 - trust) * share / rest },
            cases: self.texts[usize::from(*at)],
        };
        shares.iter().take(most).enumerate().map(proposal).collect()
    }

    /// Share of past proposals as clear as this one that were right; a few assumed cases keep it from certainty.
    fn trust(&self, share: f64) -> f64 {
        let bin = bin_of(share);
        let (mut made, mut right) = (f64::from(self.made[bin]), f64::from(self.right[bin]));
        // Where little was seen, the neighbours speak as well.
        for near in [bin.checked_sub(1), Some(bin + 1).filter(|b| *b < BINS)].into_iter().flatten() {
            let weight = 20.0 / (20.0 + made);
            made += weight * f64::from(self.made[near]);
            right += weight * f64::from(self.right[near]);
        }
        (right + share) / (made + 1.0)
    }
}

fn bin_of(share: f64) -> usize {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a share, between 0 and 1")]
    let bin = (share.clamp(0.0, 1.0) * 20.0) as usize;
    bin.min(BINS - 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn features(text: &str) -> Vec<u32> {
        crate::words::WordKey::new("k").grams([text])
    }

    fn taught() -> Bayes {
        let mut bayes = Bayes::default();
        for n in 0..100 {
            bayes.learn(&features(&format!("水管漏水停水第{n}回")), "water");
            bayes.learn(&features(&format!("路灯不亮灯坏第{n}回")), "lamp");
            bayes.learn(&features(&format!("道路坑洼路坏第{n}回")), "road");
        }
        bayes
    }

    #[test]
    fn it_says_what_was_done_with_such_words() {
        let bayes = taught();
        for (text, label) in [("家里停水了", "water"), ("桥头路灯不亮", "lamp"), ("道路坑洼难走", "road")]
        {
            let made = bayes.propose(&features(text), 3);
            assert_eq!(made[0].label, label, "{text}");
            assert!(made[0].confidence > 0.8, "{made:?}");
            assert!(made.iter().map(|p| p.confidence).sum::<f64>() <= 1.0 + 1e-9);
        }
    }

    #[test]
    fn it_says_nothing_before_it_learnt_and_little_of_what_it_does_not_know() {
        assert!(Bayes::default().propose(&features("停水"), 3).is_empty());
        let unknown = taught().propose(&features("完全不同的话题"), 1);
        assert!(unknown[0].confidence < 0.9, "{unknown:?}");
    }

    #[test]
    fn memory_is_bounded() {
        let mut bayes = Bayes::default();
        for n in 0..5000u32 {
            let features: Vec<u32> = (0..80).map(|i| n.wrapping_mul(7919).wrapping_add(i * 104_729)).collect();
            bayes.learn(&features, &format!("label {}", n % 1000));
        }
        assert!(bayes.counts.len() <= FEATURES && bayes.labels.len() <= LABELS);
        assert!(bayes.bytes() < 8_000_000, "{}", bayes.bytes());
    }

    #[test]
    fn nothing_readable_is_kept() {
        let said = format!("{:?}", taught());
        assert!(!said.contains('水'));
    }
}
