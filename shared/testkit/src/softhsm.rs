//! PKCS#11 tokens in software: one of its own for each test that asks.

#![expect(clippy::expect_used, reason = "a test without its token has failed")]

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

use crate::programs::is_there;

/// A folder of SoftHSM's, with one token in it. SoftHSM looks once a process where its folder is, and into the environment
/// for that: a test that asks for one runs again, in a process of its own.
#[derive(Debug)]
pub struct SoftHsm {
    folder: PathBuf,
    /// It goes with this value, where that made it.
    _own: Option<TempDir>,
}

impl SoftHsm {
    /// The label of the token.
    pub const LABEL: &str = "mintage test";
    /// The variable that tells SoftHSM where its [`conf`](Self::conf) is.
    pub const VARIABLE: &str = "SOFTHSM2_CONF";
    /// The PIN of its user.
    pub const PIN: &str = "canary-pin-4711";

    /// The token of the test whose path is `test`, `concat!(module_path!(), "::name")`: `None` in the process that was asked
    /// to run the test, once it has run to its end in the other one.
    ///
    /// # Panics
    /// When it fails there; and without SoftHSM when `CI` is `true`.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "SoftHSM has no settings but the environment")]
    pub fn of(test: &str) -> Option<Self> {
        if let Some(conf) = env::var_os(CONF) {
            let folder = Path::new(&conf).parent().expect("a folder").to_owned();
            return Some(Self { folder, _own: None });
        }
        if let Some(hsm) = Self::for_others() {
            run(test, &hsm);
        }
        None
    }

    /// A token for processes that are given its [`conf`](Self::conf); `None` without SoftHSM.
    ///
    /// # Panics
    /// When it cannot be made; and without SoftHSM when `CI` is `true`.
    #[must_use]
    pub fn for_others() -> Option<Self> {
        is_there(UTIL).then(|| {
            let own = TempDir::new().expect("a folder");
            let hsm = Self { folder: own.path().to_owned(), _own: Some(own) };
            hsm.make_token();
            hsm
        })
    }

    /// The library that speaks PKCS#11.
    ///
    /// # Panics
    /// When it is not where Debian puts it.
    #[must_use]
    pub fn module(&self) -> PathBuf {
        let known = ["/usr/lib/softhsm/libsofthsm2.so", "/usr/local/lib/softhsm/libsofthsm2.so"];
        known.iter().map(PathBuf::from).find(|module| module.exists()).expect("SoftHSM's module")
    }

    /// The configuration, for `SOFTHSM2_CONF` of a process.
    #[must_use]
    pub fn conf(&self) -> PathBuf {
        self.folder.join("softhsm2.conf")
    }

    fn make_token(&self) {
        let tokens = self.folder.join("tokens");
        fs::create_dir(&tokens).expect("a folder");
        let conf =
            format!("directories.tokendir = {}\nobjectstore.backend = file\nlog.level = ERROR\n", tokens.display());
        fs::write(self.conf(), conf).expect("a file");
        let mut make = Command::new(UTIL);
        make.args(["--init-token", "--free", "--label", Self::LABEL, "--pin", Self::PIN, "--so-pin", "00000000"]);
        let made = make.env(CONF, self.conf()).output().expect("softhsm2-util runs");
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    }

    /// Puts the token away; `false` puts it back.
    ///
    /// # Panics
    /// When the folder cannot be moved.
    pub fn away(&self, away: bool) {
        let (here, there) = (self.folder.join("tokens"), self.folder.join("away"));
        let (from, to) = if away { (here, there) } else { (there, here) };
        fs::rename(from, to).expect("the folder of tokens is moved");
        if away {
            fs::create_dir(self.folder.join("tokens")).expect("an empty folder");
        }
    }

    /// How many objects the token holds, as files tell it.
    ///
    /// # Panics
    /// When the folder cannot be read.
    #[must_use]
    pub fn objects(&self) -> usize {
        let tokens = fs::read_dir(self.folder.join("tokens")).expect("a folder").flatten();
        let files = tokens.flat_map(|token| fs::read_dir(token.path()).expect("a token").flatten());
        let is_object = |name: &str| name.ends_with(".object") && name != "token.object";
        files.filter(|file| file.file_name().to_str().is_some_and(is_object)).count()
    }
}

/// Runs `test` again, in a process that is given `hsm`.
fn run(test: &str, hsm: &SoftHsm) {
    let (_, name) = test.split_once("::").expect("the path of a test");
    let mut again = Command::new(env::current_exe().expect("this program"));
    let ended = again.args([name, "--exact", "--nocapture"]).env(CONF, hsm.conf()).output().expect("it runs");
    let said = format!("{}{}", String::from_utf8_lossy(&ended.stdout), String::from_utf8_lossy(&ended.stderr));
    eprintln!("{said}");
    assert!(ended.status.success() && said.contains("1 passed"), "{name} failed in a process of its own");
}

const UTIL: &str = "softhsm2-util";
const CONF: &str = SoftHsm::VARIABLE;
