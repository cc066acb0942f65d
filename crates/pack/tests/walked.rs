//! The kinds of the packs carried through the real engine, with facts counted as they fall out: what the source
//! reports count must come out of the flows as they ship.

use serde_json::{Value, json};
use xiangyue_domain::day::{DAY_MS, Day, Time};
use xiangyue_domain::flow::{self, Ctx, MoveRequest, OpenRequest};
use xiangyue_domain::ids::{AccountId, MatterId, OrgId, RegionId, TermId};
use xiangyue_domain::matter::{Matter, Values, Who};
use xiangyue_domain::policy::{IndicatorSource, Level, Policy};
use xiangyue_domain::region::{FOREVER, Region, RegionEvent, RegionSpan};
use xiangyue_domain::register::{Account, Directory, Holder, Org, RegisterEvent, Term};
use xiangyue_pack::{PackFiles, RegionLine, load};

const COUNTY: &str = "991101000000";
const TOWN: &str = "991101100000";
const VILLAGE: &str = "991101100200";
const GRID: &str = "9911011002001001";

struct World {
    policy: Policy,
    directory: Directory,
    now: Time,
    next: i64,
}

impl World {
    fn new() -> World {
        let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/packs/heights");
        let loaded = PackFiles::at(&path).and_then(load).expect("the pack holds");
        let mut directory = Directory::default();
        directory.tree.apply(&RegionEvent::Added { regions: regions(&loaded.regions) });
        let root = RegionId(1);
        let orgs = loaded.policy.units.iter().zip(1000..).map(|(unit, id)| Org {
            id: OrgId(id),
            unit: unit.id.clone(),
            name: unit.name.clone(),
            short: unit.short.clone(),
            phone: unit.phone.clone(),
            order: id,
            region: root,
        });
        directory.apply(&RegisterEvent::OrgsAdded { orgs: orgs.collect() });
        // A Monday morning in a working week.
        let now = Day::ymd(2021, 3, 1).expect("a day").at_minute(9 * 60 + 30);
        World { policy: loaded.policy, directory, now, next: 10_000 }
    }

    fn ctx(&self) -> Ctx<'_> {
        Ctx { now: self.now, policy: &self.policy, directory: &self.directory }
    }

    fn id(&mut self) -> i64 {
        self.next += 1;
        self.next
    }

    fn place(&self, code: &str) -> RegionId {
        let of = |r: &&Region| r.spans.iter().any(|s| s.code == code);
        self.directory.tree.all().find(of).expect("a region of the pack").id
    }

    fn holder(&self, post: &str, seat: &str) -> Holder {
        let seat = match self.directory.unit(seat) {
            Some(org) => org.id.0,
            None => self.place(seat).0,
        };
        Holder { post: post.into(), seat }
    }

    /// Whoever holds a post at a seat; one person for each.
    fn who(&mut self, post: &str, seat: &str) -> Who {
        let holder = self.holder(post, seat);
        let held = self.directory.holders_of(&holder, self.now.day()).first().map(|a| a.id);
        let account = held.unwrap_or_else(|| self.hire(&holder));
        Who::Account { account, post: Some(holder) }
    }

    fn hire(&mut self, holder: &Holder) -> AccountId {
        let id = AccountId(self.id());
        let account = Account {
            id,
            login: holder.key(),
            name: String::new(),
            phone: String::new(),
            person: None,
            password: None,
            closed: false,
            demo: true,
        };
        let term = Term { id: TermId(self.id()), account: id, holder: holder.clone(), from: Day(0), to: FOREVER };
        self.directory.apply(&RegisterEvent::AccountsOpened { accounts: vec![account] });
        self.directory.apply(&RegisterEvent::TermsBegun { terms: vec![term] });
        id
    }

    fn open(&mut self, kind: &str, by: Who, place: &str, channel: &str, values: &[(&str, Value)]) -> Matter {
        let request = OpenRequest {
            kind: kind.into(),
            place: self.place(place),
            channel: channel.into(),
            values: values_of(values),
            ..OpenRequest::default()
        };
        self.open_as(by, request)
    }

    fn open_as(&mut self, by: Who, request: OpenRequest) -> Matter {
        let id = MatterId(self.id());
        let change = flow::open(self.ctx(), by, id, format!("N{id}"), request).expect("it opens");
        Matter::open(&change, 1).expect("it is an opening")
    }

    fn try_go(&self, matter: &mut Matter, by: Who, request: MoveRequest) -> Result<(), String> {
        let changes = flow::make_move(self.ctx(), matter, by, request, &mut || 0.into()).map_err(|r| r.key)?;
        matter.apply(&changes[0], matter.version() + 1);
        Ok(())
    }

    /// Makes a move with everything it requires; values given count, the rest is made up.
    fn go(&self, matter: &mut Matter, by: &Who, mv: &str, values: &[(&str, Value)]) {
        self.to(matter, by, mv, values, None);
    }

    fn to(&self, matter: &mut Matter, by: &Who, mv: &str, values: &[(&str, Value)], to: Option<Holder>) {
        let request = self.request(matter, mv, values, to);
        let step = matter.step.clone();
        let done = self.try_go(matter, by.clone(), request);
        assert_eq!(done, Ok(()), "{} in {step} of {}", mv, matter.kind);
    }

    fn refused(&self, matter: &mut Matter, by: &Who, mv: &str) -> String {
        let request = self.request(matter, mv, &[], None);
        self.try_go(matter, by.clone(), request).expect_err("refused")
    }

    fn request(&self, matter: &Matter, mv: &str, values: &[(&str, Value)], to: Option<Holder>) -> MoveRequest {
        let found = self.policy.kind(&matter.kind).and_then(|k| k.find_move(mv)).expect("a move of the kind");
        let given = |f: &&String| !values.iter().any(|(id, _)| id == f);
        let texts = found.require.iter().filter(given).cloned().collect();
        MoveRequest { mv: mv.into(), values: values_of(values), texts, to, ..MoveRequest::default() }
    }

    fn wait(&mut self, days: i64) {
        self.now = self.now.plus_ms(days * DAY_MS);
    }

    /// What the clock causes by now.
    fn tick(&self, matter: &mut Matter) {
        while matter.next_due().is_some_and(|due| due <= self.now) {
            let changes = flow::tick(self.ctx(), matter, &mut || 0.into()).expect("the clock is asked");
            matter.apply(changes.first().expect("something is due"), matter.version() + 1);
        }
    }

    /// An indicator's sum over these matters.
    fn sum(&self, indicator: &str, matters: &[Matter]) -> i64 {
        let found = self.policy.indicator(indicator).expect("an indicator of the pack");
        let IndicatorSource::Sum(measures) = &found.source else { panic!("{indicator} is no sum") };
        let wanted = |f: &&xiangyue_domain::fact::Fact| {
            measures.contains(&f.measure) && found.bucket.as_ref().is_none_or(|b| *b == f.bucket)
        };
        matters.iter().flat_map(|m| &m.facts).filter(wanted).map(|f| f.delta).sum()
    }

    fn sums(&self, matters: &[Matter], expected: &[(&str, i64)]) {
        for (indicator, value) in expected {
            assert_eq!(self.sum(indicator, matters), *value, "{indicator}");
        }
    }

    fn rate(&self, indicator: &str, matters: &[Matter]) -> f64 {
        let found = self.policy.indicator(indicator).expect("an indicator of the pack");
        let IndicatorSource::Rate { over, under } = &found.source else { panic!("{indicator} is no rate") };
        let of = |list: &Vec<String>| -> i64 {
            matters.iter().flat_map(|m| &m.facts).filter(|f| list.contains(&f.measure)).map(|f| f.delta).sum()
        };
        let hundredths = of(over) * 10_000 / of(under).max(1);
        f64::from(i32::try_from(hundredths).expect("a rate")) / 100.0
    }

    /// A measure's sum, where no indicator shows it.
    fn measure(&self, measure: &str, bucket: &str, matters: &[Matter]) -> i64 {
        let wanted =
            |f: &&xiangyue_domain::fact::Fact| f.measure == measure && (bucket.is_empty() || f.bucket == bucket);
        matters.iter().flat_map(|m| &m.facts).filter(wanted).map(|f| f.delta).sum()
    }
}

fn values_of(values: &[(&str, Value)]) -> Values {
    values.iter().map(|(id, value)| ((*id).to_owned(), value.clone())).collect()
}

fn regions(lines: &[RegionLine]) -> Vec<Region> {
    let id =
        |code: &str| lines.iter().position(|l| l.code == code).map(|i| RegionId(i64::try_from(i).unwrap_or(0) + 1));
    let region = |line: &RegionLine| Region {
        id: id(&line.code).expect("its own line"),
        level: line.level,
        order: 0,
        spans: vec![RegionSpan {
            from: line.from,
            to: FOREVER,
            code: line.code.clone(),
            name: line.name.clone(),
            display: line.display.clone(),
            parent: id(&line.parent),
        }],
        successors: Vec::new(),
        simulated: line.simulated,
    };
    lines.iter().map(region).collect()
}

fn category(code: &str) -> (&'static str, Value) {
    ("category", json!(code))
}

fn very() -> [(&'static str, Value); 2] {
    [("solved", json!("yes")), ("satisfied", json!("very"))]
}

#[test]
fn hotline_order_passed_on_handed_back_and_called_back() {
    let mut w = World::new();
    let desk = w.who("county.dispatcher", COUNTY);
    let caller = w.who("county.callback", COUNTY);
    let water = w.who("unit.handler", "unit.water");
    let town = w.who("town.dispatcher", TOWN);
    let mut m =
        w.open("hotline", desk.clone(), VILLAGE, "upper", &[category("water.outage"), ("upper_no", json!("WZ-1"))]);
    assert_eq!(m.holder, desk.post().cloned());
    assert_eq!(m.values["urgency"], "urgent");
    assert!(m.clocks.iter().any(|c| c.id == "respond_urgent") && !m.clocks.iter().any(|c| c.id == "respond"));
    w.go(&mut m, &desk, "dispatch", &[]);
    assert_eq!(m.holder, Some(w.holder("unit.handler", "unit.water")));
    w.go(&mut m, &water, "hand_back", &[]);
    assert_eq!(m.step, "accepted");
    w.to(&mut m, &desk, "dispatch_to", &[], town.post().cloned());
    w.go(&mut m, &town, "sign", &[]);
    w.go(&mut m, &town, "reply", &[]);
    assert_eq!((m.step.as_str(), m.level_done), ("answered", Some(Level::Town)));
    assert_eq!(m.holder, caller.post().cloned());
    w.go(&mut m, &caller, "redo", &[]);
    assert_eq!(m.holder, town.post().cloned());
    w.go(&mut m, &town, "reply", &[]);
    w.go(&mut m, &caller, "call_back", &very());
    assert_eq!(w.refused(&mut m, &caller, "redo"), "move_not_here");
    w.wait(61);
    w.tick(&mut m);
    assert_eq!(m.step, "closed", "an order from above waits for its reply to go back");
    w.go(&mut m, &desk, "fill_back", &[]);
    assert_eq!(w.refused(&mut m, &desk, "fill_back"), "not_now");
    assert_eq!(w.refused(&mut m, &desk, "reopen"), "window_over");
    let all = [m];
    w.sums(
        &all,
        &[
            ("hotline.accepted", 1),
            ("hotline.closed", 1),
            ("hotline.closed_now", 1),
            ("hotline.dispatched", 1),
            ("hotline.direct", 0),
            ("hotline.handed_back", 1),
            ("hotline.redone", 1),
            ("hotline.urgent", 1),
            ("hotline.upper", 1),
            ("hotline.intakes_upper", 1),
            ("hotline.intakes_own", 0),
        ],
    );
    for rate in ["hotline.close_rate", "hotline.satisfaction_rate", "hotline.callback_rate", "hotline.upper_reply_rate"]
    {
        assert_eq!(w.rate(rate, &all), 100.0, "{rate}");
    }
    assert_eq!(w.measure("hotline.closed_by_level", "town", &all), 1);
}

#[test]
fn hotline_order_answered_directly_refused_or_opened_again() {
    let mut w = World::new();
    let desk = w.who("county.dispatcher", COUNTY);
    let caller = w.who("county.callback", COUNTY);
    let mut direct = w.open("hotline", desk.clone(), COUNTY, "12345", &[category("consult.policy")]);
    w.go(&mut direct, &desk, "answer_directly", &[]);
    assert_eq!(w.refused(&mut direct, &caller, "redo"), "not_now");
    w.go(&mut direct, &caller, "redo_direct", &[]);
    w.go(&mut direct, &desk, "dispatch", &[]);
    assert_eq!(w.sum("hotline.direct", std::slice::from_ref(&direct)), 0);
    assert_eq!(w.sum("hotline.dispatched", std::slice::from_ref(&direct)), 1);

    let mut again = w.open("hotline", desk.clone(), COUNTY, "12345", &[category("consult.hours")]);
    w.go(&mut again, &desk, "answer_directly", &[]);
    w.go(&mut again, &caller, "call_back", &very());
    w.wait(2);
    w.go(&mut again, &Who::Reporter, "reopen", &[]);
    w.sums(std::slice::from_ref(&again), &[("hotline.closed", 0), ("hotline.closed_now", 1), ("hotline.reopened", 1)]);
    assert_eq!(w.rate("hotline.close_rate", std::slice::from_ref(&again)), 0.0);

    let mut refused = w.open("hotline", desk.clone(), COUNTY, "12345", &[category("consult")]);
    w.go(&mut refused, &desk, "refuse", &[]);
    w.sums(&[refused], &[("hotline.accepted", 0), ("hotline.closed", 0), ("hotline.refused", 1)]);
}

#[test]
fn whoever_handled_an_order_does_not_call_back() {
    let mut w = World::new();
    let desk = w.who("county.dispatcher", COUNTY);
    let Who::Account { account, .. } = desk.clone() else { panic!("an account") };
    let post = w.holder("county.callback", COUNTY);
    let term = Term { id: TermId(w.id()), account, holder: post.clone(), from: Day(0), to: FOREVER };
    w.directory.apply(&RegisterEvent::TermsBegun { terms: vec![term] });
    let mut m = w.open("hotline", desk.clone(), COUNTY, "12345", &[category("consult")]);
    w.go(&mut m, &desk, "answer_directly", &[]);
    let same = Who::Account { account, post: Some(post) };
    let request = w.request(&m, "call_back", &very(), None);
    assert_eq!(w.try_go(&mut m, same, request), Err("own_work".to_owned()));
}

#[test]
fn overdue_orders_rise_to_the_person_on_duty() {
    let mut w = World::new();
    let desk = w.who("county.dispatcher", COUNTY);
    let mut m = w.open("hotline", desk, VILLAGE, "12345", &[category("power.outage")]);
    w.now = w.now.plus_ms(2 * 3_600_000 + 1);
    w.tick(&mut m);
    assert!(m.watchers.contains(&w.holder("county.duty", COUNTY)));
    w.now = w.now.plus_ms(3_600_000);
    w.tick(&mut m);
    assert!(m.watchers.contains(&w.holder("county.office", COUNTY)));
}

#[test]
fn a_limit_from_above_rules() {
    let mut w = World::new();
    let desk = w.who("county.dispatcher", COUNTY);
    let due = Day::ymd(2021, 3, 3).expect("a day");
    let values = [category("road.county"), ("upper_no", json!("WZ-2")), ("upper_due", json!(due.0))];
    let mut m = w.open("hotline", desk.clone(), VILLAGE, "upper", &values);
    w.go(&mut m, &desk, "dispatch", &[]);
    let clock = m.clocks.iter().find(|c| c.id == "handle").expect("a clock");
    assert_eq!(clock.due, due.at_minute(18 * 60));
    let mut own = w.open("hotline", desk.clone(), VILLAGE, "12345", &[category("road.county")]);
    w.go(&mut own, &desk, "dispatch", &[]);
    let clock = own.clocks.iter().find(|c| c.id == "handle").expect("a clock");
    assert_eq!(clock.due, Day::ymd(2021, 3, 8).expect("a day").at_minute(18 * 60));
}

#[test]
fn a_lamp_reported_by_code_is_mended_in_the_village() {
    let mut w = World::new();
    let secretary = w.who("village.secretary", VILLAGE);
    let clerk = w.who("village.clerk", VILLAGE);
    let grid = w.who("grid.worker", GRID);
    let mut m = w.open("report", Who::Reporter, GRID, "", &[category("lamp")]);
    assert_eq!((m.holder.clone(), m.channel()), (secretary.post().cloned(), "code"));
    w.go(&mut m, &clerk, "accept", &[]);
    w.to(&mut m, &clerk, "assign_grid", &[], grid.post().cloned());
    w.go(&mut m, &grid, "solve", &[]);
    w.go(&mut m, &Who::Reporter, "not_solved", &[]);
    assert_eq!((m.step.as_str(), m.holder.clone()), ("handling", grid.post().cloned()));
    w.go(&mut m, &grid, "solve", &[]);
    w.go(&mut m, &Who::Reporter, "confirm", &[]);
    w.go(&mut m, &Who::Reporter, "rate", &[("satisfied", json!("very"))]);
    assert_eq!(w.refused(&mut m, &Who::Reporter, "rate"), "not_now");

    let mut silent = w.open("report", Who::Reporter, VILLAGE, "", &[category("road")]);
    w.go(&mut silent, &secretary, "solve", &[]);
    w.wait(8);
    w.tick(&mut silent);
    assert_eq!(silent.step, "closed");
    w.go(&mut silent, &Who::Reporter, "reopen", &[]);
    assert_eq!(silent.holder, secretary.post().cloned());
    w.go(&mut silent, &secretary, "solve", &[]);
    w.wait(68);
    w.tick(&mut silent);
    w.wait(61);
    w.tick(&mut silent);
    assert_eq!(silent.step, "archived");

    let mut back = w.open("report", Who::Reporter, VILLAGE, "", &[category("waste")]);
    w.go(&mut back, &Who::Reporter, "withdraw", &[]);
    let all = [m, silent, back];
    w.sums(
        &all,
        &[
            ("report.accepted", 2),
            ("report.closed", 2),
            ("report.closed_grid", 1),
            ("report.closed_village", 1),
            ("report.closed_town", 0),
            ("report.not_solved", 1),
            ("report.reopened", 1),
            ("report.closed_now", 3),
            ("local.closed", 2),
        ],
    );
    assert_eq!(w.rate("local.close_rate", &all), 100.0);
    assert_eq!(w.rate("report.satisfaction_rate", &all), 100.0);
    assert_eq!(w.rate("report.rated_share", &all), 50.0);
}

#[test]
fn a_report_rises_with_its_reason_or_passes_the_village_over() {
    let mut w = World::new();
    let secretary = w.who("village.secretary", VILLAGE);
    let town = w.who("town.dispatcher", TOWN);
    let desk = w.who("county.dispatcher", COUNTY);
    let water = w.who("unit.handler", "unit.water");
    let mut m = w.open("report", Who::Reporter, VILLAGE, "", &[category("water")]);
    let bare = MoveRequest { mv: "raise".into(), ..MoveRequest::default() };
    assert_eq!(w.try_go(&mut m, secretary.clone(), bare), Err("form".to_owned()));
    w.go(&mut m, &secretary, "raise", &[]);
    w.go(&mut m, &town, "raise", &[]);
    assert_eq!(m.holder, desk.post().cloned());
    let unit = water.post().cloned();
    w.to(&mut m, &desk, "assign_unit", &[], unit.clone());
    w.go(&mut m, &water, "hand_back_unit", &[]);
    w.to(&mut m, &desk, "assign_unit", &[], unit);
    w.go(&mut m, &water, "solve", &[]);
    w.go(&mut m, &town, "call_back", &very());
    w.sums(&[m], &[("report.closed_county", 1), ("local.closed", 0), ("report.raised", 1)]);

    let place = w.place(VILLAGE);
    let request = OpenRequest {
        kind: "report".into(),
        place,
        values: values_of(&[category("subsidy")]),
        bypass: true,
        ..OpenRequest::default()
    };
    let mut over = w.open_as(Who::Reporter, request);
    assert_eq!(over.holder, town.post().cloned());
    assert_eq!(w.refused(&mut over, &town, "hand_down"), "not_now");
}

#[test]
fn grid_events_are_solved_on_the_spot_or_checked_by_another() {
    let mut w = World::new();
    let grid = w.who("grid.worker", GRID);
    let town = w.who("town.dispatcher", TOWN);
    let secretary = w.who("village.secretary", VILLAGE);
    let mut here = w.open("grid_event", grid.clone(), GRID, "patrol", &[category("env.pile")]);
    assert_eq!(here.holder, grid.post().cloned());
    w.go(&mut here, &grid, "solve_here", &[]);
    let mut up = w.open("grid_event", grid.clone(), GRID, "patrol", &[category("env.waste")]);
    w.go(&mut up, &grid, "send_up", &[]);
    assert_eq!(up.holder, secretary.post().cloned());
    w.go(&mut up, &secretary, "raise", &[]);
    w.go(&mut up, &town, "sign", &[]);
    w.go(&mut up, &town, "solve", &[]);
    assert_eq!(w.refused(&mut up, &town, "verify"), "own_work");
    w.go(&mut up, &grid, "verify", &[]);
    let all = [here, up];
    w.sums(
        &all,
        &[("grid_event.accepted", 2), ("grid_event.closed", 2), ("grid_event.solved_here", 1), ("local.closed", 1)],
    );
    assert_eq!(w.rate("local.close_rate", &all), 50.0);
}

#[test]
fn disputes_come_in_by_five_channels() {
    let mut w = World::new();
    let police = w.who("unit.handler", "unit.police");
    let secretary = w.who("village.secretary", VILLAGE);
    let mediator = w.who("town.mediator", TOWN);
    let mut all = Vec::new();
    for channel in ["public", "procuratorate", "legalaid", "visit", "court"] {
        let risk = if channel == "public" { "criminal" } else { "none" };
        let values = [category("neighbour.wall"), ("risk", json!(risk))];
        let mut m = w.open("dispute", police.clone(), VILLAGE, channel, &values);
        assert_eq!(m.holder, secretary.post().cloned());
        w.go(&mut m, &secretary, "accept", &[]);
        match channel {
            "visit" => {
                w.go(&mut m, &secretary, "raise", &[]);
                w.go(&mut m, &mediator, "mediate", &[]);
                w.go(&mut m, &mediator, "fail", &[]);
                w.go(&mut m, &mediator, "transfer", &[("receiver", json!("court"))]);
            }
            "court" => {}
            _ => w.go(&mut m, &secretary, "resolve", &[("agreement", json!("written"))]),
        }
        all.push(m);
    }
    let mut gone = w.open("dispute", police, VILLAGE, "direct", &[category("loan.private")]);
    assert_eq!(gone.holder, mediator.post().cloned());
    w.go(&mut gone, &mediator, "withdraw", &[]);
    all.push(gone);
    w.sums(
        &all,
        &[
            ("dispute.accepted", 5),
            ("dispute.resolved", 3),
            ("dispute.from_public", 1),
            ("dispute.from_visit", 1),
            ("dispute.from_direct", 0),
            ("dispute.failed", 0),
            ("dispute.transferred", 1),
            ("dispute.risk_averted", 1),
        ],
    );
    assert_eq!(w.rate("dispute.resolve_rate", &all), 60.0);
    w.go(&mut all[0], &mediator, "reopen", &[]);
    assert_eq!(w.rate("dispute.resolve_rate", &all), 40.0);
}

#[test]
fn legal_aid_counts_money_in_cents_and_people() {
    let mut w = World::new();
    let aid = w.who("county.aid", COUNTY);
    let mut m = w.open("aid", aid.clone(), VILLAGE, "counter", &[category("wage")]);
    w.go(&mut m, &aid, "accept", &[]);
    w.go(&mut m, &aid, "assign_lawyer", &[]);
    let closing = [("outcome", json!("mediated")), ("recovered", json!(2_350_000)), ("beneficiaries", json!(7))];
    w.go(&mut m, &aid, "close", &closing);
    let mut no = w.open("aid", aid.clone(), VILLAGE, "counter", &[category("land")]);
    w.go(&mut no, &aid, "refuse", &[]);
    let told = w.open("advice", aid, COUNTY, "phone", &[category("family"), ("beneficiaries", json!(2))]);
    w.sums(
        &[m, no, told],
        &[
            ("aid.accepted", 1),
            ("aid.closed", 1),
            ("aid.recovered", 2_350_000),
            ("aid.beneficiaries", 9),
            ("advice.count", 1),
        ],
    );
}

#[test]
fn a_visit_is_one_step() {
    let mut w = World::new();
    let grid = w.who("grid.worker", GRID);
    let mut all = Vec::new();
    for state in ["fine", "help", "nobody"] {
        all.push(w.open("visit", grid.clone(), GRID, "visit", &[category("elder"), ("state", json!(state))]));
    }
    assert!(all.iter().all(|m| m.next_due().is_none()));
    w.sums(&all, &[("visit.count", 2), ("visit.help", 1)]);
}

/// S0-25 counts difficulties solved (件), S0-29 occasions of help (次): one difficulty, helped with three times.
#[test]
fn s0_difficulties_count_by_matter_and_help_by_occasion() {
    let mut w = World::new();
    let secretary = w.who("village.secretary", VILLAGE);
    let unit = w.who("unit.handler", "unit.housing");
    let mut m = w.open("difficulty", secretary.clone(), VILLAGE, "visit", &[category("life.house")]);
    w.to(&mut m, &secretary, "assign_to", &[], unit.post().cloned());
    for _ in 0..3 {
        w.go(&mut m, &unit, "help", &[]);
    }
    w.go(&mut m, &unit, "solve", &[("households", json!(4))]);
    let all = [m];
    w.sums(&all, &[("heights.difficulty_solved", 1), ("heights.difficulty_helped", 3), ("difficulty.households", 4)]);
}

/// S3-49..52: 140 taken in, 118 closed in the village, 22 in the township, none left.
#[test]
fn s3_complaint_points_keep_the_level_of_closing() {
    let mut w = World::new();
    let clerk = w.who("village.clerk", VILLAGE);
    let secretary = w.who("village.secretary", VILLAGE);
    let town = w.who("town.dispatcher", TOWN);
    let mut all = Vec::new();
    for n in 0..140 {
        let mut m = w.open("point", clerk.clone(), VILLAGE, "counter", &[category("road")]);
        let mut by = &secretary;
        if n < 22 {
            w.go(&mut m, &secretary, "raise", &[]);
            by = &town;
        }
        let handler = if n < 22 { &town } else { &clerk };
        w.to(&mut m, by, "name_handler", &[], handler.post().cloned());
        w.go(&mut m, handler, "close", &[]);
        all.push(m);
    }
    w.sums(
        &all,
        &[("heights.point_accepted", 140), ("heights.point_closed_village", 118), ("heights.point_closed_town", 22)],
    );
    assert_eq!(w.rate("heights.point_close_rate", &all), 100.0);
    assert_eq!(w.measure("point.accepted", "village", &all), 140);
}

/// S4-25: found = resolved + handed over, with those kept from turning into a breach of the peace or a crime.
#[test]
fn s4_police_screening_resolves_or_hands_over() {
    let mut w = World::new();
    let officer = w.who("village.police", VILLAGE);
    let mut all = Vec::new();
    for n in 0..1_000 {
        let risk = ["none", "security", "criminal"][usize::from(n < 48) + usize::from(n < 5)];
        let values = [category("neighbour"), ("risk", json!(risk))];
        let mut m = w.open("police_dispute", officer.clone(), VILLAGE, "patrol", &values);
        if n >= 990 {
            w.go(&mut m, &officer, "transfer", &[("receiver", json!("party"))]);
        } else {
            w.go(&mut m, &officer, "resolve", &[]);
        }
        all.push(m);
    }
    w.sums(
        &all,
        &[
            ("heights.police_found", 1_000),
            ("heights.police_resolved", 990),
            ("heights.police_transferred", 10),
            ("heights.police_prevented", 48),
        ],
    );
    assert_eq!(w.measure("police.prevented", "criminal", &all), 5);
}
