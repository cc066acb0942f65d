//! A small county: two towns of two villages with a grid each, two units, one person at every post, and one account
//! that is both at the desk and the one who calls back.

use crate::day::{Day, Time};
use crate::fact::{facts_of, place_of};
use crate::flow::{self, Ctx, MoveRequest, OpenRequest};
use crate::ids::{AccountId, MatterId, OrgId, RegionId, TermId};
use crate::matter::{Change, Matter, Who};
use crate::policy::{Body, BodyRule, Catalogue, Item, Kind, Level, Policy, PostKind, Right, Share};
use crate::refusal::Refusal;
use crate::region::{FOREVER, Region, RegionEvent, RegionSpan};
use crate::register::{Account, Directory, Holder, Org, RegisterEvent, Term};
use serde_json::Value;

pub const COUNTY: RegionId = RegionId(1);
pub const TOWNS: [RegionId; 2] = [RegionId(11), RegionId(12)];
pub const VILLAGES: [RegionId; 4] = [RegionId(111), RegionId(112), RegionId(121), RegionId(122)];
pub const GRIDS: [RegionId; 4] = [RegionId(1111), RegionId(1121), RegionId(1211), RegionId(1221)];
pub const UNITS: [OrgId; 2] = [OrgId(901), OrgId(902)];
/// At the desk and on the telephone as well.
pub const BOTH: AccountId = AccountId(5000);

pub struct World {
    pub policy: Policy,
    pub directory: Directory,
    pub now: Time,
    pub next: i64,
    /// Matters that moves opened.
    pub opened: Vec<Kept>,
}

/// A matter with all its changes.
#[derive(Debug, Clone)]
pub struct Kept {
    pub matter: Matter,
    pub changes: Vec<(i64, Change)>,
}

impl Kept {
    pub fn take(&mut self, seq: i64, change: Change) {
        self.matter.apply(&change, seq);
        self.changes.push((seq, change));
    }

    /// The matter again from its changes alone.
    pub fn replayed(&self) -> Matter {
        let mut changes = self.changes.iter();
        let (seq, first) = changes.next().expect("an opening");
        let mut matter = Matter::open(first, *seq).expect("an opening");
        changes.for_each(|(seq, change)| matter.apply(change, *seq));
        matter
    }
}

fn post(id: &str, level: Level, superior: Option<&str>, rights: &[Right]) -> PostKind {
    PostKind {
        id: id.into(),
        name: id.into(),
        name_en: String::new(),
        level,
        unit: id == "handler" || id == "head",
        superior: superior.map(str::to_owned),
        rights: rights.to_vec(),
        public: false,
    }
}

fn posts() -> Vec<PostKind> {
    use Right::{Correct, Merge, SeePlace, Void};
    vec![
        post("worker", Level::Grid, Some("secretary"), &[SeePlace]),
        post("clerk", Level::Village, Some("secretary"), &[SeePlace, Correct, Void]),
        post("secretary", Level::Village, Some("dispatcher"), &[SeePlace]),
        post("dispatcher", Level::Town, Some("mayor"), &[SeePlace, Correct]),
        post("mayor", Level::Town, Some("office"), &[SeePlace]),
        post("desk", Level::County, Some("office"), &[SeePlace, Correct, Void, Merge]),
        post("caller", Level::County, Some("office"), &[SeePlace]),
        post("office", Level::County, None, &[SeePlace]),
        post("handler", Level::County, Some("head"), &[]),
        post("head", Level::County, Some("office"), &[]),
    ]
}

fn things() -> Catalogue {
    let item = |code: &str, parent: &str, owner: &str, urgency: &str| Item {
        code: code.into(),
        parent: parent.into(),
        owner: owner.into(),
        urgency: urgency.into(),
        ..Item::default()
    };
    let items = vec![
        item("water", "", "unit.water", ""),
        item("water.burst", "water", "", "urgent"),
        item("road", "", "town", ""),
        item("lamp", "road", "village", ""),
        item("else", "", "", ""),
    ];
    Catalogue { id: "things".into(), items, ..Catalogue::default() }
}

/// Two thirds have to be there, and more than half of them for it.
fn meeting() -> Body {
    let share = |text| Share::parse(text).expect("a share");
    let (quorum, majority) = (share(">=2/3 due"), share(">1/2 present"));
    let rule = vec![BodyRule { from: None, quorum, majority, basis: "article".into() }];
    Body { id: "meeting".into(), name: "meeting".into(), name_en: String::new(), rule }
}

pub fn region(id: RegionId, level: Level, parent: Option<RegionId>, from: Day) -> Region {
    let code = match level {
        Level::Grid => format!("99000000{:05}001", id.0),
        _ => format!("99{:010}", id.0),
    };
    Region {
        id,
        level,
        order: id.0,
        spans: vec![RegionSpan { from, to: FOREVER, name: code.clone(), display: code.clone(), code, parent }],
        successors: Vec::new(),
        simulated: true,
    }
}

fn above(id: RegionId) -> RegionId {
    if id.0 < 20 { COUNTY } else { RegionId(id.0 / 10) }
}

impl World {
    pub fn new() -> World {
        let kind: Kind = toml::from_str(include_str!("order.toml")).expect("the kind of the tests");
        let part: Kind = toml::from_str(include_str!("part.toml")).expect("the kind of its parts");
        let mut policy = Policy { kinds: vec![kind, part], posts: posts(), ..Policy::default() };
        policy.bodies = vec![meeting()];
        policy.catalogues.insert("things".into(), things());
        let mut directory = Directory::default();
        let levels = [(Level::Town, &TOWNS[..]), (Level::Village, &VILLAGES[..]), (Level::Grid, &GRIDS[..])];
        let mut regions = vec![region(COUNTY, Level::County, None, Day(0))];
        for (level, ids) in levels {
            regions.extend(ids.iter().map(|id| region(*id, level, Some(above(*id)), Day(0))));
        }
        directory.tree.apply(&RegionEvent::Added { regions });
        let org = |id: OrgId, unit: &str| Org {
            id,
            unit: unit.into(),
            name: unit.into(),
            short: unit.into(),
            phone: String::new(),
            order: id.0,
            region: COUNTY,
        };
        let orgs = vec![org(UNITS[0], "unit.water"), org(UNITS[1], "unit.power")];
        directory.apply(&RegisterEvent::OrgsAdded { orgs });
        // A Monday morning.
        let now = Day::ymd(2021, 3, 1).expect("a day").at_minute(9 * 60);
        let mut world = World { policy, directory, now, next: 10_000, opened: Vec::new() };
        for kind in posts() {
            let seats: Vec<i64> = match (kind.unit, kind.level) {
                (true, _) => UNITS.iter().map(|o| o.0).collect(),
                (_, Level::Grid) => GRIDS.iter().map(|r| r.0).collect(),
                (_, Level::Village) => VILLAGES.iter().map(|r| r.0).collect(),
                (_, Level::Town) => TOWNS.iter().map(|r| r.0).collect(),
                _ => vec![COUNTY.0],
            };
            for seat in seats {
                let account = AccountId(world.id());
                world.appoint(account, &Holder { post: kind.id.clone(), seat });
            }
        }
        for post in ["desk", "caller"] {
            world.appoint(BOTH, &holder(post, COUNTY.0));
        }
        world
    }

    pub fn ctx(&self) -> Ctx<'_> {
        Ctx { now: self.now, policy: &self.policy, directory: &self.directory }
    }

    pub fn kind(&self) -> &Kind {
        &self.policy.kinds[0]
    }

    pub fn id(&mut self) -> i64 {
        self.next += 1;
        self.next
    }

    pub fn appoint(&mut self, account: AccountId, holder: &Holder) {
        let term = Term { id: TermId(self.id()), account, holder: holder.clone(), from: Day(0), to: FOREVER };
        let person = Account {
            id: account,
            login: format!("a{account}"),
            name: String::new(),
            phone: String::new(),
            person: None,
            password: None,
            closed: false,
            demo: false,
        };
        self.directory.apply(&RegisterEvent::AccountsOpened { accounts: vec![person] });
        self.directory.apply(&RegisterEvent::TermsBegun { terms: vec![term] });
    }

    /// The first account that holds a post.
    pub fn account(&self, post: &str, seat: i64) -> AccountId {
        self.directory.holders_of(&holder(post, seat), self.now.day()).first().expect("somebody holds it").id
    }

    pub fn who(&self, post: &str, seat: i64) -> Who {
        Who::Account { account: self.account(post, seat), post: Some(holder(post, seat)) }
    }

    pub fn open(&mut self, by: Who, request: OpenRequest) -> Result<Kept, Refusal> {
        let id = MatterId(self.id());
        let request = OpenRequest { kind: "order".into(), ..request };
        let change = flow::open(self.ctx(), by, id, format!("N{id}"), request)?;
        let seq = self.id();
        Ok(Kept { matter: Matter::open(&change, seq).expect("an opening"), changes: vec![(seq, change)] })
    }

    /// A report from the portal.
    pub fn report(&mut self, place: RegionId, category: &str) -> Kept {
        let values = [("category".to_owned(), Value::from(category))].into();
        self.open(Who::Reporter, OpenRequest { place, values, ..OpenRequest::default() }).expect("it opens")
    }

    /// Makes a move with everything it requires.
    pub fn go(&mut self, kept: &mut Kept, by: &Who, mv: &str, to: Option<Holder>) -> Result<(), Refusal> {
        let found = self.kind().find_move(mv);
        let require = found.map(|m| m.require.clone()).unwrap_or_default();
        let mut texts: Vec<String> =
            require.iter().filter(|f| !["satisfied", "days"].contains(&f.as_str())).cloned().collect();
        texts.extend(found.iter().flat_map(|m| m.require_when.iter().flat_map(|r| r.fields.clone())));
        let mut request = MoveRequest { mv: mv.into(), texts, to, ..MoveRequest::default() };
        if let Some(opens) = found.and_then(|m| m.open.as_ref()) {
            request.parts = flow::among(self.ctx(), &kept.matter, &opens.candidates).into_iter().take(1).collect();
        }
        if let Some(vote) = found.and_then(|m| m.vote.as_ref()) {
            let ayes = if vote.passed { 11 } else { 5 };
            let numbers = [(&vote.due, 30), (&vote.present, 20), (&vote.yes, ayes)];
            request.values.extend(numbers.map(|(f, n)| (f.clone(), Value::from(n))));
        }
        if require.iter().any(|f| f == "days") {
            request.values.insert("days".into(), Value::from(2));
        }
        if require.iter().any(|f| f == "satisfied") {
            let answer = if self.next % 2 == 0 { "yes" } else { "no" };
            request.values.insert("satisfied".into(), Value::from(answer));
        }
        let mut next = self.next;
        let changes = flow::make_move(self.ctx(), &kept.matter, by.clone(), request, &mut draw(&mut next))?;
        self.next = next;
        let seq = self.id();
        self.take(kept, seq, changes);
        Ok(())
    }

    /// What the clock causes by now; returns how many changes.
    pub fn tick(&mut self, kept: &mut Kept) -> usize {
        let mut n = 0;
        loop {
            let mut next = self.next;
            let changes = flow::tick(self.ctx(), &kept.matter, &mut draw(&mut next)).unwrap_or_default();
            self.next = next;
            if changes.is_empty() {
                break;
            }
            let seq = self.id();
            self.take(kept, seq, changes);
            n += 1;
            assert!(n < 100, "the clock never comes to rest");
        }
        n
    }

    /// Takes the matter's own change in and keeps what it opened.
    fn take(&mut self, kept: &mut Kept, seq: i64, changes: Vec<Change>) {
        for change in changes {
            if change.matter == kept.matter.id {
                kept.take(seq, change);
            } else {
                let matter = Matter::open(&change, seq).expect("an opening");
                self.opened.push(Kept { matter, changes: vec![(seq, change)] });
            }
        }
    }

    pub fn wait_hours(&mut self, hours: i64) {
        self.now = self.now.plus_ms(hours * 3_600_000);
    }

    /// What must hold of every matter at all times.
    pub fn holds(&self, kept: &Kept) {
        let matter = &kept.matter;
        let kind = self.policy.kind_of(matter).expect("the kind is there");
        let at = place_of(matter, &self.directory);
        let facts = facts_of(matter, kind, self.policy.measures_of(&kind.id), at).expect("the measures can be judged");
        assert_eq!(matter.facts, facts, "facts in force are those of the matter as it stands");
        assert_eq!(kept.replayed(), *matter, "the changes alone give the matter");
        let day = self.now.day();
        for who in matter.holder.iter().chain(&matter.watchers) {
            let below = matter.bypass && self.policy.level_of(&who.post) <= Level::Village;
            assert!(!below, "{who:?} has what passes over the village");
            for account in self.directory.holders_of(who, day) {
                let posts = self.directory.posts_of(account.id, day);
                assert!(!matter.bars(account.id, &posts), "{who:?} has what bars its holder");
            }
        }
    }
}

pub fn draw(next: &mut i64) -> impl FnMut() -> MatterId + '_ {
    || {
        *next += 1;
        MatterId(*next)
    }
}

pub fn holder(post: &str, seat: i64) -> Holder {
    Holder { post: post.into(), seat }
}
