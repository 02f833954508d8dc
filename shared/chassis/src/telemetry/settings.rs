//! What a process is told of telemetry.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use http::Uri;
use http::uri::Scheme;
use ipnet::IpNet;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use tonic::metadata::{Ascii, MetadataKey, MetadataMap, MetadataValue};

/// Where traces and metrics go. The log has a section of its own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TelemetrySettings {
    /// Whether metrics are counted, and served at `/metrics` of the door for probes in the text format of Prometheus.
    pub metrics: bool,
    /// Where traces and metrics are sent by OTLP over gRPC: `http://host:4317`, or `https://`. Nowhere unless told, and
    /// then no trace is kept. The variables `OTEL_…` name no place: this key does.
    pub otlp_endpoint: Option<String>,
    /// The authorities that the receiver's certificate may be from, in PEM: needed with `https://`.
    pub otlp_authorities: Option<PathBuf>,
    /// Headers for the receiver, `name=value` each, one a line or with commas between: a secret.
    pub otlp_headers: Option<OtlpHeaders>,
    /// How long the receiver may take for what it is sent: 5 seconds; 100 milliseconds to a minute. No request waits
    /// for it.
    pub otlp_timeout: Duration,
    /// How often metrics are sent: 30 seconds; 1 second to an hour.
    pub otlp_interval: Duration,
    /// Spans that may wait to be sent; one more is dropped. 4096; 512 to 1048576.
    pub max_waiting_spans: usize,
    /// Of so many traces that begin here one is sampled: 100; 1 for all of them, up to 1000000000.
    pub sample_one_in: u32,
    /// Networks whose `traceparent` is followed: their traces go on here, and are sampled as they say. Anyone else's is
    /// noted as a link, and begins a trace of ours. Services of the installation are always followed.
    pub trusted_networks: Vec<IpNet>,
    /// What tells this process from its replicas: the name of the machine unless told.
    pub instance: Option<String>,
}

impl Default for TelemetrySettings {
    fn default() -> Self {
        Self {
            metrics: true,
            otlp_endpoint: None,
            otlp_authorities: None,
            otlp_headers: None,
            otlp_timeout: Duration::from_secs(5),
            otlp_interval: Duration::from_secs(30),
            max_waiting_spans: 4096,
            sample_one_in: 100,
            trusted_networks: Vec::new(),
            instance: None,
        }
    }
}

impl TelemetrySettings {
    /// Checks every bound.
    ///
    /// # Errors
    /// The first setting that is out of its own.
    pub fn check(&self) -> Result<(), TelemetryError> {
        let seconds = Duration::from_secs;
        let is_https = self.endpoint()?.is_some_and(|endpoint| endpoint.scheme() == Some(&Scheme::HTTPS));
        let instance_fits = self.instance.as_ref().is_none_or(|name| is_instance(name));
        let rules = [
            (!is_https || self.otlp_authorities.is_some(), "otlp_authorities is needed with https://"),
            (
                within(self.otlp_timeout, Duration::from_millis(100), seconds(60)),
                "otlp_timeout must be from 100 ms to 1 min",
            ),
            (within(self.otlp_interval, seconds(1), seconds(3600)), "otlp_interval must be from 1 s to 1 h"),
            ((512..=1 << 20).contains(&self.max_waiting_spans), "max_waiting_spans must be from 512 to 1048576"),
            ((1..=1_000_000_000).contains(&self.sample_one_in), "sample_one_in must be from 1 to 1000000000"),
            (instance_fits, "instance must be 1 to 255 of A-Z, a-z, 0-9, -, _, . and :"),
        ];
        match rules.into_iter().find(|(holds, _)| !holds) {
            Some((_, rule)) => Err(TelemetryError(rule)),
            None => Ok(()),
        }
    }

    /// Where OTLP goes.
    pub(super) fn endpoint(&self) -> Result<Option<Uri>, TelemetryError> {
        let Some(text) = &self.otlp_endpoint else { return Ok(None) };
        let uri = text.parse::<Uri>().ok().filter(|uri| {
            let speaks = uri.scheme() == Some(&Scheme::HTTP) || uri.scheme() == Some(&Scheme::HTTPS);
            let plain = uri.authority().is_some_and(|authority| !authority.as_str().contains('@'));
            speaks && plain && uri.path() == "/" && uri.query().is_none()
        });
        uri.map(Some).ok_or(TelemetryError("otlp_endpoint must be http://host:port or https://host:port"))
    }
}

/// A setting of telemetry is out of its bounds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct TelemetryError(pub(super) &'static str);

/// Headers for the receiver of OTLP, never shown.
#[derive(Clone)]
pub struct OtlpHeaders {
    text: String,
    headers: MetadataMap,
}

impl OtlpHeaders {
    pub(super) fn headers(&self) -> MetadataMap {
        self.headers.clone()
    }
}

impl FromStr for OtlpHeaders {
    type Err = TelemetryError;

    fn from_str(text: &str) -> Result<Self, TelemetryError> {
        let wrong = || TelemetryError("this is not name=value, one a line or with commas between");
        let mut headers = MetadataMap::new();
        for entry in text.split([',', '\n']).map(str::trim).filter(|entry| !entry.is_empty()) {
            let (name, value) = entry.split_once('=').ok_or_else(wrong)?;
            let name = MetadataKey::<Ascii>::from_bytes(name.trim().to_ascii_lowercase().as_bytes());
            let mut value = MetadataValue::try_from(value.trim()).map_err(|_| wrong())?;
            value.set_sensitive(true);
            headers.insert(name.map_err(|_| wrong())?, value);
        }
        Ok(Self { text: text.to_owned(), headers })
    }
}

impl PartialEq for OtlpHeaders {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Eq for OtlpHeaders {}

impl fmt::Debug for OtlpHeaders {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(REDACTED)
    }
}

impl Serialize for OtlpHeaders {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(REDACTED)
    }
}

impl<'de> Deserialize<'de> for OtlpHeaders {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}

fn within(length: Duration, shortest: Duration, longest: Duration) -> bool {
    (shortest..=longest).contains(&length)
}

fn is_instance(name: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.:".contains(&byte);
    (1..=255).contains(&name.len()) && name.bytes().all(fits)
}

const REDACTED: &str = "[redacted]";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_that_lead_nowhere_are_refused_by_name() {
        let fine = TelemetrySettings::default();
        assert_eq!(fine.check(), Ok(()));
        let to = |endpoint: &str| TelemetrySettings { otlp_endpoint: Some(endpoint.to_owned()), ..fine.clone() };
        assert_eq!(to("http://collector:4317").check(), Ok(()));
        for (settings, name) in [
            (to("collector:4317"), "otlp_endpoint"),
            (to("http://me:secret@collector:4317"), "otlp_endpoint"),
            (to("http://collector:4317/v1/traces"), "otlp_endpoint"),
            (to("https://collector:4317"), "otlp_authorities"),
            (TelemetrySettings { sample_one_in: 0, ..fine.clone() }, "sample_one_in"),
            (TelemetrySettings { max_waiting_spans: 1, ..fine.clone() }, "max_waiting_spans"),
            (TelemetrySettings { otlp_timeout: Duration::ZERO, ..fine.clone() }, "otlp_timeout"),
            (TelemetrySettings { otlp_interval: Duration::ZERO, ..fine.clone() }, "otlp_interval"),
            (TelemetrySettings { instance: Some("a\nb".to_owned()), ..fine.clone() }, "instance"),
        ] {
            assert!(settings.check().unwrap_err().to_string().starts_with(name), "{name}");
        }
    }

    #[test]
    fn b34_headers_for_the_receiver_are_never_shown() {
        let headers: OtlpHeaders = "authorization=Bearer canary, X-Tenant=mint\n\nthird=3=3\n".parse().unwrap();
        assert_eq!(headers.headers().len(), 3);
        assert_eq!(headers.headers().get("third").unwrap(), "3=3");
        let shown = format!("{headers:?} {:?} {}", headers.headers(), Written(&headers));
        assert!(!shown.contains("canary"), "{shown}");
        assert!("authorization".parse::<OtlpHeaders>().is_err());
        assert!("a b=c".parse::<OtlpHeaders>().is_err());
    }

    /// A formatter is the least that something can be serialized to.
    struct Written<'h>(&'h OtlpHeaders);

    impl fmt::Display for Written<'_> {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            self.0.serialize(f)
        }
    }
}
