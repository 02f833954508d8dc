//! How the schema came to be what it is: forward only, expand before contract.

mod m0001_registry;
mod m0002_removals_fall_due;
mod m0003_makers_notes;
mod m0004_removals_are_claimed;
mod m0005_watchers_count;
mod m0006_users_and_consent;
mod m0007_registrations_are_used;
mod m0008_names_look_alike;
#[cfg(test)]
mod tests;

use sea_orm_migration::{MigrationTrait, MigratorTrait};

/// Every migration, in order.
#[derive(Debug)]
pub(crate) struct Migrator;

impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m0001_registry::Registry),
            Box::new(m0002_removals_fall_due::RemovalsFallDue),
            Box::new(m0003_makers_notes::MakersNotes),
            Box::new(m0004_removals_are_claimed::RemovalsAreClaimed),
            Box::new(m0005_watchers_count::WatchersCount),
            Box::new(m0006_users_and_consent::UsersAndConsent),
            Box::new(m0007_registrations_are_used::RegistrationsAreUsed),
            Box::new(m0008_names_look_alike::NamesLookAlike),
        ]
    }
}
