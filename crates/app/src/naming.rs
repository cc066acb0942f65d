//! Names on a form that stand for something of the register or the books: a household by its number within the village, a
//! shop by what its list says. What is kept is the number or name with the identity behind it. A name that is not there
//! is a fault of its field, never a guess.

use crate::error::AppError;
use crate::matter::Typed;
use crate::state::App;
use xiangyue_domain::form::{named, named_id};
use xiangyue_domain::ids::{PartyId, RegionId};
use xiangyue_domain::ledger::{Party, Record};
use xiangyue_domain::policy::{Field, FieldType, Level};
use xiangyue_domain::refusal::{FieldFault, Refusal};
use xiangyue_domain::register::Household;

impl App {
    /// Puts identities behind the households and parties that were typed; gives the place of the household, if one was.
    pub(crate) async fn name_typed(
        &self,
        fields: &[&Field],
        place: RegionId,
        typed: &mut Typed,
    ) -> Result<Option<RegionId>, AppError> {
        let mut lives = None;
        for field in fields.iter().filter(|f| matches!(f.kind, FieldType::Household | FieldType::Party)) {
            let Some(text) = typed.get(&field.id).map(|t| t.trim().to_owned()).filter(|t| !t.is_empty()) else {
                continue;
            };
            let found = if field.kind == FieldType::Household {
                let home = self.household_typed(place, &text).await?;
                lives = home.as_ref().map(|h| h.region).or(lives);
                home.map(|h| named(&h.number, h.id.0))
            } else {
                let id = named_id(&text).or_else(|| text.parse().ok());
                let parties = self.parties_at(place).await?;
                parties.into_iter().find(|p| Some(p.id.0) == id).map(|p| named(&p.name, p.id.0))
            };
            let key = if field.kind == FieldType::Household { "household" } else { "party" };
            let fault = || FieldFault::new(&field.id, key).with("label", &field.label);
            typed.insert(field.id.clone(), found.ok_or_else(|| Refusal::form(vec![fault()]))?);
        }
        // Where the household is entered at the village alone, a place within it says more.
        let (directory, day) = (self.directory(), self.now().day());
        Ok(lives.filter(|lives| !directory.tree.ancestors(place, day).contains(lives)))
    }

    /// A household of a village by its number, or by number and identity.
    pub async fn household_typed(&self, place: RegionId, text: &str) -> Result<Option<Household>, AppError> {
        let (directory, day) = (self.directory(), self.now().day());
        let tree = &directory.tree;
        let village = tree.at_level(place, Level::Village, day).unwrap_or(place);
        let inside = |region: RegionId| tree.ancestors(region, day).contains(&village);
        if let Some(id) = named_id(text) {
            let found = self.pool().household(self.realm(), id).await?;
            return Ok(found.filter(|h| inside(h.region)));
        }
        let number = text.to_uppercase();
        let below: Vec<i64> = tree.children(village, day).iter().chain([&village]).map(|r| r.0).collect();
        Ok(self.pool().household_in(self.realm(), &below, &number).await?)
    }

    /// Parties that work at a place or above it and take part today, by name.
    pub async fn parties_at(&self, place: RegionId) -> Result<Vec<Party>, AppError> {
        let (directory, day) = (self.directory(), self.now().day());
        let chain = directory.tree.ancestors(place, day);
        let records = self.pool().ledger_records_of(self.realm(), "party").await?;
        let here = |r: Record| match r {
            Record::Party(p) if p.closed.is_none_or(|c| c > day) && chain.contains(&p.place) => Some(p),
            _ => None,
        };
        let mut list: Vec<Party> = records.into_iter().filter_map(here).collect();
        list.sort_by(|a, b| (&a.name, a.id).cmp(&(&b.name, b.id)));
        Ok(list)
    }

    /// A party by identity.
    pub async fn party(&self, id: PartyId) -> Result<Party, AppError> {
        let records = self.pool().ledger_records(self.realm(), "party", id.0).await?;
        let found = records.into_iter().find_map(|r| if let Record::Party(p) = r { Some(p) } else { None });
        found.ok_or(AppError::NotFound)
    }
}
