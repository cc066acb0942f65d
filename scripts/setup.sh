#!/usr/bin/env bash
# Installs what is missing when run as root on Debian or Ubuntu, otherwise says in one line what to install.
# `setup.sh build` for building and running, `setup.sh e2e` for the browser tests, `setup.sh test` for everything.
set -euo pipefail
cd "$(dirname "$0")/.."
what="${1:-test}"

missing=()
need() { missing+=("$1"); }

has_postgres() { command -v initdb >/dev/null || compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null; }
has_chromium() {
  [ -n "${CHROMIUM:-}" ] && return 0
  for name in chromium chromium-browser google-chrome; do command -v "$name" >/dev/null && return 0; done
  return 1
}
has_chinese() { command -v fc-list >/dev/null && [ -n "$(fc-list :lang=zh-cn 2>/dev/null | head -1)" ]; }
node_major() { node --version 2>/dev/null | sed -E 's/^v([0-9]+).*/\1/'; }

if ! command -v cargo >/dev/null; then
  echo "需要 Rust 1.95 以上 / Rust 1.95 or later is needed: https://rustup.rs" >&2
  exit 1
fi
# SQLite is compiled from its source.
command -v cc >/dev/null || need build-essential
if [ "$what" = test ]; then
  has_postgres || need postgresql
fi
if [ "$what" = test ] || [ "$what" = e2e ]; then
  has_chromium || need chromium
  has_chinese || need fonts-noto-cjk
  command -v npm >/dev/null || need npm
fi

if [ "${#missing[@]}" -gt 0 ]; then
  if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    echo "installing: ${missing[*]}"
    export DEBIAN_FRONTEND=noninteractive
    apt-get update -qq
    apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
  else
    echo "请先安装 / please install: sudo apt-get install ${missing[*]}" >&2
    # Nobody can build without a compiler; what only tests need is skipped on a laptop and required in CI.
    if [ "${CI:-}" = true ] || ! command -v cc >/dev/null; then exit 1; fi
  fi
fi

if [ "$what" = test ] || [ "$what" = e2e ]; then
  if command -v npm >/dev/null; then
    if [ "$(node_major)" -lt 20 ]; then
      echo "浏览器测试需要 Node 20 以上 / the browser tests need Node 20 or later: https://nodejs.org" >&2
      [ "${CI:-}" = true ] && exit 1
    elif ! cmp -s e2e/package-lock.json e2e/node_modules/.installed-lock; then
      (cd e2e && npm ci --no-audit --no-fund --loglevel=error)
      cp e2e/package-lock.json e2e/node_modules/.installed-lock
    fi
  fi
fi
exit 0
