//! Users and sessions, what is under way, what was granted, and what that can be redeemed for.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{
    big_integer, big_integer_null, binary, boolean, integer, string, string_null, text, text_null,
};

pub(super) struct Step;

impl MigrationName for Step {
    fn name(&self) -> &'static str {
        "m0001_consent"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Step {
    #[expect(elided_lifetimes_in_paths, reason = "the trait elides it, and async_trait tells the two apart")]
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in [users(), sessions(), interactions(), grants(), codes(), families(), tickets()] {
            manager.create_table(table).await?;
        }
        for index in indexes() {
            manager.create_index(index).await?;
        }
        Ok(())
    }
}

fn users() -> TableCreateStatement {
    Table::create()
        .table("user_account")
        .col(string("id").primary_key())
        .col(string("tenant_id"))
        .col(string("email"))
        .col(string("email_key"))
        .col(boolean("email_verified"))
        .col(string("name"))
        .col(text("password_hash"))
        .col(boolean("blocked"))
        .col(big_integer("created_at"))
        .col(big_integer("updated_at"))
        .col(big_integer_null("last_sign_in_at"))
        .col(integer("failures"))
        .col(big_integer("locked_until"))
        .to_owned()
}

fn sessions() -> TableCreateStatement {
    Table::create()
        .table("browser_session")
        .col(binary("digest").primary_key())
        .col(string("id").unique_key())
        .col(string("tenant_id"))
        .col(string("user_id"))
        .col(big_integer("signed_in_at"))
        .col(big_integer("seen_at"))
        .col(big_integer("ends_at"))
        .foreign_key(&mut goes_with("browser_session", "user_id", "user_account"))
        .to_owned()
}

fn interactions() -> TableCreateStatement {
    Table::create()
        .table("interaction")
        .col(binary("digest").primary_key())
        .col(string("tenant_id"))
        .col(binary("browser"))
        .col(text_null("request"))
        .col(string("page"))
        .col(string_null("session_id"))
        .col(big_integer("ends_at"))
        .to_owned()
}

fn grants() -> TableCreateStatement {
    Table::create()
        .table("user_grant")
        .col(string("id").primary_key())
        .col(string("tenant_id"))
        .col(string("user_id"))
        .col(string("client_id"))
        .col(text("audience"))
        .col(text("scopes"))
        .col(text("declined"))
        .col(text("consented"))
        .col(big_integer("created_at"))
        .col(big_integer("updated_at"))
        .col(big_integer_null("last_used_at"))
        .foreign_key(&mut goes_with("user_grant", "user_id", "user_account"))
        .to_owned()
}

fn codes() -> TableCreateStatement {
    Table::create()
        .table("authorization_code")
        .col(binary("digest").primary_key())
        .col(string("grant_id"))
        .col(text("redirect_uri"))
        .col(text_null("challenge"))
        .col(text_null("nonce"))
        .col(text("scopes"))
        .col(string_null("session_id"))
        .col(big_integer("auth_time"))
        .col(boolean("tell_auth_time"))
        .col(big_integer("ends_at"))
        .col(big_integer_null("redeemed_at"))
        .col(string_null("family_id"))
        .foreign_key(&mut goes_with("authorization_code", "grant_id", "user_grant"))
        .to_owned()
}

fn families() -> TableCreateStatement {
    Table::create()
        .table("refresh_family")
        .col(string("id").primary_key())
        .col(binary("digest").unique_key())
        .col(string("grant_id"))
        .col(text("scopes"))
        .col(string_null("session_id"))
        .col(big_integer("auth_time"))
        .col(boolean("tell_auth_time"))
        .col(big_integer("created_at"))
        .col(big_integer("used_at"))
        .col(big_integer("idle_millis"))
        .col(big_integer("ends_at"))
        .foreign_key(&mut goes_with("refresh_family", "grant_id", "user_grant"))
        .to_owned()
}

fn tickets() -> TableCreateStatement {
    Table::create()
        .table("front_channel_ticket")
        .col(binary("digest").primary_key())
        .col(string("grant_id"))
        .col(text("scopes"))
        .col(text_null("nonce"))
        .col(string_null("session_id"))
        .col(big_integer("auth_time"))
        .col(boolean("tell_auth_time"))
        .col(boolean("token"))
        .col(boolean("id_token"))
        .col(big_integer("ends_at"))
        .foreign_key(&mut goes_with("front_channel_ticket", "grant_id", "user_grant"))
        .to_owned()
}

/// Rows that mean nothing without another go with it.
fn goes_with(table: &'static str, column: &'static str, other: &'static str) -> ForeignKeyCreateStatement {
    ForeignKey::create()
        .name(format!("{table}_{other}"))
        .from(table, column)
        .to(other, "id")
        .on_delete(ForeignKeyAction::Cascade)
        .to_owned()
}

fn indexes() -> Vec<IndexCreateStatement> {
    let unique = |table: &'static str, columns: &[&'static str]| index(table, columns).unique().to_owned();
    vec![
        unique("user_account", &["tenant_id", "email_key"]),
        index("user_account", &["tenant_id", "id"]),
        index("browser_session", &["user_id"]),
        index("browser_session", &["ends_at"]),
        index("interaction", &["ends_at"]),
        unique("user_grant", &["tenant_id", "user_id", "client_id", "audience"]),
        index("user_grant", &["tenant_id", "id"]),
        index("user_grant", &["user_id"]),
        index("authorization_code", &["grant_id"]),
        index("authorization_code", &["ends_at"]),
        index("refresh_family", &["grant_id"]),
        index("refresh_family", &["ends_at"]),
        index("front_channel_ticket", &["grant_id"]),
        index("front_channel_ticket", &["ends_at"]),
    ]
}

fn index(table: &'static str, columns: &[&'static str]) -> IndexCreateStatement {
    let mut index = Index::create();
    index.name(format!("{table}_by_{}", columns.join("_"))).table(table);
    for column in columns {
        index.col(*column);
    }
    index
}
