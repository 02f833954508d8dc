//! The answers of the edge over HTTP, as its own mapping makes them.

use std::time::Duration;

use mintage_chassis::status::refusal;
use mintage_edge::clients::refusals::refusal_of;
use mintage_edge::domain::Refusal;
use mintage_edge::http::errors::Row;
use mintage_oauth::ErrorProfile;
use tonic::Code;

use super::reasons::{Told, told};
use super::remedies;
use crate::reference::page;
use crate::reference::source::variants;

/// One row a refusal, by its status and `error` in the RFC's profile.
pub(super) fn table() -> String {
    let meanings = variants(REFUSALS, "Refusal");
    let mut refusals = all();
    refusals.sort_by_key(|refusal| {
        let row = Row::of(refusal, ErrorProfile::Rfc);
        (row.status, row.code.as_str())
    });
    let rows = refusals.iter().map(|refusal| {
        let name = variant(refusal);
        let meaning = meanings.iter().find(|(known, _)| *known == name).map(|(_, doc)| doc.clone());
        let (rfc, auth0) = (Row::of(refusal, ErrorProfile::Rfc), Row::of(refusal, ErrorProfile::Auth0));
        let auth0 = if auth0 == rfc { "the same".to_owned() } else { shown(&auth0) };
        [shown(&rfc), auth0, meaning.unwrap_or_default(), remedies::of_refusal(refusal).to_owned()]
    });
    page::table(["rfc profile", "auth0 profile", "what it means", "what to do"], rows)
}

/// What the edge makes of a reason: more than one refusal where the parameter that is named decides on the answer.
pub(super) fn of(told: &Told) -> Vec<Refusal> {
    let mut refusals: Vec<Refusal> = Vec::new();
    for parameter in ["{parameter}", "audience", "scope"] {
        let refusal = heard(told, parameter);
        if !refusals.iter().any(|known| answer(known) == answer(&refusal)) {
            refusals.push(refusal);
        }
    }
    refusals
}

#[test]
fn every_refusal_of_the_edge_has_its_row() {
    let mut shown: Vec<_> = all().iter().map(variant).collect();
    shown.sort();
    shown.dedup();
    let mut known: Vec<_> = variants(REFUSALS, "Refusal").into_iter().map(|(name, _)| name).collect();
    known.sort();
    assert_eq!(shown, known);
}

/// Every refusal: what the siblings' reasons become, and the edge's own.
fn all() -> Vec<Refusal> {
    let mut refusals: Vec<Refusal> = Vec::new();
    for refusal in told().iter().flat_map(of).chain(own()) {
        if !refusals.contains(&refusal) {
            refusals.push(refusal);
        }
    }
    refusals
}

/// What no sibling refuses, because the edge does before it asks one.
fn own() -> [Refusal; 17] {
    [
        Refusal::HostUnreadable,
        Refusal::ForwardingUnreadable { header: "{header}" },
        Refusal::MethodNotAllowed,
        Refusal::ParameterInQuery { parameter: "{parameter}" },
        Refusal::MediaTypeUnsupported,
        Refusal::JsonExpected,
        Refusal::QueryTooLong,
        Refusal::BodyTooLarge,
        Refusal::BodyTooSlow,
        Refusal::BodyUnreadable,
        Refusal::TooManyParameters,
        Refusal::TooManyRequests { retry_after: Duration::ZERO, limit: 0 },
        Refusal::ClientUnnamed,
        Refusal::AudienceAmbiguous,
        Refusal::ScopeNotText,
        Refusal::CrossSite,
        Refusal::MetadataRefused { field: "{member}".into(), rule: "{rule}".into() },
    ]
}

/// What the edge understands when a sibling refuses so.
fn heard(told: &Told, parameter: &str) -> Refusal {
    let values: Vec<_> = told.keys().into_iter().map(|key| (key, format!("{{{key}}}"))).collect();
    let metadata: Vec<_> = values
        .iter()
        .map(|(key, value)| if *key == "parameter" { (*key, parameter) } else { (*key, value.as_str()) })
        .collect();
    refusal_of(&refusal(Code::Unknown, told.reason, "", &metadata))
}

/// Status and `error`, in both profiles.
fn answer(refusal: &Refusal) -> [(u16, &'static str); 2] {
    [ErrorProfile::Rfc, ErrorProfile::Auth0].map(|profile| {
        let row = Row::of(refusal, profile);
        (row.status.as_u16(), row.code.as_str())
    })
}

fn shown(row: &Row) -> String {
    let Row { status, code, description, uri } = row;
    let uri = uri.map(|uri| format!("<br>`error_uri`: <{uri}>")).unwrap_or_default();
    format!("**{} `{}`**<br>{description}{uri}", status.as_u16(), code.as_str())
}

fn variant(refusal: &Refusal) -> String {
    let shown = format!("{refusal:?}");
    shown.split([' ', '{', '(']).next().unwrap_or_default().to_owned()
}

const REFUSALS: &str = "services/edge/src/domain/refusal.rs";
