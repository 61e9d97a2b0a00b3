# The commands of danang-sso. `make` lists them.

RIG := tests/rig
DEMO_ARGS ?=
FUZZ ?= 20000
# At both widths, light and dark.
STAFF := sign-in first-password first-day second-step locked portal portal-security authenticator passkey-new recovery-codes
# The modules of tests/browser that take pictures.
PHOTOGRAPHERS = $(patsubst tests/browser/%.rs,%::,$(shell grep -l 'fn pictures\|screenshots::pictures' tests/browser/*.rs))
PICTURES := $(foreach page,$(STAFF),$(page)-390-light $(page)-390-dark $(page)-1280-light $(page)-1280-dark) \
	portal-security-mail-1280-light portal-certificate-1280-light portal-mail-code-390-light portal-posts-390-light \
	portal-account-1280-light portal-sessions-1280-light portal-report-390-light portal-data-1280-light \
	portal-applications-1280-light portal-letters-1280-light portal-rules-1280-light portal-password-1280-light \
	acting-390-light reminder-390-light consent-390-light device-ask-390-light console-sign-in-1280-light \
	console-break-glass-1280-light console-dashboard-1280-light desk-dashboard-1280-light desk-accounts-1280-light \
	desk-bulk-1280-light desk-bulk-done-1280-light desk-bulk-list-1280-light console-unlock-1280-light \
	console-unlock-done-1280-light console-resets-1280-light console-resets-confirm-1280-light \
	console-slips-1280-light desk-account-1280-light desk-why-1280-light desk-timeline-1280-light \
	console-delegates-1280-light console-account-390-dark console-accounts-390-dark console-sessions-1280-light \
	console-session-1280-light api-docs-1280-light console-sessions-end-1280-light console-sessions-ended-1280-light console-agencies-1280-light \
	console-agency-1280-light console-merge-form-1280-light console-merge-1280-light console-merge-done-1280-light \
	console-move-1280-light console-watch-1280-light console-incidents-1280-light console-incident-1280-light \
	console-sync-1280-light console-plan-1280-light console-reconcile-alone-1280-light \
	console-reconcile-settle-1280-light console-decisions-1280-light console-authority-1280-light \
	console-authority-preview-1280-light console-agency-sources-1280-light console-policy-1280-light \
	console-policy-preview-1280-light console-waves-1280-light console-waves-plan-1280-light \
	console-forecast-1280-light console-brake-1280-light console-calendar-1280-light \
	console-calendar-preview-1280-light console-letters-1280-light console-approvals-waiting-1280-light \
	console-approvals-waiting-390-dark console-approvals-approved-1280-light console-administrators-1280-light \
	console-role-1280-light console-applications-1280-light console-application-1280-light \
	console-application-new-1280-light console-application-preview-1280-light console-application-made-1280-light \
	console-application-waiting-1280-light console-application-arrived-1280-light console-application-edit-1280-light \
	console-application-api-1280-light \
	console-application-test-1280-light console-applications-import-1280-light \
	console-applications-import-preview-1280-light console-import-1280-light console-import-posts-1280-light \
	console-groups-1280-light console-group-1280-light console-group-list-1280-light \
	console-reviews-1280-light console-review-1280-light console-audit-1280-light console-keys-1280-light

.PHONY: help demo test build bench lint fmt fuzz screenshots

help: ## List these commands
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

demo: ## Start the invented city, the house and a sample application
	@bash $(RIG)/install.sh build obm ad python
	@cargo build --release --locked
	@./target/release/danang-sso demo $(DEMO_ARGS)

test: lint ## Everything: formatting, clippy, unit, contract, flow, spec, browser; installs what it needs
	@bash $(RIG)/install.sh all
	@cargo test --locked

lint: ## Formatting and clippy, warnings are errors
	@bash $(RIG)/install.sh build
	@cargo fmt --check
	@cargo clippy --locked --all-targets -- -D warnings

fuzz: ## Hostile bytes for every reader that a stranger reaches, for longer than in the tests (FUZZ=mutants of each file)
	@bash $(RIG)/install.sh build
	@DANANG_SSO_FUZZ=$(FUZZ) cargo test --locked --test spec -- corpus --nocapture

build: ## The release binary: target/release/danang-sso
	@cargo build --release --locked

bench: ## What things cost on this machine, as ratios where something stands beside it
	@bash $(RIG)/install.sh build obm ad postgres
	@cargo bench --locked --bench cost

screenshots: ## New pictures of the pages for docs/images
	@bash $(RIG)/install.sh build obm ad browser axe apache
	@cargo test --locked --test browser -- $(PHOTOGRAPHERS)
	@mkdir -p docs/images
	@cp $(PICTURES:%=target/screenshots/%.png) docs/images/

fmt: ## Format the code
	@cargo fmt
