//! Where a browser goes next, in words.

use mintage_oauth::Origin;

/// An origin or a scheme as a person is shown it.
#[derive(Debug)]
pub(super) struct Destination {
    /// Without the port of this device, which says nothing.
    pub(super) text: String,
    /// Whether a browser goes no further than the user's own machine: to loopback, or to an application that claims a scheme.
    pub(super) on_device: bool,
}

impl Destination {
    /// Reads an origin, or the scheme of an application (`com.example.app:`).
    pub(super) fn of(text: &str) -> Self {
        match text.parse::<Origin>() {
            Ok(origin) if origin.is_loopback() => {
                Self { text: format!("{}://{}", origin.scheme(), origin.host()), on_device: true }
            }
            Ok(_) => Self { text: text.to_owned(), on_device: false },
            Err(_) => Self { text: text.to_owned(), on_device: true },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stays_on_the_device_has_no_port() {
        for (destination, text, on_device) in [
            ("http://127.0.0.1", "http://127.0.0.1", true),
            ("http://127.0.0.1:49152", "http://127.0.0.1", true),
            ("http://[::1]:8080", "http://[::1]", true),
            ("http://localhost:3000", "http://localhost", true),
            ("com.example.app:", "com.example.app:", true),
            ("https://a.example", "https://a.example", false),
            ("https://a.example:8443", "https://a.example:8443", false),
        ] {
            let read = Destination::of(destination);
            assert_eq!((read.text.as_str(), read.on_device), (text, on_device), "{destination}");
        }
    }
}
