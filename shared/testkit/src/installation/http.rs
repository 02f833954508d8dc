//! HTTP by hand: what is sent and when is the test's.

#![expect(clippy::expect_used, reason = "a test that cannot go on has failed")]

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};

/// A request whose body is sent in two parts.
#[derive(Debug)]
pub struct Post {
    stream: TcpStream,
    rest: String,
}

impl Post {
    /// Sends the header and the first half of `form` to `path`.
    ///
    /// # Panics
    /// When the connection breaks.
    #[must_use]
    pub fn begin(address: SocketAddr, path: &str, form: &str) -> Self {
        let mut stream = TcpStream::connect(address).expect("somebody listens");
        let (half, rest) = form.split_at(form.len() / 2);
        let kind = "content-type: application/x-www-form-urlencoded";
        let length = form.len();
        let head = format!("POST {path} HTTP/1.1\r\nhost: {address}\r\n{kind}\r\ncontent-length: {length}\r\n");
        let begun = stream.write_all(format!("{head}connection: close\r\n\r\n{half}").as_bytes());
        begun.expect("the request can be sent");
        Self { stream, rest: rest.to_owned() }
    }

    /// Sends the rest; the status line and the body of the answer.
    ///
    /// # Panics
    /// When the connection breaks.
    #[must_use]
    pub fn finish(mut self) -> (String, String) {
        self.stream.write_all(self.rest.as_bytes()).expect("the request can be sent");
        status_and_body(answer(self.stream))
    }
}

/// The status line and the body of what is at `path`.
///
/// # Panics
/// When nobody answers.
#[must_use]
pub fn get(address: SocketAddr, path: &str) -> (String, String) {
    get_as(address, &address.to_string(), path)
}

/// The same of `host`, whose name the server is asked by.
///
/// # Panics
/// When nobody answers.
#[must_use]
pub fn get_as(address: SocketAddr, host: &str, path: &str) -> (String, String) {
    status_and_body(exchange(address, &format!("GET {path} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n\r\n")))
}

/// The head and the body of the answer to `request`, which asks that the connection be closed behind it.
///
/// # Panics
/// When nobody answers.
#[must_use]
pub fn exchange(address: SocketAddr, request: &str) -> (String, String) {
    let mut stream = TcpStream::connect(address).expect("somebody listens");
    stream.write_all(request.as_bytes()).expect("the request can be sent");
    answer(stream)
}

fn answer(mut stream: TcpStream) -> (String, String) {
    let mut text = String::new();
    stream.read_to_string(&mut text).expect("the answer is whole");
    let (head, body) = text.split_once("\r\n\r\n").expect("an answer has a head");
    (head.to_owned(), body.to_owned())
}

fn status_and_body((head, body): (String, String)) -> (String, String) {
    (head.lines().next().unwrap_or_default().to_owned(), body)
}
