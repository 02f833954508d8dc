//! Private keys in a PKCS#11 token (OASIS PKCS #11 2.40 and later): made there, signing there, never leaving.
//!
//! - [`Token`] is the way to one, entered again when it is lost; `connection` is one login. `doubt` is about one that answers,
//!   and does not do what it is asked.
//! - `module` is the library, which all its tokens share: `gate` counts who is inside, `renewals` says when it may begin anew.
//! - `objects` makes and destroys key pairs by their [`ObjectId`]; `public_half` reads what may be known of them.
//! - [`TokenSigner`] signs with one; `mechanisms` has the algorithms in the words of PKCS#11.
//!
//! Every call blocks for as long as the device takes: none belongs where requests run.

mod connection;
mod doubt;
mod error;
mod gate;
mod mechanisms;
mod module;
mod object_id;
mod objects;
mod public_half;
mod renewals;
mod signer;
mod token;

pub use error::TokenError;
pub use object_id::{InvalidObjectId, ObjectId};
pub use objects::Wanted;
pub use signer::TokenSigner;
pub use token::{Pin, Token, TokenAccess};
