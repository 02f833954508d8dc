//! What a signature inside a token costs beside one in memory, with SoftHSM for a token.
//! `cargo bench -p mintage-pkcs11 --bench signatures`, on idle cores; medians of interleaved rounds, whole tokens counted.
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a measurement that cannot go on has failed, and SoftHSM has no settings but the environment"
)]

use std::hint::black_box;
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use mintage_clock::{Clock, Randomness};
use mintage_jose::{Algorithm, PrivateKey, RsaSize, Signer};
use mintage_pkcs11::{ObjectId, Pin, Token, TokenAccess, TokenSigner, Wanted};

/// One way to sign, on as many threads as are given, and how many tokens a second it made, round by round.
struct Case {
    name: String,
    threads: usize,
    sign: Box<dyn Fn() + Sync>,
    rates: Vec<f64>,
}

impl Case {
    fn round(&mut self) {
        let (began, sign) = (Clock::System.monotonic(), &self.sign);
        let done: u32 = std::thread::scope(|scope| {
            let work = || {
                let mut done = 0;
                while Clock::System.monotonic() - began < ROUND {
                    sign();
                    done += 1;
                }
                done
            };
            let threads: Vec<_> = (0..self.threads).map(|_| scope.spawn(work)).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).sum()
        });
        self.rates.push(f64::from(done) / (Clock::System.monotonic() - began).as_secs_f64());
    }

    fn median(&self) -> f64 {
        let mut rates = self.rates.clone();
        rates.sort_by(f64::total_cmp);
        *rates.get(rates.len() / 2).unwrap()
    }
}

fn main() {
    if std::env::var_os(CONF).is_some() {
        return measure();
    }
    let folder = std::env::temp_dir().join(format!("mintage-bench-{}", std::process::id()));
    std::fs::create_dir_all(folder.join("tokens")).unwrap();
    let conf = folder.join("softhsm2.conf");
    let tokens = folder.join("tokens");
    std::fs::write(&conf, format!("directories.tokendir = {}\n", tokens.display())).unwrap();
    let made = Command::new("softhsm2-util")
        .args(["--init-token", "--free", "--label", "bench", "--pin", "1234", "--so-pin", "1234"])
        .env(CONF, &conf)
        .output()
        .unwrap();
    assert!(made.status.success(), "{made:?}");
    let measured = Command::new(std::env::current_exe().unwrap()).env(CONF, &conf).status().unwrap();
    std::fs::remove_dir_all(folder).unwrap();
    assert!(measured.success());
}

fn measure() {
    let access = TokenAccess { module: MODULE.into(), label: "bench".to_owned(), pin: Pin::new("1234") };
    let token = Arc::new(Token::open(access, Clock::System).unwrap());
    let mut cases: Vec<_> = (0..).zip(KEYS).flat_map(|(number, key)| cases(&token, number, key)).collect();
    for _ in 0..ROUNDS {
        cases.iter_mut().for_each(Case::round);
    }
    println!(
        "\n| tokens a second | in memory | inside SoftHSM | ratio | inside, two threads |\n| --- | --- | --- | --- | --- |"
    );
    for of_key in cases.chunks(3) {
        let [memory, inside, both] = of_key else { continue };
        let (memory_rate, inside_rate) = (memory.median(), inside.median());
        let ratio = inside_rate / memory_rate;
        println!("| {} | {memory_rate:.0} | {inside_rate:.0} | {ratio:.2} | {:.0} |", memory.name, both.median());
    }
}

/// The same key's kind in memory, inside, and inside on two threads.
fn cases(token: &Arc<Token>, number: u8, (name, algorithm, rsa): (&str, Algorithm, RsaSize)) -> [Case; 3] {
    let private = PrivateKey::generate_sized(algorithm, rsa, &Randomness::system()).unwrap();
    let memory = Signer::new(&private).unwrap();
    let id = ObjectId::new([number; 20]);
    let jwk =
        token.make(&Wanted { id: &id, label: name, algorithm, certificate: algorithm.in_certificates(), rsa }).unwrap();
    let inside = Arc::new(TokenSigner::open(token, id, algorithm, jwk.kid()).unwrap());
    let also = Arc::clone(&inside);
    let case = |threads, sign: Box<dyn Fn() + Sync>| Case { name: name.to_owned(), threads, sign, rates: Vec::new() };
    [
        case(1, Box::new(move || drop(black_box(memory.sign_compact("at+jwt", &PAYLOAD).unwrap())))),
        case(1, Box::new(move || drop(black_box(inside.sign_compact("at+jwt", &PAYLOAD).unwrap())))),
        case(2, Box::new(move || drop(black_box(also.sign_compact("at+jwt", &PAYLOAD).unwrap())))),
    ]
}

const KEYS: [(&str, Algorithm, RsaSize); 6] = [
    ("RS256, 2048 bits", Algorithm::Rs256, RsaSize::Bits2048),
    ("PS256, 2048 bits", Algorithm::Ps256, RsaSize::Bits2048),
    ("RS256, 3072 bits", Algorithm::Rs256, RsaSize::Bits3072),
    ("ES256", Algorithm::Es256, RsaSize::Bits2048),
    ("ES384", Algorithm::Es384, RsaSize::Bits2048),
    ("EdDSA", Algorithm::EdDsa, RsaSize::Bits2048),
];
const PAYLOAD: [u8; 500] = [b'x'; 500];
const ROUND: Duration = Duration::from_millis(300);
const ROUNDS: usize = 7;
const CONF: &str = "SOFTHSM2_CONF";
const MODULE: &str = "/usr/lib/softhsm/libsofthsm2.so";
