//! Signs batches: each item stands or falls by itself.

use std::fmt;
use std::sync::Arc;

use futures::future::{BoxFuture, join_all};
use mintage_clock::Timestamp;
use mintage_jose::Algorithm;
use mintage_oauth::TokenLifetime;

use super::{Directory, Keys, RingView, Unfit};
use crate::custody::{OpenKey, Place};
use crate::domain::{KeysError, PortError, RingName};

/// One JWS to make.
#[derive(Clone, PartialEq, Eq)]
pub struct Order {
    /// The ring whose active key signs.
    pub ring: RingName,
    /// What the token is.
    pub typ: TokenType,
    /// What it says, exactly as it shall stand.
    pub payload: Vec<u8>,
    /// How long it lives: its key is kept for so long.
    pub lifetime: TokenLifetime,
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
    /// Its key has expired and none has taken its place.
    Expired,
    /// Too many signatures wait.
    Overloaded,
    /// A fault of ours.
    Internal,
}

/// A signature that is made, or will be.
enum Begun<'k> {
    Made(Result<String, SignRefusal>),
    Later(BoxFuture<'k, Result<String, SignRefusal>>),
}

impl Keys {
    /// Signs a batch, in its order. Warm, it touches nothing but memory. What waits, for a key to be opened or for a thread,
    /// waits together: no item adds to the wait of another.
    ///
    /// # Errors
    /// When what is in memory is too old and the database does not answer.
    pub async fn sign(
        &self,
        orders: Vec<Result<Order, SignRefusal>>,
    ) -> Result<Vec<Result<String, SignRefusal>>, PortError> {
        let directory = self.directory().await?;
        let now = self.clock().now();
        let (mut answers, mut later, mut run) = (Vec::with_capacity(orders.len()), Vec::new(), 0);
        for (index, order) in orders.into_iter().enumerate() {
            run += order.as_ref().map_or(1, |order| weight(order.ring.algorithm()));
            let begun =
                order.map_or_else(|refusal| Begun::Made(Err(refusal)), |order| self.begin(order, &directory, now));
            answers.push(match begun {
                Begun::Made(answer) => answer,
                Begun::Later(signing) => {
                    later.push(async move { (index, signing.await) });
                    Err(SignRefusal::Internal)
                }
            });
            if run >= INLINE_RUN {
                run = 0;
                tokio::task::yield_now().await;
            }
        }
        for (index, answer) in join_all(later).await {
            if let Some(place) = answers.get_mut(index) {
                *place = answer;
            }
        }
        Ok(answers)
    }

    fn begin<'k>(&'k self, order: Order, directory: &'k Directory, now: Timestamp) -> Begun<'k> {
        let fit = directory.ring(&order.ring).filter(|view| view.signs(order.lifetime, now).is_ok());
        match fit.and_then(|view| view.ready()) {
            Some(signer) => self.begin_with(signer, order),
            None => Begun::Later(Box::pin(self.open_and_sign(order, directory))),
        }
    }

    fn begin_with(&self, signer: &Arc<OpenKey>, order: Order) -> Begun<'static> {
        let begun: Result<BoxFuture<'static, _>, _> = match signer.place() {
            Place::Here => return Begun::Made(sign(signer, &order)),
            Place::OnACore => self.pool.sign(Arc::clone(signer), order).map(|signing| Box::pin(signing) as _),
            Place::InAToken => self.begin_inside(signer, order).map(|signing| Box::pin(signing) as _),
        };
        begun.map_or_else(|refusal| Begun::Made(Err(refusal)), Begun::Later)
    }

    async fn open_and_sign(&self, order: Order, directory: &Directory) -> Result<String, SignRefusal> {
        let known = directory.ring(&order.ring).filter(|view| view.signs(order.lifetime, self.clock().now()).is_ok());
        let opened = match known {
            Some(view) => self.signer(view).await.ok(),
            None => None,
        };
        let signer = match opened {
            Some(signer) => signer,
            // The ring is not as it was read: made, rotated, extended or revoked elsewhere a moment ago.
            None => self.signer(&*self.fit(&order).await?).await.map_err(|error| self.refused(&order.ring, &error))?,
        };
        match self.begin_with(&signer, order) {
            Begun::Made(answer) => answer,
            Begun::Later(signing) => signing.await,
        }
    }

    /// A ring that was made, rotated or extended elsewhere a moment ago, or is to be extended here: the longest life of its
    /// tokens is kept before the first of them is made.
    async fn fit(&self, order: &Order) -> Result<Arc<RingView>, SignRefusal> {
        let fault = |error| self.refused(&order.ring, &error);
        let view = async || self.read_anew(&order.ring).await.map_err(fault)?.ok_or(SignRefusal::RingUnknown);
        let before = view().await?;
        let after = match before.signs(order.lifetime, self.clock().now()) {
            Err(Unfit::LivesTooLong) => {
                self.extend(&order.ring, order.lifetime)
                    .await
                    .map_err(|error| self.not_extended(&order.ring, &error))?;
                view().await?
            }
            Ok(()) | Err(Unfit::Expired) => before,
        };
        match after.signs(order.lifetime, self.clock().now()) {
            Ok(()) => Ok(after),
            Err(Unfit::Expired) => Err(SignRefusal::Expired),
            Err(Unfit::LivesTooLong) => Err(SignRefusal::Unavailable),
        }
    }

    async fn signer(&self, view: &RingView) -> Result<Arc<OpenKey>, PortError> {
        view.signer(&self.store, &self.custody).await.cloned()
    }

    fn not_extended(&self, ring: &RingName, error: &KeysError) -> SignRefusal {
        self.unsigned.tell_once(ring, self.clock(), || {
            tracing::error!(%ring, error = ?error, "a key cannot be kept for as long as a token lives");
        });
        match error {
            KeysError::RingUnknown(_) => SignRefusal::RingUnknown,
            KeysError::Port(PortError::Unavailable(_)) | KeysError::Contended(_) => SignRefusal::Unavailable,
            _ => SignRefusal::Internal,
        }
    }

    fn refused(&self, ring: &RingName, error: &PortError) -> SignRefusal {
        self.unsigned.tell_once(ring, self.clock(), || {
            tracing::error!(%ring, error = ?error, "the key of a ring cannot be had");
        });
        match error {
            PortError::Unavailable(_) => SignRefusal::Unavailable,
            PortError::Unsupported(_) | PortError::Internal(_) => SignRefusal::Internal,
        }
    }
}

/// The signature itself.
pub(super) fn sign(signer: &OpenKey, order: &Order) -> Result<String, SignRefusal> {
    signer.sign_compact(order.typ.as_str(), &order.payload).map_err(|error| {
        tracing::error!(ring = %order.ring, %error, "a signature failed");
        if error.may_pass() { SignRefusal::Unavailable } else { SignRefusal::Internal }
    })
}

/// How many signatures by ES256 could be made in the time of one that is made here.
const fn weight(algorithm: Algorithm) -> usize {
    match algorithm {
        Algorithm::Es384 => 5,
        _ => 1,
    }
}

/// How many signatures of 20 µs are made before others on this thread get their turn.
const INLINE_RUN: usize = 32;
