//! What a matter goes by in a list and at the top of its page. It names a field; it never reads one.

use super::{FieldType, Kind};

impl Kind {
    /// The field whose words a matter goes by: the one that the pack names for what is posted, what was said, or the first
    /// longer text of the first form. Without this, a list of things that hold no request would be rows of the same name.
    pub fn heading(&self) -> &str {
        if let Some(posted) = &self.posted {
            return &posted.title;
        }
        if self.field("words").is_some() {
            return "words";
        }
        self.intake_fields().into_iter().find(|f| f.kind == FieldType::Longtext).map_or("words", |f| f.id.as_str())
    }
}
