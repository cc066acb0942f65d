//! Tests of codes and numbers, with published vectors; no real person's number stands here.

use super::person::check_of;
use super::*;
use proptest::prelude::*;

#[test]
fn division_codes_know_their_place() {
    let village = DivisionCode::parse(" ６２０５２２100201 ").unwrap();
    let chain: Vec<String> = std::iter::successors(village.parent(), DivisionCode::parent).map(String::from).collect();
    assert_eq!(chain, ["620522100000", "620522000000", "620500000000", "620000000000"]);
    assert_eq!(village.level(), DivisionLevel::Village);
    assert_eq!(village.segment_kind(), Some(SegmentKind::Villagers));
    assert!(chain.iter().all(|above| village.is_within(&above.parse().unwrap())));
    assert!(!village.parent().unwrap().is_within(&village));
    assert!(!village.is_within(&"620523000000".parse().unwrap()));
}

#[test]
fn a_town_right_under_a_city_is_accepted() {
    let town = DivisionCode::parse("441900003000").unwrap();
    assert_eq!((town.level(), town.segment_kind()), (DivisionLevel::Town, Some(SegmentKind::Street)));
    assert_eq!(town.parent().unwrap().as_str(), "441900000000");
    assert!(town.is_within(&town.parent().unwrap()));
    let odd = DivisionCode::parse("441900803000").unwrap();
    assert_eq!(odd.segment_kind(), Some(SegmentKind::NonStandard));
}

#[test]
fn wrong_division_codes_say_where() {
    let short = CodeFault::Length { expected: "12", found: 6 };
    assert_eq!(DivisionCode::parse("620522"), Err(short));
    let letter = CodeFault::Character { position: 4, expected: "0-9" };
    assert_eq!(DivisionCode::parse("620O22100201"), Err(letter.clone()));
    assert_eq!(letter.key(), "code.character");
    assert!(serde_json::from_str::<DivisionCode>("\"000000000000\"").is_err());
    let code: DivisionCode = serde_json::from_str("\"620522100201\"").unwrap();
    assert_eq!(serde_json::to_string(&code).unwrap(), "\"620522100201\"");
}

#[test]
fn a_grid_hangs_on_a_village() {
    let village = DivisionCode::parse("620522100201").unwrap();
    let grid = GridCode::new(&village, 1, 7).unwrap();
    assert_eq!((grid.as_str(), grid.kind()), ("6205221002011007", 1));
    assert_eq!(GridCode::parse("6205221002011007").unwrap().village(), village);
    assert_eq!(GridCode::new(&village.parent().unwrap(), 1, 7), Err(CodeFault::Level));
    assert!(GridCode::new(&village, 10, 7).is_err() && GridCode::new(&village, 1, 1000).is_err());
}

#[test]
fn citizen_numbers_check_and_hide() {
    let id = CitizenId::parse("１１０１０５ 19491231 ００２ｘ").unwrap();
    assert_eq!((id.as_str(), id.kind()), ("11010519491231002X", IdKind::New18));
    assert_eq!((id.birth().to_string().as_str(), id.is_male()), ("1949-12-31", false));
    assert!(CitizenId::parse("34052419800101001X").unwrap().is_male());
    assert_eq!(format!("{id:?}"), "CitizenId(New18, hidden)");
    let old = CitizenId::parse("110105491231002").unwrap();
    assert_eq!((old.kind(), old.long_form().as_str()), (IdKind::Old15, id.as_str()));
    assert_eq!((old.birth(), old.is_male()), (id.birth(), false));
}

#[test]
fn wrong_citizen_numbers_say_why() {
    let fault = |text: &str| CitizenId::parse(text).unwrap_err().key();
    assert_eq!(fault("110105194912310021"), "code.check");
    assert_eq!(fault("11010519490231002X"), "code.date");
    assert_eq!(fault("11010518791231002X"), "code.too_early");
    assert_eq!(fault("1101051949123100"), "code.length");
    assert_eq!(fault("1101051949123X002X"), "code.character");
    assert_eq!(fault("01010519491231002X"), "code.prefix");
    assert_eq!(fault("身份证"), "code.character");
    let mut permit = "81000019900101001".to_owned();
    permit.extend(check_of(&permit));
    assert_eq!(CitizenId::parse(&permit).unwrap().kind(), IdKind::ResidencePermit);
}

#[test]
fn credit_codes_follow_the_vectors() {
    assert!(CreditCode::parse("11320000mb151840xj").is_ok());
    assert!(CreditCode::parse("91350100M000100Y43").is_ok());
    assert_eq!(CreditCode::parse("91350100M000100Y4Z").unwrap_err().key(), "code.character");
    assert_eq!(CreditCode::parse("91350100M000100Y44"), Err(CodeFault::Check));
    assert_eq!(CreditCode::parse("91350100").unwrap_err().key(), "code.length");
}

#[test]
fn phones_are_read_as_people_write_them() {
    for text in ["13800138000", "+86 138-0013-8000", "0086１３８００１３８０００", "86 138 0013 8000"] {
        let phone = Phone::parse(text).unwrap();
        assert_eq!((phone.as_str(), phone.last4(), phone.is_mobile()), ("13800138000", "8000", true));
        assert_eq!(format!("{phone:?}"), "Phone(hidden)");
    }
    for text in ["(010)6234 5678", "010－62345678", "+86 10 62345678", "01062345678"] {
        assert_eq!(Phone::parse(text).unwrap().as_str(), "010-62345678", "{text}");
    }
    assert_eq!(Phone::parse("0477-8123456").unwrap().as_str(), "0477-8123456");
    for (text, key) in [("", "length"), ("1380013800", "length"), ("23800138000", "prefix"), ("0477", "length")] {
        assert_eq!(Phone::parse(text).unwrap_err().key(), format!("code.{key}"), "{text}");
    }
}

proptest! {
    #[test]
    fn no_text_makes_a_parser_panic(text in "[0-9０-９Xx+ \\-一-龥A-Z]{0,24}|.{0,24}") {
        let _ = DivisionCode::parse(&text);
        let _ = GridCode::parse(&text);
        let _ = CitizenId::parse(&text);
        let _ = CreditCode::parse(&text);
        let _ = Phone::parse(&text);
    }

    #[test]
    fn one_mistyped_digit_of_a_citizen_number_is_noticed(at in 0usize..17, digit in 0u8..10) {
        let mut typed = b"11010519491231002X".to_vec();
        let changed = typed[at] != b'0' + digit;
        typed[at] = b'0' + digit;
        prop_assert_eq!(CitizenId::parse(std::str::from_utf8(&typed).unwrap()).is_err(), changed);
    }
}
