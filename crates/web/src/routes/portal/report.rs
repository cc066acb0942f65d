//! `GET /r/{code}`: the report form of a village, `?at=&c=` from a code on a thing. `POST /r/{code}`: takes the report
//! in and leads to the receipt. For everybody; how often one address may send is limited.

use super::{field, place};
use crate::error::WebError;
use crate::form::{Sent, read_public};
use crate::page::{Answer, query, see_other, with_status};
use crate::visit::Visit;
use axum::extract::{Path, Request};
use axum::http::StatusCode;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;
use xiangyue_app::file::MAX_FILES;
use xiangyue_app::matter::{OpenForm, Typed};
use xiangyue_app::{App, AppError};
use xiangyue_domain::ids::RegionId;
use xiangyue_domain::matter::Who;
use xiangyue_domain::policy::{Field, Kind, Policy};

/// Reports that one address may send within the window: a village office, or a mobile carrier's gate, has many people
/// behind it.
const MOST: u32 = 30;
const WINDOW_MS: i64 = 600_000;
/// Longest name of a thing in a code.
const SPOT_MAX: usize = 60;

/// The form of one village.
struct Page<'a> {
    visit: &'a Visit,
    app: &'a App,
    policy: Arc<Policy>,
    village: RegionId,
    code: String,
}

/// What stands in the form.
#[derive(Default)]
struct Typing {
    category: String,
    spot: String,
    /// The code on a thing filled category and place.
    fixed: bool,
    words: String,
    phone: String,
    direct: bool,
}

type Faults = BTreeMap<String, String>;

/// `GET /r/{code}?at=&c=`
pub(crate) async fn report(Path(code): Path<String>, visit: Visit) -> Answer {
    let page = Page::of(&visit, code)?;
    let query = query(&visit.path);
    let get = |name: &str| query.get(name).map_or("", |v| v.trim());
    let known = page.known(get("c"));
    let typing = Typing {
        category: if known { get("c").to_owned() } else { String::new() },
        spot: get("at").chars().take(SPOT_MAX).collect(),
        fixed: known && !get("at").is_empty(),
        ..Typing::default()
    };
    page.show(&typing, &Faults::new(), None)
}

/// `POST /r/{code}`
pub(crate) async fn send_report(Path(code): Path<String>, visit: Visit, request: Request) -> Answer {
    let page = Page::of(&visit, code)?;
    let mut sent = read_public(&visit, request).await?;
    let typing = page.typing(&sent);
    if let Err(seconds) = visit.web.limits().take("report", visit.from, page.app.now().0, WINDOW_MS, MOST) {
        let fault = visit.t_with("portal.too_many", &[("n", ((seconds + 59) / 60).to_string())]);
        return with_status(page.show(&typing, &Faults::new(), Some(fault)), StatusCode::TOO_MANY_REQUESTS);
    }
    let key = sent.once().unwrap_or_else(|| format!("form/{}", visit.once()));
    let photo_fault = sent.photo_fault.take();
    let photos = photo_fault.is_some() || !sent.photos.is_empty();
    let form = page.open_form(&typing, &mut sent)?;
    let done = match photo_fault {
        // What else is wrong is said at once, together with the photos.
        Some(mut fault) => {
            fault.fields.extend(page.app.prepare_open(form, &key).err().map(|r| r.fields).unwrap_or_default());
            Err(AppError::Refused(fault))
        }
        None => page.app.open_matter(Who::Reporter, form, &key).await,
    };
    match done {
        Ok(receipt) => Ok(see_other(&format!("/m/{}/sent", receipt.token))),
        Err(AppError::Refused(refusal)) => {
            let faults = visit.faults(&refusal);
            let mut fault = visit.t("portal.form_fault");
            if faults.is_empty() {
                fault = visit.refusal(&refusal);
            } else if photos {
                fault.push_str(&visit.t("portal.form_fault_photos"));
            }
            with_status(page.show(&typing, &faults, Some(fault)), StatusCode::UNPROCESSABLE_ENTITY)
        }
        Err(other) => Err(other.into()),
    }
}

impl<'a> Page<'a> {
    fn of(visit: &'a Visit, code: String) -> Result<Page<'a>, WebError> {
        let app = visit.app()?;
        let village = place::by_code(visit, &code)?;
        let policy = app.policy();
        let page = Page { visit, app, policy, village, code };
        page.kind().map(|k| k.intake.portal).filter(|p| *p).ok_or(WebError::NotFound)?;
        Ok(page)
    }

    /// The kind that the pack opens from the portal.
    fn kind(&self) -> Option<&Kind> {
        self.policy.kind(&self.policy.settings.as_ref()?.portal_kind)
    }

    /// The field that says what it is about.
    fn category(&self) -> Option<&Field> {
        self.kind()?.intake_fields().into_iter().find(|f| f.catalogue.is_some())
    }

    fn known(&self, code: &str) -> bool {
        let catalogue = self.category().and_then(|f| self.policy.catalogue(f.catalogue.as_deref()?));
        catalogue.is_some_and(|c| c.item(code).is_some())
    }

    fn typing(&self, sent: &Sent) -> Typing {
        let at: String = sent.get("at").trim().chars().take(SPOT_MAX).collect();
        let fixed = !at.is_empty() && self.known(sent.get("category"));
        Typing {
            category: sent.get("category").to_owned(),
            spot: if fixed { at } else { sent.get("where").to_owned() },
            fixed,
            words: sent.get("words").to_owned(),
            phone: sent.get("phone").to_owned(),
            direct: sent.ticked("direct"),
        }
    }

    fn open_form(&self, typing: &Typing, sent: &mut Sent) -> Result<OpenForm, WebError> {
        let category = self.category().ok_or(WebError::NotFound)?;
        let typed = Typed::from([
            (category.id.clone(), typing.category.clone()),
            (field::SPOT.to_owned(), typing.spot.clone()),
            (field::WORDS.to_owned(), typing.words.clone()),
            (field::PHONE.to_owned(), typing.phone.clone()),
        ]);
        Ok(OpenForm {
            kind: self.kind().map(|k| k.id.clone()).unwrap_or_default(),
            place: self.village,
            typed,
            bypass: typing.direct,
            files: std::mem::take(&mut sent.photos),
            ..OpenForm::default()
        })
    }

    fn show(&self, typing: &Typing, faults: &Faults, fault: Option<String>) -> Answer {
        let visit = self.visit;
        let category = self.category().map(|f| f.id.clone()).unwrap_or_default();
        let of = |name: &str| faults.get(name).cloned();
        let missing = |_| visit.t("portal.category_fault");
        let phone = of(field::PHONE).map(|f| format!("{f}{}", visit.t("portal.phone_fault")));
        let values = json!({
            "village": place::values(self.app, self.village),
            "action": format!("/r/{}", self.code),
            "categories": self.categories(&typing.category),
            "spot": self.spot(typing),
            "form": {
                "category": { "error": of(&category).map(missing) },
                "where": { "value": typing.spot, "error": of(field::SPOT) },
                "photos": { "error": of("photos"), "max": MAX_FILES },
                "words": { "value": typing.words, "error": of(field::WORDS) },
                "phone": { "value": typing.phone, "error": phone },
                "direct": { "value": typing.direct },
            },
            "fault": fault,
            "once": visit.once(),
        });
        visit.page("portal/report.html", &visit.t("portal.report"), values)
    }

    /// The chips: what is at the top of the catalogue.
    fn categories(&self, selected: &str) -> Vec<Value> {
        let catalogue = self.category().and_then(|f| self.policy.catalogue(f.catalogue.as_deref()?));
        let items = catalogue.map(|c| c.items.as_slice()).unwrap_or_default();
        let top = items.iter().filter(|i| i.parent.is_empty());
        top.map(|i| {
            let label = self.visit.locale.pick(&i.name, &i.name_en);
            json!({ "value": i.code, "label": label, "icon": i.icon, "selected": i.code == selected })
        })
        .collect()
    }

    /// The thing whose code was scanned.
    fn spot(&self, typing: &Typing) -> Value {
        let catalogue = self.category().and_then(|f| self.policy.catalogue(f.catalogue.as_deref()?));
        let item = catalogue.and_then(|c| c.item(&typing.category)).filter(|_| typing.fixed);
        item.map_or(Value::Null, |i| {
            json!({
                "id": typing.spot,
                "name": typing.spot,
                "category": i.code,
                "category_label": self.visit.locale.pick(&i.name, &i.name_en),
                "plain_url": format!("/r/{}", self.code),
            })
        })
    }
}
