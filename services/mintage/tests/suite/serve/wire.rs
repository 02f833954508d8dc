//! HTTP by hand, and a wire between two processes that need each other's port before either has one.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::io::{self, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, OnceLock};
use std::thread;

/// Answers nothing until it leads somewhere.
pub(super) struct Wire {
    pub(super) address: SocketAddr,
    target: Arc<OnceLock<SocketAddr>>,
}

impl Wire {
    pub(super) fn new() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let (address, target) = (listener.local_addr().unwrap(), Arc::new(OnceLock::new()));
        let known = Arc::clone(&target);
        thread::spawn(move || {
            for inward in listener.incoming().flatten() {
                let outward = known.get().and_then(|target| TcpStream::connect(target).ok());
                if let Some(outward) = outward {
                    join(&inward, &outward);
                }
            }
        });
        Self { address, target }
    }

    pub(super) fn lead_to(&self, target: SocketAddr) {
        self.target.set(target).unwrap();
    }
}

fn join(one: &TcpStream, other: &TcpStream) {
    for (from, to) in [(one, other), (other, one)] {
        let (mut from, mut to) = (from.try_clone().unwrap(), to.try_clone().unwrap());
        thread::spawn(move || {
            let _ = io::copy(&mut from, &mut to);
            let _ = to.shutdown(Shutdown::Write);
        });
    }
}

/// A request whose body is sent in two parts.
pub(super) struct Post {
    stream: TcpStream,
    rest: String,
}

impl Post {
    /// Sends the header and the first half of `form` to `path`.
    pub(super) fn begin(address: SocketAddr, path: &str, form: &str) -> Self {
        let mut stream = TcpStream::connect(address).unwrap();
        let (half, rest) = form.split_at(form.len() / 2);
        let kind = "content-type: application/x-www-form-urlencoded";
        let length = form.len();
        let head = format!("POST {path} HTTP/1.1\r\nhost: {address}\r\n{kind}\r\ncontent-length: {length}\r\n");
        stream.write_all(format!("{head}connection: close\r\n\r\n{half}").as_bytes()).unwrap();
        Self { stream, rest: rest.to_owned() }
    }

    /// Sends the rest; the status line and the body of the answer.
    pub(super) fn finish(mut self) -> (String, String) {
        self.stream.write_all(self.rest.as_bytes()).unwrap();
        answer(self.stream)
    }
}

/// The status line and the body of what is at `path`.
pub(super) fn get(address: SocketAddr, path: &str) -> (String, String) {
    let mut stream = TcpStream::connect(address).unwrap();
    stream
        .write_all(format!("GET {path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\r\n").as_bytes())
        .unwrap();
    answer(stream)
}

fn answer(mut stream: TcpStream) -> (String, String) {
    let mut text = String::new();
    stream.read_to_string(&mut text).unwrap();
    let (head, body) = text.split_once("\r\n\r\n").unwrap();
    (head.lines().next().unwrap().to_owned(), body.to_owned())
}
