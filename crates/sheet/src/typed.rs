//! A cell read as what its column holds, given as plain text in one spelling: a day as `2024-03-05`, a number without
//! separators, digits in their narrow form. What cannot be read says what was expected.

use crate::cell::Cell;
use serde::{Deserialize, Serialize};
use std::ops::RangeInclusive;
use xiangyue_domain::code::{is_blank, narrow, tidy};
use xiangyue_domain::day::Day;

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Form {
    /// Words, kept as they are.
    Words,
    /// One line of a name or a choice: blanks inside are dropped only where two stand together.
    Line,
    /// A number that is no quantity: telephone, citizen's number, number of an order.
    Code,
    /// A day; a time behind it is dropped.
    Day,
    /// A month or a year: `2024-03` or `2024`.
    Span,
    /// A quantity, whole or with a fraction.
    Number,
    /// Yes or no: `true` or `false`.
    Flag,
}

/// What is wrong with a cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fault {
    /// A formula that failed, such as `#N/A`.
    Formula,
    /// A formula whose value was never computed.
    Uncalculated,
    /// Covered by a merged cell.
    Merged,
    /// A long number that lost its last digits.
    LostDigits,
    /// No day.
    Day,
    /// A day whose order of parts can be read in two ways.
    DayOrder,
    /// No month and no year.
    Span,
    /// No number.
    Number,
    /// Neither yes nor no.
    Flag,
}

impl Fault {
    /// Key of its sentence.
    pub fn key(self) -> &'static str {
        match self {
            Fault::Formula => "formula",
            Fault::Uncalculated => "uncalculated",
            Fault::Merged => "merged",
            Fault::LostDigits => "lost_digits",
            Fault::Day => "day",
            Fault::DayOrder => "day_order",
            Fault::Span => "span",
            Fault::Number => "number",
            Fault::Flag => "flag",
        }
    }
}

/// Serial numbers of days that a spreadsheet may mean: 1927 to 2119.
const SERIALS: RangeInclusive<f64> = 10_000.0..=80_000.0;

/// Reads a cell; blank cells give an empty text.
pub fn read(cell: &Cell, form: Form) -> Result<String, Fault> {
    match cell {
        Cell::Fault(_) => return Err(Fault::Formula),
        Cell::Uncalculated => return Err(Fault::Uncalculated),
        Cell::Merged => return Err(Fault::Merged),
        _ if cell.is_blank() => return Ok(String::new()),
        _ => {}
    }
    let text = cell.text();
    match form {
        Form::Words => Ok(words(&text)),
        Form::Line => Ok(text.chars().map(narrow).collect::<String>().split_whitespace().collect::<Vec<_>>().join(" ")),
        Form::Code if cell.lost_digits() => Err(Fault::LostDigits),
        Form::Code => Ok(tidy(&text)),
        Form::Day => day(cell, &text),
        Form::Span => span(cell, &text),
        Form::Number => number(&text).ok_or(Fault::Number),
        Form::Flag => flag(cell, &text).map(|f| f.to_string()).ok_or(Fault::Flag),
    }
}

/// Words keep their line breaks; what a spreadsheet writes for a carriage return goes.
fn words(text: &str) -> String {
    text.replace("_x000D_", "").replace("\r\n", "\n").replace('\r', "\n")
}

fn of_serial(serial: f64) -> Option<String> {
    if !SERIALS.contains(&serial) {
        return None;
    }
    // Day 25569 of a spreadsheet is 1970-01-01; within the range the conversion is exact.
    #[expect(clippy::cast_possible_truncation, reason = "at most 80 000")]
    let days = serial.floor() as i32 - 25_569;
    Some(Day(days).to_string())
}

fn day(cell: &Cell, text: &str) -> Result<String, Fault> {
    if let Cell::Moment(moment) = cell {
        let day = moment.split(' ').next().unwrap_or(moment);
        return bearable(day).ok_or(Fault::Day);
    }
    if let Cell::Number(n) = cell
        && let Some(day) = of_serial(*n)
    {
        return Ok(day);
    }
    let text: String = text.chars().map(narrow).collect();
    let text = without_clock(text.trim_matches(is_blank));
    let compact: String = text.chars().filter(|c| !is_blank(*c)).collect();
    if compact.len() == 8 && compact.bytes().all(|b| b.is_ascii_digit()) {
        let split = format!("{}-{}-{}", &compact[..4], &compact[4..6], &compact[6..]);
        return bearable(&split).ok_or(Fault::Day);
    }
    if let Some(day) = bearable(&compact) {
        return Ok(day);
    }
    if let Some(day) = compact.parse().ok().and_then(of_serial) {
        return Ok(day);
    }
    let parts: Vec<&str> = compact.split(['/', '-', '.']).collect();
    let short = |p: &&str| (1..=2).contains(&p.len()) && p.bytes().all(|b| b.is_ascii_digit());
    let unclear = parts.len() == 3 && parts[..2].iter().all(short);
    Err(if unclear { Fault::DayOrder } else { Fault::Day })
}

/// A day of the years that a living person may mean.
fn bearable(text: &str) -> Option<String> {
    let day = Day::parse(text).filter(|d| (1880..=2200).contains(&d.date().year()))?;
    Some(day.to_string())
}

/// A day without the time behind it: `2024-03-05 10:20`, `2024-03-05T10:20:00`, `2024年3月5日10时20分`.
fn without_clock(text: &str) -> &str {
    if let Some(at) = text.find('日') {
        return &text[..at + '日'.len_utf8()];
    }
    let at = text.char_indices().find(|(at, c)| *at >= 8 && (is_blank(*c) || *c == 'T'));
    match at {
        Some((at, _)) if text[at..].contains(':') => &text[..at],
        _ => text,
    }
}

fn span(cell: &Cell, text: &str) -> Result<String, Fault> {
    if let Cell::Moment(_) = cell {
        return day(cell, text).ok().and_then(|d| d.get(..7).map(str::to_owned)).ok_or(Fault::Span);
    }
    let text = tidy(text).replace(['/', '.', '年'], "-").replace('月', "").replace("全-", "").replace('全', "");
    let text = text.trim_end_matches('-');
    let (year, month) = text.split_once('-').unwrap_or((text, ""));
    let digits = |t: &str| !t.is_empty() && t.bytes().all(|b| b.is_ascii_digit());
    if year.len() == 6 && month.is_empty() && digits(year) {
        return span(&Cell::Blank, &format!("{}-{}", &year[..4], &year[4..]));
    }
    let sound = year.len() == 4 && digits(year) && (1900..=2200).contains(&year.parse().unwrap_or(0));
    if !sound {
        return Err(Fault::Span);
    }
    if month.is_empty() {
        return Ok(year.to_owned());
    }
    let month: u8 = month.parse().map_err(|_| Fault::Span)?;
    if (1..=12).contains(&month) { Ok(format!("{year}-{month:02}")) } else { Err(Fault::Span) }
}

fn number(text: &str) -> Option<String> {
    let text: String = tidy(text).chars().filter(|c| *c != ',').collect();
    let text = text.trim_start_matches(['¥', '￥']).trim_end_matches(['元', '%']);
    let bare = text.strip_prefix('-').unwrap_or(text);
    let (whole, part) = bare.split_once('.').unwrap_or((bare, "0"));
    let digits = |t: &str| !t.is_empty() && t.len() <= 18 && t.bytes().all(|b| b.is_ascii_digit());
    (digits(whole) && digits(part)).then(|| text.to_owned())
}

fn flag(cell: &Cell, text: &str) -> Option<bool> {
    if let Cell::Flag(flag) = cell {
        return Some(*flag);
    }
    match tidy(text).to_lowercase().as_str() {
        "是" | "有" | "对" | "y" | "yes" | "true" | "1" | "√" | "✓" | "✔" => Some(true),
        "否" | "无" | "没有" | "不" | "n" | "no" | "false" | "0" | "×" | "x" | "✗" => Some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(t: &str) -> Cell {
        Cell::Text(t.to_owned())
    }

    #[test]
    fn days_are_read_in_every_spelling() {
        let fifth = Ok("2024-03-05".to_owned());
        let spellings = [
            "2024-3-5",
            "2024/03/05",
            "2024.3.5",
            "2024年3月5日",
            "２０２４－０３－０５",
            " 2024 - 3 - 5 ",
            "20240305",
            "2024-03-05 10:20",
            "2024/3/5 8:05:01",
            "2024-03-05T10:20:00",
            "2024年3月5日10时20分",
            "45356",
            "45356.43",
        ];
        for spelling in spellings {
            assert_eq!(read(&text(spelling), Form::Day), fifth, "{spelling}");
        }
        assert_eq!(read(&Cell::Number(45_356.0), Form::Day), fifth);
        assert_eq!(read(&Cell::Moment("2024-03-05 10:20".into()), Form::Day), fifth);
        for (bad, fault) in [
            ("2024-02-30", Fault::Day),
            ("24-3-5", Fault::DayOrder),
            ("3/5/2024", Fault::DayOrder),
            ("明天", Fault::Day),
            ("20241305", Fault::Day),
            ("5", Fault::Day),
            ("三月五日", Fault::Day),
        ] {
            assert_eq!(read(&text(bad), Form::Day), Err(fault), "{bad}");
        }
    }

    #[test]
    fn spans_are_months_or_years() {
        for (t, span) in [
            ("2023", "2023"),
            ("2023年", "2023"),
            ("2023年全年", "2023"),
            ("2023-5", "2023-05"),
            ("2023年5月", "2023-05"),
            ("202305", "2023-05"),
            ("２０２３／１２", "2023-12"),
        ] {
            assert_eq!(read(&text(t), Form::Span).as_deref(), Ok(span), "{t}");
        }
        assert_eq!(read(&Cell::Number(2023.0), Form::Span).as_deref(), Ok("2023"));
        assert_eq!(read(&Cell::Moment("2023-05-01".into()), Form::Span).as_deref(), Ok("2023-05"));
        for bad in ["23年", "2023-13", "去年", "2023-5-1"] {
            assert_eq!(read(&text(bad), Form::Span), Err(Fault::Span), "{bad}");
        }
    }

    #[test]
    fn codes_numbers_and_flags() {
        assert_eq!(read(&Cell::Number(13_800_138_000.0), Form::Code).as_deref(), Ok("13800138000"));
        assert_eq!(read(&text(" １３８ 0013-8000　"), Form::Code).as_deref(), Ok("1380013-8000"));
        assert_eq!(read(&text("1.38E+10"), Form::Code), Err(Fault::LostDigits));
        assert_eq!(read(&Cell::Number(1.1e17), Form::Code), Err(Fault::LostDigits));
        for (t, n) in [("1,234.50元", "1234.50"), ("１２", "12"), ("-3", "-3"), ("97.72%", "97.72"), ("￥5", "5")] {
            assert_eq!(read(&text(t), Form::Number).as_deref(), Ok(n), "{t}");
        }
        for bad in ["一百", "1.2.3", "--1", "1e5", ".", "12件"] {
            assert_eq!(read(&text(bad), Form::Number), Err(Fault::Number), "{bad}");
        }
        assert_eq!(read(&text("是"), Form::Flag).as_deref(), Ok("true"));
        assert_eq!(read(&Cell::Flag(false), Form::Flag).as_deref(), Ok("false"));
        assert_eq!(read(&text("也许"), Form::Flag), Err(Fault::Flag));
        assert_eq!(read(&text("  花马  池 "), Form::Line).as_deref(), Ok("花马 池"));
        assert_eq!(read(&text("一行\r\n两行_x000D_\n"), Form::Words).as_deref(), Ok("一行\n两行"));
        assert_eq!(read(&Cell::Blank, Form::Day).as_deref(), Ok(""));
        for (cell, fault) in [
            (Cell::Fault("#N/A".into()), Fault::Formula),
            (Cell::Uncalculated, Fault::Uncalculated),
            (Cell::Merged, Fault::Merged),
        ] {
            assert_eq!(read(&cell, Form::Words), Err(fault));
        }
    }
}
