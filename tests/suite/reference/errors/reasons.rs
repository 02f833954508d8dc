//! The reasons of the contract.

use mintage_api::types::ErrorReason;
use mintage_edge::http::errors::Row;
use mintage_oauth::ErrorProfile;

use super::{answers, codes, remedies};
use crate::reference::contract::{Named, values_of};
use crate::reference::page::{self, code};

/// A reason with what the contract says of it.
#[derive(Debug, Clone)]
pub(super) struct Told {
    pub(super) reason: ErrorReason,
    comment: String,
}

impl Told {
    /// The keys of its metadata: ``Metadata: `parameter`, `rule`.``
    pub(super) fn keys(&self) -> Vec<&str> {
        let (_, metadata) = self.comment.split_once(METADATA).unwrap_or_default();
        metadata.split('`').skip(1).step_by(2).collect()
    }

    /// The name that travels.
    fn name(&self) -> &'static str {
        self.reason.as_str_name().trim_start_matches("ERROR_REASON_")
    }
}

/// Every reason but the zero, in the contract's order.
pub(super) fn told() -> Vec<Told> {
    values_of("ErrorReason").iter().skip(1).map(of_value).collect()
}

/// One row a reason.
pub(super) fn table() -> String {
    let codes = codes::by_reason();
    let rows = told().into_iter().map(|told| {
        let name = format!("<a id=\"{}\"></a>`{}`", told.name().to_lowercase(), told.name());
        let codes: Vec<_> = codes.get(&format!("{:?}", told.reason)).into_iter().flatten().map(|it| code(it)).collect();
        let codes = if codes.is_empty() { HTTP_ONLY.to_owned() } else { codes.join(", ") };
        let http = over_http(&told);
        [name, told.comment, remedies::of_reason(told.reason).to_owned(), codes, http]
    });
    page::table(["reason", "what it means", "what to do", "gRPC code", "HTTP: rfc · auth0"], rows)
}

#[test]
fn every_reason_of_the_contract_says_what_it_means() {
    let told = told();
    assert!(told.len() > 20, "the contract has only {} reasons", told.len());
    for Told { reason, comment } in told {
        assert!(!comment.is_empty() && !comment.starts_with(METADATA), "{reason:?} has no comment");
    }
}

fn of_value(value: &Named) -> Told {
    let reason = ErrorReason::from_str_name(&value.name).expect("a reason of the contract");
    Told { reason, comment: value.comment.clone() }
}

fn over_http(told: &Told) -> String {
    let mut answers: Vec<String> = Vec::new();
    for refusal in answers::of(told) {
        let short = |profile| {
            let row = Row::of(&refusal, profile);
            format!("{} `{}`", row.status.as_u16(), row.code.as_str())
        };
        let (rfc, auth0) = (short(ErrorProfile::Rfc), short(ErrorProfile::Auth0));
        answers.push(if rfc == auth0 { rfc } else { format!("{rfc} · {auth0}") });
    }
    answers.join("<br>")
}

const METADATA: &str = "Metadata: ";
const HTTP_ONLY: &str = "over HTTP only";
