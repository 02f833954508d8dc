//! Who may call what: one table a service, executed by a guard that refuses what has no row.

mod guard;
mod keys;
mod operator;
mod operators;
mod proof;
mod scopes;
mod table;

pub use guard::Guard;
pub use keys::{KeyResolver, RemoteKeys, ResolvedKey};
pub use operator::{Authority, Operator, operator};
pub use operators::{OperatorDirectory, RemoteOperators, Standing};
pub use proof::Proof;
pub use scopes::{MANAGEMENT_AUDIENCE, MANAGEMENT_SCOPES};
pub use table::{Caller, Row};
