//! Which member of the workspace may depend on which.

use crate::workspace::{Dependency, Kind, Member, members, root};

/// What a member is, by the folder it stands in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Storey {
    /// shared/: libraries. No service may appear here.
    Library,
    /// services/ but the binary: processes, which meet only through the contract.
    Service,
    /// services/mintage: the one place that links services.
    Binary,
    /// tests/: the suite from outside.
    Outside,
}

/// The libraries from the ground up: each may use those named beside it.
const LIBRARIES: &[(&str, &[&str])] = &[
    ("mintage-clock", &[]),
    ("mintage-jose", &["mintage-clock"]),
    ("mintage-oauth", &["mintage-clock", "mintage-jose"]),
    ("mintage-pkcs11", &["mintage-clock", "mintage-jose"]),
    ("mintage-api", &[]),
    ("mintage-store", &[]),
    ("mintage-chassis", &["mintage-api", "mintage-clock", "mintage-jose", "mintage-oauth"]),
    ("mintage-testkit", &["mintage-chassis", "mintage-clock", "mintage-store"]),
];

/// Clients of the suite that see of it only what a stranger sees: its contract, or nothing at all.
const STRANGERS: &[(&str, &[&str])] = &[("mintage-interop", &[]), ("mintage-bench", &["mintage-api"])];

const TESTKIT: &str = "mintage-testkit";

#[test]
fn every_crate_depends_only_on_what_stands_below_it() {
    let members = members();
    assert!(members.len() > 10, "cargo named only {} members", members.len());
    let breaches = breaches(&members);
    assert!(breaches.is_empty(), "{}", breaches.join("\n"));
}

#[test]
fn a_planted_dependency_upwards_is_a_breach() {
    let planted: &[(&str, &str, Kind, &str)] = &[
        ("mintage-token", "mintage-key-management", Kind::Normal, "a service uses a service"),
        ("mintage-token", "mintage-edge", Kind::Dev, "a service uses a service"),
        ("mintage-jose", "mintage-oauth", Kind::Normal, "a library may not use it"),
        ("mintage-chassis", "mintage-token", Kind::Dev, "a library uses a service"),
        ("mintage-edge", "mintage-testkit", Kind::Normal, "outside [dev-dependencies]"),
        ("mintage-interop", "mintage-jose", Kind::Normal, "a stranger may not use it"),
        ("mintage-edge", "mintage", Kind::Dev, "uses the binary"),
    ];
    for (from, to, kind, why) in planted {
        let mut members = members();
        let member = members.iter_mut().find(|member| member.name == *from).expect("a member");
        member.dependencies.push(Dependency { name: (*to).to_owned(), kind: *kind });
        let breaches = breaches(&members);
        assert!(breaches.iter().any(|breach| breach.contains(why)), "{from} → {to} passed: {breaches:?}");
    }
}

#[test]
fn a_library_without_a_place_is_a_breach() {
    let stray = Member {
        name: "mintage-common".to_owned(),
        folder: root().join("shared/common"),
        dependencies: vec![Dependency { name: "mintage-clock".to_owned(), kind: Kind::Normal }],
    };
    let mut members = members();
    members.push(stray);
    assert_eq!(breaches(&members), ["mintage-common: give the library its place in LIBRARIES"]);
}

fn breaches(members: &[Member]) -> Vec<String> {
    let mut breaches = Vec::new();
    for member in members {
        if storey(member) == Storey::Library && !LIBRARIES.iter().any(|(name, _)| *name == member.name) {
            breaches.push(format!("{}: give the library its place in LIBRARIES", member.name));
            continue;
        }
        for dependency in &member.dependencies {
            let Some(target) = members.iter().find(|other| other.name == dependency.name) else { continue };
            if let Some(why) = breach(member, target, dependency.kind) {
                breaches.push(format!("{} → {}: {why}", member.name, target.name));
            }
        }
    }
    breaches
}

fn breach(from: &Member, to: &Member, kind: Kind) -> Option<&'static str> {
    if to.name == TESTKIT {
        return (kind != Kind::Dev).then_some("the test kit stands outside [dev-dependencies]");
    }
    match (storey(from), storey(to)) {
        (_, Storey::Outside) => Some("nothing uses the tests"),
        (Storey::Outside, _) => stranger_breach(from, to),
        (_, Storey::Binary) => Some("uses the binary"),
        (Storey::Library, Storey::Library) => library_breach(from, to, kind),
        (Storey::Library, Storey::Service) => Some("a library uses a service"),
        (Storey::Service, Storey::Service) => Some("a service uses a service; they meet only through the contract"),
        (Storey::Service | Storey::Binary, Storey::Library) | (Storey::Binary, Storey::Service) => None,
    }
}

fn library_breach(from: &Member, to: &Member, kind: Kind) -> Option<&'static str> {
    let allowed = kind == Kind::Dev || named(LIBRARIES, &from.name).is_some_and(|below| below.contains(&&*to.name));
    (!allowed).then_some("a library may not use it; see LIBRARIES")
}

fn stranger_breach(from: &Member, to: &Member) -> Option<&'static str> {
    let allowed = named(STRANGERS, &from.name).is_none_or(|sees| sees.contains(&&*to.name));
    (!allowed).then_some("a stranger may not use it; see STRANGERS")
}

fn named<'a>(table: &'a [(&str, &'a [&'a str])], name: &str) -> Option<&'a [&'a str]> {
    table.iter().find(|(member, _)| *member == name).map(|(_, below)| *below)
}

fn storey(member: &Member) -> Storey {
    let folder = member.folder.strip_prefix(root()).expect("a member stands in the workspace");
    match folder.components().next().and_then(|first| first.as_os_str().to_str()) {
        Some("shared") => Storey::Library,
        Some("services") if member.name == "mintage" => Storey::Binary,
        Some("services") => Storey::Service,
        Some("tests") => Storey::Outside,
        other => panic!("{} stands in {other:?}, which is no storey of the house", member.name),
    }
}
