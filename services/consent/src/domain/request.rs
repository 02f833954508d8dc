//! An authorization request (RFC 6749 section 4.1.1, OpenID Connect Core 1.0 section 3.1.2.1), read and found fit.

use mintage_oauth::{Audience, ClientId, GrantType, ScopeSet, openid};
use serde::{Deserialize, Serialize};

use super::answer::{Refusal, ResponseMode, ResponseType, ReturnAddress};
use super::application::{Api, Application};
use super::code::Challenge;
use super::id::UserId;

/// A request as it came; what is absent is empty.
#[derive(Clone, Debug, Default)]
pub(crate) struct RawRequest {
    pub(crate) redirect_uri: String,
    pub(crate) response_type: String,
    pub(crate) response_mode: String,
    pub(crate) scope: String,
    pub(crate) state: String,
    pub(crate) nonce: String,
    pub(crate) audience: String,
    pub(crate) code_challenge: String,
    pub(crate) code_challenge_method: String,
    pub(crate) prompt: String,
    pub(crate) max_age: String,
    pub(crate) login_hint: String,
    pub(crate) ui_locales: String,
    /// Names that stood more than once.
    pub(crate) repeated: Vec<String>,
    /// Names of what this service does not do.
    pub(crate) refused: Vec<String>,
}

/// A request that a client may make, but for what its API says to it. It is kept while the user is asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct AuthorizationRequest {
    pub(crate) client: String,
    pub(crate) back: ReturnAddress,
    pub(crate) response_type: ResponseType,
    /// Empty: no API.
    pub(crate) audience: String,
    /// Delimited by spaces.
    pub(crate) scopes: String,
    pub(crate) nonce: String,
    /// Empty: none.
    pub(crate) challenge: String,
    pub(crate) prompt: Prompt,
    /// How long ago the user may have signed in, in seconds, and that the client wants to be told when.
    pub(crate) max_age: Option<u32>,
    /// Whether the user has just signed in for this request, which is recent enough whatever it says.
    #[serde(default)]
    pub(crate) is_fresh: bool,
    /// The user that the client means, and no other; empty: whoever it is.
    #[serde(default)]
    pub(crate) user: String,
    pub(crate) login_hint: String,
    pub(crate) ui_locales: String,
}

/// What the user is to be asked, whatever was said before.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Prompt {
    /// Nothing may be asked.
    pub(crate) none: bool,
    pub(crate) login: bool,
    pub(crate) consent: bool,
}

/// Where an answer goes before anything else is known of the request. `None`: nowhere, for the redirect URI is none of the
/// client's; a user agent is never sent there (B26).
pub(crate) fn return_address(raw: &RawRequest, client: &Application, issuer: &str) -> Option<ReturnAddress> {
    let unclear = |name: &str| raw.repeated.iter().any(|repeated| repeated == name);
    if unclear("redirect_uri") || unclear("client_id") || client.redirect_uri(&raw.redirect_uri).is_none() {
        return None;
    }
    let by_type = ResponseType::named(&raw.response_type).map_or(ResponseMode::Query, ResponseType::default_mode);
    let mode = if unclear("response_mode") { None } else { ResponseMode::named(&raw.response_mode) };
    let state = if unclear("state") || !is_state(&raw.state) { String::new() } else { raw.state.clone() };
    Some(ReturnAddress {
        redirect_uri: raw.redirect_uri.clone(),
        mode: mode.unwrap_or(by_type),
        state,
        issuer: issuer.to_owned(),
    })
}

impl AuthorizationRequest {
    /// Reads what came with a client and a redirect URI that belong together.
    pub(crate) fn read(raw: &RawRequest, client: &Application, back: ReturnAddress) -> Result<Self, Refusal> {
        if let Some(name) = raw.repeated.iter().find(|name| is_word(name)) {
            return Err(Refusal::invalid(format!("the parameter {name} stands more than once")));
        }
        refuse_unserved(&raw.refused)?;
        if !is_state(&raw.state) {
            return Err(Refusal::invalid("the state is too long or has characters that RFC 6749 does not allow"));
        }
        let response_type = response_type(raw, client, back.mode)?;
        let scopes = scopes(raw, client)?;
        if response_type.id_token && !scopes.contains(openid::OPENID) {
            return Err(Refusal::invalid("an id_token needs the scope openid"));
        }
        if response_type.id_token && raw.nonce.is_empty() {
            return Err(Refusal::invalid("an id_token that goes through the browser needs a nonce"));
        }
        bounded("nonce", &raw.nonce, LONGEST_NONCE)?;
        bounded("login_hint", &raw.login_hint, LONGEST_HINT)?;
        bounded("ui_locales", &raw.ui_locales, LONGEST_HINT)?;
        Ok(Self {
            client: client.id.to_string(),
            back,
            response_type,
            audience: raw.audience.clone(),
            scopes: scopes.to_delimited(),
            nonce: raw.nonce.clone(),
            challenge: challenge(raw, client, response_type)?,
            prompt: prompt(&raw.prompt)?,
            max_age: max_age(&raw.max_age)?,
            is_fresh: false,
            user: String::new(),
            login_hint: raw.login_hint.clone(),
            ui_locales: raw.ui_locales.clone(),
        })
    }

    /// The same for that user alone. What the client was told of the address goes onto the page, unless it says another.
    pub(crate) fn meaning(self, user: &UserId, email: Option<String>) -> Self {
        let email = email.filter(|email| bounded("email", email, LONGEST_HINT).is_ok()).unwrap_or_default();
        let login_hint = if self.login_hint.is_empty() { email } else { self.login_hint };
        Self { user: user.to_string(), login_hint, ..self }
    }

    /// Whether the client may mean that user.
    pub(crate) fn may_mean(&self, user: &UserId) -> bool {
        self.user.is_empty() || self.user == user.as_str()
    }

    /// Whether it may be another program's that poses as the client.
    pub(crate) fn can_be_anybodys(&self, client: &Application) -> bool {
        client.can_be_posed_as(&self.back.redirect_uri, self.response_type)
    }

    /// The API it names; `None`: none.
    pub(crate) fn named_audience(&self) -> Result<Option<Audience>, Refusal> {
        if self.audience.is_empty() {
            return Ok(None);
        }
        self.audience.parse().map(Some).map_err(|_| Refusal::new("invalid_target", "the audience is malformed"))
    }

    /// The scopes asked for. They were read before.
    pub(crate) fn scopes(&self) -> ScopeSet {
        ScopeSet::parse_delimited(&self.scopes).unwrap_or_default()
    }

    /// The client that asks. It was read before.
    pub(crate) fn client(&self) -> Option<ClientId> {
        self.client.parse().ok()
    }

    pub(crate) fn challenge(&self) -> Option<Challenge> {
        Challenge::read(&self.challenge)
    }

    /// Finds the request fit for its API, and drops what the API does not allow without a word, as OpenID Connect Core 1.0
    /// section 11 asks for `offline_access`.
    pub(crate) fn fit(mut self, client: &Application, api: Option<&Api>) -> Result<Self, Refusal> {
        let scopes = self.scopes();
        match api {
            None if client.is_third_party() => {
                return Err(Refusal::new("invalid_target", "a third party names the API it wants to use"));
            }
            None if !scopes.contains(openid::OPENID) => {
                return Err(Refusal::new("invalid_target", "neither an API nor the scope openid is asked for"));
            }
            Some(api) if client.is_third_party() && !api.allows_third_parties => {
                return Err(Refusal::new("access_denied", "this API is not open to third parties"));
            }
            _ => {}
        }
        if scopes.is_empty() {
            return Err(Refusal::new("invalid_scope", "the scope is missing"));
        }
        let is_known = |scope: &str| {
            openid::is_openid_scope(scope)
                || scope == openid::OFFLINE_ACCESS
                || api.is_some_and(|api| api.defines(scope))
        };
        if let Some(unknown) = scopes.iter().find(|scope| !is_known(scope.as_str())) {
            return Err(Refusal::new("invalid_scope", format!("there is no scope {unknown}")));
        }
        let offline = client.may_use(GrantType::RefreshToken)
            && self.response_type.code
            && api.is_some_and(|api| api.allows_offline_access);
        let kept: ScopeSet =
            scopes.iter().filter(|scope| offline || scope.as_str() != openid::OFFLINE_ACCESS).cloned().collect();
        if kept.is_empty() {
            return Err(Refusal::new("invalid_scope", "no scope is asked for that there is"));
        }
        self.scopes = kept.to_delimited();
        Ok(self)
    }
}

/// What RFC 9101 and OpenID Connect Core 1.0 section 6 and 7 name errors for.
fn refuse_unserved(refused: &[String]) -> Result<(), Refusal> {
    let Some(name) = refused.first() else { return Ok(()) };
    let error = match name.as_str() {
        "request" => "request_not_supported",
        "request_uri" => "request_uri_not_supported",
        "registration" => "registration_not_supported",
        _ => "invalid_request",
    };
    let named = if is_word(name) { name } else { "one of its parameters" };
    Err(Refusal::new(error, format!("{named} is not served")))
}

fn response_type(raw: &RawRequest, client: &Application, mode: ResponseMode) -> Result<ResponseType, Refusal> {
    if raw.response_type.is_empty() {
        return Err(Refusal::invalid("the response_type is missing"));
    }
    let unsupported = || Refusal::new("unsupported_response_type", "this response_type is not served");
    let read = ResponseType::named(&raw.response_type).ok_or_else(unsupported)?;
    if !raw.response_mode.is_empty() && ResponseMode::named(&raw.response_mode).is_none() {
        return Err(Refusal::invalid("the response_mode is none of query, fragment and form_post"));
    }
    if read.is_front_channel() && (client.is_third_party() || !client.may_use(GrantType::Implicit)) {
        return Err(unsupported());
    }
    if read.code && !client.may_use(GrantType::AuthorizationCode) {
        return Err(Refusal::new("unauthorized_client", "this client may not ask for codes"));
    }
    if read.is_front_channel() && mode == ResponseMode::Query {
        return Err(Refusal::invalid("tokens do not travel in a query"));
    }
    Ok(read)
}

fn scopes(raw: &RawRequest, client: &Application) -> Result<ScopeSet, Refusal> {
    // Whether there is such an API is said first; that nothing is asked for there comes after.
    if raw.scope.is_empty() {
        return Ok(ScopeSet::default());
    }
    let malformed = |_| Refusal::new("invalid_scope", "the scope is malformed");
    let read = ScopeSet::parse_delimited(&raw.scope).map_err(malformed)?;
    if read.len() > MOST_SCOPES {
        return Err(Refusal::new("invalid_scope", "there are too many scopes"));
    }
    if client.is_third_party() && read.iter().any(|scope| openid::is_openid_scope(scope.as_str())) {
        return Err(Refusal::new("invalid_scope", "a third party is not told who the user is"));
    }
    Ok(read)
}

/// RFC 7636 section 4.3, without its method `plain`: a challenge that is its own verifier proves nothing to whoever read it.
fn challenge(raw: &RawRequest, client: &Application, asked: ResponseType) -> Result<String, Refusal> {
    let (challenge, method) = (&raw.code_challenge, &raw.code_challenge_method);
    match (challenge.is_empty(), method.is_empty()) {
        (true, true) if asked.code && client.must_use_pkce() => {
            Err(Refusal::invalid("this client uses PKCE: the code_challenge is missing"))
        }
        (true, true) => Ok(String::new()),
        (true, false) => Err(Refusal::invalid("a code_challenge_method stands without a code_challenge")),
        _ if method != "S256" => Err(Refusal::invalid("the code_challenge_method must be S256")),
        _ if Challenge::read(challenge).is_none() => {
            Err(Refusal::invalid("the code_challenge is no SHA-256 digest in base64url"))
        }
        _ => Ok(challenge.clone()),
    }
}

fn prompt(text: &str) -> Result<Prompt, Refusal> {
    let mut read = Prompt::default();
    for name in text.split(' ').filter(|name| !name.is_empty()) {
        match name {
            "none" => read.none = true,
            // To choose an account is to sign in as it.
            "login" | "select_account" => read.login = true,
            "consent" => read.consent = true,
            _ => return Err(Refusal::invalid("the prompt is none of none, login, select_account and consent")),
        }
    }
    if read.none && (read.login || read.consent) {
        return Err(Refusal::invalid("the prompt none stands alone"));
    }
    Ok(read)
}

fn max_age(text: &str) -> Result<Option<u32>, Refusal> {
    if text.is_empty() {
        return Ok(None);
    }
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    let seconds = text.parse().ok().filter(|_| digits);
    seconds.map(Some).ok_or_else(|| Refusal::invalid("the max_age is no number of seconds"))
}

fn bounded(name: &'static str, text: &str, most: usize) -> Result<(), Refusal> {
    let well = text.len() <= most && !text.chars().any(char::is_control);
    if well { Ok(()) } else { Err(Refusal::invalid(format!("the {name} is too long or has control characters"))) }
}

/// RFC 6749 appendix A.5.
fn is_state(text: &str) -> bool {
    text.len() <= LONGEST_STATE && text.bytes().all(|byte| (0x20..=0x7e).contains(&byte))
}

/// A name that may be repeated in an answer.
fn is_word(name: &str) -> bool {
    name.len() <= 64 && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

const LONGEST_STATE: usize = 4096;
const LONGEST_NONCE: usize = 512;
const LONGEST_HINT: usize = 254;
const MOST_SCOPES: usize = 100;
