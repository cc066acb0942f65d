# Xiangyue 乡约. `make run` opens a county at work, `make test` is all that a build server runs.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.PHONY: help run test lint fmt e2e bench setup
MAKEFLAGS += --no-print-directory

# Address of the demo, e.g. `make run LISTEN=127.0.0.1:9000`.
LISTEN ?= 127.0.0.1:8080
# Folder of the demo's data; an empty or missing one is filled by the simulation.
DATA ?= data/demo
# Options of `xiangyue bench`, e.g. `make bench ARGS="--seconds 20"`.
ARGS ?=

help: ## show the targets
	@grep -hE '^[a-z0-9]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 8

run: ## build, fill a county with simulated work, and open it in a browser
	@scripts/setup.sh build
	@cargo build --release --locked -p xiangyue-server
	@echo "打开 / open  http://$(LISTEN)/demo"
	@exec target/release/xiangyue demo --data "$(DATA)" --listen "$(LISTEN)"

test: ## format, lints, house rules, tests on both databases, browser tests
	@scripts/setup.sh test
	@$(MAKE) lint
	@scripts/test.sh
	@$(MAKE) e2e

lint: ## format and lints, nothing is changed
	@cargo fmt --all --check
	@cargo clippy --workspace --all-targets --locked -- -D warnings

fmt: ## format all Rust
	@cargo fmt --all

e2e: ## browser tests against the debug binary; XY_E2E_URL=http://… tests a demo that runs
	@scripts/setup.sh e2e
	@if [ -z "$${XY_E2E_URL:-}" ]; then cargo build --locked -p xiangyue-server; fi
	@scripts/e2e.sh

bench: ## measure on this machine and print; writes no file of the repository
	@scripts/setup.sh build
	@cargo build --release --locked -p xiangyue-server
	@target/release/xiangyue bench $(ARGS)

setup: ## install what building and testing need, or say what to install
	@scripts/setup.sh test
