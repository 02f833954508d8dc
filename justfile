# The commands of this repository; `just --list` shows them.

# Runs every test; PostgreSQL's too when MINTAGE_TEST_POSTGRES names a server
test:
    cargo nextest run --workspace

# Everything CI runs, in CI's order
ci:
    bash .ci/run

# Measures what a token costs, beside a bare floor and npm oidc-provider; needs a quiet machine
bench *arguments:
    tests/bench/run {{arguments}}

# Formatting and lints, as strict as CI
lint:
    cargo fmt --all --check
    cargo clippy --workspace --all-targets -- -D warnings
