//! The table `known_registry`: which registry the users here are of, by its tenant `default`, which is made with it and never
//! deleted. Who believed another one would forget everybody.

use mintage_clock::Timestamp;
use mintage_oauth::TenantId;
use sea_orm::{EntityTrait, IntoActiveModel};

use super::entities::known_registry;
use super::{Answer, ConsentStore};
use crate::domain::incarnation::Incarnation;

impl ConsentStore {
    /// Whether a registry whose `default` is this one is the one that the users here are of. The first that is seen is, unless
    /// users of another `default` are here.
    pub(crate) async fn knows_registry(&self, default: &Incarnation, now: Timestamp) -> Answer<bool> {
        let tenant = TenantId::default_tenant();
        if let Some(known) = self.known_registry(&tenant).await? {
            return Ok(known == default.as_str());
        }
        if self.lives_of_tenant(&tenant).await?.iter().any(|kept| kept != default) {
            return Ok(false);
        }
        let row = known_registry::Model {
            tenant_id: tenant.to_string(),
            incarnation: default.to_string(),
            known_since: now.unix_millis(),
        };
        known_registry::Entity::insert(row.into_active_model())
            .on_conflict_do_nothing_on([known_registry::Column::TenantId])
            .exec_without_returning(self.0.connection())
            .await?;
        // Another replica may have seen another one first.
        Ok(self.known_registry(&tenant).await?.as_deref() == Some(default.as_str()))
    }

    async fn known_registry(&self, tenant: &TenantId) -> Answer<Option<String>> {
        let found = known_registry::Entity::find_by_id(tenant.as_str()).one(self.0.connection()).await?;
        Ok(found.map(|row| row.incarnation))
    }
}

#[cfg(test)]
mod tests {
    use mintage_testkit::on_each_backend;

    use super::*;
    use crate::store::Migrator;

    #[tokio::test]
    async fn the_first_registry_that_is_seen_is_the_one_whether_its_default_tenant_has_users_or_not() {
        on_each_backend(async |test| {
            let database = test.connect().await;
            database.migrate::<Migrator>().await.unwrap();
            let store = ConsentStore::new(database);
            let [first, other] = ["api_a", "api_b"].map(|name| name.parse::<Incarnation>().unwrap());
            let now = Timestamp::from_unix_millis(1);
            for (registry, known) in [(&first, true), (&other, false), (&first, true), (&other, false)] {
                assert_eq!(store.knows_registry(registry, now).await.unwrap(), known, "{registry}");
            }
        })
        .await;
    }
}
