//! Figures in words as an official document writes them: digits unspaced, counts compared in per cent, rates in
//! 百分点, a base of 0 said and not divided by.

use xiangyue_app::period::Change;
use xiangyue_domain::day::Day;

/// Two decimals, such that what is short of all is never shown as all, and what is something never as nothing.
pub fn rounded(value: f64, is_rate: bool) -> f64 {
    let near = (value * 100.0).round() / 100.0;
    if !is_rate {
        return near;
    }
    if value < 100.0 && near >= 100.0 {
        99.99
    } else if value > 0.0 && near <= 0.0 {
        0.01
    } else {
        near
    }
}

/// Digits with at most this many decimals and no idle noughts.
pub fn plain(value: f64, decimals: usize) -> String {
    let text = format!("{value:.decimals$}");
    let text = if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.') } else { &text };
    if matches!(text, "-0" | "") { "0".to_owned() } else { text.to_owned() }
}

/// 同比上升3.2%, 同比提高0.21个百分点; `None` when there is nothing to say.
pub(super) fn change(change: Change, lead: &str, base: &str) -> Option<String> {
    Some(match change {
        Change::Percent(p) => match plain(p.abs(), 1).as_str() {
            "0" => format!("{lead}持平"),
            n => format!("{lead}{}{n}%", if p > 0.0 { "上升" } else { "下降" }),
        },
        Change::Points(p) => match plain(p.abs(), 2).as_str() {
            "0" => format!("{lead}持平"),
            n => format!("{lead}{}{n}个百分点", if p > 0.0 { "提高" } else { "下降" }),
        },
        Change::BaseZero => format!("{base}为0"),
        Change::None => return None,
    })
}

/// 2021年6月2日
pub(super) fn long_day(day: Day) -> String {
    let d = day.date();
    format!("{}年{}月{}日", d.year(), d.month(), d.day())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_rounded_to_all_or_nothing() {
        assert_eq!(rounded(99.996, true), 99.99);
        assert_eq!(rounded(100.0, true), 100.0);
        assert_eq!(rounded(0.001, true), 0.01);
        assert_eq!(rounded(97.716_3, true), 97.72);
    }

    #[test]
    fn digits_have_no_idle_noughts() {
        assert_eq!(plain(99.390_000_01, 2), "99.39");
        assert_eq!(plain(100.0, 2), "100");
        assert_eq!(plain(1200.0, 0), "1200");
        assert_eq!(plain(-0.001, 2), "0");
    }

    #[test]
    fn changes_in_words() {
        let say = |c| change(c, "同比", "上年同期").unwrap_or_default();
        assert_eq!(say(Change::Percent(3.21)), "同比上升3.2%");
        assert_eq!(say(Change::Percent(-0.01)), "同比持平");
        assert_eq!(say(Change::Points(-0.214)), "同比下降0.21个百分点");
        assert_eq!(say(Change::BaseZero), "上年同期为0");
        assert_eq!(say(Change::None), "");
    }
}
