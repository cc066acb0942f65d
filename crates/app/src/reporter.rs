//! What a reporter may see and do: by the receipt's link, or by number and 查询码. No account and no cookie; the link
//! is the right. Of a matter that was merged, each reporter sees their own words and what became of both.

use crate::command::Outcome;
use crate::error::AppError;
use crate::matter::MoveForm;
use crate::state::App;
use crate::view::{Opened, Sight};
use xiangyue_domain::crypto::sm3_hex;
use xiangyue_domain::flow::{self, Ctx};
use xiangyue_domain::ids::MatterId;
use xiangyue_domain::matter::{Matter, Trail, Who};
use xiangyue_domain::policy::{Kind, Move, Phase};

/// A link given after a lookup lasts this long.
const PASS_MS: i64 = 3_600_000;
/// Tries of 查询码 in an hour: for one number, and from one address.
const TRIES: (i64, i64) = (8, 30);
/// Lines that merging and taking apart write: the page says in its own place that two go on as one.
const JOINING: [&str; 4] = ["merge", "absorb", "restore", "release"];
/// Matters merged one into another are followed this far.
const MERGES: usize = 8;

/// A report as its sender sees it.
#[derive(Debug, Clone)]
pub struct Followed {
    /// As it was sent: own number, words and photos.
    pub said: Opened,
    /// What became of it: the same matter, or the one it was merged into.
    pub opened: Opened,
    /// It goes on as part of another matter.
    pub merged: bool,
}

impl App {
    /// The receipt's token for a sender's key: a retry gives the same one.
    pub fn receipt_of(&self, key: &str) -> String {
        self.secrets().token("receipt", key)
    }

    /// The 查询码 that goes with a receipt's token.
    pub fn code_of(&self, token: &str) -> String {
        digits(&self.secrets().token("code", token))
    }

    /// A link to a matter for whoever knew its number and 查询码; it lasts an hour.
    pub fn pass(&self, id: MatterId) -> String {
        let until = self.now().0 + PASS_MS;
        format!("p.{id}.{until}.{}", self.secrets().token("pass", &format!("{id}/{until}")))
    }

    fn read_pass(&self, token: &str) -> Option<MatterId> {
        let mut parts = token.strip_prefix("p.")?.split('.');
        let (id, until, mac) = (parts.next()?, parts.next()?, parts.next()?);
        let (id, until): (i64, i64) = (id.parse().ok()?, until.parse().ok()?);
        let own = self.secrets().token("pass", &format!("{id}/{until}"));
        // Digests are compared, so that the time it takes says nothing about the token.
        let same = sm3_hex(own.as_bytes()) == sm3_hex(mac.as_bytes());
        (same && until >= self.now().0).then_some(MatterId(id))
    }

    /// The matter a link leads to now, and the one it was made for.
    async fn by_link(&self, token: &str) -> Result<(Matter, MatterId), AppError> {
        let Some(id) = self.read_pass(token) else {
            let digest = receipt_digest(token);
            let found = self.pool().matter_by_receipt(self.realm(), &digest).await?;
            let matter = found.ok_or(AppError::NotFound)?;
            let own =
                matter.intakes.iter().find(|i| i.receipt.as_ref() == Some(&digest)).map_or(matter.id, |i| i.first);
            return Ok((matter, own));
        };
        let mut matter = self.any_matter(id).await?;
        for _ in 0..MERGES {
            let Some(into) = matter.merged_into else { break };
            matter = self.any_matter(into).await?;
        }
        Ok((matter, id))
    }

    async fn any_matter(&self, id: MatterId) -> Result<Matter, AppError> {
        self.pool().matters_any(self.realm(), &[id.0]).await?.pop().ok_or(AppError::NotFound)
    }

    /// The matter that a receipt opens.
    pub async fn matter_by_receipt(&self, token: &str) -> Result<Matter, AppError> {
        Ok(self.by_link(token).await?.0)
    }

    /// Opens a report for its sender.
    pub async fn follow(&self, token: &str) -> Result<Followed, AppError> {
        let (matter, own) = self.by_link(token).await?;
        let merged = own != matter.id;
        let opened = self.open_for_reporter(matter, !merged).await?;
        let said =
            if merged { self.open_for_reporter(self.any_matter(own).await?, true).await? } else { opened.clone() };
        Ok(Followed { said, opened, merged })
    }

    /// Opens a matter for a reporter: their own words, what is public of the story, nothing of the inside.
    async fn open_for_reporter(&self, matter: Matter, own: bool) -> Result<Opened, AppError> {
        let texts = self.texts_of(&matter).await?;
        let mut opened = Self::open_with(matter, texts, Sight::None);
        let policy = self.policy();
        let kind = policy.kind_of(&opened.matter);
        let public = |field: &str| kind.and_then(|k| k.field(field)).is_some_and(|f| f.public);
        // Several people sent it: nobody can tell whose later words these are.
        let alone = opened.matter.intakes.len() == 1;
        opened.lines.retain(|line| is_told(kind, &line.trail));
        for line in &mut opened.lines {
            let first = line.trail.mv == "open";
            let theirs = first && own || line.trail.mv == "void" || line.trail.by == Who::Reporter && alone && !first;
            line.texts.retain(|field, _| theirs || public(field));
            if first && !own {
                line.files.clear();
            }
        }
        opened.texts.retain(|field, _| public(field) || own && (field == "words" || field == "spot"));
        Ok(opened)
    }

    /// Moves that the reporter could make now.
    pub fn reporter_moves(&self, matter: &Matter) -> Vec<Move> {
        let (policy, directory) = (self.policy(), self.directory());
        let ctx = Ctx { now: self.now(), policy: &policy, directory: &directory };
        flow::offered_to_reporter(ctx, matter).into_iter().cloned().collect()
    }

    /// Makes a move as the reporter, by the receipt.
    pub async fn make_move_by_receipt(
        &self,
        token: &str,
        form: MoveForm,
        key: Option<String>,
    ) -> Result<Outcome, AppError> {
        let matter = self.matter_by_receipt(token).await?;
        self.send_move(&matter, Who::Reporter, form, key).await
    }

    /// A photo that the reporter may see: their own, and those of what they were told.
    pub async fn read_file_by_receipt(&self, token: &str, digest: &str) -> Result<Vec<u8>, AppError> {
        let followed = self.follow(token).await?;
        let holds = |o: &Opened| o.lines.iter().any(|l| l.files.iter().any(|f| f.digest == digest));
        match [followed.said, followed.opened].into_iter().find(holds) {
            Some(opened) => self.read_file(&opened.matter, digest).await,
            None => Err(AppError::NotFound),
        }
    }

    /// The matter for a number and its 查询码. Tries are limited per number and per asker; a wrong number and a wrong
    /// code are answered alike.
    pub async fn look_up(&self, number: &str, code: &str, asker: &str) -> Result<MatterId, AppError> {
        let now = self.now().0;
        let by_number = format!("lookup/{number}");
        for (key, limit) in [(&by_number, TRIES.0), (&format!("lookup-from/{asker}"), TRIES.1)] {
            let (_, until) = self.pool().attempt(self.realm(), key, now, PASS_MS, (limit, PASS_MS)).await?;
            if until > now {
                return Err(AppError::Limited((until - now) / 1000));
            }
        }
        for matter in self.pool().matters_for_lookup(self.realm(), number).await? {
            if matter.code.as_deref() == Some(self.code_digest(&matter.key, code).as_str()) {
                self.pool().clear_attempts(self.realm(), &by_number).await?;
                return Ok(matter.id);
            }
        }
        Err(AppError::NotFound)
    }

    /// The matter that a command opened, by the sender's key.
    pub async fn matter_by_command_key(&self, key: &str) -> Result<Option<MatterId>, AppError> {
        let reply = self.pool().reply(self.realm(), key).await?;
        Ok(reply.and_then(|r| serde_json::from_str::<Outcome>(&r).ok()).and_then(|o| o.matter))
    }

    pub(crate) fn code_digest(&self, key: &str, code: &str) -> String {
        self.secrets().token("code-digest", &format!("{key}/{code}"))
    }
}

/// Whether a line of the story is for the reporter: what they did, what the pack tells them, limits that ran out, and
/// how it ended.
fn is_told(kind: Option<&Kind>, trail: &Trail) -> bool {
    if JOINING.contains(&trail.mv.as_str()) {
        return false;
    }
    if matches!(trail.mv.as_str(), "open" | "void" | "escalate") || trail.by == Who::Reporter {
        return true;
    }
    let Some(mv) = kind.and_then(|k| k.find_move(&trail.mv)) else { return false };
    let phase = |step: &str| kind.and_then(|k| k.step(step)).map(|s| s.phase);
    let ends = match phase(&trail.to) {
        Some(Phase::Closed) => trail.from != trail.to,
        Some(Phase::Final) => phase(&trail.from) != Some(Phase::Closed),
        _ => false,
    };
    mv.tell || ends
}

/// Digest of a receipt's token; the token itself is nowhere stored.
pub fn receipt_digest(token: &str) -> String {
    sm3_hex(token.as_bytes())[..40].to_owned()
}

/// Four digits from a token.
pub(crate) fn digits(token: &str) -> String {
    let n = token.bytes().fold(7u32, |n, b| n.wrapping_mul(131).wrapping_add(u32::from(b)));
    format!("{:04}", n % 10_000)
}
