//! The server is killed in the middle of its work: whatever it had acknowledged is there when it comes back, and the
//! books hold.

use std::io::{BufRead, BufReader};
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::LazyLock;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpSocket;
use tokio::sync::mpsc;
use xiangyue_app::reporter::receipt_digest;
use xiangyue_domain::policy::Level;
use xiangyue_pack::{Loaded, PackFiles, load};
use xiangyue_store::Pool;

const SENDERS: u8 = 8;
/// Acknowledged reports after which the server is killed.
const ENOUGH: usize = 150;

static PACK: LazyLock<Loaded> = LazyLock::new(|| PackFiles::named("yanchi").and_then(load).expect("the pack holds"));

/// A server on a data folder, killed when the test is done with it.
struct Server {
    child: Child,
    at: SocketAddr,
}

impl Drop for Server {
    fn drop(&mut self) {
        // SIGKILL: nothing is flushed, nothing is said.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn xiangyue(data: &Path, args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_xiangyue"));
    command.args(args).arg("--data").arg(data);
    command
}

fn serve(data: &Path) -> Server {
    let free = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).and_then(|l| l.local_addr()).expect("a free port");
    let listen = free.to_string();
    let mut child = xiangyue(data, &["serve", "--pack", "yanchi", "--listen", &listen])
        .stdout(Stdio::piped())
        .spawn()
        .expect("it starts");
    let said = BufReader::new(child.stdout.take().expect("its words"));
    let open = said.lines().map_while(Result::ok).any(|line| line.contains(&listen) && line.starts_with("已打开"));
    assert!(open, "the server did not open");
    Server { child, at: free }
}

/// Sends a report from an address of its own; the receipt's token, or `None` when there was no whole answer.
async fn report(to: SocketAddr, from: Ipv4Addr, village: &str, words: &str) -> Option<String> {
    let socket = TcpSocket::new_v4().ok()?;
    socket.bind(SocketAddr::from((from, 0))).ok()?;
    let mut stream = socket.connect(to).await.ok()?;
    let body = format!("category=lamp&words={words}");
    let request = format!(
        "POST /r/{village} HTTP/1.1\r\nHost: {to}\r\nConnection: close\r\nContent-Length: {}\r\n\
         Content-Type: application/x-www-form-urlencoded\r\n\r\n{body}",
        body.len()
    );
    stream.write_all(request.as_bytes()).await.ok()?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.ok()?;
    let answer = String::from_utf8_lossy(&answer);
    let (head, _) = answer.split_once("\r\n\r\n")?;
    assert!(head.starts_with("HTTP/1.1 303"), "{answer}");
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
