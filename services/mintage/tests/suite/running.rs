//! A `mintage dev` of a test's own, and the commands run against it.

#![expect(clippy::unwrap_used, reason = "a test that cannot start its suite has failed")]

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};

pub(crate) use mintage_testkit::installation::Outcome;
use mintage_testkit::installation::Program;
use serde_json::Value;
use tempfile::TempDir;
use tokio::net::TcpSocket;

/// A suite that runs in a process and a folder of its own; it ends with this value.
pub(crate) struct Running {
    folder: TempDir,
    process: Child,
    _output: BufReader<ChildStdout>,
}

impl Running {
    /// Starts a suite on free ports and returns when it is ready.
    pub(crate) fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut process = mintage(folder.path())
            .args(["dev", "--http", "127.0.0.1:0", "--https", "127.0.0.1:0", "--grpc", "127.0.0.1:0"])
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut output = BufReader::new(process.stdout.take().unwrap());
        let ready = output.by_ref().lines().any(|line| line.unwrap().starts_with("ready"));
        assert!(ready, "mintage dev ended before it was ready: {:?}", process.wait());
        Self { folder, process, _output: output }
    }

    /// Runs `mintage` with `arguments`.
    pub(crate) fn run(&self, arguments: &[&str]) -> Outcome {
        self.run_with(&[], arguments)
    }

    /// Runs it with `environment` too.
    pub(crate) fn run_with(&self, environment: &[(&str, &str)], arguments: &[&str]) -> Outcome {
        let mut command = mintage(self.folder.path());
        command.envs(environment.iter().copied()).args(arguments).stdin(Stdio::null());
        Outcome::of(&mut command)
    }

    /// Runs it for its JSON.
    pub(crate) fn json(&self, arguments: &[&str]) -> Value {
        let outcome = self.run(&[arguments, &["--output", "json"]].concat());
        assert_eq!(outcome.code, 0, "{arguments:?}: {outcome:?}");
        serde_json::from_str(&outcome.stdout).unwrap()
    }

    /// A value of the profile that `mintage dev` wrote.
    pub(crate) fn profile(&self, key: &str) -> String {
        let text = fs::read_to_string(self.folder.path().join("demo.env")).unwrap();
        text.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix('=')).unwrap().to_owned()
    }

    /// Writes a file into the folder and gives its path.
    pub(crate) fn file(&self, name: &str, content: &str) -> String {
        let path = self.folder.path().join(name);
        fs::File::create(&path).unwrap().write_all(content.as_bytes()).unwrap();
        path.to_str().unwrap().to_owned()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// An address of this machine where nothing answers, which nobody else gets while this is kept.
pub(crate) fn nobody() -> TcpSocket {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    socket // it does not listen
}

/// The binary.
pub(crate) fn program() -> Program {
    Program::at(env!("CARGO_BIN_EXE_mintage"))
}

/// The binary, with nothing of this process's environment but its data folder.
pub(crate) fn mintage(folder: &Path) -> Command {
    program().command(folder)
}
