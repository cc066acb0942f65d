//! Use cases on matters: open, move, correct, void, merge, read. Texts are enciphered before a command is sent, so no
//! plain word of a villager reaches the journal.

use crate::command::{Beside, Command, MatterRef, Outcome};
use crate::error::AppError;
use crate::file::Upload;
use crate::keys::{Subject, Texts};
use crate::reporter::receipt_digest;
use crate::state::App;
use crate::warning::MADE_OF;
use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, PoisonError};
use xiangyue_domain::day::{Day, Time};
use xiangyue_domain::flow::{Ctx, MoveRequest, OpenRequest};
use xiangyue_domain::form::{self, Filled};
use xiangyue_domain::ids::{AccountId, MatterId, RegionId};
use xiangyue_domain::matter::{FileRef, Matter, Values, Who};
use xiangyue_domain::policy::{Field, FieldType, Kind, Level, Policy, Right};
use xiangyue_domain::refusal::{FieldFault, Refusal};
use xiangyue_domain::register::{Directory, Holder};
use xiangyue_store::{Filter, Scope};

/// What was typed, by field.
pub type Typed = BTreeMap<String, String>;

/// A matter to be taken in, as it was typed.
#[derive(Debug, Clone, Default)]
pub struct OpenForm {
    /// Kind.
    pub kind: String,
    /// Place.
    pub place: RegionId,
    /// Channel; empty for the usual one.
    pub channel: String,
    /// Number in the system it came from.
    pub source_no: Option<String>,
    /// Fields as typed.
    pub typed: Typed,
    /// Keeps the reporter secret.
    pub confidential: bool,
    /// Straight to the town.
    pub bypass: bool,
    /// Post-holders it names.
    pub named: Vec<AccountId>,
    /// Files.
    pub files: Vec<Upload>,
    /// The warning that it is made of, by its name; empty for most.
    pub made_of: String,
}

/// A move, as it was typed.
#[derive(Debug, Clone, Default)]
pub struct MoveForm {
    /// Move.
    pub mv: String,
    /// Version of the page.
    pub version: Option<i64>,
    /// Fields as typed.
    pub typed: Typed,
    /// Chosen post.
    pub to: Option<Holder>,
    /// Chosen posts of the matters that the move opens.
    pub parts: Vec<Holder>,
    /// Files.
    pub files: Vec<Upload>,
}

/// What a reporter takes home.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Receipt {
    /// Matter.
    pub matter: MatterId,
    /// Number.
    pub number: String,
    /// Token of the link.
    pub token: String,
    /// Short 查询码.
    pub code: String,
}

/// A command that is ready to be sent.
pub struct Prepared {
    /// The command.
    pub command: Command,
    /// Rows beside.
    pub beside: Beside,
    /// The matter's key, for what follows.
    pub subject: Subject,
    /// Token and code of the receipt.
    pub receipt: (String, String),
}

impl App {
    /// Makes a matter ready to be opened: reads the form, enciphers its texts, makes receipt and tokens. The receipt
    /// follows from the sender's key, so a retry gives the same one.
    pub fn prepare_open(&self, form: OpenForm, key: &str) -> Result<Prepared, Refusal> {
        let policy = self.policy();
        let kind = policy.kind(&form.kind).ok_or_else(|| Refusal::new("no_kind"))?;
        let ids: Vec<String> = kind.intake_fields().iter().map(|f| f.id.clone()).collect();
        self.prepare_open_of(form, key, &ids)
    }

    /// The same with the fields that are read: a sheet may fill some that the form does not ask.
    pub(crate) fn prepare_open_of(&self, form: OpenForm, key: &str, ids: &[String]) -> Result<Prepared, Refusal> {
        let policy = self.policy();
        let kind = policy.kind(&form.kind).ok_or_else(|| Refusal::new("no_kind"))?;
        if kind.board.as_ref().is_some_and(|board| !board.on) {
            return Err(Refusal::new("board_off").with("kind", &kind.name));
        }
        let mut tokens: Vec<String> = form.source_no.iter().map(|no| self.source_token(&form.kind, no)).collect();
        let Filled { mut plain, secret } = form::read(&policy, kind, ids, &[], &form.typed).map_err(Refusal::form)?;
        let paper = |f: &&Field| f.kind == FieldType::File && f.required;
        let missing =
            kind.intake_fields().into_iter().filter(paper).filter(|f| form.files.iter().all(|u| u.field != f.id));
        let missing: Vec<FieldFault> =
            missing.map(|f| FieldFault::new(&f.id, "required").with("label", &f.label)).collect();
        if !missing.is_empty() {
            return Err(Refusal::form(missing));
        }
        plain.retain(|_, v| !v.is_null());
        tokens.extend(self.about_tokens(kind, &plain));
        if !form.made_of.is_empty() {
            tokens.push(self.made_token(&kind.id, &form.made_of));
            plain.insert(MADE_OF.to_owned(), form.made_of.into());
        }
        let (subject, wrapped) = self.secrets.subject();
        let token = self.receipt_of(key);
        let code = self.code_of(&token);
        let confidential = form.confidential;
        let request = OpenRequest {
            kind: form.kind,
            place: form.place,
            channel: form.channel,
            source_no: form.source_no,
            values: plain,
            texts: secret.keys().cloned().collect(),
            secret: self.secrets.seal(&subject, &secret),
            key: subject.name.clone(),
            receipt: Some(receipt_digest(&token)),
            code: Some(self.code_digest(&subject.name, &code)),
            confidential: form.confidential,
            bypass: form.bypass,
            named: form.named,
            files: Vec::new(),
        };
        tokens.extend(self.tokens(&secret));
        tokens.extend(kind.own.as_ref().and_then(|own| self.own_token(&kind.id, own, &secret)));
        let words = self.words_of(kind, &secret);
        let caller = self.caller(&secret).filter(|_| !confidential);
        let beside = Beside { key: Some((subject.name.clone(), wrapped)), tokens, caller, words, ..Beside::default() };
        Ok(Prepared { command: Command::Open(Box::new(request)), beside, subject, receipt: (token, code) })
    }

    /// Opens a matter.
    pub async fn open_matter(&self, by: Who, mut form: OpenForm, key: &str) -> Result<Receipt, AppError> {
        let policy = self.policy();
        let asked = policy.kind(&form.kind).map(|k| k.intake_fields()).unwrap_or_default();
        // A matter about a household stands where the household lives.
        if let Some(lives) = self.name_typed(&asked, form.place, &mut form.typed).await? {
            form.place = lives;
        }
        let files = form.files.clone();
        self.is_not_made(&form, key).await?;
        let mut claims = self.claim_of(&form, key).await?;
        let place = form.place;
        let mut prepared = self.prepare_open(form, key)?;
        claims.extend(self.is_no_second(asked_of(&prepared.command), place, key).await?);
        self.is_in_window(asked_of(&prepared.command), key).await?;
        prepared.beside.claims = claims;
        let stored = self.store_files(&prepared.subject, files).await?;
        if let Command::Open(request) = &mut prepared.command {
            request.files = stored;
        }
        let (token, code) = prepared.receipt;
        let done = self.send(by, Some(key.to_owned()), prepared.command, prepared.beside).await?;
        Ok(Receipt { matter: done.matter.unwrap_or_default(), number: done.number, token, code })
    }

    /// Makes a move ready to be sent. `about` is the matter as it stands, with what was said of it, for what the move publishes.
    pub fn prepare_move(
        &self,
        kind: &Kind,
        which: MatterRef,
        subject: &Subject,
        (form, files): (MoveForm, Vec<FileRef>),
        about: Option<(&Matter, &Texts, Time)>,
    ) -> Result<(Command, Beside), Refusal> {
        let policy = self.policy();
        let mv = kind.find_move(&form.mv).ok_or_else(|| Refusal::new("no_move"))?;
        // What a ballot has counted is neither asked for nor read.
        let typed = |f: &&String| about.is_none_or(|(m, ..)| !m.fixed.contains(f));
        let fields: Vec<String> = mv.fields.iter().filter(typed).cloned().collect();
        let require: Vec<String> = mv.require.iter().filter(typed).cloned().collect();
        let filled = form::read(&policy, kind, &fields, &require, &form.typed).map_err(Refusal::form)?;
        let posted = about.and_then(|(m, said, at)| {
            let (which, of, given) = ((kind, m, mv), (subject, said, at), (&filled.plain, &filled.secret));
            self.posted_by_move(which, of, given).or_else(|| self.posted_by_duty(which, of, given))
        });
        let request = MoveRequest {
            mv: form.mv,
            version: form.version,
            values: filled.plain,
            texts: filled.secret.keys().cloned().collect(),
            secret: self.secrets.seal(subject, &filled.secret),
            to: form.to,
            parts: form.parts,
            files,
            posted,
        };
        let beside = Beside { words: self.words_of(kind, &filled.secret), ..Beside::default() };
        Ok((Command::Move(which, Box::new(request)), beside))
    }

    pub(crate) async fn send_move(
        &self,
        matter: &Matter,
        by: Who,
        mut form: MoveForm,
        key: Option<String>,
    ) -> Result<Outcome, AppError> {
        let subject = self.subject_of(matter).await?;
        let (uploads, mv) = (form.files.clone(), form.mv.clone());
        let policy = self.policy();
        let kind = policy.kind_of(matter).ok_or_else(|| Refusal::new("no_kind"))?;
        let asked = kind.find_move(&mv).map(|m| m.fields.as_slice()).unwrap_or_default();
        let asked: Vec<&Field> = asked.iter().filter_map(|f| kind.field(f)).collect();
        self.name_typed(&asked, matter.place, &mut form.typed).await?;
        let posts = kind.posts(&mv);
        let said = if posts { self.said_of(matter).await? } else { Texts::new() };
        // What is published speaks of the matter as it stands now, so the move is for this version of it.
        form = if posts { MoveForm { version: form.version.or(Some(matter.version())), ..form } } else { form };
        let about = Some((matter, &said, self.now()));
        let (mut command, mut beside) =
            self.prepare_move(kind, MatterRef::Id(matter.id), &subject, (form, Vec::new()), about)?;
        beside.part_words = self.part_words(matter, kind, &subject, &command);
        if let Command::Move(_, request) = &mut command
            && !uploads.is_empty()
        {
            request.files = self.store_files(&subject, uploads).await?;
        }
        let done = self.send(by, key, command, beside).await?;
        self.learn_handled(matter, kind, &mv).await?;
        Ok(done)
    }

    /// Makes a move as someone who signed in.
    pub async fn make_move(
        &self,
        account: AccountId,
        id: MatterId,
        form: MoveForm,
        key: Option<String>,
    ) -> Result<Outcome, AppError> {
        let matter = self.find_matter(account, id).await?;
        self.send_move(&matter, Who::Account { account, post: None }, form, key).await
    }

    /// Puts a wrong place or category right.
    pub async fn correct(
        &self,
        account: AccountId,
        id: MatterId,
        place: RegionId,
        typed: Typed,
        reason: &str,
        key: Option<String>,
    ) -> Result<Outcome, AppError> {
        let matter = self.find_matter(account, id).await?;
        if reason.trim().is_empty() {
            return Err(Refusal::field("reason", "required").into());
        }
        let policy = self.policy();
        let kind = policy.kind_of(&matter).ok_or_else(|| Refusal::new("no_kind"))?;
        // What was said at intake can be put right; answers that moves gave cannot.
        let ids: Vec<String> =
            kind.intake_fields().iter().map(|f| f.id.clone()).filter(|f| typed.contains_key(f)).collect();
        let filled = form::read(&policy, kind, &ids, &[], &typed).map_err(Refusal::form)?;
        let secret = self.seal_reason(&matter, reason).await?;
        let by = Who::Account { account, post: None };
        let command = Command::Correct { matter: id, place, values: filled.plain, secret };
        self.send(by, key, command, Beside::default()).await
    }

    /// Voids a wrong entry.
    pub async fn void(
        &self,
        account: AccountId,
        id: MatterId,
        reason: &str,
        key: Option<String>,
    ) -> Result<Outcome, AppError> {
        let matter = self.find_matter(account, id).await?;
        if reason.trim().is_empty() {
            return Err(Refusal::field("reason", "required").into());
        }
        let secret = self.seal_reason(&matter, reason).await?;
        let by = Who::Account { account, post: None };
        self.send(by, key, Command::Void { matter: id, secret }, Beside::default()).await
    }

    async fn seal_reason(&self, matter: &Matter, reason: &str) -> Result<Option<String>, AppError> {
        let subject = self.subject_of(matter).await?;
        let texts = Texts::from([("reason".to_owned(), reason.trim().to_owned())]);
        Ok(self.secrets.seal(&subject, &texts))
    }

    /// The key of a matter; a matter whose key was destroyed can be moved, but nothing can be written to it.
    pub async fn subject_of(&self, matter: &Matter) -> Result<Subject, AppError> {
        let found = self.secrets.find(self.pool(), self.realm(), &matter.key).await?;
        found.ok_or_else(|| Refusal::new("erased").into())
    }

    /// The scope of an account now. It follows from the directory, the pack and the day, and is kept as long as these
    /// three are the same.
    pub fn scope(&self, account: AccountId) -> Arc<Scope> {
        let (directory, policy, day) = (self.directory(), self.policy(), self.now().day());
        let mut kept = self.scopes.lock().unwrap_or_else(PoisonError::into_inner);
        if !kept.holds_for(&directory, &policy, day) {
            *kept = Scopes {
                directory: Some(Arc::clone(&directory)),
                policy: Some(Arc::clone(&policy)),
                day,
                of: HashMap::new(),
            };
        }
        let made = kept.of.entry(account).or_insert_with(|| Arc::new(scope_of(&directory, &policy, day, account)));
        Arc::clone(made)
    }

    /// A matter that an account may see.
    pub async fn find_matter(&self, account: AccountId, id: MatterId) -> Result<Matter, AppError> {
        let found = self.pool().find_matter(self.realm(), &self.scope(account), id).await?;
        let matter = found.ok_or(AppError::NotFound)?;
        let (policy, directory) = (self.policy(), self.directory());
        let ctx = Ctx { now: self.now(), policy: &policy, directory: &directory };
        // The rules are asked as well as the query, so that neither alone can open a door.
        if xiangyue_domain::flow::sees(ctx, &matter, account) { Ok(matter) } else { Err(AppError::NotFound) }
    }

    /// A page of a list within the account's scope.
    pub async fn list(&self, account: AccountId, filter: &Filter) -> Result<Vec<Matter>, AppError> {
        Ok(self.pool().list_matters(self.realm(), &self.scope(account), filter).await?)
    }
}

/// Kind and plain values of a matter that is to be opened.
fn asked_of(command: &Command) -> (String, Values) {
    match command {
        Command::Open(request) => (request.kind.clone(), request.values.clone()),
        _ => Default::default(),
    }
}

/// Scopes of accounts under one directory, pack and day.
#[derive(Default)]
pub(crate) struct Scopes {
    directory: Option<Arc<Directory>>,
    policy: Option<Arc<Policy>>,
    day: Day,
    of: HashMap<AccountId, Arc<Scope>>,
}

impl Scopes {
    fn holds_for(&self, directory: &Arc<Directory>, policy: &Arc<Policy>, day: Day) -> bool {
        self.day == day
            && self.directory.as_ref().is_some_and(|d| Arc::ptr_eq(d, directory))
            && self.policy.as_ref().is_some_and(|p| Arc::ptr_eq(p, policy))
    }
}

fn scope_of(directory: &Directory, policy: &Policy, day: Day, account: AccountId) -> Scope {
    let posts = directory.posts_of(account, day);
    // Whoever holds no post sees nothing, not even what they once entered.
    let account = if posts.is_empty() { 0 } else { account.0 };
    let mut scope = Scope { account, ..Scope::default() };
    for holder in posts {
        scope.holders.push(holder.key());
        let Some(kind) = policy.post(&holder.post) else { continue };
        scope.sealed |= kind.rights.contains(&Right::Sealed);
        if !kind.rights.contains(&Right::SeePlace) {
            continue;
        }
        let Some(region) = directory.region_of(holder).and_then(|r| directory.tree.get(r)) else { continue };
        let list = match region.level {
            Level::Grid => &mut scope.grids,
            Level::Village => &mut scope.villages,
            Level::Town => &mut scope.towns,
            Level::County | Level::City | Level::Province => {
                scope.all = true;
                continue;
            }
        };
        // What flowed into a place is that place's to see.
        let level = |id: &RegionId| directory.tree.get(*id).is_some_and(|r| r.level == region.level);
        list.extend(directory.tree.then_nodes(region.id, day).iter().filter(|id| level(id)).map(|id| id.0));
    }
    scope
}
