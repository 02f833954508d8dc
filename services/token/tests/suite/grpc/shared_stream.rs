//! Asked over a stream that calls share, the service answers and counts as it does when it is asked directly.
#![expect(clippy::unwrap_used, reason = "what a test made up itself is there")]

use std::net::IpAddr;
use std::time::Duration;

use futures::future::join_all;
use mintage_api::token::token_service_client::TokenServiceClient;
use mintage_api::token::{IssueTokenRequest, IssueTokenResponse};
use mintage_api::types::ErrorReason;
use mintage_chassis::door::{Door, DoorLimits, Security, grpc_router};
use mintage_chassis::identity::{Authority, Identity, IdentityFiles, Validity};
use mintage_chassis::status::{Reason, reason_of};
use mintage_chassis::{ChannelSettings, ServiceName, Tasks, Transport, source};
use mintage_clock::{Clock, Randomness};
use tempfile::TempDir;
use tonic::{Code, Request, Status};

use super::rig::{CLIENT, Rig, reason};

/// A way to the service of a rig as from another process.
struct Apart {
    client: TokenServiceClient<Transport>,
    _tasks: Tasks,
    _folder: TempDir,
}

impl Apart {
    async fn from(rig: &Rig) -> Self {
        let (folder, tasks) = (tempfile::tempdir().unwrap(), Tasks::new());
        let validity = Validity::starting(Clock::System.now(), Duration::from_hours(1));
        let authority = Authority::create("mint.test".parse().unwrap(), validity).unwrap();
        let identity = |name: ServiceName| {
            let issued = authority.issue(name, &[], validity).unwrap();
            let file = |kind: &str, text: &str| {
                let path = folder.path().join(format!("{name}.{kind}"));
                std::fs::write(&path, text).unwrap();
                path
            };
            let files = IdentityFiles {
                certificate: file("crt", &issued.certificate),
                private_key: file("key", &issued.private_key),
                authorities: file("ca", authority.certificate()),
            };
            let domain = authority.trust_domain().clone();
            Identity::load(files, domain, name, Duration::from_mins(1), &tasks).unwrap()
        };
        let security = Security::Mutual(identity(ServiceName::TOKEN));
        let door = Door::open(([127, 0, 0, 1], 0).into(), security, DoorLimits::default()).await.unwrap();
        let address = door.address().unwrap().to_string();
        door.serve(grpc_router([&rig.service]).await.unwrap().0, &tasks);
        let (edge, settings) = (identity(ServiceName::EDGE), ChannelSettings::default());
        let transport = Transport::connect(&address, ServiceName::TOKEN, &edge, settings, Randomness::seeded(3));
        Self { client: TokenServiceClient::new(transport.unwrap()), _tasks: tasks, _folder: folder }
    }

    async fn ask(&self, address: &str, request: IssueTokenRequest) -> Result<IssueTokenResponse, Status> {
        let mut request = Request::new(request);
        source::attach(&mut request, address.parse::<IpAddr>().unwrap());
        Ok(self.client.clone().issue_token(request).await?.into_inner())
    }
}

/// Everything that a caller sees of a refusal.
fn seen(outcome: Result<IssueTokenResponse, Status>) -> Option<(Code, String, Option<Reason>)> {
    outcome.err().map(|status| (status.code(), status.message().to_owned(), reason_of(&status)))
}

#[tokio::test]
async fn every_answer_is_the_one_that_is_given_directly() {
    let rig = Rig::new().await;
    let apart = Apart::from(&rig).await;
    let right = rig.request();
    let asked = [
        right.clone(),
        rig.request_with(CLIENT, "wrong"),
        rig.request_with("nobody", "wrong"),
        IssueTokenRequest { grant: None, ..right.clone() },
        IssueTokenRequest { client_authentication: None, ..right.clone() },
        IssueTokenRequest { tenant_id: "No Tenant".into(), ..right.clone() },
        IssueTokenRequest { tenant_id: "elsewhere".into(), ..right.clone() },
        IssueTokenRequest { issuer: "https://evil.example/".into(), ..right.clone() },
        IssueTokenRequest { audience: String::new(), ..right.clone() },
        IssueTokenRequest { audience: "urn:x".into(), ..right.clone() },
        IssueTokenRequest { scopes: vec!["a b".into()], ..right.clone() },
        IssueTokenRequest { scopes: vec!["fly".into(), "read:it".into()], ..right.clone() },
        IssueTokenRequest { issuer: "x".repeat(40_000), ..right },
    ];
    let answers = join_all(asked.iter().map(|request| apart.ask("192.0.2.1", request.clone()))).await;
    let mut refused = 0;
    for (request, answer) in asked.into_iter().zip(answers) {
        let direct = seen(rig.ask(request).await);
        refused += usize::from(direct.is_some());
        assert_eq!(seen(answer), direct);
    }
    assert_eq!(refused, 12);
}

#[tokio::test]
async fn b18_failures_that_share_a_stream_count_each_against_the_address_it_came_from() {
    let rig = Rig::new().await;
    let apart = Apart::from(&rig).await;
    let guesses = (0..100).map(|_| apart.ask("192.0.2.1", rig.request_with(CLIENT, "wrong")));
    let (guesses, other) = tokio::join!(join_all(guesses), apart.ask("198.51.100.1", rig.request()));
    assert!(guesses.into_iter().all(|guess| reason(guess).reason == ErrorReason::ClientAuthenticationFailed));
    assert!(other.is_ok(), "{other:?}");
    assert_eq!(reason(apart.ask("192.0.2.1", rig.request()).await).reason, ErrorReason::TooManyAttempts);
    assert!(apart.ask("198.51.100.1", rig.request()).await.is_ok());
}
