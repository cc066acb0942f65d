//! One box: number, name, telephone, words; found in the same moment, under the scope, and never by a number of a person.

use crate::stage::{COUNTY, FAR_VILLAGE, SIBLING, Stage, VILLAGE, by_hand, refusal, twins};
use xiangyue_app::Filter;
use xiangyue_app::search::Sought;
use xiangyue_domain::ids::{AccountId, MatterId};
use xiangyue_domain::matter::Who;
use xiangyue_domain::register::Holder;

twins!(
    one_box_finds_all_and_says_how,
    words_are_there_with_the_answer_and_more_with_the_reply,
    no_telephone_and_no_name_field_is_a_word,
    the_index_made_anew_is_the_same,
    a_destroyed_key_takes_its_words_along,
    filters_are_shared_with_a_post_and_say_nothing_plain,
);

async fn find(stage: &Stage, account: AccountId, asked: &str) -> (Sought, Vec<MatterId>) {
    let filter = Filter { limit: 50, ..Filter::default() };
    let found = stage.app.search_for(account, asked, &filter).await.expect("an answer");
    (found.sought, found.matters.iter().map(|m| m.id).collect())
}

async fn told(stage: &Stage, place: &str, words: &str) -> xiangyue_app::matter::Receipt {
    let typed = [
        ("category", "lamp"),
        ("words", words),
        ("spot", "崾崄沟桥头"),
        ("reporter_name", "隰九娘"),
        ("reporter_phone", "13912345678"),
    ];
    stage.open(Who::Reporter, "report", place, &typed).await
}

async fn one_box_finds_all_and_says_how(stage: Stage) {
    let desk = stage.account("county.dispatcher", COUNTY);
    let receipt = told(&stage, VILLAGE, "路灯坏了三天,WiFi也断了").await;
    let id = receipt.matter;
    for (asked, sought) in [
        (receipt.number.as_str(), Sought::Number),
        (&receipt.number.replace('-', ""), Sought::Number),
        ("隰九娘", Sought::Person),
        ("13912345678", Sought::Person),
        ("5678", Sought::Person),
        ("灯", Sought::Words),
        ("路燈壞", Sought::Words),
        ("wifi", Sought::Words),
        ("桥头", Sought::Words),
        ("崾", Sought::Words),
        ("三天 桥头", Sought::Words),
    ] {
        assert_eq!(find(&stage, desk, asked).await, (sought, vec![id]), "{asked}");
    }
    for (asked, sought) in [("***", Sought::Nothing), ("", Sought::Nothing), ("没有的话", Sought::Words)] {
        assert_eq!(find(&stage, desk, asked).await, (sought, vec![]), "{asked}");
    }
    let long = "路灯坏".repeat(4000);
    assert_eq!(find(&stage, desk, &long).await.1, vec![]);
}

async fn words_are_there_with_the_answer_and_more_with_the_reply(stage: Stage) {
    let receipt = told(&stage, VILLAGE, "水管漏了").await;
    let secretary = stage.account("village.secretary", VILLAGE);
    assert_eq!(find(&stage, secretary, "水管").await.1, vec![receipt.matter]);
    stage.go(secretary, receipt.matter, "solve", &[("reply", "换了新接头")]).await.expect("solved");
    assert_eq!(find(&stage, secretary, "接头").await.1, vec![receipt.matter]);
    assert_eq!(find(&stage, secretary, "水管 接头").await.1, vec![receipt.matter]);
    for other in [SIBLING, FAR_VILLAGE] {
        let stranger = stage.account("village.secretary", other);
        assert!(find(&stage, stranger, "水管").await.1.is_empty(), "{other}");
    }
    stage.sound().await;
}

async fn no_telephone_and_no_name_field_is_a_word(stage: Stage) {
    let desk = stage.account("county.dispatcher", COUNTY);
    told(&stage, VILLAGE, "打13912345678或0953-6012345找我,身份证110101199001011237").await;
    let words = stage.app.pool().rows("select words from matter_words", &[]).await.expect("read");
    let key = stage.app.secrets().words();
    for hidden in ["13912345678", "0953", "6012345", "110101199001011237", "隰九娘", "九娘", "5678"] {
        let token = key.tokens([hidden]);
        let there = words.iter().any(|r| format!(" {} ", r.text(0)).contains(&format!(" {token} ")));
        assert!(token == "zz" || !there, "{hidden}");
    }
    assert_eq!(find(&stage, desk, "九娘").await, (Sought::Words, vec![]), "a part of a name is no word");
}

async fn rows(stage: &Stage) -> Vec<xiangyue_store::Row> {
    stage.app.pool().rows("select id, facets, words from matter_words order by id", &[]).await.expect("read")
}

async fn the_index_made_anew_is_the_same(stage: Stage) {
    let mut play = crate::play::Play::new(&stage, 11);
    play.run(150).await;
    let before = rows(&stage).await;
    assert!(before.iter().filter(|r| !r.text(2).is_empty()).count() > 20);
    by_hand(stage.app.pool(), "delete from matter_words", &[]).await;
    stage.app.reindex(&|_| {}).await.expect("made anew");
    let after = rows(&stage).await;
    for row in before.iter().filter(|r| !r.text(2).is_empty()) {
        let again = after.iter().find(|r| r.int(0) == row.int(0)).expect("it has words again");
        assert_eq!(again, row);
    }
    stage.sound().await;
}

async fn a_destroyed_key_takes_its_words_along(stage: Stage) {
    let desk = stage.account("county.dispatcher", COUNTY);
    let receipt = told(&stage, VILLAGE, "院墙倒了").await;
    let kept = told(&stage, VILLAGE, "院墙歪了").await;
    let matter = stage.matter(receipt.matter).await;
    by_hand(stage.app.pool(), "delete from subject_key where key = $1", &[matter.key.as_str().into()]).await;
    let stage = stage.again().await;
    stage.app.reindex(&|_| {}).await.expect("made anew");
    assert_eq!(find(&stage, desk, "院墙").await.1, vec![kept.matter]);
}

async fn filters_are_shared_with_a_post_and_say_nothing_plain(stage: Stage) {
    let desk = stage.account("county.dispatcher", COUNTY);
    let post = Holder { post: "county.dispatcher".into(), seat: stage.place(COUNTY).0 };
    let app = &stage.app;
    app.save_filter(desk, "隰九娘的事", "q=%E9%9A%B0%E4%B9%9D%E5%A8%98", None, None).await.expect("saved");
    app.save_filter(desk, "在办", "status=active", Some(post.clone()), None).await.expect("saved");
    let secretary = stage.account("village.secretary", VILLAGE);
    assert_eq!(refusal(app.save_filter(secretary, "别人的", "", Some(post.clone()), None).await), "no_right");
    assert_eq!(refusal(app.save_filter(desk, " ", "", None, None).await), "form");
    let kept = app.filters(desk).await.expect("read");
    assert_eq!(kept.iter().map(|f| f.name.as_str()).collect::<Vec<_>>(), ["在办", "隰九娘的事"]);
    assert!(app.filters(secretary).await.expect("read").is_empty());
    assert_eq!(refusal(app.drop_filter(secretary, kept[0].id, None).await), "not_found");
    app.drop_filter(desk, kept[0].id, None).await.expect("dropped");
    for sql in ["select body from journal", "select state from saved_filter"] {
        let plain = app.pool().rows(sql, &[]).await.expect("read");
        assert!(!plain.iter().any(|r| r.text(0).contains("隰") || r.text(0).contains("status=")), "{sql}");
    }
    stage.sound().await;
    let stage = stage.again().await;
    assert_eq!(stage.app.filters(desk).await.expect("read").len(), 1);
}
