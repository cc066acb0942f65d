//! A catalogue read as a tree, once: who stands below whom is noted in one pass, so that going through all items costs
//! no more than their number and a look-up each. It borrows the catalogue and must never outlive or change it.

use super::whole::{Catalogue, Item};
use std::collections::BTreeMap;

/// The tree of a catalogue's items.
#[derive(Debug)]
pub struct CatalogueTree<'c> {
    items: &'c [Item],
    by_code: BTreeMap<&'c str, usize>,
    below: BTreeMap<&'c str, Vec<usize>>,
}

impl<'c> CatalogueTree<'c> {
    /// Reads the items once. Of two items of one code, the first is the one that is found.
    pub fn of(catalogue: &'c Catalogue) -> CatalogueTree<'c> {
        let items = catalogue.items.as_slice();
        let mut by_code = BTreeMap::new();
        let mut below: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        for (at, item) in items.iter().enumerate() {
            by_code.entry(item.code.as_str()).or_insert(at);
            below.entry(item.parent.as_str()).or_default().push(at);
        }
        CatalogueTree { items, by_code, below }
    }

    fn children(&self, code: &str) -> &[usize] {
        self.below.get(code).map_or(&[], Vec::as_slice)
    }

    /// An item by its code.
    pub fn item(&self, code: &str) -> Option<&'c Item> {
        self.by_code.get(code).map(|at| &self.items[*at])
    }

    /// Whether nothing stands below.
    pub fn is_leaf(&self, code: &str) -> bool {
        self.children(code).is_empty()
    }

    /// Whether a form offers this item: the finest ones, and those that the pack lets stand for what is below them.
    pub fn may_pick(&self, item: &Item) -> bool {
        item.pick || self.is_leaf(&item.code)
    }

    /// The item and those above it, nearest first. A loop in the data ends the walk.
    pub fn chain(&self, code: &str) -> Vec<&'c Item> {
        let mut chain: Vec<&Item> = Vec::new();
        let mut next = self.item(code);
        while let Some(item) = next.filter(|n| !chain.iter().any(|seen| seen.code == n.code)) {
            chain.push(item);
            next = self.item(&item.parent);
        }
        chain
    }

    /// All items as the tree is read: each is followed by what stands below it, whatever the order of the file's lines.
    /// What stands in a loop has no place in it.
    pub fn in_order(&self) -> Vec<&'c Item> {
        let top = |at: &usize| !self.by_code.contains_key(self.items[*at].parent.as_str());
        self.walk((0..self.items.len()).filter(top).rev().collect()).0
    }

    /// The item and everything below it, at any depth, in the order of the file; none for a code that is not there.
    pub fn branch(&self, code: &str) -> Vec<String> {
        let start = self.by_code.get(code).copied();
        let seen = self.walk(start.into_iter().collect()).1;
        let within = self.items.iter().zip(seen).filter(|(_, seen)| *seen);
        within.map(|(item, _)| item.code.clone()).collect()
    }

    /// Goes down from the items on the stack, its last first; no item is gone through twice.
    fn walk(&self, mut open: Vec<usize>) -> (Vec<&'c Item>, Vec<bool>) {
        let mut seen = vec![false; self.items.len()];
        let mut out: Vec<&Item> = Vec::new();
        while let Some(at) = open.pop() {
            if std::mem::replace(&mut seen[at], true) {
                continue;
            }
            out.push(&self.items[at]);
            open.extend(self.children(&self.items[at].code).iter().rev());
        }
        (out, seen)
    }
}

impl Catalogue {
    /// The item and everything below it, at any depth; none for a code that is not there.
    pub fn branch(&self, code: &str) -> Vec<String> {
        CatalogueTree::of(self).branch(code)
    }

    /// All items as the tree is read: each is followed by what stands below it, whatever the order of the file's lines.
    pub fn in_order(&self) -> Vec<&Item> {
        CatalogueTree::of(self).in_order()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn catalogue(parents: &[Option<usize>]) -> Catalogue {
        let items = parents.iter().enumerate().map(|(n, above)| Item {
            code: format!("i{n}"),
            parent: above.map(|a| format!("i{a}")).unwrap_or_default(),
            ..Item::default()
        });
        Catalogue { id: "things".into(), items: items.collect(), ..Catalogue::default() }
    }

    /// Any shape, with items above that are not there and loops among them.
    fn shapes() -> impl Strategy<Value = Vec<Option<usize>>> {
        (1usize..14).prop_flat_map(|n| proptest::collection::vec(proptest::option::of(0..n + 1), n))
    }

    proptest! {
        #[test]
        fn the_tree_says_what_going_up_from_each_item_says(parents in shapes()) {
            let all = catalogue(&parents);
            let tree = CatalogueTree::of(&all);
            for code in all.items.iter().map(|i| i.code.as_str()).chain(["i99", ""]) {
                let within = |i: &&Item| all.chain(&i.code).iter().any(|up| up.code == code);
                let plain: Vec<String> = all.items.iter().filter(within).map(|i| i.code.clone()).collect();
                prop_assert_eq!(tree.branch(code), plain);
                prop_assert_eq!(tree.chain(code), all.chain(code));
                prop_assert_eq!(tree.is_leaf(code), all.is_leaf(code));
            }
            let order = tree.in_order();
            let looped = |i: &&Item| all.chain(&i.code).last().is_some_and(|top| all.item(&top.parent).is_some());
            prop_assert_eq!(order.len(), all.items.len() - all.items.iter().filter(looped).count());
            for (at, item) in order.iter().enumerate() {
                let above = order[..at].iter().any(|i| i.code == item.parent);
                prop_assert!(above || all.item(&item.parent).is_none());
                let below = tree.branch(&item.code);
                prop_assert!(order[at..].iter().take(below.len()).all(|i| below.contains(&i.code)));
            }
        }
    }

    /// If each looked through all of them, this would not end within the time that a test is given.
    #[test]
    fn a_hundred_thousand_items_are_read() {
        let parents: Vec<Option<usize>> = (0..100_000).map(|n| (n > 0).then(|| (n - 1) / 10)).collect();
        let all = catalogue(&parents);
        assert_eq!(all.in_order().len(), 100_000);
        assert_eq!(all.branch("i0").len(), 100_000);
    }
}
