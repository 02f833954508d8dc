//! A PostgreSQL server of a test's own, which may be stopped, killed and told to speak TLS.

#![expect(clippy::expect_used, reason = "a test without its server has failed")]

use std::fs;
use std::io::{BufRead, BufReader};
use std::net::Ipv4Addr;
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use mintage_clock::Randomness;
use tempfile::TempDir;

/// A server with one role, `postgres`, on a loopback address that is nobody else's. It ends with this value.
#[derive(Debug)]
pub struct PostgresServer {
    folder: TempDir,
    programs: PathBuf,
    address: Ipv4Addr,
    process: Option<Child>,
}

impl PostgresServer {
    /// A server that is set up and does not run yet; `None` where PostgreSQL is not installed.
    ///
    /// # Panics
    /// Without PostgreSQL when `CI` is `true`, or when it cannot be set up.
    #[must_use]
    pub fn create() -> Option<Self> {
        let programs = crate::programs::postgresql()?;
        let folder = TempDir::new().expect("a temporary folder");
        let owner = owner();
        chown(folder.path(), Some(owner.0), Some(owner.1)).expect("the folder is the server's");
        let [a, b, c] = Randomness::system().bytes();
        // Ports are few and raced for; of loopback addresses there are sixteen millions. The last bit is for a neighbour.
        let address = Ipv4Addr::new(127, a, b, c & 0xfe | 2);
        let server = Self { folder, programs, address, process: None };
        server.file("password", PASSWORD);
        server.file("hosts", "local all all trust\nhost all all all scram-sha-256\n");
        let password = server.path("password");
        let output = server
            .command("initdb")
            .args(["--no-sync", "--locale=C", "--encoding=UTF8", "--username=postgres", "--auth=scram-sha-256"])
            .arg("--pwfile")
            .arg(password)
            .arg(server.data())
            .output();
        let output = output.expect("initdb runs");
        assert!(output.status.success(), "initdb: {}", String::from_utf8_lossy(&output.stderr));
        Some(server)
    }

    /// Puts a file into the server's folder that it alone may read. `hosts` says who may come in, as `pg_hba.conf` does.
    ///
    /// # Panics
    /// When it cannot be written.
    pub fn file(&self, name: &str, content: &str) -> PathBuf {
        let path = self.path(name);
        fs::write(&path, content).expect("a file in the server's folder");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).expect("its mode");
        let folder = fs::metadata(self.folder.path()).expect("the folder");
        chown(&path, Some(folder.uid()), Some(folder.gid())).expect("its owner");
        path
    }

    /// Where a file in its folder is.
    #[must_use]
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The address it listens on; the one after it is its own as well.
    #[must_use]
    pub const fn address(&self) -> Ipv4Addr {
        self.address
    }

    /// Starts it with the settings `name=value`, and returns when it takes connections.
    ///
    /// # Panics
    /// When it does not within a minute.
    pub fn start(&mut self, settings: &[&str]) {
        let second = Ipv4Addr::from(u32::from(self.address) + 1);
        let mut command = self.command("postgres");
        command.arg("-D").arg(self.data()).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
        let own = [
            format!("listen_addresses={},{second}", self.address),
            format!("unix_socket_directories={}", self.folder.path().display()),
            format!("hba_file={}", self.path("hosts").display()),
            "fsync=off".to_owned(),
            "max_connections=50".to_owned(),
        ];
        for setting in own.iter().map(String::as_str).chain(settings.iter().copied()) {
            command.args(["-c", setting]);
        }
        let mut process = command.spawn().expect("postgres starts");
        let log = process.stderr.take().expect("its log");
        self.process = Some(process);
        let (tell, told) = mpsc::channel();
        thread::spawn(move || {
            let mut said = Vec::new();
            for line in BufReader::new(log).lines().map_while(Result::ok) {
                // A standby says that they are for reading only.
                if line.contains("ready to accept") {
                    let _ = tell.send(());
                }
                // Kept and shown when it did not start, and read to its end so that the server can go on writing.
                if said.len() < LINES {
                    said.push(line);
                }
            }
            drop(tell);
            eprintln!("{}", said.join("\n"));
        });
        assert!(told.recv_timeout(PATIENCE).is_ok(), "postgres does not start; its log is above");
    }

    /// Stops it in order, as an upgrade does: whoever is connected is sent away.
    ///
    /// # Panics
    /// When it does not end.
    pub fn stop(&mut self) {
        self.end("-INT");
    }

    /// Ends it as a crash does.
    ///
    /// # Panics
    /// When it does not end.
    pub fn crash(&mut self) {
        self.end("-QUIT");
    }

    /// The URL of `database` for its role `postgres`, with the password in it.
    #[must_use]
    pub fn url(&self, database: &str) -> String {
        format!("postgres://postgres:{PASSWORD}@{}/{database}", self.address)
    }

    /// One of PostgreSQL's programs, run as whoever the server is. It connects to the server unless told otherwise.
    #[must_use]
    pub fn command(&self, program: &str) -> Command {
        let folder = fs::metadata(self.folder.path()).expect("the folder");
        let mut command = if folder.uid() == own_uid() {
            Command::new(self.programs.join(program))
        } else {
            let mut command = Command::new("setpriv");
            command.args([format!("--reuid={}", folder.uid()), format!("--regid={}", folder.gid())]);
            command.args(["--clear-groups", "--"]).arg(self.programs.join(program));
            command
        };
        command.current_dir(self.folder.path()).env_clear();
        command.env("LC_ALL", "C").env("PGHOST", self.address.to_string());
        command.env("PGUSER", "postgres").env("PGPASSWORD", PASSWORD);
        command
    }

    /// A shell on the server's machine, as an operator has it: PostgreSQL's programs are at hand, and find the server.
    #[must_use]
    pub fn shell(&self, script: &str) -> Command {
        let mut command = Command::new("sh");
        command.args(["-euc", script]).env_clear();
        command.env("PATH", format!("{}:/usr/bin:/bin", self.programs.display()));
        command.env("LC_ALL", "C").env("PGHOST", self.address.to_string());
        command.env("PGUSER", "postgres").env("PGPASSWORD", PASSWORD);
        command
    }

    fn data(&self) -> PathBuf {
        self.path("data")
    }

    fn end(&mut self, signal: &str) {
        let Some(mut process) = self.process.take() else { return };
        let told = Command::new("kill").args([signal, &process.id().to_string()]).status();
        assert!(told.is_ok_and(|status| status.success()), "postgres is not there to be told");
        process.wait().expect("postgres ends");
    }
}

impl Drop for PostgresServer {
    fn drop(&mut self) {
        self.end("-QUIT");
    }
}

/// Who the server runs as: whoever runs the test, but never root, whom PostgreSQL refuses.
fn owner() -> (u32, u32) {
    match own_uid() {
        0 => (NOBODY, NOBODY),
        own => (own, fs::metadata(Path::new("/proc/self")).expect("/proc").gid()),
    }
}

fn own_uid() -> u32 {
    fs::metadata(Path::new("/proc/self")).expect("/proc").uid()
}

const PASSWORD: &str = "the-tests-own";
const NOBODY: u32 = 65534;
const PATIENCE: Duration = Duration::from_secs(60);
const LINES: usize = 200;
