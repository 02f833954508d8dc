//! How large a new RSA key is.

use std::fmt;

/// The length of a new RSA key's modulus. Keys of any length from 2048 to 4096 bits are read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RsaSize {
    /// 2048 bits, as strong as 112 bits of a symmetric key (NIST SP 800-57 part 1 table 2).
    #[default]
    Bits2048,
    /// 3072 bits, as strong as 128.
    Bits3072,
    /// 4096 bits.
    Bits4096,
}

impl RsaSize {
    /// Every one.
    pub const ALL: [Self; 3] = [Self::Bits2048, Self::Bits3072, Self::Bits4096];

    /// The number of bits.
    #[must_use]
    pub const fn bits(self) -> u32 {
        match self {
            Self::Bits2048 => 2048,
            Self::Bits3072 => 3072,
            Self::Bits4096 => 4096,
        }
    }
}

impl TryFrom<u32> for RsaSize {
    type Error = UnknownRsaSize;

    fn try_from(bits: u32) -> Result<Self, UnknownRsaSize> {
        Self::ALL.into_iter().find(|size| size.bits() == bits).ok_or(UnknownRsaSize)
    }
}

impl fmt::Display for RsaSize {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} bits", self.bits())
    }
}

/// No RSA key is made so long.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("RSA keys are made of 2048, 3072 or 4096 bits")]
pub struct UnknownRsaSize;
