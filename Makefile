# Doors to `cargo xtask`, which does the work and explains itself: `cargo xtask help`.

# Outside the checkout, so that a fresh clone reuses what was compiled before.
export CARGO_TARGET_DIR ?= $(HOME)/.cache/skydesk/target

# The first call compiles xtask itself, and cargo is told to be quiet about that.
XTASK = [ -x "$(CARGO_TARGET_DIR)/release/xtask" ] || echo "compiling xtask first, about half a minute" >&2; cargo xtask

.DEFAULT_GOAL := help
.PHONY: run test build down e2e-tests bench fmt help

run:        ## build everything and start Skydesk at http://127.0.0.1:8080 (SKYDESK_PORT)
	@$(XTASK) run

test:       ## formatting, lints, all tests, and one journey in a browser
	@$(XTASK) test

build:      ## release binaries and the web application
	@$(XTASK) build

down:       ## stop what `make run` started, from another terminal
	@$(XTASK) down

e2e-tests:  ## only the journey in a browser, against the whole stack
	@$(XTASK) test --only e2e

bench:      ## measure, side by side with floors and peers
	@$(XTASK) bench

fmt:        ## format all Rust code
	@$(XTASK) fmt

help:       ## this list
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
