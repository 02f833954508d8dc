//! Gives up on a peer that takes in nothing.

use std::future::Future;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::Sleep;

/// A connection whose writes fail once none has got on for a while.
pub(super) struct WriteTimeout<T> {
    connection: T,
    patience: Duration,
    stuck: Option<Pin<Box<Sleep>>>,
}

impl<T> WriteTimeout<T> {
    pub(super) const fn new(connection: T, patience: Duration) -> Self {
        Self { connection, patience, stuck: None }
    }

    /// The clock runs from the first write that has to wait to the next that need not.
    fn bounded<R>(&mut self, cx: &mut Context<'_>, outcome: Poll<io::Result<R>>) -> Poll<io::Result<R>> {
        if outcome.is_ready() {
            self.stuck = None;
            return outcome;
        }
        let patience = self.patience;
        let end = self.stuck.get_or_insert_with(|| Box::pin(tokio::time::sleep(patience)));
        end.as_mut().poll(cx).map(|()| Err(io::Error::new(io::ErrorKind::TimedOut, "the other end takes in nothing")))
    }
}

impl<T: AsyncRead + Unpin> AsyncRead for WriteTimeout<T> {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().connection).poll_read(cx, buffer)
    }
}

impl<T: AsyncWrite + Unpin> AsyncWrite for WriteTimeout<T> {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let outcome = Pin::new(&mut this.connection).poll_write(cx, bytes);
        this.bounded(cx, outcome)
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let outcome = Pin::new(&mut this.connection).poll_flush(cx);
        this.bounded(cx, outcome)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let outcome = Pin::new(&mut this.connection).poll_shutdown(cx);
        this.bounded(cx, outcome)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let outcome = Pin::new(&mut this.connection).poll_write_vectored(cx, slices);
        this.bounded(cx, outcome)
    }

    fn is_write_vectored(&self) -> bool {
        self.connection.is_write_vectored()
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt, duplex};
    use tokio::time::Instant;

    use super::*;

    const PATIENCE: Duration = Duration::from_secs(30);

    #[tokio::test(start_paused = true)]
    async fn b8_a_peer_that_takes_in_nothing_is_given_up() {
        let (ours, _theirs) = duplex(16);
        let mut writer = WriteTimeout::new(ours, PATIENCE);
        let began = Instant::now();
        let error = writer.write_all(&[0; 64]).await.unwrap_err();
        assert_eq!((error.kind(), began.elapsed()), (io::ErrorKind::TimedOut, PATIENCE));
    }

    #[tokio::test(start_paused = true)]
    async fn a_peer_that_reads_slowly_is_served() {
        let (ours, mut theirs) = duplex(16);
        let mut writer = WriteTimeout::new(ours, PATIENCE);
        let reading = tokio::spawn(async move {
            let mut read = 0;
            let mut buffer = [0; 16];
            while read < 64 {
                tokio::time::sleep(PATIENCE / 2).await;
                read += theirs.read(&mut buffer).await.unwrap();
            }
            read
        });
        writer.write_all(&[0; 64]).await.unwrap();
        assert_eq!(reading.await.unwrap(), 64);
    }
}
