//! Settings: where they come from, and how they are refused.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on has failed")]

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use mintage::config::{self, ConfigError, EdgeConfig, KeyManagementConfig, ServiceConfig, TokenConfig};
use tempfile::TempDir;

/// A file of settings in a folder of its own.
struct Given {
    folder: TempDir,
    file: PathBuf,
    variables: Vec<(String, String)>,
}

impl Given {
    fn file(text: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("settings.toml");
        fs::write(&file, text).unwrap();
        Self { folder, file, variables: Vec::new() }
    }

    fn variable(mut self, name: &str, value: &str) -> Self {
        self.variables.push((name.to_owned(), value.to_owned()));
        self
    }

    fn beside(&self, name: &str, content: &[u8]) -> PathBuf {
        let path = self.folder.path().join(name);
        fs::write(&path, content).unwrap();
        path
    }

    fn load<C: ServiceConfig>(&self) -> Result<C, ConfigError> {
        config::load(Some(&self.file), self.variables.iter().cloned())
    }

    fn refusal<C: ServiceConfig>(&self) -> String {
        self.load::<C>().err().expect("the settings are refused").to_string()
    }
}

/// What the token service needs, in plain text on this machine.
const TOKEN: &str = r#"
[listen]
internal = "127.0.0.1:0"
health = "127.0.0.1:0"
[tls]
insecure_plaintext = true
[siblings]
client_registry = "127.0.0.1:1"
key_management = "[::1]:2"
consent = "127.0.0.1:3"
[secrets]
pepper = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="
"#;

/// Those of its siblings that key management has not.
const OTHERS: &str = "key_management = \"[::1]:2\"\nconsent = \"127.0.0.1:3\"";

fn token(more: &str) -> Given {
    Given::file(&format!("{TOKEN}{more}"))
}

#[test]
fn the_environment_stands_over_the_file_and_the_file_over_the_defaults() {
    let given = token(
        "[token]\nfailure_grid = \"20 ms\"\n[token.limiter.client]\nburst = 7\n[token.caches]\nclients = \"1 MiB\"",
    )
    .variable("MINTAGE_TOKEN__FAILURE_GRID", "30ms")
    .variable("MINTAGE_TOKEN__SIGNING__BATCHES__MAX_ITEMS", "16")
    .variable("MINTAGE_LOG__FORMAT", "human")
    .variable("MINTAGE_LOG__FILTER", "")
    .variable("MINTAGE_DATA_DIR", "of another command");
    let config: TokenConfig = given.load().unwrap();
    assert_eq!(config.token.failure_grid, Duration::from_millis(30));
    assert_eq!(config.token.limiter.client.burst, 7);
    assert_eq!(config.token.limiter.client.refill_per_second, 5, "what nobody names keeps its default");
    assert_eq!(config.token.caches.clients, 1 << 20);
    assert_eq!(config.token.signing.batches.max_items, 16);
    assert_eq!((config.log.filter.as_str(), config.log.format), ("info", mintage_chassis::telemetry::LogFormat::Human));
}

#[test]
fn the_environment_alone_is_enough() {
    let variables = |keys: &str| {
        let pairs = [
            ("LISTEN__HTTP", "127.0.0.1:0"),
            ("LISTEN__HEALTH", "127.0.0.1:0"),
            ("TLS__INSECURE_PLAINTEXT", "true"),
            ("SIBLINGS__TOKEN", "127.0.0.1:1"),
            ("SIBLINGS__CONSENT", "127.0.0.1:4"),
            ("SIBLINGS__CLIENT_REGISTRY", "127.0.0.1:2"),
            ("SIBLINGS__KEY_MANAGEMENT", keys),
            ("EDGE__TRUSTED_PROXIES", "10.1.0.0/16, fd00:1::7/128"),
        ];
        pairs.map(|(name, value)| (format!("MINTAGE_{name}"), value.to_owned())).into_iter()
    };
    let config: EdgeConfig = config::load(None, variables("127.0.0.1:3")).unwrap();
    assert_eq!(config.edge.trusted_proxies.len(), 2);
    let refusal = config::load::<EdgeConfig>(None, variables("keys.example.com:3")).unwrap_err().to_string();
    assert!(refusal.contains("loopback") && refusal.ends_with("siblings.key_management"), "{refusal}");
}

#[test]
fn an_unknown_key_is_named_in_full_with_the_nearest_that_there_is() {
    for (more, said) in [
        ("[token]\nfailure_gird = \"1 s\"", "unknown setting token.failure_gird; did you mean failure_grid?"),
        ("[tokens]\nx = 1", "unknown setting tokens; did you mean token?"),
        ("[token.limiter.sources]\nburst = 1", "unknown setting token.limiter.sources; did you mean source?"),
        ("[token.feed]\nxyz = 1", "unknown setting token.feed.xyz; token.feed has heartbeat_timeout, max_staleness"),
    ] {
        assert_eq!(token(more).refusal::<TokenConfig>(), said);
    }
    let given = token("").variable("MINTAGE_TOKEN__FALURE_GRID", "1 s");
    assert_eq!(
        given.refusal::<TokenConfig>(),
        "unknown setting token.falure_grid (MINTAGE_TOKEN__FALURE_GRID); did you mean failure_grid?"
    );
}

#[test]
fn a_value_that_cannot_be_is_refused_by_its_key() {
    for (more, said) in [
        ("[token]\nfailure_grid = 10", "token.failure_grid: this is no length of time"),
        ("[token]\nfailure_grid = \"10\"", "token.failure_grid: this is no length of time"),
        ("[token]\nfailure_grid = \"2 s\"", "token.failure_grid must be from 1ms to 1s"),
        ("[token]\ncaches = 5", "token.caches: this is a section, not a setting"),
        ("[token.limiter.client]\nburst = -1", "token.limiter.client.burst: this is not u32"),
        ("[token.limiter.client]\nburst = true", "token.limiter.client.burst: this is no whole number"),
        ("[token.limiter.client]\nburst = 0", "token.limiter.client.burst must be from 1 to 1000000"),
        ("[door]\nmax_streams = 0", "door.max_streams must be within 1..=65536"),
        ("[log]\nformat = \"xml\"", "log.format: this is none of human, json"),
        ("[log]\nfilter = 5", "log.filter: this is not a string"),
    ] {
        let refusal = token(more).refusal::<TokenConfig>();
        assert!(refusal.starts_with(said), "{more}: {refusal}");
    }
    let given = token("").variable("MINTAGE_TLS__INSECURE_PLAINTEXT", "yes");
    assert_eq!(
        given.refusal::<TokenConfig>(),
        "tls.insecure_plaintext (MINTAGE_TLS__INSECURE_PLAINTEXT): this is neither true nor false"
    );
}

#[test]
fn what_must_be_told_is_asked_for_by_its_key() {
    assert_eq!(Given::file("").refusal::<TokenConfig>(), "siblings.client_registry must be set");
    let without = TOKEN.replace("insecure_plaintext = true", "");
    assert_eq!(Given::file(&without).refusal::<TokenConfig>(), "tls.certificate must be set");
    let without = TOKEN.replace("pepper =", "# pepper =");
    assert_eq!(Given::file(&without).refusal::<TokenConfig>(), "secrets.pepper must be set");
    let nowhere = TOKEN.replace("127.0.0.1:1", "https://127.0.0.1:1");
    let must = "siblings.client_registry must be host:port, or several between commas";
    assert_eq!(Given::file(&nowhere).refusal::<TokenConfig>(), must);
    let trailing = TOKEN.replace("127.0.0.1:1", "127.0.0.1:1,");
    assert_eq!(Given::file(&trailing).refusal::<TokenConfig>(), must);
    let several = TOKEN.replace("127.0.0.1:1", "127.0.0.1:1, [::1]:2");
    assert!(Given::file(&several).load::<TokenConfig>().is_ok());
}

#[test]
fn plain_text_is_refused_off_this_machine() {
    for (from, to, key) in [
        ("internal = \"127.0.0.1:0\"", "internal = \"0.0.0.0:0\"", "listen.internal"),
        ("health = \"127.0.0.1:0\"", "", "listen.health"),
        ("\"[::1]:2\"", "\"keys.example.com:2\"", "siblings.key_management"),
        ("\"[::1]:2\"", "\"[::1]:2,keys.example.com:2\"", "siblings.key_management"),
    ] {
        let refusal = Given::file(&TOKEN.replace(from, to)).refusal::<TokenConfig>();
        assert!(refusal.starts_with("tls.insecure_plaintext is refused") && refusal.ends_with(key), "{refusal}");
    }
}

#[test]
fn a_secret_may_stand_in_a_file_of_its_own() {
    let keys = |given: Given, name: &str| {
        let path = given.folder.path().join(name).display().to_string();
        let settings = TOKEN.replace(OTHERS, "").replace(
            "pepper = \"MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=\"",
            &format!("master_key_file = {path:?}"),
        );
        fs::write(&given.file, format!("{settings}[database]\nurl = \"sqlite::memory:\"")).unwrap();
        given.load::<KeyManagementConfig>()
    };
    for content in [&b"0123456789abcdef0123456789abcdef"[..], b"MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=\n"] {
        let given = Given::file("");
        given.beside("master", content);
        let config = keys(given, "master").unwrap();
        assert_eq!(config.secrets.master_key.unwrap().bytes(), b"0123456789abcdef0123456789abcdef");
    }
    let given = Given::file("");
    given.beside("short", b"canary");
    let refusal = keys(given, "short").unwrap_err().to_string();
    assert!(refusal.starts_with("secrets.master_key (") && refusal.contains("32 bytes"), "{refusal}");
    assert!(!refusal.contains("canary"));
    let refusal = keys(Given::file(""), "absent").unwrap_err().to_string();
    assert!(refusal.starts_with("secrets.master_key_file: ") && refusal.contains("absent"), "{refusal}");
}

/// What key management needs, and `secrets` beside its master key.
fn key_management(secrets: &str) -> Given {
    let settings = TOKEN.replace(OTHERS, "").replace("pepper", "master_key");
    Given::file(&format!("{settings}{secrets}\n[database]\nurl = \"sqlite::memory:\""))
}

#[test]
fn other_master_keys_stand_in_a_list_in_the_environment_or_in_a_file() {
    let [first, second] = [[b'1'; 32], [b'2'; 32]];
    let [one, other] = ["MTExMTExMTExMTExMTExMTExMTExMTExMTExMTExMTE=", "MjIyMjIyMjIyMjIyMjIyMjIyMjIyMjIyMjIyMjIyMjI"];
    let others = |given: &Given| {
        let config: KeyManagementConfig = given.load().unwrap();
        config.secrets.other_master_keys.keys().iter().map(|key| *key.bytes()).collect::<Vec<_>>()
    };
    assert_eq!(others(&key_management("")), [[0; 32]; 0]);
    assert_eq!(others(&key_management(&format!("other_master_keys = ['{one}', '{other}']"))), [first, second]);
    let variable = "MINTAGE_SECRETS__OTHER_MASTER_KEYS";
    assert_eq!(others(&key_management("").variable(variable, &format!("{one}, {other}"))), [first, second]);
    for (content, expected) in [
        (String::new(), vec![]),
        ("\n".to_owned(), vec![]),
        (format!("{one}\n{other}\n"), vec![first, second]),
        (format!("{other}\r\n\r\n{one}"), vec![second, first]),
        ("2".repeat(32), vec![second]),
    ] {
        let given = key_management("");
        let path = given.beside("others", content.as_bytes());
        let given = given.variable(&format!("{variable}_FILE"), path.to_str().unwrap());
        assert_eq!(others(&given), expected, "{content:?}");
    }
    let shown = config::shown(
        &key_management(&format!("other_master_keys = ['{one}']")).load::<KeyManagementConfig>().unwrap(),
    );
    assert!(shown.unwrap().contains("other_master_keys = [\"[redacted]\"]"));
}

#[test]
fn b34_other_master_keys_that_are_none_are_refused_and_not_shown() {
    let refused = |given: Given| given.refusal::<KeyManagementConfig>();
    for list in ["['canary']", "'canary'", "[1]", "{ a = 'canary' }"] {
        let refusal = refused(key_management(&format!("other_master_keys = {list}")));
        assert!(refusal.starts_with("secrets.other_master_keys: ") && !refusal.contains("canary"), "{refusal}");
    }
    for content in [&b"canary"[..], b"MTExMTExMTExMTExMTExMTExMTExMTExMTExMTExMTE=\ncanary", b"\xff canary"] {
        let given = key_management("");
        let path = given.beside("others", content);
        let refusal = refused(given.variable("MINTAGE_SECRETS__OTHER_MASTER_KEYS_FILE", path.to_str().unwrap()));
        assert!(refusal.starts_with("secrets.other_master_keys (") && !refusal.contains("canary"), "{refusal}");
    }
    let key = "'MTExMTExMTExMTExMTExMTExMTExMTExMTExMTExMTE='";
    let refusal = refused(key_management(&format!("other_master_keys = [{}]", [key; 9].join(","))));
    assert_eq!(refusal, "secrets.other_master_keys: at most 8");
}

#[test]
fn a_token_is_told_with_its_pin_and_the_pin_is_shown_nowhere() {
    const TOKEN: &str =
        "[key_management]\ncustody = 'pkcs11'\n[key_management.pkcs11]\nmodule = '/m.so'\ntoken = 'keys'";
    let refused = |given: Given| given.refusal::<KeyManagementConfig>();
    assert_eq!(refused(key_management(TOKEN)), "secrets.pkcs11_pin must be set");
    let pin = "pkcs11_pin = 'canary'\n";
    assert!(refused(key_management(pin)).starts_with("secrets.pkcs11_pin: key_management.pkcs11.module must be set"));
    let half = TOKEN.replace("token = 'keys'", "");
    assert!(refused(key_management(&format!("{pin}{half}"))).starts_with("key_management.pkcs11.token must be set"));
    let bare = "[key_management]\ncustody = 'pkcs11'";
    assert!(refused(key_management(bare)).starts_with("key_management.pkcs11.module and pkcs11.token must be set"));
    let other = TOKEN.replace("'pkcs11'", "'hsm'");
    assert!(refused(key_management(&format!("{pin}{other}"))).starts_with("key_management.custody: this is none of"));

    let of_file = key_management(TOKEN);
    let path = of_file.beside("pin", b"canary\n");
    let of_file = of_file.variable("MINTAGE_SECRETS__PKCS11_PIN_FILE", path.to_str().unwrap());
    for given in [key_management(&format!("{pin}{TOKEN}")), of_file] {
        let config: KeyManagementConfig = given.load().unwrap();
        assert_eq!(config.secrets.pkcs11_pin.as_ref().unwrap().reveal(), "canary");
        let shown = config::shown(&config).unwrap();
        assert!(shown.contains("pkcs11_pin = \"[redacted]\"") && shown.contains("custody = \"pkcs11\""), "{shown}");
        assert!(!format!("{shown}{config:?}").contains("canary"));
    }
}

#[test]
fn a_secret_in_the_environment_stands_over_one_in_a_file_and_two_at_once_are_refused() {
    let given = token("");
    let path = given.beside("pepper", b"fedcba9876543210fedcba9876543210");
    let given = given.variable("MINTAGE_SECRETS__PEPPER_FILE", path.to_str().unwrap());
    let config: TokenConfig = given.load().unwrap();
    assert_eq!(config.secrets.pepper.unwrap().bytes(), b"fedcba9876543210fedcba9876543210");
    let twice = given.variable("MINTAGE_SECRETS__PEPPER", "x").refusal::<TokenConfig>();
    assert!(twice.contains("secrets.pepper is set too"), "{twice}");
}

#[test]
fn b34_a_refusal_shows_no_value() {
    for text in [
        "[secrets]\npepper = \"canary\"",
        "[secrets]\npepper = \"canary",
        "[secrets]\npepper = [\"canary\"]",
        "secrets = \"canary\"",
    ] {
        let refusal = Given::file(text).refusal::<TokenConfig>();
        assert!(!refusal.contains("canary"), "{refusal}");
    }
    let broken = Given::file("\n[secrets]\npepper = \"canary").refusal::<TokenConfig>();
    assert!(broken.contains("settings.toml, line 3: "), "{broken}");
}

#[test]
fn b34_settings_are_shown_without_secrets_and_can_be_given_again() {
    let given = Given::file(&format!(
        "{}[database]\nurl = \"postgres://mint:canary@db.internal/keys\"\n[key_management]\nannounce_window = \"1 min 30 s\"",
        TOKEN.replace(OTHERS, "").replace("pepper", "master_key")
    ));
    let config: KeyManagementConfig = given.load().unwrap();
    let shown = config::shown(&config).unwrap();
    assert!(!shown.contains("canary") && !shown.contains("MDEyMzQ1"), "{shown}");
    assert!(
        shown.contains("postgres://[redacted]@db.internal/keys") && shown.contains("announce_window = \"1 min 30 s\""),
        "{shown}"
    );
    assert!(!format!("{config:?}").contains("canary"));
    let again = Given::file(&shown.replace("\"[redacted]\"", "\"MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=\""));
    let again: KeyManagementConfig = again.load().unwrap();
    assert_eq!((again.key_management, again.door, again.listen), (config.key_management, config.door, config.listen));
}

#[test]
fn a_file_that_is_not_there_is_named() {
    let refusal = config::load::<TokenConfig>(Some(Path::new("/nowhere/token.toml")), std::iter::empty()).unwrap_err();
    assert!(refusal.to_string().starts_with("/nowhere/token.toml cannot be read"), "{refusal}");
}
