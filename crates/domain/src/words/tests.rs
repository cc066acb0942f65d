//! What becomes a token and what never may.

use super::*;
use proptest::prelude::*;
use std::collections::HashSet;

fn shown(text: &str) -> String {
    let one = |p: &Piece| match p {
        Piece::Character(c) => c.to_string(),
        Piece::Word(w) => w.clone(),
        Piece::Gap => "_".to_owned(),
    };
    pieces(text).iter().map(one).collect::<Vec<_>>().join(" ")
}

#[test]
fn characters_words_and_short_numbers_are_pieces() {
    for (text, expected) in [
        ("路灯不亮", "路 灯 不 亮"),
        ("WiFi坏了3天", "wifi 坏 了 3 天"),
        ("Ａ栋１２号", "a 栋 12 号"),
        ("自來水斷了,沒人管!", "自 来 水 断 了 没 人 管"),
        ("隰崾𠀀\u{e0100}村", "隰 崾 𠀀 村"),
        ("12345热线", "12345 热 线"),
        ("一二三组", "一 二 三 组"),
        ("*%?_ --", ""),
        ("", ""),
    ] {
        assert_eq!(shown(text), expected, "{text}");
    }
}

#[test]
fn no_number_of_a_person_becomes_a_token() {
    for text in [
        "10012345678",
        "100 1234 5678",
        "１００１２３４５６７８",
        "0953-6012345",
        "(0953) 601 2345",
        "000000199001011234",
        "6222 0000 1111 2222 333",
        "1001234\u{200b}5678",
        "一零零一二三四五六七八",
        "1.0.0.1.2.3.4.5",
    ] {
        let key = WordKey::new("k");
        assert!(!shown(text).chars().any(|c| c.is_ascii_digit() || is_spelt(c)), "{text}: {}", shown(text));
        assert!(key.phrases(text).is_empty(), "{text}");
    }
    assert_eq!(shown("电话10012345678转3"), "电 话 _ 转 3");
}

#[test]
fn equal_texts_have_equal_tokens_and_a_key_of_its_own_gives_others() {
    let (a, b) = (WordKey::new("a"), WordKey::new("b"));
    assert_eq!(a.tokens(["路灯"]), a.tokens(["路燈"]));
    assert_ne!(a.tokens(["路灯"]), b.tokens(["路灯"]));
    assert_eq!(a.phrases("路灯 不亮").len(), 2);
    assert_eq!(a.phrases("路灯\u{3000}不亮 路燈").len(), 2);
    assert!(a.tokens(["路灯", "桥头"]).contains(" zz "), "no phrase goes from one text into the next");
    assert!(!format!("{a:?}").contains(char::is_numeric));
}

#[test]
fn the_permutation_meets_no_character_twice() {
    let key = WordKey::new("any");
    let tokens: HashSet<u32> = (0..0x40000u32).filter_map(char::from_u32).map(|c| key.permute(c)).collect();
    assert_eq!(tokens.len(), 0x40000 - 0x800);
}

#[test]
fn what_is_asked_is_bounded() {
    let key = WordKey::new("k");
    let long = "路灯 ".repeat(5000);
    assert!(key.phrases(&long).len() <= 2);
    let many: String = ('一'..='龥').flat_map(|c| [c, ' ']).collect();
    assert!(key.phrases(&many).len() <= 8);
    let run: String = ('一'..='龥').collect();
    assert!(key.phrases(&run).iter().map(Vec::len).sum::<usize>() <= 400);
    for junk in ["%%%%", "***", "\"", "'; drop table", "NEAR(", "\0\0"] {
        assert!(key.phrases(junk).iter().flatten().all(|t| t.bytes().all(|b| b.is_ascii_lowercase())), "{junk}");
    }
}

proptest! {
    #[test]
    fn tokens_are_letters_alone_and_nothing_panics(text in ".{0,80}") {
        let key = WordKey::new("k");
        let tokens = key.tokens([text.as_str()]);
        prop_assert!(tokens.bytes().all(|b| b.is_ascii_lowercase() || b == b' '));
        // Whatever stands in a text is found by looking for the text.
        let padded = format!(" {tokens} ");
        for phrase in key.phrases(&text) {
            let asked = format!(" {} ", phrase.join(" "));
            prop_assert!(padded.contains(&asked), "{} in {}", asked, padded);
        }
    }
}
