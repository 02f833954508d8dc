//! Modules that hang, or answer the same whatever is asked: SoftHSM behind `tests/hostile.c`.

use std::fs::{self, File};
use std::path::PathBuf;
use std::process::Command;
use std::sync::Arc;
use std::sync::mpsc::channel;
use std::thread;
use std::time::Duration;

use mintage_jose::Algorithm;
use mintage_pkcs11::{Pin, Token, TokenAccess, TokenError};
use mintage_testkit::SoftHsm;

use crate::house::{House, assert_signs, make, signer};
use crate::losses::destroy;

/// A house whose module does as the files beside its configuration say.
struct Hostile(House);

impl Hostile {
    fn of(test: &str) -> Option<Self> {
        let hostile = Self(House::of(test)?);
        let source = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/hostile.c");
        let softhsm = format!("-DSOFTHSM=\"{}\"", hostile.0.hsm.module().display());
        let mut compile = Command::new("cc");
        compile.args(["-shared", "-fPIC", "-Wall", "-Werror", &softhsm, source, "-ldl", "-o"]);
        let made = compile.arg(hostile.file("hostile.so")).output().expect("a C compiler, as the suite itself needs");
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        Some(hostile)
    }

    fn file(&self, name: &str) -> PathBuf {
        self.0.hsm.conf().with_file_name(name)
    }

    fn token(&self) -> Arc<Token> {
        let (module, label) = (self.file("hostile.so"), SoftHsm::LABEL.to_owned());
        let access = TokenAccess { module, label, pin: Pin::new(SoftHsm::PIN) };
        Arc::new(Token::open(access, self.0.clock.clock()).expect("the token"))
    }

    /// The next call of `function` hangs.
    fn hang(&self, function: &str) {
        let made = Command::new("mkfifo").arg(self.file(&format!("{function}.hangs"))).status();
        assert!(made.expect("mkfifo runs").success());
    }

    /// Waits until it does; no other one will. It goes on once what is returned is dropped.
    fn hanging(&self, function: &str) -> File {
        let pipe = self.file(&format!("{function}.hangs"));
        let (opened, hanging) = channel();
        // Of no end while nobody reads it: a thread that is left behind fails the test, and does not hang with it.
        let waits = pipe.clone();
        thread::spawn(move || opened.send(File::options().write(true).open(waits)));
        let hanging = hanging.recv_timeout(Duration::from_mins(1)).expect("somebody who calls it").expect("the pipe");
        fs::remove_file(pipe).expect("it is taken away");
        hanging
    }

    fn calls(&self, function: &str) -> u64 {
        fs::metadata(self.file(&format!("{function}.calls"))).map_or(0, |calls| calls.len())
    }
}

#[test]
fn a_module_is_not_ended_under_a_call_that_hangs_and_the_others_go_on() {
    let name = concat!(module_path!(), "::a_module_is_not_ended_under_a_call_that_hangs_and_the_others_go_on");
    let Some(hostile) = Hostile::of(name) else { return };
    let token = hostile.token();
    let (lost, kept) = (make(&token, 1, Algorithm::Es256).unwrap(), make(&token, 2, Algorithm::Es256).unwrap());
    let (bad, good) = (signer(&token, 1, &lost), signer(&token, 2, &kept));
    destroy(&hostile.0, 1);
    hostile.hang("C_SignInit");
    thread::scope(|threads| {
        threads.spawn(|| assert_signs(&good, &kept));
        let hanging = hostile.hanging("C_SignInit");
        hostile.0.wait_for_a_new_beginning();
        assert!(matches!(bad.sign_compact("JWT", b"{}"), Err(TokenError::NotHeld { .. })));
        assert_signs(&good, &kept);
        assert_eq!(hostile.calls("C_Finalize"), 0);
        drop(hanging);
    });
    assert_signs(&good, &kept);
    for time in ["nothing was tried yet", "it helped the other, and not this one"] {
        hostile.0.wait_for_a_new_beginning();
        assert!(matches!(bad.sign_compact("JWT", b"{}"), Err(TokenError::NotHeld { .. })));
        assert_signs(&good, &kept);
        assert_eq!(hostile.calls("C_Finalize"), 1, "{time}");
    }
}

#[test]
fn a_module_that_does_not_begin_is_tried_once_a_second_and_no_more() {
    let name = concat!(module_path!(), "::a_module_that_does_not_begin_is_tried_once_a_second_and_no_more");
    let Some(hostile) = Hostile::of(name) else { return };
    let token = hostile.token();
    let jwk = make(&token, 1, Algorithm::Es256).unwrap();
    let signer = signer(&token, 1, &jwk);
    let fails = hostile.file("C_Initialize.fails");
    fs::write(&fails, "5").unwrap();
    hostile.0.forget_sessions();
    let before = hostile.calls("C_Initialize");
    for second in 1..=5 {
        let refused = signer.sign_compact("JWT", b"{}").unwrap_err();
        assert!(matches!(refused, TokenError::Module { .. }), "{refused}");
        for _ in 0..20 {
            assert!(matches!(signer.sign_compact("JWT", b"{}"), Err(TokenError::Away { .. })));
            assert!(matches!(token.check(), Err(TokenError::Away { .. })));
        }
        assert_eq!(hostile.calls("C_Initialize"), before + second);
        hostile.0.wait();
    }
    fs::remove_file(fails).unwrap();
    assert_signs(&signer, &jwk);
    assert_eq!(hostile.calls("C_Initialize"), before + 6);
}

#[test]
fn while_a_login_hangs_the_others_are_refused_and_sign_again_afterwards() {
    let name = concat!(module_path!(), "::while_a_login_hangs_the_others_are_refused_and_sign_again_afterwards");
    let Some(hostile) = Hostile::of(name) else { return };
    let token = hostile.token();
    let jwk = make(&token, 1, Algorithm::Es256).unwrap();
    let signer = signer(&token, 1, &jwk);
    hostile.0.wait();
    hostile.0.forget_sessions();
    hostile.hang("C_Login");
    thread::scope(|threads| {
        threads.spawn(|| assert_signs(&signer, &jwk));
        let hanging = hostile.hanging("C_Login");
        for _ in 0..20 {
            assert!(matches!(signer.sign_compact("JWT", b"{}"), Err(TokenError::Away { .. })));
        }
        assert!(matches!(token.check(), Err(TokenError::Away { .. })));
        drop(hanging);
    });
    assert_signs(&signer, &jwk);
}

#[test]
fn while_the_end_of_a_module_hangs_the_others_are_refused_and_sign_again_afterwards() {
    let name =
        concat!(module_path!(), "::while_the_end_of_a_module_hangs_the_others_are_refused_and_sign_again_afterwards");
    let Some(hostile) = Hostile::of(name) else { return };
    let token = hostile.token();
    let (lost, kept) = (make(&token, 1, Algorithm::Es256).unwrap(), make(&token, 2, Algorithm::Es256).unwrap());
    let (bad, good) = (signer(&token, 1, &lost), signer(&token, 2, &kept));
    destroy(&hostile.0, 1);
    hostile.0.wait_for_a_new_beginning();
    hostile.hang("C_Finalize");
    thread::scope(|threads| {
        threads.spawn(|| assert!(matches!(bad.sign_compact("JWT", b"{}"), Err(TokenError::NotHeld { .. }))));
        let hanging = hostile.hanging("C_Finalize");
        for _ in 0..20 {
            assert!(matches!(good.sign_compact("JWT", b"{}"), Err(TokenError::Away { .. })));
        }
        drop(hanging);
    });
    assert_signs(&good, &kept);
}

#[test]
fn a_module_that_says_of_every_session_that_it_is_lost_is_entered_three_times_a_second_and_no_more() {
    let name = concat!(
        module_path!(),
        "::a_module_that_says_of_every_session_that_it_is_lost_is_entered_three_times_a_second_and_no_more"
    );
    let Some(hostile) = Hostile::of(name) else { return };
    let token = hostile.token();
    let jwk = make(&token, 1, Algorithm::Es256).unwrap();
    let signer = signer(&token, 1, &jwk);
    let fails = hostile.file("C_SignInit.fails");
    fs::write(&fails, "0xB3").unwrap();
    let mut before = hostile.calls("C_Login") - 1;
    for _ in 0..5 {
        (0..20).for_each(|_| drop(signer.sign_compact("JWT", b"{}").unwrap_err()));
        let logins = hostile.calls("C_Login");
        assert!((1..=3).contains(&(logins - before)), "{}", logins - before);
        before = logins;
        hostile.0.wait();
    }
    assert_eq!(hostile.calls("C_Finalize"), 0, "nothing is in doubt");
    fs::remove_file(fails).unwrap();
    assert_signs(&signer, &jwk);
}
