//! One service in a process.

#![expect(clippy::expect_used, clippy::panic, reason = "a test whose process does not start has failed")]

use std::fs::{self, File};
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, ExitStatus, Stdio};

/// A process that serves, or is about to; it is killed with this value.
#[derive(Debug)]
pub struct Process {
    child: Child,
    output: BufReader<ChildStdout>,
    ready: String,
    log: PathBuf,
}

impl Process {
    /// Starts `command` and returns when it is ready; what it logs is appended to `log`.
    ///
    /// # Panics
    /// When it ends before it is ready.
    #[must_use]
    pub fn start(command: Command, log: &Path) -> Self {
        let mut process = Self::spawn(command, log);
        process.wait_until_ready();
        process
    }

    /// Starts `command` and does not wait.
    ///
    /// # Panics
    /// When it cannot be started.
    #[must_use]
    pub fn spawn(mut command: Command, log: &Path) -> Self {
        let file = File::options().create(true).append(true).open(log).expect("the log can be written");
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(file).spawn().expect("it starts");
        let output = BufReader::new(child.stdout.take().expect("standard output is a pipe"));
        Self { child, output, ready: String::new(), log: log.to_owned() }
    }

    /// Waits until it says that it is ready.
    ///
    /// # Panics
    /// When it ends before that.
    pub fn wait_until_ready(&mut self) {
        if !self.becomes_ready() {
            let status = self.child.wait();
            let said = fs::read_to_string(&self.log).unwrap_or_default();
            panic!("{} ended before it was ready: {status:?}\n{said}", self.log.display());
        }
    }

    /// Whether it becomes ready, or ends before that.
    ///
    /// # Panics
    /// When its output cannot be read.
    pub fn becomes_ready(&mut self) -> bool {
        if self.ready.is_empty() {
            self.output.read_line(&mut self.ready).expect("standard output can be read");
        }
        self.ready.starts_with("ready after")
    }

    /// The address of one of its doors: `internal`, `public`, `health`, `http` or `https`.
    ///
    /// # Panics
    /// When it has no such door.
    #[must_use]
    pub fn address(&self, door: &str) -> SocketAddr {
        let doors = self.ready.trim_end().split(" · ").filter_map(|words| words.split_once(' '));
        let found = doors.into_iter().find(|(name, _)| *name == door).and_then(|(_, address)| address.parse().ok());
        found.unwrap_or_else(|| panic!("no door {door}: {:?}", self.ready))
    }

    /// Its id.
    #[must_use]
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Tells it to stop, as Kubernetes does.
    ///
    /// # Panics
    /// When it has ended already.
    pub fn terminate(&self) {
        let told = Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status();
        assert!(told.expect("kill runs").success(), "{} has ended", self.log.display());
    }

    /// Ends it at once, with no chance to do anything (`kill -9`).
    pub fn kill(mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    /// Waits until it ends, and says how.
    ///
    /// # Panics
    /// When the system does not say.
    #[must_use]
    pub fn wait(mut self) -> ExitStatus {
        self.child.wait().expect("the system says how a process ended")
    }

    /// The exit code it ends with; `None` for a signal.
    #[must_use]
    pub fn code(self) -> Option<i32> {
        self.wait().code()
    }

    /// What it and those before it logged.
    #[must_use]
    pub fn log(&self) -> String {
        fs::read_to_string(&self.log).unwrap_or_default()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        // The folder goes with the test; what it said last may tell why it failed.
        if std::thread::panicking() {
            let log = self.log();
            let loud = log.lines().filter(|line| line.contains("WARN") || line.contains("ERROR"));
            let last = loud.rev().take(LAST_LINES).collect::<Vec<_>>();
            eprintln!("--- {}\n{}", self.log.display(), last.into_iter().rev().collect::<Vec<_>>().join("\n"));
        }
    }
}

/// Of a log that are shown.
const LAST_LINES: usize = 15;
