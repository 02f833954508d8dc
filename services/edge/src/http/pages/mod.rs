//! The pages that people see: they work without scripts, and nothing on them acts by being looked at.
//!
//! - `visit` is a browser's request; it turns what goes wrong into a page, too.
//! - `own_form` takes a form, if one of our own pages sent it; `again` has those of other sites come back from ours.
//! - `next` leads a browser on: to a page, or to the client with an answer. `destination` words where.
//! - `sign_in`, `consent`, `switch_user`, `applications` and `logout` are a page each, `problem` says what went wrong,
//!   `refused` what a third party is not given.
//! - `glance` answers whoever looks at an address without following it, `nothing` whoever looks where there is no page.
//! - `frame` is what they share, headers included; `texts` what they say, in each language; `scopes` words what a client
//!   may do; `assets` is how they look.

mod again;
pub(super) mod applications;
pub(super) mod assets;
pub(super) mod consent;
mod destination;
mod frame;
mod glance;
pub(super) mod logout;
mod next;
mod nothing;
mod own_form;
mod problem;
mod refused;
mod scopes;
pub(super) mod sign_in;
pub(super) mod switch_user;
mod texts;
mod visit;

pub(super) use again::{Came, come};
pub(super) use glance::glance;
pub(super) use next::{After, lead};
pub(super) use nothing::{is_seen, nothing};
use texts::Texts;
pub(super) use visit::{Visit, receive};
