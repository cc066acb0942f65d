//! Lists out and in. `GET /desk/lists/{list}/xlsx`: the version in force as a workbook. `POST …/preview`: a workbook read
//! back, with every fault at its cell and what would change; `POST …/csv`: the same rows as the file of the pack. A list
//! comes into force with its pack and its day, never by an upload alone.

use super::{changes, label, list_of};
use crate::error::WebError;
use crate::locale::Locale;
use crate::page::{Answer, XLSX, download, with_status};
use crate::routes::desk::shell::nav;
use crate::upload::{SHEET_MAX_MB, read_sheet, unread};
use crate::visit::{Staff, Visit};
use axum::extract::{Path, Request};
use axum::http::StatusCode;
use serde_json::{Value, json};
use xiangyue_domain::policy::{Catalogue, Item, LIST_COLUMNS, LIST_MORE, ListHead, ListRow, Policy, Right, list_cell};
use xiangyue_sheet::{File, Limits, Out, Row, Wanted, address, detect, write_csv, write_xlsx};

/// Rows of a list at most.
const ROWS_MOST: usize = 2_000;

/// Columns of a list's file: what its items use, so that what comes back has lost nothing.
fn columns(items: &[Item]) -> Vec<&'static str> {
    let used = |c: &&&'static str| items.iter().any(|i| !list_cell(items, i, c).is_empty());
    LIST_COLUMNS.iter().chain(LIST_MORE.iter().filter(used)).copied().collect()
}

fn row(all: &[Item], item: &Item, columns: &[&str]) -> Vec<Out> {
    columns.iter().map(|c| Out::plain(list_cell(all, item, c))).collect()
}

/// Whether a list may be sent in for a look: by whoever keeps registers or gives posts.
pub(super) fn may_send(staff: &Staff) -> Result<bool, WebError> {
    let app = staff.app()?;
    let (directory, policy, day) = (app.directory(), app.policy(), app.now().day());
    let account = staff.user.account.id;
    Ok([Right::Register, Right::Grant].iter().any(|r| directory.has_right_somewhere(&policy, account, *r, day)))
}

/// `GET /desk/lists/{list}/xlsx`
pub(crate) async fn xlsx(Path(id): Path<String>, staff: Staff) -> Answer {
    let policy = staff.app()?.policy();
    let visit = &staff.visit;
    let (head, list) = list_of(&policy, &id).ok_or(WebError::NotFound)?;
    let columns = columns(&list.items);
    let rows: Vec<Vec<Out>> = list.leaves().map(|i| row(&list.items, i, &columns)).collect();
    let heads: Vec<String> = columns.iter().map(|c| label(visit, c)).collect();
    let notes = vec![visit.t_with("lists.note", &[("name", head.name.clone()), ("from", head.from.clone())])];
    let bytes = write_xlsx(&head.name, &notes, &heads, &rows).map_err(|e| WebError::Fault(e.to_string()))?;
    Ok(download(&format!("{}-{}.xlsx", head.name, head.from), XLSX, bytes))
}

/// Rows that were read, and what is wrong with them: an address and words.
struct Sheet {
    items: Vec<Item>,
    faults: Vec<(String, String)>,
}

/// `POST /desk/lists/{list}/preview`
pub(crate) async fn preview(Path(id): Path<String>, staff: Staff, request: Request) -> Answer {
    let (sheet, refused) = match taken(&staff, &id, request).await? {
        Ok(sheet) => (sheet, String::new()),
        Err(refused) => (Sheet { items: Vec::new(), faults: Vec::new() }, refused),
    };
    let policy = staff.app()?.policy();
    let visit = &staff.visit;
    let (head, list) = list_of(&policy, &id).ok_or(WebError::NotFound)?;
    let url = format!("/desk/lists/{}", head.id);
    let faults: Vec<Value> = sheet.faults.iter().map(|(at, words)| json!({ "at": at, "words": words })).collect();
    let bad = !refused.is_empty() || !faults.is_empty();
    let name = visit.locale.pick(&head.name, &head.name_en).to_owned();
    let values = json!({
        "nav": nav(&staff, "lists").await?, "once": visit.once(),
        "crumbs": [{ "label": visit.t("lists.title"), "url": "/desk/lists" }, { "label": name, "url": url },
            { "label": visit.t("lists.preview"), "url": "" }],
        "name": name, "refused": refused, "faults": faults, "count": sheet.items.iter().filter(|i| !i.parent.is_empty()).count(),
        "diff": changes::shown(visit, &list.items, &sheet.items), "good": !bad,
        "csv_url": format!("{url}/csv"), "preview_url": format!("{url}/preview"), "max": SHEET_MAX_MB,
    });
    let page = visit.page("lists/preview.html", &visit.t("lists.preview"), values);
    if bad { with_status(page, StatusCode::UNPROCESSABLE_ENTITY) } else { page }
}

/// `POST /desk/lists/{list}/csv`
pub(crate) async fn csv(Path(id): Path<String>, staff: Staff, request: Request) -> Answer {
    let sheet = taken(&staff, &id, request).await?.map_err(|_| WebError::Unreadable)?;
    if !sheet.faults.is_empty() {
        return Err(WebError::Unreadable);
    }
    let (all, columns) = (&sheet.items, columns(&sheet.items));
    let rows: Vec<Vec<Out>> = all.iter().filter(|i| !i.parent.is_empty()).map(|i| row(all, i, &columns)).collect();
    let heads: Vec<String> = columns.iter().map(|c| (*c).to_owned()).collect();
    Ok(download(&format!("{id}.csv"), "text/csv; charset=utf-8", write_csv(&heads, &rows)))
}

/// The file that was sent, read; the inner error is why it was refused, in words.
async fn taken(staff: &Staff, id: &str, request: Request) -> Result<Result<Sheet, String>, WebError> {
    let policy = staff.app()?.policy();
    let visit = &staff.visit;
    let (head, list) = list_of(&policy, id).ok_or(WebError::NotFound)?;
    if !may_send(staff)? {
        return Err(WebError::Refused(xiangyue_domain::refusal::Refusal::new("no_right")));
    }
    let form = read_sheet(staff, request).await?;
    if form.too_large {
        return Ok(Err(unread(visit, "too_large", u64::try_from(SHEET_MAX_MB).ok())));
    }
    let Some((_, bytes)) = form.file else { return Ok(Err(visit.t("lists.no_file"))) };
    let limits = Limits { rows: ROWS_MOST, columns: 60, cells: 100_000, ..Limits::default() };
    // One row more than a list may have: a longer file is refused, never cut short.
    let work = move || File::open(&bytes, &limits).and_then(|f| f.first(0, ROWS_MOST + 1));
    let rows = tokio::task::spawn_blocking(work).await.map_err(|e| WebError::Fault(e.to_string()))?;
    Ok(rows.map_err(|e| unread(visit, e.key(), e.most())).and_then(|rows| read(visit, &policy, head, list, &rows)))
}

fn read(visit: &Visit, policy: &Policy, head: &ListHead, list: &Catalogue, rows: &[Row]) -> Result<Sheet, String> {
    let names = |c: &&str| {
        let required = matches!(*c, "class" | "code" | "name");
        // A workbook that went out in one language comes back to a desk in another.
        let also = Locale::ALL.iter().map(|l| visit.web.locales().text(*l, &format!("lists.column_{c}"), &[]));
        Wanted { names: std::iter::once(label(visit, c)).chain(also).chain([(*c).to_owned()]).collect(), required }
    };
    let all: Vec<&str> = LIST_COLUMNS.iter().chain(LIST_MORE).copied().collect();
    let wanted: Vec<Wanted> = all.iter().map(names).collect();
    let found = detect(rows, &wanted).ok_or_else(|| visit.t("lists.no_head"))?;
    let missing: Vec<String> = (0..wanted.len())
        .filter(|i| wanted[*i].required && found.columns[*i].is_none())
        .map(|i| wanted[i].names[0].clone())
        .collect();
    if !missing.is_empty() {
        return Err(visit.t_with("lists.no_column", &[("list", visit.list(&missing))]));
    }
    let class = policy.list_classes.iter().find(|c| c.id == head.class);
    let mut sheet = Sheet { items: Vec::new(), faults: Vec::new() };
    for row in rows.iter().filter(|r| r.number > found.row && !r.is_blank()) {
        let at = |column: &str| all.iter().position(|c| *c == column).and_then(|i| found.columns[i]);
        let text = |column: &str| at(column).map_or_else(String::new, |i| row.cell(i).text().trim().to_owned());
        let cell = |column: &str| address(at(column).unwrap_or(0), row.number);
        let mut fault =
            |column: &str, key: &str| sheet.faults.push((cell(column), visit.t(&format!("lists.fault_{key}"))));
        for column in ["class", "code", "name"].into_iter().filter(|c| text(c).is_empty()) {
            fault(column, "empty");
        }
        if !text("code").is_empty() && sheet.items.iter().any(|i| i.code == text("code")) {
            fault("code", "twice");
        }
        if class.is_some_and(|c| c.basis) && text("basis").is_empty() {
            fault("basis", "basis");
        }
        let flow = text("flow");
        let known =
            policy.kinds.iter().find(|k| k.id == flow || k.name == flow || (!flow.is_empty() && k.name_en == flow));
        if known.is_none() && (!flow.is_empty() || class.is_some_and(|c| c.flow)) {
            fault("flow", "flow");
        }
        let flow = known.map(|k| k.id.clone()).unwrap_or_default();
        // A file from before these columns went out says nothing of them: what holds is kept.
        let before = list.items.iter().find(|i| i.code == text("code"));
        let more = |column: &str, kept: Option<&String>| match at(column) {
            Some(_) => text(column),
            None => kept.cloned().unwrap_or_default(),
        };
        let class_en = at("class_en").map(|_| text("class_en"));
        let parent = class_code(&mut sheet.items, list, (&text("class"), class_en));
        let name_en = more("name_en", before.map(|i| &i.name_en));
        let icon = more("icon", before.map(|i| &i.icon));
        sheet.items.push(Item { name_en, icon, ..item_of(parent, flow, &text) });
    }
    if sheet.items.is_empty() { Err(visit.t("lists.no_rows")) } else { Ok(sheet) }
}

/// Code of a class, which is put before its first item.
fn class_code(items: &mut Vec<Item>, list: &Catalogue, (name, name_en): (&str, Option<String>)) -> String {
    if let Some(known) = items.iter().find(|i| i.parent.is_empty() && i.name == name) {
        return known.code.clone();
    }
    let known = list.items.iter().find(|i| i.parent.is_empty() && i.name == name);
    let code = known.map_or_else(|| format!("new.{}", items.len()), |i| i.code.clone());
    let name_en = name_en.or_else(|| known.map(|i| i.name_en.clone())).unwrap_or_default();
    items.push(Item { code: code.clone(), name: name.to_owned(), name_en, ..Item::default() });
    code
}

fn item_of(parent: String, flow: String, text: &dyn Fn(&str) -> String) -> Item {
    Item {
        code: text("code"),
        parent,
        name: text("name"),
        owner: text("owner"),
        basis: text("basis"),
        row: ListRow {
            level: text("level"),
            flow,
            conditions: text("conditions"),
            materials: text("materials"),
            limit: text("limit"),
            risk: text("risk"),
            forms: text("forms"),
            supervisor: text("supervisor"),
        },
        ..Item::default()
    }
}
