//! `mintage dev` as a process: its folder, its restarts, its end, its log.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that cannot go on has failed")]

use std::fs::{self, File};
use std::io::{BufRead, BufReader, Read};
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

use serde_json::Value;

use crate::running::mintage;

/// A suite in a folder that outlives it.
struct Process(Child);

impl Process {
    fn start(folder: &Path, options: &[&str]) -> Self {
        let log = File::options().create(true).append(true).open(folder.join("log")).unwrap();
        let mut child = mintage(folder)
            .args(["dev", "--http", "127.0.0.1:0", "--https", "127.0.0.1:0", "--grpc", "127.0.0.1:0"])
            .args(options)
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap());
        assert!(lines.by_ref().lines().any(|line| line.unwrap().starts_with("ready")));
        Self(child)
    }

    /// Ends it as Kubernetes does; returns its exit code.
    fn terminate(mut self) -> Option<i32> {
        let sent = Command::new("kill").args(["-TERM", &self.0.id().to_string()]).status().unwrap();
        assert!(sent.success());
        self.0.wait().unwrap().code()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn run(folder: &Path, arguments: &[&str]) -> Output {
    mintage(folder).args(arguments).stdin(Stdio::null()).output().unwrap()
}

fn token(folder: &Path) -> String {
    let output = run(folder, &["token"]);
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

fn kid_of(token: &str) -> String {
    let header = mintage_jose::jwt::decode_header(token).unwrap();
    header.kid.unwrap().to_string()
}

fn keys_that_verify(folder: &Path) -> Vec<String> {
    let output = run(folder, &["key", "list", "--output", "json"]);
    let keys: Value = serde_json::from_slice(&output.stdout).unwrap();
    keys["keys"].as_array().unwrap().iter().map(|key| key["kid"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn a_second_start_keeps_keys_clients_and_secrets() {
    let folder = tempfile::tempdir().unwrap();
    let first = Process::start(folder.path(), &[]);
    let before = token(folder.path());
    let secret = |text: String| text.lines().find(|line| line.starts_with("DEMO_CLIENT_SECRET")).unwrap().to_owned();
    let written = secret(fs::read_to_string(folder.path().join("demo.env")).unwrap());
    assert_eq!(first.terminate(), Some(0));

    let second = Process::start(folder.path(), &[]);
    assert_eq!(secret(fs::read_to_string(folder.path().join("demo.env")).unwrap()), written);
    assert_eq!(kid_of(&token(folder.path())), kid_of(&before));
    assert!(keys_that_verify(folder.path()).contains(&kid_of(&before)));
    assert_eq!(second.terminate(), Some(0));
}

#[test]
fn every_file_but_the_certificate_is_its_owners_alone() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    fs::create_dir(&data).unwrap();
    let _suite = Process::start(&data, &[]);
    let mode = |name: &str| fs::metadata(data.join(name)).unwrap().permissions().mode() & 0o777;
    let names = fs::read_dir(&data).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let private: Vec<_> = names.filter(|name| name != "ca.pem" && name != "log").collect();
    for name in &private {
        assert_eq!(mode(name), 0o600, "{name}");
    }
    for name in ["demo.env", "master.key", "keys.sqlite", "keys.sqlite-wal", "registry.sqlite", "registry.sqlite-shm"] {
        assert!(private.iter().any(|other| other == name), "{name} is not among {private:?}");
    }
    assert_eq!(fs::metadata(&data).unwrap().permissions().mode() & 0o777, 0o700);
}

#[test]
fn a_folder_of_any_name_serves_us_and_a_shell() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("it's my $HOME 100%41 a?b#c");
    fs::create_dir(&data).unwrap();
    assert_eq!(Process::start(&data, &[]).terminate(), Some(0));
    let _suite = Process::start(&data, &[]);
    token(&data);

    let script = ". \"$0\" && printf '%s\\n%s' \"$MINTAGE_CA\" \"$DEMO_CLIENT_SECRET\"";
    let sourced = Command::new("sh").args(["-c", script]).arg(data.join("demo.env")).output().unwrap();
    let sourced = String::from_utf8(sourced.stdout).unwrap();
    let (ca, secret) = sourced.split_once('\n').unwrap();
    assert_eq!(Path::new(ca), data.canonicalize().unwrap().join("ca.pem"));
    assert!(secret.starts_with("mcs_"), "{sourced}");
    for name in ["keys.sqlite", "registry.sqlite"] {
        assert!(fs::metadata(data.join(name)).unwrap().len() > 0, "{name} is where the folder is");
    }
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "nothing is beside it");
    let tls = fs::read_to_string(data.join("demo.env")).unwrap();
    let grpc = tls.lines().find_map(|line| line.strip_prefix("MINTAGE_GRPC=")).unwrap();
    let over_tls = mintage(&data).env("MINTAGE_GRPC", format!("https://{grpc}")).args(["client", "list"]).output();
    assert!(over_tls.unwrap().status.success(), "the profile's authority is found");
}

#[test]
fn a_lost_demo_env_is_made_anew_and_works() {
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(Process::start(folder.path(), &[]).terminate(), Some(0));
    fs::remove_file(folder.path().join("demo.env")).unwrap();
    let _suite = Process::start(folder.path(), &[]);
    token(folder.path());
    assert!(run(folder.path(), &["client", "list"]).status.success());
}

#[test]
fn a_folder_in_use_is_refused_with_a_way_out() {
    let folder = tempfile::tempdir().unwrap();
    let _suite = Process::start(folder.path(), &[]);
    let refused = run(folder.path(), &["dev", "--http", "127.0.0.1:0"]);
    assert_eq!(refused.status.code(), Some(1));
    assert!(String::from_utf8(refused.stderr).unwrap().contains("--data-dir"));
}

#[test]
fn a_port_in_use_is_refused_with_the_option_that_changes_it() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let folder = tempfile::tempdir().unwrap();
    let refused = run(folder.path(), &["dev", "--http", &address]);
    assert_eq!(refused.status.code(), Some(1));
    let said = String::from_utf8(refused.stderr).unwrap();
    assert!(said.contains(&address) && said.contains("--http"), "{said}");
}

#[test]
fn another_master_key_is_refused_and_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(Process::start(folder.path(), &[]).terminate(), Some(0));
    let key = folder.path().join("master.key");
    let right = fs::read(&key).unwrap();
    fs::write(&key, [7; 32]).unwrap();
    let refused =
        run(folder.path(), &["dev", "--http", "127.0.0.1:0", "--https", "127.0.0.1:0", "--grpc", "127.0.0.1:0"]);
    assert_eq!(refused.status.code(), Some(1));
    assert!(String::from_utf8(refused.stderr).unwrap().contains("master key"));
    fs::write(&key, right).unwrap();
    let _suite = Process::start(folder.path(), &[]);
    token(folder.path());
}

#[test]
fn b34_a_process_that_dies_leaves_its_memory_nowhere() {
    let folder = tempfile::tempdir().unwrap();
    let mut suite = Process::start(folder.path(), &[]);
    let limits = fs::read_to_string(format!("/proc/{}/limits", suite.0.id())).unwrap();
    let core = limits.lines().find(|line| line.starts_with("Max core file size")).unwrap();
    assert_eq!(core.split_whitespace().collect::<Vec<_>>()[4..], ["0", "0", "bytes"]);
    let sent = Command::new("kill").args(["-ABRT", &suite.0.id().to_string()]).status().unwrap();
    assert!(sent.success());
    let status = suite.0.wait().unwrap();
    assert!(status.signal().is_some() && !status.core_dumped(), "{status:?}");
}

#[test]
fn b34_the_log_at_its_most_talkative_shows_no_secret_and_no_token() {
    let folder = tempfile::tempdir().unwrap();
    let suite = Process::start(folder.path(), &["--log", "trace"]);
    let token = token(folder.path());
    let created = run(folder.path(), &["client", "create", "--name", "Canary", "--output", "json"]);
    let created: Value = serde_json::from_slice(&created.stdout).unwrap();
    assert_eq!(suite.terminate(), Some(0));

    let log = fs::read_to_string(folder.path().join("log")).unwrap();
    assert!(log.contains("TRACE"), "the log is talkative");
    let env = fs::read_to_string(folder.path().join("demo.env")).unwrap();
    let secrets = env.lines().filter(|line| line.contains("SECRET=")).filter_map(|line| line.split_once('='));
    let mut planted: Vec<_> = secrets.map(|(_, secret)| secret.to_owned()).collect();
    planted.push(created["client_secret"].as_str().unwrap().to_owned());
    planted.push(token.rsplit('.').next().unwrap().to_owned());
    assert_eq!(planted.len(), 4);
    for secret in planted {
        assert!(!log.contains(&secret), "a log line shows what it must not");
    }
}
