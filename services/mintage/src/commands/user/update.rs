//! `mintage user update`.

use clap::Args;
use mintage_api::consent::{self, UpdateUserRequest};

use super::one::OneUser;
use crate::commands::mask::Mask;
use crate::output::Answer;
use crate::session::{Session, present};
use crate::view::User;

/// `mintage user update`.
#[derive(Debug, Args)]
#[command(
    override_usage = "mintage user update <USER> <CHANGES> [OPTIONS]",
    after_help = "\
Examples:
  $ mintage user update ada@example.com --name 'Ada King'
  $ mintage user update ada@example.com --email countess@example.com --email-verified"
)]
pub(crate) struct Arguments {
    #[command(flatten)]
    which: OneUser,
    #[command(flatten)]
    changes: Changes,
}

#[derive(Debug, Default, Args)]
#[group(required = true, multiple = true)]
#[command(next_help_heading = "Changes, at least one")]
struct Changes {
    /// The e-mail address; another one is not verified unless that is said
    #[arg(long)]
    email: Option<String>,
    /// Says that somebody saw to it that the address is the user's
    #[arg(long, conflicts_with = "email_unverified")]
    email_verified: bool,
    /// Says that nobody did
    #[arg(long)]
    email_unverified: bool,
    /// What the user is called; up to 128 characters
    #[arg(long)]
    name: Option<String>,
}

/// Changes a user.
pub(crate) async fn run(Arguments { which, changes }: Arguments, session: &Session) -> anyhow::Result<Answer> {
    let request = request(which.find(session).await?, changes);
    let answer = session.users().await?.update_user(request).await?.into_inner();
    Answer::one(&User::from(present(answer.user)?))
}

fn request(user: consent::User, changes: Changes) -> UpdateUserRequest {
    let Changes { email, email_verified, email_unverified, name } = changes;
    let verified = (email_verified || email_unverified).then_some(email_verified);
    let mut mask = Mask::default();
    let user = consent::User {
        tenant_id: user.tenant_id,
        id: user.id,
        email: mask.take("email", email),
        email_verified: mask.take("email_verified", verified),
        name: mask.take("name", name),
        ..consent::User::default()
    };
    UpdateUserRequest { user: Some(user), update_mask: mask.into() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_was_given_is_changed() {
        let user = consent::User { id: "usr_1".to_owned(), name: "Ada".to_owned(), ..consent::User::default() };
        let changes = Changes { email_unverified: true, name: Some(String::new()), ..Changes::default() };
        let UpdateUserRequest { user, update_mask } = request(user, changes);
        assert_eq!(update_mask.unwrap().paths, ["email_verified", "name"]);
        let user = user.unwrap();
        assert_eq!((user.id.as_str(), user.email_verified, user.name.as_str()), ("usr_1", false, ""));
    }
}
