//! The register of people and households: numbers are checked by their own digits, names may hold any character, and
//! what can name a person is kept only as ciphertext under that person's key.

use crate::command::{Beside, Command};
use crate::error::AppError;
use crate::keys::Texts;
use crate::state::App;
use xiangyue_domain::code::{CitizenId, Phone};
use xiangyue_domain::entry::Event;
use xiangyue_domain::ids::{HouseholdId, MatterId, PersonId, RegionId};
use xiangyue_domain::mask;
use xiangyue_domain::matter::Who;
use xiangyue_domain::policy::Right;
use xiangyue_domain::refusal::{FieldFault, Refusal};
use xiangyue_domain::register::{Household, Person, RegisterEvent};

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

/// What is wrong with one row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowFault {
    /// Row, from 1.
    pub row: usize,
    /// What.
    pub fault: FieldFault,
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

/// Checks a row and gives its texts as they are kept.
fn read(new: &NewPerson) -> Result<Texts, FieldFault> {
    let name = new.name.trim();
    if name.is_empty() {
        return Err(FieldFault::new("name", "required"));
    }
    if name.chars().count() > NAME_MAX {
        return Err(FieldFault::new("name", "too_long").with("max", NAME_MAX));
    }
    if new.address.chars().count() > ADDRESS_MAX {
        return Err(FieldFault::new("address", "too_long").with("max", ADDRESS_MAX));
    }
    let mut texts = Texts::from([("name".to_owned(), name.to_owned())]);
    if !new.citizen.trim().is_empty() {
        let id = CitizenId::parse(&new.citizen).map_err(|f| FieldFault::new("citizen", f.key()))?;
        texts.insert("citizen".to_owned(), id.as_str().to_owned());
    }
    if !new.phone.trim().is_empty() {
        let phone = Phone::parse(&new.phone).map_err(|f| FieldFault::new("phone", f.key()))?;
        texts.insert("phone".to_owned(), phone.as_str().to_owned());
    }
    if !new.address.trim().is_empty() {
        texts.insert("address".to_owned(), new.address.trim().to_owned());
    }
    Ok(texts)
}

impl App {
    /// Enters people and their households; one wrong row and nobody is entered.
    pub async fn add_people(&self, by: Who, rows: Vec<NewPerson>) -> Result<usize, Vec<RowFault>> {
        let mut faults = Vec::new();
        let mut ready = Vec::new();
        let directory = self.directory();
        let day = self.now().day();
        for (new, row) in rows.into_iter().zip(1..) {
            let known = directory.tree.get(new.region).is_some_and(|r| r.span(day).is_some());
            match read(&new) {
                _ if !known => faults.push(RowFault { row, fault: FieldFault::new("region", "place") }),
                Err(fault) => faults.push(RowFault { row, fault }),
                Ok(texts) => {
                    let (subject, wrapped) = self.secrets.subject();
                    let sealed = self.secrets.seal(&subject, &texts).unwrap_or_default();
                    ready.push((new.region, new.household.trim().to_owned(), subject.name, wrapped, sealed));
                }
            }
        }
        if !faults.is_empty() {
            return Err(faults);
        }
        let entered = ready.len();
        for (region, number, key, wrapped, sealed) in ready {
            let beside = Beside { key: Some((key.clone(), wrapped)), ..Beside::default() };
            let found = self.pool().household_by_number(self.realm(), region.0, &number).await;
            let household = found.map_err(|e| unwritten(&AppError::from(e)))?;
            let decide = move |ids: &mut crate::command::Ids, _: &_, _: &_| {
                let mut events = Vec::new();
                let mut house = household.map(HouseholdId);
                if house.is_none() && !number.is_empty() {
                    let id = HouseholdId(ids.draw());
                    house = Some(id);
                    let new = Household { id, number, region };
                    events.push(Event::Register(RegisterEvent::HouseholdsAdded { households: vec![new] }));
                }
                let person = Person { id: PersonId(ids.draw()), key, sealed, region, household: house };
                events.push(Event::Register(RegisterEvent::PeopleAdded { people: vec![person] }));
                Ok(events)
            };
            let command = Command::Register(Box::new(decide));
            self.send(by.clone(), None, command, beside).await.map_err(|e| unwritten(&e))?;
        }
        Ok(entered)
    }

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

fn unwritten(error: &AppError) -> Vec<RowFault> {
    vec![RowFault { row: 0, fault: FieldFault::new("file", "busy").with("why", error) }]
}
