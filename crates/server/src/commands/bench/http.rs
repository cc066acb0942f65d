//! A very small HTTP/1.1 client for the bench: one kept connection, whole answers.

use crate::open::Said;
use std::io::{Read, Write};
use std::net::SocketAddr;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// An answer.
pub struct Answer {
    /// Status.
    pub status: u16,
    /// Where a redirect leads.
    pub location: String,
    /// When to come again.
    pub retry_after: String,
    /// Body as it came.
    pub body: Vec<u8>,
}

/// A kept connection.
pub struct Client {
    stream: TcpStream,
    address: SocketAddr,
    buffer: Vec<u8>,
}

/// Whether a path answers 200, without the run time.
pub fn blocking_ok(address: SocketAddr, path: &str) -> bool {
    let Ok(mut stream) = std::net::TcpStream::connect_timeout(&address, Duration::from_millis(200)) else {
        return false;
    };
    let _ = stream.set_read_timeout(Some(Duration::from_secs(2)));
    if write!(stream, "GET {path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\r\n").is_err() {
        return false;
    }
    let mut head = [0u8; 12];
    stream.read_exact(&mut head).is_ok() && head.ends_with(b"200")
}

impl Client {
    /// Connects.
    pub async fn connect(address: SocketAddr) -> Result<Client, Said> {
        let stream = TcpStream::connect(address).await.map_err(|e| e.to_string())?;
        stream.set_nodelay(true).map_err(|e| e.to_string())?;
        Ok(Client { stream, address, buffer: Vec::new() })
    }

    /// Gets a page.
    pub async fn get(&mut self, path: &str, cookie: &str, packed: bool) -> Result<Answer, Said> {
        let accept = if packed { "accept-encoding: gzip\r\n" } else { "" };
        let text = format!("GET {path} HTTP/1.1\r\nhost: {}\r\ncookie: {cookie}\r\n{accept}\r\n", self.address);
        self.exchange(text.as_bytes()).await
    }

    /// Sends a form.
    pub async fn post(&mut self, path: &str, cookie: &str, form: &str) -> Result<Answer, Said> {
        let text = format!(
            "POST {path} HTTP/1.1\r\nhost: {}\r\ncookie: {cookie}\r\ncontent-type: application/x-www-form-urlencoded\r\ncontent-length: {}\r\n\r\n{form}",
            self.address,
            form.len()
        );
        self.exchange(text.as_bytes()).await
    }

    async fn exchange(&mut self, request: &[u8]) -> Result<Answer, Said> {
        self.stream.write_all(request).await.map_err(|e| e.to_string())?;
        let head_end = loop {
            if let Some(at) = find(&self.buffer, b"\r\n\r\n") {
                break at + 4;
            }
            self.fill().await?;
        };
        let head = String::from_utf8_lossy(&self.buffer[..head_end]).into_owned();
        self.buffer.drain(..head_end);
        let status = head.split(' ').nth(1).and_then(|s| s.parse().ok()).unwrap_or(0);
        let header = |name: &str| {
            head.lines().find_map(|l| {
                let (key, value) = l.split_once(':')?;
                key.eq_ignore_ascii_case(name).then(|| value.trim().to_owned())
            })
        };
        let body = match header("content-length").and_then(|n| n.parse::<usize>().ok()) {
            Some(length) => self.take(length).await?,
            None if header("transfer-encoding").is_some() => self.chunks().await?,
            None => Vec::new(),
        };
        let (location, retry_after) =
            (header("location").unwrap_or_default(), header("retry-after").unwrap_or_default());
        Ok(Answer { status, location, retry_after, body })
    }

    async fn fill(&mut self) -> Result<(), Said> {
        let mut more = [0u8; 16_384];
        let n = self.stream.read(&mut more).await.map_err(|e| e.to_string())?;
        if n == 0 {
            return Err("连接断了".to_owned());
        }
        self.buffer.extend_from_slice(&more[..n]);
        Ok(())
    }

    async fn take(&mut self, length: usize) -> Result<Vec<u8>, Said> {
        while self.buffer.len() < length {
            self.fill().await?;
        }
        Ok(self.buffer.drain(..length).collect())
    }

    async fn chunks(&mut self) -> Result<Vec<u8>, Said> {
        let mut body = Vec::new();
        loop {
            let at = loop {
                if let Some(at) = find(&self.buffer, b"\r\n") {
                    break at;
                }
                self.fill().await?;
            };
            let size = usize::from_str_radix(String::from_utf8_lossy(&self.buffer[..at]).trim(), 16)
                .map_err(|e| e.to_string())?;
            self.buffer.drain(..at + 2);
            body.extend(self.take(size).await?);
            self.take(2).await?;
            if size == 0 {
                return Ok(body);
            }
        }
    }
}

fn find(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    haystack.windows(needle.len()).position(|w| w == needle)
}
