//! A foreign client in Rust that signs users in: `openidconnect` discovers, registers, asks, verifies.
//! It is a program and not a test, because it needs a running server: `mintage-interop-openid FILE`, where the
//! file is demo.env with what `tests/interop/run` makes besides.

mod checks;
mod demo;
mod person;

use std::process::ExitCode;

use anyhow::Context;

use crate::demo::Demo;

type Check = fn(&Demo) -> anyhow::Result<()>;

fn main() -> anyhow::Result<ExitCode> {
    let file = std::env::args().nth(1).context("usage: mintage-interop-openid FILE")?;
    let demo = Demo::read(&file)?;
    let mut failed = 0;
    for (name, check) in CHECKS {
        match check(&demo) {
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
    ("an_id_token_signed_with_rs256_verifies", checks::id_token_rs256),
    ("an_id_token_signed_with_es256_verifies", checks::id_token_es256),
    ("an_id_token_with_another_nonce_is_not_taken", checks::other_nonce),
    ("userinfo_says_who_the_id_token_speaks_of", checks::user_info),
    ("a_refresh_token_is_good_once_and_its_second_use_ends_them_all", checks::refresh_rotates),
    ("a_code_is_good_once_and_its_second_use_ends_its_tokens", checks::code_is_good_once),
    ("a_code_with_another_verifier_is_invalid_grant", checks::other_verifier),
    ("a_revoked_refresh_token_is_invalid_grant", checks::revocation),
    ("a_user_who_was_signed_out_has_to_sign_in_again", checks::logout),
    ("a_client_registers_and_acts_for_a_user", checks::registration),
    ("registering_without_a_token_is_refused", checks::registration_without_token),
];
