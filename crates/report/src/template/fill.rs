//! Puts figures into a template. What the source does not give is a fault with line and id, never a blank or a nought.

use super::{Condition, Fault, Part, Phrase, Piece, TEXT_NAMES, Template};
use crate::model::{Annex, Block, Document, Figure, Span, Ymd};
use crate::text;

/// Where figures, words and annexes come from.
pub trait FigureSource {
    /// A figure in a format of [`super::FORMATS`]; an empty format asks for bare digits (a unit given is not printed).
    fn figure(&self, indicator: &str, format: &str) -> Option<Figure>;

    /// Words for a name of [`super::TEXT_NAMES`], e.g. 2021年6月2日 for `as_of`.
    fn text(&self, name: &str) -> Option<String>;

    /// An annex table.
    fn annex(&self, id: &str) -> Option<Annex>;

    /// The bare value, for conditions.
    fn number(&self, indicator: &str) -> Option<f64>;

    /// 成文日期
    fn date(&self) -> Option<Ymd> {
        None
    }

    /// What stands at the head of every page of a demonstration.
    fn demo_note(&self) -> Option<String> {
        None
    }

    /// Language of the document.
    fn lang(&self) -> String {
        "zh-CN".to_owned()
    }
}

/// Fills a template.
pub fn fill(template: &Template, source: &dyn FigureSource) -> Result<Document, Fault> {
    let meta = &template.meta;
    let optional = |phrase: &Option<Phrase>| phrase.as_ref().map(|p| words(p, source)).transpose();
    let mut blocks = Vec::new();
    parts(&template.parts, source, &mut blocks)?;
    let annexes = meta.annexes.iter().map(|id| {
        let message = || format!("没有附表 {id};请检查文件头 annexes 里的 id,或把它删去");
        source.annex(id).ok_or_else(|| Fault::new(meta.annexes_line, message()))
    });
    Ok(Document {
        kind: meta.kind,
        title: words(&meta.title, source)?,
        addressee: optional(&meta.addressee)?,
        blocks,
        signature: optional(&meta.signature)?,
        date: source.date(),
        annexes: annexes.collect::<Result<_, _>>()?,
        demo_note: source.demo_note(),
        lang: source.lang(),
    })
}

fn parts(list: &[Part], source: &dyn FigureSource, blocks: &mut Vec<Block>) -> Result<(), Fault> {
    for part in list {
        match part {
            Part::Heading { level, text } => blocks.push(Block::Heading { level: *level, text: words(text, source)? }),
            Part::Paragraph(phrase) => {
                let mut spans = Vec::new();
                pieces(&phrase.pieces, source, &mut spans)?;
                // A paragraph that consists of unmet conditions is not there.
                if spans.iter().any(|s| !s.printed().trim().is_empty()) {
                    blocks.push(Block::Paragraph(spans));
                }
            }
            Part::If { condition, then, otherwise } => {
                parts(if met(condition, source)? { then } else { otherwise }, source, blocks)?;
            }
        }
    }
    Ok(())
}

fn pieces(list: &[Piece], source: &dyn FigureSource, spans: &mut Vec<Span>) -> Result<(), Fault> {
    for piece in list {
        match piece {
            Piece::Text(text) => push_text(spans, text),
            Piece::Slot { line, name, .. } if TEXT_NAMES.contains(&name.as_str()) => {
                push_text(spans, &word(*line, name, source)?);
            }
            Piece::Slot { line, name, format } => spans.push(Span::Figure(figure(*line, name, format, source)?)),
            Piece::If { condition, then, otherwise } => {
                pieces(if met(condition, source)? { then } else { otherwise }, source, spans)?;
            }
        }
    }
    Ok(())
}

fn push_text(spans: &mut Vec<Span>, text: &str) {
    match spans.last_mut() {
        Some(Span::Text(last)) => last.push_str(text),
        _ => spans.push(Span::Text(text.to_owned())),
    }
}

fn words(phrase: &Phrase, source: &dyn FigureSource) -> Result<String, Fault> {
    let mut spans = Vec::new();
    pieces(&phrase.pieces, source, &mut spans)?;
    Ok(spans.iter().map(Span::printed).collect())
}

fn word(line: usize, name: &str, source: &dyn FigureSource) -> Result<String, Fault> {
    let given = source.text(name).filter(|t| !t.trim().is_empty());
    given.ok_or_else(|| Fault::new(line, format!("{name} 没有内容;生成报告时请给出它,或从模板里删去 {{{{{name}}}}}")))
}

fn figure(line: usize, name: &str, format: &str, source: &dyn FigureSource) -> Result<Figure, Fault> {
    let Some(mut figure) = source.figure(name, format).filter(|f| !f.text.trim().is_empty()) else {
        let message = if !format.is_empty() && source.figure(name, "").is_some() {
            format!("指标 {name} 没有“{format}”的数;请换一种写法,例如 {{{{{name}|unit}}}},或补上比较期的数据")
        } else {
            unknown(name)
        };
        return Err(Fault::new(line, message));
    };
    if format.is_empty() {
        figure.unit.clear();
    }
    figure.text = text::plain_digits(figure.text.trim());
    Ok(figure)
}

fn met(condition: &Condition, source: &dyn FigureSource) -> Result<bool, Fault> {
    let value = source.number(&condition.name).filter(|v| !v.is_nan());
    let value = value.ok_or_else(|| Fault::new(condition.line, unknown(&condition.name)))?;
    Ok(condition.holds(value))
}

fn unknown(name: &str) -> String {
    format!("没有指标 {name} 的数;请检查 id 是否写对,或在 indicators.toml 里定义它")
}
