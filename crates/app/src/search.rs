//! One box finds all: a number first, then a name or a telephone, then words. What is looked for goes through the key
//! before it reaches the store; what was looked for is said with what was found.

use crate::command::Command;
use crate::error::AppError;
use crate::keys::{Subject, Texts};
use crate::state::App;
use xiangyue_domain::flow::Ctx;
use xiangyue_domain::ids::{AccountId, MatterId};
use xiangyue_domain::matter::{Matter, Values};
use xiangyue_domain::policy::{FieldType, Kind};
use xiangyue_domain::words::is_searched;
use xiangyue_store::{Filter, Scope};

/// Digits of a matter's number.
const NUMBER: usize = 12;
/// Matters merged one into another are followed this far.
const MERGES: usize = 8;

/// What a search was for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Sought {
    /// A matter by its number.
    Number,
    /// A whole name or telephone.
    Person,
    /// Words.
    #[default]
    Words,
    /// Nothing that could be looked for: signs alone, or a long number that is nobody's.
    Nothing,
}

/// What was found.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Found {
    /// What it was for.
    pub sought: Sought,
    /// Matters, newest first.
    pub matters: Vec<Matter>,
    /// Where the next page begins, if there may be more.
    pub next: Option<i64>,
}

impl App {
    /// Matters by number, by a whole name or telephone, or by words, within the account's scope; the first of these
    /// that finds something. Only words go with a filter and have further pages.
    pub async fn search_for(&self, account: AccountId, asked: &str, filter: &Filter) -> Result<Found, AppError> {
        let asked = asked.trim();
        let scope = self.scope(account);
        if filter.before == 0 {
            if let Some(found) = self.by_number(account, &scope, asked).await? {
                return Ok(found);
            }
            if let Some(found) = self.by_source(&scope, asked).await? {
                return Ok(found);
            }
            if let Some(found) = self.by_person(account, &scope, asked).await? {
                return Ok(found);
            }
        }
        let phrases = self.secrets.words().phrases(asked);
        if phrases.is_empty() {
            return Ok(Found { sought: Sought::Nothing, ..Found::default() });
        }
        let hits = self.pool().find_words(self.realm(), &scope, phrases, filter).await?;
        Ok(Found { sought: Sought::Words, matters: hits.matters, next: hits.next })
    }

    /// The first page without a filter.
    pub async fn search(&self, account: AccountId, asked: &str) -> Result<Vec<Matter>, AppError> {
        let filter = Filter { limit: 40, ..Filter::default() };
        Ok(self.search_for(account, asked, &filter).await?.matters)
    }

    /// The one matter that a number names, within the account's scope.
    pub async fn find_number(&self, account: AccountId, asked: &str) -> Result<Option<Matter>, AppError> {
        let found = self.by_number(account, &self.scope(account), asked.trim()).await?;
        Ok(found.and_then(|f| f.matters.into_iter().next()))
    }

    /// A matter by its number; one that was merged leads to the one that stands for it.
    async fn by_number(&self, account: AccountId, scope: &Scope, asked: &str) -> Result<Option<Found>, AppError> {
        let digits: String = asked.chars().take(60).map(xiangyue_domain::words::fold).collect();
        let half: String = digits.chars().filter(char::is_ascii_digit).collect();
        if !(half.len() >= NUMBER - 3 && digits.contains('-') || half.len() == NUMBER) {
            return Ok(None);
        }
        let number = if digits.contains('-') { digits } else { format!("{}-{}", &half[..8], &half[8..]) };
        let mut matters = self.pool().matters_by_number(self.realm(), scope, &number).await?;
        if matters.is_empty() {
            let gone = self.pool().matters_for_lookup(self.realm(), &number).await?;
            matters = self.standing_for(account, &gone).await?;
        }
        let found = Found { sought: Sought::Number, matters, next: None };
        Ok(Some(found).filter(|f| !f.matters.is_empty()))
    }

    /// The matter that stands for one that was merged, if the account sees both.
    pub async fn merged_into(&self, account: AccountId, id: MatterId) -> Result<Option<MatterId>, AppError> {
        let gone = self.pool().matters_any(self.realm(), &[id.0]).await?;
        Ok(self.standing_for(account, &gone).await?.pop().map(|m| m.id))
    }

    /// The matters that stand for some that were merged; of those whose both ends the account sees.
    async fn standing_for(&self, account: AccountId, gone: &[Matter]) -> Result<Vec<Matter>, AppError> {
        let (policy, directory) = (self.policy(), self.directory());
        let ctx = Ctx { now: self.now(), policy: &policy, directory: &directory };
        // Whoever could not see the one that went is not led to the one that stays.
        let seen = gone.iter().filter(|m| xiangyue_domain::flow::sees(ctx, m, account));
        let mut left: Vec<i64> = seen.filter_map(|m| m.merged_into).map(|id| id.0).collect();
        let mut found = Vec::new();
        for _ in 0..MERGES {
            if left.is_empty() {
                break;
            }
            let (on, stays): (Vec<Matter>, Vec<Matter>) = self
                .pool()
                .matters_any(self.realm(), &std::mem::take(&mut left))
                .await?
                .into_iter()
                .partition(|m| m.merged_into.is_some());
            left.extend(on.iter().filter_map(|m| m.merged_into).map(|id| id.0));
            found.extend(stays.iter().map(|m| m.id.0));
        }
        if found.is_empty() {
            return Ok(Vec::new());
        }
        Ok(self.pool().matters_seen(self.realm(), &self.scope(account), &found).await?)
    }

    /// A matter by the number that it has where it came from.
    async fn by_source(&self, scope: &Scope, asked: &str) -> Result<Option<Found>, AppError> {
        let code = asked.len() <= 60 && asked.bytes().filter(u8::is_ascii_digit).count() >= 5;
        if !code {
            return Ok(None);
        }
        let policy = self.policy();
        let tokens: Vec<String> = policy.kinds.iter().map(|kind| self.source_token(&kind.id, asked)).collect();
        let matters = self.pool().matters_by_token(self.realm(), scope, &tokens).await?;
        let found = Found { sought: Sought::Number, matters, next: None };
        Ok(Some(found).filter(|f| !f.matters.is_empty()))
    }

    async fn by_person(&self, account: AccountId, scope: &Scope, asked: &str) -> Result<Option<Found>, AppError> {
        let asked: String = asked.chars().take(60).collect();
        let half: String = asked.chars().map(xiangyue_domain::words::fold).filter(char::is_ascii_digit).collect();
        let mut tokens = vec![self.secrets.token("name", &asked)];
        if half.len() >= 7 {
            tokens.push(self.secrets.token("phone", &half));
        } else if half.len() == 4 {
            tokens.push(self.secrets.token("phone4", &half));
        }
        let mut matters = self.pool().matters_by_token(self.realm(), scope, &tokens).await?;
        // Whoever reported what was merged is found where it went.
        let gone = self.pool().merged_by_token(self.realm(), &tokens).await?;
        matters.extend(self.standing_for(account, &gone).await?);
        matters.sort_by_key(|m| std::cmp::Reverse(m.id));
        matters.dedup_by_key(|m| m.id);
        let found = Found { sought: Sought::Person, matters, next: None };
        Ok(Some(found).filter(|f| !f.matters.is_empty()))
    }

    /// The token of whoever reported a matter, where they gave a telephone.
    pub(crate) fn caller(&self, secret: &Texts) -> Option<String> {
        let digits: String = secret.get("reporter_phone")?.chars().filter(char::is_ascii_digit).collect();
        (!digits.is_empty()).then(|| self.secrets.token("caller", &digits))
    }

    /// Tokens by which a matter is found.
    pub(crate) fn tokens(&self, secret: &Texts) -> Vec<String> {
        let mut tokens = Vec::new();
        if let Some(name) = secret.get("reporter_name") {
            tokens.push(self.secrets.token("name", name));
        }
        if let Some(phone) = secret.get("reporter_phone") {
            let digits: String = phone.chars().filter(char::is_ascii_digit).collect();
            tokens.push(self.secrets.token("phone", &digits));
            if let Some(last) = digits.len().checked_sub(4) {
                tokens.push(self.secrets.token("phone4", &digits[last..]));
            }
        }
        tokens
    }

    /// The token by which those of a kind are found that are about a matter.
    pub(crate) fn about_token(&self, kind: &str, number: &str) -> String {
        self.secrets.token("about", &format!("{kind}/{number}"))
    }

    /// Tokens for the matters that a form says it is about.
    pub(crate) fn about_tokens(&self, kind: &Kind, plain: &Values) -> Vec<String> {
        let about = kind.fields.iter().filter(|f| f.kind == FieldType::Matter);
        let numbers = about.filter_map(|f| plain.get(&f.id)?.as_str());
        numbers.map(|n| self.about_token(&kind.id, n)).collect()
    }

    /// The words of matters that a move opens below this one: what was asked of them, and the matter's own words where
    /// these are handed on.
    pub(crate) fn part_words(&self, matter: &Matter, kind: &Kind, subject: &Subject, command: &Command) -> String {
        let Command::Move(_, request) = command else { return String::new() };
        let Some(opens) = kind.find_move(&request.mv).and_then(|m| m.open.as_ref()) else { return String::new() };
        let own = matter.secrets.first().map(|(_, sealed)| sealed).filter(|_| opens.words);
        let mut texts = Texts::new();
        for sealed in request.secret.iter().chain(own) {
            texts.extend(self.secrets.open(subject, sealed));
        }
        self.policy().kind(&opens.kind).map_or_else(String::new, |child| self.words_of(child, &texts))
    }

    /// The words of a matter's texts for the search index: none that name a person, no number of one. Texts that came
    /// with another matter's move have the fields of that one's kind.
    pub(crate) fn words_of(&self, kind: &Kind, texts: &Texts) -> String {
        let policy = self.policy();
        let field = |id: &str| kind.field(id).or_else(|| policy.kinds.iter().find_map(|k| k.field(id)));
        let searched = texts.iter().filter(|(id, _)| field(id).is_some_and(is_searched));
        self.secrets.words().tokens(searched.map(|(_, text)| text.as_str()))
    }
}
