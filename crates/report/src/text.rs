//! Characters: what a file may hold, how wide it stands, digits without separators.
//! It must never replace a rare character: what Unicode knows passes unchanged.

/// Drops what XML 1.0 forbids; tab and line feed stay, carriage returns go.
pub(crate) fn clean(text: &str) -> String {
    text.chars().filter(|c| allowed(*c)).collect()
}

fn allowed(c: char) -> bool {
    matches!(c, '\t' | '\n') || !(c < ' ' || ('\u{7f}'..='\u{9f}').contains(&c) || matches!(c, '\u{fffe}' | '\u{ffff}'))
}

/// Cleans and escapes for the text or an attribute of XML and HTML.
pub(crate) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    for c in text.chars().filter(|c| allowed(*c)) {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
    out
}

/// Whether a character fills a whole square, as Han characters and their punctuation do.
pub(crate) fn wide(c: char) -> bool {
    c >= '\u{1100}' && !('\u{ff61}'..='\u{ffdc}').contains(&c) && !('\u{2000}'..='\u{200f}').contains(&c)
}

/// Width in half squares.
pub(crate) fn width(text: &str) -> usize {
    text.chars().map(|c| if wide(c) { 2 } else { 1 }).sum()
}

/// Takes separators out from between digits: 9,238 and 9 238 become 9238.
pub(crate) fn plain_digits(text: &str) -> String {
    let chars: Vec<char> = text.chars().collect();
    let digit = |i: usize| chars.get(i).is_some_and(char::is_ascii_digit);
    let separator = |c: char| matches!(c, ',' | ' ' | '\u{a0}' | '\u{2009}' | '\u{202f}');
    let between = |i: usize| i > 0 && digit(i - 1) && digit(i + 1);
    chars.iter().enumerate().filter(|(i, c)| !(separator(**c) && between(*i))).map(|(_, c)| *c).collect()
}

/// A number as people write it: whole numbers without a point, others with the decimals asked for.
pub(crate) fn number(value: f64, decimals: u8) -> String {
    let shown = format!("{value:.*}", usize::from(decimals));
    if shown.trim_start_matches('-').chars().all(|c| matches!(c, '0' | '.')) {
        return shown.trim_start_matches('-').to_owned();
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rare_characters_pass_and_forbidden_ones_go() {
        assert_eq!(clean("隰县崾\u{20164}\u{0}\u{1f}\u{fffe}好\n"), "隰县崾\u{20164}好\n");
        assert_eq!(escape("<a b='c'>&\"\u{8}"), "&lt;a b=&#39;c&#39;&gt;&amp;&quot;");
    }

    #[test]
    fn digits_stand_unspaced() {
        assert_eq!(plain_digits("9,238"), "9238");
        assert_eq!(plain_digits("1 234 567.5"), "1234567.5");
        assert_eq!(plain_digits("同比上升3.2%, 环比下降1%"), "同比上升3.2%, 环比下降1%");
    }

    #[test]
    fn width_counts_half_squares() {
        assert_eq!(width("办结9182件"), 10);
        assert_eq!(number(-0.001, 2), "0.00");
        assert_eq!(number(97.716, 2), "97.72");
    }
}
