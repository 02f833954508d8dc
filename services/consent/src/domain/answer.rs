//! What goes back to a client: where, how, and saying what.

use std::fmt;

use mintage_oauth::{Audience, ErrorProfile};
use serde::{Deserialize, Serialize};

/// How an answer travels (OAuth 2.0 Multiple Response Type Encoding Practices section 2.1, Form Post Response Mode).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ResponseMode {
    Query,
    Fragment,
    FormPost,
}

impl ResponseMode {
    pub(crate) fn named(name: &str) -> Option<Self> {
        match name {
            "query" => Some(Self::Query),
            "fragment" => Some(Self::Fragment),
            "form_post" => Some(Self::FormPost),
            _ => None,
        }
    }
}

/// What is asked for: one or more of three.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ResponseType {
    pub(crate) code: bool,
    pub(crate) token: bool,
    pub(crate) id_token: bool,
}

impl ResponseType {
    /// The value of `response_type`, in any order; `None` where it is none that this service knows.
    pub(crate) fn named(text: &str) -> Option<Self> {
        let mut read = Self { code: false, token: false, id_token: false };
        for name in text.split(' ') {
            let asked = match name {
                "code" => &mut read.code,
                "token" => &mut read.token,
                "id_token" => &mut read.id_token,
                _ => return None,
            };
            if std::mem::replace(asked, true) {
                return None;
            }
        }
        Some(read)
    }

    /// Whether tokens go through the browser.
    pub(crate) const fn is_front_channel(self) -> bool {
        self.token || self.id_token
    }

    /// How the answer travels unless the request says otherwise.
    pub(crate) const fn default_mode(self) -> ResponseMode {
        if self.is_front_channel() { ResponseMode::Fragment } else { ResponseMode::Query }
    }
}

/// Where an answer goes, known to be the client's.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ReturnAddress {
    pub(crate) redirect_uri: String,
    pub(crate) mode: ResponseMode,
    pub(crate) state: String,
    /// Who answers (RFC 9207).
    pub(crate) issuer: String,
}

/// An answer on its way. It carries a code or a ticket, so it shows neither.
pub(crate) struct Answer {
    pub(crate) redirect_uri: String,
    pub(crate) mode: ResponseMode,
    /// In their order.
    pub(crate) parameters: Vec<(&'static str, String)>,
    /// What the edge redeems for tokens that go with it; empty: none.
    pub(crate) ticket: String,
}

impl fmt::Debug for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { redirect_uri, mode, parameters: _, ticket: _ } = self;
        f.debug_struct("Answer").field("redirect_uri", redirect_uri).field("mode", mode).finish_non_exhaustive()
    }
}

impl ReturnAddress {
    /// That it was granted. Without a code only what the ticket brings goes back.
    pub(crate) fn granted(self, code: Option<String>, ticket: String) -> Answer {
        self.with(code.map(|code| ("code", code)).into_iter().collect(), ticket)
    }

    /// That it was not (RFC 6749 section 4.1.2.1).
    pub(crate) fn refused(self, refusal: &Refusal) -> Answer {
        let said = vec![("error", refusal.error.to_owned()), ("error_description", refusal.description.clone())];
        self.with(said, String::new())
    }

    fn with(self, mut parameters: Vec<(&'static str, String)>, ticket: String) -> Answer {
        if !self.state.is_empty() {
            parameters.push(("state", self.state));
        }
        parameters.push(("iss", self.issuer));
        Answer { redirect_uri: self.redirect_uri, mode: self.mode, parameters, ticket }
    }
}

/// Why a request is refused, as the client is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Refusal {
    /// One of RFC 6749 section 4.1.2.1, RFC 8707 section 2 or OpenID Connect Core 1.0 section 3.1.2.6.
    pub(crate) error: &'static str,
    pub(crate) description: String,
}

impl Refusal {
    pub(crate) fn new(error: &'static str, description: impl Into<String>) -> Self {
        Self { error, description: description.into() }
    }

    /// There is no such API: in Auth0's words, or as RFC 8707 section 2 has it.
    pub(crate) fn api_unknown(audience: &Audience, custom: ErrorProfile) -> Self {
        match custom {
            ErrorProfile::Rfc => Self::new("invalid_target", "there is no such API"),
            // RFC 6749 section 4.1.2.1 leaves these two out of a description.
            ErrorProfile::Auth0 => {
                let named = audience.as_str().replace(['"', '\\'], "?");
                Self::new("access_denied", format!("Service not found: {named}"))
            }
        }
    }

    /// The user said no.
    pub(crate) fn by_the_user(custom: ErrorProfile) -> Self {
        Self::new(
            "access_denied",
            match custom {
                ErrorProfile::Rfc => "the user did not agree",
                ErrorProfile::Auth0 => "User did not authorize the request",
            },
        )
    }

    /// The request is malformed.
    pub(crate) fn invalid(description: impl Into<String>) -> Self {
        Self::new("invalid_request", description)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn response_types_are_read_in_any_order_and_once_each() {
        let hybrid = ResponseType { code: true, token: false, id_token: true };
        assert_eq!(ResponseType::named("code id_token"), Some(hybrid));
        assert_eq!(ResponseType::named("id_token code"), Some(hybrid));
        assert_eq!(hybrid.default_mode(), ResponseMode::Fragment);
        for odd in ["", " ", "none", "code code", "code  token", "CODE", "code\ttoken"] {
            assert_eq!(ResponseType::named(odd), None, "{odd:?}");
        }
    }

    #[test]
    fn b28_every_answer_says_who_answers() {
        let address = ReturnAddress {
            redirect_uri: "https://app.example/cb".to_owned(),
            mode: ResponseMode::Query,
            state: "s".to_owned(),
            issuer: "https://id.example/".to_owned(),
        };
        let granted = address.clone().granted(Some("c".to_owned()), String::new());
        let refused = address.refused(&Refusal::invalid("no"));
        for answer in [granted, refused] {
            assert_eq!(answer.parameters.last(), Some(&("iss", "https://id.example/".to_owned())));
            assert!(answer.parameters.contains(&("state", "s".to_owned())));
        }
    }
}
