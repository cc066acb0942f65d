//! Masks for names, phones, numbers and addresses, and the scrubbing of free text (PIPL articles 6 and 28).
//! Must never let a whole number through: what a mask does not recognise it hides more, not less.

use crate::code::{Phone, is_blank, is_dash, narrow, tidy};

/// Surnames of two characters, simplified and traditional.
const COMPOUND: &str = "欧阳 歐陽 太史 端木 上官 司马 司馬 东方 東方 独孤 獨孤 南宫 南宮 万俟 闻人 聞人 夏侯 诸葛 \
    諸葛 尉迟 尉遲 公羊 赫连 赫連 澹台 澹臺 皇甫 宗政 濮阳 濮陽 公冶 太叔 申屠 公孙 公孫 慕容 仲孙 仲孫 钟离 鍾離 \
    长孙 長孫 宇文 司徒 鲜于 鮮于 司空 闾丘 閭丘 子车 亓官 司寇 巫马 巫馬 公西 颛孙 壤驷 公良 漆雕 乐正 樂正 宰父 \
    谷梁 穀梁 拓跋 夹谷 轩辕 軒轅 令狐 段干 百里 呼延 东郭 東郭 南门 南門 羊舌 微生 梁丘 左丘 西门 西門 第五 南荣 \
    东里 褚师 达奚 即墨";

/// Dots between the parts of a Uyghur, Tibetan or foreign name.
const NAME_DOTS: [char; 6] = ['·', '•', '・', '‧', '･', '.'];

/// Ends of an address's public part: everything after the first of them goes.
const ADDRESS_ENDS: [&str; 5] = ["村", "社区", "嘎查", "组", "队"];

/// Keeps the surname: 张三丰 becomes 张**, 欧阳修 欧阳*. A name with a dot or in another script keeps its first
/// character. At most three stars, so that a long name is not told by its length.
pub fn mask_name(name: &str) -> String {
    // Variation selectors belong to the character before them and are not characters of their own.
    let selector = |ch: &char| matches!(ch, '\u{fe00}'..='\u{fe0f}' | '\u{e0100}'..='\u{e01ef}');
    let chars: Vec<char> = name.trim().chars().filter(|ch| !is_blank(*ch) && !selector(ch)).collect();
    let Some(first) = chars.first() else {
        return String::new();
    };
    if first.is_ascii() || chars.iter().any(|ch| NAME_DOTS.contains(ch)) {
        return format!("{first}**");
    }
    let start: String = chars.iter().take(2).collect();
    // 司马 alone is the surname 司 and the name 马, else the mask would hide nothing.
    let compound = chars.len() > 2 && COMPOUND.split_whitespace().any(|surname| surname == start);
    let keep = if compound { 2 } else { 1 };
    let stars = (chars.len() - keep).clamp(1, 3);
    chars.iter().take(keep).copied().chain(std::iter::repeat_n('*', stars)).collect()
}

/// 138****8000 for a mobile, 0477-*****56 for a landline; anything else is hidden whole.
pub fn mask_phone(phone: &str) -> String {
    let Ok(phone) = Phone::parse(phone) else {
        return "****".to_owned();
    };
    let text = phone.as_str();
    match text.split_once('-') {
        None => keep_ends(text, 3, 4),
        Some((area, local)) => format!("{area}-{}", keep_ends(local, 0, 2)),
    }
}

/// 110***********002X: the first 3 and the last 4 of a citizen's number. The region and the birth date stay
/// hidden. Numbers of other documents keep 1 and 2, and below 8 characters nothing.
pub fn mask_id(id: &str) -> String {
    let id = tidy(id).to_uppercase();
    match id.chars().count() {
        15.. => keep_ends(&id, 3, 4),
        8..=14 => keep_ends(&id, 1, 2),
        count => "*".repeat(count),
    }
}

/// Keeps an address up to its village, community or group: 张庄镇王楼村三组12号 becomes 张庄镇王楼村***. Without
/// one it ends before the first digit, without a digit after the town or county, and else nothing stays.
pub fn mask_address(address: &str) -> String {
    let address = address.trim();
    let end_of = |mark: &str| address.find(mark).map(|at| at + mark.len());
    let digit = address.find(|ch: char| narrow(ch).is_ascii_digit());
    let public = ADDRESS_ENDS.iter().filter_map(|mark| end_of(mark)).chain(digit).min();
    let town = || ["街道", "镇", "乡", "苏木"].iter().filter_map(|mark| end_of(mark)).min();
    let county = || ["县", "区", "旗", "市"].iter().filter_map(|mark| end_of(mark)).min();
    let cut = public.or_else(town).or_else(county).unwrap_or(0);
    let (kept, hidden) = address.split_at(cut);
    let stars = if hidden.is_empty() { "" } else { "***" };
    format!("{kept}{stars}")
}

/// Stars for all but the first and last characters; their number shows the length.
fn keep_ends(text: &str, first: usize, last: usize) -> String {
    let count = text.chars().count();
    let hide = |at: usize| at >= first && at + last < count;
    text.chars().enumerate().map(|(at, ch)| if hide(at) { '*' } else { ch }).collect()
}

/// Hides every number of a person in free text: 15 or 18 digits as a citizen's number, 11 digits from 1 as a
/// phone, any other 15 or more as a bank card. Digits count as one number across blanks, dashes and
/// invisible characters within a line, full-width or not. Dates, sums and division codes stay.
pub fn scrub(text: &str) -> String {
    let chars: Vec<char> = text.chars().collect();
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    while let Some(ch) = chars.get(at) {
        if narrow(*ch).is_ascii_digit() {
            let run = Run::at(&chars, at);
            run.write(&chars, &mut out);
            at = run.end;
        } else {
            out.push(*ch);
            at += 1;
        }
    }
    out
}

/// Digits that a reader may take as one number, with the characters between them.
struct Run {
    /// Index of the first digit in the text.
    start: usize,
    /// Index after the last digit (or the X of a citizen's number).
    end: usize,
    /// The digits in ASCII, an X at the end of 17.
    digits: String,
    /// Index in the text of each digit.
    places: Vec<usize>,
}

impl Run {
    fn at(chars: &[char], start: usize) -> Run {
        let mut run = Run { start, end: start, digits: String::new(), places: Vec::new() };
        let mut at = start;
        while let Some(ch) = chars.get(at).copied().map(narrow) {
            if ch.is_ascii_digit() || run.is_check(chars, at) {
                run.digits.push(ch.to_ascii_uppercase());
                run.places.push(at);
                run.end = at + 1;
            } else if !is_between(ch) {
                break;
            }
            at += 1;
        }
        run
    }

    /// Whether an X here is the check character of a citizen's number.
    fn is_check(&self, chars: &[char], at: usize) -> bool {
        let is_x = |ch: &char| matches!(narrow(*ch), 'x' | 'X');
        let word = |ch: &char| narrow(*ch).is_ascii_alphanumeric();
        self.digits.len() == 17 && chars.get(at).is_some_and(is_x) && !chars.get(at + 1).is_some_and(word)
    }

    fn write(&self, chars: &[char], out: &mut String) {
        match self.digits.len() {
            15 | 18 => out.push_str(&keep_ends(&self.digits, 3, 4)),
            16..=19 => out.push_str(&keep_ends(&self.digits, 0, 4)),
            20.. => out.push_str("****"),
            _ => match self.phone() {
                None => out.extend(&chars[self.start..self.end]),
                Some(from) => {
                    out.extend(&chars[self.start..self.places[from]]);
                    out.push_str(&keep_ends(&self.digits[from..from + 11], 3, 4));
                    out.extend(&chars[self.places[from + 10] + 1..self.end]);
                }
            },
        }
    }

    /// Index of the first digit of the phone among 11 to 14 digits. Twelve digits in one piece may be a
    /// division code and stay, so a phone must fill whole pieces or follow a country or trunk prefix.
    fn phone(&self) -> Option<usize> {
        let count = self.digits.len();
        let starts = |from: usize| from == 0 || self.places[from - 1] + 1 != self.places[from];
        let ends = |to: usize| to == count || self.places[to - 1] + 1 != self.places[to];
        let fits = |from: &usize| starts(*from) && ends(from + 11) && self.digits[*from..].starts_with('1');
        let piece = (0..(count + 1).saturating_sub(11)).find(fits);
        let mobile = |from: usize| {
            let rest = self.digits.get(from..).unwrap_or_default().as_bytes();
            rest.len() == 11 && rest[0] == b'1' && rest[1] >= b'3'
        };
        let prefixed = ["86", "086", "0"].iter().find(|p| self.digits.starts_with(*p) && mobile(p.len()));
        piece.or(prefixed.map(|prefix| prefix.len()))
    }
}

/// What may stand between the digits of one number: blanks, dashes and invisible characters, but no line end,
/// so that a column of figures is not taken for a number.
fn is_between(ch: char) -> bool {
    let line_end = matches!(ch, '\n' | '\r' | '\u{0b}' | '\u{0c}' | '\u{85}' | '\u{2028}' | '\u{2029}');
    is_dash(ch) || is_blank(ch) && !line_end
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn names_keep_their_surname() {
        let cases = [
            ("张三丰", "张**"),
            ("张三", "张*"),
            (" 王 五 ", "王*"),
            ("欧阳修", "欧阳*"),
            ("诸葛孔明", "诸葛**"),
            ("司马", "司*"),
            ("张", "张*"),
            ("买买提·吐尔逊", "买**"),
            ("𠀀𠮷野", "𠀀**"),
            ("葛\u{e0100}小伦", "葛**"),
            ("John Smith", "J**"),
            ("", ""),
        ];
        for (name, masked) in cases {
            assert_eq!(mask_name(name), masked, "{name}");
        }
    }

    #[test]
    fn phones_and_numbers_keep_their_ends() {
        assert_eq!(mask_phone("138 0013-8000"), "138****8000");
        assert_eq!(mask_phone("04778123456"), "0477-*****56");
        assert_eq!(mask_phone("010-62345678"), "010-******78");
        assert_eq!(mask_phone("打我电话12345"), "****");
        assert_eq!(mask_id("11010519491231002x"), "110***********002X");
        assert_eq!(mask_id("110105491231002"), "110********1002");
        assert_eq!(mask_id("E12345678"), "E******78");
        assert_eq!(mask_id("1234567"), "*******");
    }

    #[test]
    fn addresses_end_at_the_village() {
        let cases = [
            ("河南省范县张庄镇王楼村三组12号", "河南省范县张庄镇王楼村***"),
            ("幸福社区5号楼", "幸福社区***"),
            ("乌兰嘎查东头", "乌兰嘎查***"),
            ("王楼村", "王楼村"),
            ("建国路８８号", "建国路***"),
            ("范县张庄镇东头李家", "范县张庄镇***"),
            ("范县李明家", "范县***"),
            ("李明家", "***"),
            ("", ""),
        ];
        for (address, masked) in cases {
            assert_eq!(mask_address(address), masked, "{address}");
        }
    }

    #[test]
    fn free_text_loses_its_numbers() {
        let cases = [
            ("电话13800138000。", "电话138****8000。"),
            ("电话１３８ ００１３－８０００", "电话138****8000"),
            ("+86 13800138000", "+86 138****8000"),
            ("+8613800138000", "+86138****8000"),
            ("013800138000", "0138****8000"),
            ("2 13800138000 3", "2 138****8000 3"),
            ("身份证11010519491231002x号", "身份证110***********002X号"),
            ("110105 1949 1231 002 Ｘ", "110***********002X"),
            ("旧证110105491231002", "旧证110********1002"),
            ("卡号6222 0212 3456 7890 123", "卡号***************0123"),
            ("13800138000 13900139000", "****"),
        ];
        for (text, scrubbed) in cases {
            assert_eq!(scrub(text), scrubbed, "{text}");
        }
    }

    #[test]
    fn free_text_keeps_its_other_figures() {
        let kept = [
            "2026-01-09 19:40 共 12 户，补助 1,234,567.89 元",
            "编号 130102001001，网格 03",
            "12345 热线 2026 年 11 月",
            "2021\n2022\n2023\n2024",
            "XY-2026-0109-000123",
            "编号X12",
        ];
        for text in kept {
            assert_eq!(scrub(text), text);
        }
    }

    /// The digits that remain when separators go, split at everything else.
    fn remaining(text: &str) -> Vec<String> {
        let plain: String = text.chars().map(narrow).filter(|ch| !is_between(*ch)).collect();
        plain.split(|ch: char| !ch.is_ascii_digit()).map(str::to_owned).collect()
    }

    fn clean(text: &str) -> bool {
        remaining(text).iter().all(|run| run.len() < 15 && !(run.len() == 11 && run.starts_with('1')))
    }

    /// Digits, each in either width, with separators between.
    fn spaced(digits: &'static str) -> impl Strategy<Value = String> {
        let part =
            (proptest::sample::select(vec!["", "", " ", "-", "－", "　", "—", "\u{200b}", " - "]), any::<bool>());
        proptest::collection::vec(part, digits.len()).prop_map(|parts| {
            let wide = |ch: char, wide: bool| char::from_u32(ch as u32 + if wide { 0xfee0 } else { 0 }).unwrap();
            let typed = digits.chars().zip(parts);
            let typed = typed
                .enumerate()
                .map(|(at, (ch, (between, full)))| format!("{}{}", if at == 0 { "" } else { between }, wide(ch, full)));
            typed.collect()
        })
    }

    proptest! {
        #[test]
        fn no_number_survives(text in "[0-9０-９xX \\-－—　\u{200b}年号]{0,60}|.{0,40}") {
            let scrubbed = scrub(&text);
            prop_assert!(clean(&scrubbed), "{text:?} gave {scrubbed:?}");
            prop_assert_eq!(scrub(&scrubbed), scrubbed);
        }

        #[test]
        fn no_typed_number_survives(
            before in "[a-z张号：]{0,3}", after in "[张号，]{0,3}",
            phone in spaced("13800138000"), id in spaced("11010519491231002X"), old in spaced("110105491231002"),
            card in spaced("6222021234567890123"),
        ) {
            let masked = format!("{before}138****8000{after}");
            prop_assert_eq!(scrub(&format!("{before}{phone}{after}")), masked);
            prop_assert_eq!(scrub(&format!("{before}{id}{after}")), format!("{before}110***********002X{after}"));
            prop_assert_eq!(scrub(&format!("{before}{old}{after}")), format!("{before}110********1002{after}"));
            prop_assert_eq!(scrub(&format!("{before}{card}{after}")), format!("{before}***************0123{after}"));
        }

        #[test]
        fn masks_never_show_the_whole(text in "[^*]{1,30}", digits in "[0-9]{1,30}") {
            prop_assert!(text.trim().is_empty() || mask_name(&text) != text);
            prop_assert_ne!(mask_phone(&digits), digits.clone());
            prop_assert_ne!(mask_id(&digits), digits.clone());
            let _ = mask_address(&text);
        }
    }
}
