//! Text messages on their way out: what waits in the outbox becomes a number and a sentence at the moment it is handed to
//! the deployment's own program, and is kept nowhere as such. No fault and no log line holds a number or a text.

use crate::error::AppError;
use crate::state::App;
use serde::{Deserialize, Serialize};
use std::collections::VecDeque;
use std::path::PathBuf;
use std::process::Stdio;
use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::Duration;
use tokio::io::AsyncWriteExt;
use xiangyue_domain::day::Time;
use xiangyue_domain::ids::MatterId;
use xiangyue_domain::mask::mask_phone;
use xiangyue_domain::policy::{Level, PostedWords, TextRules};
use xiangyue_domain::subscription::{CODE_MS, Deed, Subscription};
use xiangyue_store::OutboxRow;

/// Channel of such rows in the outbox.
pub(crate) const CHANNEL: &str = "sms";
/// How long the program may take over one message.
const PATIENCE: Duration = Duration::from_secs(20);
/// Messages that a demo shows.
const SHOWN: usize = 60;

/// What a village did with something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum What {
    /// It was made public.
    Published,
    /// It was put right.
    Corrected,
    /// It was taken back.
    Withdrawn,
}

/// A message as it waits; the recipient's row is the subscription.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(tag = "t", rename_all = "snake_case")]
pub(crate) enum Message {
    /// A code was asked for.
    Code {
        /// What for.
        deed: Deed,
    },
    /// A village made something public, put it right or took it back.
    News {
        /// What it did.
        what: What,
        /// With what.
        matter: MatterId,
    },
}

/// A message that a demo shows instead of sending it; its number is masked.
#[derive(Debug, Clone)]
pub struct ShownText {
    /// When.
    pub at: Time,
    /// To whom, masked.
    pub to: String,
    /// What it says.
    pub text: String,
}

/// Where messages go.
pub enum Gateway {
    /// A program of the deployment: it gets one line of JSON with `id`, `to` and `text`, and ends with 0 once it is sent.
    Program(PathBuf),
    /// Nowhere: they are kept in memory and shown, for demos and tests.
    Shown(Mutex<VecDeque<ShownText>>),
}

/// The way out, and the address that messages name.
pub struct TextWay {
    /// Where they go.
    pub gateway: Gateway,
    /// Address under which villagers reach the portal.
    pub base_url: String,
}

impl TextWay {
    /// One that shows instead of sending.
    pub fn shown(base_url: &str) -> TextWay {
        TextWay { gateway: Gateway::Shown(Mutex::default()), base_url: base_url.trim_end_matches('/').to_owned() }
    }

    /// One that hands to a program.
    pub fn program(path: PathBuf, base_url: &str) -> TextWay {
        TextWay { gateway: Gateway::Program(path), base_url: base_url.trim_end_matches('/').to_owned() }
    }

    async fn send(&self, id: i64, at: Time, to: &str, text: &str) -> Result<(), String> {
        match &self.gateway {
            Gateway::Shown(kept) => {
                let mut kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
                kept.push_front(ShownText { at, to: mask_phone(to), text: text.to_owned() });
                kept.truncate(SHOWN);
                Ok(())
            }
            Gateway::Program(path) => {
                let line = serde_json::json!({ "id": id, "to": to, "text": text }).to_string() + "\n";
                tokio::time::timeout(PATIENCE, hand_over(path, line))
                    .await
                    .map_err(|_| "短信程序没有应答".to_owned())?
            }
        }
    }
}

/// Hands a line to a program and waits for its end.
async fn hand_over(path: &PathBuf, line: String) -> Result<(), String> {
    let mut command = tokio::process::Command::new(path);
    let command = command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).kill_on_drop(true);
    let mut child = command.spawn().map_err(|e| format!("短信程序打不开: {e}"))?;
    if let Some(mut stdin) = child.stdin.take() {
        // A program that ends without reading says so by its code.
        let _ = stdin.write_all(line.as_bytes()).await;
    }
    let ended = child.wait().await.map_err(|e| format!("短信程序没有办完: {e}"))?;
    if ended.success() { Ok(()) } else { Err(format!("短信程序退出码 {}", ended.code().unwrap_or(-1))) }
}

/// The way out, once there is one, and a bell for what cannot wait.
#[derive(Default)]
pub(crate) struct Outbox {
    way: OnceLock<TextWay>,
    bell: tokio::sync::Notify,
}

impl Outbox {
    pub fn way(&self) -> Option<&TextWay> {
        self.way.get()
    }

    pub fn ring(&self) {
        self.bell.notify_one();
    }

    pub async fn rung(&self) {
        self.bell.notified().await;
    }
}

/// What became of a row of the outbox.
pub(crate) enum Fate {
    /// It is on its way, or nobody is there any more to be told.
    Done,
    /// It could not be sent, and why.
    Failed(String),
}

impl App {
    /// Sets the way out for text messages; without one villages do not offer them.
    pub fn send_texts_by(&self, way: TextWay) {
        let _ = self.outbox.way.set(way);
    }

    /// Messages that were shown instead of sent, newest first.
    pub fn shown_texts(&self) -> Vec<ShownText> {
        match self.outbox.way().map(|w| &w.gateway) {
            Some(Gateway::Shown(kept)) => kept.lock().unwrap_or_else(PoisonError::into_inner).iter().cloned().collect(),
            _ => Vec::new(),
        }
    }

    /// Sends a message that waits. Of whoever stopped, or whose key was destroyed, nothing is left to send.
    pub(crate) async fn send_text(&self, row: &OutboxRow) -> Result<Fate, AppError> {
        let id = row.recipient.parse::<i64>().unwrap_or_default();
        let Some(to) = self.pool().subscription(self.realm(), id).await? else { return Ok(Fate::Done) };
        let (Ok(message), None) = (serde_json::from_str::<Message>(&row.body), to.ended) else { return Ok(Fate::Done) };
        let Some(subject) = self.secrets().find(self.pool(), self.realm(), &to.key).await? else {
            return Ok(Fate::Done);
        };
        let Some(rules) = self.policy().texts.clone() else { return Ok(Fate::Done) };
        let base = self.outbox.way().map_or("", |w| &w.base_url);
        let Some(text) = self.wording(&rules, (&to, &message), base).await? else { return Ok(Fate::Done) };
        let Some(way) = self.outbox.way() else { return Ok(Fate::Failed("通道未配置".to_owned())) };
        let texts = self.secrets().open(&subject, &to.number);
        let Some(number) = texts.get("number") else { return Ok(Fate::Done) };
        Ok(match way.send(row.id, self.now(), number, &text).await {
            Ok(()) => Fate::Done,
            Err(why) => Fate::Failed(why),
        })
    }

    /// The sentence; nothing when it is of no use any more.
    async fn wording(
        &self,
        rules: &TextRules,
        (to, message): (&Subscription, &Message),
        base: &str,
    ) -> Result<Option<String>, AppError> {
        let (directory, day) = (self.directory(), self.now().day());
        let tree = &directory.tree;
        let village = |id| ("village", tree.display(id, day).to_owned());
        let (what, id) = match *message {
            Message::Code { deed } => {
                let Some(ask) = to.awaits(deed, self.now()) else { return Ok(None) };
                let line = if deed == Deed::Start { &rules.start } else { &rules.stop };
                let code = self.text_code(to, deed, ask.from);
                let words = [village(to.village), ("code", code), ("minutes", (CODE_MS / 60_000).to_string())];
                return Ok(PostedWords::line(line, &words));
            }
            Message::News { what, matter } if to.is_on() => (what, matter),
            Message::News { .. } => return Ok(None),
        };
        let line = match what {
            What::Published => &rules.published,
            What::Corrected => &rules.corrected,
            What::Withdrawn => &rules.withdrawn,
        };
        let Some(matter) = self.pool().matters_any(self.realm(), &[id.0]).await?.pop() else { return Ok(None) };
        let policy = self.policy();
        let Some(duty) = policy.kind_of(&matter).and_then(|k| k.duty.as_ref()) else { return Ok(None) };
        let here = tree.at_level(matter.place, Level::Village, matter.accepted).unwrap_or(to.village);
        let period = matter.values.get(&duty.period).and_then(|v| v.as_str()).unwrap_or("—");
        let words = [
            village(here),
            ("item", crate::disclosure::item_of(&policy, duty, &matter).to_owned()),
            ("period", period.to_owned()),
            ("url", format!("{base}/v/{}/open/{id}", tree.code(here, day))),
            ("stop_url", format!("{base}/s/{}", self.stop_link(to.id))),
        ];
        Ok(PostedWords::line(line, &words))
    }
}
