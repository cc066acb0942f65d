//! Setting a realm up: the pack into force, its regions and units into the registers, the first accounts.

use crate::command::{Beside, Command, Ids};
use crate::error::AppError;
use crate::state::{App, with_older};
use std::collections::HashMap;
use xiangyue_domain::day::{Day, Time};
use xiangyue_domain::entry::Event;
use xiangyue_domain::ids::{AccountId, OrgId, RegionId, TermId};
use xiangyue_domain::matter::Who;
use xiangyue_domain::policy::{Level, Right};
use xiangyue_domain::refusal::Refusal;
use xiangyue_domain::region::{FOREVER, NaturalUnit, Region, RegionEvent, RegionSpan, RegionTree};
use xiangyue_domain::register::{Account, Holder, Org, RegisterEvent, Term};
use xiangyue_pack::{Loaded, RegionLine, UnitLine};

/// Rows in one entry of a long import.
const CHUNK: usize = 300;

/// Someone to be given an account and posts.
#[derive(Debug, Clone)]
pub struct NewStaff {
    /// Name to sign in with.
    pub login: String,
    /// Name on screen.
    pub name: String,
    /// Office telephone.
    pub phone: String,
    /// Posts.
    pub posts: Vec<Holder>,
    /// Of a demo.
    pub demo: bool,
}

impl App {
    /// Takes a pack into force: its hash as an entry, its regions and units when the realm has none yet.
    pub async fn install(&self, at: Time, loaded: &Loaded) -> Result<(), AppError> {
        let (id, hash) = (loaded.policy.id.clone(), loaded.policy.hash.clone());
        if self.pool().setting(self.realm(), "pack_hash").await?.as_deref() != Some(hash.as_str()) {
            let flows = self.new_flows(&loaded.policy).await?;
            let measures = self.new_measures(&loaded.policy).await?;
            self.register(at, Who::System, move |_, _, _| Ok(vec![Event::Pack { id, hash, flows, measures }])).await?;
        }
        self.set_policy(with_older(self.pool(), loaded.policy.clone()).await?);
        if self.directory().tree.root(at.day()).is_none() && !loaded.regions.is_empty() {
            for chunk in loaded.regions.chunks(CHUNK) {
                let lines = chunk.to_vec();
                self.register(at, Who::System, move |ids, directory, _| add_regions(ids, &directory.tree, &lines))
                    .await?;
            }
            for chunk in loaded.natural_units.chunks(CHUNK) {
                let lines = chunk.to_vec();
                self.register(at, Who::System, move |_, directory, _| map_units(&directory.tree, &lines)).await?;
            }
        }
        if self.directory().orgs.is_empty() && !loaded.policy.units.is_empty() {
            self.register(at, Who::System, move |ids, directory, policy| {
                let root = directory.tree.root(at.day()).ok_or_else(|| Refusal::new("no_region"))?;
                let orgs = policy.units.iter().zip(1i64..).map(|(u, order)| Org {
                    id: OrgId(ids.draw()),
                    unit: u.id.clone(),
                    name: u.name.clone(),
                    short: u.short.clone(),
                    phone: u.phone.clone(),
                    order,
                    region: root,
                });
                Ok(vec![Event::Register(RegisterEvent::OrgsAdded { orgs: orgs.collect() })])
            })
            .await?;
        }
        Ok(())
    }

    /// Carries out a decision about regions and registers.
    pub async fn register(
        &self,
        at: Time,
        by: Who,
        decide: impl FnOnce(
            &mut Ids,
            &xiangyue_domain::register::Directory,
            &xiangyue_domain::policy::Policy,
        ) -> Result<Vec<Event>, Refusal>
        + Send
        + 'static,
    ) -> Result<(), AppError> {
        self.send_at(at, by, None, Command::Register(Box::new(decide)), Beside::default()).await.map(|_| ())
    }

    /// Opens accounts with their posts, as the platform itself: for the first administrator and for a demo.
    pub async fn add_staff(&self, at: Time, staff: Vec<NewStaff>, from: Day) -> Result<(), AppError> {
        for chunk in staff.chunks(CHUNK) {
            let chunk = chunk.to_vec();
            self.register(at, Who::System, move |ids, directory, policy| {
                let mut accounts = Vec::new();
                let mut terms = Vec::new();
                for new in chunk {
                    if directory.accounts.values().any(|a| a.login == new.login) {
                        return Err(Refusal::field("login", "taken"));
                    }
                    let id = AccountId(ids.draw());
                    for holder in new.posts {
                        policy.post(&holder.post).ok_or_else(|| Refusal::field("post", "choice"))?;
                        terms.push(Term { id: TermId(ids.draw()), account: id, holder, from, to: FOREVER });
                    }
                    accounts.push(Account {
                        id,
                        login: new.login,
                        name: new.name,
                        phone: new.phone,
                        person: None,
                        password: None,
                        closed: false,
                        demo: new.demo,
                    });
                }
                Ok(vec![
                    Event::Register(RegisterEvent::AccountsOpened { accounts }),
                    Event::Register(RegisterEvent::TermsBegun { terms }),
                ])
            })
            .await?;
        }
        Ok(())
    }

    /// Marks the data as a demo made by `simulate`, with the scenario's period.
    pub async fn mark_demo(&self, at: Time, from: Day, until: Day) -> Result<(), AppError> {
        self.register(at, Who::System, move |_, _, _| Ok(vec![Event::Demo { from, until }])).await
    }

    /// Makes the first administrator when there is none, and a one-time link to set a password with. Returns the
    /// link's token, or `None` when somebody can already grant posts.
    pub async fn first_administrator(&self) -> Result<Option<String>, AppError> {
        let directory = self.directory();
        let policy = self.policy();
        let day = self.now().day();
        let Some(root) = directory.tree.root(day) else { return Ok(None) };
        let usable = |a: &&Account| !a.demo && !a.closed;
        let granting = |a: &Account| directory.has_right_somewhere(&policy, a.id, Right::Grant, day);
        let mut candidates = directory.accounts.values().filter(usable).filter(|a| granting(a));
        if candidates.any(|a| a.password.is_some()) {
            return Ok(None);
        }
        let existing = directory.accounts.values().filter(usable).find(|a| granting(a)).map(|a| a.id);
        let account = match existing {
            Some(id) => id,
            None => {
                let post = policy
                    .posts
                    .iter()
                    .find(|p| !p.unit && p.level == Level::County && p.rights.contains(&Right::Grant))
                    .ok_or_else(|| AppError::Io("策略包里没有可授予岗位的县级岗位(grant)".to_owned()))?;
                let holder = Holder { post: post.id.clone(), seat: root.0 };
                let new = NewStaff {
                    login: "admin".to_owned(),
                    name: post.name.clone(),
                    phone: String::new(),
                    posts: vec![holder],
                    demo: false,
                };
                self.add_staff(self.now(), vec![new], day).await?;
                self.directory().accounts.values().find(|a| a.login == "admin").map(|a| a.id).unwrap_or_default()
            }
        };
        let token = self.secrets.random_token();
        self.add_link(&token, account).await?;
        Ok(Some(token))
    }
}

fn add_regions(ids: &mut Ids, tree: &RegionTree, lines: &[RegionLine]) -> Result<Vec<Event>, Refusal> {
    let known: HashMap<String, RegionId> =
        tree.all().filter_map(|r| r.spans.last().map(|s| (s.code.clone(), r.id))).collect();
    let mut coming: HashMap<String, RegionId> = HashMap::new();
    let mut regions = Vec::new();
    for line in lines {
        let id = RegionId(ids.draw());
        let parent = if line.parent.is_empty() {
            None
        } else {
            let found = known.get(&line.parent).or_else(|| coming.get(&line.parent)).copied();
            Some(found.ok_or_else(|| Refusal::new("no_parent").with("code", &line.parent))?)
        };
        coming.insert(line.code.clone(), id);
        regions.push(Region {
            id,
            level: line.level,
            order: id.0,
            spans: vec![RegionSpan {
                from: line.from,
                to: FOREVER,
                code: line.code.clone(),
                name: line.name.clone(),
                display: line.display.clone(),
                parent,
            }],
            successors: Vec::new(),
            simulated: line.simulated,
        });
    }
    let sorted: std::collections::BTreeMap<String, RegionId> = coming.into_iter().collect();
    for region in &regions {
        tree.check(region, &sorted).map_err(|f| Refusal::new("region").with("fault", f))?;
    }
    Ok(vec![Event::Region(RegionEvent::Added { regions })])
}

fn map_units(tree: &RegionTree, lines: &[UnitLine]) -> Result<Vec<Event>, Refusal> {
    let known: HashMap<String, RegionId> =
        tree.all().filter_map(|r| r.spans.last().map(|s| (s.code.clone(), r.id))).collect();
    let mut units = Vec::new();
    for line in lines {
        let find = |code: &String| known.get(code).copied().ok_or_else(|| Refusal::new("no_parent").with("code", code));
        units.push(NaturalUnit {
            id: line.id.clone(),
            name: line.name.clone(),
            kind: line.kind.clone(),
            village: find(&line.village)?,
            grids: line.grids.iter().map(find).collect::<Result<_, _>>()?,
        });
    }
    Ok(vec![Event::Region(RegionEvent::Mapped { units })])
}
