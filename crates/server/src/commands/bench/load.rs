//! The load: whole lives of matters over several connections at once, and pages asked for again and again.

use super::Visitor;
use super::http::Client;
use crate::open::Said;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::fmt;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

/// `bench.toml`
#[derive(Debug, Clone, Deserialize)]
pub struct Script {
    /// Kind of matter.
    pub kind: String,
    /// Writes of one life; the first opens it.
    pub write: Vec<Step>,
    /// What brings a matter to its end for good; made for those that are stored beforehand, and not timed.
    #[serde(default)]
    pub end: Vec<Step>,
    /// Pages that are timed.
    pub pages: BTreeMap<String, Page>,
}

/// One write.
#[derive(Debug, Clone, Deserialize)]
pub struct Step {
    /// Post that makes it.
    pub post: String,
    /// Move; none for the opening.
    #[serde(default, rename = "move")]
    pub mv: String,
    /// Post it goes to, where the move lets one choose.
    #[serde(default)]
    pub to: String,
    /// Fields.
    #[serde(default)]
    pub fields: BTreeMap<String, String>,
}

/// A page.
#[derive(Debug, Clone, Deserialize)]
pub struct Page {
    /// Post that looks at it.
    pub post: String,
    /// Address.
    pub path: String,
}

impl Script {
    /// Posts that take part.
    pub fn posts(&self) -> Vec<String> {
        let mut posts: Vec<String> = self.write.iter().map(|w| w.post.clone()).collect();
        posts.extend(self.end.iter().map(|w| w.post.clone()));
        posts.extend(self.write.iter().map(|w| w.to.clone()).filter(|t| !t.is_empty()));
        posts.extend(self.pages.values().map(|p| p.post.clone()));
        posts.sort();
        posts.dedup();
        posts
    }
}

/// Times in milliseconds.
pub struct Times(Vec<f64>);

impl Times {
    fn at(&self, share: f64) -> f64 {
        let mut sorted = self.0.clone();
        sorted.sort_by(f64::total_cmp);
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "an index into a list")]
        let index = ((sorted.len() as f64 - 1.0) * share).round() as usize;
        sorted.get(index).copied().unwrap_or(0.0)
    }
}

impl fmt::Display for Times {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "p50 {:.1} ms p95 {:.1} ms", self.at(0.5), self.at(0.95))
    }
}

/// What the load did.
pub struct Done {
    /// Whole lives.
    pub lives: usize,
    /// Answers that were not as they should be.
    pub errors: usize,
    /// How long.
    pub seconds: f64,
    /// Times of whole lives.
    pub times: Times,
}

/// Asks for a page again and again over one connection.
pub async fn time_page(address: SocketAddr, cookie: &str, path: &str, times: usize) -> Result<Times, Said> {
    let mut client = Client::connect(address).await?;
    let mut taken = Vec::with_capacity(times);
    let begun = Instant::now();
    for i in 0..times + 3 {
        // A slow page is asked for less often, so that the bench ends.
        if i > 8 && begun.elapsed() > Duration::from_secs(10) {
            break;
        }
        let started = Instant::now();
        let answer = client.get(path, cookie, false).await?;
        if answer.status != 200 {
            return Err(format!("{path}: {}", answer.status));
        }
        // The first few warm the server up.
        if i >= 3 {
            taken.push(started.elapsed().as_secs_f64() * 1000.0);
        }
    }
    Ok(Times(taken))
}

/// Walks whole lives for a time.
pub async fn lifecycles(
    address: SocketAddr,
    script: &Script,
    visitors: &BTreeMap<String, Visitor>,
    places: &[i64],
    long: Duration,
    connections: usize,
) -> Result<Done, Said> {
    let started = Instant::now();
    let mut tasks = Vec::new();
    for nth in 0..connections {
        let (script, visitors) = (script.clone(), visitors.clone());
        let places = places.to_vec();
        tasks.push(tokio::spawn(async move {
            let mut client = Client::connect(address).await?;
            let (mut times, mut errors) = (Vec::new(), 0usize);
            while started.elapsed() < long {
                let begun = Instant::now();
                let place = places.get((nth * 7 + times.len()) % places.len().max(1)).copied().unwrap_or_default();
                if one_life(&mut client, &script, &visitors, place).await? {
                    times.push(begun.elapsed().as_secs_f64() * 1000.0);
                } else {
                    errors += 1;
                }
            }
            Ok::<_, Said>((times, errors))
        }));
    }
    let (mut times, mut errors) = (Vec::new(), 0);
    for task in tasks {
        let (t, e) = task.await.map_err(|e| e.to_string())??;
        times.extend(t);
        errors += e;
    }
    Ok(Done { lives: times.len(), errors, seconds: started.elapsed().as_secs_f64(), times: Times(times) })
}

/// Four writes and one read; false when one of them was answered otherwise than it should.
async fn one_life(
    client: &mut Client,
    script: &Script,
    visitors: &BTreeMap<String, Visitor>,
    place: i64,
) -> Result<bool, Said> {
    let mut matter = String::new();
    for step in &script.write {
        let visitor = visitors.get(&step.post).ok_or("没有登录")?;
        let mut form = format!("csrf={}", visitor.csrf);
        for (field, value) in &step.fields {
            form.push_str(&format!("&{field}={}", encode(value)));
        }
        if let Some(to) = visitors.get(&step.to) {
            form.push_str(&format!("&to={}", encode(&to.holder.key())));
        }
        let path = if step.mv.is_empty() {
            form.push_str(&format!("&place={place}"));
            format!("/desk/intake/{}", script.kind)
        } else {
            format!("/desk/matters/{matter}/moves/{}", step.mv)
        };
        let answer = client.post(&path, &visitor.cookie, &form).await?;
        if answer.status != 303 {
            return Ok(false);
        }
        if step.mv.is_empty() {
            matter = answer.location.trim_start_matches("/desk/matters/").split('?').next().unwrap_or("").to_owned();
        }
    }
    let reader = script.write.first().and_then(|w| visitors.get(&w.post)).ok_or("没有登录")?;
    let read = client.get(&format!("/desk/matters/{matter}"), &reader.cookie, false).await?;
    Ok(read.status == 200)
}

/// The form that opens a matter: where it goes, who sends it, and what it holds.
pub fn opening<'a>(
    script: &Script,
    visitors: &'a BTreeMap<String, Visitor>,
    place: i64,
) -> Result<(String, &'a Visitor, String), Said> {
    let step = script.write.first().ok_or("bench.toml 里没有 write")?;
    let visitor = visitors.get(&step.post).ok_or("没有登录")?;
    let mut form = format!("csrf={}&place={place}", visitor.csrf);
    for (field, value) in &step.fields {
        form.push_str(&format!("&{field}={}", encode(value)));
    }
    Ok((format!("/desk/intake/{}", script.kind), visitor, form))
}

fn encode(text: &str) -> String {
    text.bytes()
        .map(|b| if b.is_ascii_alphanumeric() { char::from(b).to_string() } else { format!("%{b:02X}") })
        .collect()
}
