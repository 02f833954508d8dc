//! How the schema came to be what it is: forward only, expand before contract.

mod m0001_registry;

use sea_orm_migration::{MigrationTrait, MigratorTrait};

/// Every migration, in order.
#[derive(Debug)]
pub(crate) struct Migrator;

impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![Box::new(m0001_registry::Registry)]
    }
}
