//! What stands in for a container engine: namespaces of the kernel, and a few commands of util-linux and iproute2.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use mintage_testkit::installation::{Outcome, Process, Program};
use tempfile::TempDir;

use crate::workspace::root;

/// A machine with an image on it, and a switch that containers hang on.
pub(super) struct Machine {
    folder: TempDir,
    switch: Child,
    numbers: BTreeMap<String, usize>,
}

/// A file or folder of the machine that a container sees.
pub(super) struct Mount {
    pub(super) source: PathBuf,
    pub(super) target: String,
    pub(super) writable: bool,
}

/// What is run in a container.
pub(super) struct Container {
    /// By which others find it.
    pub(super) name: String,
    /// After the program's own name.
    pub(super) arguments: Vec<String>,
    pub(super) variables: Vec<(String, String)>,
    pub(super) mounts: Vec<Mount>,
}

impl Machine {
    /// One with the image of the program that stands beside the tests, for containers of these names. `None` where
    /// namespaces cannot be made.
    pub(super) fn new<'n>(names: impl Iterator<Item = &'n str>) -> Option<Self> {
        if !can_make_namespaces() {
            return None;
        }
        let folder = tempfile::tempdir().expect("a folder");
        let program = Program::beside_tests().command(folder.path());
        let image = folder.path().join("image");
        let laid = Command::new(root().join("deploy/rootfs")).arg(program.get_program()).arg(&image).output();
        let laid = laid.expect("deploy/rootfs runs");
        assert!(laid.status.success(), "deploy/rootfs: {}", String::from_utf8_lossy(&laid.stderr));
        let numbers: BTreeMap<_, _> = names.map(str::to_owned).zip(FIRST..).collect();
        let mut hosts = "127.0.0.1\tlocalhost\n".to_owned();
        for (name, number) in &numbers {
            let _ = writeln!(hosts, "{NETWORK}.{number}\t{name}");
        }
        fs::write(folder.path().join("hosts"), hosts).expect("a file");
        Some(Self { folder, switch: switch(), numbers })
    }

    /// A new folder on the machine.
    pub(super) fn folder(&self, name: &str) -> PathBuf {
        let folder = self.folder.path().join(name);
        fs::create_dir_all(&folder).expect("a folder");
        folder
    }

    /// Starts a service, and returns when it says that it is ready.
    pub(super) fn start(&self, container: &Container) -> Process {
        Process::start(self.command(container), &self.log(&container.name))
    }

    /// Runs a command to its end.
    pub(super) fn run(&self, container: &Container) -> Outcome {
        Outcome::of(self.command(container).stdin(Stdio::null()))
    }

    /// Starts PostgreSQL with its first script and the secrets that this reads.
    pub(super) fn postgresql(&self, name: &str, secrets: &Path, script: &Path) -> Process {
        let mut command = self.within(name, Path::new("/"), &[]);
        let setup = root().join(FILES).join("postgresql.sh");
        command.args(["env", "-i", PATH, "sh"]).arg(setup).args([&self.folder(name), secrets, script]);
        Process::spawn(command, &self.log(name))
    }

    /// Whether `program` in the container of `process` succeeds, as its user.
    pub(super) fn succeeds_in(&self, process: &Process, image: bool, program: &[&str]) -> bool {
        let mut command = self.enter(process);
        command.arg("--mount").args(["env", "-i", PATH]);
        if image {
            command.args(self.as_nobody());
        }
        let outcome = command.args(program).stdin(Stdio::null()).output();
        outcome.expect("nsenter runs").status.success()
    }

    /// A command in the network of `process`, with everything else the machine's own.
    pub(super) fn beside(&self, process: &Process, command: &[&str]) -> Outcome {
        Outcome::of(self.enter(process).args(command).stdin(Stdio::null()))
    }

    fn enter(&self, process: &Process) -> Command {
        let mut command = Command::new("nsenter");
        command.args(["--target", &process.id().to_string(), "--net"]);
        command
    }

    fn command(&self, container: &Container) -> Command {
        let hosts =
            Mount { source: self.folder.path().join("hosts"), target: "/etc/hosts".to_owned(), writable: false };
        let mounts: Vec<_> = container.mounts.iter().chain([&hosts]).collect();
        let mut command = self.within(&container.name, &self.image(), &mounts);
        command.args(["env", "-i", PATH]);
        command.args(container.variables.iter().map(|(name, value)| format!("{name}={value}")));
        command.args(self.as_nobody()).arg("/usr/bin/mintage").args(&container.arguments);
        command
    }

    /// A container, up to the command that it is to become.
    fn within(&self, name: &str, root_folder: &Path, mounts: &[&Mount]) -> Command {
        let number = self.numbers.get(name).unwrap_or_else(|| panic!("nobody is called {name}"));
        let mut list = String::new();
        for mount in mounts {
            let target = root_folder.join(mount.target.trim_start_matches('/'));
            make_point(&target, mount.source.is_dir());
            let mode = if mount.writable { "rw" } else { "ro" };
            let _ = writeln!(list, "{}\t{}\t{mode}", mount.source.display(), mount.target);
        }
        let file = self.folder.path().join(format!("{name}.mounts"));
        fs::write(&file, list).expect("a file");
        let mut command = Command::new("unshare");
        command.args(["--net", "--mount", "sh"]).arg(root().join(FILES).join("container.sh"));
        command.args([self.switch.id().to_string(), number.to_string()]).arg(root_folder).arg(file);
        command
    }

    /// Becomes the image's user in its root.
    fn as_nobody(&self) -> Vec<String> {
        let image = self.image().display().to_string();
        ["setpriv", "--no-new-privs", "chroot", "--userspec=65532:65532", "--groups=65532", &image]
            .map(str::to_owned)
            .to_vec()
    }

    fn image(&self) -> PathBuf {
        self.folder.path().join("image")
    }

    fn log(&self, name: &str) -> PathBuf {
        self.folder.path().join(format!("{name}.log"))
    }
}

impl Drop for Machine {
    fn drop(&mut self) {
        let _ = self.switch.kill();
        let _ = self.switch.wait();
    }
}

/// A network namespace with a bridge, which lives as long as the process.
fn switch() -> Child {
    let bridge = "ip link add bridge type bridge && ip link set bridge up && echo ready && exec cat";
    let mut switch = Command::new("unshare");
    switch.args(["--net", "sh", "-c", bridge]).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut switch = switch.spawn().expect("unshare runs");
    let mut said = String::new();
    let output = switch.stdout.as_mut().expect("its output");
    BufReader::new(output).read_line(&mut said).expect("it says that it is ready");
    assert_eq!(said, "ready\n");
    switch
}

fn make_point(target: &Path, folder: bool) {
    let outer = if folder { target } else { target.parent().expect("a file stands in a folder") };
    fs::create_dir_all(outer).expect("a folder");
    if !folder && !target.exists() {
        fs::write(target, "").expect("a file");
    }
}

/// Where the kernel or the user does not allow them, CI says so itself in `MINTAGE_TEST_NAMESPACES`.
fn can_make_namespaces() -> bool {
    let mut tried = Command::new("unshare");
    tried.args(["--net", "--mount", "ip", "link", "add", "probe", "type", "bridge"]);
    let tried = tried.output();
    let can = tried.is_ok_and(|tried| tried.status.success());
    let excused = setting("MINTAGE_TEST_NAMESPACES").is_some_and(|value| value == "none-to-be-had");
    let ci = setting("CI").is_some_and(|value| value == "true");
    assert!(can || excused || !ci, "namespaces cannot be made here, and CI starts what the deployment files describe");
    if !can {
        eprintln!("NOT RUN: the processes of the deployment files, for want of namespaces");
    }
    can
}

#[expect(clippy::disallowed_methods, reason = "tests have no settings but the environment")]
fn setting(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

const FILES: &str = "tests/suite/deployment/running";
const PATH: &str = "PATH=/usr/sbin:/usr/bin:/sbin:/bin";
const NETWORK: &str = "10.77.0";
/// The first number of a container.
const FIRST: usize = 2;
