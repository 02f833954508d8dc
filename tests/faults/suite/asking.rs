//! A client that asks for tokens, again and again, at one door.

use std::net::SocketAddr;
use std::time::Duration;

use http::header::{CONNECTION, CONTENT_TYPE, HOST};
use http::{Request, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper::body::Bytes;
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper_util::rt::TokioIo;
use mintage_api::token::token_service_client::TokenServiceClient;
use mintage_api::token::{ClientCredentialsGrant, ClientSecretAuthentication, IssueTokenRequest, issue_token_request};
use mintage_chassis::{ServiceName, Transport};
use mintage_testkit::installation::Installation;
use serde_json::Value;
use tokio::net::TcpStream;
use tokio::time::timeout;
use tonic::transport::Channel;
use tonic::{Code, Status};

use super::operator::public;

/// What a client asks with, and for what.
#[derive(Clone, Debug)]
pub(super) struct Credentials {
    pub(super) client_id: String,
    pub(super) client_secret: String,
    pub(super) audience: String,
}

/// What came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Answer {
    /// A token.
    Token(String),
    /// The client may not have one, and why.
    Refused(String),
    /// Not now: 503 `temporarily_unavailable`, or UNAVAILABLE.
    Unavailable,
    /// Nothing that a client should ever see.
    Broken(String),
}

/// Where a client asks.
pub(super) enum Door {
    Edge(Visitor),
    Token(TokenServiceClient<Channel>),
    Internal(TokenServiceClient<Transport>),
}

impl Door {
    /// At one edge.
    pub(super) fn edge(installation: &Installation, replica: usize) -> Self {
        Self::Edge(Visitor::new(installation, &[replica]))
    }

    /// At the public door of one token service.
    pub(super) fn token(installation: &Installation, replica: usize) -> Self {
        Self::Token(TokenServiceClient::new(public(installation, ServiceName::TOKEN, replica)))
    }

    /// One for each process that a client may ask.
    pub(super) fn all(installation: &Installation) -> Vec<Self> {
        (0..2).flat_map(|replica| [Self::edge(installation, replica), Self::token(installation, replica)]).collect()
    }

    pub(super) async fn ask(&mut self, credentials: &Credentials) -> Answer {
        let asked = async {
            match self {
                Self::Edge(visitor) => visitor.ask(credentials).await,
                Self::Token(client) => said(client.issue_token(request(credentials)).await),
                Self::Internal(client) => said(client.issue_token(request(credentials)).await),
            }
        };
        timeout(LONGEST, asked).await.unwrap_or_else(|_| Answer::Broken(format!("no answer within {LONGEST:?}")))
    }

    /// The token, where there must be one.
    pub(super) async fn token_for(&mut self, credentials: &Credentials) -> String {
        match self.ask(credentials).await {
            Answer::Token(token) => token,
            other => panic!("{credentials:?} got no token: {other:?}"),
        }
    }
}

impl Answer {
    /// The name of the key that signed the token.
    pub(super) fn kid(&self) -> Option<String> {
        let Self::Token(token) = self else { return None };
        Some(mintage_jose::jwt::decode_header(token).expect("a header").kid?.to_string())
    }
}

fn request(credentials: &Credentials) -> IssueTokenRequest {
    let Credentials { client_id, client_secret, audience } = credentials.clone();
    let secret = ClientSecretAuthentication { client_id, client_secret };
    IssueTokenRequest {
        tenant_id: "default".to_owned(),
        audience,
        grant: Some(issue_token_request::Grant::ClientCredentials(ClientCredentialsGrant {})),
        client_authentication: Some(issue_token_request::ClientAuthentication::ClientSecret(secret)),
        ..IssueTokenRequest::default()
    }
}

fn said(answer: Result<tonic::Response<mintage_api::token::IssueTokenResponse>, Status>) -> Answer {
    match answer {
        Ok(answer) => Answer::Token(answer.into_inner().access_token),
        Err(status) => match status.code() {
            Code::Unavailable => Answer::Unavailable,
            Code::Unauthenticated | Code::PermissionDenied | Code::NotFound | Code::FailedPrecondition => {
                Answer::Refused(status.message().to_owned())
            }
            _ => Answer::Broken(status.to_string()),
        },
    }
}

/// A client over HTTP/1.1 that keeps its connection as long as the edge does, takes another edge when one is gone, and
/// sends again only what never left it.
pub(super) struct Visitor {
    addresses: Vec<SocketAddr>,
    host: String,
    turn: usize,
    connection: Option<SendRequest<Full<Bytes>>>,
}

impl Visitor {
    /// A client that knows these edges.
    pub(super) fn new(installation: &Installation, replicas: &[usize]) -> Self {
        let address = |replica: &usize| installation.address(ServiceName::EDGE, *replica, "http");
        let host = installation.address(ServiceName::EDGE, 0, "http").to_string();
        Self { addresses: replicas.iter().map(address).collect(), host, turn: 0, connection: None }
    }

    async fn ask(&mut self, credentials: &Credentials) -> Answer {
        let Credentials { client_id, client_secret, audience } = credentials;
        let fields = [("client_id", client_id), ("client_secret", client_secret), ("audience", audience)];
        let form =
            form_urlencoded::Serializer::new("grant_type=client_credentials".to_owned()).extend_pairs(fields).finish();
        match self.post("/oauth/token", form).await {
            Ok((StatusCode::OK, body)) => Answer::Token(word(&body, "access_token")),
            Ok((StatusCode::SERVICE_UNAVAILABLE, body)) if word(&body, "error") == "temporarily_unavailable" => {
                Answer::Unavailable
            }
            Ok((StatusCode::BAD_REQUEST | StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN, body)) => {
                Answer::Refused(word(&body, "error"))
            }
            Ok((status, body)) => Answer::Broken(format!("{status}: {}", String::from_utf8_lossy(&body))),
            Err(error) => Answer::Broken(error),
        }
    }

    async fn post(&mut self, path: &str, form: String) -> Result<(StatusCode, Bytes), String> {
        let form = Bytes::from(form);
        for _ in 0..ATTEMPTS {
            let Some(mut sender) = self.connection().await? else { continue };
            let request = Request::post(path).header(HOST, &self.host);
            let request = request.header(CONTENT_TYPE, "application/x-www-form-urlencoded");
            let sent = sender.try_send_request(request.body(Full::new(form.clone())).expect("a request")).await;
            match sent {
                Ok(answer) => {
                    let (head, body) = answer.into_parts();
                    let body = body.collect().await.map_err(|error| format!("the answer broke off: {error}"))?;
                    self.connection = Some(sender);
                    if head.headers.get(CONNECTION).is_some_and(|value| value == "close") {
                        // Whoever is sent away does not come back to the same door, nor would a load balancer lead there.
                        (self.connection, self.turn) = (None, self.turn + 1);
                    }
                    return Ok((head.status, body.to_bytes()));
                }
                Err(mut error) => {
                    if error.take_message().is_none() {
                        return Err(format!("a request was lost: {}", error.into_error()));
                    }
                }
            }
        }
        Err(format!("none of {:?} takes a request", self.addresses))
    }

    /// The connection that stands, or a new one to whichever edge takes it; `None` when this one takes no request.
    async fn connection(&mut self) -> Result<Option<SendRequest<Full<Bytes>>>, String> {
        if let Some(mut kept) = self.connection.take() {
            return Ok(kept.ready().await.is_ok().then_some(kept));
        }
        let mut refused = String::new();
        for _ in 0..self.addresses.len() {
            let address = self.addresses[self.turn % self.addresses.len()];
            match TcpStream::connect(address).await {
                Ok(stream) => {
                    let (sender, connection) =
                        handshake(TokioIo::new(stream)).await.map_err(|error| error.to_string())?;
                    tokio::spawn(connection);
                    return Ok(Some(sender));
                }
                Err(error) => {
                    refused = format!("{address}: {error}");
                    self.turn += 1;
                }
            }
        }
        Err(refused)
    }
}

fn word(body: &[u8], key: &str) -> String {
    let body: Value = serde_json::from_slice(body).unwrap_or_default();
    body[key].as_str().unwrap_or_default().to_owned()
}

/// Longer than any answer may take.
const LONGEST: Duration = Duration::from_secs(45);
const ATTEMPTS: usize = 5;
