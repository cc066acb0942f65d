//! The server is killed in the middle of its work: whatever it had acknowledged is there when it comes back, and the
//! books hold.

mod support;

use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::sync::LazyLock;
use support::{post, serve, xiangyue};
use tokio::sync::mpsc;
use xiangyue_app::reporter::receipt_digest;
use xiangyue_domain::policy::Level;
use xiangyue_pack::{Loaded, PackFiles, load};
use xiangyue_store::Pool;

const SENDERS: u8 = 8;
/// Acknowledged reports after which the server is killed.
const ENOUGH: usize = 150;

static PACK: LazyLock<Loaded> = LazyLock::new(|| PackFiles::named("yanchi").and_then(load).expect("the pack holds"));

/// Sends a report from an address of its own; the receipt's token, or `None` when there was no whole answer.
async fn report(to: SocketAddr, from: Ipv4Addr, village: &str, words: &str) -> Option<String> {
    let head = post(to, from, &format!("/r/{village}"), &format!("category=lamp&words={words}")).await?;
    let place = head.lines().find_map(|l| l.strip_prefix("location: "))?;
    place.strip_prefix("/m/")?.strip_suffix("/sent").map(str::to_owned)
}

/// Sends one after another until the server is gone. Each two dozen come from an address of their own, since one
/// address may send only so many.
async fn send_on(sender: u8, to: SocketAddr, village: String, done: mpsc::UnboundedSender<String>) {
    for n in 0..10_000u32 {
        let from = Ipv4Addr::new(127, sender + 1, u8::try_from(n / 24 % 250).unwrap_or(0), 1);
        let Some(token) = report(to, from, &village, &format!("w{sender}-{n}")).await else { return };
        if done.send(token).is_err() {
            return;
        }
    }
}

async fn kept(data: &Path, tokens: &[String]) {
    let pool = Pool::open(&data.join("xiangyue.db").display().to_string()).await.expect("the database");
    for token in tokens {
        let found = pool.matter_by_receipt(PACK.policy.realm, &receipt_digest(token)).await.expect("read");
        assert!(found.is_some(), "an acknowledged report is gone");
    }
    pool.close().await;
}

fn holds(data: &Path, args: &[&str]) {
    let out = xiangyue(data, args).output().expect("it runs");
    assert!(
        out.status.success(),
        "{args:?}: {}{}",
        String::from_utf8_lossy(&out.stdout),
        String::from_utf8_lossy(&out.stderr)
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_acknowledged_survives_a_kill() {
    let dir = tempfile::tempdir().expect("a folder");
    let data = dir.path().join("data");
    let villages: Vec<&str> =
        PACK.regions.iter().filter(|r| r.level == Level::Village).map(|r| r.code.as_str()).collect();
    let mut tokens = Vec::new();
    for _ in 0..2 {
        let server = serve(&data);
        let (done, mut answers) = mpsc::unbounded_channel();
        let senders: Vec<_> = (0..SENDERS)
            .map(|s| tokio::spawn(send_on(s, server.at, villages[usize::from(s)].to_owned(), done.clone())))
            .collect();
        drop(done);
        let before = tokens.len();
        while tokens.len() < before + ENOUGH {
            tokens.push(answers.recv().await.expect("it answers until it is killed"));
        }
        drop(server);
        // Answers that were on their way count as well.
        while let Some(token) = answers.recv().await {
            tokens.push(token);
        }
        for sender in senders {
            sender.await.expect("a sender ends with the server");
        }
        kept(&data, &tokens).await;
        holds(&data, &["verify"]);
        holds(&data, &["rebuild", "--check"]);
    }
}
