//! The schema, step by step: expand first, contract a release later.

mod m0001_key_rings;
#[cfg(test)]
mod tests;

use sea_orm_migration::{MigrationTrait, MigratorTrait};

/// Every step.
pub(super) struct Migrations;

impl MigratorTrait for Migrations {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![Box::new(m0001_key_rings::Step)]
    }
}
