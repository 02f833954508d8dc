//! What a signature costs: every algorithm, every size of RSA, and the libraries that could sign beside the one that does.
//! `cargo bench -p mintage-jose --bench signatures`, on idle cores; CPU time of one thread, medians of interleaved rounds.
#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "a measurement that cannot go on has failed")]

use std::hint::black_box;
use std::time::Duration;

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P384_SHA384_FIXED_SIGNING, EcdsaKeyPair, EcdsaSigningAlgorithm,
    Ed25519KeyPair,
};
use ed25519_dalek::Signer as _;
use mintage_clock::Randomness;
use mintage_jose::{Algorithm, PrivateKey, RsaSize, Signer, VerifyingKey};
use p256::pkcs8::DecodePrivateKey;
use rustix::time::{ClockId, clock_gettime};

/// Something that is done again and again, and how long it took, round by round.
struct Case {
    name: String,
    act: Box<dyn Fn()>,
    micros: Vec<f64>,
}

impl Case {
    fn new(name: impl Into<String>, act: impl Fn() + 'static) -> Self {
        Self { name: name.into(), act: Box::new(act), micros: Vec::new() }
    }

    fn round(&mut self) {
        let (start, mut done) = (cpu_time(), 0_u32);
        let passed = loop {
            (self.act)();
            done += 1;
            let passed = cpu_time() - start;
            if passed >= ROUND {
                break passed;
            }
        };
        self.micros.push(passed.as_secs_f64() * 1e6 / f64::from(done));
    }

    fn print(&mut self) {
        self.micros.sort_by(f64::total_cmp);
        let (least, most) = (self.micros.first().unwrap(), self.micros.last().unwrap());
        let median = self.micros.get(self.micros.len() / 2).unwrap();
        println!("| {} | {median:.1} | {:.0} | {least:.1} – {most:.1} |", self.name, 1e6 / median);
    }
}

fn main() {
    let mut tokens = tokens();
    let mut verifications = verifications();
    let mut libraries = libraries();
    for _ in 0..ROUNDS {
        for case in tokens.iter_mut().chain(&mut verifications).chain(&mut libraries) {
            case.round();
        }
    }
    for (title, cases) in [("a token", tokens), ("a verification", verifications), ("a signature by", libraries)] {
        println!("\n| {title} | CPU µs | a second and core | least – most µs |\n| --- | --- | --- | --- |");
        for mut case in cases {
            case.print();
        }
    }
}

/// Every algorithm as tokens are signed with it.
fn tokens() -> Vec<Case> {
    let signed = |(name, key): (String, PrivateKey)| {
        let signer = Signer::new(&key).unwrap();
        Case::new(name, move || drop(black_box(signer.sign_compact("at+jwt", &PAYLOAD).unwrap())))
    };
    keys().into_iter().map(signed).collect()
}

fn verifications() -> Vec<Case> {
    let verified = |(name, key): (String, PrivateKey)| {
        let (verifier, token) =
            (VerifyingKey::of(&key).unwrap(), Signer::new(&key).unwrap().sign_compact("JWT", &PAYLOAD));
        let (input, signature) = token.as_ref().unwrap().rsplit_once('.').unwrap();
        let (input, signature) = (input.to_owned(), decoded(signature));
        Case::new(name, move || verifier.verify(black_box(input.as_bytes()), &signature).unwrap())
    };
    keys().into_iter().map(verified).collect()
}

/// The same bytes signed by the library that signs here and by the one that makes the keys.
fn libraries() -> Vec<Case> {
    let der = |algorithm| PrivateKey::generate(algorithm, &Randomness::seeded(1)).unwrap().to_bytes();
    let (es256, es384, eddsa) = (der(Algorithm::Es256), der(Algorithm::Es384), der(Algorithm::EdDsa));
    let lc = |name, parameters: &'static EcdsaSigningAlgorithm, der: &[u8]| {
        let pair = EcdsaKeyPair::from_pkcs8(parameters, der).unwrap();
        Case::new(name, move || {
            black_box(pair.sign(&SystemRandom::new(), &PAYLOAD).unwrap());
        })
    };
    let p256_key = p256::ecdsa::SigningKey::from_pkcs8_der(&es256).unwrap();
    let p384_key = p384::ecdsa::SigningKey::from_pkcs8_der(&es384).unwrap();
    let lc_ed25519 = Ed25519KeyPair::from_pkcs8(&eddsa).unwrap();
    let dalek = ed25519_dalek::SigningKey::from_pkcs8_der(&eddsa).unwrap();
    vec![
        lc("ES256, aws-lc-rs", &ECDSA_P256_SHA256_FIXED_SIGNING, &es256),
        Case::new("ES256, p256", move || {
            let signature: p256::ecdsa::Signature = p256_key.sign(&PAYLOAD);
            black_box(signature);
        }),
        lc("ES384, aws-lc-rs", &ECDSA_P384_SHA384_FIXED_SIGNING, &es384),
        Case::new("ES384, p384", move || {
            let signature: p384::ecdsa::Signature = p384_key.sign(&PAYLOAD);
            black_box(signature);
        }),
        Case::new("EdDSA, aws-lc-rs", move || {
            black_box(lc_ed25519.try_sign(&PAYLOAD).unwrap());
        }),
        Case::new("EdDSA, ed25519-dalek", move || {
            black_box(dalek.sign(&PAYLOAD));
        }),
    ]
}

/// A key of each algorithm, of RSA in each size.
fn keys() -> Vec<(String, PrivateKey)> {
    let mut keys = Vec::new();
    let mut add = |name, algorithm, size| {
        keys.push((name, PrivateKey::generate_sized(algorithm, size, &Randomness::seeded(1)).unwrap()));
    };
    for algorithm in Algorithm::ALL {
        if !algorithm.is_rsa() {
            add(algorithm.to_string(), algorithm, RsaSize::default());
            continue;
        }
        for size in RsaSize::ALL {
            add(format!("{algorithm}, {size}"), algorithm, size);
        }
    }
    keys
}

fn decoded(text: &str) -> Vec<u8> {
    use base64::Engine;
    base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(text).unwrap()
}

/// Of this thread: what others do on the core meanwhile does not count.
fn cpu_time() -> Duration {
    clock_gettime(ClockId::ThreadCPUTime).try_into().unwrap()
}

const ROUNDS: usize = 9;
const ROUND: Duration = Duration::from_millis(60);

/// As long as the claims of a usual token.
static PAYLOAD: [u8; 500] = [b'a'; 500];
