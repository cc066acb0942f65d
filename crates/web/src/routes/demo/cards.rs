//! Cards, stories and links of a pack's `demo.toml`, and how they stand on the page with what waits there now.

use crate::Ready;
use crate::error::WebError;
use crate::show;
use crate::visit::Visit;
use serde::Deserialize;
use serde_json::{Value, json};
use xiangyue_app::AppError;
use xiangyue_domain::ids::{AccountId, RegionId};
use xiangyue_domain::policy::Level;
use xiangyue_domain::register::Holder;

/// `demo.toml`.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct DemoFile {
    /// Posts to go in as.
    #[serde(default, rename = "card")]
    pub cards: Vec<Card>,
    /// Matters to follow.
    #[serde(default, rename = "story")]
    pub stories: Vec<Story>,
    /// Pages to go straight to.
    #[serde(default, rename = "link")]
    pub links: Vec<Link>,
}

/// A post to go in as, or, without a post, a page for a villager.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Card {
    pub id: String,
    #[serde(default)]
    post: String,
    /// Code of the region it is held at.
    #[serde(default)]
    region: String,
    /// Unit it is held at.
    #[serde(default)]
    unit: String,
    icon: String,
    #[serde(default)]
    name: String,
    #[serde(default)]
    name_en: String,
    /// A line instead of what waits there.
    #[serde(default)]
    say: String,
    #[serde(default)]
    say_en: String,
    /// Page of a card without a post.
    #[serde(default)]
    to: String,
}

/// A matter to follow.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Story {
    letter: String,
    title: String,
    #[serde(default)]
    title_en: String,
    text: String,
    #[serde(default)]
    text_en: String,
    /// Key of the command that opened it.
    key: String,
    #[serde(rename = "step")]
    steps: Vec<Step>,
}

/// A page of a story: `{id}` stands for the matter, `{token}` for its receipt.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Step {
    text: String,
    #[serde(default)]
    text_en: String,
    /// Card to go in with; none for a villager.
    #[serde(default)]
    card: String,
    to: String,
}

/// A page to go straight to.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Link {
    label: String,
    #[serde(default)]
    label_en: String,
    hint: String,
    #[serde(default)]
    hint_en: String,
    icon: String,
    #[serde(default)]
    card: String,
    to: String,
}

/// An address and how one goes there.
pub(super) struct Target {
    pub url: String,
    pub method: &'static str,
}

impl DemoFile {
    /// The pack's file; a pack without one shows no cards.
    pub fn of(ready: &Ready) -> Result<DemoFile, WebError> {
        let Some(text) = ready.loaded.files.text("demo.toml") else { return Ok(DemoFile::default()) };
        toml::from_str(&text).map_err(|e| WebError::Fault(format!("demo.toml: {e}")))
    }
}

impl Card {
    /// The post at its seat.
    fn holder(&self, ready: &Ready) -> Option<Holder> {
        let (directory, day) = (ready.app.directory(), ready.app.now().day());
        let seat = match self.unit.as_str() {
            "" => directory.tree.by_code(&self.region, day)?.id.0,
            unit => directory.unit(unit)?.id.0,
        };
        Some(Holder { post: self.post.clone(), seat })
    }

    /// The demo account that holds the post now.
    pub fn account(&self, ready: &Ready) -> Option<AccountId> {
        let holder = self.holder(ready)?;
        let (directory, day) = (ready.app.directory(), ready.app.now().day());

        directory.holders_of(&holder, day).into_iter().find(|a| a.demo && !a.closed).map(|a| a.id)
    }

    /// As it stands on the page; a post that nobody holds is left out.
    pub async fn shown(&self, visit: &Visit, ready: &Ready) -> Result<Option<Value>, WebError> {
        let app = &ready.app;
        let say = visit.locale.pick(&self.say, &self.say_en);
        let policy = app.policy();
        let named = policy.post(&self.post).map_or("", |p| visit.locale.pick(&p.name, &p.name_en));
        let own = visit.locale.pick(&self.name, &self.name_en);
        let post = if own.is_empty() { named } else { own };
        if self.post.is_empty() {
            let place = app.directory().tree.by_code(&self.region, app.now().day()).map(|r| r.id);
            return Ok(Some(json!({
                "id": self.id, "post": post, "icon": self.icon, "waits": [say], "url": self.to, "method": "get",
                "place": place.map_or_else(String::new, |p| show::place(app, p, app.now().day())), "villager": true,
            })));
        }
        let (Some(holder), Some(_)) = (self.holder(ready), self.account(ready)) else { return Ok(None) };
        let seat = RegionId(holder.seat);
        let day = app.now().day();
        let region = app.directory().tree.get(seat).is_some();
        let place = if region { show::place(app, seat, day) } else { app.directory().seat_name(holder.seat, day) };
        let waits = if say.is_empty() { waits(visit, ready, &holder).await? } else { vec![say.to_owned()] };
        Ok(Some(json!({
            "id": self.id, "post": post, "icon": self.icon, "waits": waits, "place": place,
            "url": format!("/demo/enter/{}", self.id), "method": "post", "villager": false,
        })))
    }
}

/// What waits for a post; for one that work does not go to, what is due in its place.
async fn waits(visit: &Visit, ready: &Ready, holder: &Holder) -> Result<Vec<String>, WebError> {
    let app = &ready.app;
    let (directory, now) = (app.directory(), app.now());
    let n = |key: &str, n: i64| visit.t_with(key, &[("n", n.to_string())]);
    let (open, over) = app.pool().count_mine(app.realm(), &[holder.key()], now.0).await.map_err(AppError::from)?;
    if open > 0 {
        let mut lines = vec![n("demo.waits", open)];
        lines.extend((over > 0).then(|| n("demo.waits_over", over)));
        return Ok(lines);
    }
    let within = match directory.tree.get(RegionId(holder.seat)) {
        Some(region) if region.level < Level::County => region.id.0,
        Some(_) => 0,
        None => return Ok(vec![visit.t("demo.waits_none")]),
    };
    let sum = |rows: Vec<(i64, i64, i64)>| rows.iter().map(|r| r.1).sum::<i64>();
    let night = now.day().plus(1).start();
    let today = sum(app.pool().count_due(app.realm(), now.0, night.0, within).await.map_err(AppError::from)?);
    let over = sum(app.pool().count_due(app.realm(), 0, now.0, within).await.map_err(AppError::from)?);
    let mut lines: Vec<String> = (today > 0).then(|| n("demo.due_today", today)).into_iter().collect();
    lines.extend((over > 0).then(|| n("demo.due_over", over)));
    lines.extend(lines.is_empty().then(|| visit.t("demo.waits_none")));
    Ok(lines)
}

impl Story {
    /// As it stands on the page; a step whose matter is not there is left out.
    pub async fn shown(&self, visit: &Visit, ready: &Ready, file: &DemoFile) -> Result<Value, WebError> {
        let matter = ready.app.matter_by_command_key(&self.key).await?;
        let token = ready.app.receipt_of(&self.key);
        let policy = ready.app.policy();
        let mut steps = Vec::new();
        for step in &self.steps {
            if matter.is_none() && (step.to.contains("{id}") || step.to.contains("{token}")) {
                continue;
            }
            let id = matter.map(|m| m.to_string()).unwrap_or_default();
            let to = step.to.replace("{id}", &id).replace("{token}", &token);
            let Some(target) = Target::of(&visit.web, file, &step.card, &to) else { continue };
            let card = file.cards.iter().find(|c| c.id == step.card);
            let who = card.map_or_else(
                || visit.t("demo.nobody"),
                |c| {
                    let post = policy.post(&c.post).map_or("", |p| visit.locale.pick(&p.name, &p.name_en));
                    let own = visit.locale.pick(&c.name, &c.name_en);
                    (if own.is_empty() { post } else { own }).to_owned()
                },
            );
            let text = visit.locale.pick(&step.text, &step.text_en);
            steps.push(json!({ "text": text, "who": who, "url": target.url, "method": target.method }));
        }
        Ok(json!({
            "letter": self.letter,
            "title": visit.locale.pick(&self.title, &self.title_en),
            "text": visit.locale.pick(&self.text, &self.text_en),
            "steps": steps,
        }))
    }
}

impl Link {
    /// As it stands on the page.
    pub fn shown(&self, visit: &Visit, file: &DemoFile) -> Option<Value> {
        let target = Target::of(&visit.web, file, &self.card, &self.to)?;
        Some(json!({
            "label": visit.locale.pick(&self.label, &self.label_en),
            "hint": visit.locale.pick(&self.hint, &self.hint_en),
            "icon": self.icon,
            "url": target.url,
            "method": target.method,
        }))
    }
}
