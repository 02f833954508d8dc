//! Starts telemetry for the process, and ends it.

use std::fmt;
use std::net::IpAddr;
use std::path::Path;
use std::sync::OnceLock;
use std::time::Duration;

use axum::Router;
use http::uri::Scheme;
use ipnet::IpNet;
use opentelemetry::metrics::{Meter, MeterProvider};
use opentelemetry::{InstrumentationScope, KeyValue};
use opentelemetry_otlp::{MetricExporter, SpanExporter, WithExportConfig, WithTonicConfig};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::metrics::{PeriodicReader, SdkMeterProvider};
use opentelemetry_sdk::trace::{BatchConfigBuilder, BatchSpanProcessor, SpanProcessor};
use tokio::runtime::Handle;
use tokio::sync::oneshot;
use tokio::time::timeout;
use tonic::metadata::MetadataMap;
use tonic::transport::{Certificate, Channel, ClientTlsConfig, Endpoint};

use super::settings::{OtlpHeaders, TelemetryError, TelemetrySettings};
use super::spans::Spans;
use super::{exposition, in_flight, process};
use crate::ServiceName;

/// What runs, as it is named to collectors.
#[derive(Clone, Copy, Debug)]
pub struct Program {
    /// The one service of this process; `None` where all of them are in it.
    pub service: Option<ServiceName>,
    /// Its version.
    pub version: &'static str,
}

/// Telemetry of this process: there is one, as there is one log. Ends with [`Telemetry::end`].
pub struct Telemetry {
    registry: Option<prometheus::Registry>,
    provider: Option<SdkMeterProvider>,
}

/// Why telemetry does not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// A setting is out of its bounds.
    #[error(transparent)]
    Settings(#[from] TelemetryError),
    /// The authorities of the receiver cannot be read.
    #[error("{path}: {source}")]
    Authorities {
        /// Their file.
        path: std::path::PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// What should send cannot be made.
    #[error("OTLP cannot be set up: {0}")]
    Otlp(String),
    /// It was started before.
    #[error("telemetry runs already in this process")]
    Again,
}

/// What the parts of this process reach telemetry through.
struct Pipeline {
    meter: Option<Meter>,
    spans: Option<Spans>,
    one_in: u32,
    trusted: Vec<IpNet>,
    service: Option<ServiceName>,
}

static PIPELINE: OnceLock<Pipeline> = OnceLock::new();

impl Telemetry {
    /// Starts what `settings` ask for: before anything that shall be seen. Nobody waits for a receiver, now or later.
    /// Needs a tokio runtime.
    ///
    /// # Errors
    /// When a setting is out of its bounds, a file cannot be read, or it was started before.
    pub fn start(settings: &TelemetrySettings, program: Program) -> Result<Self, StartError> {
        settings.check()?;
        let resource = resource(settings, program);
        let otlp = Otlp::of(settings)?;
        let spans = otlp.as_ref().map(|otlp| otlp.spans(settings, &resource, program)).transpose()?;
        let registry = settings.metrics.then(prometheus::Registry::new);
        let provider = match (&registry, &otlp) {
            (None, None) => None,
            _ => Some(provider(settings, resource, registry.as_ref(), otlp.as_ref())?),
        };
        let pipeline = Pipeline {
            meter: provider.as_ref().map(|provider| provider.meter(SCOPE)),
            spans,
            one_in: if otlp.is_some() { settings.sample_one_in } else { 0 },
            trusted: settings.trusted_networks.clone(),
            service: program.service,
        };
        PIPELINE.set(pipeline).map_err(|_| StartError::Again)?;
        in_flight::show();
        process::show(program);
        Ok(Self { registry, provider })
    }

    /// `/metrics`; nothing where metrics are not asked for.
    pub fn router(&self) -> Router {
        exposition::router(self.registry.clone())
    }

    /// Sends what is left, and waits a little for a receiver to take it. The process need not wait for one that is dead: the
    /// exporters' own bounds are longer, and so this happens in a thread that ends with it.
    pub async fn end(self) {
        let (runtime, (ends, ended)) = (Handle::current(), oneshot::channel());
        let ending = move || {
            let _exporters_use_it = runtime.enter();
            if let Some(spans) = spans() {
                spans.end(LAST_WORDS);
            }
            if let Some(Err(error)) = self.provider.map(|provider| provider.shutdown_with_timeout(LAST_WORDS)) {
                tracing::warn!(%error, "the last metrics were not sent");
            }
            // Whoever waited may have gone.
            let _ = ends.send(());
        };
        let begun = std::thread::Builder::new().name("telemetry".into()).spawn(ending);
        if begun.is_err() || !matches!(timeout(LAST_WORDS, ended).await, Ok(Ok(()))) {
            tracing::warn!("the last spans and metrics may not have been sent");
        }
    }
}

impl fmt::Debug for Telemetry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Telemetry(…)")
    }
}

/// Whether telemetry runs in this process.
pub(super) fn runs() -> bool {
    PIPELINE.get().is_some_and(|pipeline| pipeline.meter.is_some() || pipeline.spans.is_some())
}

/// What makes instruments, where metrics are asked for.
pub(super) fn meter() -> Option<&'static Meter> {
    PIPELINE.get()?.meter.as_ref()
}

/// Where spans go, if anywhere.
pub(super) fn spans() -> Option<&'static Spans> {
    PIPELINE.get()?.spans.as_ref()
}

/// Of so many traces that begin here one is sampled; 0: none.
pub(super) fn sample_one_in() -> u32 {
    PIPELINE.get().map_or(0, |pipeline| pipeline.one_in)
}

/// Whether traces from `address` go on here.
pub(super) fn trusts(address: IpAddr) -> bool {
    PIPELINE.get().is_some_and(|pipeline| pipeline.trusted.iter().any(|network| network.contains(&address)))
}

/// The one service of this process.
pub(super) fn service() -> Option<ServiceName> {
    PIPELINE.get()?.service
}

/// The way to a receiver of OTLP.
struct Otlp {
    channel: Channel,
    headers: MetadataMap,
    timeout: Duration,
}

impl Otlp {
    fn of(settings: &TelemetrySettings) -> Result<Option<Self>, StartError> {
        let Some(uri) = settings.endpoint()? else { return Ok(None) };
        let is_https = uri.scheme() == Some(&Scheme::HTTPS);
        let mut endpoint = Endpoint::from(uri).connect_timeout(settings.otlp_timeout).timeout(settings.otlp_timeout);
        if let Some(path) = settings.otlp_authorities.as_deref().filter(|_| is_https) {
            let tls = ClientTlsConfig::new().ca_certificate(authorities(path)?);
            endpoint = endpoint.tls_config(tls).map_err(|error| StartError::Otlp(error.to_string()))?;
        }
        let headers = settings.otlp_headers.as_ref().map(OtlpHeaders::headers).unwrap_or_default();
        Ok(Some(Self { channel: endpoint.connect_lazy(), headers, timeout: settings.otlp_timeout }))
    }

    fn spans(&self, settings: &TelemetrySettings, resource: &Resource, program: Program) -> Result<Spans, StartError> {
        let exporter = SpanExporter::builder()
            .with_tonic()
            .with_channel(self.channel.clone())
            .with_metadata(self.headers.clone())
            .with_timeout(self.timeout)
            .build()
            .map_err(|error| StartError::Otlp(error.to_string()))?;
        let waiting = BatchConfigBuilder::default()
            .with_max_queue_size(settings.max_waiting_spans)
            .with_max_export_batch_size(SPANS_AT_ONCE)
            .with_scheduled_delay(SPANS_WAIT)
            .build();
        let mut processor = BatchSpanProcessor::builder(exporter).with_batch_config(waiting).build();
        processor.set_resource(resource);
        Ok(Spans::new(processor, InstrumentationScope::builder(SCOPE).with_version(program.version).build()))
    }

    fn metrics(&self) -> Result<MetricExporter, StartError> {
        let exporter = MetricExporter::builder()
            .with_tonic()
            .with_channel(self.channel.clone())
            .with_metadata(self.headers.clone())
            .with_timeout(self.timeout)
            .build();
        exporter.map_err(|error| StartError::Otlp(error.to_string()))
    }
}

fn authorities(path: &Path) -> Result<Certificate, StartError> {
    let pem = std::fs::read(path).map_err(|source| StartError::Authorities { path: path.to_owned(), source })?;
    Ok(Certificate::from_pem(pem))
}

fn provider(
    settings: &TelemetrySettings,
    resource: Resource,
    registry: Option<&prometheus::Registry>,
    otlp: Option<&Otlp>,
) -> Result<SdkMeterProvider, StartError> {
    let mut builder = SdkMeterProvider::builder().with_resource(resource);
    if let Some(registry) = registry {
        // Names are as they stand in `names`, here as by OTLP.
        let reader = opentelemetry_prometheus::exporter()
            .with_registry(registry.clone())
            .without_units()
            .without_counter_suffixes()
            .without_target_info()
            .scope_info_enabled(false)
            .build();
        builder = builder.with_reader(reader.map_err(|error| StartError::Otlp(error.to_string()))?);
    }
    if let Some(otlp) = otlp {
        let reader = PeriodicReader::builder(otlp.metrics()?).with_interval(settings.otlp_interval).build();
        builder = builder.with_reader(reader);
    }
    Ok(builder.build())
}

/// Which process it is. Nothing of the environment comes in.
fn resource(settings: &TelemetrySettings, program: Program) -> Resource {
    let name = program.service.map_or("mintage", ServiceName::as_str);
    let machine = || rustix::system::uname().nodename().to_string_lossy().into_owned();
    let instance = settings.instance.clone().unwrap_or_else(machine);
    Resource::builder_empty()
        .with_attributes([
            KeyValue::new("service.namespace", "mintage"),
            KeyValue::new("service.name", name),
            KeyValue::new("service.version", program.version),
            KeyValue::new("service.instance.id", instance),
        ])
        .build()
}

const SCOPE: &str = "mintage";
const SPANS_AT_ONCE: usize = 512;
/// A trace is there to be seen soon after its request.
const SPANS_WAIT: Duration = Duration::from_secs(1);
/// How long a process that ends waits for a receiver, for spans and for metrics.
const LAST_WORDS: Duration = Duration::from_secs(2);
