//! Votes through their pages: who keeps one, who only sees its matter, who meets nothing; the register on paper with the
//! article of the body that decides; a withdrawal after the notice is told in public as well.

use crate::support::{ELSEWHERE, House, SIBLING, VILLAGE};
use xiangyue_domain::day::Time;
use xiangyue_web::Web;

const DAY_MS: i64 = 24 * 3_600_000;
const ROLL: &str = "试户1 19900000001\n试户2 19900000002\n试户3 19900000003";

/// A proposal whose meeting is called, entered by the clerk; gives its number in addresses.
async fn called(house: &House, more: &[(&str, &str)]) -> String {
    let mut clerk = house.signed_in("village.clerk", VILLAGE).await;
    let form = clerk.get("/desk/intake/motion").await.is(200);
    let once = form.hidden("once");
    let place = house.app.directory().tree.by_code(VILLAGE, house.app.now().day()).expect("a village").id.to_string();
    let fields = [("subject", "换水管"), ("category", "works.water"), ("words", "主管漏水"), ("once", &once)];
    let sent = [&fields[..], &[("place", place.as_str()), ("channel", "cadres")], more].concat();
    let made = clerk.post("/desk/intake/motion", &sent).await.is(303);
    let id: String =
        made.to().rsplit('/').next().unwrap_or_default().chars().take_while(char::is_ascii_digit).collect();
    let mut stages = vec![("propose", "branch"), ("discuss", "board")];
    if more.contains(&("gate", "yes")) {
        stages.extend([("review_gate", "party"), ("deputise", "deputy")]);
    } else {
        stages.push(("review", "party"));
    }
    for (mv, p) in stages {
        let [due, present, yes] = ["due", "present", "yes"].map(|k| format!("{p}_{k}"));
        let typed = [(due.as_str(), "6"), (present.as_str(), "6"), (yes.as_str(), "6")];
        clerk.post(&format!("/desk/matters/{id}/moves/{mv}"), &typed).await.is(303);
    }
    house.at(Time(house.app.now().0 + 4 * DAY_MS)).await;
    id
}

/// An open secret vote on a proposal; gives both numbers.
async fn voting(house: &House) -> (String, String) {
    let id = called(house, &[("forum", "reps")]).await;
    let mut clerk = house.signed_in("village.clerk", VILLAGE).await;
    let until = house.app.now().day().plus(3).to_string();
    let fields = [("rule", "reps"), ("secret", "yes"), ("until", &until), ("roll", ROLL)];
    let made = clerk.post(&format!("/desk/matters/{id}/ballots"), &fields).await.is(303);
    (id, made.to().rsplit('/').next().unwrap_or_default().to_owned())
}

#[tokio::test]
async fn a_vote_is_kept_by_its_posts_and_met_by_nobody_from_elsewhere() {
    let house = House::open().await;
    let (id, ballot) = voting(&house).await;
    let ballots: Vec<_> = Web::route_table().iter().filter(|(_, p)| p.starts_with("/desk/ballots/{id}")).collect();
    assert!(ballots.len() >= 5, "the votes' routes are in the table");
    let filled = |path: &str| path.replace("{id}", &ballot);
    let fields = [("reason", "试试"), ("v.1", "yes"), ("yes", "9")];
    for (post, seat) in [("village.clerk", SIBLING), ("village.secretary", ELSEWHERE), ("unit.handler", "unit.water")] {
        let mut stranger = house.signed_in(post, seat).await;
        for (method, path) in &ballots {
            let sheet = match *method {
                "POST" => stranger.post(&filled(path), &fields).await,
                _ => stranger.get(&filled(path)).await,
            };
            assert_eq!(sheet.status.as_u16(), 404, "{post}@{seat} {method} {path}");
            assert!(!sheet.has("试户1"));
        }
    }
    for (method, path) in &ballots {
        let mut nobody = house.villager();
        let sheet = match *method {
            "POST" => nobody.post(&filled(path), &fields).await,
            _ => nobody.get(&filled(path)).await,
        };
        assert!(sheet.status.as_u16() == 303 && sheet.to().starts_with("/sign-in"), "{method} {path}");
    }
    // Whoever only sees the matter sees the vote, no names and no codes, and changes nothing.
    let mut supervisor = house.signed_in("village.supervisor", VILLAGE).await;
    let seen = supervisor.get(&format!("/desk/ballots/{ballot}")).await.is(200);
    assert!(!seen.has("试户1"), "names are for those who keep the vote");
    for (method, path) in ballots.iter().filter(|(_, p)| *p != "/desk/ballots/{id}") {
        let sheet = match *method {
            "POST" => supervisor.post(&filled(path), &fields).await,
            _ => supervisor.get(&filled(path)).await,
        };
        assert!((400..500).contains(&sheet.status.as_u16()), "{method} {path}: {}", sheet.status);
        assert!(!sheet.has("试户1") && !sheet.has("/b/"), "{method} {path}");
    }
    let mut clerk = house.signed_in("village.clerk", VILLAGE).await;
    let kept = clerk.get(&format!("/desk/ballots/{ballot}")).await.is(200);
    assert!(kept.has("试户1") && !kept.has("19900000001"), "no number of an identity card or telephone is shown whole");
    // Too few: the refusal names the article, and nothing is counted.
    let short = clerk.post(&format!("/desk/ballots/{ballot}/close"), &[("yes", "0")]).await;
    assert!((400..500).contains(&short.status.as_u16()), "{}", short.status);
    assert!(short.has("第二十六条"), "{}", short.words());
    let matter = clerk.get(&format!("/desk/matters/{id}")).await.is(200);
    assert!(matter.has("待表决"));
}

#[tokio::test]
async fn the_register_prints_the_article_of_the_body_that_decides() {
    for (forum, article, gate, pages) in
        [("reps", "第二十六条", "no", 6), ("heads", "第二十二条", "no", 6), ("homes", "第二十二条", "yes", 7)]
    {
        let house = House::open().await;
        let id = called(&house, &[("forum", forum), ("gate", gate)]).await;
        let mut clerk = house.signed_in("village.clerk", VILLAGE).await;
        let register = clerk.get(&format!("/desk/matters/{id}/register")).await.is(200);
        assert!(register.has(article), "{forum}");
        assert_eq!(register.has("第二十六条"), forum == "reps", "{forum}");
        assert!(register.has(&format!("{pages}")), "{forum}");
        assert_eq!(register.text.matches("定向议事代表会议").count() > 0, gate == "yes", "{forum}");
    }
}

#[tokio::test]
async fn what_is_withdrawn_after_its_notice_says_so_in_public() {
    let house = House::open().await;
    let id = called(&house, &[("forum", "reps")]).await;
    let mut clerk = house.signed_in("village.clerk", VILLAGE).await;
    let path = format!("/desk/matters/{id}/moves");
    let drop = clerk.post(&format!("{path}/drop"), &[("reason", "不办了")]).await;
    assert!((400..500).contains(&drop.status.as_u16()), "silently it cannot go any more");
    clerk.post(&format!("{path}/withdraw"), &[("withdrawn_why", "资金没有落实，电话13900001111")]).await.is(303);
    let public = house.villager().get(&format!("/posted/{id}")).await.is(200);
    assert!(public.has("公告后撤回") && public.has("资金没有落实"), "{}", public.words());
    assert!(!public.has("13900001111"), "a number is covered before it is published");
    assert!(house.app.check_rebuild().await.expect("checked").fault.is_none());
}

#[tokio::test]
async fn a_stage_says_why_it_refuses_and_until_when_the_next_one_is_shut() {
    let house = House::open().await;
    let id = called(&house, &[("forum", "reps")]).await;
    let mut clerk = house.signed_in("village.clerk", VILLAGE).await;
    let (page, carry) = (format!("/desk/matters/{id}"), format!("/desk/matters/{id}/moves/carry_reps"));
    // Too few came: the rule is said beside the form, and nothing that was typed is lost.
    let few = [("vote_due", "30"), ("vote_present", "3"), ("vote_yes", "3"), ("decision", "同意换水管，水费不变")];
    clerk.post(&carry, &few).await.is(422).says(&["不足法定人数", "同意换水管，水费不变", "moves/carry_reps"]);
    let good = [("vote_due", "30"), ("vote_present", "28"), ("vote_yes", "25"), ("decision", "同意换水管，水费不变")];
    clerk.post(&carry, &good).await.is(303);
    // The decision has to stand for its days: what waits for them is told with the day, and is not offered.
    let stands = clerk.get(&page).await.is(200);
    stands.says(&["公告期满", "起可以办"]);
    assert!(!stands.has("moves/execute"));
    let shut = clerk.post(&format!("{page}/moves/execute"), &[("reason", "试试")]).await.is(422);
    shut.says(&["没有办成"]);
    house.at(Time(house.app.now().0 + 8 * DAY_MS)).await;
    let mut clerk = house.signed_in("village.clerk", VILLAGE).await;
    let over = clerk.get(&page).await.is(200);
    assert!(over.has("moves/execute") && !over.has("起可以办"));
}
