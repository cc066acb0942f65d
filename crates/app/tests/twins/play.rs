//! A county at random work: everything the use cases allow, in an order that a seed decides.

use crate::stage::{COUNTY, FAR_VILLAGE, GRID, SIBLING, Stage, TOWN, VILLAGE};
use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use rand::{RngExt, SeedableRng};
use xiangyue_app::AppError;
use xiangyue_app::file::Upload;
use xiangyue_app::matter::{MoveForm, OpenForm, Typed};
use xiangyue_app::people::NewPost;
use xiangyue_domain::flow::{self, Ctx};
use xiangyue_domain::ids::{AccountId, MatterId};
use xiangyue_domain::matter::{Matter, Who};
use xiangyue_domain::policy::{DayRule, Field, FieldType, Kind, Policy};
use xiangyue_domain::refusal::Refusal;
use xiangyue_domain::register::Holder;

const PLACES: [&str; 7] = [COUNTY, TOWN, VILLAGE, VILLAGE, SIBLING, FAR_VILLAGE, GRID];

pub struct Play<'a> {
    pub stage: &'a Stage,
    pub matters: Vec<MatterId>,
    rng: StdRng,
}

/// One of a list.
fn one<'b, T>(rng: &mut StdRng, list: &'b [T]) -> Option<&'b T> {
    list.choose(rng)
}

impl Play<'_> {
    pub fn new(stage: &Stage, seed: u64) -> Play<'_> {
        // Roll-ups are written every now and then, so that sums are of what is written and of what is kept back.
        stage.app.pool().keep_back(usize::try_from(20 + seed % 17).unwrap_or(20));
        Play { stage, matters: Vec::new(), rng: StdRng::seed_from_u64(seed) }
    }

    /// Carries out commands until so many were accepted.
    pub async fn run(&mut self, wanted: usize) {
        let (mut done, mut tries) = (0, 0);
        while done < wanted {
            tries += 1;
            assert!(tries < wanted * 20, "hardly anything is accepted");
            let minutes = self.rng.random_range(0..600);
            self.stage.set(self.stage.app.now().plus_ms(minutes * 60_000));
            done += usize::from(self.step().await);
        }
    }

    async fn step(&mut self) -> bool {
        let some = one(&mut self.rng, &self.matters).copied();
        let Some(id) = some.filter(|_| self.rng.random_range(0..10) > 2) else { return self.open().await };
        let answer = match self.rng.random_range(0..20) {
            0 => self.correct(id).await,
            1 => self.stage.app.void(self.who("town.dispatcher", TOWN), id, "录错了", None).await.map(|_| true),
            2 => self.merge(id).await,
            3 => self.stage.app.sweep(self.stage.app.now()).await.map(|n| n > 0),
            4 => self.posts().await,
            _ => return self.move_on(id).await,
        };
        accepted(answer)
    }

    fn who(&self, post: &str, seat: &str) -> AccountId {
        self.stage.account(post, seat)
    }

    async fn open(&mut self) -> bool {
        let policy = self.stage.app.policy();
        let Some(kind) = one(&mut self.rng, &policy.kinds) else { return false };
        let place = self.stage.place(one(&mut self.rng, &PLACES).expect("a place"));
        let mut typed = Typed::new();
        for field in kind.intake_fields() {
            if field.required || self.rng.random_range(0..3) == 0 {
                typed.insert(field.id.clone(), self.value(&policy, field));
            }
        }
        let directory = self.stage.app.directory();
        let openers: Vec<AccountId> = directory.accounts.keys().copied().collect();
        let named = if self.rng.random_range(0..6) == 0 { one(&mut self.rng, &openers).copied() } else { None };
        let form = OpenForm {
            kind: kind.id.clone(),
            place,
            channel: one(&mut self.rng, &kind.intake.channels).cloned().unwrap_or_default(),
            typed,
            confidential: self.rng.random_range(0..5) == 0,
            bypass: self.rng.random_range(0..5) == 0,
            named: named.into_iter().collect(),
            ..OpenForm::default()
        };
        let by = if kind.intake.portal && self.rng.random_range(0..2) == 0 {
            Who::Reporter
        } else {
            self.opener(kind, &form)
        };
        match self.stage.open_form(by, form).await {
            Ok(receipt) => {
                self.matters.push(receipt.matter);
                true
            }
            Err(error) => accepted(Err(error)),
        }
    }

    /// Somebody who may take such a matter in there.
    fn opener(&mut self, kind: &Kind, form: &OpenForm) -> Who {
        let (directory, day) = (self.stage.app.directory(), self.stage.app.now().day());
        let chain = directory.tree.ancestors(form.place, day);
        let terms = directory.terms.values().filter(|t| t.from <= day && day <= t.to);
        let fits = |h: &xiangyue_domain::register::Holder| {
            kind.intake.by.contains(&h.post) && directory.region_of(h).is_some_and(|r| chain.contains(&r))
        };
        let found: Vec<_> = terms.filter(|t| fits(&t.holder)).collect();
        match one(&mut self.rng, &found) {
            Some(term) => Who::Account { account: term.account, post: Some(term.holder.clone()) },
            None => Who::Reporter,
        }
    }

    fn value(&mut self, policy: &Policy, field: &Field) -> String {
        let choices: Vec<String> = match &field.catalogue {
            Some(id) => {
                policy.catalogue(id).map(|c| c.items.iter().map(|i| i.code.clone()).collect()).unwrap_or_default()
            }
            None => field.options.keys().cloned().collect(),
        };
        match field.kind {
            FieldType::Choice => one(&mut self.rng, &choices).cloned().unwrap_or_default(),
            FieldType::Int => self.rng.random_range(0..9).to_string(),
            FieldType::Money => format!("{}.5", self.rng.random_range(0..9000)),
            FieldType::Date => {
                let days = self.rng.random_range(0..20);
                let past = field.day == Some(DayRule::Past);
                self.stage.app.now().day().plus(if past { -days } else { days }).to_string()
            }
            FieldType::Bool => "on".to_owned(),
            FieldType::Phone => format!("139{:08}", self.rng.random_range(0..99_999_999)),
            FieldType::Citizen => "11010519491231002X".to_owned(),
            FieldType::Code => format!("WZ-{}", self.rng.random_range(0..99)),
            FieldType::Matter => "20231103-0042".to_owned(),
            FieldType::File | FieldType::List | FieldType::Household | FieldType::Party => String::new(),
            FieldType::Unit => "unit.water".to_owned(),
            FieldType::Period => "2026-11".to_owned(),
            FieldType::Text | FieldType::Longtext => format!("字{}", self.rng.random_range(0..999)),
        }
    }

    /// One of the moves that are offered to anybody now.
    async fn move_on(&mut self, id: MatterId) -> bool {
        let matter = self.any(id).await;
        let (policy, directory) = (self.stage.app.policy(), self.stage.app.directory());
        let ctx = Ctx { now: self.stage.app.now(), policy: &policy, directory: &directory };
        let mut offers: Vec<(Option<AccountId>, String)> = Vec::new();
        for account in directory.accounts.keys().filter(|a| flow::sees(ctx, &matter, **a)) {
            offers.extend(flow::offered(ctx, &matter, *account).iter().map(|m| (Some(*account), m.id.clone())));
        }
        offers.extend(flow::offered_to_reporter(ctx, &matter).iter().map(|m| (None, m.id.clone())));
        let Some((by, mv)) = one(&mut self.rng, &offers).cloned() else { return false };
        let kind = policy.kind(&matter.kind).expect("its kind");
        let rule = kind.find_move(&mv).expect("a move").clone();
        let mut form = MoveForm { mv, version: Some(matter.version()), ..MoveForm::default() };
        // What is asked for in some cases only is given in all.
        let asked: Vec<&String> = rule.require.iter().chain(rule.require_when.iter().flat_map(|r| &r.fields)).collect();
        for field in rule.fields.iter().filter_map(|f| kind.field(f)) {
            if !field.required && !asked.contains(&&field.id) && self.rng.random_range(0..2) != 0 {
                continue;
            }
            if field.kind == FieldType::File {
                form.files.push(Upload { jpeg: vec![0xff, 0xd8, 0xff], field: field.id.clone() });
            } else {
                form.typed.insert(field.id.clone(), self.value(&policy, field));
            }
        }
        form.to = one(&mut self.rng, &flow::candidates(ctx, &matter, &rule)).cloned();
        let below = rule.open.as_ref().map_or(&[][..], |o| &o.candidates);
        let mut open = flow::among(ctx, &matter, below);
        // Nobody leads and assists at once.
        let leads = |part: &Holder| form.to.as_ref().is_some_and(|to| to.seat == part.seat);
        open.retain(|part| !leads(part) && matter.holder.as_ref() != Some(part));
        form.parts = one(&mut self.rng, &open).cloned().into_iter().collect();
        let choice = rule.assign.as_ref().is_some_and(|a| a.0 == "choose") && form.to.is_none()
            || rule.open.as_ref().is_some_and(|o| o.required) && form.parts.is_empty();
        let answer = match by {
            Some(account) => self.stage.app.make_move(account, id, form, None).await,
            None => {
                let command = self.stage.app.subject_of(&matter).await.and_then(|subject| {
                    let which = xiangyue_app::MatterRef::Id(id);
                    Ok(self.stage.app.prepare_move(kind, which, &subject, (form, Vec::new()), None)?)
                });
                let (command, beside) = command.expect("it can be made ready");
                self.stage.app.send(Who::Reporter, None, command, beside).await
            }
        };
        // What the file must hold by now may still be missing; which move brings it is said then.
        let held = |r: &Refusal| r.key == "lacking" || r.fields.iter().all(|f| rule.holds.contains(&f.field));
        let lacking = matches!(&answer, Err(AppError::Refused(r)) if !rule.holds.is_empty() && held(r));
        // Numbers of a vote are made up here; whether they carry it is the body's rule to say.
        let refused = matches!(&answer, Err(AppError::Refused(_)));
        let counted = rule.vote.is_some() && refused;
        assert!(
            // What the books refuse is refused as a whole: what was drawn has no household and no evidence.
            answer.is_ok() || choice || lacking || counted || (rule.post.is_some() && refused),
            "{} of {} was offered and refused: {answer:?}",
            rule.id,
            matter.kind
        );
        answer.is_ok()
    }

    /// A matter, whatever became of it.
    async fn any(&self, id: MatterId) -> Matter {
        self.stage.app.pool().matters_any(self.stage.app.realm(), &[id.0]).await.expect("read").remove(0)
    }

    async fn correct(&mut self, id: MatterId) -> Result<bool, AppError> {
        let matter = self.any(id).await;
        let policy = self.stage.app.policy();
        let kind = policy.kind(&matter.kind).expect("its kind");
        let place = self.stage.place(one(&mut self.rng, &PLACES).expect("a place"));
        let mut typed = Typed::new();
        if let Some(field) = kind.field("category") {
            typed.insert("category".into(), self.value(&policy, field));
        }
        let by = self.who("county.dispatcher", COUNTY);
        self.stage.app.correct(by, id, place, typed, "地点写错了", None).await.map(|_| true)
    }

    async fn merge(&mut self, id: MatterId) -> Result<bool, AppError> {
        let kind = self.any(id).await.kind;
        let mut like = Vec::new();
        for other in self.matters.clone() {
            if other != id && self.any(other).await.kind == kind {
                like.push(other);
            }
        }
        let Some(into) = one(&mut self.rng, &like).copied() else { return Ok(false) };
        self.stage.app.merge(self.who("county.dispatcher", COUNTY), id, into, None).await.map(|_| true)
    }

    /// Somebody goes, and somebody else takes the post.
    async fn posts(&mut self) -> Result<bool, AppError> {
        let (admin, day) = (self.who("county.admin", COUNTY), self.stage.app.now().day());
        let directory = self.stage.app.directory();
        let movable = ["village.secretary", "village.clerk", "grid.worker", "town.secretary"];
        let held = directory.terms.values().filter(|t| t.from <= day && day <= t.to);
        let terms: Vec<_> = held.filter(|t| movable.contains(&t.holder.post.as_str())).cloned().collect();
        let Some(term) = one(&mut self.rng, &terms) else { return Ok(false) };
        self.stage.app.end_post(admin, term.id).await?;
        let login = format!("new{}", self.rng.random_range(0..1_000_000));
        let new = NewPost {
            holder: term.holder.clone(),
            name: "新人".into(),
            login,
            phone: String::new(),
            from: day,
            until: None,
        };
        self.stage.app.give_post(admin, new).await.map(|_| true)
    }
}

/// A refusal is no fault; anything else is.
fn accepted(answer: Result<bool, AppError>) -> bool {
    match answer {
        Ok(done) => done,
        Err(AppError::Refused(_) | AppError::NotFound) => false,
        Err(error) => panic!("{error}"),
    }
}
