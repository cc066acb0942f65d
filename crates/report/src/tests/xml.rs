//! A small reader of XML for tests: refuses what is not well-formed, keeps the order of children.
//! It knows elements, attributes, text and five entities, and must never let anything else pass.

#[derive(Debug, Default)]
pub(crate) struct Node {
    pub(crate) name: String,
    pub(crate) attributes: Vec<(String, String)>,
    pub(crate) children: Vec<Node>,
    pub(crate) text: String,
}

impl Node {
    pub(crate) fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(n, _)| n == name).map(|(_, v)| v.as_str())
    }

    /// All elements of a name, in order of the document.
    pub(crate) fn all(&self, name: &str) -> Vec<&Node> {
        let mut found = Vec::new();
        self.walk(&mut |n| {
            if n.name == name {
                found.push(n);
            }
        });
        found
    }

    pub(crate) fn walk<'a>(&'a self, visit: &mut dyn FnMut(&'a Node)) {
        visit(self);
        for child in &self.children {
            child.walk(visit);
        }
    }

    /// Text of all `w:t` below.
    pub(crate) fn words(&self) -> String {
        self.all("w:t").iter().map(|t| t.text.as_str()).collect()
    }
}

pub(crate) fn parse(text: &str) -> Result<Node, String> {
    let mut rest = text.trim_start();
    if let Some(after) = rest.strip_prefix("<?xml") {
        rest = after.split_once("?>").ok_or("open declaration")?.1;
    }
    let mut stack = vec![Node::default()];
    while let Some(at) = rest.find('<') {
        let top = stack.last_mut().ok_or("nothing open")?;
        top.text.push_str(&unescape(&rest[..at])?);
        let (tag, after) = rest[at + 1..].split_once('>').ok_or("open tag")?;
        rest = after;
        if let Some(name) = tag.strip_prefix('/') {
            close(&mut stack, name)?;
        } else {
            let (tag, empty) = tag.strip_suffix('/').map_or((tag, false), |t| (t, true));
            let node = element(tag)?;
            let name = node.name.clone();
            stack.push(node);
            if empty || name == "br" {
                close(&mut stack, &name)?;
            }
        }
    }
    if stack.len() != 1 || !rest.trim().is_empty() {
        return Err(format!("{} open at the end", stack.len() - 1));
    }
    let mut root = stack.pop().ok_or("empty")?;
    if root.children.len() != 1 || !root.text.trim().is_empty() {
        return Err("not one root".into());
    }
    root.children.pop().ok_or("no root".into())
}

fn close(stack: &mut Vec<Node>, name: &str) -> Result<(), String> {
    let node = stack.pop().ok_or("too many ends")?;
    if node.name != name {
        return Err(format!("</{name}> closes <{}>", node.name));
    }
    stack.last_mut().ok_or("no parent")?.children.push(node);
    Ok(())
}

fn element(tag: &str) -> Result<Node, String> {
    let (name, mut rest) = tag.split_once(' ').unwrap_or((tag, ""));
    let mut node = Node { name: name.into(), ..Node::default() };
    while !rest.trim().is_empty() {
        let (key, after) = rest.trim_start().split_once("=\"").ok_or(format!("attribute in <{tag}>"))?;
        let (value, after) = after.split_once('"').ok_or(format!("open attribute in <{tag}>"))?;
        if node.attribute(key).is_some() {
            return Err(format!("{key} twice in <{tag}>"));
        }
        if value.contains('<') {
            return Err(format!("< in attribute of <{tag}>"));
        }
        node.attributes.push((key.into(), unescape(value)?));
        rest = after;
    }
    Ok(node)
}

fn unescape(text: &str) -> Result<String, String> {
    if let Some(c) =
        text.chars().find(|c| (*c < ' ' && !matches!(c, '\n' | '\t')) || matches!(c, '\u{fffe}' | '\u{ffff}'))
    {
        return Err(format!("forbidden {c:?}"));
    }
    for part in text.split('&').skip(1) {
        if !["amp;", "lt;", "gt;", "quot;", "#39;"].iter().any(|e| part.starts_with(e)) {
            return Err(format!("bare & before {part:?}"));
        }
    }
    let plain = text.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&#39;", "'");
    Ok(plain.replace("&amp;", "&"))
}

#[test]
fn it_refuses_what_is_not_well_formed() {
    for bad in ["<a>", "<a></b>", "<a x=\"1\" x=\"2\"/>", "<a>&nbsp;</a>", "<a/><b/>", "<a>\u{1}</a>"] {
        assert!(parse(bad).is_err(), "{bad}");
    }
    assert_eq!(parse("<a x=\"&lt;\"><b>1</b><b/></a>").unwrap().all("b").len(), 2);
}
