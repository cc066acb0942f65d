//! The shape of a pack's `scenario.toml`: who works there, what comes in, by which paths it is handled, and the totals
//! that have to come out. Only shapes and their reading; nothing is drawn here.

use crate::error::SimulateError;
use crate::pace::Delay;
use crate::regular::Regular;
use crate::rounds::{Follows, Round};
use crate::sweep::Sweep;
use serde::Deserialize;
use std::collections::BTreeMap;
use xiangyue_pack::PackFiles;

/// The whole scenario.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Scenario {
    /// Length of the period and of the base before it.
    pub period: Span,
    /// Posts that are held.
    pub staff: Vec<StaffLine>,
    /// How weeks, holidays and places differ.
    pub pace: Pace,
    /// What comes in.
    pub stream: Vec<Stream>,
    /// Single matters told move by move.
    #[serde(default)]
    pub story: Vec<Story>,
    /// Households entered in every village.
    #[serde(default)]
    pub households: Option<Households>,
    /// Money that comes into every village's account on the first day.
    #[serde(default)]
    pub income: Vec<Income>,
    /// Shops of the points bank.
    #[serde(default)]
    pub shop: Vec<Shop>,
    /// How matters are told again by others, for measuring whether that is noticed; nothing of it is simulated.
    #[serde(default)]
    pub retell: Option<Retell>,
}

/// Households of every village: numbers, no names.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Households {
    pub each: usize,
    /// Number within the village, as `H{n}`.
    pub number: String,
}

/// An amount that a post enters.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Income {
    pub transfer: String,
    pub by: String,
    pub unit: String,
    pub yuan: i64,
}

/// A shop, what stands on its shelves and how many come on its market day.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Shop {
    /// Code of its village.
    pub place: String,
    pub kind: String,
    pub name: String,
    /// Posts that enter it and that serve there.
    pub by: String,
    pub keeper: String,
    /// Kinds of transfers: goods in, goods out.
    pub purchase: String,
    pub trade: String,
    pub fund: Income,
    /// Monday is 1.
    pub market_day: i8,
    /// Weeks from one market day to the next.
    pub weeks: std::num::NonZeroUsize,
    pub customers: usize,
    pub goods: Vec<Ware>,
}

/// A good with its price in points and what the budget pays for it.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Ware {
    pub item: String,
    pub points: i64,
    #[serde(default)]
    pub yuan: i64,
    #[serde(default)]
    pub stock: i64,
}

/// How matters are told again.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Retell {
    /// Streams in which it happens.
    pub streams: Vec<String>,
    /// Share of the tellings that are followed by another one.
    pub share: f64,
    /// Hours until the next telling, at most.
    pub within_hours: f64,
    /// Share that names the village where the first named the grid.
    pub coarse: f64,
    /// Share that names the grid next to it.
    pub beside: f64,
    /// Share that is entered under another category of the same branch.
    pub other_category: f64,
    /// Fields that are spoilt.
    pub fields: Vec<String>,
    /// Slots that stay, since they are the matter itself; all others are filled anew.
    pub keep: Vec<String>,
    /// Share in which the first caller calls again, and the fields that then stay.
    pub same_caller: f64,
    pub caller: Vec<String>,
    /// Share of characters that are left out.
    pub dropped: f64,
    /// Share of characters of `slips` that are mistaken for each other.
    pub slip: f64,
    /// Pairs that sound alike.
    pub slips: Vec<[String; 2]>,
    /// Share with a turn of speech before it, and the turns.
    pub fillers: f64,
    pub filler: Vec<String>,
    /// Share in Traditional characters.
    pub traditional: f64,
}

/// Months.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Span {
    pub months: i32,
    pub base_months: i32,
}

/// A post that is held at each of its seats.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct StaffLine {
    pub post: String,
    /// Holders at each seat.
    #[serde(default = "one")]
    pub count: usize,
    /// Name to sign in with: `{code}` is the seat's code or unit, `{n}` the holder's number.
    pub login: String,
    /// Name on screen: `{seat}`, `{post}`, `{n}`.
    pub name: String,
}

/// How time and places differ.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Pace {
    /// Weights of holidays by a word of the calendar's note; `other` for the rest.
    pub holiday: BTreeMap<String, f64>,
    /// How unlike villages are: 0 is even.
    pub villages: f64,
    /// How unlike handlers are in speed.
    pub handlers: f64,
    /// How unlike days are.
    pub days: f64,
    /// Telephone of an office: `{n}` is its number.
    pub office_phone: String,
}

/// A stream of matters of one kind.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Stream {
    pub id: String,
    pub kind: String,
    /// File of the wording grammar.
    pub wording: String,
    /// Matters that count in the period, and before it.
    #[serde(default)]
    pub total: u32,
    #[serde(default)]
    pub base: u32,
    /// Its matters meet the duties of its kind instead of being drawn.
    #[serde(default)]
    pub round: Option<Round>,
    /// Its matters ask about those of another stream instead of being drawn; `{earlier}` is the number of that one.
    #[serde(default)]
    pub follows: Option<Follows>,
    /// Its matters look, in rounds, at those of another stream instead of being drawn.
    #[serde(default)]
    pub sweep: Option<Sweep>,
    /// Beside those that are drawn, matters that meet a duty of the calendar.
    #[serde(default)]
    pub regular: Option<Regular>,
    /// Of those of the period, brought to a good end by the cut-off; without it, whatever comes.
    #[serde(default)]
    pub closed: Option<u32>,
    /// It counts as brought to a good end from this move on, whatever follows; without it once it is closed.
    #[serde(default)]
    pub closed_after: Option<String>,
    /// Counted only once this move was made.
    #[serde(default)]
    pub counts_after: Option<String>,
    /// Where it happens: share that names a grid; otherwise a village.
    #[serde(default = "whole")]
    pub in_grid: f64,
    /// Exactly once in every place that its topics concern, but not in the villages of these codes.
    #[serde(default)]
    pub each_but: Option<Vec<String>>,
    /// Monday to Sunday.
    #[serde(default)]
    pub weekday: [f64; 7],
    /// Hours of the day with their weights, as `8-12` = 3.
    #[serde(default)]
    pub hours: BTreeMap<String, f64>,
    /// Growth over the whole time, base included: 1.2 means a fifth more at the end.
    #[serde(default = "whole")]
    pub growth: f64,
    /// Share of the paths marked `direct`; each topic's own share is shifted to reach it.
    #[serde(default)]
    pub direct: Option<f64>,
    /// Share that comes from somebody who reported the same before; `{earlier}` is the number of that matter.
    #[serde(default)]
    pub repeats: f64,
    pub channel: Vec<Channel>,
    /// Fields of the intake form.
    pub fields: BTreeMap<String, Fill>,
    #[serde(default)]
    pub mark: Vec<Mark>,
    #[serde(default)]
    pub amount: Vec<Amount>,
    pub path: Vec<Path>,
}

/// A way in.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Channel {
    pub id: String,
    pub weight: f64,
    /// Who takes it in: `reporter` or a post.
    pub by: String,
    /// Further fields of the form.
    #[serde(default)]
    pub fields: BTreeMap<String, Fill>,
    /// Number in the system it came from.
    #[serde(default)]
    pub source_no: Option<String>,
}

/// How a field is filled: a template, or a template that is left out at times.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
pub(crate) enum Fill {
    Always(String),
    At { text: String, chance: f64 },
}

/// A choice made once for a matter, such as the grade it will get.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Mark {
    pub id: String,
    pub of: BTreeMap<String, f64>,
    /// Exactly so many of the period's closed ones, on paths that make `on`.
    #[serde(default)]
    pub exact: BTreeMap<String, u32>,
    /// Shares of the exact values before the period.
    #[serde(default)]
    pub base: BTreeMap<String, f64>,
    #[serde(default)]
    pub on: String,
    /// `{say.ID}` by value.
    #[serde(default)]
    pub say: BTreeMap<String, String>,
}

/// A number drawn for a matter; over the period's closed ones it comes to a total.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Amount {
    pub id: String,
    pub min: f64,
    pub low: f64,
    pub high: f64,
    /// Share that has only the least.
    #[serde(default)]
    pub plain: f64,
    #[serde(default)]
    pub total: Option<f64>,
    /// Rounded to this.
    #[serde(default = "whole")]
    pub step: f64,
}

/// A way a matter takes.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Path {
    pub id: String,
    #[serde(default)]
    pub weight: f64,
    /// Exactly so many in the period; before it in proportion.
    #[serde(default)]
    pub exact: Option<u32>,
    /// It comes to a good end.
    #[serde(default = "yes")]
    pub done: bool,
    /// It counts as taken in.
    #[serde(default = "yes")]
    pub counted: bool,
    /// Answered at once.
    #[serde(default)]
    pub direct: bool,
    /// Only for these channels; all when empty.
    #[serde(default)]
    pub channels: Vec<String>,
    /// Only for urgent or only for other matters.
    #[serde(default)]
    pub urgent: Option<bool>,
    /// Only where the category's owner is at one of these: `unit`, `village`, `town`.
    #[serde(default)]
    pub owner: Vec<String>,
    /// Only for categories under these, or under none of those written with `!`; all when empty.
    #[serde(default)]
    pub under: Vec<String>,
    /// Not through the village.
    #[serde(default)]
    pub bypass: bool,
    #[serde(default)]
    pub moves: Vec<Step>,
}

/// A move of a path.
#[derive(Debug, Clone, Deserialize, Default)]
#[serde(deny_unknown_fields)]
pub(crate) struct Step {
    /// Move of the kind's flow; empty for one that makes itself.
    #[serde(default)]
    pub mv: String,
    /// `holder`, `superior` (whom the holder answers to), `reporter`, `opener`, `unit:ID` or a post over the place.
    #[serde(default)]
    pub by: String,
    /// Time since the move before.
    #[serde(default)]
    pub after: Delay,
    /// Made by these channels only.
    #[serde(default)]
    pub channels: Vec<String>,
    /// Share in which it is made at all.
    #[serde(default = "whole")]
    pub chance: f64,
    /// Chosen post: `post:ID` over the place, `any:ID` one of the candidates, `owner`, or `unit:ID`.
    #[serde(default)]
    pub to: String,
    /// Chosen posts of the matters that the move opens, written like `to`.
    #[serde(default)]
    pub parts: Vec<String>,
    /// Made on the nth matter that an earlier move opened; 0 is the matter itself.
    #[serde(default)]
    pub part: usize,
    #[serde(default)]
    pub fields: BTreeMap<String, Fill>,
}

/// One matter told move by move. Times are `-30h` before now, or `-9d 19:40` by the clock of an earlier day.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Story {
    pub id: String,
    /// Stream that it counts in.
    pub stream: String,
    pub category: String,
    /// Code of its village or grid, and the natural unit if it has one.
    pub place: String,
    #[serde(default)]
    pub group: String,
    pub channel: String,
    #[serde(default)]
    pub by: String,
    pub at: String,
    #[serde(default)]
    pub source_no: Option<String>,
    #[serde(default)]
    pub bypass: bool,
    pub fields: BTreeMap<String, Fill>,
    #[serde(default)]
    pub moves: Vec<Scene>,
    /// Story that it is merged into, when, and by which post.
    #[serde(default)]
    pub merged: Option<Merged>,
    /// It comes to a good end by the cut-off.
    #[serde(default)]
    pub done: bool,
    /// It counts as taken in; a merged one does not.
    #[serde(default = "yes")]
    pub counted: bool,
    /// Marks of the stream that it uses up.
    #[serde(default)]
    pub marks: BTreeMap<String, String>,
}

/// A move of a story.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Scene {
    pub at: String,
    pub mv: String,
    pub by: String,
    #[serde(default)]
    pub to: String,
    #[serde(default)]
    pub parts: Vec<String>,
    #[serde(default)]
    pub part: usize,
    #[serde(default)]
    pub fields: BTreeMap<String, Fill>,
}

/// A merge.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Merged {
    pub into: String,
    pub at: String,
    pub by: String,
}

fn one() -> usize {
    1
}

fn whole() -> f64 {
    1.0
}

fn yes() -> bool {
    true
}

impl Path {
    /// Whether it is taken by matters of such a category.
    pub fn is_about(&self, category: &str) -> bool {
        let lies = |under: &str| category.strip_prefix(under).is_some_and(|r| r.is_empty() || r.starts_with('.'));
        let (not, only): (Vec<_>, Vec<_>) = self.under.iter().partition(|u| u.starts_with('!'));
        !not.iter().any(|u| lies(&u[1..])) && (only.is_empty() || only.iter().any(|u| lies(u)))
    }
}

impl Scenario {
    /// Reads the scenario of a pack.
    pub fn load(files: &PackFiles) -> Result<Scenario, SimulateError> {
        const PATH: &str = "scenario.toml";
        let text = files.text(PATH).ok_or_else(|| SimulateError::Scenario(format!("{PATH}: missing")))?;
        toml::from_str(&text).map_err(|e| SimulateError::Scenario(format!("{PATH}: {e}")))
    }
}
