//! The schema, step by step: expand first, contract a release later.

mod m0001_key_rings;
mod m0002_rotation;
mod m0003_token_objects;
mod m0004_watchers;
mod m0005_settled_times;
mod m0006_record;
mod m0007_detail;
#[cfg(test)]
mod tests;

use sea_orm_migration::{MigrationTrait, MigratorTrait};

/// Every step.
pub(super) struct Migrations;

impl MigratorTrait for Migrations {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m0001_key_rings::Step),
            Box::new(m0002_rotation::Step),
            Box::new(m0003_token_objects::Step),
            Box::new(m0004_watchers::Step),
            Box::new(m0005_settled_times::Step),
            Box::new(m0006_record::Step),
            Box::new(m0007_detail::Step),
        ]
    }
}
