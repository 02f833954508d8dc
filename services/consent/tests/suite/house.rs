//! A consent service on a database of its own, with a registry beside it.

#![expect(clippy::expect_used, reason = "what a test sets up must work, or the test has failed")]

use std::time::Duration;

use mintage_api::consent::authorization_service_client::AuthorizationServiceClient;
use mintage_api::consent::redemption_service_client::RedemptionServiceClient;
use mintage_api::consent::session_service_client::SessionServiceClient;
use mintage_api::consent::user_grant_service_client::UserGrantServiceClient;
use mintage_api::consent::user_service_client::UserServiceClient;
use mintage_api::consent::{
    Authorization, CreateUserRequest, GetUserRequest, RedeemAuthorizationCodeRequest, RedeemRefreshTokenRequest,
    UpdateUserRequest, User,
};
use mintage_api::types::ErrorReason;
use mintage_chassis::status::reason_of;
use mintage_chassis::{Service, ServiceName, Transport};
use mintage_clock::{ManualClock, Randomness};
use mintage_consent::{Doors, Settings, build, migrate};
use mintage_jose::mac::HmacKey;
use mintage_testkit::{TestDatabase, manual_clock};
use prost_types::FieldMask;
use sea_orm::{ConnectionTrait, Statement};
use tonic::Status;

use crate::keys::Keys;
use crate::registry::{CALLBACK, ISSUER, Registry};

pub(crate) const PASSWORD: &str = "correct horse battery";
/// RFC 7636 appendix B.
pub(crate) const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
pub(crate) const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

pub(crate) struct House {
    pub(crate) service: Service,
    pub(crate) registry: Registry,
    pub(crate) clock: ManualClock,
    pub(crate) keys: Keys,
    home: TestDatabase,
}

impl House {
    /// With the user `ada@example.org`, whose password is [`PASSWORD`].
    pub(crate) async fn on(home: TestDatabase) -> Self {
        migrate(&home.connect().await).await.expect("the schema is new");
        let (clock, registry, keys) = (manual_clock(), Registry::new(), Keys::new());
        let service = start(&home, &clock, &registry, &keys, Settings::default()).await;
        let house = Self { service, registry, clock, keys, home };
        house.user("ada@example.org").await;
        house
    }

    /// Another process on the same database.
    pub(crate) async fn replica(&self) -> Service {
        self.replica_with(Settings::default()).await
    }

    /// One that is told something else.
    pub(crate) async fn replica_with(&self, settings: Settings) -> Service {
        start(&self.home, &self.clock, &self.registry, &self.keys, settings).await
    }

    /// Does something to the database itself; how many rows it changed.
    pub(crate) async fn execute(&self, statement: &str) -> u64 {
        let database = self.home.connect().await;
        database.connection().execute_unprepared(statement).await.expect("a statement").rows_affected()
    }

    pub(crate) async fn user(&self, email: &str) -> User {
        let request = CreateUserRequest {
            email: email.to_owned(),
            email_verified: true,
            name: "Ada".to_owned(),
            password: PASSWORD.to_owned(),
            ..CreateUserRequest::default()
        };
        let created = self.users().create_user(request).await.expect("the user is created").into_inner();
        created.user.expect("a user")
    }

    pub(crate) async fn block(&self, user: User) {
        self.let_in(user, false).await;
    }

    pub(crate) async fn unblock(&self, user: User) {
        self.let_in(user, true).await;
    }

    async fn let_in(&self, user: User, may: bool) {
        let update_mask = Some(FieldMask { paths: vec!["blocked".to_owned()] });
        let request = UpdateUserRequest { user: Some(User { blocked: !may, ..user }), update_mask };
        self.users().update_user(request).await.expect("the user is changed");
    }

    pub(crate) async fn user_id(&self, email: &str) -> String {
        let request = GetUserRequest { id: email.to_owned(), ..GetUserRequest::default() };
        self.users().get_user(request).await.expect("found").into_inner().user.expect("a user").id
    }

    /// How many attempts at an account are counted.
    pub(crate) async fn failures(&self, email: &str) -> i64 {
        let failures = "SELECT CAST(failures AS bigint) AS number FROM user_account";
        self.number(format!("{failures} WHERE tenant_id = 'default' AND email_key = '{email}'")).await
    }

    /// When the one session there is was last seen, in milliseconds.
    pub(crate) async fn seen_at(&self) -> i64 {
        self.number("SELECT seen_at AS number FROM browser_session".to_owned()).await
    }

    /// What a query finds that answers with one number.
    pub(crate) async fn number(&self, query: String) -> i64 {
        let database = self.home.connect().await;
        let connection = database.connection();
        let statement = Statement::from_string(connection.get_database_backend(), query);
        let row = connection.query_one_raw(statement).await.expect("answers").expect("a row");
        row.try_get("", "number").expect("a number")
    }

    /// Returns once a query that answers with one number finds this one.
    pub(crate) async fn until(&self, query: &str, expected: i64) {
        let found = async {
            while self.number(query.to_owned()).await != expected {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(Duration::from_secs(30), found).await.expect("it comes to be so");
    }

    pub(crate) fn users(&self) -> UserServiceClient<Transport> {
        UserServiceClient::new(way(ServiceName::MINTAGE, &self.service))
    }

    pub(crate) fn user_grants(&self) -> UserGrantServiceClient<Transport> {
        UserGrantServiceClient::new(way(ServiceName::MINTAGE, &self.service))
    }

    /// Redeems a code as the client would that asked for it.
    pub(crate) async fn redeem(&self, client: &str, code: &str) -> Result<Authorization, Status> {
        redeem_at(&self.service, client, code).await
    }

    pub(crate) async fn refresh(&self, client: &str, token: &str) -> Result<Authorization, Status> {
        refresh_at(&self.service, client, token).await
    }
}

pub(crate) fn authorizations(service: &Service) -> AuthorizationServiceClient<Transport> {
    AuthorizationServiceClient::new(way(ServiceName::EDGE, service))
}

pub(crate) fn sessions(service: &Service) -> SessionServiceClient<Transport> {
    SessionServiceClient::new(way(ServiceName::EDGE, service))
}

pub(crate) fn redemptions(service: &Service) -> RedemptionServiceClient<Transport> {
    RedemptionServiceClient::new(way(ServiceName::TOKEN, service))
}

/// A code as the client presents it that asked for it.
pub(crate) fn presented_code(client: &str, code: &str) -> RedeemAuthorizationCodeRequest {
    RedeemAuthorizationCodeRequest {
        tenant_id: "default".to_owned(),
        client_id: client.to_owned(),
        code: code.to_owned(),
        redirect_uri: CALLBACK.to_owned(),
        code_verifier: VERIFIER.to_owned(),
        issuer: ISSUER.to_owned(),
        ..RedeemAuthorizationCodeRequest::default()
    }
}

pub(crate) async fn redeem_at(service: &Service, client: &str, code: &str) -> Result<Authorization, Status> {
    let request = presented_code(client, code);
    let answer = redemptions(service).redeem_authorization_code(request).await?;
    Ok(answer.into_inner().authorization.expect("an authorization"))
}

pub(crate) async fn refresh_at(service: &Service, client: &str, token: &str) -> Result<Authorization, Status> {
    let request = RedeemRefreshTokenRequest {
        tenant_id: "default".to_owned(),
        client_id: client.to_owned(),
        refresh_token: token.to_owned(),
        ..RedeemRefreshTokenRequest::default()
    };
    let answer = redemptions(service).redeem_refresh_token(request).await?;
    Ok(answer.into_inner().authorization.expect("an authorization"))
}

/// It was refused, by that rule.
#[track_caller]
pub(crate) fn refused<T: std::fmt::Debug>(outcome: Result<T, Status>, reason: ErrorReason) {
    let status = outcome.expect_err("a refusal");
    assert_eq!(reason_of(&status).map(|told| told.reason), Some(reason), "{status:?}");
}

fn way(from: ServiceName, service: &Service) -> Transport {
    Transport::in_process(from, service.routes.clone())
}

async fn start(
    home: &TestDatabase,
    clock: &ManualClock,
    registry: &Registry,
    keys: &Keys,
    settings: Settings,
) -> Service {
    let doors = Doors {
        database: home.connect().await,
        registry: Transport::in_process(ServiceName::CONSENT, registry.routes()),
        keys: Transport::in_process(ServiceName::CONSENT, keys.routes()),
        pepper: HmacKey::new(&[1; 32]),
        page_token_key: HmacKey::new(&[2; 32]),
        clock: clock.clock(),
        randomness: Randomness::system(),
    };
    build(settings, doors).expect("the service is built")
}
