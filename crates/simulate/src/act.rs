//! What a person would type and who that person is: forms of openings and moves, filled from the wording grammar.

use crate::case::{Case, Script};
use crate::dice::{Dice, mix};
use crate::error::SimulateError;
use crate::ground::Ground;
use crate::scenario::{Fill, Scenario, Step, Stream};
use crate::shadow::{Kin, Shadow};
use crate::wording::{Topic, Voice, Wording};
use std::collections::BTreeMap;
use xiangyue_app::matter::{MoveForm, OpenForm, Typed};
use xiangyue_domain::day::Time;
use xiangyue_domain::due::Cadence;
use xiangyue_domain::flow;
use xiangyue_domain::ids::AccountId;
use xiangyue_domain::matter::{Matter, Who};
use xiangyue_domain::policy::{Assign, Level};
use xiangyue_domain::register::Holder;

/// Stands for the number of an earlier matter until that is known.
pub(crate) const EARLIER: &str = "00000000-0000";
/// Stands before the name of a story whose number is meant.
pub(crate) const OF_STORY: &str = "story:";

/// Everything that a case's words and people are taken from.
pub(crate) struct Stage<'a> {
    pub scenario: &'a Scenario,
    pub wording: &'a Wording,
    pub ground: &'a Ground,
    pub shadow: &'a Shadow,
    pub scripts: Vec<Script>,
    pub stories: Vec<Topic>,
}

impl Stage<'_> {
    pub fn stream(&self, case: &Case) -> &Stream {
        &self.scenario.stream[case.stream]
    }

    pub fn topic(&self, case: &Case) -> &Topic {
        match case.story {
            Some(story) => &self.stories[story],
            None => &self.wording.topics(&self.stream(case).wording)[case.topic],
        }
    }

    /// The owner that the catalogue names for a category of a stream's kind.
    pub fn owner(&self, stream: &Stream, category: &str) -> &str {
        let kind = self.shadow.policy.kind(&stream.kind);
        let field = kind.and_then(|k| k.field("category")).and_then(|f| f.catalogue.as_deref());
        field.and_then(|c| self.shadow.policy.catalogue(c)).map_or("", |c| c.owner(category))
    }

    fn about(&self, case: &Case, catalogue: &str) -> Option<String> {
        let policy = &self.shadow.policy;
        let kind = policy.kind(&self.stream(case).kind)?;
        let categories = policy.catalogue(kind.field("category")?.catalogue.as_deref()?)?;
        let chain = categories.chain(&self.topic(case).category);
        let codes: Vec<&str> = chain.iter().map(|i| i.code.as_str()).collect();
        policy.catalogue(catalogue)?.about(&codes).first().map(|item| item.code.clone())
    }

    /// Whether a category is urgent.
    pub fn is_urgent(&self, stream: &Stream, category: &str) -> bool {
        let kind = self.shadow.policy.kind(&stream.kind);
        let field = kind.and_then(|k| k.field("category")).and_then(|f| f.catalogue.as_deref());
        field.and_then(|c| self.shadow.policy.catalogue(c)).is_some_and(|c| c.urgency(category) == "urgent")
    }

    /// Short name of whoever handles the case.
    fn unit_name(&self, case: &Case, at: Time) -> String {
        let owner = self.owner(self.stream(case), &self.topic(case).category);
        if let Some(org) = self.shadow.directory.unit(owner) {
            return org.short.clone();
        }
        let tree = &self.shadow.directory.tree;
        let level = Level::parse(owner).unwrap_or(Level::Town);
        tree.at_level(case.spot.place, level, at.day()).map_or("", |r| tree.display(r, at.day())).to_owned()
    }

    fn known(&self, case: &Case, at: Time, slot: &str) -> Option<String> {
        let village = self.ground.villages.get(case.spot.village);
        let stream = self.stream(case);
        if let Some((family, name)) = slot.split_once('.') {
            let mark = |name: &str| stream.mark.iter().position(|m| m.id == name);
            return match family {
                "mark" => mark(name).and_then(|i| case.marks.get(i)).cloned(),
                "say" => mark(name).and_then(|i| Some(format!("@{}", stream.mark[i].say.get(case.marks.get(i)?)?))),
                // An item of another catalogue that is about this one's category.
                "about" => self.about(case, name),
                "amount" => {
                    let i = stream.amount.iter().position(|a| a.id == name)?;
                    case.amounts.get(i).map(ToString::to_string)
                }
                _ => None,
            };
        }
        Some(match slot {
            "village" => village?.name.clone(),
            "town" => village?.town.clone(),
            "group" => self.ground.group_name(case.spot).to_owned(),
            "unit" => self.unit_name(case, at),
            "category" => self.topic(case).category.clone(),
            "source_no" => self.source_no(case, at)?,
            "earlier" => case.repeats.map(|_| EARLIER.to_owned())?,
            "household" => self.ground.household(case.spot, case.n)?.to_owned(),
            "period" => case.duty.as_ref().filter(|d| d.cadence != Cadence::Event)?.period.clone(),
            "happened" => case.duty.as_ref().filter(|d| d.cadence == Cadence::Event)?.from.to_string(),
            "item" => case.duty.as_ref()?.item.clone(),
            "when" => case.duty.as_ref()?.words(),
            "serial" => format!("{:05}", case.n),
            "stamp" => at.day().to_string().replace('-', ""),
            "day" => {
                let date = at.day().date();
                format!("{}月{}日", date.month(), date.day())
            }
            _ => at.day().plus(slot.strip_prefix("date+")?.parse().ok()?).to_string(),
        })
    }

    /// Number of a case in the system it came from.
    fn source_no(&self, case: &Case, at: Time) -> Option<String> {
        let own = self.scripts[case.script].source_no.as_ref();
        let text = own.or(self.stream(case).channel[case.channel].source_no.as_ref())?;
        // A number that named itself would never end.
        let known = |slot: &str| if slot == "source_no" { None } else { self.known(case, at, slot) };
        let voice = self.voice(case, 0, &known);
        Some(self.wording.fill(&voice, text))
    }

    fn voice<'a>(&'a self, case: &Case, turn: u64, known: &'a dyn Fn(&str) -> Option<String>) -> Voice<'a> {
        let keep = self.scenario.retell.as_ref().map_or(&[][..], |r| r.keep.as_slice());
        Voice { seed: case.seed, caller: case.caller, turn, retold: case.retold, keep, topic: self.topic(case), known }
    }

    fn fill(&self, case: &Case, at: Time, turn: usize, into: &mut Typed, fields: &BTreeMap<String, Fill>) {
        let turn = mix(u64::try_from(turn).unwrap_or(0));
        let known = |slot: &str| self.known(case, at, slot);
        let voice = self.voice(case, turn, &known);
        for (field, fill) in fields {
            let text = match fill {
                Fill::Always(text) => text,
                Fill::At { text, chance } => {
                    let mut dice = Dice::new(crate::dice::of_text(case.seed ^ turn, field));
                    if !dice.chance(*chance) {
                        continue;
                    }
                    text
                }
            };
            let value = self.wording.fill(&voice, text);
            if !value.is_empty() {
                into.insert(field.clone(), value);
            }
        }
    }

    /// What is typed when a case is opened.
    pub fn typed(&self, case: &Case) -> Typed {
        let (stream, script) = (self.stream(case), &self.scripts[case.script]);
        let mut typed = Typed::new();
        let fields = script.fields.as_ref().unwrap_or(&stream.fields);
        self.fill(case, case.open, 0, &mut typed, fields);
        self.fill(case, case.open, 0, &mut typed, &stream.channel[case.channel].fields);
        typed
    }

    /// Who opens a case and what they type.
    pub fn opening(&self, case: &Case) -> Result<(Who, OpenForm), SimulateError> {
        let (stream, script) = (self.stream(case), &self.scripts[case.script]);
        let channel = &stream.channel[case.channel];
        let typed = self.typed(case);
        let source_no = self.source_no(case, case.open);
        let by = script.by.as_deref().unwrap_or(&channel.by);
        let who = self.who(case, None, by, case.open, (0, &[]))?;
        let form = OpenForm {
            kind: stream.kind.clone(),
            place: case.spot.place,
            channel: channel.id.clone(),
            source_no,
            typed,
            bypass: script.bypass,
            ..OpenForm::default()
        };
        Ok((who, form))
    }

    /// Who makes a move and what they type.
    pub fn moving(&self, case: &Case, kin: &Kin, turn: usize, at: Time) -> Result<(Who, MoveForm), SimulateError> {
        let step = &self.scripts[case.script].steps[turn];
        let nobody = || SimulateError::Refused {
            what: self.what(case, turn + 1),
            refusal: format!("no part {} is there", step.part),
        };
        let matter = kin.get(step.part).ok_or_else(nobody)?;
        let kind = self.shadow.policy.kind_of(matter);
        let mv = kind.and_then(|k| k.find_move(&step.mv));
        let besides = match mv {
            Some(mv) if mv.not_handler => matter.handlers.clone(),
            // Nobody decides about what they asked for themselves.
            Some(mv) => {
                let asked = matter.trail.iter().filter(|t| mv.not_by.contains(&t.mv));
                asked.filter_map(|t| t.by.account()).collect()
            }
            None => Vec::new(),
        };
        let who = self.who(case, Some(matter), &step.by, at, (turn + 1, &besides))?;
        let mut typed = Typed::new();
        self.fill(case, at, turn + 1, &mut typed, &step.fields);
        let open = mv.map_or_else(Vec::new, |mv| flow::candidates(self.shadow.ctx(at), matter, mv));
        let to = if step.to.is_empty() { None } else { Some(self.chosen(case, matter, (step, &step.to), at, open)?) };
        let mut parts: Vec<Holder> = Vec::new();
        for wanted in &step.parts {
            let candidates = mv.and_then(|m| m.open.as_ref()).map_or(&[][..], |o| &o.candidates);
            let mut open = flow::among(self.shadow.ctx(at), matter, candidates);
            open.retain(|h| !parts.contains(h) && Some(h) != to.as_ref());
            parts.push(self.chosen(case, matter, (step, wanted), at, open)?);
        }
        Ok((who, MoveForm { mv: step.mv.clone(), typed, to, parts, ..MoveForm::default() }))
    }

    /// A post over the case's place, or at a unit.
    fn post(&self, case: &Case, post: &str, at: Time) -> Option<Holder> {
        let (directory, policy) = (&self.shadow.directory, &self.shadow.policy);
        if let Some(unit) = post.strip_prefix("unit:") {
            let kind = policy.posts.iter().find(|p| p.unit)?;
            return Some(Holder { post: kind.id.clone(), seat: directory.unit(unit)?.id.0 });
        }
        let over = directory.post_over(policy, post, case.spot.place, at.day());
        // A matter of a whole village may still be entered by one of its grid workers.
        over.or_else(|| {
            let grid = self.ground.villages.get(case.spot.village)?.grids.first()?;
            directory.post_over(policy, post, *grid, at.day())
        })
    }

    /// Who acts: the matter's holder, its reporter, or someone of a post who is not among those left out.
    pub fn who(
        &self,
        case: &Case,
        matter: Option<&Matter>,
        by: &str,
        at: Time,
        (turn, besides): (usize, &[AccountId]),
    ) -> Result<Who, SimulateError> {
        let nobody = || SimulateError::Refused { what: self.what(case, turn), refusal: format!("nobody acts as {by}") };
        if by == "reporter" {
            return Ok(Who::Reporter);
        }
        if by == "opener" {
            let account = matter.and_then(|m| m.opener).ok_or_else(nobody)?;
            return Ok(Who::Account { account, post: None });
        }
        let holder = match by {
            "holder" => matter.and_then(|m| m.holder.clone()),
            "superior" => matter.and_then(|m| self.resolved(m, by, at)),
            _ => self.post(case, by, at),
        };
        let holder = holder.ok_or_else(nobody)?;
        let draw = mix(case.seed ^ mix(u64::try_from(turn).unwrap_or(0)));
        let account = self.ground.holder_of(&holder, besides, draw).ok_or_else(nobody)?;
        Ok(Who::Account { account, post: Some(holder) })
    }

    /// Where the rules send a matter under an assignment.
    fn resolved(&self, matter: &Matter, assign: &str, at: Time) -> Option<Holder> {
        let kind = self.shadow.policy.kind_of(matter)?;
        let assign = Assign(assign.to_owned());
        flow::resolve(self.shadow.ctx(at), kind, matter, &assign, &Who::System, None).ok().flatten()
    }

    /// A post as the script writes it, among those that may be chosen.
    fn chosen(
        &self,
        case: &Case,
        matter: &Matter,
        (step, wanted): (&Step, &str),
        at: Time,
        mut open: Vec<Holder>,
    ) -> Result<Holder, SimulateError> {
        let owner = || self.resolved(matter, "owner(category)", at);
        let found = if wanted == "owner" {
            owner()
        } else if let Some(post) = wanted.strip_prefix("any:") {
            let owner = owner();
            open.retain(|h| h.post == post && Some(h) != owner.as_ref() && Some(h) != matter.holder.as_ref());
            open.retain(|h| self.ground.holder_of(h, &[], 0).is_some());
            let mut dice = Dice::new(case.seed ^ 0xa11 ^ mix(u64::try_from(matter.trail.len()).unwrap_or(0)));
            let at = dice.below(open.len());
            open.into_iter().nth(at)
        } else {
            self.post(case, wanted.strip_prefix("post:").unwrap_or(wanted), at)
        };
        found.ok_or_else(|| SimulateError::Refused {
            what: self.what(case, 0),
            refusal: format!("{}: no post {wanted}", step.mv),
        })
    }

    /// What a case is, for a message.
    pub fn what(&self, case: &Case, turn: usize) -> String {
        let script = &self.scripts[case.script];
        let mv = turn.checked_sub(1).and_then(|t| script.steps.get(t)).map_or("open", |s| s.mv.as_str());
        format!("{}/{} {} {mv}", self.stream(case).id, script.id, self.topic(case).category)
    }
}
