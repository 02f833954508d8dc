//! The first start: a tenant, a demo API with a client, an operator. Later starts find them.

use anyhow::{Context, Result, anyhow};
use mintage_api::registry::resource_server_service_client::ResourceServerServiceClient;
use mintage_api::registry::tenant_service_client::TenantServiceClient;
use mintage_api::registry::{
    ConsentPolicy, CreateResourceServerRequest, ScopeDefinition, Tenant, ThirdParties, TokenProfile,
    UpdateTenantRequest,
};
use mintage_api::types::SigningAlgorithm;
use mintage_chassis::{ServiceName, Transport};
use prost_types::FieldMask;
use tonic::{Code, Status};

use super::demo_env::{DemoEnv, Earlier};
use super::doors::Doors;
use super::{DataDir, Suite, demo_user};
use crate::profile::Credentials;
use crate::setup::{OPERATOR, Setup};

/// Makes sure that everything in `demo.env` exists and writes the file. Where an earlier start wrote one, its clients
/// are left as they are: whoever changed or deleted them since meant it.
pub(super) async fn prepare(suite: &Suite, doors: &Doors, data: &DataDir) -> Result<DemoEnv> {
    let registry = suite.registry_for(ServiceName::MINTAGE);
    let origins = doors.origins()?;
    let tenant = mintage_client_registry::bootstrap(registry.clone(), &origins).await;
    let tenant = tenant.map_err(|status| refused(&status)).context("tenant `default` cannot be set up")?;
    let earlier = Earlier::read(&data.file(DemoEnv::FILE))?;
    let (demo, operator) = match (earlier.demo, earlier.operator) {
        (Some(demo), Some(operator)) => (demo, operator),
        _ => {
            let created = create(registry.clone(), tenant).await;
            created.map_err(|status| refused(&status)).context("the demo clients cannot be set up")?
        }
    };
    let (app, user) = match (earlier.app, earlier.user) {
        (Some(app), Some(user)) => (app, user),
        _ => {
            let created = demo_user::create(registry, suite.consent_for(ServiceName::MINTAGE)).await;
            created.map_err(|status| refused(&status)).context("the demo user cannot be set up")?
        }
    };
    let [http, _, https, _] = origins.as_slice() else { return Err(anyhow!("the doors have four origins")) };
    let env = DemoEnv {
        issuer: http.issuer().to_string(),
        https_issuer: https.issuer().to_string(),
        grpc: doors.grpc(),
        ca: doors.ca().display().to_string(),
        demo_audience: DEMO_AUDIENCE.to_owned(),
        demo,
        operator,
        app,
        user,
    };
    data.write_private(DemoEnv::FILE, env.render().as_bytes())?;
    Ok(env)
}

/// Each step looks before it makes: a start that was cut short is finished by the next.
async fn create(registry: Transport, tenant: Tenant) -> Result<(Credentials, Credentials), Status> {
    named(registry.clone(), tenant).await?;
    demo_api(registry.clone()).await?;
    let setup = Setup::new(registry, SECRET_LABEL);
    let demo = client(&setup, "Demo client").await?;
    setup.grant(&demo.client_id, DEMO_AUDIENCE, DEMO_SCOPES.iter().map(|(value, _)| *value)).await?;
    let operator = client(&setup, OPERATOR).await?;
    setup.grant_management(&operator.client_id).await?;
    Ok((demo, operator))
}

/// Pages are in the tenant's name, which is its id until it is told another; whoever told it meant it.
async fn named(registry: Transport, tenant: Tenant) -> Result<(), Status> {
    if tenant.display_name != tenant.id {
        return Ok(());
    }
    let tenant = Some(Tenant { display_name: DISPLAY_NAME.to_owned(), ..tenant });
    let update_mask = Some(FieldMask { paths: vec!["display_name".to_owned()] });
    let request = UpdateTenantRequest { tenant, update_mask };
    TenantServiceClient::new(registry).update_tenant(request).await.map(drop)
}

async fn demo_api(registry: Transport) -> Result<(), Status> {
    let scope = |(value, description): &(&str, &str)| ScopeDefinition {
        value: (*value).to_owned(),
        description: (*description).to_owned(),
        optional: *value == "write:demo",
    };
    let request = CreateResourceServerRequest {
        identifier: DEMO_AUDIENCE.to_owned(),
        name: "Demo API".to_owned(),
        scopes: DEMO_SCOPES.iter().map(scope).collect(),
        signing_algorithm: SigningAlgorithm::Es256.into(),
        token_profile: TokenProfile::Rfc9068.into(),
        consent: Some(ConsentPolicy {
            third_parties: ThirdParties::Allowed.into(),
            skip_for_verifiable_first_parties: false,
            allow_offline_access: true,
        }),
        ..CreateResourceServerRequest::default()
    };
    let created = ResourceServerServiceClient::new(registry).create_resource_server(request).await;
    created.map(drop).or_else(|status| if status.code() == Code::AlreadyExists { Ok(()) } else { Err(status) })
}

/// The client of this name with a secret that is known: a new one when the client is there already, since its own cannot
/// be read back.
async fn client(setup: &Setup, name: &str) -> Result<Credentials, Status> {
    match setup.client_named(name).await? {
        Some(client_id) => setup.new_secret(client_id, true).await,
        None => setup.create_client(name).await,
    }
}

fn refused(status: &Status) -> anyhow::Error {
    anyhow!("{}", status.message())
}

const DISPLAY_NAME: &str = "Mintage";
pub(super) const DEMO_AUDIENCE: &str = "https://demo.mintage.test/";
const DEMO_SCOPES: &[(&str, &str)] = &[("read:demo", "Read the demo"), ("write:demo", "Change the demo")];
const SECRET_LABEL: &str = "demo.env";
