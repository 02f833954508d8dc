//! The Management API has a scope that came later, and whoever may rule over signing keys by hand has it.

use sea_orm::ConnectionTrait;
use sea_orm_migration::prelude::{DbErr, MigrationName, MigrationTrait, SchemaManager, async_trait};

pub(super) struct WatchersCount;

impl MigrationName for WatchersCount {
    fn name(&self) -> &str {
        "m0005_watchers_count"
    }
}

#[expect(elided_lifetimes_in_paths, reason = "async_trait needs the trait's own spelling")]
#[async_trait::async_trait]
impl MigrationTrait for WatchersCount {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for statement in [ANNOUNCE, DEFINE, GRANT] {
            manager.get_connection().execute_unprepared(statement).await?;
        }
        Ok(())
    }
}

/// A revision without a change: whoever meets the gap drops what it has cached. First, since it locks out other writes.
const ANNOUNCE: &str = "UPDATE feed_head SET revision = revision + 1 \
     WHERE EXISTS (SELECT 1 FROM resource_server WHERE is_system = true)";

/// Nobody can change a Management API, so nobody could have defined it.
const DEFINE: &str = r#"UPDATE resource_server
     SET scopes = substr(scopes, 1, length(scopes) - 1) ||
         ',{"value":"watch:key_sets","description":"Count among those whom a new signing key waits for"}]'
     WHERE is_system = true AND scopes LIKE '%"value":"%' AND scopes NOT LIKE '%"watch:key_sets"%'"#;

/// Nobody grants what it has not itself, so somebody must have it. Who may activate and revoke keys can hold them back in
/// other ways.
const GRANT: &str = r#"UPDATE client_grant
     SET scopes = substr(scopes, 1, length(scopes) - 1) || ',"watch:key_sets"]'
     WHERE audience = 'urn:mintage:management' AND scopes LIKE '%"update:signing_keys"%'
         AND scopes NOT LIKE '%"watch:key_sets"%'"#;
