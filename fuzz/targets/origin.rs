//! Origins and issuers: one canonical form, and every other URL parser reads in it what we do.

#![no_main]

use libfuzzer_sys::fuzz_target;
use mintage_oauth::{Issuer, Origin};
use url::Url;

fuzz_target!(|text: &str| {
    for origin in [text.parse::<Origin>(), Origin::from_parts("https", text)].into_iter().flatten() {
        assert_eq!(origin.as_str().parse().as_ref(), Ok(&origin));
        let issuer = origin.issuer();
        assert_eq!(issuer.as_str().parse().as_ref(), Ok(&issuer));
        assert_eq!(issuer.origin(), origin);
        others_read_the_same(&origin);
    }
    if let Ok(issuer) = text.parse::<Issuer>() {
        assert_eq!(issuer.as_str(), text);
    }
});

fn others_read_the_same(origin: &Origin) {
    // The URL Standard refuses some Punycode, and writes IPv4 addresses inside of IPv6 ones in hexadecimal.
    let differs = origin.host().contains("xn--") || origin.host().contains(':') && origin.host().contains('.');
    if !differs {
        let url = Url::parse(origin.as_str()).expect("an origin is a URL");
        assert_eq!(url.origin().ascii_serialization(), origin.as_str());
    }
}
