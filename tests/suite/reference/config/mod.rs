//! `docs/reference/config.md`: every setting of every service.
//!
//! Words and types come from the sources (`super::source`), defaults from the values themselves (`defaults`); `knobs`
//! makes rows of both.

mod defaults;
mod knobs;

use std::fmt::Write;

use mintage::config::{ClientRegistryConfig, ConsentConfig, EdgeConfig, KeyManagementConfig, TokenConfig};

use self::defaults::{Value, read};
use self::knobs::{Knobs, found};
use super::page::{assert_fresh, code, listed, table};
use super::source::{Struct, structs};

#[test]
fn the_reference_of_settings_is_fresh() {
    assert_fresh("config.md", &render().page);
}

#[test]
fn every_settings_struct_is_on_the_page() {
    let on_page = render().structs;
    let is_settings = |name: &str| name.ends_with("Settings") || name.ends_with("Limits");
    let missing = structs().into_iter().map(|found| (found.home, found.name));
    let missing: Vec<_> = missing.filter(|found| is_settings(&found.1) && !on_page.contains(found)).collect();
    let elsewhere = ELSEWHERE.map(|(home, name)| (home.to_owned(), name.to_owned()));
    assert_eq!(missing, elsewhere);
}

/// The page, and the structs that stand on it, each with the home of its crate.
struct Rendered {
    page: String,
    structs: Vec<(String, String)>,
}

/// A section, with whose it is.
struct Section<'k> {
    name: String,
    of: &'k Struct,
    values: Vec<(String, Value)>,
    services: Vec<String>,
}

fn render() -> Rendered {
    let known = structs();
    let mut rendered = Rendered { page: PREFACE.to_owned(), structs: Vec::new() };
    for Section { name, of, values, services } in sections(&known) {
        let mut knobs = Knobs::of(&known);
        knobs.add(of, &format!("{name}."), &values);
        let _ = write!(rendered.page, "\n## `[{name}]` of {}\n\n{}\n\n", listed(&services, "and"), of.doc);
        rendered.page += &table(["key", "type", "default", "what it is"], knobs.rows);
        rendered.structs.extend(knobs.structs.into_iter().map(|of| (of.home.clone(), of.name.clone())));
    }
    rendered
}

/// Every section once, in the order in which services have them; what several have alike is one.
fn sections(known: &[Struct]) -> Vec<Section<'_>> {
    let of = |json: Result<_, serde_json::Error>| read(&json.expect("settings can be written"));
    let services = [
        ("client-registry", "ClientRegistryConfig", of(serde_json::to_value(ClientRegistryConfig::default()))),
        ("key-management", "KeyManagementConfig", of(serde_json::to_value(KeyManagementConfig::default()))),
        ("consent", "ConsentConfig", of(serde_json::to_value(ConsentConfig::default()))),
        ("token", "TokenConfig", of(serde_json::to_value(TokenConfig::default()))),
        ("edge", "EdgeConfig", of(serde_json::to_value(EdgeConfig::default()))),
    ];
    let mut sections: Vec<Section<'_>> = Vec::new();
    for (service, name, values) in services {
        let config = known.iter().find(|known| known.name == name).expect("the settings of a service");
        let Value::Section(values) = values else { panic!("{name} is no section") };
        for (field, (key, value)) in config.fields.iter().zip(values) {
            let Value::Section(values) = value else { panic!("{key} is no section") };
            let of = found(known, config, field);
            match sections.iter_mut().find(|section| section.name == key && std::ptr::eq(section.of, of)) {
                Some(section) => section.services.push(code(service)),
                None => sections.push(Section { name: key, of, values, services: vec![code(service)] }),
            }
        }
    }
    sections.sort_by_key(|section| std::cmp::Reverse(section.services.len()));
    sections
}

/// Settings that stand on the page in other words or that nobody sets from outside, each with the home of its crate.
const ELSEWHERE: [(&str, &str); 1] = [("shared/store", "DatabaseSettings")];
const PREFACE: &str = include_str!("config.md");
