//! A county of two villages with a shop each, three households, and rules of every shape.

use crate::day::{Day, Time};
use crate::flow::Ctx;
use crate::ids::{AccountId, PartyId, RegionId, TermId, TransferId};
use crate::ledger::{
    About, AccountKey, Award, Book, Home, How, LedgerEvent, Party, PriceVersion, Record, Request, Stock, Trade, Wants,
    carry_out, decide, wants,
};
use crate::matter::Who;
use crate::policy::{Cap, Legal, Level, Per, PointsRule, Policy, PostKind};
use crate::refusal::Refusal;
use crate::region::{FOREVER, Region, RegionEvent, RegionSpan};
use crate::register::{Account, Directory, Holder, RegisterEvent, Term};

pub const COUNTY: RegionId = RegionId(1);
pub const TOWN: RegionId = RegionId(11);
pub const VILLAGES: [RegionId; 2] = [RegionId(111), RegionId(112)];
pub const HOMES: [Home; 3] = [
    Home { id: 501, place: RegionId(111) },
    Home { id: 502, place: RegionId(111) },
    Home { id: 503, place: RegionId(112) },
];
pub const CLERK: AccountId = AccountId(9001);
pub const KEEPER: AccountId = AccountId(9002);
pub const OTHER_KEEPER: AccountId = AccountId(9003);

const RULES: &str = r#"
[[unit]]
id = "good"
name = "积善"
group = "points"
word = "分"
lasts = "60d"
expire = "lapse"

[[unit]]
id = "work"
name = "积勤"
group = "points"
word = "分"
until = "12-31"
expire = "lapse"

[[unit]]
id = "fen"
name = "钱"
group = "money"

[[unit]]
id = "soap"
name = "肥皂"
group = "goods"
word = "块"

[[unit]]
id = "bottles"
name = "废塑料"
group = "goods"
word = "克"

[[unit]]
id = "haircut"
name = "理发"
group = "services"

[[account]]
id = "home"
name = "农户积分"
owner = "household"
units = ["points"]
lots = true

[[account]]
id = "pool"
name = "村积分池"
owner = "village"
units = ["points"]
below_zero = true

[[account]]
id = "taken"
name = "已兑换"
owner = "party"
units = ["points"]
below_zero = true

[[account]]
id = "stock"
name = "库存"
owner = "party"
units = ["goods"]

[[account]]
id = "outside"
name = "县外"
owner = "county"
units = ["goods", "money"]
below_zero = true

[[account]]
id = "budget"
name = "兑换经费"
owner = "village"
units = ["money"]

[[account]]
id = "spent"
name = "已用经费"
owner = "party"
units = ["money"]

[[party]]
id = "shop"
name = "积分超市"
by = ["clerk"]

[[party]]
id = "bank"
name = "银行"
by = ["clerk"]

[[transfer]]
id = "award"
name = "积分入账"
purpose = "award"
flows = [{ from = "pool", to = "home", of = "points" }]
by = ["clerk"]
reverse_by = ["clerk"]
basis = "村民会议2020年第1号决议"

[[transfer]]
id = "trade"
name = "积分兑换"
purpose = "trade"
flows = [
  { from = "home", to = "taken", of = "points" },
  { from = "stock", to = "outside", of = "goods" },
  { from = "budget", to = "spent", of = "value", unit = "fen" },
  { from = "outside", to = "spent", of = "cash", unit = "fen" },
]
by = ["keeper"]
reverse_by = ["clerk"]
cash_rate = 100
cash_most = 50
basis = "积分兑换办法第3条"

[[transfer]]
id = "purchase"
name = "进货"
purpose = "stock"
flows = [{ from = "outside", to = "stock", of = "goods" }]
by = ["keeper"]
reverse_by = ["clerk"]
basis = "积分兑换办法第4条"

[[transfer]]
id = "stocktaking"
name = "盘点"
purpose = "count"
flows = [{ from = "outside", to = "stock", of = "goods" }]
by = ["keeper"]
basis = "积分兑换办法第5条"

[[transfer]]
id = "fund"
name = "拨款"
purpose = "plain"
flows = [{ from = "outside", to = "budget", of = "value", unit = "fen" }]
by = ["clerk"]
reverse_by = ["clerk"]
basis = "积分兑换办法第6条"

[[transfer]]
id = "lapse"
name = "到期清零"
purpose = "expire"
flows = [{ from = "home", to = "pool", of = "points" }]
basis = "积分管理办法第9条"

[[measure]]
id = "points.awarded"
on = ["award"]
account = "home"
side = "in"
bucket = "unit"
amount = true

[[measure]]
id = "points.redeemed"
on = ["trade"]
account = "home"
side = "out"
bucket = "unit"
amount = true

[[measure]]
id = "points.balance"
on = ["award", "trade", "lapse"]
account = "home"
amount = true

[[measure]]
id = "points.trades"
on = ["trade"]
account = "taken"
bucket = "party"

[[clearing]]
id = "year"
name = "年终清零"
account = "home"
units = ["points"]
transfer = "lapse"
up_to = "12-31"
notice_days = 30
by = ["clerk"]
basis = "积分管理办法第10条"

[[honour]]
id = "star"
name = "积善之家"
units = ["good"]
account = "home"
at_least = 50
by = ["clerk"]
review = ["clerk", "keeper"]
basis = "村规民约第5条"

[loan]
on = true
party = "bank"
account = "home"
by = ["clerk"]
seen_by = ["keeper"]
consent_days = 365
basis = "积分贷合作协议"
"#;

fn rule(code: &str, class: &str, points: i64) -> PointsRule {
    PointsRule {
        code: code.into(),
        class: class.into(),
        item: format!("规则{code}"),
        points,
        from: Day::ymd(2020, 1, 1).unwrap(),
        to: FOREVER,
        basis: "村民会议2020年第1号决议".into(),
        ..PointsRule::default()
    }
}

pub fn points_rules() -> Vec<PointsRule> {
    let cap = |most, times, per| Some(Cap { most, times, per });
    vec![
        rule("help", "good", 5),
        PointsRule { cap: cap(20, false, Per::Month), ..rule("clean", "work", 3) },
        PointsRule { cap: cap(2, true, Per::Year), ..rule("labour", "work", 40) },
        PointsRule { below_zero: true, ..rule("litter", "work", -10) },
        rule("noise", "good", -4),
        PointsRule { evidence: true, review: true, ..rule("care", "good", 8) },
        PointsRule { to: Day::ymd(2020, 12, 31).unwrap(), ..rule("mask", "good", 1) },
        PointsRule {
            from: Day::ymd(2021, 1, 1).unwrap(), basis: "2021年第2号决议".into(), ..rule("mask", "good", 2)
        },
        PointsRule { legal: Legal::Entitlement, ..rule("relief", "good", -50) },
    ]
}

/// A county with its books and everything that happened to them.
pub struct World {
    pub policy: Policy,
    pub directory: Directory,
    pub book: Book,
    pub now: Time,
    pub next: i64,
    pub events: Vec<(i64, Time, LedgerEvent)>,
    pub shops: Vec<PartyId>,
}

fn post(id: &str) -> PostKind {
    let text = format!("id = \"{id}\"\nname = \"{id}\"\nlevel = \"village\"");
    toml::from_str(&text).expect("a post")
}

fn directory() -> Directory {
    let region = |id: RegionId, level: Level, parent: Option<RegionId>| Region {
        id,
        level,
        order: id.0,
        spans: vec![RegionSpan {
            from: Day(0),
            to: FOREVER,
            code: format!("{:012}", id.0),
            name: id.to_string(),
            display: id.to_string(),
            parent,
        }],
        successors: Vec::new(),
        simulated: false,
    };
    let mut regions = vec![region(COUNTY, Level::County, None), region(TOWN, Level::Town, Some(COUNTY))];
    regions.extend(VILLAGES.map(|v| region(v, Level::Village, Some(TOWN))));
    let mut directory = Directory::default();
    directory.tree.apply(&RegionEvent::Added { regions });
    let staff = [(CLERK, "clerk", 0), (KEEPER, "keeper", 0), (OTHER_KEEPER, "keeper", 0), (CLERK, "clerk", 1)];
    let account = |id: AccountId| Account {
        id,
        login: id.to_string(),
        name: String::new(),
        phone: String::new(),
        person: None,
        password: None,
        closed: false,
        demo: false,
    };
    let accounts = [CLERK, KEEPER, OTHER_KEEPER].map(account).to_vec();
    directory.apply(&RegisterEvent::AccountsOpened { accounts });
    let mut terms: Vec<Term> = Vec::new();
    for (i, (id, post, village)) in (1..).zip(staff) {
        let holder = Holder { post: post.into(), seat: VILLAGES[village].0 };
        terms.push(Term { id: TermId(i), account: id, holder, from: Day(0), to: FOREVER });
    }
    directory.apply(&RegisterEvent::TermsBegun { terms });
    directory
}

impl World {
    /// The county with two shops that are filled, prices and a budget.
    pub fn new() -> World {
        let mut policy = Policy { posts: vec![post("clerk"), post("keeper")], ..Policy::default() };
        policy.ledger = toml::from_str(RULES).expect("rules");
        policy.ledger.rules = points_rules();
        let mut world = World {
            policy,
            directory: directory(),
            book: Book::default(),
            now: Day::ymd(2021, 3, 1).unwrap().at_minute(600),
            next: 1000,
            events: Vec::new(),
            shops: Vec::new(),
        };
        let everything = Wants::default();
        world.book.hold_asked(everything);
        for village in VILLAGES {
            world.shop("shop", village);
        }
        world
    }

    pub fn shop(&mut self, kind: &str, place: RegionId) -> PartyId {
        let party = Party { id: PartyId(0), kind: kind.into(), name: "某店".into(), place, closed: None };
        let events = self.ask(&self.clerk(), &Request::Party(party)).expect("a party");
        let Some(LedgerEvent::Recorded(Record::Party(party))) = events.first() else { panic!("a party") };
        self.shops.push(party.id);
        for (item, points, value, per, taken_in) in
            [("soap", 6, 400, 1, None), ("haircut", 15, 0, 1, None), ("bottles", 10, 0, 1000, Some("work"))]
        {
            let taken_in = taken_in.map(str::to_owned);
            let version = PriceVersion { from: self.now.day(), points, value, per, taken_in, off: false };
            let price = Request::Price { party: party.id, item: item.into(), version };
            self.ask(&self.clerk(), &price).expect("a price");
        }
        party.id
    }

    pub fn ctx(&self) -> Ctx<'_> {
        Ctx { now: self.now, policy: &self.policy, directory: &self.directory }
    }

    pub fn clerk(&self) -> Who {
        Who::Account { account: CLERK, post: None }
    }

    pub fn keeper(&self) -> Who {
        Who::Account { account: KEEPER, post: None }
    }

    pub fn wait(&mut self, days: i64) {
        self.now = self.now.plus_ms(days * crate::day::DAY_MS);
    }

    /// Says that everything a request needs was looked for: the book holds all there is.
    fn look(&mut self, request: &Request) {
        for _ in 0..8 {
            let mut wanted = Wants::default();
            wants(self.ctx(), &self.book, request, &mut wanted);
            if wanted.is_empty() {
                return;
            }
            self.book.hold_asked(wanted);
        }
        panic!("what is wanted never ends: {request:?}");
    }

    fn take(&mut self, decided: Vec<LedgerEvent>) -> Vec<LedgerEvent> {
        let seq = i64::try_from(self.events.len()).unwrap() + 1;
        for event in &decided {
            self.book.apply(event, seq, self.now);
            self.events.push((seq, self.now, event.clone()));
        }
        decided
    }

    /// Asks and takes in what was decided.
    pub fn ask(&mut self, by: &Who, request: &Request) -> Result<Vec<LedgerEvent>, Refusal> {
        self.look(request);
        let mut next = self.next;
        let mut draw = || {
            next += 1;
            next
        };
        let decided = decide(self.ctx(), &self.book, &mut draw, by, request)?;
        self.next = next;
        Ok(self.take(decided))
    }

    /// The same for what a flow has judged.
    pub fn by_flow(&mut self, request: &Request) -> Result<Vec<LedgerEvent>, Refusal> {
        self.look(request);
        let mut next = self.next;
        let mut draw = || {
            next += 1;
            next
        };
        let decided = carry_out(self.ctx(), &self.book, &mut draw, &Who::System, request)?;
        self.next = next;
        Ok(self.take(decided))
    }

    pub fn award_of(&self, home: Home, rule: &str, times: i64) -> Award {
        Award {
            kind: "award".into(),
            home,
            rule: rule.into(),
            times,
            day: self.now.day(),
            until: None,
            about: About { by: Some(CLERK), ..About::default() },
        }
    }

    pub fn award(&mut self, home: Home, rule: &str, times: i64) -> Result<TransferId, Refusal> {
        let request = Request::Award(self.award_of(home, rule, times));
        self.ask(&self.clerk(), &request).map(|events| made(&events))
    }

    pub fn trade_of(&self, home: Home, items: &[(&str, i64)], cash: i64) -> Trade {
        Trade {
            kind: "trade".into(),
            home,
            party: self.shops[0],
            items: items.iter().map(|(i, n)| ((*i).to_owned(), *n)).collect(),
            cash,
            day: self.now.day(),
            until: None,
            about: About { by: Some(KEEPER), ..About::default() },
        }
    }

    pub fn trade(&mut self, home: Home, items: &[(&str, i64)], cash: i64) -> Result<TransferId, Refusal> {
        let request = Request::Trade(self.trade_of(home, items, cash));
        self.ask(&self.keeper(), &request).map(|events| made(&events))
    }

    pub fn fill(&mut self, soap: i64, budget: i64) {
        let (kind, day) = ("purchase".to_owned(), self.now.day());
        let items = vec![("soap".to_owned(), soap, 0)];
        let stock = Stock { kind, party: self.shops[0], items, day, about: About::default() };
        self.ask(&self.keeper(), &Request::Stock(stock)).expect("goods");
        let roles = crate::ledger::Roles { place: VILLAGES[0], household: None, party: None };
        let amounts = vec![(crate::policy::Quantity::Value, "fen".to_owned(), budget)];
        let plain = crate::ledger::Plain { kind: "fund".into(), roles, amounts, day, about: About::default() };
        self.ask(&self.clerk(), &Request::Plain(plain)).expect("a budget");
    }

    pub fn reverse(&mut self, id: TransferId) -> Result<TransferId, Refusal> {
        let request = Request::Reverse { id, day: self.now.day(), about: About::default() };
        self.ask(&self.clerk(), &request).map(|events| made(&events))
    }

    pub fn settle(&mut self, id: TransferId, how: How) -> Result<Vec<LedgerEvent>, Refusal> {
        self.by_flow(&Request::Settle { id, how, shown: None })
    }

    pub fn balance(&self, kind: &str, owner: i64, unit: &str) -> i64 {
        self.book.find(&AccountKey::new(kind, owner, unit)).map_or(0, |a| a.balance)
    }

    /// Points of a household over all classes.
    pub fn points(&self, home: Home) -> i64 {
        self.balance("home", home.id, "good") + self.balance("home", home.id, "work")
    }
}

/// The transfer that was made.
pub fn made(events: &[LedgerEvent]) -> TransferId {
    let moved = events.iter().find_map(|e| if let LedgerEvent::Moved(m) = e { Some(m.id) } else { None });
    moved.expect("a transfer")
}
