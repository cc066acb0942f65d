//! The register of people and households: numbers are checked by their own digits, names may hold any character, and
//! what can name a person is kept only as ciphertext under that person's key.

use crate::error::AppError;
use crate::keys::Texts;
use crate::state::App;
use xiangyue_domain::code::{CitizenId, Phone};
use xiangyue_domain::ids::{MatterId, PersonId, RegionId};
use xiangyue_domain::mask;
use xiangyue_domain::policy::Right;
use xiangyue_domain::refusal::{FieldFault, Refusal};

/// Longest name and address, in characters.
const NAME_MAX: usize = 60;
const ADDRESS_MAX: usize = 200;

/// Someone to be entered.
#[derive(Debug, Clone, Default)]
pub struct NewPerson {
    /// Name.
    pub name: String,
    /// Citizen's number; empty when there is no document yet.
    pub citizen: String,
    /// Telephone; may be empty.
    pub phone: String,
    /// Address; may be empty.
    pub address: String,
    /// Village or grid of residence.
    pub region: RegionId,
    /// Number of the household within its village; empty for none. A new number makes a household.
    pub household: String,
}

/// A person as a reader sees them.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PersonView {
    /// Name, masked or whole.
    pub name: String,
    /// Citizen's number, masked or whole.
    pub citizen: String,
    /// Telephone, masked or whole.
    pub phone: String,
}

/// Checks what was given of a person and gives the texts as they are kept, or everything that is wrong.
pub(crate) fn person_texts(new: &NewPerson) -> Result<Texts, Vec<FieldFault>> {
    let mut faults = Vec::new();
    let mut texts = Texts::new();
    for (field, text, max) in [("name", &new.name, NAME_MAX), ("address", &new.address, ADDRESS_MAX)] {
        let text = text.trim();
        if text.chars().count() > max {
            faults.push(FieldFault::new(field, "too_long").with("max", max));
        } else if !text.is_empty() {
            texts.insert(field.to_owned(), text.to_owned());
        } else if field == "name" {
            faults.push(FieldFault::new(field, "required"));
        }
    }
    if !new.citizen.trim().is_empty() {
        match CitizenId::parse(&new.citizen) {
            Ok(id) => drop(texts.insert("citizen".to_owned(), id.as_str().to_owned())),
            Err(fault) => faults.push(FieldFault::new("citizen", fault.key())),
        }
    }
    if !new.phone.trim().is_empty() {
        match Phone::parse(&new.phone) {
            Ok(phone) => drop(texts.insert("phone".to_owned(), phone.as_str().to_owned())),
            Err(fault) => faults.push(FieldFault::new("phone", fault.key())),
        }
    }
    if faults.is_empty() { Ok(texts) } else { Err(faults) }
}

impl App {
    /// A person as an account may see them: whole with the right to see through masks, masked otherwise.
    pub async fn person(&self, account: xiangyue_domain::ids::AccountId, id: PersonId) -> Result<PersonView, AppError> {
        let person = self.pool().find_person(self.realm(), id.0).await?.ok_or(AppError::NotFound)?;
        let (policy, directory, day) = (self.policy(), self.directory(), self.now().day());
        if !directory.has_right(&policy, account, Right::SeePlace, person.region, day) {
            return Err(AppError::NotFound);
        }
        let subject = self.secrets.find(self.pool(), self.realm(), &person.key).await?;
        let subject = subject.ok_or_else(|| Refusal::new("erased"))?;
        let texts = self.secrets.open(&subject, &person.sealed);
        let get = |field: &str| texts.get(field).cloned().unwrap_or_default();
        let (name, citizen, phone) = (get("name"), get("citizen"), get("phone"));
        if directory.has_right(&policy, account, Right::Unmask, person.region, day) {
            self.log_read(MatterId(-id.0), account, "person", "").await?;
            return Ok(PersonView { name, citizen, phone });
        }
        Ok(PersonView {
            name: mask::mask_name(&name),
            citizen: mask::mask_id(&citizen),
            phone: mask::mask_phone(&phone),
        })
    }
}
