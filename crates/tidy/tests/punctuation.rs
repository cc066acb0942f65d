//! Chinese words on screen have Chinese punctuation. Each offence is named with its file and line.

use xiangyue_tidy::{files, is_han};

/// Half-width marks that stand for a full-width one beside a Chinese character.
const HALF: &[(char, char)] =
    &[(',', '，'), (':', '：'), (';', '；'), ('(', '（'), (')', '）'), ('!', '！'), ('?', '？')];

/// Quoting the mark and the character beside it, where a mark of a text stands beside Chinese.
fn half_width(text: &str) -> Option<String> {
    let chars: Vec<char> = text.chars().collect();
    let beside = |at: usize| {
        let before = at.checked_sub(1).and_then(|b| chars.get(b));
        before.into_iter().chain(chars.get(at + 1)).any(|c| is_han(*c))
    };
    let at = (0..chars.len()).find(|at| HALF.iter().any(|(half, _)| *half == chars[*at]) && beside(*at))?;
    let full = HALF.iter().find(|(half, _)| *half == chars[at]).map_or(' ', |(_, full)| *full);
    let quoted: String = chars[at.saturating_sub(4)..(at + 5).min(chars.len())].iter().collect();
    Some(format!("「{quoted}」 with {full}"))
}

#[test]
fn chinese_words_on_screen_have_chinese_punctuation() {
    let mut offences = Vec::new();
    for file in files("crates/web/locales/zh-CN", ".toml") {
        for (n, line) in file.lines() {
            let said = line.split_once(" = \"").filter(|(key, _)| !key.trim_start().starts_with('#'));
            let found = said.and_then(|(_, words)| half_width(words));
            offences.extend(found.map(|f| format!("{}:{n}: {f}", file.path)));
        }
    }
    assert!(offences.is_empty(), "\nWrite them full width:\n  {}\n", offences.join("\n  "));
}

#[test]
fn a_half_width_mark_beside_chinese_is_seen() {
    assert!(half_width("已用{used},时限{allowed}").is_some() && half_width("来源({n})").is_some());
    for fine in ["已用{used}，时限{allowed}", "{from}:{to}", "Ctrl + P (⌘P)", "120、119、110，再登记"] {
        assert_eq!(half_width(fine), None);
    }
}
