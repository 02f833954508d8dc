//! `docs/reference/access.md`: the access matrix, and the proof that it covers the contract.

use std::collections::BTreeMap;
use std::fmt::Write;

use mintage_chassis::ServiceName;
use mintage_chassis::access::{Caller, MANAGEMENT_SCOPES, Row};

use mintage_edge::http::{ROUTES, Route, Visitor};

use super::contract::{Named, methods};
use super::page::{assert_fresh, code, listed, table};

/// The access table of every service that has gRPC methods.
const TABLES: &[(ServiceName, &[Row])] = &[
    (ServiceName::TOKEN, mintage_token::access::ACCESS),
    (ServiceName::CLIENT_REGISTRY, mintage_client_registry::ACCESS),
    (ServiceName::KEY_MANAGEMENT, mintage_key_management::ACCESS),
    (ServiceName::CONSENT, mintage_consent::ACCESS),
];

#[test]
fn the_access_matrix_is_fresh() {
    assert_fresh("access.md", &render());
}

#[test]
fn every_method_of_the_contract_has_exactly_one_row_in_exactly_one_service() {
    let methods = methods();
    assert!(methods.len() > 30, "the contract has only {} methods", methods.len());
    assert_eq!(breaches(&methods, TABLES), [""; 0]);
}

#[test]
fn a_method_without_a_row_a_second_row_and_a_row_without_a_method_are_breaches() {
    const OTHER: &[Row] = &[
        Row { method: "/mintage.token.v1.TokenService/IssueToken", caller: Caller::Public },
        Row { method: "/mintage.token.v1.TokenService/Gone", caller: Caller::Public },
    ];
    let mut planted = methods();
    planted.push(Named { name: "/mintage.token.v1.TokenService/New".to_owned(), comment: String::new() });
    let tables: Vec<_> = TABLES.iter().copied().chain([(ServiceName::EDGE, OTHER)]).collect();
    assert_eq!(
        breaches(&planted, &tables),
        [
            "/mintage.token.v1.TokenService/Gone: a row of edge, no method",
            "/mintage.token.v1.TokenService/IssueToken: rows in token, edge",
            "/mintage.token.v1.TokenService/New: no row",
        ]
    );
}

#[test]
fn the_contract_names_the_callers_that_the_tables_let_in() {
    let methods = methods();
    for row in TABLES.iter().flat_map(|(_, rows)| *rows) {
        let method = methods.iter().find(|method| method.name == row.method).expect("a method of the contract");
        let (_, promised) = split(&method.comment);
        // What the caller shows besides is its own matter: the table is about who calls.
        let promised = promised.split(';').next().and_then(|caller| caller.split(", with the ").next());
        let promised = promised.unwrap_or_default();
        assert_eq!(words(&caller(row.caller, promised)), words(promised), "{}", row.method);
    }
}

#[test]
fn every_scope_of_a_row_can_be_granted() {
    for (scope, methods) in methods_by_scope() {
        assert!(MANAGEMENT_SCOPES.iter().any(|(known, _)| *known == scope), "{scope}, of {methods:?}");
    }
}

fn breaches(methods: &[Named], tables: &[(ServiceName, &[Row])]) -> Vec<String> {
    let mut rows: BTreeMap<&str, Vec<&str>> = methods.iter().map(|method| (&*method.name, Vec::new())).collect();
    let mut breaches = Vec::new();
    for (service, table) in tables {
        for row in *table {
            match rows.get_mut(row.method) {
                Some(homes) => homes.push(service.as_str()),
                None => breaches.push(format!("{}: a row of {service}, no method", row.method)),
            }
        }
    }
    for (method, homes) in rows {
        match homes.len() {
            0 => breaches.push(format!("{method}: no row")),
            1 => {}
            _ => breaches.push(format!("{method}: rows in {}", homes.join(", "))),
        }
    }
    breaches.sort();
    breaches
}

fn render() -> String {
    let mut page = PREFACE.to_owned();
    let methods = methods();
    for (service, rows) in TABLES {
        for gate in rows.chunk_by(|one, next| one.grpc_service() == next.grpc_service()) {
            let name = gate.first().map(Row::grpc_service).unwrap_or_default();
            let _ = write!(page, "\n## {name}\n\nKept by {service}.\n\n");
            page += &table(["method", "who may call it", "what it does"], gate.iter().map(|row| line(row, &methods)));
        }
    }
    page += "\n## HTTP, at the edge\n\nWhatever is not here is answered 404, and 405 where the method is another.\n\n";
    page += &table(["path", "methods", "who may use it", "what it answers"], ROUTES.iter().map(way));
    page + "\n## What each scope opens\n\n" + &table(["scope", "for", "methods"], scopes())
}

fn way(route: &Route) -> [String; 4] {
    let visitor = match route.visitor {
        Visitor::Anyone => "anyone",
        Visitor::AnySite => "anyone, scripts of every site too",
        Visitor::Client => "a client, by what the request proves",
        Visitor::Browser => "a person's browser, and no script of another site",
        Visitor::BearerOfToken => "whoever holds the token that the request shows, scripts of every site too",
        Visitor::Registrant => "whom the tenant lets register: anyone, or a bearer of a token",
    };
    [code(route.path), route.methods.replace(',', ", "), visitor.to_owned(), route.purpose.to_owned()]
}

fn line(row: &Row, methods: &[Named]) -> [String; 3] {
    let method = methods.iter().find(|method| method.name == row.method);
    let (what, promised) = method.map(|method| split(&method.comment)).unwrap_or_default();
    let known = match row.caller {
        Caller::AnyoneOrOperator { any_of } => {
            let scopes: Vec<_> = any_of.iter().map(|scope| code(scope)).collect();
            format!("; with a token, one with scope {}", listed(&scopes, "or"))
        }
        _ => String::new(),
    };
    [code(short(row.method)), caller(row.caller, promised) + &known, what.to_owned()]
}

fn scopes() -> impl Iterator<Item = [String; 3]> {
    let methods = methods_by_scope();
    MANAGEMENT_SCOPES.iter().map(move |(scope, purpose)| {
        let opened = methods.get(scope).map(Vec::as_slice).unwrap_or_default();
        let opened: Vec<_> = opened.iter().map(|method| code(short(method))).collect();
        [code(scope), (*purpose).to_owned(), opened.join(", ")]
    })
}

fn methods_by_scope() -> BTreeMap<&'static str, Vec<&'static str>> {
    let mut methods: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for row in TABLES.iter().flat_map(|(_, rows)| *rows) {
        if let Caller::Operator { any_of: scopes }
        | Caller::OperatorAll { all_of: scopes }
        | Caller::AnyoneOrOperator { any_of: scopes } = row.caller
        {
            scopes.iter().for_each(|scope| methods.entry(*scope).or_default().push(row.method));
        }
    }
    methods
}

/// `GetKeySet` of `/mintage.keys.v1.KeySetService/GetKeySet`.
fn short(method: &str) -> &str {
    method.rsplit('/').next().unwrap_or_default()
}

/// What the row says, in the contract's words. Only the contract knows which methods are about all tenants: there the
/// domain asks for an operator of `default`.
fn caller(caller: Caller, promised: &str) -> String {
    let whose = if promised.contains(OF_DEFAULT) { OF_DEFAULT } else { "" };
    let all = |scopes: &[&str], last| {
        let plural = if scopes.len() == 1 { "" } else { "s" };
        let scopes: Vec<_> = scopes.iter().map(|scope| code(scope)).collect();
        format!("operator{whose}, scope{plural} {}", listed(&scopes, last))
    };
    match caller {
        Caller::Public | Caller::AnyoneOrOperator { .. } => "anyone".to_owned(),
        Caller::Operator { any_of } => all(any_of, "or"),
        Caller::OperatorAll { all_of } => all(all_of, "and"),
        Caller::Services(names) => names.iter().map(|name| name.as_str()).collect::<Vec<_>>().join(", "),
        Caller::AnyService => "any service of the suite".to_owned(),
    }
}

/// A comment of the contract, and the callers that it ends with.
fn split(comment: &str) -> (&str, &str) {
    let (what, promised) = comment.split_once("Caller: ").unwrap_or((comment, ""));
    (what.trim(), promised.trim_end_matches('.'))
}

/// The words of a caller, in any order.
fn words(caller: &str) -> Vec<String> {
    let mut words: Vec<_> = caller.replace(['`', ','], "").split(' ').map(str::to_owned).collect();
    words.sort();
    words
}

const OF_DEFAULT: &str = " of tenant `default`";
const PREFACE: &str = include_str!("access.md");
