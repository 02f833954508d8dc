//! The binary, and commands of it that end.

#![expect(clippy::expect_used, clippy::panic, reason = "a test without the program has failed")]

use std::path::{Path, PathBuf};
use std::process::Command;

/// The binary `mintage`.
#[derive(Clone, Debug)]
pub struct Program(PathBuf);

impl Program {
    /// The one at `path`: `env!("CARGO_BIN_EXE_mintage")` where cargo sets it.
    #[must_use]
    pub fn at(path: impl Into<PathBuf>) -> Self {
        Self(path.into())
    }

    /// The one that cargo built beside the running test.
    ///
    /// # Panics
    /// When there is none: cargo builds it with `--workspace`, and with `-p mintage`.
    #[must_use]
    pub fn beside_tests() -> Self {
        let test = std::env::current_exe().expect("a test knows where it is");
        // target/debug/deps/suite-… beside target/debug/mintage
        let program = test.ancestors().nth(2).expect("a test stands in a folder of cargo's").join("mintage");
        let is_there = program.is_file();
        assert!(
            is_there,
            "{} is not there: run `cargo build -p mintage` first, or test the workspace",
            program.display()
        );
        Self(program)
    }

    /// The binary in `folder`, with nothing of this process's environment but its data folder.
    #[must_use]
    pub fn command(&self, folder: &Path) -> Command {
        let mut command = Command::new(&self.0);
        command.current_dir(folder).env_clear().env("MINTAGE_DATA_DIR", folder);
        command
    }
}

/// How a command ended.
#[derive(Debug)]
pub struct Outcome {
    /// Its exit code.
    pub code: i32,
    /// What it printed.
    pub stdout: String,
    /// What it said besides.
    pub stderr: String,
}

impl Outcome {
    /// Runs `command` to its end.
    ///
    /// # Panics
    /// When it cannot be started, or ends by a signal.
    #[must_use]
    pub fn of(command: &mut Command) -> Self {
        let output = command.output().expect("the program starts");
        let text = |bytes| String::from_utf8(bytes).expect("the program prints text");
        let (stdout, stderr) = (text(output.stdout), text(output.stderr));
        let code = output.status.code().unwrap_or_else(|| panic!("{}: {stderr}", output.status));
        Self { code, stdout, stderr }
    }
}
