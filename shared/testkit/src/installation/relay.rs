//! Stands on the way between two processes, and can be cut.

#![expect(clippy::expect_used, reason = "a test without its relay has failed")]

use std::io;
use std::net::SocketAddr;
use std::sync::LazyLock;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Runtime;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use super::ports::Port;

/// Passes on what comes to its address, until it is cut. It ends with this value.
#[derive(Debug)]
pub struct Relay {
    port: Port,
    state: watch::Sender<State>,
    listening: JoinHandle<()>,
}

/// How a way is cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cut {
    /// Connections are taken and kept, and nothing passes: as when a network drops every packet. What was on its way
    /// arrives when it heals.
    Silent,
    /// Connections break and none is taken: as when a machine is gone and its neighbours say so.
    Refused,
}

#[derive(Clone, Copy, Debug, Default)]
struct State {
    cut: Option<Cut>,
    /// How often connections were broken; one from before is broken.
    breaks: u64,
}

impl Relay {
    /// Leads to `target`, from an address of its own.
    #[must_use]
    pub fn to(target: SocketAddr) -> Self {
        let (port, state) = (Port::take(), watch::Sender::new(State::default()));
        let listening = RUNTIME.spawn(listen(port.address, target, state.subscribe()));
        Self { port, state, listening }
    }

    /// Where it listens.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.port.address
    }

    /// Cuts the way, for connections that stand and for new ones.
    pub fn cut(&self, how: Cut) {
        self.state.send_modify(|state| {
            state.cut = Some(how);
            state.breaks += u64::from(how == Cut::Refused);
        });
    }

    /// Breaks the connections that stand; new ones are taken as before.
    pub fn reset(&self) {
        self.state.send_modify(|state| state.breaks += 1);
    }

    /// Lets everything pass again.
    pub fn heal(&self) {
        self.state.send_modify(|state| state.cut = None);
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        self.listening.abort();
    }
}

async fn listen(address: SocketAddr, target: SocketAddr, mut state: watch::Receiver<State>) {
    loop {
        let refused = |state: &State| state.cut == Some(Cut::Refused);
        if state.wait_for(|state| !refused(state)).await.is_err() {
            return;
        }
        let listener = TcpListener::bind(address).await.expect("the port is this relay's");
        let mut watched = state.clone();
        tokio::select! {
            _ = watched.wait_for(refused) => {}
            () = accept(&listener, target, &state) => {}
        }
    }
}

async fn accept(listener: &TcpListener, target: SocketAddr, state: &watch::Receiver<State>) {
    loop {
        if let Ok((inward, _)) = listener.accept().await {
            tokio::spawn(join(inward, target, state.clone()));
        }
    }
}

/// Passes on both ways until one end has nothing more to say or the connection is broken.
async fn join(inward: TcpStream, target: SocketAddr, mut state: watch::Receiver<State>) {
    let breaks = state.borrow_and_update().breaks;
    let mut broken = state.clone();
    let joined = async {
        open(&mut state.clone()).await?;
        let outward = TcpStream::connect(target).await?;
        for stream in [&inward, &outward] {
            stream.set_nodelay(true)?;
            // Dropped before its end, a connection breaks at once.
            stream.set_zero_linger()?;
        }
        let ((inward_reads, inward_writes), (outward_reads, outward_writes)) =
            (inward.into_split(), outward.into_split());
        let forth = pass(inward_reads, outward_writes, state.clone());
        let back = pass(outward_reads, inward_writes, state.clone());
        tokio::try_join!(forth, back)
    };
    tokio::select! {
        _ = joined => {}
        _ = broken.wait_for(|state| state.breaks != breaks) => {}
    }
}

/// Passes on what is read, while the way is open.
async fn pass(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, mut state: watch::Receiver<State>) -> io::Result<()> {
    let mut buffer = vec![0; 64 << 10];
    loop {
        let count = from.read(&mut buffer).await?;
        open(&mut state).await?;
        match buffer.get(..count) {
            Some(read) if count > 0 => to.write_all(read).await?,
            _ => return to.shutdown().await,
        }
    }
}

/// Waits until the way is open.
async fn open(state: &mut watch::Receiver<State>) -> io::Result<()> {
    state.wait_for(|state| state.cut.is_none()).await.map(drop).map_err(io::Error::other)
}

/// Of all relays of a test, beside the test's own.
static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| {
    let mut builder = tokio::runtime::Builder::new_multi_thread();
    builder.worker_threads(1).enable_all().thread_keep_alive(Duration::from_secs(1));
    builder.build().expect("a runtime can be built")
});
