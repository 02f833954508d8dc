//! An installation: its authority, and the files of its services.

use std::fs;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use http::Request;
use mintage_chassis::access::{Caller, Guard, KeyResolver, OperatorDirectory, ResolvedKey, Row, Standing};
use mintage_chassis::door::{Door, DoorLimits, Security};
use mintage_chassis::identity::{Authority, Identity, IdentityFiles, Validity};
use mintage_chassis::{ChannelSettings, Routes, ServiceName, Tasks, Transport};
use mintage_clock::{Clock, Randomness};
use mintage_jose::Kid;
use mintage_oauth::{ClientId, TenantId};
use tempfile::TempDir;
use tonic::body::Body;
use tonic::{Code, Status, async_trait};
use tower::ServiceExt;

use crate::answering::{Answering, code_of};

/// One installation in a folder of its own.
pub(crate) struct Site {
    pub(crate) authority: Authority,
    pub(crate) tasks: Tasks,
    folder: TempDir,
}

impl Site {
    pub(crate) fn new(trust_domain: &str) -> Self {
        Self::of(Authority::create(trust_domain.parse().unwrap(), good()).unwrap())
    }

    /// The same installation in another folder.
    pub(crate) fn beside(&self) -> Self {
        Self::of(Authority::from_pem(self.authority.certificate(), &self.authority.private_key()).unwrap())
    }

    fn of(authority: Authority) -> Self {
        Self { authority, tasks: Tasks::new(), folder: tempfile::tempdir().unwrap() }
    }

    /// The files of `service`, which need not be there.
    pub(crate) fn files(&self, service: ServiceName) -> IdentityFiles {
        let file = |end: &str| self.folder.path().join(format!("{service}.{end}"));
        IdentityFiles { certificate: file("crt"), private_key: file("key"), authorities: file("ca") }
    }

    /// Writes a new certificate for `service`, trusting this installation's authority alone.
    pub(crate) fn issue(&self, service: ServiceName, validity: Validity) -> IdentityFiles {
        let files = self.files(service);
        let issued = self.authority.issue(service, &["localhost".to_owned()], validity).unwrap();
        replace(&files.authorities, self.authority.certificate());
        replace(&files.private_key, &issued.private_key);
        replace(&files.certificate, &issued.certificate);
        files
    }

    /// `service` with a new certificate.
    pub(crate) fn identity(&self, service: ServiceName) -> Identity {
        self.identity_for(service, good())
    }

    pub(crate) fn identity_for(&self, service: ServiceName, validity: Validity) -> Identity {
        self.load(self.issue(service, validity), service)
    }

    pub(crate) fn load(&self, files: IdentityFiles, service: ServiceName) -> Identity {
        let domain = self.authority.trust_domain().clone();
        Identity::load(files, domain, service, Duration::from_millis(5), &self.tasks).unwrap()
    }

    /// The service of `identity` behind a door, where the token service may call `/test.Keys/Token` and any service
    /// `/test.Keys/Any`.
    pub(crate) async fn serve(&self, identity: &Identity) -> SocketAddr {
        self.open(Security::Mutual(identity.clone())).await
    }

    pub(crate) async fn open(&self, security: Security) -> SocketAddr {
        let limits = DoorLimits { lame_duck: Duration::ZERO, ..DoorLimits::default() };
        let door = Door::open(([127, 0, 0, 1], 0).into(), security, limits).await.unwrap();
        let address = door.address().unwrap();
        let guard = Guard::new(ROWS, Arc::new(Nobody), Arc::new(Nobody), Clock::System);
        let routes = guard.around(Routes::new(Answering(|_| Code::Ok)));
        door.serve(Router::new().route_service("/test.Keys/{*method}", routes), &self.tasks);
        address
    }
}

const ROWS: &[Row] = &[
    Row { method: "/test.Keys/Token", caller: Caller::Services(&[ServiceName::TOKEN]) },
    Row { method: "/test.Keys/Any", caller: Caller::AnyService },
];

/// Nobody signs and nobody operates here.
struct Nobody;

#[async_trait]
impl KeyResolver for Nobody {
    async fn resolve(&self, _: &Kid) -> Result<Option<ResolvedKey>, Status> {
        Ok(None)
    }
}

#[async_trait]
impl OperatorDirectory for Nobody {
    async fn standing(&self, _: &TenantId, _: &ClientId) -> Result<Option<Standing>, Status> {
        Ok(None)
    }
}

/// Calls `method` of the key service at `address` as `identity`.
pub(crate) async fn call_as(identity: &Identity, address: SocketAddr, method: &str) -> Code {
    let settings = ChannelSettings::default();
    let to = format!("localhost:{}", address.port());
    call(
        &Transport::connect(&to, ServiceName::KEY_MANAGEMENT, identity, settings, Randomness::seeded(1)).unwrap(),
        method,
    )
    .await
}

pub(crate) async fn call(transport: &Transport, method: &str) -> Code {
    let request = Request::post(format!("/test.Keys/{method}")).header("content-type", "application/grpc");
    let answer = transport.clone().oneshot(request.body(Body::empty()).unwrap()).await;
    answer.map_or_else(
        |error| {
            eprintln!("{error:?}");
            Status::from_error(error).code()
        },
        |answer| code_of(&answer),
    )
}

/// From now on.
pub(crate) fn good() -> Validity {
    Validity::starting(Clock::System.now(), Duration::from_hours(1))
}

/// As editors and mounted secrets do: another file takes the name.
pub(crate) fn replace(path: &PathBuf, text: &str) {
    let draft = path.with_extension("draft");
    fs::write(&draft, text).unwrap();
    fs::rename(draft, path).unwrap();
}
