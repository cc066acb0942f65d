//! Rows that become people of the register and their households. Numbers are checked by their own digits; what can
//! name a person is kept only as ciphertext under that person's key.

use super::column::ReadRow;
use super::ground::Ground;
use super::target::{Body, Made, of_form};
use crate::command::{Beside, Command, Ids};
use crate::error::AppError;
use crate::keys::Texts;
use crate::register::{NewPerson, person_texts};
use crate::state::App;
use std::collections::{BTreeMap, BTreeSet};
use xiangyue_domain::code::CitizenId;
use xiangyue_domain::entry::Event;
use xiangyue_domain::ids::{HouseholdId, PersonId, RegionId};
use xiangyue_domain::matter::Who;
use xiangyue_domain::policy::{Level, Right};
use xiangyue_domain::register::{Household, Person, RegisterEvent};

/// Longest number of a household, in characters.
const NUMBER_MAX: usize = 20;

/// Someone to be entered.
pub(crate) struct Resident {
    texts: Texts,
    /// Village or grid of residence.
    pub region: RegionId,
    /// Number of the household within it; empty for none.
    pub household: String,
}

pub(crate) fn draft(ground: &Ground, read: &mut ReadRow) -> Option<Made> {
    let get = |field: &str| read.get(field).to_owned();
    let new = NewPerson {
        name: get("name"),
        citizen: get("citizen"),
        phone: get("phone"),
        address: get("address"),
        region: read.place.unwrap_or_default(),
        household: get("household"),
    };
    let texts = match person_texts(&new) {
        Ok(texts) => Some(texts),
        Err(faults) => {
            of_form(read, faults);
            None
        }
    };
    if new.household.chars().count() > NUMBER_MAX {
        read.fault("household", "fault.too_long", vec![("max".to_owned(), NUMBER_MAX.to_string())]);
    }
    let level = ground.directory.tree.get(read.place?).map(|r| r.level);
    if !matches!(level, Some(Level::Village | Level::Grid)) {
        read.plain_fault("place", "import.fault_home");
    } else if !ground.may(Right::Register, new.region) {
        read.plain_fault("place", "refusal.no_right");
    }
    let texts = texts?;
    let citizen = texts.get("citizen").and_then(|c| CitizenId::parse(c).ok()).map(|c| c.long_form());
    let resident = Resident { texts, region: new.region, household: new.household };
    Some(Made {
        body: Body::Person(Box::new(resident)),
        same: citizen.unwrap_or_default(),
        field: "citizen".to_owned(),
    })
}

/// Households by region and number.
pub(crate) type Houses = BTreeMap<(RegionId, String), HouseholdId>;

/// Finds the households of these residents, and makes those that are not there yet with one entry.
pub(crate) async fn houses(app: &App, by: &Who, residents: &[&Resident]) -> Result<Houses, AppError> {
    let mut wanted: BTreeMap<RegionId, BTreeSet<String>> = BTreeMap::new();
    for resident in residents.iter().filter(|r| !r.household.is_empty()) {
        wanted.entry(resident.region).or_default().insert(resident.household.clone());
    }
    let mut found = known(app, &wanted).await?;
    let missing: Vec<(RegionId, String)> = wanted
        .iter()
        .flat_map(|(region, numbers)| numbers.iter().map(|n| (*region, n.clone())))
        .filter(|key| !found.contains_key(key))
        .collect();
    if !missing.is_empty() {
        let decide = move |ids: &mut Ids, _: &_, _: &_| {
            let new = |(region, number)| Household { id: HouseholdId(ids.draw()), number, region };
            let households = missing.into_iter().map(new).collect();
            Ok(vec![Event::Register(RegisterEvent::HouseholdsAdded { households })])
        };
        app.send(by.clone(), None, Command::Register(Box::new(decide)), Beside::default()).await?;
        found = known(app, &wanted).await?;
    }
    Ok(found)
}

async fn known(app: &App, wanted: &BTreeMap<RegionId, BTreeSet<String>>) -> Result<Houses, AppError> {
    let mut found = Houses::new();
    for (region, numbers) in wanted {
        let numbers: Vec<String> = numbers.iter().cloned().collect();
        let rows = app.pool().households_numbered(app.realm(), region.0, &numbers).await?;
        found.extend(rows.into_iter().map(|(number, id)| ((*region, number), id)));
    }
    Ok(found)
}

impl Resident {
    /// The command that enters them.
    pub fn prepare(self, app: &App, houses: &Houses) -> (Command, Beside) {
        let (subject, wrapped) = app.secrets().subject();
        let sealed = app.secrets().seal(&subject, &self.texts).unwrap_or_default();
        let household = houses.get(&(self.region, self.household.clone())).copied();
        let (region, key) = (self.region, subject.name.clone());
        let decide = move |ids: &mut Ids, _: &_, _: &_| {
            let person = Person { id: PersonId(ids.draw()), key, sealed, region, household };
            Ok(vec![Event::Register(RegisterEvent::PeopleAdded { people: vec![person] })])
        };
        let beside = Beside { key: Some((subject.name, wrapped)), ..Beside::default() };
        (Command::Register(Box::new(decide)), beside)
    }
}
