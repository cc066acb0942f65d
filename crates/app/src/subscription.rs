//! Being told by text message of what a village makes public: asking for a code, giving it back, stopping by a code or by
//! the link of a message. Whatever number is given, known or not, the answer is the same; only the telephone learns more.

use crate::command::{Beside, Command};
use crate::error::AppError;
use crate::keys::Texts;
use crate::state::App;
use xiangyue_domain::code::Phone;
use xiangyue_domain::crypto::sm3_hex;
use xiangyue_domain::day::Time;
use xiangyue_domain::ids::{RegionId, SubscriptionId};
use xiangyue_domain::mask::mask_phone;
use xiangyue_domain::matter::Who;
use xiangyue_domain::policy::TextRules;
use xiangyue_domain::refusal::Refusal;
use xiangyue_domain::subscription::{Deed, Subscription};

/// Digits of a code.
pub const CODE_DIGITS: usize = 6;
/// Codes that are sent to one number within the hour; whoever asks more often gets the same answer and no message.
const ASKS: i64 = 5;
/// Tries of a code within the hour: for one number, and from one address.
const TRIES: (i64, i64) = (8, 30);
const HOUR_MS: i64 = 3_600_000;
const DAY_MS: i64 = 24 * HOUR_MS;
/// Letters of the secret part of a link: it stands in a message that is paid by its length.
const LINK: usize = 16;
/// What was never confirmed, forgotten in one go.
const LAPSES: i64 = 500;

/// What is asked of the committer.
pub enum SubscriptionDo {
    /// A code for a number.
    Ask {
        /// Village.
        village: RegionId,
        /// What for.
        deed: Deed,
        /// Token of the number.
        token: String,
        /// Name of a key for it and its wrapped form, used if the number is new here.
        key: (String, String),
        /// The number under that key.
        number: String,
    },
    /// The right code came back.
    Confirm {
        /// Which.
        id: SubscriptionId,
        /// What for.
        deed: Deed,
        /// The moment that the code follows from.
        from: Time,
        /// Token of the number.
        token: String,
    },
    /// Stopped by a link.
    Stop(SubscriptionId),
    /// Never confirmed.
    Lapse(Vec<SubscriptionId>),
}

impl SubscriptionDo {
    /// Name in the journal.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            SubscriptionDo::Ask { .. } => "ask",
            SubscriptionDo::Confirm { .. } => "confirm",
            SubscriptionDo::Stop(_) => "stop",
            SubscriptionDo::Lapse(_) => "lapse",
        }
    }

    /// Token of the number that it is about.
    pub(crate) fn token(&self) -> Option<&str> {
        match self {
            SubscriptionDo::Ask { token, .. } | SubscriptionDo::Confirm { token, .. } => Some(token),
            SubscriptionDo::Stop(_) | SubscriptionDo::Lapse(_) => None,
        }
    }

    /// Subscriptions that it names.
    pub(crate) fn ids(&self) -> Vec<i64> {
        match self {
            SubscriptionDo::Ask { .. } | SubscriptionDo::Confirm { .. } => Vec::new(),
            SubscriptionDo::Stop(id) => vec![id.0],
            SubscriptionDo::Lapse(ids) => ids.iter().map(|id| id.0).collect(),
        }
    }
}

/// Reads a number that can receive messages.
pub fn mobile(typed: &str) -> Result<Phone, Refusal> {
    let phone = Phone::parse(typed).map_err(|_| Refusal::field("phone", "mobile"))?;
    let sound = phone.is_mobile() && matches!(phone.as_str().as_bytes().get(1), Some(b'3'..=b'9'));
    if sound { Ok(phone) } else { Err(Refusal::field("phone", "mobile")) }
}

impl App {
    /// What the pack says of text messages, where villages offer them and there is a way to send them.
    pub fn text_rules(&self) -> Option<TextRules> {
        let policy = self.policy();
        let offered = crate::due::duty_kind(&policy).is_some() && self.outbox.way().is_some();
        policy.texts.clone().filter(|t| t.on && offered)
    }

    /// Asks for a code. Gives a ticket that goes back with it: the same for every number.
    pub async fn ask_subscription(
        &self,
        village: RegionId,
        (phone, deed): (&Phone, Deed),
        once: &str,
    ) -> Result<String, AppError> {
        let rules = self.text_rules().ok_or(AppError::NotFound)?;
        let now = self.now();
        let of_village = format!("subscribe-at/{village}/{}", now.day());
        // The last of so many tries is the one that locks.
        let most = rules.per_village + 1;
        let (_, until) = self.pool().attempt(self.realm(), &of_village, now.0, DAY_MS, (most, DAY_MS)).await?;
        if until > now.0 {
            return Err(AppError::Limited((until - now.0) / 1000));
        }
        let token = self.subscriber_token(phone.as_str());
        let of_number = format!("subscribe/{token}");
        let (_, until) = self.pool().attempt(self.realm(), &of_number, now.0, HOUR_MS, (ASKS + 1, HOUR_MS)).await?;
        let texts = Texts::from([("number".to_owned(), phone.as_str().to_owned())]);
        if until <= now.0 {
            // A key is drawn and the number sealed whether it is known or not: what takes as long says as little.
            let (subject, wrapped) = self.secrets().subject();
            let number = self.secrets().seal(&subject, &texts).unwrap_or_default();
            let retry = sm3_hex(format!("{once}/{token}/{village}/{}", deed.as_str()).as_bytes());
            let ask = SubscriptionDo::Ask { village, deed, token, key: (subject.name, wrapped), number };
            let command = Command::Subscription(Box::new(ask));
            self.send(Who::Reporter, Some(format!("subscribe/{retry}")), command, Beside::default()).await?;
            self.outbox.ring();
        }
        let ticket = [("village", village.to_string()), ("deed", deed.as_str().to_owned())];
        let ticket = ticket.into_iter().map(|(k, v)| (k.to_owned(), v)).chain(texts).collect();
        Ok(self.secrets().seal(&self.secrets().of_tickets(), &ticket).unwrap_or_default())
    }

    /// What a ticket is for, as a page shows it: to whom, masked, and what for.
    pub fn read_ticket_for_page(&self, ticket: &str) -> Option<(String, Deed)> {
        let texts = self.secrets().open(&self.secrets().of_tickets(), ticket);
        Some((mask_phone(texts.get("number")?), Deed::parse(texts.get("deed")?)?))
    }

    /// Takes a code back with its ticket; says what it was for. The same code twice does it once.
    pub async fn confirm_subscription(
        &self,
        village: RegionId,
        (ticket, code): (&str, &str),
        asker: &str,
        once: &str,
    ) -> Result<Deed, AppError> {
        let wrong = || AppError::Refused(Refusal::new("text_code"));
        let (token, deed) = self.read_ticket(village, ticket).ok_or_else(wrong)?;
        let now = self.now();
        let by_number = format!("subscribe-code/{token}");
        for (key, limit) in [(&by_number, TRIES.0), (&format!("subscribe-from/{asker}"), TRIES.1)] {
            let (_, until) = self.pool().attempt(self.realm(), key, now.0, HOUR_MS, (limit, HOUR_MS)).await?;
            if until > now.0 {
                return Err(AppError::Limited((until - now.0) / 1000));
            }
        }
        let retry = sm3_hex(format!("{once}/{token}/{village}/{}/{code}", deed.as_str()).as_bytes());
        let retry = format!("subscribe/{retry}");
        if self.pool().reply(self.realm(), &retry).await?.is_some() {
            return Ok(deed);
        }
        let known = self.pool().subscriptions_of(self.realm(), &token).await?;
        let right = known.iter().filter(|s| s.village == village).find_map(|s| {
            let ask = s.awaits(deed, now)?;
            // Digests are compared, so that the time it takes says nothing about the code.
            let same = sm3_hex(self.text_code(s, deed, ask.from).as_bytes()) == sm3_hex(code.as_bytes());
            same.then_some((s.id, ask.from))
        });
        let (id, from) = right.ok_or_else(wrong)?;
        let command = Command::Subscription(Box::new(SubscriptionDo::Confirm { id, deed, from, token }));
        self.send(Who::Reporter, Some(retry), command, Beside::default()).await?;
        self.pool().clear_attempts(self.realm(), &by_number).await?;
        Ok(deed)
    }

    /// What a link of a message is for: the village, and whether it is stopped already.
    pub async fn subscription_by_link(&self, link: &str) -> Result<(RegionId, bool), AppError> {
        let found = self.linked(link).await?;
        Ok((found.village, found.ended.is_some()))
    }

    /// Stops by the link of a message; again it does nothing.
    pub async fn stop_by_link(&self, link: &str) -> Result<RegionId, AppError> {
        let found = self.linked(link).await?;
        let command = Command::Subscription(Box::new(SubscriptionDo::Stop(found.id)));
        self.send(Who::Reporter, None, command, Beside::default()).await?;
        Ok(found.village)
    }

    /// How many are told of what a village makes public: a number and nobody's name.
    pub async fn subscribers(&self, village: RegionId) -> Result<i64, AppError> {
        Ok(self.pool().subscribers(self.realm(), village.0).await?)
    }

    /// Forgets numbers that were given and never confirmed; returns how many.
    pub async fn lapse_subscriptions(&self, now: Time) -> Result<usize, AppError> {
        let ids = self.pool().lapsed_subscriptions(self.realm(), now.0, LAPSES).await?;
        if ids.is_empty() {
            return Ok(0);
        }
        let n = ids.len();
        let lapse = SubscriptionDo::Lapse(ids.into_iter().map(SubscriptionId).collect());
        let command = Command::Subscription(Box::new(lapse));
        self.send_at(now, Who::System, None, command, Beside::default()).await?;
        Ok(n)
    }

    async fn linked(&self, link: &str) -> Result<Subscription, AppError> {
        let id = link.split_once('-').and_then(|(id, _)| id.parse::<i64>().ok()).ok_or(AppError::NotFound)?;
        // Digests are compared, so that the time it takes says nothing about the link.
        if sm3_hex(self.stop_link(SubscriptionId(id)).as_bytes()) != sm3_hex(link.as_bytes()) {
            return Err(AppError::NotFound);
        }
        self.pool().subscription(self.realm(), id).await?.ok_or(AppError::NotFound)
    }

    /// What stands behind `/s/` in a message.
    pub(crate) fn stop_link(&self, id: SubscriptionId) -> String {
        let secret: String = self.secrets().token("unsubscribe", &id.to_string()).chars().take(LINK).collect();
        format!("{id}-{secret}")
    }

    /// The code that a message brings; it follows from the key's name and the moment, and is stored nowhere.
    pub(crate) fn text_code(&self, s: &Subscription, deed: Deed, from: Time) -> String {
        let drawn = self.secrets().token("text-code", &format!("{}/{}/{}", s.key, deed.as_str(), from.0));
        let n = drawn.bytes().fold(7u64, |n, b| n.wrapping_mul(131).wrapping_add(u64::from(b)));
        format!("{:06}", n % 1_000_000)
    }

    /// The token by which a number is found again.
    fn subscriber_token(&self, number: &str) -> String {
        self.secrets().token("subscriber", number)
    }

    /// Token and purpose that a ticket of a village holds.
    fn read_ticket(&self, village: RegionId, ticket: &str) -> Option<(String, Deed)> {
        let texts = self.secrets().open(&self.secrets().of_tickets(), ticket);
        let of_village = texts.get("village").is_some_and(|v| *v == village.to_string());
        let (number, deed) = (texts.get("number")?, Deed::parse(texts.get("deed")?)?);
        of_village.then(|| (self.subscriber_token(number), deed))
    }
}
