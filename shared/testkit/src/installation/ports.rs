//! Addresses that stay a test's own, whether or not anybody listens there just now.

#![expect(clippy::panic, reason = "a test without a port has failed")]

use std::net::{Ipv4Addr, SocketAddr, TcpListener, UdpSocket};

use mintage_clock::Randomness;

/// A TCP port of this machine that no other test takes and that the system gives to no connection on its way out.
#[derive(Debug)]
pub(super) struct Port {
    pub(super) address: SocketAddr,
    /// Holding the port of the same number for UDP, which nobody here speaks, tells every other test that it is taken,
    /// for as long as this process lives.
    _held: UdpSocket,
}

impl Port {
    /// A free one.
    ///
    /// # Panics
    /// When there is none.
    pub(super) fn take() -> Self {
        let randomness = Randomness::system();
        let tries = std::iter::repeat_with(|| u16::from_be_bytes(randomness.bytes()) % COUNT + FIRST).take(TRIES);
        let mut free = tries.filter_map(|number| {
            let address = SocketAddr::from((Ipv4Addr::LOCALHOST, number));
            let held = UdpSocket::bind(address).ok()?;
            TcpListener::bind(address).ok().map(|_| Self { address, _held: held })
        });
        free.next().unwrap_or_else(|| panic!("no port is free from {FIRST} on"))
    }
}

/// Below those that Linux takes for connections on their way out (32768), so that none of them is in the way of a process
/// that listens again where it did.
const FIRST: u16 = 20_000;
const COUNT: u16 = 12_000;
const TRIES: usize = 1_000;
