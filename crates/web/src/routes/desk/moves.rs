//! Next moves as forms: what a move asks for is shown before it is made, not after it fails.

use super::kin;
use crate::error::WebError;
use crate::show;
use crate::visit::{Staff, Visit};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use xiangyue_app::App;
use xiangyue_app::Texts;
use xiangyue_app::view::Opened;
use xiangyue_domain::day::Day;
use xiangyue_domain::flow::{self, Ctx, among, candidates, offered, resolve};
use xiangyue_domain::form::typed_rows;
use xiangyue_domain::matter::{Matter, Who};
use xiangyue_domain::policy::{Field, FieldType, Item, Kind, Level, Move, Opens, Policy};
use xiangyue_domain::register::Holder;

/// Most choices that a page of a matter carries for a form that nobody asked for.
const LONG: usize = 24;

/// Empty rows at the end of a list.
const BLANK_ROWS: usize = 3;

/// What a form was sent with and what was wrong with it, to show it again.
#[derive(Default)]
pub(crate) struct Again {
    /// Values as typed.
    pub typed: BTreeMap<String, String>,
    /// Posts that were ticked for the matters that the move opens.
    pub ticked: BTreeSet<String>,
    /// Faults by field.
    pub faults: BTreeMap<String, String>,
    /// Move that was refused.
    pub mv: String,
    /// Why, when no field is at fault.
    pub why: String,
    /// What was typed into a form that is there no more, since somebody else moved first.
    pub lost: Option<String>,
}

/// What somebody typed into the fields of a move, each behind its label.
pub(crate) fn typed_words(
    visit: &Visit,
    app: &App,
    matter: &Matter,
    mv: &str,
    typed: &BTreeMap<String, String>,
) -> String {
    let policy = app.policy();
    let kind = policy.kind_of(matter);
    let written = |f: &&Field| matches!(f.kind, FieldType::Text | FieldType::Longtext);
    let fields = kind.and_then(|k| Some((k, k.find_move(mv)?))).into_iter().flat_map(|(k, mv)| {
        let named = mv.fields.iter().filter_map(|id| k.field(id));
        named.filter(written).collect::<Vec<_>>()
    });
    let one = |f: &Field| {
        let text = typed.get(&f.id).filter(|t| !t.trim().is_empty())?;
        let label = visit.locale.pick(&f.label, &f.label_en).to_owned();
        Some(visit.t_with("orders.labelled", &[("label", label), ("text", text.clone())]))
    };
    fields.filter_map(one).collect::<Vec<_>>().join("\n")
}

/// Options of a choice.
pub(crate) fn options(visit: &Visit, policy: &Policy, field: &Field, chosen: &str) -> Vec<Value> {
    let english = visit.locale == crate::Locale::En;
    let Some(catalogue) = field.catalogue.as_deref().and_then(|c| policy.catalogue(c)) else {
        return field
            .options
            .keys()
            .map(|value| json!({"value": value, "label": field.option_name(value, english), "group": "", "selected": value == chosen}))
            .collect();
    };
    super::category::options(visit, catalogue, chosen)
}

/// Units that a field may name.
fn units(policy: &Policy, chosen: &str) -> Vec<Value> {
    let one = |(id, name)| json!({"value": id, "label": name, "group": "", "selected": id == chosen});
    policy.units_offered().into_iter().map(one).collect()
}

/// A field of a form.
pub(crate) fn field(visit: &Visit, policy: &Policy, field: &Field, required: bool, again: &Again) -> Value {
    let typed = again.typed.get(&field.id).cloned().unwrap_or_default();
    let kind = match field.kind {
        FieldType::Text | FieldType::Code | FieldType::Citizen => "text",
        FieldType::Longtext => "longtext",
        FieldType::Phone => "phone",
        FieldType::Choice if field.catalogue.is_some() => "tree",
        FieldType::Choice => "choice",
        FieldType::Int => "int",
        FieldType::Money => "money",
        FieldType::Date => "date",
        FieldType::Bool => "bool",
        FieldType::File => "photos",
        FieldType::Matter | FieldType::Period | FieldType::Household => "text",
        FieldType::Party => "choice",
        FieldType::Unit => "unit",
        FieldType::List => "rows",
    };
    json!({
        "id": field.id,
        "rows": rows(visit, policy, field, again),
        "label": visit.locale.pick(&field.label, &field.label_en),
        "type": kind,
        "required": required || field.required,
        "value": typed,
        "options": match field.kind {
            FieldType::Choice => options(visit, policy, field, &typed),
            FieldType::Unit => units(policy, &typed),
            _ => Vec::new(),
        },
        "hint": visit.locale.pick(&field.hint, &field.hint_en),
        "error": again.faults.get(&field.id),
        "max": field.max.unwrap_or(0),
        "secret": false,
        "fills": field.fills,
    })
}

/// Rows of a list: those that were typed, and a few empty ones to go on with.
fn rows(visit: &Visit, policy: &Policy, list: &Field, again: &Again) -> Vec<Value> {
    if list.kind != FieldType::List {
        return Vec::new();
    }
    let prefix = format!("{}.", list.id);
    let typed = again.typed.keys().filter_map(|k| k.strip_prefix(&prefix)?.split_once('.')?.0.parse::<usize>().ok());
    let known = typed.max().map_or(0, |n| n + 1);
    let cell = |n: usize, column: &Field| {
        let named = Field { id: format!("{}.{n}.{}", list.id, column.id), required: false, ..column.clone() };
        self::field(visit, policy, &named, false, again)
    };
    (0..known + BLANK_ROWS).map(|n| json!(list.columns.iter().map(|c| cell(n, c)).collect::<Vec<_>>())).collect()
}

/// A field that stands in no kind.
pub(crate) fn plain_field(id: &str, label: String, kind: &str, required: bool, value: &str, again: &Again) -> Value {
    let value = again.typed.get(id).map_or(value, String::as_str);
    json!({"id": id, "label": label, "type": kind, "required": required, "value": value, "options": [],
        "hint": "", "error": again.faults.get(id), "max": 0, "secret": false})
}

/// A form that stands like a move.
pub(crate) fn form(id: &str, name: String, url: String, matter: Option<&Matter>, fields: Vec<Value>) -> Value {
    json!({"id": id, "name": name, "primary": false, "danger": false, "ready": false, "open": false, "url": url,
        "version": matter.map(Matter::version).unwrap_or_default().to_string(), "upload": false, "fields": fields,
        "needs": [], "warning": "", "error": ""})
}

/// Moves that a reader may make with a matter now: asked once for a page, since each asks the pack's conditions.
pub(crate) struct Offers<'a> {
    pub ctx: Ctx<'a>,
    pub moves: Vec<&'a Move>,
}

impl<'a> Offers<'a> {
    /// What this reader may do.
    pub fn of(staff: &Staff, ctx: Ctx<'a>, matter: &Matter) -> Offers<'a> {
        Offers { ctx, moves: offered(ctx, matter, staff.user.account.id) }
    }

    /// The usual next move.
    pub fn usual(&self) -> Option<&'a Move> {
        self.moves.iter().copied().find(|mv| mv.primary)
    }
}

/// The moves that this account may make now.
pub(crate) fn moves(
    staff: &Staff,
    app: &App,
    offers: &Offers,
    matter: &Matter,
    texts: &Texts,
    again: &Again,
) -> Vec<Value> {
    let (ctx, visit) = (offers.ctx, &staff.visit);
    let Some(kind) = ctx.policy.kind_of(matter) else { return Vec::new() };
    offers
        .moves
        .iter()
        .map(|mv| {
            if again.mv != mv.id && is_long(ctx, kind, matter, mv) {
                return far(matter, &mv.id, visit.locale.pick(&mv.name, &mv.name_en), mv.primary);
            }
            let shown = if again.mv == mv.id { None } else { Some(prefilled(kind, matter, texts, mv)) };
            one(staff, app, ctx, (kind, mv), matter, shown.as_ref().unwrap_or(again))
        })
        .collect()
}

/// Whether the page offers a move.
pub(crate) fn is_offered(staff: &Staff, app: &App, matter: &Matter, mv: &str) -> bool {
    let (policy, directory) = (app.policy(), app.directory());
    let ctx = Ctx { now: app.now(), policy: &policy, directory: &directory };
    offered(ctx, matter, staff.user.account.id).iter().any(|m| m.id == mv)
}

/// What a notice that still has to stand keeps shut, with the day from which it may be done, and what the pack wants
/// explained where it cannot be done now.
pub(crate) fn shut(staff: &Staff, app: &App, matter: &Matter) -> Vec<String> {
    let (policy, directory) = (app.policy(), app.directory());
    let ctx = Ctx { now: app.now(), policy: &policy, directory: &directory };
    let visit = &staff.visit;
    let one = |(mv, from): (&Move, Day)| {
        let name = visit.locale.pick(&mv.name, &mv.name_en).to_owned();
        visit.t_with("desk.shut", &[("what", name), ("day", show::long_day(visit, from))])
    };
    let mut out: Vec<String> = flow::shut(ctx, matter, staff.user.account.id).into_iter().map(one).collect();
    out.extend(flow::unmet(ctx, matter, staff.user.account.id).into_iter().map(|(mv, why)| {
        let name = visit.locale.pick(&mv.name, &mv.name_en).to_owned();
        let said = why.args.iter().find(|(slot, _)| slot == "why").map(|(_, said)| said.clone());
        visit.t_with("orders.not_now", &[("what", name), ("why", said.unwrap_or_else(|| visit.refusal(&why)))])
    }));
    out
}

/// The first few moves, those that are usual before the others: for a list on a phone.
pub(crate) fn first_moves(staff: &Staff, app: &App, matter: &Matter, most: usize) -> Vec<Value> {
    let (policy, directory) = (app.policy(), app.directory());
    let ctx = Ctx { now: app.now(), policy: &policy, directory: &directory };
    let Some(kind) = policy.kind_of(matter) else { return Vec::new() };
    let mut offers = offered(ctx, matter, staff.user.account.id);
    offers.sort_by_key(|mv| !mv.primary);
    offers.into_iter().take(most).map(|mv| one(staff, app, ctx, (kind, mv), matter, &Again::default())).collect()
}

/// Whether a form holds long lists to choose from: such a form is a page of its own, so that every page of a matter
/// does not carry hundreds of choices that nobody asked for.
fn is_long(ctx: Ctx, kind: &Kind, matter: &Matter, mv: &Move) -> bool {
    let chooses = mv.assign.as_ref().is_some_and(|a| a.0 == "choose");
    let opens = mv.open.as_ref().filter(|o| o.assign.0 == "choose");
    let posts = mv.candidates.iter().filter(|_| chooses).chain(opens.iter().flat_map(|o| &o.candidates));
    let above = ctx.directory.tree.get(matter.place).is_some_and(|r| r.level > Level::Village);
    let wide = posts.filter_map(|p| ctx.policy.post(p)).any(|p| p.unit || above && p.level <= Level::Village);
    let long = |list: &String| ctx.policy.catalogue(list).is_some_and(|c| c.items.len() > LONG);
    let listed = |f: &Field| f.fills.is_none() && f.catalogue.as_ref().is_some_and(long);
    wide || mv.fields.iter().filter_map(|id| kind.field(id)).any(listed)
}

/// The way to a form that is a page of its own.
pub(crate) fn far(matter: &Matter, id: &str, name: &str, primary: bool) -> Value {
    json!({"id": id, "name": name, "primary": primary, "danger": false, "ready": false, "open": false,
        "far": format!("/desk/matters/{}?do={id}#do-{id}", matter.id), "fields": [], "needs": [], "warning": "", "error": ""})
}

/// A form that was asked for by its link, perhaps with an item of a catalogue whose text goes into another field.
pub(crate) fn opened_form(staff: &Staff, opened: &Opened, id: &str, item: &str) -> Result<Again, WebError> {
    let policy = staff.app()?.policy();
    let matter = &opened.matter;
    let kind = policy.kind_of(matter).ok_or(WebError::NotFound)?;
    let Some(mv) = kind.find_move(id) else { return Ok(Again { mv: id.to_owned(), ..Again::default() }) };
    let mut again = prefilled(kind, matter, &opened.texts, mv);
    let filling = mv.fields.iter().filter_map(|f| kind.field(f)).find(|f| f.fills.is_some());
    let found = filling.and_then(|f| Some((f, policy.catalogue(f.catalogue.as_deref()?)?.item(item)?)));
    if let Some((field, item)) = found {
        again.typed.insert(field.id.clone(), item.code.clone());
        again.typed.extend(field.fills.iter().map(|to| (to.clone(), item.text.clone())));
    }
    Ok(Again { mv: id.to_owned(), ..again })
}

/// A form that comes filled with what other fields hold.
fn prefilled(kind: &Kind, matter: &Matter, texts: &Texts, mv: &Move) -> Again {
    let value = |from: &String| {
        let plain = matter.values.get(from).map(|v| v.as_str().map_or_else(|| v.to_string(), str::to_owned));
        texts.get(from).cloned().or(plain)
    };
    let mut typed: BTreeMap<String, String> =
        mv.prefill.iter().filter_map(|(to, from)| Some((to.clone(), value(from)?))).collect();
    for (to, from) in &mv.prefill {
        let Some(list) = kind.field(from).filter(|f| f.kind == FieldType::List) else { continue };
        typed.remove(to);
        if let Some(plain) = matter.values.get(from) {
            let named = Field { id: to.clone(), ..list.clone() };
            typed.extend(typed_rows(&named, plain, texts.get(from).map(String::as_str)));
        }
    }
    Again { typed, ..Again::default() }
}

fn one(staff: &Staff, app: &App, ctx: Ctx, (kind, mv): (&Kind, &Move), matter: &Matter, again: &Again) -> Value {
    let visit = &staff.visit;
    let here = again.mv == mv.id;
    let mut fields = Vec::new();
    if mv.assign.as_ref().is_some_and(|a| a.0 == "choose") {
        fields.push(holders(staff, app, ctx, matter, mv, again));
    }
    if let Some(opens) = mv.open.as_ref().filter(|o| o.assign.0 == "choose") {
        fields.push(parts(staff, app, ctx, matter, opens, again));
    }
    // What a ballot has counted is not typed.
    for named in mv.fields.iter().filter(|id| !matter.fixed.contains(id)).filter_map(|id| kind.field(id)) {
        let asked = mv.require.contains(&named.id) || mv.holds.contains(&named.id) && !matter.holds(&named.id);
        let mut shown = field(visit, ctx.policy, named, asked, again);
        if named.fills.is_some() {
            suggest(visit, &mut shown, &kin::about(ctx.policy, kind, matter, named));
        }
        fields.push(shown);
    }
    if mv.photos {
        let label = visit.t("desk.photos");
        fields.push(plain_field("photos", label, "photos", false, "", again));
    }
    let mut needs = Vec::new();
    if let Some(next) = goes_to(visit, app, ctx, kind, matter, mv, staff) {
        needs.push(visit.t_with("desk.goes_to", &[("who", next)]));
    }
    if mv.not_handler || !mv.not_by.is_empty() {
        needs.push(visit.t("desk.needs_other"));
    }
    let lacks: Vec<&str> = mv
        .holds
        .iter()
        .filter(|f| !matter.holds(f) && !mv.fields.contains(f))
        .map(|f| kind.field(f).map_or(f.as_str(), |field| visit.locale.pick(&field.label, &field.label_en)))
        .collect();
    if !lacks.is_empty() {
        needs.push(visit.t_with("desk.lacks", &[("what", visit.list(&lacks))]));
    }
    needs.extend(puts_off(visit, ctx, matter, mv));
    let papers = mv.fields.iter().filter_map(|id| kind.field(id)).any(|f| f.kind == FieldType::File);
    let required = mv.require.iter().filter(|f| !matter.fixed.contains(f)).count()
        + mv.holds.iter().filter(|f| !matter.holds(f) && mv.fields.contains(f)).count()
        + usize::from(mv.assign.as_ref().is_some_and(|a| a.0 == "choose"));
    let bare = fields.is_empty();
    json!({
        "id": mv.id,
        "name": visit.locale.pick(&mv.name, &mv.name_en),
        "primary": mv.primary,
        "danger": false,
        "ready": required == 0,
        "open": here,
        "url": format!("/desk/matters/{}/moves/{}", matter.id, mv.id),
        "version": matter.version().to_string(),
        "upload": mv.photos || papers,
        "fields": fields,
        "needs": if bare && required == 0 && mv.primary { Vec::new() } else { needs },
        "warning": "",
        "error": if here { again.why.clone() } else { String::new() },
    })
}

/// Puts the items that are about the matter before the others.
fn suggest(visit: &Visit, field: &mut Value, about: &[&Item]) {
    let Some(options) = field["options"].as_array_mut() else { return };
    let place = |o: &Value| about.iter().position(|i| o["value"] == i.code.as_str());
    options.sort_by_key(|o| place(o).unwrap_or(usize::MAX));
    let group = visit.t("orders.suggested");
    options.iter_mut().filter(|o| place(o).is_some()).for_each(|o| o["group"] = json!(group));
}

/// What an extension that was asked for would do to the limit: from when to when.
fn puts_off(visit: &Visit, ctx: Ctx, matter: &Matter, mv: &Move) -> Option<String> {
    let extend = mv.extend.as_ref()?;
    let days = u32::try_from(matter.number_of(&extend.days)).ok().filter(|n| *n > 0)?;
    let clock = matter.clocks.iter().find(|c| c.id == extend.clock && c.runs())?;
    let after = ctx.policy.calendar.due_working_days(clock.due, days);
    let args = [("n", days.to_string()), ("from", show::full_moment(clock.due)), ("to", show::full_moment(after))];
    Some(visit.t_with("orders.would_extend", &args))
}

/// Who would have the matter after the move, so that it can be seen before.
pub(super) fn goes_to(
    visit: &Visit,
    app: &App,
    ctx: Ctx,
    kind: &Kind,
    matter: &Matter,
    mv: &Move,
    staff: &Staff,
) -> Option<String> {
    let assign = mv.assign.as_ref().filter(|a| mv.hands_on() && a.0 != "choose")?;
    let by = Who::Account { account: staff.user.account.id, post: matter.holder.clone() };
    let to = resolve(ctx, kind, matter, assign, &by, None).ok().flatten()?;
    Some(show::holder(visit, app, &to))
}

fn holders(staff: &Staff, app: &App, ctx: Ctx, matter: &Matter, mv: &Move, again: &Again) -> Value {
    // Whoever has it already is nobody to hand it to.
    let mut others = candidates(ctx, matter, mv);
    others.retain(|h| matter.holder.as_ref() != Some(h));
    holder_field(staff, app, &others, again)
}

/// A choice among posts.
pub(crate) fn holder_field(staff: &Staff, app: &App, open: &[Holder], again: &Again) -> Value {
    let visit = &staff.visit;
    let policy = app.policy();
    let chosen = again.typed.get("to").cloned().unwrap_or_default();
    let list: Vec<Value> = open
        .iter()
        .map(|h| {
            let post = policy.post(&h.post);
            let group = post.map_or("", |p| visit.locale.pick(&p.name, &p.name_en));
            let key = h.key();
            json!({"label": show::holder(visit, app, h), "group": group, "selected": key == chosen, "value": key})
        })
        .collect();
    json!({"id": "to", "label": visit.t("desk.hand_to"), "type": "unit", "required": true, "value": chosen, "options": list,
        "hint": "", "error": again.faults.get("to"), "max": 0, "secret": false})
}

/// Posts of the matters that a move opens; as many as are ticked.
fn parts(staff: &Staff, app: &App, ctx: Ctx, matter: &Matter, opens: &Opens, again: &Again) -> Value {
    let visit = &staff.visit;
    let list: Vec<Value> = among(ctx, matter, &opens.candidates)
        .iter()
        .map(|h| {
            let post = ctx.policy.post(&h.post);
            let group = post.map_or("", |p| visit.locale.pick(&p.name, &p.name_en));
            let key = h.key();
            let ticked = again.ticked.contains(&key);
            json!({"label": show::holder(visit, app, h), "group": group, "selected": ticked, "value": key})
        })
        .collect();
    let child = ctx.policy.kind(&opens.kind).map_or("", |k| show::kind(visit, k));
    json!({"id": "parts", "label": child, "type": "many", "required": opens.required, "value": "", "options": list,
        "hint": "", "error": again.faults.get("parts"), "max": 0, "secret": false})
}

/// The usual next move, when the catalogue names who answers for the category: one key makes it.
pub(crate) fn proposal(staff: &Staff, app: &App, offers: &Offers, matter: &Matter) -> Value {
    let (ctx, visit) = (offers.ctx, &staff.visit);
    let Some(kind) = ctx.policy.kind_of(matter) else { return Value::Null };
    let by_owner = |mv: &&Move| mv.assign.as_ref().is_some_and(|a| a.0.starts_with("owner("));
    let usual = offers.moves.iter().copied().find(|mv| mv.primary && mv.require.is_empty());
    let Some(mv) = usual.filter(|mv| by_owner(mv)) else { return Value::Null };
    let Some(who) = goes_to(visit, app, ctx, kind, matter, mv, staff) else { return Value::Null };
    json!({
        "words": who, "why": visit.t("desk.proposal_why"), "label": visit.locale.pick(&mv.name, &mv.name_en),
        "url": format!("/desk/matters/{}/moves/{}", matter.id, mv.id), "version": matter.version().to_string(),
        "hidden": [], "similar": [], "sure": "", "category": null,
    })
}

/// Who has the matter when I have no move.
pub(crate) fn holder(staff: &Staff, app: &App, matter: &Matter) -> Result<Value, WebError> {
    let Some(holder) = &matter.holder else { return Ok(Value::Null) };
    let directory = app.directory();
    let day = app.now().day();
    let phone = directory.holders_of(holder, day).first().map(|a| a.phone.clone()).unwrap_or_default();
    let policy = app.policy();
    Ok(json!({
        "post": policy.post(&holder.post).map_or("", |p| staff.visit.locale.pick(&p.name, &p.name_en)),
        "place": directory.seat_name(holder.seat, day),
        "phone": phone.chars().filter(char::is_ascii_digit).collect::<String>(),
        "phone_display": phone,
    }))
}
