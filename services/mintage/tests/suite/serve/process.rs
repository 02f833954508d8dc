//! One service in a process.

#![expect(clippy::unwrap_used, reason = "a test whose process does not start has failed")]

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};

use crate::running::mintage;

/// A running `mintage serve`; it is killed with this value.
pub(super) struct Process {
    child: Child,
    ready: String,
    _output: BufReader<ChildStdout>,
}

impl Process {
    /// Starts `service` on the settings in `folder` and returns when it is ready; what it logs is appended to a file.
    pub(super) fn start(folder: &Path, service: &str) -> Self {
        let log = File::options().create(true).append(true).open(folder.join(format!("{service}.log"))).unwrap();
        let mut child = serve(folder, service).stdout(Stdio::piped()).stderr(log).spawn().unwrap();
        let mut output = BufReader::new(child.stdout.take().unwrap());
        let mut ready = String::new();
        output.read_line(&mut ready).unwrap();
        assert!(ready.starts_with("ready after"), "{service} ended before it was ready: {:?}", child.wait());
        Self { child, ready, _output: output }
    }

    /// The address of one of its doors.
    pub(super) fn address(&self, door: &str) -> SocketAddr {
        let doors = self.ready.trim_end().split(" · ");
        doors.filter_map(|words| words.split_once(' ')).find(|(name, _)| *name == door).unwrap().1.parse().unwrap()
    }

    /// Tells it to stop, as Kubernetes does.
    pub(super) fn terminate(&self) {
        assert!(Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status().unwrap().success());
    }

    /// How it ended.
    pub(super) fn code(mut self) -> Option<i32> {
        self.child.wait().unwrap().code()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// `mintage serve`, in the folder where its settings are.
pub(super) fn serve(folder: &Path, service: &str) -> Command {
    let mut command = mintage(folder);
    command.current_dir(folder).args(["serve", service, "--config", &format!("{service}.toml")]);
    command
}
