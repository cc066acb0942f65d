//! The binary as its own process, and requests without a browser from addresses of their own.

use std::io::{BufRead, BufReader};
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpSocket;

/// A server on a data folder, killed when the test is done with it.
pub struct Server {
    child: Child,
    /// Where it listens.
    pub at: SocketAddr,
}

impl Drop for Server {
    fn drop(&mut self) {
        // SIGKILL: nothing is flushed, nothing is said.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The binary on a data folder.
pub fn xiangyue(data: &Path, args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_xiangyue"));
    command.args(args).arg("--data").arg(data);
    command
}

/// Starts a server and waits until it is open.
pub fn serve(data: &Path) -> Server {
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

/// Sends a form from an address; the head of the answer, which must be a redirect, or `None` when there was no whole one.
pub async fn post(to: SocketAddr, from: Ipv4Addr, path: &str, body: &str) -> Option<String> {
    let socket = TcpSocket::new_v4().ok()?;
    socket.bind(SocketAddr::from((from, 0))).ok()?;
    let mut stream = socket.connect(to).await.ok()?;
    let request = format!(
        "POST {path} HTTP/1.1\r\nHost: {to}\r\nConnection: close\r\nContent-Length: {}\r\n\
         Content-Type: application/x-www-form-urlencoded\r\n\r\n{body}",
        body.len()
    );
    stream.write_all(request.as_bytes()).await.ok()?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.ok()?;
    let answer = String::from_utf8_lossy(&answer);
    let (head, _) = answer.split_once("\r\n\r\n")?;
    assert!(head.starts_with("HTTP/1.1 303"), "{answer}");
    Some(head.to_owned())
}
