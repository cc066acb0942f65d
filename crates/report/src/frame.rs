//! A paragraph as somebody may write it anew: the words are theirs, the figures stand as 【name】 and are put back. A number
//! that was not there before is refused, since a figure is put right at its record and never typed.

use crate::model::{Block, Document, Figure, Span};
use crate::source::WorkReport;
use crate::{FigureRow, ReportError};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use xiangyue_domain::crypto::sm3_hex;

/// What a clerk may write in a paragraph.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frame {
    /// Which paragraph: a digest of its words as the template has them.
    pub id: String,
    /// Its words, figures as 【name】.
    pub text: String,
    figures: Vec<(String, Figure)>,
}

/// What is wrong with words that were written anew.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WordingFault {
    /// Nothing was written.
    Empty,
    /// A figure that this paragraph does not have.
    Unknown(String),
    /// Digits that were typed.
    Digits(String),
    /// A bracket without its other half.
    Bracket,
}

/// A report as it is kept when it is issued.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Paper {
    /// The document.
    pub document: Document,
    /// Its figures.
    pub rows: Vec<FigureRow>,
    /// How each compares, which the rows of the contract leave out.
    pub comparisons: BTreeMap<String, String>,
}

impl Paper {
    /// What is kept of a report.
    pub fn of(made: &WorkReport) -> Paper {
        let compared = made.rows.iter().filter_map(|r| Some((r.indicator.clone(), r.comparison.clone()?)));
        Paper { document: made.document.clone(), rows: made.rows.clone(), comparisons: compared.collect() }
    }

    /// As it is kept.
    pub fn write(&self) -> Result<String, ReportError> {
        serde_json::to_string(self).map_err(ReportError::Json)
    }

    /// From what was kept.
    pub fn read(text: &str) -> Result<Paper, ReportError> {
        let mut paper: Paper = serde_json::from_str(text).map_err(ReportError::Json)?;
        for row in &mut paper.rows {
            row.comparison = paper.comparisons.get(&row.indicator).cloned();
        }
        Ok(paper)
    }
}

fn is_digit(ch: char) -> bool {
    ch.is_numeric() && !ch.is_alphabetic()
}

/// Runs of digits in words, outside of 【】.
fn digits(text: &str) -> BTreeSet<String> {
    let mut out = BTreeSet::new();
    let mut inside = false;
    for run in text.split_inclusive(['【', '】']) {
        let words = run.trim_end_matches(['【', '】']);
        if !inside {
            out.extend(words.split(|c| !is_digit(c)).filter(|d| !d.is_empty()).map(str::to_owned));
        }
        inside = run.ends_with('【');
    }
    out
}

impl Frame {
    /// The frame of a paragraph; `name` gives an indicator's name. One without a word of its own has none.
    pub fn of(spans: &[Span], name: &dyn Fn(&str) -> String) -> Frame {
        let mut figures: Vec<(String, Figure)> = Vec::new();
        let mut text = String::new();
        for span in spans {
            match span {
                Span::Text(words) => text.push_str(words),
                Span::Figure(figure) => {
                    let first = name(&figure.indicator).replace(['【', '】'], "");
                    let known = |label: &String| figures.iter().any(|(l, _)| l == label);
                    let again = (2..).map(|n| format!("{first}·{n}"));
                    let label =
                        std::iter::once(first.clone()).chain(again).find(|l| !known(l)).unwrap_or(first.clone());
                    text.push_str(&format!("【{label}】"));
                    figures.push((label, figure.clone()));
                }
            }
        }
        Frame { id: sm3_hex(text.as_bytes()).chars().take(24).collect(), text, figures }
    }

    /// A paragraph from words, with the figures of this one put back.
    pub fn fill(&self, words: &str) -> Result<Vec<Span>, WordingFault> {
        let words = words.split_whitespace().collect::<Vec<_>>().join("");
        if words.is_empty() {
            return Err(WordingFault::Empty);
        }
        if let Some(typed) = digits(&words).difference(&digits(&self.text)).next() {
            return Err(WordingFault::Digits(typed.clone()));
        }
        let mut spans = Vec::new();
        let mut rest = words.as_str();
        while let Some(at) = rest.find(['【', '】']) {
            let (before, from) = rest.split_at(at);
            let body = from.strip_prefix('【').ok_or(WordingFault::Bracket)?;
            let (label, after) = body.split_once('】').ok_or(WordingFault::Bracket)?;
            let known = self.figures.iter().find(|(l, _)| l == label);
            let (_, figure) = known.ok_or_else(|| WordingFault::Unknown(label.to_owned()))?;
            if !before.is_empty() {
                spans.push(Span::Text(before.to_owned()));
            }
            spans.push(Span::Figure(figure.clone()));
            rest = after;
        }
        if !rest.is_empty() {
            spans.push(Span::Text(rest.to_owned()));
        }
        Ok(spans)
    }
}

/// Frames of a document's paragraphs, each with the place of its block.
pub fn frames(document: &Document, name: &dyn Fn(&str) -> String) -> Vec<(usize, Frame)> {
    let framed = document.blocks.iter().enumerate().filter_map(|(i, block)| match block {
        Block::Paragraph(spans) => Some((i, Frame::of(spans, name))),
        Block::Heading { .. } => None,
    });
    framed.collect()
}

/// Puts in what was written anew. A sentence for a paragraph that the template has no more is left out.
pub fn reword(document: &mut Document, name: &dyn Fn(&str) -> String, wordings: &BTreeMap<String, String>) {
    for (at, frame) in frames(document, name) {
        if let Some(Ok(spans)) = wordings.get(&frame.id).map(|words| frame.fill(words)) {
            document.blocks[at] = Block::Paragraph(spans);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn figure(indicator: &str, text: &str) -> Span {
        Span::Figure(Figure { text: text.into(), unit: "件".into(), indicator: indicator.into(), href: None })
    }

    fn frame() -> Frame {
        let spans = [
            Span::Text("12345热线受理".into()),
            figure("a", "9238"),
            Span::Text("，".into()),
            figure("a", "同比上升3%"),
            Span::Text("，办结".into()),
            figure("b", "9182"),
            Span::Text("。".into()),
        ];
        Frame::of(&spans, &|id| if id == "a" { "受理".into() } else { "办结".into() })
    }

    fn said(words: &str) -> String {
        frame().fill(words).map(|s| s.iter().map(Span::printed).collect()).unwrap_or_else(|f| format!("{f:?}"))
    }

    #[test]
    fn figures_stand_by_name_and_are_put_back() {
        let frame = frame();
        assert_eq!(frame.text, "12345热线受理【受理】，【受理·2】，办结【办结】。");
        assert_eq!(said(&frame.text), "12345热线受理9238件，同比上升3%件，办结9182件。");
        assert_eq!(said("办结【办结】，受理【受理】。\n其余在办。"), "办结9182件，受理9238件。其余在办。");
    }

    #[test]
    fn a_number_is_never_typed() {
        for (words, fault) in [
            ("受理9238件", "Digits(\"9238\")"),
            ("受理９件", "Digits(\"９\")"),
            ("受理【不满意】", "Unknown(\"不满意\")"),
            ("受理【受理", "Bracket"),
            ("受理】【", "Bracket"),
            ("  \n", "Empty"),
        ] {
            assert_eq!(said(words), fault, "{words}");
        }
        assert_eq!(said("一是抓12345热线，二是抓办结。"), "一是抓12345热线，二是抓办结。");
    }
}
