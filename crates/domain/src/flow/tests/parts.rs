//! Matters below a matter: opened for whoever is chosen, with the words handed down; the one above waits for them and
//! goes on by itself when all are done.

use super::fixture::{COUNTY, Kept, UNITS, VILLAGES, World, draw, holder};
use crate::flow::{self, MoveRequest};
use crate::matter::{Change, Values};
use crate::policy::Phase;
use crate::refusal::Refusal;
use crate::register::Holder;

/// An order in the hands of a village, with two others called in.
fn called_in(w: &mut World, to: &[Holder]) -> Result<Kept, Refusal> {
    let mut m = w.report(VILLAGES[0], "lamp");
    m.matter.secrets.push((1, "words".into()));
    let secretary = w.who("secretary", VILLAGES[0].0);
    w.go(&mut m, &secretary, "take", None).expect("taken");
    let request = MoveRequest {
        mv: "call_in".into(),
        secret: Some("what is asked".into()),
        parts: to.to_vec(),
        ..MoveRequest::default()
    };
    let mut next = w.next;
    let changes = flow::make_move(w.ctx(), &m.matter, secretary, request, &mut draw(&mut next))?;
    w.next = next;
    for change in changes {
        if change.matter == m.matter.id {
            m.take(50, change);
        } else {
            let matter = crate::matter::Matter::open(&change, 50).expect("an opening");
            w.opened.push(Kept { matter, changes: vec![(50, change)] });
        }
    }
    Ok(m)
}

fn finish(w: &mut World, nth: usize, parent: &mut Kept) -> Vec<Change> {
    let mut part = w.opened.remove(nth);
    let who = part.matter.holder.clone().expect("somebody has it");
    let by = w.who(&who.post, who.seat);
    let request = MoveRequest { mv: "finish".into(), texts: vec!["said".into()], ..MoveRequest::default() };
    let mut next = w.next;
    let done = flow::make_move(w.ctx(), &part.matter, by, request, &mut draw(&mut next)).expect("done");
    part.take(60, done.into_iter().next().expect("its own change"));
    let moved = flow::part_moved(w.ctx(), &parent.matter, &part.matter, &mut draw(&mut next)).expect("taken in");
    w.next = next;
    for change in &moved {
        parent.take(60, change.clone());
    }
    w.opened.insert(nth, part);
    moved
}

#[test]
fn those_chosen_have_a_matter_each_and_the_one_above_waits_for_all() {
    let mut w = World::new();
    let both = [holder("handler", UNITS[0].0), holder("secretary", VILLAGES[1].0)];
    let refused = called_in(&mut w, &[holder("mayor", 11)]).expect_err("no candidate");
    assert_eq!(refused.fields[0].field, "parts");
    assert!(called_in(&mut w, &[]).is_err(), "somebody has to be chosen");
    let mut m = called_in(&mut w, &both[..1]).expect("called in");
    assert_eq!(m.matter.step, "joint");
    assert_eq!(m.matter.parts.len(), 1);
    assert_eq!(m.matter.watchers, [holder("office", COUNTY.0)], "the office is told");
    let part = &w.opened[0].matter;
    assert_eq!(part.parent, Some(m.matter.id));
    assert_eq!(part.number, format!("{}-1", m.matter.number));
    assert_eq!(part.holder, Some(both[0].clone()));
    assert_eq!(part.values["category"], "lamp", "handed down");
    assert_eq!(part.secrets.iter().map(|(_, s)| s.as_str()).collect::<Vec<_>>(), ["what is asked", "words"]);
    assert_eq!(part.facts.len(), 1, "a part is counted as one");
    let version = m.matter.version();
    let moved = finish(&mut w, 0, &mut m);
    assert_eq!(moved.len(), 2, "the news, and the joining move");
    assert_eq!((m.matter.step.as_str(), m.matter.parts[0].phase), ("handling", Phase::Closed));
    assert_eq!(m.matter.version(), version + 1, "news alone makes no page stale");
    assert_eq!(m.replayed().parts, m.matter.parts);
}

#[test]
fn whoever_has_the_order_assists_nobody_with_it() {
    let mut w = World::new();
    let refused = called_in(&mut w, &[holder("secretary", VILLAGES[0].0)]).expect_err("it leads already");
    assert_eq!((refused.fields[0].field.as_str(), refused.fields[0].key.as_str()), ("parts", "leads_already"));
    assert!(!refused.fields[0].args[0].1.is_empty(), "the unit is named");
}

#[test]
fn a_matter_taken_back_takes_those_below_it_along() {
    let mut w = World::new();
    let mut m = called_in(&mut w, &[holder("handler", UNITS[0].0)]).expect("called in");
    let secretary = w.who("secretary", VILLAGES[0].0);
    let texts = vec!["reply".to_owned(), "days".to_owned()];
    let request = MoveRequest { mv: "let_go".into(), texts, secret: Some("why".into()), ..MoveRequest::default() };
    let mut next = w.next;
    let made = flow::make_move(w.ctx(), &m.matter, secretary.clone(), request, &mut draw(&mut next)).expect("let go");
    assert_eq!(flow::takes_back(&w.policy, &m.matter).len(), 1);
    m.take(70, made[0].clone());
    let mut part = w.opened.remove(0);
    let taken = flow::taken_back(w.ctx(), &m.matter, &made[0], &part.matter).expect("no fault").expect("taken back");
    assert_eq!(
        (&taken.by, taken.secret.as_deref(), &taken.texts[..]),
        (&made[0].by, Some("why"), &["reply".into()][..])
    );
    assert_eq!(taken.told, [holder("handler", UNITS[0].0)], "whoever had it hears of it");
    part.take(70, taken);
    assert_eq!((part.matter.step.as_str(), &part.matter.holder), ("dropped", &None));
    assert!(part.matter.clocks.iter().all(|c| c.stopped.is_some()), "no clock runs on");
    assert_eq!(part.replayed(), part.matter);
    let news = flow::part_moved(w.ctx(), &m.matter, &part.matter, &mut draw(&mut next)).expect("taken in");
    m.take(70, news[0].clone());
    assert_eq!(m.matter.parts_open(), 0);
    assert!(flow::takes_back(&w.policy, &m.matter).is_empty());
    // One that has ended stays as it is.
    assert_eq!(flow::taken_back(w.ctx(), &m.matter, &made[0], &part.matter), Ok(None));
}

#[test]
fn one_of_two_is_not_all() {
    let mut w = World::new();
    let mut m = called_in(&mut w, &[holder("handler", UNITS[0].0)]).expect("called in");
    let second = crate::matter::Part { id: crate::ids::MatterId(7), ..m.matter.parts[0].clone() };
    m.matter.parts.push(second);
    assert_eq!(finish(&mut w, 0, &mut m).len(), 1);
    assert_eq!(m.matter.step, "joint");
}

#[test]
fn what_is_required_may_depend_on_the_answer() {
    let mut w = World::new();
    let mut m = w.report(VILLAGES[0], "lamp");
    let secretary = w.who("secretary", VILLAGES[0].0);
    w.go(&mut m, &secretary, "take", None).expect("taken");
    let said = |answer: &str, texts: &[&str]| MoveRequest {
        mv: "explain".into(),
        values: Values::from([("satisfied".into(), answer.into())]),
        texts: texts.iter().map(|t| (*t).to_owned()).collect(),
        ..MoveRequest::default()
    };
    let go = |request| flow::make_move(w.ctx(), &m.matter, secretary.clone(), request, &mut || 1.into());
    assert!(go(said("yes", &[])).is_ok());
    assert_eq!(go(said("no", &[])).expect_err("why?").fields[0].field, "reply");
    assert!(go(said("no", &["reply"])).is_ok());
    // A figure that belongs to the other answer is left out.
    let with = |answer: &str| {
        let mut request = said(answer, &["reply"]);
        request.values.insert("households".into(), 3.into());
        go(request).expect("said").remove(0).values.get("households").cloned()
    };
    assert_eq!((with("no"), with("yes")), (Some(3.into()), None));
}

#[test]
fn a_notice_has_to_run_out_first() {
    let mut w = World::new();
    let mut m = w.report(VILLAGES[0], "lamp");
    let secretary = w.who("secretary", VILLAGES[0].0);
    w.go(&mut m, &secretary, "take", None).expect("taken");
    let refused = w.go(&mut m, &secretary, "post_up", None).expect_err("three days of notice");
    assert_eq!((refused.key.as_str(), refused.args[1].1.as_str()), ("too_early", "2021-03-04"));
    assert!(
        flow::offered(w.ctx(), &m.matter, secretary.account().expect("an account")).iter().all(|o| o.id != "post_up")
    );
    w.wait_hours(72);
    w.go(&mut m, &secretary, "post_up", None).expect("it has run out");
}

#[test]
fn the_rule_of_the_body_decides_a_vote() {
    let mut w = World::new();
    let mut m = w.report(VILLAGES[0], "lamp");
    let secretary = w.who("secretary", VILLAGES[0].0);
    w.go(&mut m, &secretary, "take", None).expect("taken");
    let vote = |mv: &str, numbers: [i64; 3]| {
        let named = ["due_heads", "heads", "ayes"].into_iter().zip(numbers);
        let values = named.map(|(f, n)| (f.to_owned(), n.into())).collect();
        let request = MoveRequest { mv: mv.into(), values, ..MoveRequest::default() };
        flow::make_move(w.ctx(), &m.matter, secretary.clone(), request, &mut || 1.into()).map_err(|r| r.key)
    };
    assert!(vote("carry_vote", [30, 20, 11]).is_ok());
    assert_eq!(vote("carry_vote", [30, 20, 10]).expect_err("not more than half"), "not_carried");
    assert!(vote("lose_vote", [30, 20, 10]).is_ok());
    assert_eq!(vote("lose_vote", [30, 20, 11]).expect_err("it was carried"), "carried");
    for mv in ["carry_vote", "lose_vote"] {
        assert_eq!(vote(mv, [30, 19, 19]).expect_err("too few are there"), "no_quorum");
        assert_eq!(vote(mv, [30, 31, 9]).expect_err("more than all"), "form");
    }
}

#[test]
fn rows_of_a_list_are_counted_each() {
    let mut w = World::new();
    let mut m = w.report(VILLAGES[0], "lamp");
    let secretary = w.who("secretary", VILLAGES[0].0);
    w.go(&mut m, &secretary, "take", None).expect("taken");
    let rows =
        serde_json::json!([{"class": "cash", "amount": 5}, {"class": "goods", "amount": 7}, {"class": "cash"}, {}]);
    let values = Values::from([("people".to_owned(), rows)]);
    let request = MoveRequest { mv: "list_people".into(), values, ..MoveRequest::default() };
    let changes = flow::make_move(w.ctx(), &m.matter, secretary, request, &mut || 1.into()).expect("listed");
    m.take(99, changes.into_iter().next().expect("its own change"));
    let cash: Vec<(i64, &str)> =
        m.matter.facts.iter().filter(|f| f.measure == "order.cash").map(|f| (f.delta, f.bucket.as_str())).collect();
    assert_eq!(cash, [(5, "cash")]);
    w.holds(&m);
}
