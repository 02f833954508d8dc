//! How the pages look that a tenant's users see.

use std::fmt;
use std::str::FromStr;

use mintage_oauth::HttpsUri;

/// Its colour and its sign; by default the suite's own.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Branding {
    pub(crate) colour: Option<Colour>,
    pub(crate) logo_uri: Option<HttpsUri>,
}

/// `#rrggbb`, in lower case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Colour(String);

impl FromStr for Colour {
    type Err = NoColour;

    fn from_str(text: &str) -> Result<Self, NoColour> {
        let digits = text.strip_prefix('#').ok_or(NoColour)?;
        let well_formed = digits.len() == 6 && digits.bytes().all(|digit| digit.is_ascii_hexdigit());
        if well_formed { Ok(Self(text.to_ascii_lowercase())) } else { Err(NoColour) }
    }
}

impl fmt::Display for Colour {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The text is no colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("it is not of the form #rrggbb")]
pub(crate) struct NoColour;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_colour_brings_nothing_else_into_a_style_sheet() {
        assert_eq!("#1A2b3C".parse::<Colour>().map(|colour| colour.to_string()), Ok("#1a2b3c".to_owned()));
        for bad in ["", "#", "1a2b3c", "#1a2b3", "#1a2b3c4", "red", "#1a2b3c;", "#gggggg", "#é2b3c", "url(#aa)"] {
            assert_eq!(bad.parse::<Colour>(), Err(NoColour), "{bad}");
        }
    }
}
