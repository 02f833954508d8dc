//! The schema, step by step: expand first, contract a release later.

mod m0001_consent;
mod m0002_incarnations;
mod m0003_previous_tokens;
mod m0004_known_browsers;
mod m0005_given_answers;
mod m0006_known_registry;
mod m0007_issuers_of_codes;
#[cfg(test)]
mod tests;

use sea_orm_migration::{MigrationTrait, MigratorTrait};

/// Every step.
pub(crate) struct Migrator;

impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m0001_consent::Step),
            Box::new(m0002_incarnations::Step),
            Box::new(m0003_previous_tokens::Step),
            Box::new(m0004_known_browsers::Step),
            Box::new(m0005_given_answers::Step),
            Box::new(m0006_known_registry::Step),
            Box::new(m0007_issuers_of_codes::Step),
        ]
    }
}
