//! A server under measurement: started, watched through /proc, stopped.

use std::fs;
use std::ops::Sub;
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context, bail, ensure};
use tokio::io::{AsyncBufReadExt, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};
use tokio::time::timeout;

/// A process that has said `ready`.
pub(crate) struct Server {
    /// Which one it is; replicas have one name.
    pub(crate) name: String,
    child: Child,
    id: u32,
    /// What stood behind `ready`.
    pub(crate) ready: String,
}

/// CPU time, user and system, of all threads a process ever had.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Cpu(Duration);

impl Server {
    /// Starts `command` and waits for the line that begins with `ready`.
    pub(crate) async fn start(name: String, mut command: Command) -> anyhow::Result<Self> {
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .with_context(|| format!("{command:?}"))?;
        let id = child.id().context("it ended at once")?;
        let mut lines = BufReader::new(child.stdout.take().context("no stdout")?).lines();
        let ready = timeout(READY_WITHIN, ready(&mut lines)).await.context("it did not get ready")??;
        tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
        Ok(Self { name, child, id, ready })
    }

    pub(crate) fn cpu(&self) -> anyhow::Result<Cpu> {
        Cpu::of(self.id)
    }

    /// From /proc/PID/status: what it holds in memory now.
    pub(crate) fn resident_bytes(&self) -> anyhow::Result<u64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.id))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).context("no VmRSS")?;
        let kilobytes: u64 = line.trim().trim_end_matches(" kB").parse()?;
        Ok(kilobytes * 1024)
    }

    /// SIGTERM; it must end well.
    pub(crate) async fn stop(mut self) -> anyhow::Result<()> {
        let sent = Command::new("kill").args(["-TERM", &self.id.to_string()]).status().await?;
        ensure!(sent.success(), "kill: {sent}");
        let status = timeout(STOPPED_WITHIN, self.child.wait()).await.context("it did not stop")??;
        ensure!(status.success(), "it stopped with {status}");
        Ok(())
    }
}

impl Cpu {
    /// From /proc/PID/stat (proc(5)): fields 14 and 15, in ticks.
    pub(crate) fn of(process: u32) -> anyhow::Result<Self> {
        let stat = fs::read_to_string(format!("/proc/{process}/stat"))?;
        let (_, after_name) = stat.rsplit_once(')').context("a stat line has a name")?;
        let mut times = after_name.split_whitespace().skip(11).map(str::parse::<u64>);
        match (times.next(), times.next()) {
            (Some(user), Some(system)) => Ok(Self(Duration::from_millis((user? + system?) * MILLISECONDS_A_TICK))),
            _ => bail!("a stat line has 15 fields"),
        }
    }
}

impl Sub for Cpu {
    type Output = Duration;

    fn sub(self, before: Self) -> Duration {
        self.0.saturating_sub(before.0)
    }
}

async fn ready(lines: &mut Lines<BufReader<ChildStdout>>) -> anyhow::Result<String> {
    while let Some(line) = lines.next_line().await? {
        if let Some(rest) = line.strip_prefix("ready") {
            return Ok(rest.trim().to_owned());
        }
    }
    bail!("it ended before it was ready")
}

const READY_WITHIN: Duration = Duration::from_secs(60);
const STOPPED_WITHIN: Duration = Duration::from_secs(30);
/// Linux reports process times in hundredths of a second on every architecture (USER_HZ).
const MILLISECONDS_A_TICK: u64 = 10;
