//! A small county of its own, in which the kinds of the packs are carried through the real engine. It makes up whatever a
//! move requires and a test does not care about; it never decides anything.

use serde_json::{Value, json};
use xiangyue_domain::day::{DAY_MS, Day, Time};
use xiangyue_domain::flow::{self, Ctx, MoveRequest, OpenRequest};
use xiangyue_domain::ids::{AccountId, MatterId, OrgId, RegionId, TermId};
use xiangyue_domain::matter::{Matter, Values, Who};
use xiangyue_domain::policy::{IndicatorSource, Policy};
use xiangyue_domain::region::{FOREVER, Region, RegionEvent, RegionSpan};
use xiangyue_domain::register::{Account, Directory, Holder, Org, RegisterEvent, Term};
use xiangyue_pack::{PackFiles, RegionLine, load};

pub const COUNTY: &str = "991101000000";
pub const TOWN: &str = "991101100000";
pub const VILLAGE: &str = "991101100200";
pub const GRID: &str = "9911011002001001";

pub struct World {
    pub policy: Policy,
    pub directory: Directory,
    pub now: Time,
    next: i64,
}

impl World {
    pub fn new() -> World {
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

    pub fn ctx(&self) -> Ctx<'_> {
        Ctx { now: self.now, policy: &self.policy, directory: &self.directory }
    }

    pub fn id(&mut self) -> i64 {
        self.next += 1;
        self.next
    }

    pub fn place(&self, code: &str) -> RegionId {
        let of = |r: &&Region| r.spans.iter().any(|s| s.code == code);
        self.directory.tree.all().find(of).expect("a region of the pack").id
    }

    pub fn holder(&self, post: &str, seat: &str) -> Holder {
        let seat = match self.directory.unit(seat) {
            Some(org) => org.id.0,
            None => self.place(seat).0,
        };
        Holder { post: post.into(), seat }
    }

    /// Whoever holds a post at a seat; one person for each.
    pub fn who(&mut self, post: &str, seat: &str) -> Who {
        let holder = self.holder(post, seat);
        let held = self.directory.holders_of(&holder, self.now.day()).first().map(|a| a.id);
        let account = held.unwrap_or_else(|| self.hire(&holder));
        Who::Account { account, post: Some(holder) }
    }

    pub fn hire(&mut self, holder: &Holder) -> AccountId {
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

    pub fn open(&mut self, kind: &str, by: Who, place: &str, channel: &str, values: &[(&str, Value)]) -> Matter {
        let request = OpenRequest {
            kind: kind.into(),
            place: self.place(place),
            channel: channel.into(),
            values: values_of(values),
            ..OpenRequest::default()
        };
        self.open_as(by, request)
    }

    pub fn open_as(&mut self, by: Who, request: OpenRequest) -> Matter {
        let id = MatterId(self.id());
        let change = flow::open(self.ctx(), by, id, format!("N{id}"), request).expect("it opens");
        Matter::open(&change, 1).expect("it is an opening")
    }

    pub fn try_go(&self, matter: &mut Matter, by: Who, request: MoveRequest) -> Result<(), String> {
        let changes = flow::make_move(self.ctx(), matter, by, request, &mut || 0.into()).map_err(|r| r.key)?;
        matter.apply(&changes[0], matter.version() + 1);
        Ok(())
    }

    /// Makes a move with everything it requires; values given count, the rest is made up.
    pub fn go(&self, matter: &mut Matter, by: &Who, mv: &str, values: &[(&str, Value)]) {
        self.to(matter, by, mv, values, None);
    }

    pub fn to(&self, matter: &mut Matter, by: &Who, mv: &str, values: &[(&str, Value)], to: Option<Holder>) {
        let request = self.request(matter, mv, values, to);
        let step = matter.step.clone();
        let done = self.try_go(matter, by.clone(), request);
        assert_eq!(done, Ok(()), "{} in {step} of {}", mv, matter.kind);
    }

    pub fn refused(&self, matter: &mut Matter, by: &Who, mv: &str) -> String {
        let request = self.request(matter, mv, &[], None);
        self.try_go(matter, by.clone(), request).expect_err("refused")
    }

    pub fn request(&self, matter: &Matter, mv: &str, values: &[(&str, Value)], to: Option<Holder>) -> MoveRequest {
        let found = self.policy.kind(&matter.kind).and_then(|k| k.find_move(mv)).expect("a move of the kind");
        let given = |f: &&String| !values.iter().any(|(id, _)| id == f);
        let texts = found.require.iter().filter(given).cloned().collect();
        MoveRequest { mv: mv.into(), values: values_of(values), texts, to, ..MoveRequest::default() }
    }

    pub fn wait(&mut self, days: i64) {
        self.now = self.now.plus_ms(days * DAY_MS);
    }

    /// What the clock causes by now.
    pub fn tick(&self, matter: &mut Matter) {
        while matter.next_due().is_some_and(|due| due <= self.now) {
            let changes = flow::tick(self.ctx(), matter, &mut || 0.into()).expect("the clock is asked");
            matter.apply(changes.first().expect("something is due"), matter.version() + 1);
        }
    }

    /// An indicator's sum over these matters.
    pub fn sum(&self, indicator: &str, matters: &[Matter]) -> i64 {
        let found = self.policy.indicator(indicator).expect("an indicator of the pack");
        let IndicatorSource::Sum(measures) = &found.source else { panic!("{indicator} is no sum") };
        let wanted = |f: &&xiangyue_domain::fact::Fact| {
            measures.contains(&f.measure) && found.bucket.as_ref().is_none_or(|b| *b == f.bucket)
        };
        matters.iter().flat_map(|m| &m.facts).filter(wanted).map(|f| f.delta).sum()
    }

    pub fn sums(&self, matters: &[Matter], expected: &[(&str, i64)]) {
        for (indicator, value) in expected {
            assert_eq!(self.sum(indicator, matters), *value, "{indicator}");
        }
    }

    pub fn rate(&self, indicator: &str, matters: &[Matter]) -> f64 {
        let found = self.policy.indicator(indicator).expect("an indicator of the pack");
        let IndicatorSource::Rate { over, under } = &found.source else { panic!("{indicator} is no rate") };
        let of = |list: &Vec<String>| -> i64 {
            matters.iter().flat_map(|m| &m.facts).filter(|f| list.contains(&f.measure)).map(|f| f.delta).sum()
        };
        let hundredths = of(over) * 10_000 / of(under).max(1);
        f64::from(i32::try_from(hundredths).expect("a rate")) / 100.0
    }

    /// A measure's sum, where no indicator shows it.
    pub fn measure(&self, measure: &str, bucket: &str, matters: &[Matter]) -> i64 {
        let wanted =
            |f: &&xiangyue_domain::fact::Fact| f.measure == measure && (bucket.is_empty() || f.bucket == bucket);
        matters.iter().flat_map(|m| &m.facts).filter(wanted).map(|f| f.delta).sum()
    }
}

pub fn values_of(values: &[(&str, Value)]) -> Values {
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

pub fn category(code: &str) -> (&'static str, Value) {
    ("category", json!(code))
}

pub fn very() -> [(&'static str, Value); 2] {
    [("solved", json!("yes")), ("satisfied", json!("very"))]
}
