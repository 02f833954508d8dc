//! Which room of a service may name which room and which crate.

use std::path::Path;

use super::paths::{Named, named};
use crate::workspace::{Member, members, root, sources};

/// What domain/ may use besides itself, each with its reason. Everything else is a door's or the cellar's.
const DOMAIN_CRATES: &[(&str, &str)] = &[
    ("std", "the language"),
    ("core", "the language"),
    ("alloc", "the language"),
    ("mintage_oauth", "the vocabulary the rules are written in"),
    ("mintage_jose", "keys and tokens as values; no I/O"),
    ("mintage_clock", "time and chance as arguments"),
    ("thiserror", "writes Display and Error of the rules' errors; nothing at run time"),
    ("serde", "derives the shape of a token's claims and of settings; no format, no I/O"),
    ("serde_json", "writes a JWK and the claims that are signed: a value in, a text out, no I/O"),
    ("async_trait", "ports are traits with async methods behind `dyn`; nothing at run time"),
    ("base64", "bytes as text and back; no I/O"),
    ("zeroize", "a private key held as a value is wiped when dropped; no I/O"),
    ("base64", "the text of a secret that is handed out: bytes in, a text out, no I/O"),
    ("unicode_security", "tables of characters that look alike; no I/O"),
];

/// From a room, those to its left, which it may not name. A door may hold the cellar and the siblings it was given.
const CLOSED_DOORS: &[(&str, &[&str])] = &[
    ("domain", &["access", "clients", "grpc", "http", "settings", "store"]),
    ("store", &["clients", "grpc", "http"]),
    ("clients", &["grpc", "http"]),
];

/// Crates that one room alone may name.
const ROOM_CRATES: &[(&str, &str)] = &[("sea_orm", "store"), ("sea_orm_migration", "store")];

#[test]
fn every_room_names_only_what_it_may() {
    let mut read = 0;
    let mut breaches = Vec::new();
    for service in services() {
        let folder = service.folder.join("src");
        for file in sources(&folder).into_iter().filter(|file| !is_for_tests(file)) {
            let inside = file.strip_prefix(&folder).expect("a file of the service");
            let text = std::fs::read_to_string(&file).expect("a source file");
            let shown = file.strip_prefix(root()).expect("a file of the workspace").display().to_string();
            breaches.extend(breaches_of(&service, inside, &text).into_iter().map(|breach| format!("{shown}:{breach}")));
            read += 1;
        }
    }
    assert!(read > 20, "only {read} files were read");
    assert!(breaches.is_empty(), "{}", breaches.join("\n"));
}

#[test]
fn a_planted_breach_is_found_where_it_stands() {
    let planted: &[(&str, &str, &str)] = &[
        ("domain/mint.rs", "use std::fmt;\nuse tonic::Status;", "2: domain names tonic, which is not in DOMAIN_CRATES"),
        ("domain/mint.rs", "use mintage_api::token;", "1: domain names mintage_api, which is not in DOMAIN_CRATES"),
        ("domain/mint.rs", "use sea_orm;", "1: domain names sea_orm, which is not in DOMAIN_CRATES"),
        (
            "domain/mint.rs",
            "fn f() { tracing::info!(\"x\") }",
            "1: domain names tracing, which is not in DOMAIN_CRATES",
        ),
        ("domain/mod.rs", "use crate::{domain::error, store::rows};", "1: domain names the room store"),
        ("domain/grants/code.rs", "\n\nuse super::super::super::grpc::x;", "3: domain names the room grpc"),
        ("domain/mod.rs", "mod tests { use super::super::clients::x; }", "1: domain names the room clients"),
        ("grpc/create.rs", "type A = sea_orm::DbErr;", "1: grpc names sea_orm, which only store may"),
        (
            "lib.rs",
            "use sea_orm_migration::MigratorTrait;",
            "1: the crate's root names sea_orm_migration, which only store may",
        ),
        ("store/rows.rs", "use crate::http::form;", "1: store names the room http"),
        ("clients/keys.rs", "use crate::grpc::convert;", "1: clients names the room grpc"),
    ];
    let service = services().into_iter().find(|member| member.name == "mintage-client-registry").expect("a service");
    for (file, text, found) in planted {
        let service = with_dependencies(service.clone(), &["tonic", "tracing", "mintage-api", "sea-orm"]);
        assert!(
            breaches_of(&service, Path::new(file), text).contains(&(*found).to_owned()),
            "{file}: {text:?} passed: {:?}",
            breaches_of(&service, Path::new(file), text)
        );
    }
}

#[test]
fn what_the_rule_allows_is_no_breach() {
    let allowed: &[(&str, &str)] = &[
        ("domain/mint.rs", "use std::fmt; use super::error::Kind; use crate::domain::ports; use mintage_oauth::Scope;"),
        ("domain/mod.rs", "#[cfg(test)] mod tests { use proptest::prelude; use crate::settings::Settings; } struct A;"),
        ("domain/mod.rs", "mod error; pub use error::Kind; // tonic::Status\nconst A: &str = \"sea_orm::x\";"),
        (
            "grpc/create.rs",
            "use crate::domain::create; use crate::store::Rows; use crate::access::ACCESS; use mintage_api::registry;",
        ),
        ("store/rows.rs", "use sea_orm::entity::prelude::EntityTrait; use crate::domain::ports;"),
        ("clients/keys.rs", "use mintage_api::keys; use crate::domain::ports;"),
        ("lib.rs", "mod domain; mod grpc; mod store; use crate::store::Rows; use crate::grpc::Door;"),
    ];
    let service = services().into_iter().find(|member| member.name == "mintage-client-registry").expect("a service");
    for (file, text) in allowed {
        assert_eq!(breaches_of(&service, Path::new(file), text), [""; 0], "{file}");
    }
}

/// The breaches of what ships of one file, each as `line: what`.
/// Whether a file is a `tests.rs` that its module takes in for tests alone.
fn is_for_tests(file: &Path) -> bool {
    let module = file.parent().expect("a file stands in a folder");
    let parents = [module.with_extension("rs"), module.join("mod.rs")];
    let mut taken_in = parents.iter().filter_map(|parent| std::fs::read_to_string(parent).ok());
    file.ends_with("tests.rs") && taken_in.any(|parent| parent.contains("#[cfg(test)]\nmod tests;"))
}

fn breaches_of(service: &Member, inside: &Path, text: &str) -> Vec<String> {
    let module = module(inside);
    let room = room(&module, inside);
    let module: Vec<&str> = module.iter().map(String::as_str).collect();
    named(text, &module)
        .iter()
        .filter_map(|path| breach(service, room, path).map(|what| format!("{}: {what}", path.line)))
        .collect()
}

fn breach(service: &Member, room: Option<&str>, path: &Named) -> Option<String> {
    let shown = room.unwrap_or("the crate's root");
    if let (Some(room), Some(entered)) = (room, path.room())
        && CLOSED_DOORS.iter().any(|(from, closed)| *from == room && closed.contains(&entered))
    {
        return Some(format!("{shown} names the room {entered}"));
    }
    let root = path.root();
    if !is_crate(service, root) {
        return None;
    }
    if room == Some("domain") && !DOMAIN_CRATES.iter().any(|(name, _)| *name == root) {
        return Some(format!("domain names {root}, which is not in DOMAIN_CRATES"));
    }
    let owner = ROOM_CRATES.iter().find(|(name, _)| *name == root).map(|(_, owner)| *owner)?;
    (room != Some(owner)).then(|| format!("{shown} names {root}, which only {owner} may"))
}

/// Whether a path that starts so leaves the crate; a module of the same name would be called `self::name` or nothing.
fn is_crate(service: &Member, root: &str) -> bool {
    service.dependencies.iter().any(|dependency| dependency.name.replace('-', "_") == root)
}

/// `domain/grants/code.rs` is `domain::grants::code`; `mod.rs` and `lib.rs` stand for their folder.
fn module(inside: &Path) -> Vec<String> {
    let parts = inside.with_extension("");
    let mut parts: Vec<String> = parts.iter().map(|part| part.to_string_lossy().into_owned()).collect();
    if parts.last().is_some_and(|last| last == "mod" || last == "lib" || last == "main") {
        parts.pop();
    }
    parts
}

/// The folder at the top of the crate, or the file that stands for a room (`store.rs`).
fn room<'a>(module: &'a [String], inside: &Path) -> Option<&'a str> {
    let top = module.first().map(String::as_str)?;
    let is_room = inside.components().count() > 1 || CLOSED_DOORS.iter().any(|(room, _)| *room == top);
    is_room.then_some(top)
}

/// Processes, the binary left out: it is settings and assembly, with no rooms.
fn services() -> Vec<Member> {
    let services = root().join("services");
    members().into_iter().filter(|member| member.folder.starts_with(&services) && member.name != "mintage").collect()
}

fn with_dependencies(mut service: Member, names: &[&str]) -> Member {
    let own = service.dependencies.first().cloned().expect("a service uses something");
    service.dependencies.extend(names.iter().map(|name| {
        let mut dependency = own.clone();
        (*name).clone_into(&mut dependency.name);
        dependency
    }));
    service
}
