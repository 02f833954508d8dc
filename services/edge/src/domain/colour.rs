//! The colour of a tenant, and what can be read on it.

use std::fmt;
use std::str::FromStr;

/// A colour as screens mix it (sRGB).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Colour {
    red: u8,
    green: u8,
    blue: u8,
}

/// The text is no colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a colour is # and six hexadecimal digits")]
pub struct ColourError;

impl Colour {
    /// Paper.
    pub const WHITE: Self = Self::new(0xff, 0xff, 0xff);
    /// Ink.
    pub const BLACK: Self = Self::new(0, 0, 0);

    /// Mixes a colour.
    #[must_use]
    pub const fn new(red: u8, green: u8, blue: u8) -> Self {
        Self { red, green, blue }
    }

    /// Black or white, whichever is read more easily on it: at least 4.58 : 1, since no colour is close to both.
    #[must_use]
    pub fn ink(self) -> Self {
        if self.contrast(Self::WHITE) >= self.contrast(Self::BLACK) { Self::WHITE } else { Self::BLACK }
    }

    /// The colour nearest to it, between it and black or white, that is read on `ground` with at least `contrast` : 1.
    #[must_use]
    pub fn readable_on(self, ground: Self, contrast: f64) -> Self {
        let end = ground.ink();
        let steps = (0..=STEPS).map(|step| self.towards(end, f64::from(step) / f64::from(STEPS)));
        steps.into_iter().find(|mixed| mixed.contrast(ground) >= contrast).unwrap_or(end)
    }

    /// How well one is read on the other: 1 to 21 (WCAG 2.2, contrast ratio).
    #[must_use]
    pub fn contrast(self, other: Self) -> f64 {
        let (one, two) = (self.luminance(), other.luminance());
        (one.max(two) + 0.05) / (one.min(two) + 0.05)
    }

    fn towards(self, end: Self, share: f64) -> Self {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between two bytes")]
        let mix = |from: u8, to: u8| (f64::from(from) + (f64::from(to) - f64::from(from)) * share).round() as u8;
        Self::new(mix(self.red, end.red), mix(self.green, end.green), mix(self.blue, end.blue))
    }

    /// WCAG 2.2, relative luminance.
    fn luminance(self) -> f64 {
        let linear = |channel: u8| {
            let share = f64::from(channel) / 255.0;
            if share <= 0.04045 { share / 12.92 } else { ((share + 0.055) / 1.055).powf(2.4) }
        };
        0.2126 * linear(self.red) + 0.7152 * linear(self.green) + 0.0722 * linear(self.blue)
    }
}

impl FromStr for Colour {
    type Err = ColourError;

    fn from_str(text: &str) -> Result<Self, ColourError> {
        let digits = text.strip_prefix('#').ok_or(ColourError)?;
        if digits.len() != 6 || !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
            return Err(ColourError);
        }
        let [_, red, green, blue] = u32::from_str_radix(digits, 16).map_err(|_| ColourError)?.to_be_bytes();
        Ok(Self::new(red, green, blue))
    }
}

/// `#rrggbb`, in lower case.
impl fmt::Display for Colour {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "#{:02x}{:02x}{:02x}", self.red, self.green, self.blue)
    }
}

const STEPS: u8 = 50;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn colours_are_read_and_nothing_else() {
        assert_eq!("#0A6cff".parse::<Colour>().unwrap().to_string(), "#0a6cff");
        for text in ["", "#", "0a6cff", "#0a6cf", "#0a6cff0", "#0a6cfg", "#+a6cff", "red", "#0a6cff;", "#ÿa6cf"] {
            assert_eq!(text.parse::<Colour>(), Err(ColourError), "{text}");
        }
    }

    #[test]
    fn contrast_is_as_wcag_computes_it() {
        assert!((Colour::BLACK.contrast(Colour::WHITE) - 21.0).abs() < 0.01);
        assert!(("#777777".parse::<Colour>().unwrap().contrast(Colour::WHITE) - 4.48).abs() < 0.01);
    }

    proptest! {
        #[test]
        fn whatever_colour_a_tenant_has_its_ink_is_read(red: u8, green: u8, blue: u8) {
            let colour = Colour::new(red, green, blue);
            prop_assert!(colour.contrast(colour.ink()) >= 4.5);
            for ground in [Colour::WHITE, Colour::new(0x1b, 0x1e, 0x24)] {
                prop_assert!(colour.readable_on(ground, 4.5).contrast(ground) >= 4.5);
            }
        }
    }
}
