//! A whole pack as it is in force: everything a decision may look up, with its content hash.

use super::{
    Body, CATEGORY, Direction, Indicator, Kind, LedgerRules, ListClass, ListHead, ListRow, ListVersion, Measure,
};
use super::{PostKind, PostedWords, Settings, Sheet, TextRules};
use crate::calendar::Calendar;
use crate::day::Day;
use crate::due::Cadence;
use crate::matter::{Matter, Values};
use crate::policy::Level;
use std::collections::BTreeMap;

/// An item of a catalogue.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Item {
    /// Short code, used in addresses and facts.
    pub code: String,
    /// Code of the item above; empty at the top.
    pub parent: String,
    /// Name as people say it.
    pub name: String,
    /// Name in English.
    pub name_en: String,
    /// Unit id, `village` or `town`; empty means that of the item above.
    pub owner: String,
    /// `normal` or `urgent`; empty means that of the item above.
    pub urgency: String,
    /// Codes of another catalogue that this item leads to or is about, with `;` between them.
    pub topic: String,
    /// What may be said word for word, such as the answer of an article of the knowledge base.
    pub text: String,
    /// Legal basis.
    pub basis: String,
    /// Public works: once done, it may stand among what a village has done lately.
    pub public: bool,
    /// May itself be chosen although finer items stand below it: whoever takes a call in does not always know more.
    pub pick: bool,
    /// Name of the drawing on the portal's form; empty for the plain one.
    pub icon: String,
    /// How often it has to be done in every village, for a catalogue of duties.
    pub cadence: Option<Cadence>,
    /// Days from the end of its period, or from the event, to the last day in time; before it when negative.
    pub within: i32,
    /// First day of the first period in which it is a duty.
    pub since: Option<Day>,
    /// Days after a publication within which questions about it are taken, where the pack's rule does not hold.
    pub window: Option<i32>,
    /// What it says as an item of a list.
    pub row: ListRow,
}

/// A versioned list as a tree of any depth.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Catalogue {
    /// Identifier, its file's name.
    pub id: String,
    /// Items in the pack's order.
    pub items: Vec<Item>,
    /// What is said of it as a list; none for a catalogue that only names categories.
    pub head: Option<ListHead>,
    /// Versions that held before, the newest first.
    pub earlier: Vec<ListVersion>,
}

impl Catalogue {
    /// An item by code.
    pub fn item(&self, code: &str) -> Option<&Item> {
        self.items.iter().find(|i| i.code == code)
    }

    /// The item and those above it, nearest first. A loop in the data ends the walk.
    pub fn chain(&self, code: &str) -> Vec<&Item> {
        let mut chain: Vec<&Item> = Vec::new();
        let mut next = self.item(code);
        while let Some(item) = next {
            if chain.iter().any(|seen| seen.code == item.code) {
                break;
            }
            chain.push(item);
            next = self.item(&item.parent);
        }
        chain
    }

    /// The owner of an item, its own or the nearest above.
    pub fn owner(&self, code: &str) -> &str {
        self.chain(code).iter().map(|i| i.owner.as_str()).find(|o| !o.is_empty()).unwrap_or("")
    }

    /// The urgency of an item, its own or the nearest above.
    pub fn urgency(&self, code: &str) -> &str {
        self.chain(code).iter().map(|i| i.urgency.as_str()).find(|o| !o.is_empty()).unwrap_or("normal")
    }

    /// Items that are about one of these codes of another catalogue; those about an earlier code come first.
    pub fn about(&self, codes: &[&str]) -> Vec<&Item> {
        let about = |item: &&Item, code: &str| item.topic.split(';').any(|t| t.trim() == code);
        codes.iter().flat_map(|code| self.items.iter().filter(move |i| about(i, code))).collect()
    }

    /// Whether nothing stands below this item.
    pub fn is_leaf(&self, code: &str) -> bool {
        !self.items.iter().any(|i| i.parent == code)
    }

    /// Whether a form offers this item: the finest ones, and those that the pack lets stand for what is below them.
    pub fn may_pick(&self, item: &Item) -> bool {
        item.pick || self.is_leaf(&item.code)
    }

    /// Names from the top down, such as `供水 / 停水`.
    pub fn path_name(&self, code: &str, english: bool) -> String {
        let names: Vec<&str> = self
            .chain(code)
            .iter()
            .rev()
            .map(|i| if english && !i.name_en.is_empty() { i.name_en.as_str() } else { i.name.as_str() })
            .collect();
        names.join(" / ")
    }
}

/// A unit (county department, supplier) as the pack lists it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Unit {
    /// Identifier such as `unit.housing`.
    pub id: String,
    /// Full name.
    pub name: String,
    /// Name as staff say it.
    pub short: String,
    /// Telephone of its office.
    pub phone: String,
}

/// A pack in force.
#[derive(Debug, Clone, Default)]
pub struct Policy {
    /// Identifier of the pack.
    pub id: String,
    /// Name of the county or other root.
    pub county: String,
    /// Six-digit code of the realm.
    pub realm: i64,
    /// SM3 of the pack's files.
    pub hash: String,
    /// Settings.
    pub settings: Option<Settings>,
    /// Kinds in the pack's order.
    pub kinds: Vec<Kind>,
    /// Earlier versions of kinds, under which open matters still run.
    pub older: Vec<Kind>,
    /// Kinds of posts.
    pub posts: Vec<PostKind>,
    /// Catalogues by id.
    pub catalogues: BTreeMap<String, Catalogue>,
    /// Classes of lists, in the pack's order.
    pub list_classes: Vec<ListClass>,
    /// Units in official order.
    pub units: Vec<Unit>,
    /// Indicators in the pack's order.
    pub indicators: Vec<Indicator>,
    /// Bodies that decide, with their quorum and majority.
    pub bodies: Vec<Body>,
    /// The working calendar.
    pub calendar: Calendar,
    /// Report templates by id: Markdown text.
    pub reports: BTreeMap<String, String>,
    /// The ledger: units, accounts, transfers, points rules.
    pub ledger: LedgerRules,
    /// Duties that come round, in the pack's order.
    pub duties: Vec<crate::duty::Duty>,
    /// Spreadsheets that come in and go out, in the pack's order.
    pub sheets: Vec<Sheet>,
    /// The words in which something is published.
    pub posted: PostedWords,
    /// Text messages to whoever asked for them; none where the pack says nothing of it.
    pub texts: Option<TextRules>,
}

impl Policy {
    /// A kind by id.
    pub fn kind(&self, id: &str) -> Option<&Kind> {
        self.kinds.iter().find(|k| k.id == id)
    }

    /// The kind a matter runs under: the version it was opened under, or else the one in force.
    pub fn kind_of(&self, matter: &Matter) -> Option<&Kind> {
        let now = self.kind(&matter.kind);
        if matter.flow.is_empty() || now.is_some_and(|k| k.version == matter.flow) {
            return now;
        }
        self.older.iter().find(|k| k.id == matter.kind && k.version == matter.flow).or(now)
    }

    /// What is counted over matters of a kind; measures in force hold for all matters, whatever flow they run under.
    pub fn measures_of(&self, kind: &str) -> &[Measure] {
        self.kind(kind).map_or(&[], |k| k.measures.as_slice())
    }

    /// A kind of post by id.
    pub fn post(&self, id: &str) -> Option<&PostKind> {
        self.posts.iter().find(|p| p.id == id)
    }

    /// A catalogue by id.
    pub fn catalogue(&self, id: &str) -> Option<&Catalogue> {
        self.catalogues.get(id)
    }

    /// Codes of a matter's category and of what stands above it, nearest first.
    pub fn categories_of(&self, kind: &Kind, values: &Values) -> Vec<&str> {
        let code = values.get(CATEGORY).and_then(serde_json::Value::as_str).unwrap_or("");
        let list = kind.category_list().and_then(|id| self.catalogue(id));
        let chain = list.map(|c| c.chain(code)).unwrap_or_default();
        chain.into_iter().map(|item| item.code.as_str()).collect()
    }

    /// An indicator by id.
    pub fn indicator(&self, id: &str) -> Option<&Indicator> {
        self.indicators.iter().find(|i| i.id == id)
    }

    /// A measure and the kind it belongs to.
    pub fn measure(&self, id: &str) -> Option<(&Kind, &Measure)> {
        self.kinds.iter().find_map(|k| k.measures.iter().find(|m| m.id == id).map(|m| (k, m)))
    }

    /// The sheets of a direction: those of the pack, and one for every kind that has none of its own.
    pub fn sheets(&self, direction: Direction) -> Vec<Sheet> {
        let of = |s: &&Sheet| s.direction == direction;
        let mut all: Vec<Sheet> = self.sheets.iter().filter(of).filter(|s| s.subject != "*").cloned().collect();
        let Some(general) = self.sheets.iter().filter(of).find(|s| s.subject == "*") else { return all };
        let bare = self.kinds.iter().filter(|k| !all.iter().any(|s| s.subject == k.id));
        let made: Vec<Sheet> = bare.map(|k| general.of_kind(k)).collect();
        all.extend(made);
        all
    }

    /// A sheet by id.
    pub fn sheet(&self, direction: Direction, id: &str) -> Option<Sheet> {
        self.sheets(direction).into_iter().find(|s| s.id == id)
    }

    /// What a field for a unit may hold, with its name: the county's units in their order, and whichever township the place
    /// belongs to, under the word that catalogues use for an owner.
    pub fn units_offered(&self) -> Vec<(&str, &str)> {
        let words = self.settings.iter().flat_map(|s| s.level_words.get(&Level::Town));
        let town = words.map(|word| (Level::Town.as_str(), word.as_str()));
        self.units.iter().map(|u| (u.id.as_str(), u.short.as_str())).chain(town).collect()
    }

    /// The unit that a text means: by its identifier, its name, or the name as staff say it.
    pub fn unit_named(&self, text: &str) -> Option<&str> {
        let full = self.units.iter().find(|u| u.name == text).map(|u| u.id.as_str());
        let offered = self.units_offered().into_iter().find(|(id, name)| *id == text || *name == text);
        offered.map(|(id, _)| id).or(full)
    }

    /// A body by id.
    pub fn body(&self, id: &str) -> Option<&Body> {
        self.bodies.iter().find(|b| b.id == id)
    }

    /// The level of a post.
    pub fn level_of(&self, post: &str) -> Level {
        self.post(post).map_or(Level::County, |p| p.level)
    }

    /// Whether `below` answers to `above`, directly or over others.
    pub fn answers_to(&self, below: &str, above: &str) -> bool {
        let mut at = self.post(below).and_then(|p| p.superior.as_deref());
        for _ in 0..self.posts.len() {
            match at {
                Some(id) if id == above => return true,
                Some(id) => at = self.post(id).and_then(|p| p.superior.as_deref()),
                None => return false,
            }
        }
        false
    }
}
