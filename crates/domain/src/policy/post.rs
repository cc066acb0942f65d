//! Posts: what a holder may do. Rights follow post, place and term, and come from the pack alone.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A level of the tree. The word shown for it (旗, 苏木, 嘎查) is the place's own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// 网格
    Grid,
    /// 村、社区、嘎查
    Village,
    /// 乡镇、街道、苏木
    Town,
    /// 县、旗、区
    County,
    /// 市
    City,
    /// 省
    Province,
}

impl Level {
    /// The word used in facts, columns and addresses.
    pub fn as_str(self) -> &'static str {
        match self {
            Level::Grid => "grid",
            Level::Village => "village",
            Level::Town => "town",
            Level::County => "county",
            Level::City => "city",
            Level::Province => "province",
        }
    }

    /// The reverse of [`Level::as_str`].
    pub fn parse(text: &str) -> Option<Level> {
        [Level::Grid, Level::Village, Level::Town, Level::County, Level::City, Level::Province]
            .into_iter()
            .find(|l| l.as_str() == text)
    }
}

/// What a post may do beyond the moves that kinds give it by name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Right {
    /// See matters of the whole subtree of the post's place.
    SeePlace,
    /// See figures and warnings of the subtree.
    Hub,
    /// Make and export work reports.
    Report,
    /// Correct a wrong place or category.
    Correct,
    /// Void a wrong entry.
    Void,
    /// Merge matters that are the same.
    Merge,
    /// Give posts within one's own subtree, never beyond one's own rights.
    Grant,
    /// See the reporter of matters outside one's own assignments, with a reason that is logged.
    Unmask,
    /// See kinds and matters that are kept secret.
    Sealed,
    /// Take a list out as a spreadsheet.
    Export,
    /// Enter people and households into the registers.
    Register,
}

/// A kind of post.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PostKind {
    /// Identifier such as `village.secretary`.
    pub id: String,
    /// Name as staff say it.
    pub name: String,
    /// Name in English.
    #[serde(default)]
    pub name_en: String,
    /// Level of the place it is held at; a unit's post stands at the unit.
    pub level: Level,
    /// Held at a unit (县直部门) and not at a place.
    #[serde(default)]
    pub unit: bool,
    /// The post that this one answers to.
    #[serde(default)]
    pub superior: Option<String>,
    /// What it may do.
    #[serde(default)]
    pub rights: Vec<Right>,
    /// Shown to villagers under 联系干部.
    #[serde(default)]
    pub public: bool,
}
