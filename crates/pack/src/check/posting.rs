//! What a move does to the books: its kind of transfer, its fields and who reviews have to lead somewhere, or the move
//! would be refused the first time somebody makes it.

use super::Say;
use xiangyue_domain::policy::{Books, FieldType, Kind, Move, Policy, Posting, Purpose};

/// Checks one move's effect on the books.
pub(super) fn check(policy: &Policy, kind: &Kind, mv: &Move, at: &str, say: Say) {
    let Some(post) = &mv.post else { return };
    let at = format!("{at}/post");
    if mv.join.is_some() {
        say(&at, "会合动作(join)不能记账;请写在另一个动作上".to_owned());
    }
    for (i, other) in post.review.iter().enumerate().filter(|(_, m)| kind.find_move(m).is_none()) {
        say(&format!("{at}/review/{i}"), format!("动作 {other} 不存在;请写本类事项 [[move]] 里有的 id"));
    }
    if (post.does == Books::Hold) != post.until.is_some() {
        say(&at, "does = \"hold\" 和 until(冻结多久)要一起写".to_owned());
    }
    fields(kind, post, &at, say);
    if post.makes() {
        transfer(policy, post, &at, say);
    } else {
        follows(kind, post, &at, say);
    }
}

fn fields(kind: &Kind, post: &Posting, at: &str, say: Say) {
    for (key, id) in post.fields() {
        let wanted: &[FieldType] = match key {
            "household" => &[FieldType::Household],
            "party" => &[FieldType::Party],
            "rule" | "item" => &[FieldType::Choice],
            "day" => &[FieldType::Date],
            "cash" | "amount" => &[FieldType::Money],
            _ => &[FieldType::Int],
        };
        if kind.field(id).is_none_or(|f| !wanted.contains(&f.kind)) {
            let words: Vec<String> = wanted.iter().map(|w| format!("{w:?}").to_lowercase()).collect();
            say(&format!("{at}/{key}"), format!("{key} 要指一个 type = \"{}\" 的字段,{id} 不是", words.join("、")));
        }
    }
}

fn transfer(policy: &Policy, post: &Posting, at: &str, say: Say) {
    let Some(kind) = policy.ledger.transfer(&post.transfer) else {
        let known: Vec<&str> = policy.ledger.transfers.iter().map(|t| t.id.as_str()).collect();
        let message = format!("转账种类 {} 不存在;可写 {}", post.transfer, known.join("、"));
        return say(&format!("{at}/transfer"), message);
    };
    let need: &[(&str, &str)] = match kind.purpose {
        Purpose::Award => &[("household", &post.household), ("rule", &post.rule)],
        Purpose::Trade => &[("household", &post.household), ("party", &post.party), ("item", &post.item)],
        Purpose::Plain => &[("amount", &post.amount)],
        _ => {
            let message = format!("{} 不能由事项记账;可用 award、trade、plain 用途的转账", post.transfer);
            return say(&format!("{at}/transfer"), message);
        }
    };
    for (key, _) in need.iter().filter(|(_, field)| field.is_empty()) {
        say(at, format!("转账 {} 要写 {key} 指哪个字段", post.transfer));
    }
}

/// Posting, giving up and taking back need something that was reserved or made before.
fn follows(kind: &Kind, post: &Posting, at: &str, say: Say) {
    let any = |does: &[Books]| kind.moves.iter().filter_map(|m| m.post.as_ref()).any(|p| does.contains(&p.does));
    let (before, word): (&[Books], &str) = match post.does {
        Books::Reverse => (&[Books::Make, Books::Post], "make 或 post"),
        _ => (&[Books::Hold], "hold"),
    };
    if !any(before) {
        say(&format!("{at}/does"), format!("这类事项没有 does = \"{word}\" 的动作,没有什么可办的"));
    }
}
