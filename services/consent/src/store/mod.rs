//! The cellar: where consent is kept. SeaORM stays in here.
//!
//! - [`ConsentStore`] is the database; each file adds what is done with its tables.
//! - `issuing` writes a grant with what it is redeemed by; `redeeming`, `codes` and `refreshing` take that, once.
//! - `attempts` count guesses, at the account or in a browser that its user is known in.
//! - `interactions` are what browsers are being asked, `given_answers` what they answered; `sweep` forgets what is over.
//! - `departures` find and forget what is left of what the registry has no more; `known_registry` is which registry that is.

mod attempts;
mod codes;
mod departures;
mod entities;
mod errors;
mod given_answers;
mod grant_lists;
mod grants;
mod interactions;
mod issuing;
mod known_browsers;
mod known_registry;
mod migrations;
mod records;
mod redeeming;
mod refreshing;
mod sessions;
mod sweep;
mod users;

use async_trait::async_trait;
pub(crate) use codes::RedeemingCode;
pub(crate) use given_answers::Answering;
pub(crate) use grant_lists::GrantFilter;
pub(crate) use interactions::{Interaction, Page};
pub(crate) use issuing::{Issue, Issued, Upon};
pub(crate) use migrations::Migrator;
use mintage_chassis::door::Need;
use mintage_store::Database;
pub(crate) use redeeming::{Outcome, Person, Redeemed, TakingPassword};
pub(crate) use refreshing::RedeemingRefreshToken;

use crate::domain::ConsentError;

type Answer<T> = Result<T, ConsentError>;

/// The service's database. Cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct ConsentStore(Database);

impl ConsentStore {
    pub(crate) const fn new(database: Database) -> Self {
        Self(database)
    }
}

/// Nothing is known here but what stands in the database.
#[async_trait]
impl Need for ConsentStore {
    async fn check(&self) -> Result<(), &'static str> {
        self.0.ping().await.map_err(|_| "the database does not answer")
    }
}
