//! What a form carries, so that only the page that the service made can answer it.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::secret::{Digest, Digester};

/// What a form does. A token of one form is worth nothing in another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// Answers an interaction: tied to its handle.
    Interaction,
    /// Acts on the user's own pages, or ends the session: tied to it.
    OwnPages,
}

impl Form {
    const fn label(self) -> &'static str {
        match self {
            Self::Interaction => "csrf interaction",
            Self::OwnPages => "csrf own pages",
        }
    }
}

/// The token of a form of whoever holds the secret of `holder` and the browser token of `browser`.
pub(crate) fn token(digester: &Digester, form: Form, holder: &Digest, browser: &Digest) -> String {
    URL_SAFE_NO_PAD.encode(made(digester, form, holder, browser).as_bytes())
}

/// Whether `presented` is that token. The time it takes says nothing about where it differs.
pub(crate) fn is_token(digester: &Digester, form: Form, holder: &Digest, browser: &Digest, presented: &str) -> bool {
    let read = URL_SAFE_NO_PAD.decode(presented).ok().and_then(|bytes| Digest::from_stored(&bytes));
    read.is_some_and(|read| read.matches(&made(digester, form, holder, browser)))
}

fn made(digester: &Digester, form: Form, holder: &Digest, browser: &Digest) -> Digest {
    digester.mac(form.label(), &[holder.as_bytes(), browser.as_bytes()])
}

#[cfg(test)]
mod tests {
    use mintage_jose::mac::HmacKey;

    use super::*;

    #[test]
    fn b29_a_form_is_answered_by_its_own_page_alone() {
        let digester = Digester::new(HmacKey::new(&[7; 32]));
        let digest = |text: &str| digester.mac("test", &[text.as_bytes()]);
        let (one, other, browser, thief) = (digest("one"), digest("other"), digest("browser"), digest("thief"));
        let made = token(&digester, Form::Interaction, &one, &browser);
        assert!(is_token(&digester, Form::Interaction, &one, &browser, &made));
        for (form, holder, browser) in
            [(Form::OwnPages, &one, &browser), (Form::Interaction, &other, &browser), (Form::Interaction, &one, &thief)]
        {
            assert!(!is_token(&digester, form, holder, browser, &made));
        }
        for made_up in ["", "x", &made[1..], &format!("{made}A")] {
            assert!(!is_token(&digester, Form::Interaction, &one, &browser, made_up));
        }
    }
}
