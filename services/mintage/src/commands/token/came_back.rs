//! What the browser shows that comes back to `mintage sign-in`: how it went, without a word of what came.

use std::sync::Arc;

use axum::Router;
use axum::extract::RawQuery;
use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use axum::http::{HeaderName, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use mintage_jose::digest::sha256;
use tokio::sync::mpsc;

use super::sign_in::{Asking, NoConsent};

/// Takes one answer; whatever comes to another path is none.
pub(super) fn router(path: &str, heard: mpsc::Sender<String>, asking: Arc<Asking>) -> Router {
    let take = async move |RawQuery(query): RawQuery| take(query.unwrap_or_default(), &heard, &asking);
    Router::new().route(path, get(take))
}

/// The terminal hears what came, whatever it was; the browser how it went.
fn take(query: String, heard: &mpsc::Sender<String>, asking: &Asking) -> Response {
    let outcome = Outcome::of(asking, &query);
    let _ = heard.try_send(query);
    page(outcome)
}

/// How it went, as far as the browser can know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Outcome {
    Agreed,
    /// The user said no.
    Refused,
    /// The request was refused.
    Failed,
    /// It is no answer to the question.
    Foreign,
}

impl Outcome {
    fn of(asking: &Asking, query: &str) -> Self {
        match asking.code(query) {
            Ok(_) => Self::Agreed,
            Err(error) => match error.downcast_ref::<NoConsent>() {
                Some(NoConsent { by_user: true, .. }) => Self::Refused,
                Some(_) => Self::Failed,
                None => Self::Foreign,
            },
        }
    }

    const fn texts(self) -> (StatusCode, &'static str, &'static str) {
        match self {
            Self::Agreed => (StatusCode::OK, "You are signed in", "The terminal goes on from here."),
            Self::Refused => (StatusCode::OK, "You did not allow it", "The terminal was given nothing."),
            Self::Failed => {
                (StatusCode::BAD_REQUEST, "It was refused", "The terminal was given nothing, and says why.")
            }
            Self::Foreign => (
                StatusCode::BAD_REQUEST,
                "This is no answer to what was asked",
                "The terminal was given nothing. Run the command again, and open the link that it prints.",
            ),
        }
    }
}

fn page(outcome: Outcome) -> Response {
    let (status, title, text) = outcome.texts();
    let page = format!(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
         <meta name=\"color-scheme\" content=\"light dark\"><title>{title} · mintage</title><style>{STYLE}</style>\
         <main><h1>{title}</h1><p>{text} You can close this window.</p></main></html>"
    );
    // Nothing is loaded and nothing runs; the style is known by its hash.
    let policy = format!(
        "default-src 'none'; style-src 'sha256-{}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
        STANDARD.encode(sha256(STYLE.as_bytes()))
    );
    (status, [(CONTENT_SECURITY_POLICY, policy)], HEADERS, page).into_response()
}

const HEADERS: [(HeaderName, &str); 5] = [
    (CONTENT_TYPE, "text/html; charset=utf-8"),
    (CACHE_CONTROL, "no-store"),
    // The address of the page holds a code.
    (REFERRER_POLICY, "no-referrer"),
    (X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (X_FRAME_OPTIONS, "DENY"),
];
const STYLE: &str = ":root{color-scheme:light dark}\
    body{margin:0;min-height:100vh;display:grid;place-items:center;font:1rem/1.5 system-ui,sans-serif;\
    background:light-dark(#f4f5f7,#14171c);color:light-dark(#1b1f26,#eceef2)}\
    main{box-sizing:border-box;width:min(28rem,100% - 2rem);padding:2rem;border-radius:1rem;\
    background:light-dark(#fff,#20242b);border:1px solid light-dark(#d9dde3,#363c47)}\
    h1{margin:0 0 .5rem;font-size:1.5rem;line-height:1.25}p{margin:0;color:light-dark(#565e6b,#aab2bf)}";

#[cfg(test)]
mod tests {
    use super::super::sign_in::tests::asking;
    use super::*;

    const OURS: &str = "state=state&iss=https%3A%2F%2Fid.example%2F";

    #[test]
    fn the_page_says_how_it_went() {
        for (query, outcome) in [
            (format!("code=a&{OURS}"), Outcome::Agreed),
            (format!("error=access_denied&error_description=no&{OURS}"), Outcome::Refused),
            (format!("error=invalid_scope&{OURS}"), Outcome::Failed),
            (OURS.to_owned(), Outcome::Failed),
            ("code=a&state=other&iss=https%3A%2F%2Fid.example%2F".to_owned(), Outcome::Foreign),
            ("error=access_denied".to_owned(), Outcome::Foreign),
            (String::new(), Outcome::Foreign),
        ] {
            assert_eq!(Outcome::of(&asking(), &query), outcome, "{query}");
        }
    }

    #[tokio::test]
    async fn the_browser_is_told_the_truth_and_shown_nothing_that_came() {
        for (outcome, said) in [
            (Outcome::Agreed, "You are signed in"),
            (Outcome::Refused, "You did not allow it"),
            (Outcome::Failed, "It was refused"),
            (Outcome::Foreign, "This is no answer"),
        ] {
            let answer = page(outcome);
            let policy = answer.headers()[CONTENT_SECURITY_POLICY].to_str().unwrap().to_owned();
            assert!(policy.starts_with("default-src 'none'; style-src 'sha256-"), "{policy}");
            assert_eq!(answer.headers()[CACHE_CONTROL], "no-store");
            let body = axum::body::to_bytes(answer.into_body(), 10_000).await.unwrap();
            let body = String::from_utf8(body.to_vec()).unwrap();
            assert!(body.contains(said) && !body.contains("<script"), "{body}");
            assert_eq!(body.contains("signed in"), outcome == Outcome::Agreed, "{body}");
        }
    }

    #[tokio::test]
    async fn the_terminal_hears_what_came_whatever_it_was() {
        for query in ["code=a&state=other", "error=access_denied&error_description=%3Cb%3Ecanary"] {
            let (heard, mut answers) = mpsc::channel(1);
            let answer = take(query.to_owned(), &heard, &asking());
            assert_eq!(answers.recv().await.as_deref(), Some(query));
            let body = axum::body::to_bytes(answer.into_body(), 10_000).await.unwrap();
            assert!(!String::from_utf8(body.to_vec()).unwrap().contains("canary"));
        }
    }
}
