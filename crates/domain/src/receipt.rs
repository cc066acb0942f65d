//! Receipts: what was published can be checked against the day's published head without trusting the platform. The
//! leaves of a day's tree are the hashes of its entries and, behind each entry, salted commitments to what the entry
//! published; the tree is that of RFC 6962 over SM3. Nothing here holds a published word in the clear.

use crate::crypto::{chain_hash, hex};
use crate::day::Day;
use crate::ids::RegionId;
use ct_merkle::mem_backed_tree::MemoryBackedTree;
use ct_merkle::{InclusionProof, RootHash};
use serde::{Deserialize, Serialize};
use sm3::Sm3;

/// Version of the receipt's shape.
const VERSION: i64 = 1;
/// Bytes of a digest.
const DIGEST: usize = 32;
/// Digits of the short code that is printed.
const CODE: usize = 12;

/// Something was published: a commitment to its words. Words and salt are ciphertext under the subject's key, so that
/// erasing the key leaves a commitment that tells nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Posted {
    /// What it is of: `matter:12`, `ballot:34`.
    pub subject: String,
    /// Place on whose page it stands.
    pub place: RegionId,
    /// Commitment, in hexadecimal.
    pub digest: String,
    /// Name of the key.
    pub key: String,
    /// Salt and words, as ciphertext.
    pub sealed: String,
}

/// The closed tree of a day: everything that was entered since the one before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DayRoot {
    /// Day of the last entry in it.
    pub day: Day,
    /// First entry.
    pub first: i64,
    /// Last entry.
    pub last: i64,
    /// Leaves.
    pub size: i64,
    /// Root, in hexadecimal.
    pub root: String,
}

/// The commitment to published words.
pub fn commitment(salt: &str, text: &str) -> String {
    hex(&chain_hash(&[b"xiangyue.posted", salt.as_bytes(), text.as_bytes()]))
}

/// The short code by which something published is asked for.
pub fn code_of(digest: &str) -> String {
    digest.chars().take(CODE).collect::<String>().to_uppercase()
}

/// A leaf of the tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Leaf {
    /// An entry, by its hash.
    Entry(String),
    /// What it published, by the commitment.
    Posted(String),
}

impl Leaf {
    fn bytes(&self) -> Vec<u8> {
        match self {
            Leaf::Entry(hash) => format!("entry {hash}").into_bytes(),
            Leaf::Posted(digest) => format!("posted {digest}").into_bytes(),
        }
    }
}

/// A day's tree.
pub struct Tree {
    leaves: Vec<Leaf>,
    tree: MemoryBackedTree<Sm3, Vec<u8>>,
}

impl Tree {
    /// Over these leaves, oldest first.
    pub fn of(leaves: Vec<Leaf>) -> Tree {
        let mut tree = MemoryBackedTree::new();
        leaves.iter().for_each(|leaf| tree.push(leaf.bytes()));
        Tree { leaves, tree }
    }

    /// One more leaf behind the others.
    pub fn push(&mut self, leaf: Leaf) {
        self.tree.push(leaf.bytes());
        self.leaves.push(leaf);
    }

    /// The leaves, oldest first.
    pub fn leaves(&self) -> &[Leaf] {
        &self.leaves
    }

    /// How many leaves.
    pub fn size(&self) -> i64 {
        i64::try_from(self.leaves.len()).unwrap_or(i64::MAX)
    }

    /// The root in hexadecimal; empty without a leaf.
    pub fn root(&self) -> String {
        if self.leaves.is_empty() { String::new() } else { hex(self.tree.root().as_bytes()) }
    }

    /// The way from a commitment to the root.
    pub fn path(&self, digest: &str) -> Option<(i64, Vec<String>)> {
        let at = self.leaves.iter().position(|leaf| matches!(leaf, Leaf::Posted(d) if d == digest))?;
        let proof = self.tree.prove_inclusion(at);
        let path = proof.as_bytes().chunks(DIGEST).map(hex).collect();
        Some((i64::try_from(at).unwrap_or(0), path))
    }
}

/// What a villager holds: the words that were published, and the way to the head of the day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Receipt {
    /// Version of this shape.
    pub v: i64,
    /// Realm.
    pub realm: i64,
    /// Day whose head holds it.
    pub day: Day,
    /// Entry that published it.
    pub seq: i64,
    /// The words, to the letter.
    pub text: String,
    /// Salt of the commitment.
    pub salt: String,
    /// Place among the day's leaves.
    pub index: i64,
    /// Leaves of the day.
    pub size: i64,
    /// Hashes on the way to the root, in hexadecimal.
    pub path: Vec<String>,
    /// Root that it leads to.
    pub root: String,
}

/// Why a receipt does not hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReceiptFault {
    /// It is not a receipt, or of a version that is not known.
    Unreadable,
    /// The words do not lead to the head: they or the path were changed.
    Path,
}

impl Receipt {
    /// A receipt of what was published.
    pub fn new(realm: i64, day: Day, seq: i64, (salt, text): (String, String), tree: &Tree) -> Option<Receipt> {
        let (index, path) = tree.path(&commitment(&salt, &text))?;
        Some(Receipt { v: VERSION, realm, day, seq, text, salt, index, size: tree.size(), path, root: tree.root() })
    }

    /// Reads one.
    pub fn parse(text: &str) -> Result<Receipt, ReceiptFault> {
        let read: Receipt = serde_json::from_str(text.trim()).map_err(|_| ReceiptFault::Unreadable)?;
        if read.v == VERSION { Ok(read) } else { Err(ReceiptFault::Unreadable) }
    }

    /// The commitment that its words give.
    pub fn digest(&self) -> String {
        commitment(&self.salt, &self.text)
    }

    /// Whether its words lead to its root. Whether that root is the published one is for the reader to compare.
    pub fn check(&self) -> Result<(), ReceiptFault> {
        let root: [u8; DIGEST] = bytes(&self.root).and_then(|b| b.try_into().ok()).ok_or(ReceiptFault::Unreadable)?;
        let (size, index) = (u64::try_from(self.size), u64::try_from(self.index));
        let (Ok(size), Ok(index)) = (size, index) else { return Err(ReceiptFault::Unreadable) };
        let mut path = Vec::with_capacity(self.path.len() * DIGEST);
        for step in &self.path {
            let step = bytes(step).filter(|b| b.len() == DIGEST).ok_or(ReceiptFault::Unreadable)?;
            path.extend(step);
        }
        if index >= size || self.path.len() > 64 {
            return Err(ReceiptFault::Path);
        }
        let proof = InclusionProof::<Sm3>::try_from_bytes(path).map_err(|_| ReceiptFault::Unreadable)?;
        let leaf = Leaf::Posted(self.digest()).bytes();
        let head = RootHash::<Sm3>::new(root.into(), size);
        head.verify_inclusion(&leaf, index, &proof).map_err(|_| ReceiptFault::Path)
    }
}

fn bytes(text: &str) -> Option<Vec<u8>> {
    if !text.len().is_multiple_of(2) || !text.is_ascii() {
        return None;
    }
    (0..text.len()).step_by(2).map(|i| u8::from_str_radix(&text[i..i + 2], 16).ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn tree(n: usize) -> Tree {
        let entry =
            |i: usize| [Leaf::Entry(commitment("e", &i.to_string())), Leaf::Posted(commitment("s", &i.to_string()))];
        Tree::of((0..n).flat_map(entry).collect())
    }

    fn receipt(n: usize, at: usize) -> Receipt {
        Receipt::new(999_999, Day(20_000), 7, ("s".into(), at.to_string()), &tree(n)).unwrap()
    }

    proptest! {
        #[test]
        fn a_receipt_holds_and_nothing_else_does((n, at) in (1usize..60).prop_flat_map(|n| (Just(n), 0..n))) {
            let good = receipt(n, at);
            prop_assert_eq!(good.check(), Ok(()));
            prop_assert_eq!(Receipt::parse(&serde_json::to_string(&good).unwrap()), Ok(good.clone()));
            let other_words = Receipt { text: format!("{} ", good.text), ..good.clone() };
            prop_assert!(other_words.check().is_err());
            let other_head = Receipt { root: commitment("x", "y"), ..good.clone() };
            prop_assert!(other_head.check().is_err());
            let elsewhere = Receipt { index: (good.index + 1) % good.size, ..good };
            prop_assert!(elsewhere.check().is_err());
        }

        #[test]
        fn whatever_is_sent_is_answered(text in ".{0,200}", path in prop::collection::vec(".{0,70}", 0..4), n: i64) {
            let braces = text.contains('{');
            prop_assert!(Receipt::parse(&text).is_err() || braces);
            let odd = Receipt { path, index: n, size: n, ..receipt(4, 2) };
            prop_assert!(odd.check().is_err());
        }
    }

    #[test]
    fn a_code_is_the_beginning_of_the_commitment() {
        assert_eq!(code_of("0a1b2c3d4e5f6789"), "0A1B2C3D4E5F");
    }
}
