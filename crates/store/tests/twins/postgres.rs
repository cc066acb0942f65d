//! A private PostgreSQL for a test process: its own folder, reached by a socket in it alone, stopped and removed when
//! the process ends, however it ends. Included by path where other crates need it.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

/// Starts the server, says so, waits until the tests' end of the pipe is closed, and clears up. A new cluster is made
/// once and copied from then on, since some runners give every test a process of its own.
const KEEPER: &str = r#"
trap '' INT TERM HUP
as() { if [ "$(id -u)" = 0 ]; then setpriv --reuid nobody --regid nogroup --clear-groups "$@"; else "$@"; fi; }
owned() { [ "$(id -u)" != 0 ] || chown -R nobody:nogroup "$DIR"; }
cluster() {
  if [ -d "$SEED" ]; then cp -r "$SEED" "$DIR/data" && chmod 700 "$DIR/data" && owned && return; fi
  owned && as "$BIN/initdb" -D "$DIR/data" -A trust -U t -N --no-locale -E UTF8 || return 1
  cp -r "$DIR/data" "$SEED.$$" && mv -T "$SEED.$$" "$SEED" || rm -rf "$SEED.$$"
}
running() {
  as "$BIN/pg_ctl" -D "$DIR/data" -l "$DIR/log" -w -o "-F -h '' -k $DIR -c max_connections=400 \
-c full_page_writes=off -c synchronous_commit=off -c shared_buffers=32MB" start
}
cluster >"$DIR.log" 2>&1 && running >>"$DIR.log" 2>&1 || { cat "$DIR.log" >&2; rm -rf "$DIR" "$DIR.log"; exit 1; }
echo ready
read -r _
as "$BIN/pg_ctl" -D "$DIR/data" -m immediate stop >/dev/null 2>&1
rm -rf "$DIR" "$DIR.log"
"#;

struct Server {
    bin: PathBuf,
    dir: PathBuf,
}

/// Address of a new, empty database; `None` where there is no PostgreSQL, which in CI is a failure.
pub fn database() -> Option<String> {
    static SERVER: OnceLock<Option<Server>> = OnceLock::new();
    static NEXT: AtomicU32 = AtomicU32::new(1);
    let server = SERVER.get_or_init(start).as_ref();
    let Some(server) = server else {
        let wanted = |name: &str| std::env::var(name).is_ok_and(|v| !v.is_empty() && v != "0" && v != "false");
        assert!(!wanted("REQUIRE_POSTGRES") && !wanted("CI"), "PostgreSQL is required here and could not be started");
        eprintln!("skipped: no PostgreSQL on this machine");
        return None;
    };
    let name = format!("t{}", NEXT.fetch_add(1, Ordering::SeqCst));
    let made = Command::new(server.bin.join("createdb")).args(["-U", "t", "-h"]).arg(&server.dir).arg(&name).status();
    assert!(made.is_ok_and(|s| s.success()), "the database could not be made");
    Some(format!("postgres://t@localhost/{name}?host={}", server.dir.display()))
}

/// The newest server programs that are installed.
fn programs() -> Option<PathBuf> {
    let versions = std::fs::read_dir("/usr/lib/postgresql").ok()?;
    let version = |path: &PathBuf| path.file_name().and_then(|n| n.to_string_lossy().parse::<u32>().ok());
    let newest = versions.filter_map(|v| v.ok().map(|v| v.path())).max_by_key(version)?;
    Some(newest.join("bin")).filter(|bin| bin.join("initdb").exists())
}

fn start() -> Option<Server> {
    let bin = programs()?;
    let dir = tempfile::Builder::new().prefix("xiangyue-pg-").tempdir().ok()?.keep();
    let version = bin.parent().and_then(Path::file_name).unwrap_or_default();
    let seed = Path::new(env!("CARGO_TARGET_TMPDIR")).join("postgres-seed").join(version);
    std::fs::create_dir_all(seed.parent()?).ok()?;
    let mut keeper = Command::new("sh")
        .args(["-c", KEEPER])
        .env("BIN", &bin)
        .env("DIR", &dir)
        .env("SEED", &seed)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .ok()?;
    let mut said = String::new();
    BufReader::new(keeper.stdout.take()?).read_line(&mut said).ok()?;
    // The keeper lives as long as this end of its pipe: until the process is gone.
    std::mem::forget(keeper.stdin.take());
    (said.trim() == "ready").then_some(Server { bin, dir })
}
