//! A foreign client in Rust: `oauth2` asks for tokens over HTTPS, `jsonwebtoken` verifies them against the key set.
//! It is a program and not a test, because it needs a running server: `mintage-interop DIR/demo.env`.
#![expect(clippy::print_stdout, reason = "its output is its report")]

mod checks;
mod demo;
mod verifier;

use std::pin::Pin;
use std::process::ExitCode;

use anyhow::Context;

use crate::demo::Demo;

type Check = for<'a> fn(&'a Demo) -> Pin<Box<dyn Future<Output = anyhow::Result<()>> + 'a>>;

#[tokio::main(flavor = "current_thread")]
async fn main() -> anyhow::Result<ExitCode> {
    let file = std::env::args().nth(1).context("usage: mintage-interop DIR/demo.env")?;
    if rustls::crypto::aws_lc_rs::default_provider().install_default().is_err() {
        anyhow::bail!("another TLS provider is installed");
    }
    let demo = Demo::read(&file)?;
    let mut failed = 0;
    for (name, check) in CHECKS {
        match check(&demo).await {
            Ok(()) => println!("ok     {name}"),
            Err(why) => {
                failed += 1;
                println!("FAILED {name}: {why:#}");
            }
        }
    }
    println!("{} passed, {failed} failed", CHECKS.len() - failed);
    Ok(if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

const CHECKS: &[(&str, Check)] = &[
    ("a_token_asked_for_with_the_secret_in_the_body_verifies", |demo| Box::pin(checks::token_by_body(demo))),
    ("a_token_asked_for_with_basic_authentication_verifies", |demo| Box::pin(checks::token_by_basic(demo))),
    ("a_narrower_scope_is_granted_as_asked", |demo| Box::pin(checks::narrower_scope(demo))),
    ("a_bad_secret_is_invalid_client", |demo| Box::pin(checks::bad_secret(demo))),
    ("an_unknown_audience_is_invalid_target", |demo| Box::pin(checks::unknown_audience(demo))),
    ("an_ungranted_scope_is_invalid_scope", |demo| Box::pin(checks::ungranted_scope(demo))),
];
