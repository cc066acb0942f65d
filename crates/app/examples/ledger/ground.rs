//! A county with households and shops, of the default pack; awards may be booked by whoever keeps a shop.

use crate::Said;
use std::path::Path;
use std::sync::atomic::{AtomicI64, Ordering};
use xiangyue_app::setup::NewStaff;
use xiangyue_app::{App, AppOptions, Beside, Clock, Command};
use xiangyue_domain::day::{Day, Time};
use xiangyue_domain::entry::Event;
use xiangyue_domain::ids::{AccountId, HouseholdId, PartyId, RegionId};
use xiangyue_domain::ledger::{About, Award, Home, Party, Plain, PriceVersion, Record, Request, Roles, Stock, Trade};
use xiangyue_domain::matter::Who;
use xiangyue_domain::policy::{Level, PointsRule, Policy, Purpose, Quantity};
use xiangyue_domain::register::{Holder, Household, RegisterEvent};
use xiangyue_pack::{PackFiles, load};

/// The county of the bench.
pub struct Ground {
    pub app: App,
    pub clock: Clock,
    pub homes: Vec<Home>,
    pub shops: Vec<(PartyId, RegionId)>,
    pub rules: Vec<PointsRule>,
    pub award: String,
    pub trade: String,
    keeper: Who,
    keys: AtomicI64,
}

/// The first day of the seed.
pub fn first_day() -> Day {
    Day::ymd(2021, 1, 4).unwrap_or_default()
}

fn kind(policy: &Policy, purpose: Purpose) -> Result<String, Said> {
    let found = policy.ledger.transfers.iter().find(|t| t.purpose == purpose);
    Ok(found.ok_or("the pack has no such transfer")?.id.clone())
}

/// One office for everything, over the whole county: the bench measures the books, not the posts.
fn opened_up(policy: &mut Policy) -> Result<String, Said> {
    let county = policy.posts.iter().find(|p| p.level == Level::County && !p.unit).ok_or("no post at the county")?;
    let post = county.id.clone();
    for transfer in &mut policy.ledger.transfers {
        transfer.by = vec![post.clone()];
    }
    for party in &mut policy.ledger.parties {
        party.by = vec![post.clone()];
    }
    for rule in &mut policy.ledger.rules {
        (rule.review, rule.evidence) = (false, false);
    }
    Ok(post)
}

impl Ground {
    /// Opens the folder, and fills it with households and shops if it is empty.
    pub async fn open(dir: &Path, households: i64) -> Result<Ground, Said> {
        let files = PackFiles::named(&PackFiles::default_name()).map_err(|f| format!("{f:?}"))?;
        let mut loaded = load(files).map_err(|f| format!("{f:#?}"))?;
        let post = opened_up(&mut loaded.policy)?;
        let clock = Clock::fixed(first_day().at_minute(600));
        let options = AppOptions {
            database: dir.join("ledger.db").display().to_string(),
            files: dir.join("files"),
            key_file: dir.join("key"),
            clock: clock.clone(),
            seed: Some(1),
        };
        let app = App::open(options, loaded.policy.clone()).await?;
        app.install(clock.now(), &loaded).await?;
        let policy = app.policy();
        let mut ground = Ground {
            award: kind(&policy, Purpose::Award)?,
            trade: kind(&policy, Purpose::Trade)?,
            // One without a cap and one with: both kinds of rule are at work.
            rules: [true, false]
                .iter()
                .filter_map(|free| {
                    policy.ledger.rules.iter().find(|r| r.points > 0 && r.cap.is_none() == *free).cloned()
                })
                .collect(),
            app,
            clock,
            homes: Vec::new(),
            shops: Vec::new(),
            keeper: Who::System,
            keys: AtomicI64::new(0),
        };
        ground.keeper = ground.staff(&post).await?;
        ground.households(households).await?;
        ground.fill().await?;
        let head = ground.app.pool().head(ground.app.realm()).await?.unwrap_or_default();
        ground.keys.store(head.seq, Ordering::SeqCst);
        Ok(ground)
    }

    async fn staff(&self, post: &str) -> Result<Who, Said> {
        let day = self.app.now().day();
        let root = self.app.directory().tree.root(day).ok_or("no root")?;
        let holder = Holder { post: post.to_owned(), seat: root.0 };
        if self.app.directory().holders_of(&holder, day).is_empty() {
            let new = NewStaff {
                login: "bench".into(),
                name: "甲".into(),
                phone: String::new(),
                posts: vec![holder.clone()],
                demo: true,
            };
            self.app.add_staff(self.app.now(), vec![new], Day(0)).await?;
        }
        let directory = self.app.directory();
        let account: AccountId = directory.holders_of(&holder, day).first().ok_or("nobody")?.id;
        Ok(Who::Account { account, post: Some(holder) })
    }

    async fn households(&mut self, wanted: i64) -> Result<(), Said> {
        let realm = self.app.realm();
        let villages = self.app.directory().tree.of_level(Level::Village, self.app.now().day());
        if self.app.pool().count_people(realm).await?.households < wanted {
            let mut n = 0;
            while n < wanted {
                let chunk = n..(n + 500).min(wanted);
                n = chunk.end;
                let villages = villages.clone();
                let decide = move |ids: &mut xiangyue_app::Ids, _: &_, _: &_| {
                    let at = |i: i64| villages[usize::try_from(i).unwrap_or(0) % villages.len()];
                    let new = |i: i64| (ids.draw(), i);
                    let drawn: Vec<(i64, i64)> = chunk.map(new).collect();
                    let households = drawn
                        .into_iter()
                        .map(|(id, i)| Household { id: HouseholdId(id), number: format!("H{i:06}"), region: at(i) })
                        .collect();
                    Ok(vec![Event::Register(RegisterEvent::HouseholdsAdded { households })])
                };
                let command = Command::Register(Box::new(decide));
                self.app.send(Who::System, None, command, Beside::default()).await?;
            }
        }
        let rows = self
            .app
            .pool()
            .rows("select id, region from household where realm = $1 order by id", &[realm.into()])
            .await?;
        self.homes = rows.iter().map(|r| Home { id: r.int(0), place: RegionId(r.int(1)) }).collect();
        Ok(())
    }

    /// A shop in each village, with full shelves, a price and a budget that does not end.
    async fn fill(&mut self) -> Result<(), Said> {
        let known = self.app.pool().ledger_records_of(self.app.realm(), "party").await?;
        let shop = |r: &Record| if let Record::Party(p) = r { Some((p.id, p.place)) } else { None };
        self.shops = known.iter().filter_map(shop).collect();
        if !self.shops.is_empty() {
            return Ok(());
        }
        let policy = self.app.policy();
        let party_kind = policy.ledger.parties.first().ok_or("no party")?.id.clone();
        let good = policy.ledger.units.iter().find(|u| u.group == "goods").ok_or("no goods")?.id.clone();
        let (stock, plain) = (kind(&policy, Purpose::Stock)?, kind(&policy, Purpose::Plain)?);
        let day = self.app.now().day();
        for place in self.app.directory().tree.of_level(Level::Village, day) {
            let name = "某店".to_owned();
            let party = Party { id: PartyId(0), kind: party_kind.clone(), name, place, closed: None };
            let party = PartyId(self.ask(Request::Party(party)).await?.made[0]);
            let version = PriceVersion { from: day, points: 2, value: 100, per: 1, taken_in: None, off: false };
            self.ask(Request::Price { party, item: good.clone(), version }).await?;
            let items = vec![(good.clone(), 1_000_000_000, 0)];
            self.ask(Request::Stock(Stock { kind: stock.clone(), party, items, day, about: About::default() })).await?;
            let roles = Roles { place, household: None, party: None };
            let amounts = vec![(Quantity::Value, "fen".to_owned(), 1_000_000_000_000)];
            self.ask(Request::Plain(Plain { kind: plain.clone(), roles, amounts, day, about: About::default() }))
                .await?;
            self.shops.push((party, place));
        }
        Ok(())
    }

    async fn ask(&self, request: Request) -> Result<xiangyue_app::Outcome, Said> {
        Ok(self.app.ledger(self.keeper.clone(), None, request).await?)
    }

    /// Who books.
    pub fn keeper(&self) -> Who {
        self.keeper.clone()
    }

    /// A key of a sender: in the order of time, as a form's key is.
    pub fn key(&self) -> String {
        format!("b{:012}", self.keys.fetch_add(1, Ordering::SeqCst))
    }

    /// How many transfers are stored.
    pub async fn count(&self) -> Result<i64, Said> {
        let sql = "select count(*) from ledger_transfer where realm = $1";
        Ok(self.app.pool().rows(sql, &[self.app.realm().into()]).await?[0].int(0))
    }

    /// Points for one household.
    pub fn award(&self, home: usize, rule: usize, at: Time) -> Request {
        Request::Award(Award {
            kind: self.award.clone(),
            home: self.homes[home % self.homes.len()],
            rule: self.rules[rule % self.rules.len()].code.clone(),
            times: 1,
            day: at.day(),
            until: None,
            about: About { by: self.keeper.account(), ..About::default() },
        })
    }

    /// One good for one household at the shop of its village.
    pub fn trade(&self, home: usize, at: Time) -> Request {
        let home = self.homes[home % self.homes.len()];
        let shop = self.shops.iter().find(|(_, place)| *place == home.place).unwrap_or(&self.shops[0]).0;
        let good = self.app.policy().ledger.units.iter().find(|u| u.group == "goods").map(|u| u.id.clone());
        Request::Trade(Trade {
            kind: self.trade.clone(),
            home,
            party: shop,
            items: vec![(good.unwrap_or_default(), 1)],
            cash: 0,
            day: at.day(),
            until: None,
            about: About { by: self.keeper.account(), ..About::default() },
        })
    }
}
