//! `docs/reference/settings.md`: every knob.
//!
//! Words and types come from the sources (`super::source`), defaults from the values themselves (`defaults`); `knobs`
//! makes rows of both.

mod defaults;
mod knobs;

use std::fmt::{Debug, Write};

use mintage_chassis::door::DoorLimits;
use mintage_store::DatabaseSettings;

use self::defaults::read;
use self::knobs::Knobs;
use super::page::{assert_fresh, table};
use super::source::structs;

#[test]
fn the_reference_of_settings_is_fresh() {
    assert_fresh("settings.md", &render().page);
}

#[test]
fn every_settings_struct_is_on_the_page() {
    let on_page = render().structs;
    let is_settings = |name: &str| name.ends_with("Settings") || name.ends_with("Limits");
    let missing = structs().into_iter().map(|found| (found.home, found.name));
    let missing: Vec<_> = missing.filter(|found| is_settings(&found.1) && !on_page.contains(found)).collect();
    assert_eq!(missing, []);
}

/// The page, and the structs that stand on it, each with the home of its crate.
struct Rendered {
    page: String,
    structs: Vec<(String, String)>,
}

fn render() -> Rendered {
    let sections: [(&str, &str, &dyn Debug); 6] = [
        ("edge", "services/edge", &mintage_edge::Settings::default()),
        ("token", "services/token", &mintage_token::Settings::default()),
        ("client-registry", "services/client-registry", &mintage_client_registry::Settings::default()),
        ("key-management", "services/key-management", &mintage_key_management::Settings::default()),
        ("Every door", "shared/chassis", &DoorLimits::default()),
        ("Every database", "shared/store", &DatabaseSettings::default()),
    ];
    let known = structs();
    let mut rendered = Rendered { page: PREFACE.to_owned(), structs: Vec::new() };
    for (title, home, defaults) in sections {
        let (name, values) = read(defaults);
        let mut knobs = Knobs::of(home, &known);
        let doc = &knobs.add(&name, "", &values).doc;
        let _ = write!(rendered.page, "\n## {title}\n\n{doc}\n\n");
        rendered.page += &table(["name", "type", "default", "what it is"], knobs.rows);
        rendered.structs.extend(knobs.structs);
    }
    rendered
}

const PREFACE: &str = include_str!("settings.md");
