#!/usr/bin/env bash
# All Rust tests, with nextest where it is installed. REQUIRE_POSTGRES=1 turns a missing PostgreSQL into a failure.
set -euo pipefail
cd "$(dirname "$0")/.."
if cargo nextest --version >/dev/null 2>&1; then
  exec cargo nextest run --workspace --locked --no-fail-fast
fi
exec cargo test --workspace --locked --no-fail-fast
