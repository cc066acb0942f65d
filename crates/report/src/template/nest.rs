//! Conditions within conditions, the same for whole paragraphs and for pieces of one.
//! It must never leave a condition open: what is not closed is a fault at the line of its `if`.

use super::{Condition, Fault};

/// A tag between `{%` and `%}`.
pub(super) enum Tag {
    If(Condition),
    Else,
    End,
}

struct Frame<T> {
    condition: Condition,
    /// What stood before `else`, once it came.
    then: Option<Vec<T>>,
    items: Vec<T>,
}

/// Items collected under open conditions.
pub(super) struct Nest<T> {
    root: Vec<T>,
    open: Vec<Frame<T>>,
    wrap: fn(Condition, Vec<T>, Vec<T>) -> T,
}

impl<T> Nest<T> {
    /// An empty nest; `wrap` makes an item of a closed condition.
    pub(super) fn new(wrap: fn(Condition, Vec<T>, Vec<T>) -> T) -> Nest<T> {
        Nest { root: Vec::new(), open: Vec::new(), wrap }
    }

    pub(super) fn push(&mut self, item: T) {
        self.open.last_mut().map_or(&mut self.root, |f| &mut f.items).push(item);
    }

    pub(super) fn tag(&mut self, line: usize, tag: Tag, faults: &mut Vec<Fault>) {
        match (tag, self.open.last_mut()) {
            (Tag::If(condition), _) => self.open.push(Frame { condition, then: None, items: Vec::new() }),
            (Tag::Else, Some(frame)) if frame.then.is_none() => frame.then = Some(std::mem::take(&mut frame.items)),
            (Tag::End, Some(_)) => self.close(),
            (Tag::Else, _) => faults.push(stray(line, "else")),
            (Tag::End, None) => faults.push(stray(line, "endif")),
        }
    }

    /// The items; `wish` says how to close what stayed open.
    pub(super) fn finish(mut self, wish: &str, faults: &mut Vec<Fault>) -> Vec<T> {
        while let Some(frame) = self.open.last() {
            faults.push(Fault::new(frame.condition.line, format!("{{% if %}} 没有收尾;{wish}")));
            self.close();
        }
        self.root
    }

    fn close(&mut self) {
        if let Some(Frame { condition, then, items }) = self.open.pop() {
            let (then, otherwise) = match then {
                Some(then) => (then, items),
                None => (items, Vec::new()),
            };
            self.push((self.wrap)(condition, then, otherwise));
        }
    }
}

fn stray(line: usize, word: &str) -> Fault {
    let wish = "请删去,或在前面补上 {% if hotline.overdue > 0 %}";
    Fault::new(line, format!("{{% {word} %}} 前面没有对应的 {{% if %}};{wish}"))
}
