//! Tells a client that it gets nothing.

use mintage_oauth::ErrorProfile;

use super::convert::{Going, Refused, Step};
use crate::domain::answer::{Refusal, ReturnAddress};
use crate::domain::application::Application;
use crate::grpc::convert::application_of;
use crate::grpc::told;

/// A refusal on its way.
#[derive(Debug)]
pub(super) struct Refusing<'a> {
    pub(super) client: &'a Application,
    pub(super) back: &'a ReturnAddress,
    pub(super) ui_locales: &'a str,
}

impl Refusing<'_> {
    /// The client hears it at once: the user has agreed to go there, or knows it.
    pub(super) fn at_once(&self, refusal: &Refusal) -> Step {
        told::refused(refusal);
        Going::Back(self.back.clone().refused(refusal)).alone()
    }

    /// A third party hears it if the user goes there, a first party at once.
    pub(super) fn unasked(&self, refusal: &Refusal) -> Step {
        self.unless_first_party(refusal, false)
    }

    /// The same where it was the user who said no.
    pub(super) fn by_the_user(&self, custom: ErrorProfile) -> Step {
        self.unless_first_party(&Refusal::by_the_user(custom), true)
    }

    fn unless_first_party(&self, refusal: &Refusal, by_user: bool) -> Step {
        let Self { client, back, ui_locales } = self;
        if !client.is_third_party() {
            return self.at_once(refusal);
        }
        told::refused(refusal);
        let answer = (*back).clone().refused(refusal);
        let application = application_of(client, client.destination(&back.redirect_uri));
        let ui_locales = Some(*ui_locales).filter(|tags| tags.len() <= LONGEST_LOCALES).unwrap_or_default().to_owned();
        Going::Refused(Box::new(Refused { answer, application, by_user, ui_locales })).alone()
    }
}

/// Longer lists of languages are passed over: they may come of a request that was refused for them.
const LONGEST_LOCALES: usize = 254;
