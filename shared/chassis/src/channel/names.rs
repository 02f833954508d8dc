//! Where a sibling is: all addresses of every name that was told.

use std::io;
use std::net::SocketAddr;
use std::str::FromStr;
use std::sync::{Arc, Mutex, PoisonError};

use http::uri::Authority;

use super::carrier::{AddressError, Resolve};

/// The names of a sibling.
#[derive(Debug)]
pub(super) struct Names {
    /// The one that requests are addressed to.
    pub(super) first: Authority,
    names: Vec<Name>,
}

#[derive(Debug)]
struct Name {
    host: String,
    port: u16,
    /// What stood there when it was last looked up.
    last: Mutex<Vec<SocketAddr>>,
}

impl Names {
    /// Reads `host:port`, or several between commas.
    pub(super) fn read(text: &str) -> Result<Self, AddressError> {
        let wrong = || AddressError(text.to_owned());
        let authorities: Vec<_> =
            text.split(',').map(|one| authority(one.trim())).collect::<Option<_>>().ok_or_else(wrong)?;
        let first = authorities.first().map(|(authority, _)| authority.clone()).ok_or_else(wrong)?;
        Ok(Self { first, names: authorities.into_iter().map(|(_, name)| name).collect() })
    }

    /// The host of the first, without brackets.
    pub(super) fn host(&self) -> &str {
        unbracketed(self.first.host())
    }

    /// Looks all of them up. One that cannot be looked up for a while is where it was.
    pub(super) fn resolve(self) -> Resolve {
        let names: Arc<[Name]> = self.names.into();
        Box::new(move || {
            let names = Arc::clone(&names);
            Box::pin(async move {
                let (mut found, mut failed) = (Vec::new(), None);
                for name in names.iter() {
                    let (addresses, error) = name.look_up().await;
                    found.extend(addresses);
                    failed = failed.or(error);
                }
                match failed {
                    Some(error) if found.is_empty() => Err(error),
                    _ => Ok(found),
                }
            })
        })
    }
}

impl Name {
    /// Its addresses now, or those it last had and why.
    async fn look_up(&self) -> (Vec<SocketAddr>, Option<io::Error>) {
        let looked_up = tokio::net::lookup_host((self.host.as_str(), self.port)).await;
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        match looked_up {
            Ok(found) => {
                let found: Vec<_> = found.collect();
                if !found.is_empty() {
                    last.clone_from(&found);
                }
                (last.clone(), None)
            }
            Err(error) => {
                tracing::debug!(name = self.host, %error, "a name cannot be looked up");
                (last.clone(), Some(error))
            }
        }
    }
}

fn authority(text: &str) -> Option<(Authority, Name)> {
    let parsed = Authority::from_str(text).ok()?;
    let port = parsed.port_u16().filter(|_| !text.contains('@'))?;
    let host = unbracketed(parsed.host()).to_owned();
    (!host.is_empty()).then(|| (parsed, Name { host, port, last: Mutex::default() }))
}

fn unbracketed(host: &str) -> &str {
    host.trim_matches(['[', ']'])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn every_name_counts_and_one_that_is_unknown_takes_nothing_from_the_others() {
        let resolve = Names::read("127.0.0.1:1, no-such-name.invalid:3,[::1]:2").unwrap().resolve();
        assert_eq!(
            resolve().await.unwrap(),
            ["127.0.0.1:1".parse().unwrap(), "[::1]:2".parse::<SocketAddr>().unwrap()]
        );
        Names::read("no-such-name.invalid:3").unwrap().resolve()().await.expect_err("nothing was found");
    }

    #[tokio::test]
    async fn a_name_that_cannot_be_looked_up_for_a_while_is_where_it_was() {
        let before: SocketAddr = "192.0.2.1:3".parse().unwrap();
        let mut names = Names::read("127.0.0.1:1,no-such-name.invalid:3").unwrap();
        names.names[1].last = Mutex::new(vec![before]);
        assert_eq!(names.resolve()().await.unwrap(), ["127.0.0.1:1".parse().unwrap(), before]);
    }
}
