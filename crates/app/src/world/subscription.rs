//! Telephones within a group: who asks, who confirms, who stops, and who is told of what the group makes public. Messages
//! go into the outbox of the same transaction, and none of them holds a number or a word of a matter.

use super::World;
use crate::command::Outcome;
use crate::subscription::SubscriptionDo;
use crate::texts::{Message, What};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use xiangyue_domain::day::Time;
use xiangyue_domain::entry::Event;
use xiangyue_domain::ids::{MatterId, RegionId, SubscriptionId};
use xiangyue_domain::matter::{Change, Happening, Matter};
use xiangyue_domain::policy::Level;
use xiangyue_domain::refusal::Refusal;
use xiangyue_domain::subscription::{self, Subscription, SubscriptionEvent};
use xiangyue_store::{Arg, StoreError, Tx};

/// What a group needs of subscriptions.
#[derive(Default)]
pub(crate) struct Subscribers {
    all: BTreeMap<i64, Subscription>,
    by_token: HashMap<String, BTreeSet<i64>>,
    news: Vec<News>,
}

/// Something that a village has just made public, put right or taken back.
struct News {
    village: RegionId,
    matter: MatterId,
    what: What,
    at: Time,
}

/// Loads what a group's commands about telephones may ask for.
pub(crate) async fn load_subscribers(
    tx: &mut Tx,
    world: &mut World,
    (tokens, ids): (&[String], &[i64]),
) -> Result<(), StoreError> {
    let (realm, out) = (world.realm, &mut world.subscribers);
    if !tokens.is_empty() {
        for (token, found) in tx.subscriptions_of(realm, tokens).await? {
            out.by_token.entry(token).or_default().insert(found.id.0);
            out.all.insert(found.id.0, found);
        }
    }
    if !ids.is_empty() {
        out.all.extend(tx.subscriptions(realm, ids).await?.into_iter().map(|s| (s.id.0, s)));
    }
    Ok(())
}

/// Writes a message for everybody whom the group's publications concern. Whoever stopped within the group is left out.
pub(crate) async fn spread_news(tx: &mut Tx, world: &mut World) -> Result<(), StoreError> {
    let news = std::mem::take(&mut world.subscribers.news);
    if news.is_empty() {
        return Ok(());
    }
    // Whoever was told of a village that flowed into another is told of that one now.
    let tree = &world.directory.tree;
    let villages: BTreeMap<RegionId, Time> = news.iter().map(|n| (n.village, n.at)).collect();
    let flowed: BTreeMap<i64, RegionId> =
        villages.iter().flat_map(|(v, at)| tree.then_same(*v, at.day()).into_iter().map(|r| (r.0, *v))).collect();
    let asked: Vec<i64> = flowed.keys().copied().collect();
    let mut told: BTreeMap<i64, i64> =
        tx.told_of(world.realm, &asked).await?.into_iter().map(|(village, id)| (id, village)).collect();
    for s in world.subscribers.all.values() {
        if s.is_on() {
            told.insert(s.id.0, s.village.0)
        } else {
            told.remove(&s.id.0)
        };
    }
    for one in news {
        let of = |village: &i64| flowed.get(village) == Some(&one.village);
        let ids: Vec<i64> = told.iter().filter(|(_, village)| of(village)).map(|(id, _)| *id).collect();
        for id in ids {
            let message = Message::News { what: one.what, matter: one.matter };
            world.message(SubscriptionId(id), one.at, &message);
        }
    }
    Ok(())
}

impl World {
    /// Whether something was made public of which somebody may have to be told.
    pub(crate) fn has_news(&self) -> bool {
        !self.subscribers.news.is_empty()
    }

    pub(super) fn decide_subscription(
        &mut self,
        now: Time,
        what: SubscriptionDo,
    ) -> Result<(Vec<Event>, Outcome), Refusal> {
        let events = match what {
            SubscriptionDo::Ask { village, deed, token, key: (key, wrapped), number } => {
                let next = &mut self.head.next_id;
                let draw = || {
                    *next += 1;
                    SubscriptionId(*next - 1)
                };
                let known = self.subscribers.of(&token);
                let events = subscription::ask(&known, (village, deed), (key.clone(), number), now, draw);
                let Some(id) = events.first().map(SubscriptionEvent::id) else { return Ok(Default::default()) };
                if matches!(events.first(), Some(SubscriptionEvent::Begun { .. })) {
                    self.batch.row("subject_key", vec![key.into(), wrapped.into()]);
                    self.batch.subscription_token(&token, id.0);
                    self.subscribers.by_token.entry(token).or_default().insert(id.0);
                }
                self.message(id, now, &Message::Code { deed });
                events
            }
            SubscriptionDo::Confirm { id, deed, from, token } => {
                let most = self.policy.texts.as_ref().map_or(0, |t| t.per_number);
                let known = self.subscribers.of(&token);
                subscription::confirm(&known, id, (deed, from), now, most)?.into_iter().collect()
            }
            SubscriptionDo::Stop(id) => {
                let found = self.subscribers.all.get(&id.0).ok_or_else(|| Refusal::new("not_found"))?;
                subscription::stop(found, now).into_iter().collect()
            }
            SubscriptionDo::Lapse(ids) => {
                let found = ids.iter().filter_map(|id| self.subscribers.all.get(&id.0));
                found.filter_map(|s| subscription::lapse(s, now)).collect()
            }
        };
        Ok((events.into_iter().map(Event::Subscription).collect(), Outcome::default()))
    }

    /// Folds an event in and writes the row; the key of what ended is destroyed with it.
    pub(super) fn apply_subscription(&mut self, event: &SubscriptionEvent) {
        let all = &mut self.subscribers.all;
        all.extend(Subscription::begin(event).map(|s| (s.id.0, s)));
        let Some(found) = all.get_mut(&event.id().0) else { return };
        found.apply(event);
        self.batch.subscription(found);
        if found.ended.is_some() {
            self.secrets.forget(&found.key);
        }
    }

    /// Notes what a move made public, put right or took back, for whoever asked to be told.
    pub(super) fn note_news(&mut self, matter: &Matter, change: &Change) {
        let Happening::Moved { mv, .. } = &change.what else { return };
        if !self.policy.texts.as_ref().is_some_and(|t| t.on) {
            return;
        }
        let Some(rules) = self.policy.kind_of(matter).and_then(|k| k.duty.as_ref()) else { return };
        let versions = matter.trail.iter().filter(|t| t.mv == rules.publish).count();
        let went = matter.trail.last().is_some_and(|t| t.to == rules.withdrawn && t.from != rules.withdrawn);
        let what = match (*mv == rules.publish, went, versions) {
            (true, _, 1) => What::Published,
            (true, _, _) => What::Corrected,
            (false, true, 1..) => What::Withdrawn,
            _ => return,
        };
        let day = change.at.day();
        if let Some(village) = self.directory.tree.at_level(matter.place, Level::Village, day) {
            self.subscribers.news.push(News { village, matter: matter.id, what, at: change.at });
        }
    }

    /// A message waits in the outbox; by its recipient a number is found when it is sent, and not before.
    fn message(&mut self, to: SubscriptionId, at: Time, message: &Message) {
        // Numbers of rows for posts and reporters follow from their entry; these go the other way, so that none meets.
        let id = -self.head.next_id;
        self.head.next_id += 1;
        let row: Vec<Arg> = vec![
            id.into(),
            at.0.into(),
            crate::texts::CHANNEL.into(),
            to.to_string().into(),
            serde_json::to_string(message).unwrap_or_default().into(),
            0.into(),
            at.0.into(),
            Arg::Null,
            "".into(),
        ];
        self.batch.row("outbox", row);
    }
}

impl Subscribers {
    /// Subscriptions of a number.
    fn of(&self, token: &str) -> Vec<&Subscription> {
        let ids = self.by_token.get(token).into_iter().flatten();
        ids.filter_map(|id| self.all.get(id)).collect()
    }
}
