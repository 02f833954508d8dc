//! What each migration does to the code before it: a replica of the last release serves on while its successor migrates.

#![expect(clippy::expect_used, reason = "a test whose schema cannot be read has failed")]

use std::collections::{BTreeMap, BTreeSet};

use mintage_store::{Backend, Database, StoreError};
use sea_orm::{ConnectionTrait, QueryResult, Statement};
use sea_orm_migration::MigratorTrait;

/// Applies the next migration of `M` alone.
///
/// # Panics
/// When it fails.
pub async fn step<M: MigratorTrait>(database: &Database) {
    let applied = database.transaction(async |work| Ok::<_, StoreError>(M::up(work, Some(1)).await?)).await;
    applied.expect("the migration succeeds");
}

/// What each release writes, by the migration it came with: statements, each of which affects one row.
pub type Releases = [(&'static str, &'static [&'static str])];

/// A release that writes on the schema that it or a later one made.
#[derive(Clone, Debug)]
pub struct Writer {
    /// Its place among the releases, from 0.
    pub release: usize,
    /// Its own: it may name a tenant, and with anything behind it what else must be unique.
    pub name: String,
}

/// Applies every migration of `M`, one after the other, and behind each lets all releases up to it write, a later one all
/// that those before it do and more. `spell` makes of a statement what this writer says to this database.
///
/// # Panics
/// When a migration fails, or has no release, or a statement does anything but affect one row.
pub async fn every_release_writes<M: MigratorTrait>(
    database: &Database,
    releases: &Releases,
    spell: impl Fn(&str, &Writer) -> String,
) -> Vec<Writer> {
    let mut writers = Vec::new();
    for (index, migration) in M::get_migration_files().iter().enumerate() {
        step::<M>(database).await;
        let known = releases.get(index).map(|(name, _)| *name);
        assert_eq!(known, Some(migration.name()), "say what the release of this migration writes");
        // Each release that may still run, on the schema as it is now.
        for release in 0..=index {
            let writer = Writer { release, name: format!("t{release}{index}") };
            for statement in releases.iter().take(release + 1).flat_map(|(_, statements)| *statements) {
                let statement = spell(statement, &writer);
                let done = database.connection().execute_unprepared(&statement).await;
                assert_eq!(done.expect(&statement).rows_affected(), 1, "{statement}");
            }
            writers.push(writer);
        }
    }
    writers
}

/// Bytes, given in hexadecimal digits, as a literal of the database's.
#[must_use]
pub fn bytes(backend: Backend, digits: &str) -> String {
    match backend {
        Backend::Postgres => format!("'\\x{digits}'"),
        Backend::Sqlite => format!("X'{digits}'"),
    }
}

/// Applies every migration of `M`, one after the other, and says what each took from the code before it: a column that
/// is gone or takes other values, one that must be given and has no default, a constraint that was not there.
///
/// # Panics
/// When a migration fails.
pub async fn breaches<M: MigratorTrait>(database: &Database) -> Vec<String> {
    let mut found = Vec::new();
    let mut before = Shape::default();
    for migration in M::get_migration_files() {
        step::<M>(database).await;
        let after = Shape::of(database).await;
        found.extend(before.taken_by(&after).into_iter().map(|what| format!("{}: {what}", migration.name())));
        before = after;
    }
    found
}

/// The tables of a schema, as code that writes to them meets them.
#[derive(Debug, Default)]
struct Shape {
    columns: BTreeMap<(String, String), Column>,
    /// By table; what must be true of rows.
    constraints: BTreeSet<(String, String)>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Column {
    kind: String,
    required: bool,
    has_default: bool,
}

impl Shape {
    async fn of(database: &Database) -> Self {
        let (columns, constraints) = match database.backend() {
            Backend::Postgres => (POSTGRES_COLUMNS, POSTGRES_CONSTRAINTS),
            Backend::Sqlite => (SQLITE_COLUMNS, SQLITE_CONSTRAINTS),
        };
        let mut shape = Self::default();
        for row in rows(database, columns).await {
            let flag = |name| row.try_get::<i32>("", name).expect("a flag") != 0;
            let column = Column { kind: text(&row, "kind"), required: flag("required"), has_default: flag("given") };
            shape.columns.insert((text(&row, "home"), text(&row, "name")), column);
        }
        for row in rows(database, constraints).await {
            shape.constraints.insert((text(&row, "home"), text(&row, "name")));
        }
        shape
    }

    fn taken_by(&self, after: &Self) -> Vec<String> {
        let known: BTreeSet<_> = self.columns.keys().map(|(table, _)| table).collect();
        let mut taken = Vec::new();
        for ((table, name), column) in &self.columns {
            match after.columns.get(&(table.clone(), name.clone())) {
                None => taken.push(format!("{table}.{name} is gone")),
                Some(now) if now.kind != column.kind => taken.push(format!("{table}.{name} is another type")),
                Some(now) if now.required && !column.required => taken.push(format!("{table}.{name} must be given")),
                Some(now) if column.has_default && !now.has_default => {
                    taken.push(format!("{table}.{name} has lost its default"));
                }
                Some(_) => {}
            }
        }
        for ((table, name), column) in &after.columns {
            let new = known.contains(table) && !self.columns.contains_key(&(table.clone(), name.clone()));
            if new && column.required && !column.has_default {
                taken.push(format!("{table}.{name} must be given"));
            }
        }
        for (table, name) in after.constraints.difference(&self.constraints) {
            if known.contains(table) {
                taken.push(format!("{table} must obey {name}"));
            }
        }
        taken
    }
}

async fn rows(database: &Database, sql: &str) -> Vec<QueryResult> {
    let connection = database.connection();
    let statement = Statement::from_string(connection.get_database_backend(), sql);
    connection.query_all_raw(statement).await.expect("the catalogue can be read")
}

fn text(row: &QueryResult, name: &str) -> String {
    row.try_get("", name).expect("a text")
}

const POSTGRES_COLUMNS: &str = "\
SELECT table_name::text AS home, column_name::text AS name, \
       data_type || coalesce('(' || character_maximum_length || ')', '') || coalesce(collation_name, '') AS kind, \
       (is_nullable = 'NO')::int AS required, \
       (column_default IS NOT NULL OR is_identity = 'YES')::int AS given \
FROM information_schema.columns WHERE table_schema = current_schema() AND table_name <> 'seaql_migrations'";

/// Unique indexes are constraints too.
const POSTGRES_CONSTRAINTS: &str = "\
SELECT c.conrelid::regclass::text AS home, c.conname::text AS name FROM pg_constraint c \
WHERE c.connamespace = current_schema()::regnamespace AND c.conrelid <> 0 AND c.contype <> 'n' \
UNION SELECT i.indrelid::regclass::text, i.indexrelid::regclass::text FROM pg_index i \
JOIN pg_class k ON k.oid = i.indexrelid WHERE i.indisunique AND k.relnamespace = current_schema()::regnamespace";

const SQLITE_COLUMNS: &str = "\
SELECT t.name AS home, c.name AS name, c.type AS kind, c.\"notnull\" AS required, \
       (c.dflt_value IS NOT NULL OR c.pk > 0 AND c.type LIKE 'integer%') AS given \
FROM sqlite_master t JOIN pragma_table_info(t.name) c \
WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite_%' AND t.name <> 'seaql_migrations'";

const SQLITE_CONSTRAINTS: &str = "\
SELECT t.name AS home, i.name AS name FROM sqlite_master t JOIN pragma_index_list(t.name) i \
WHERE t.type = 'table' AND i.\"unique\" \
UNION SELECT t.name, 'a foreign key to ' || f.\"table\" || ' by ' || f.\"from\" \
FROM sqlite_master t JOIN pragma_foreign_key_list(t.name) f WHERE t.type = 'table'";
