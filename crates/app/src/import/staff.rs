//! Rows that become posts and who holds them. Nobody gives a post beyond their own rights, whether by hand or by a
//! file of a thousand rows; a new account has no password until its one-time link was used.

use super::column::ReadRow;
use super::ground::Ground;
use super::target::{Body, Made, of_form};
use crate::people::{NewPost, fits, may_grant, sound_login};
use xiangyue_domain::code::Phone;
use xiangyue_domain::day::Day;
use xiangyue_domain::refusal::FieldFault;
use xiangyue_domain::register::Holder;

/// Longest name, in characters.
const NAME_MAX: usize = 60;

pub(crate) fn draft(ground: &Ground, read: &mut ReadRow) -> Option<Made> {
    let (name, login, post) = (read.get("name").to_owned(), read.get("login").to_owned(), read.get("post").to_owned());
    if name.chars().count() > NAME_MAX {
        read.fault("name", "fault.too_long", vec![("max".to_owned(), NAME_MAX.to_string())]);
    }
    if !login.is_empty() && !sound_login(&login) {
        read.plain_fault("login", "fault.login");
    }
    let phone = office_phone(read);
    let from = Day::parse(read.get("from")).unwrap_or_else(|| ground.day());
    let until = Day::parse(read.get("until"));
    if until.is_some_and(|u| u < from) {
        read.plain_fault("until", "import.fault_until");
    }
    known_login(ground, read, &login, &name);
    let holder = seat(ground, read, &post)?;
    allowed(ground, read, &holder);
    let same = format!("{login}/{}", holder.key());
    let new = NewPost { holder, name, login, phone, from, until };
    Some(Made { body: Body::Post(Box::new(new)), same, field: "login".to_owned() })
}

fn office_phone(read: &mut ReadRow) -> String {
    let text = read.get("phone").to_owned();
    if text.is_empty() {
        return text;
    }
    match Phone::parse(&text) {
        Ok(phone) => phone.as_str().to_owned(),
        Err(fault) => {
            of_form(read, vec![FieldFault::new("phone", fault.key())]);
            text
        }
    }
}

/// A login that is there already belongs to somebody: the name has to be theirs.
fn known_login(ground: &Ground, read: &mut ReadRow, login: &str, name: &str) {
    let other = ground.directory.accounts.values().find(|a| a.login == login && a.name != name).map(|a| a.name.clone());
    if let Some(other) = other {
        read.fault("login", "import.fault_login_of", vec![("name".to_owned(), other)]);
    }
}

/// The post at its seat: a unit for a post of units, a place for every other.
fn seat(ground: &Ground, read: &mut ReadRow, post: &str) -> Option<Holder> {
    let kind = ground.policy.post(post)?;
    let seat = if kind.unit { read.get("unit").parse().ok() } else { read.place.map(|p| p.0) };
    let field = if kind.unit { "unit" } else { "place" };
    let Some(seat) = seat else {
        read.plain_fault(field, "import.fault_seat");
        return None;
    };
    let holder = Holder { post: post.to_owned(), seat };
    if !fits(&ground.policy, &ground.directory, &holder, ground.day()) {
        read.fault(field, "import.fault_seat_level", vec![("post".to_owned(), kind.name.clone())]);
        return None;
    }
    Some(holder)
}

fn allowed(ground: &Ground, read: &mut ReadRow, holder: &Holder) {
    let Some(account) = ground.account else { return };
    if !may_grant(&ground.policy, &ground.directory, account, holder, ground.day()) {
        read.plain_fault("post", "refusal.no_grant");
    }
}
