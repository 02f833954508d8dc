//! The name of a key is opaque and harmless.

use mintage_jose::{InvalidKid, Kid};

#[test]
fn a_kid_is_up_to_64_characters_of_base64url() {
    for good in ["a", "-_09azAZ", &"k".repeat(64)] {
        assert_eq!(good.parse::<Kid>().unwrap().as_str(), good);
    }
    for bad in ["", " ", "a b", "a.b", "a/b", "a=", "ä", "a\0", &"k".repeat(65)] {
        assert_eq!(bad.parse::<Kid>(), Err(InvalidKid), "{bad:?}");
    }
}
