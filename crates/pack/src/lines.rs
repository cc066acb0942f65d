//! Lines of a TOML file: from a JSON pointer such as `/move/3/from/1` to the line where that value stands.

use std::ops::Range;
use toml_edit::{ArrayOfTables, Document, Item, TableLike, Value};

/// A TOML text with the places of its values.
pub(crate) struct Lines<'a> {
    text: &'a str,
    document: Option<Document<&'a str>>,
}

#[derive(Clone, Copy)]
enum Node<'a> {
    Table(&'a dyn TableLike),
    Tables(&'a ArrayOfTables),
    Value(&'a Value),
}

impl<'a> Lines<'a> {
    /// Of a text; one that is no TOML has every pointer at line 1.
    pub(crate) fn new(text: &'a str) -> Lines<'a> {
        Lines { text, document: Document::parse(text).ok() }
    }

    /// Line of the value, or of the nearest one around it that the file has.
    pub(crate) fn of(&self, pointer: &str) -> usize {
        let Some(document) = &self.document else { return 1 };
        let mut node = Node::Table(document.as_table());
        let mut span = None;
        for part in pointer.split('/').skip(1) {
            let Some((next, at)) = step(node, &part.replace("~1", "/").replace("~0", "~")) else { break };
            node = next;
            span = at.or(span);
        }
        span.map_or(1, |s: Range<usize>| line_at(self.text, s.start))
    }
}

fn step<'a>(node: Node<'a>, part: &str) -> Option<(Node<'a>, Option<Range<usize>>)> {
    match node {
        Node::Table(table) => {
            let (key, item) = table.get_key_value(part)?;
            Some((of_item(item)?, key.span().or_else(|| item.span())))
        }
        Node::Tables(tables) => {
            let table = tables.get(part.parse().ok()?)?;
            Some((Node::Table(table), table.span()))
        }
        Node::Value(value) => {
            let inner = value.as_array()?.get(part.parse().ok()?)?;
            let span = inner.span();
            Some((of_value(inner), span))
        }
    }
}

fn of_item(item: &Item) -> Option<Node<'_>> {
    match item {
        Item::Table(table) => Some(Node::Table(table)),
        Item::ArrayOfTables(tables) => Some(Node::Tables(tables)),
        Item::Value(value) => Some(of_value(value)),
        Item::None => None,
    }
}

fn of_value(value: &Value) -> Node<'_> {
    value.as_inline_table().map_or(Node::Value(value), |table| Node::Table(table))
}

/// Line, from 1, of a byte offset.
pub(crate) fn line_at(text: &str, offset: usize) -> usize {
    text.bytes().take(offset).filter(|b| *b == b'\n').count() + 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pointer_leads_to_its_line() {
        let text = "id = \"x\"\n\n[[move]]\nid = \"a\"\n\n[[move]]\nid = \"b\"\nfrom = [\n  \"p\",\n  \"q\",\n]\nset = { k = 1 }\n";
        let lines = Lines::new(text);
        assert_eq!(lines.of("/id"), 1);
        assert_eq!(lines.of("/move/0"), 3);
        assert_eq!(lines.of("/move/1/id"), 7);
        assert_eq!(lines.of("/move/1/from/1"), 10);
        assert_eq!(lines.of("/move/1/set/k"), 12);
        assert_eq!(lines.of("/move/1/nothing"), 6);
        assert_eq!(Lines::new("= broken").of("/id"), 1);
    }
}
