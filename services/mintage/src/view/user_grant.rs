//! A user grant.

use mintage_api::consent;
use serde::Serialize;

use super::time::{Time, day, short};
use crate::output::{Block, View};

/// What a user granted, in words.
#[derive(Debug, Serialize)]
pub(crate) struct UserGrant {
    tenant_id: String,
    id: String,
    user_id: String,
    client_id: String,
    audience: String,
    scopes: Vec<String>,
    created_at: Option<Time>,
    updated_at: Option<Time>,
    last_used_at: Option<Time>,
    user_email: String,
    user_name: String,
    client_name: String,
    api_name: String,
}

impl From<consent::UserGrant> for UserGrant {
    fn from(grant: consent::UserGrant) -> Self {
        let consent::UserGrant {
            tenant_id,
            id,
            user_id,
            client_id,
            audience,
            scopes,
            created_at,
            updated_at,
            last_used_at,
            user_email,
            user_name,
            client_name,
            api_name,
        } = grant;
        Self {
            tenant_id,
            id,
            user_id,
            client_id,
            audience,
            scopes,
            created_at: created_at.map(Time::from),
            updated_at: updated_at.map(Time::from),
            last_used_at: last_used_at.map(Time::from),
            user_email,
            user_name,
            client_name,
            api_name,
        }
    }
}

impl View for UserGrant {
    const ONE: &'static str = "user_grant";
    const MANY: &'static str = "user_grants";
    const HEAD: &'static [&'static str] = &["ID", "USER", "CLIENT", "API", "SCOPES", "SINCE", "LAST USED"];

    /// At most 120 columns wide, by what people know the parts; the ids stand in JSON.
    fn row(&self) -> Vec<String> {
        let named = |name: &str, id: &str, width| folded(if name.is_empty() { id } else { name }, width);
        vec![
            self.id.clone(),
            named(&self.user_email, &self.user_id, 20),
            named(&self.client_name, &self.client_id, 14),
            named(&self.api_name, &self.audience, 12),
            folded(&self.scopes.join(" "), 14),
            day(self.created_at),
            day(self.last_used_at),
        ]
    }

    fn blocks(&self) -> Vec<Block> {
        vec![Block::Facts(vec![
            ("tenant_id", self.tenant_id.clone()),
            ("id", self.id.clone()),
            ("user_id", self.user_id.clone()),
            ("user_email", self.user_email.clone()),
            ("user_name", self.user_name.clone()),
            ("client_id", self.client_id.clone()),
            ("client_name", self.client_name.clone()),
            ("audience", self.audience.clone()),
            ("api_name", self.api_name.clone()),
            ("scopes", self.scopes.join("\n")),
            ("created_at", short(self.created_at)),
            ("updated_at", short(self.updated_at)),
            ("last_used_at", short(self.last_used_at)),
        ])]
    }
}

/// On lines of at most so many characters, broken between words where there are any.
fn folded(text: &str, width: usize) -> String {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split(' ').filter(|word| !word.is_empty()) {
        let letters: Vec<char> = word.chars().collect();
        for piece in letters.chunks(width) {
            let piece: String = piece.iter().collect();
            match lines.last_mut() {
                Some(line) if line.chars().count() + 1 + piece.chars().count() <= width => {
                    line.push(' ');
                    line.push_str(&piece);
                }
                _ => lines.push(piece),
            }
        }
    }
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use prost_types::Timestamp;

    use super::*;

    fn grant() -> consent::UserGrant {
        let at = |seconds| Some(Timestamp { seconds, nanos: 0 });
        consent::UserGrant {
            id: "ugr_7Hq2ZkVb9sXn4TfW1cRm8LpD".to_owned(),
            user_id: "usr_7Hq2ZkVb9sXn4TfW1cRm8LpD".to_owned(),
            client_id: "tpc_p1Zc0a7Xn2VbQe5RkT9wLs4UyHd6GmJf".to_owned(),
            audience: "https://notes.example.com/".to_owned(),
            scopes: ["read:notes", "write:notes", "offline_access"].map(str::to_owned).to_vec(),
            created_at: at(1_763_000_000),
            last_used_at: at(1_763_100_000),
            user_email: "ada.lovelace@analytical-engines.example.com".to_owned(),
            user_name: "Ada Lovelace".to_owned(),
            client_name: "A rather long name for an application".to_owned(),
            api_name: "Notes and more of them".to_owned(),
            ..consent::UserGrant::default()
        }
    }

    #[test]
    fn a_line_says_who_granted_whom_what_and_fits_into_120_columns() {
        let row = UserGrant::from(grant()).row();
        let width: usize = row
            .iter()
            .zip(UserGrant::HEAD)
            .map(|(cell, head)| {
                cell.lines().chain([*head]).map(|line| line.chars().count()).max().unwrap_or_default() + 2
            })
            .sum();
        assert!(width - 2 <= 120, "{width} {row:?}");
        let read: Vec<_> = row.iter().map(|cell| cell.replace('\n', " ")).collect();
        assert_eq!(read[1].replace(' ', ""), "ada.lovelace@analytical-engines.example.com");
        assert_eq!(read[2..4], ["A rather long name for an application", "Notes and more of them"]);
        assert_eq!(read[4..], ["read:notes write:notes offline_access", "2025-11-13", "2025-11-14"]);
    }

    #[test]
    fn what_has_no_name_is_told_by_its_id() {
        let nameless = ["", "", "", ""].map(str::to_owned);
        let [user_email, user_name, client_name, api_name] = nameless;
        let row = UserGrant::from(consent::UserGrant { user_email, user_name, client_name, api_name, ..grant() }).row();
        let ids =
            ["usr_7Hq2ZkVb9sXn4TfW1cRm8LpD", "tpc_p1Zc0a7Xn2VbQe5RkT9wLs4UyHd6GmJf", "https://notes.example.com/"];
        assert_eq!(row[1..4].iter().map(|cell| cell.replace('\n', "")).collect::<Vec<_>>(), ids);
    }

    #[test]
    fn json_has_every_field_of_the_contract() {
        let json = serde_json::to_value(UserGrant::from(grant())).unwrap();
        for (field, value) in
            [("user_email", grant().user_email), ("client_name", grant().client_name), ("user_id", grant().user_id)]
        {
            assert_eq!(json[field], value);
        }
    }
}
