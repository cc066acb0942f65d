//! The township's sheet of accounts: rows of money of many villages for one item and period, read with the address of
//! every cell that is wrong. Nothing is half taken: a sheet with a fault is shown and not taken (`accounts_take`). What a
//! village has sent on or published already is left as it is, and said.

use super::CellFault;
use super::ground::Ground;
use crate::due::duty_kind;
use crate::error::AppError;
use crate::matter::Typed;
use crate::state::App;
use std::collections::BTreeMap;
use std::ops::ControlFlow;
use xiangyue_domain::crypto::sm3_hex;
use xiangyue_domain::form;
use xiangyue_domain::ids::{AccountId, MatterId, RegionId};
use xiangyue_domain::matter::Matter;
use xiangyue_domain::policy::{AccountsColumn, AccountsRules, FieldType, Kind, Level, PLACE, Policy};
use xiangyue_domain::refusal::Refusal;
use xiangyue_sheet::{File, Form, Limits, Row, Wanted, detect, read};

/// Rows looked at for the headings.
const LOOK_ROWS: usize = 40;
/// Rows of a sheet, and faults that are shown.
const ROWS_MOST: usize = 3_000;
const FAULTS_MOST: usize = 60;

/// What stands where the rows of a village would go.
#[derive(Debug, Clone, PartialEq)]
pub enum Standing {
    /// Nothing has been begun.
    New,
    /// A draft that the rows are put into.
    Draft(MatterId, String),
    /// It was sent on or published; the rows are not put into it. Its number.
    Closed(String),
}

/// The rows of one village.
#[derive(Debug, Clone)]
pub struct Sheaf {
    /// The village.
    pub village: RegionId,
    /// Its rows, column by column.
    pub lines: Vec<BTreeMap<String, String>>,
    /// Sum in cents by what the column of sides says.
    pub sums: BTreeMap<String, i64>,
    /// What is there already.
    pub standing: Standing,
}

/// A sheet as it was read.
#[derive(Debug, Clone, Default)]
pub struct Accounts {
    /// By village, in the order of the sheet.
    pub sheaves: Vec<Sheaf>,
    /// What is wrong, by cell.
    pub faults: Vec<CellFault>,
    /// Digest of what was read, for the keys of what is taken.
    pub digest: String,
}

/// What is filled, and how.
pub(super) fn rules_of(policy: &Policy) -> Result<(&Kind, &AccountsRules), AppError> {
    let (kind, duty) = duty_kind(policy).ok_or(AppError::NotFound)?;
    Ok((kind, duty.accounts.as_ref().ok_or(AppError::NotFound)?))
}

/// The rows under the headings, as texts.
struct Reader<'a> {
    policy: &'a Policy,
    kind: &'a Kind,
    rules: &'a AccountsRules,
    /// Column of the file for each column of the rules.
    matched: Vec<Option<usize>>,
}

impl Reader<'_> {
    fn cell(&self, row: &Row, column: &AccountsColumn, at: usize) -> Result<String, CellFault> {
        let list = self.kind.field(&self.rules.lines);
        let field = list.and_then(|l| l.columns.iter().find(|c| c.id == column.field));
        let number = field.is_some_and(|f| f.kind == FieldType::Money);
        let text = read(row.cell(at), if number { Form::Number } else { Form::Line });
        let text = text.map_err(|f| fault(row, Some(at), &format!("import.fault_{}", f.key())))?;
        let Some(field) = field.filter(|f| f.kind == FieldType::Choice && !text.is_empty()) else { return Ok(text) };
        let meant = field.options.iter().find(|(key, label)| **key == text || **label == text);
        meant.map(|(key, _)| key.clone()).ok_or_else(|| fault(row, Some(at), "fault.choice"))
    }

    /// The lines of a row, a line for each column of money that holds something, with the village's name.
    fn lines(&self, row: &Row, faults: &mut Vec<CellFault>) -> (String, Vec<BTreeMap<String, String>>) {
        let (mut place, mut plain, mut sums) = (String::new(), BTreeMap::new(), Vec::new());
        for (column, at) in self.rules.columns.iter().zip(&self.matched) {
            let Some(at) = *at else { continue };
            let text = match self.cell(row, column, at) {
                Ok(text) => text,
                Err(found) => {
                    faults.push(found);
                    continue;
                }
            };
            if column.field == PLACE {
                place = text;
            } else if column.field == self.rules.amount {
                match form::money(&text) {
                    Some(0) => {}
                    None if text.is_empty() => {}
                    // What is no sum, or one below nought, is told by the form at its cell.
                    _ => sums.push((text, column, at)),
                }
            } else if !text.is_empty() {
                plain.insert(column.field.clone(), text);
            } else if column.required {
                faults.push(fault(row, Some(at), "fault.required"));
            }
        }
        let lines = sums.into_iter().map(|(text, column, at)| {
            let mut line = plain.clone();
            line.insert(self.rules.amount.clone(), text);
            line.extend(column.beside.clone());
            faults.extend(self.wrong(row, &line, at));
            line
        });
        let lines: Vec<_> = lines.collect();
        if lines.is_empty() && faults.is_empty() {
            faults.push(fault(row, self.at(&self.rules.amount), "fault.required"));
        }
        (place, lines)
    }

    fn at(&self, field: &str) -> Option<usize> {
        self.rules.columns.iter().zip(&self.matched).find(|(c, at)| c.field == field && at.is_some()).and_then(|c| *c.1)
    }

    /// What the form says against a line, at the cells that it came from.
    fn wrong(&self, row: &Row, line: &BTreeMap<String, String>, at: usize) -> Vec<CellFault> {
        let typed = typed(&self.rules.lines, std::slice::from_ref(line));
        let ids = [self.rules.lines.clone()];
        let Err(faults) = form::read(self.policy, self.kind, &ids, &[], &typed) else { return Vec::new() };
        let place = |f: &str| if f == self.rules.amount { Some(at) } else { self.at(f) };
        let of = |f: xiangyue_domain::refusal::FieldFault| {
            let column = f.field.rsplit('.').next().unwrap_or_default();
            let mut made = fault(row, place(column), &format!("fault.{}", f.key));
            made.args = f.args;
            made
        };
        faults.into_iter().map(of).collect()
    }
}

fn fault(row: &Row, column: Option<usize>, key: &str) -> CellFault {
    let found = column.map(|c| row.cell(c).text().chars().take(40).collect()).unwrap_or_default();
    CellFault { row: row.number, column, key: key.to_owned(), args: Vec::new(), found }
}

/// What stands where the rows of a village would go.
pub(super) fn standing(policy: &Policy, found: Option<&Matter>) -> Result<Standing, AppError> {
    let (kind, rules) = rules_of(policy)?;
    let Some(found) = found else { return Ok(Standing::New) };
    let takes = kind.find_move(&rules.fill).is_some_and(|mv| mv.from.contains(&found.step));
    let number = found.number.clone();
    Ok(if takes { Standing::Draft(found.id, number) } else { Standing::Closed(number) })
}

/// Lines as a form types them.
pub(super) fn typed(list: &str, lines: &[BTreeMap<String, String>]) -> Typed {
    let cells = |(n, line): (usize, &BTreeMap<String, String>)| {
        line.iter().map(|(c, text)| (format!("{list}.{n}.{c}"), text.clone())).collect::<Vec<_>>()
    };
    lines.iter().enumerate().flat_map(cells).collect()
}

impl App {
    /// Whether an account may bring such a sheet.
    pub fn may_bring_accounts(&self, account: AccountId) -> bool {
        let policy = self.policy();
        let Ok((kind, rules)) = rules_of(&policy) else { return false };
        let fill = kind.find_move(&rules.fill);
        let directory = self.directory();
        let posts = directory.posts_of(account, self.now().day());
        posts
            .iter()
            .any(|h| kind.intake.by.contains(&h.post) && fill.is_some_and(|m| m.by.iter().any(|b| b.0 == h.post)))
    }

    /// Reads a sheet for an item and a period; nothing is written.
    pub async fn read_accounts(
        &self,
        account: AccountId,
        (item, period): (&str, &str),
        bytes: &[u8],
    ) -> Result<Accounts, AppError> {
        let policy = self.policy();
        let (_, rules) = rules_of(&policy)?;
        if !self.may_bring_accounts(account) {
            return Err(Refusal::new("no_right").into());
        }
        if !rules.takes(item) {
            return Err(Refusal::field("item", "duty_item").into());
        }
        // A workbook is unpacked beside the requests of others, not between them.
        let (app, sheet) = (self.clone(), bytes.to_vec());
        let work = tokio::task::spawn_blocking(move || app.read_rows(account, &sheet));
        let mut read = work.await.map_err(|e| AppError::Io(e.to_string()))??;
        let villages: Vec<RegionId> = read.sheaves.iter().map(|s| s.village).collect();
        let stands = self.duty_matters(&villages, (item, period)).await?;
        for sheaf in &mut read.sheaves {
            sheaf.standing = standing(&policy, stands.get(&sheaf.village))?;
        }
        Ok(read)
    }

    fn read_rows(&self, account: AccountId, bytes: &[u8]) -> Result<Accounts, AppError> {
        let policy = self.policy();
        let (kind, rules) = rules_of(&policy)?;
        let refused = |r: xiangyue_sheet::Refused| {
            let most = r.most().map(|n| n.to_string()).unwrap_or_default();
            AppError::from(Refusal::new(&format!("sheet_{}", r.key())).with("max", most))
        };
        let file = File::open(bytes, &Limits::default()).map_err(refused)?;
        let names = |c: &AccountsColumn| std::iter::once(&c.heading).chain(&c.also).cloned().collect();
        let wanted: Vec<Wanted> =
            rules.columns.iter().map(|c| Wanted { names: names(c), required: c.required }).collect();
        let head = detect(&file.first(0, LOOK_ROWS).map_err(refused)?, &wanted);
        let head = head.ok_or_else(|| Refusal::new("accounts_heads"))?;
        let missing = rules.columns.iter().zip(&head.columns).find(|(c, at)| c.required && at.is_none());
        if let Some((column, _)) = missing {
            return Err(Refusal::new("accounts_column").with("heading", &column.heading).into());
        }
        let reader = Reader { policy: &policy, kind, rules, matched: head.columns.clone() };
        let ground = Ground::of(self, Some(account));
        let mut out = Accounts { digest: sm3_hex(bytes), ..Accounts::default() };
        let mut count = 0;
        file.rows(0, &mut |row| {
            if row.number <= head.row || row.is_blank() || adds_up(rules, &row) {
                return ControlFlow::Continue(());
            }
            count += 1;
            self.take_row(&ground, &reader, &row, &mut out);
            if count > ROWS_MOST || out.faults.len() >= FAULTS_MOST {
                ControlFlow::Break(())
            } else {
                ControlFlow::Continue(())
            }
        })
        .map_err(refused)?;
        if count > ROWS_MOST {
            return Err(Refusal::new("accounts_rows").with("n", ROWS_MOST).into());
        }
        Ok(out)
    }

    fn take_row(&self, ground: &Ground, reader: &Reader, row: &Row, out: &mut Accounts) {
        let mut faults = Vec::new();
        let (place, lines) = reader.lines(row, &mut faults);
        let at = reader.at(PLACE);
        let tree = &ground.directory.tree;
        let village = ground.place(&place).ok().and_then(|p| tree.at_level(p, Level::Village, ground.day()));
        let Some(village) = village else {
            let key = if place.is_empty() { "fault.required" } else { "import.fault_place" };
            out.faults.extend(faults);
            out.faults.push(fault(row, at, key));
            return;
        };
        if !self.brings_for(ground, reader.kind, village) {
            faults.push(fault(row, at, "accounts.not_yours"));
        }
        if !faults.is_empty() {
            out.faults.extend(faults);
            return;
        }
        let sheaf = match out.sheaves.iter_mut().position(|s| s.village == village) {
            Some(at) => &mut out.sheaves[at],
            None => {
                let (lines, sums) = (Vec::new(), BTreeMap::new());
                out.sheaves.push(Sheaf { village, lines, sums, standing: Standing::New });
                let last = out.sheaves.len() - 1;
                &mut out.sheaves[last]
            }
        };
        for line in lines {
            let text = |field: &String| line.get(field).map_or("", String::as_str);
            let cents = form::money(text(&reader.rules.amount)).unwrap_or(0);
            *sheaf.sums.entry(text(&reader.rules.side).to_owned()).or_default() += cents;
            sheaf.lines.push(line);
        }
        let most = reader.kind.field(&reader.rules.lines).and_then(|f| f.max);
        if most.is_some_and(|most| i64::try_from(sheaf.lines.len()).unwrap_or(i64::MAX) > most) {
            let mut many = fault(row, at, "accounts.too_many");
            many.args = vec![("n".to_owned(), most.unwrap_or(0).to_string())];
            out.faults.push(many);
        }
    }

    /// Whether whoever brings the sheet keeps a village's books.
    fn brings_for(&self, ground: &Ground, kind: &Kind, village: RegionId) -> bool {
        let Some(account) = ground.account else { return false };
        let above = ground.directory.tree.ancestors(village, ground.day());
        let posts = ground.directory.posts_of(account, ground.day());
        let over =
            |h: &xiangyue_domain::register::Holder| ground.directory.region_of(h).is_some_and(|r| above.contains(&r));
        posts.iter().any(|h| kind.intake.by.contains(&h.post) && over(h))
    }
}

/// A row that only adds up.
fn adds_up(rules: &AccountsRules, row: &Row) -> bool {
    row.cells.iter().any(|c| rules.skip.iter().any(|s| c.text().trim() == s))
}
