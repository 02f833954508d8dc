//! Debian's own Prometheus, in a folder and on a port of its own.

use std::fs;
use std::net::{SocketAddr, TcpListener};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use mintage_testkit::eventually;
use mintage_testkit::installation::get;
use serde_json::Value;
use tempfile::TempDir;

/// A Prometheus that runs; it ends with this value.
pub(super) struct Prometheus {
    process: Child,
    address: SocketAddr,
    folder: TempDir,
}

impl Prometheus {
    /// Scrapes `targets` every 200 ms.
    pub(super) fn scraping(targets: &[SocketAddr]) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let targets: Vec<_> = targets.iter().map(|target| format!("'{target}'")).collect();
        let config = format!(
            "global: {{scrape_interval: 200ms, scrape_timeout: 200ms}}\n\
             scrape_configs: [{{job_name: mintage, static_configs: [{{targets: [{}]}}]}}]\n",
            targets.join(", ")
        );
        fs::write(folder.path().join("prometheus.yml"), config).expect("the settings can be written");
        let address = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).expect("a port");
        let log = fs::File::create(folder.path().join("log")).expect("a log");
        let process = Command::new("prometheus")
            .arg(format!("--config.file={}", folder.path().join("prometheus.yml").display()))
            .arg(format!("--storage.tsdb.path={}", folder.path().join("data").display()))
            .arg(format!("--web.listen-address={address}"))
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .expect("prometheus starts");
        Self { process, address, folder }
    }

    /// The values of the series that `query` (PromQL, of characters that a URL takes) finds, once there are any.
    pub(super) fn query(&mut self, query: &str) -> Vec<Value> {
        if let Some(found) = eventually(PATIENCE, || self.ask(query).filter(|found| !found.is_empty())) {
            return found;
        }
        let log = fs::read_to_string(self.folder.path().join("log")).unwrap_or_default();
        panic!("nothing for {query}: {:?}\n{log}", self.process.try_wait());
    }

    fn ask(&self, query: &str) -> Option<Vec<Value>> {
        std::net::TcpStream::connect(self.address).ok()?;
        let (status, body) = get(self.address, &format!("/api/v1/query?query={query}"));
        let answer: Value = serde_json::from_str(&body).ok().filter(|_| status.ends_with("200 OK"))?;
        Some(answer["data"]["result"].as_array()?.clone())
    }
}

impl Drop for Prometheus {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

const PATIENCE: Duration = Duration::from_secs(60);
