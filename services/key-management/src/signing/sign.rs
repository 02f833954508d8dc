//! Signs batches: each item stands or falls by itself.

use std::fmt;
use std::sync::Arc;

use futures::future::{BoxFuture, join_all};
use mintage_jose::{Algorithm, Signer};

use super::{Directory, Keys, RingView};
use crate::domain::{PortError, RingName};

/// One JWS to make.
#[derive(Clone, PartialEq, Eq)]
pub struct Order {
    /// The ring whose active key signs.
    pub ring: RingName,
    /// What the token is.
    pub typ: TokenType,
    /// What it says, exactly as it shall stand.
    pub payload: Vec<u8>,
}

impl fmt::Debug for Order {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Order").field("ring", &self.ring).field("typ", &self.typ).finish_non_exhaustive()
    }
}

/// The `typ` of a header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenType {
    /// `JWT` (RFC 7519 section 5.1).
    Jwt,
    /// `at+jwt` (RFC 9068 section 2.1).
    AccessToken,
}

impl TokenType {
    /// As it stands in the header.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Jwt => "JWT",
            Self::AccessToken => "at+jwt",
        }
    }
}

/// Why an item was not signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignRefusal {
    /// The item breaks a rule.
    Malformed,
    /// There is no such ring.
    RingUnknown,
    /// Its key cannot be had now.
    Unavailable,
    /// Too many RSA signatures wait.
    Overloaded,
    /// A fault of ours.
    Internal,
}

/// A signature that is made, or will be.
enum Begun {
    Made(Result<String, SignRefusal>),
    InPool(BoxFuture<'static, Result<String, SignRefusal>>),
}

impl Keys {
    /// Signs a batch, in its order. Warm, it touches nothing but memory.
    ///
    /// # Errors
    /// When what is in memory is too old and the database does not answer.
    pub async fn sign(
        &self,
        orders: Vec<Result<Order, SignRefusal>>,
    ) -> Result<Vec<Result<String, SignRefusal>>, PortError> {
        let directory = self.directory().await?;
        let mut begun = Vec::with_capacity(orders.len());
        for (index, order) in orders.into_iter().enumerate() {
            begun.push(match order {
                Ok(order) => self.begin(order, &directory).await.unwrap_or_else(|refusal| Begun::Made(Err(refusal))),
                Err(refusal) => Begun::Made(Err(refusal)),
            });
            if index % INLINE_RUN == INLINE_RUN - 1 {
                tokio::task::yield_now().await;
            }
        }
        Ok(join_all(begun.into_iter().map(Begun::finish)).await)
    }

    async fn begin(&self, order: Order, directory: &Directory) -> Result<Begun, SignRefusal> {
        let signer = match directory.ring(&order.ring) {
            Some(view) => self.signer(view).await?,
            None => {
                let found = self.ring(&order.ring).await.map_err(|error| refused(&order.ring, &error))?;
                let view = found.ok_or(SignRefusal::RingUnknown)?;
                self.signer(&view).await?
            }
        };
        match order.ring.algorithm() {
            Algorithm::Rs256 | Algorithm::Ps256 => Ok(Begun::InPool(Box::pin(self.pool.sign(signer, order)?))),
            Algorithm::Es256 | Algorithm::EdDsa | Algorithm::Hs256 => Ok(Begun::Made(sign(&signer, &order))),
        }
    }

    async fn signer(&self, view: &RingView) -> Result<Arc<Signer>, SignRefusal> {
        let opened = view.signer(&self.store, &self.master).await;
        opened.cloned().map_err(|error| refused(view.ring().name(), &error))
    }
}

impl Begun {
    async fn finish(self) -> Result<String, SignRefusal> {
        match self {
            Self::Made(signed) => signed,
            Self::InPool(signing) => signing.await,
        }
    }
}

/// The signature itself.
pub(super) fn sign(signer: &Signer, order: &Order) -> Result<String, SignRefusal> {
    signer.sign_compact(order.typ.as_str(), &order.payload).map_err(|error| {
        tracing::error!(ring = %order.ring, %error, "a signature failed");
        SignRefusal::Internal
    })
}

fn refused(ring: &RingName, error: &PortError) -> SignRefusal {
    tracing::error!(%ring, error = ?error, "the key of a ring cannot be had");
    match error {
        PortError::Unavailable(_) => SignRefusal::Unavailable,
        PortError::Internal(_) => SignRefusal::Internal,
    }
}

/// How many signatures of 20 µs are made before others on this thread get their turn.
const INLINE_RUN: usize = 32;
