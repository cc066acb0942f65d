//! Many at once: beyond capacity whoever comes is told to come again, nobody who was told 「已提交」 is lost, and nobody
//! who tries again is there twice. No speed is asserted here; `xiangyue bench --burst` measures it.

use crate::support::villager::form;
use crate::support::{HEIGHTS, House, Sheet, Visitor};
use xiangyue_web::WebOptions;

/// Requests under way at once on a usual morning, in this small county.
const USUAL: usize = 8;
/// The burst that SCREENS and issue 3 speak of.
const TIMES: usize = 35;

/// A villager with a form open.
#[derive(Clone)]
struct Sender {
    visitor: Visitor,
    once: String,
}

impl Sender {
    async fn send(mut self) -> Sheet {
        let fields =
            [("once", self.once.as_str()), ("category", "lamp"), ("where", "三组小卖部南头"), ("words", "路灯不亮")];
        self.visitor.post(&form(), &fields).await
    }
}

async fn senders(house: &House) -> Vec<Sender> {
    let mut all = Vec::new();
    for n in 0..USUAL * TIMES {
        let last = u8::try_from(n % 250).expect("a part of an address");
        let net = u8::try_from(n / 250).expect("a part of an address");
        let mut visitor = house.villager().at([198, 51, net, last]);
        let once = visitor.get(&form()).await.is(200).hidden("once");
        all.push(Sender { visitor, once });
    }
    all
}

async fn all_at_once(senders: &[Sender]) -> Vec<Sheet> {
    let tasks: Vec<_> = senders.iter().map(|s| tokio::spawn(s.clone().send())).collect();
    let mut sheets = Vec::new();
    for task in tasks {
        sheets.push(task.await.expect("every request is answered"));
    }
    sheets
}

fn turned_away(sheet: &Sheet) -> bool {
    if sheet.status != 503 {
        return false;
    }
    let wait: u64 = sheet.header("retry-after").parse().expect("seconds to wait");
    assert!((1..=5).contains(&wait), "{wait} s");
    sheet.says(&["系统正忙", "再试"]);
    true
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_burst_loses_nothing_and_doubles_nothing() {
    let house = House::of(HEIGHTS, WebOptions { at_once: USUAL, ..WebOptions::default() }).await;
    let all = senders(&house).await;
    let (mut waiting, mut links, mut refused, mut rounds) = (all.clone(), Vec::new(), 0, 0);
    while !waiting.is_empty() {
        let sheets = all_at_once(&waiting).await;
        let mut again = Vec::new();
        for (sender, sheet) in waiting.into_iter().zip(sheets) {
            if turned_away(&sheet) {
                refused += 1;
                again.push(sender);
            } else {
                links.push(sheet.to().to_owned());
            }
        }
        assert_eq!(house.app.taken_in().await.expect("a count"), i64::try_from(links.len()).expect("few"));
        waiting = again;
        rounds += 1;
        assert!(rounds <= USUAL * TIMES, "each round lets somebody in");
    }
    assert!(refused > 0, "a burst of {TIMES} times the usual is more than there are places");
    let mut visitor = house.villager();
    for link in &links {
        visitor.get(link).await.is(200);
    }
    // Whoever did not see the answer sends again and finds the same receipt.
    for sender in all.iter().step_by(9) {
        assert!(links.contains(&sender.clone().send().await.to().to_owned()));
    }
    links.sort();
    links.dedup();
    assert_eq!(links.len(), USUAL * TIMES);
    assert_eq!(house.app.taken_in().await.expect("a count"), i64::try_from(links.len()).expect("few"));
}

#[tokio::test]
async fn behind_a_named_proxy_each_visitor_has_his_own_allowance() {
    let trusted_proxies = vec!["10.0.0.0/24".parse().expect("a network")];
    let house = House::of(HEIGHTS, WebOptions { trusted_proxies, ..WebOptions::default() }).await;
    let through = |proxy: [u8; 4], from: &str| {
        let mut visitor = house.villager().at(proxy);
        visitor.set_header("x-forwarded-for", from);
        visitor
    };
    let allowed = async |proxy: [u8; 4], from: &str| {
        let mut visitor = through(proxy, from);
        let once = visitor.get(&form()).await.is(200).hidden("once");
        Sender { visitor, once }.send().await.status.as_u16()
    };
    let mut sent = 0;
    while allowed([10, 0, 0, 5], "203.0.113.1").await == 303 {
        sent += 1;
        assert!(sent < 200, "one address has an allowance");
    }
    assert_eq!(allowed([10, 0, 0, 5], "203.0.113.2").await, 303, "a neighbour behind the same proxy");
    assert_eq!(allowed([10, 0, 0, 5], "198.51.100.7, 203.0.113.1").await, 429, "what stands before it is made up");
    assert_eq!(allowed([10, 0, 0, 6], "203.0.113.1, 10.0.0.5").await, 429, "over two proxies it is the same visitor");
    for n in 0..sent {
        assert_eq!(allowed([192, 0, 2, 7], &format!("203.0.114.{n}")).await, 303);
    }
    assert_eq!(allowed([192, 0, 2, 7], "203.0.115.1").await, 429, "a proxy that nobody named is one visitor");
}
