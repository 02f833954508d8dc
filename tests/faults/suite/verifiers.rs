//! Verifiers that learn of keys each in its own way: foreign ones in processes of their own, and one that watches the key set.

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{SyncSender, sync_channel};
use std::sync::{Arc, RwLock};
use std::thread::JoinHandle;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use mintage_api::keys::GetKeySetResponse;
use mintage_chassis::key_sets::Holder;
use mintage_jose::{Jwk, Kid, VerifyingKey, jwt};
use mintage_testkit::programs;
use tonic::async_trait;

/// A foreign program that verifies the tokens it is given.
pub(super) struct Foreign {
    name: &'static str,
    child: Child,
    tokens: SyncSender<String>,
    writer: JoinHandle<()>,
    reader: JoinHandle<Vec<String>>,
}

impl Foreign {
    /// PyJWT with its `PyJWKClient`; `None` where it is not installed.
    pub(super) fn pyjwt(key_set: &str, audience: &str) -> Option<Self> {
        let python = root().join("target/interop/venv/bin/python");
        let script = root().join("tests/interop/python/verify_while_keys_rotate.py");
        programs::is_there(python.to_str().expect("a path"))
            .then(|| Self::start("PyJWT", &python, &script, key_set, audience))
    }

    /// jose with its remote JWKS; `None` where it is not installed.
    pub(super) fn jose(key_set: &str, audience: &str) -> Option<Self> {
        let script = root().join("tests/interop/node/verify_while_keys_rotate.js");
        // A folder is no program: where it is missing that is said, and under CI it fails.
        let packages = root().join("tests/interop/node/node_modules/jose");
        let there =
            programs::is_there("node") && (packages.exists() || programs::is_there(packages.to_str().expect("a path")));
        there.then(|| Self::start("jose", Path::new("node"), &script, key_set, audience))
    }

    fn start(name: &'static str, program: &Path, script: &Path, key_set: &str, audience: &str) -> Self {
        let mut command = Command::new(program);
        command.arg(script).args([key_set, audience]).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().expect("it starts");
        let (tokens, given) = sync_channel::<String>(10_000);
        let mut stdin: ChildStdin = child.stdin.take().expect("piped");
        let writer = std::thread::spawn(move || {
            for token in given {
                writeln!(stdin, "{token}").expect("it reads on");
            }
        });
        let stdout = BufReader::new(child.stdout.take().expect("piped"));
        let reader = std::thread::spawn(move || stdout.lines().map_while(Result::ok).collect());
        Self { name, child, tokens, writer, reader }
    }

    /// Has it verify a token, without waiting for that.
    pub(super) fn give(&self, token: &str) {
        self.tokens.try_send(token.to_owned()).expect("it keeps up");
    }

    /// How many tokens it verified; everything that it did not.
    pub(super) fn end(self) -> (u64, Vec<String>) {
        let Self { name, mut child, tokens, writer, reader } = self;
        drop(tokens);
        writer.join().expect("every token was given");
        let mut said = reader.join().expect("it says something");
        assert!(child.wait().expect("it ends").success(), "{name} broke down: {said:?}");
        let sum = said.pop().expect("a sum");
        let verified = sum.split(' ').next().and_then(|count| count.parse().ok()).expect("a count");
        (verified, said)
    }
}

/// Verifies by the key set that is pushed to it.
#[derive(Default)]
pub(super) struct Watching(RwLock<HashMap<Kid, Arc<VerifyingKey>>>);

impl Watching {
    /// Whether the token's key is in the set as it is held now, and signed it.
    pub(super) fn verifies(&self, token: &str) -> bool {
        let Some(kid) = jwt::decode_header(token).ok().and_then(|header| header.kid) else { return false };
        let key = self.0.read().expect("no panic before").get(&kid).cloned();
        let (Some(key), Some((input, signature))) = (key, token.rsplit_once('.')) else { return false };
        URL_SAFE_NO_PAD.decode(signature).is_ok_and(|signature| key.verify(input.as_bytes(), &signature).is_ok())
    }

    /// How many keys it holds.
    pub(super) fn holds(&self) -> usize {
        self.0.read().expect("no panic before").len()
    }
}

#[async_trait]
impl Holder for Watching {
    async fn hold(&self, key_set: GetKeySetResponse) -> bool {
        let read = |jwk: &str| {
            let jwk: Jwk = jwk.parse().ok()?;
            Some((jwk.kid().clone(), Arc::new(VerifyingKey::new(&jwk).ok()?)))
        };
        let keys: Option<HashMap<_, _>> = key_set.keys.iter().map(|key| read(&key.jwk)).collect();
        let readable = keys.is_some();
        *self.0.write().expect("no panic before") = keys.unwrap_or_default();
        readable
    }

    fn lost(&self) {}
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().expect("the repository")
}
