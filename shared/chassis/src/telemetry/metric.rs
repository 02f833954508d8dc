//! Counters, gauges and histograms that are named once, and cost nothing until the process asks for metrics.

use std::sync::OnceLock;

use opentelemetry::KeyValue;
use opentelemetry::metrics::{Counter as Counts, Histogram as Distribution, Meter};

use super::pipeline;

/// What a metric is called and means: a row of docs/reference/metrics.md.
#[derive(Clone, Copy, Debug)]
pub struct Description {
    /// Its name, the same by OTLP and at `/metrics`.
    pub name: &'static str,
    /// `counter`, `gauge` or `histogram`.
    pub kind: &'static str,
    /// What it says.
    pub help: &'static str,
    /// Its labels. Their values are words of this program, so there are never many.
    pub labels: &'static [&'static str],
}

/// Something that is counted, with `N` labels.
pub struct Counter<const N: usize> {
    about: Metric<N>,
    counts: OnceLock<Counts<u64>>,
}

/// Something that is measured, with `N` labels.
pub struct Histogram<const N: usize> {
    about: Metric<N>,
    bounds: &'static [f64],
    distribution: OnceLock<Distribution<f64>>,
}

/// Something that is looked at when somebody asks, with `N` labels.
pub struct Gauge<const N: usize> {
    about: Metric<N>,
    grows: bool,
}

struct Metric<const N: usize> {
    name: &'static str,
    help: &'static str,
    labels: &'static [&'static str; N],
}

impl<const N: usize> Counter<N> {
    pub(super) const fn new(name: &'static str, labels: &'static [&'static str; N], help: &'static str) -> Self {
        Self { about: Metric { name, help, labels }, counts: OnceLock::new() }
    }

    /// Counts `more` under these values of the labels.
    pub fn add(&self, more: u64, values: [&'static str; N]) {
        let Some(meter) = pipeline::meter() else { return };
        let Metric { name, help, .. } = self.about;
        let counts = self.counts.get_or_init(|| meter.u64_counter(name).with_description(help).build());
        counts.add(more, &self.about.labelled(values));
    }

    pub(super) const fn describe(&self) -> Description {
        self.about.described("counter")
    }
}

impl<const N: usize> Histogram<N> {
    pub(super) const fn new(
        name: &'static str,
        labels: &'static [&'static str; N],
        bounds: &'static [f64],
        help: &'static str,
    ) -> Self {
        Self { about: Metric { name, help, labels }, bounds, distribution: OnceLock::new() }
    }

    /// Adds a measurement.
    pub fn record(&self, measured: f64, values: [&'static str; N]) {
        let Some(meter) = pipeline::meter() else { return };
        let Metric { name, help, .. } = self.about;
        let build = || {
            let histogram = meter.f64_histogram(name).with_description(help);
            histogram.with_boundaries(self.bounds.to_vec()).build()
        };
        self.distribution.get_or_init(build).record(measured, &self.about.labelled(values));
    }

    pub(super) const fn describe(&self) -> Description {
        self.about.described("histogram")
    }
}

impl<const N: usize> Gauge<N> {
    pub(super) const fn new(name: &'static str, labels: &'static [&'static str; N], help: &'static str) -> Self {
        Self { about: Metric { name, help, labels }, grows: false }
    }

    /// One that only ever grows, and so is a counter to whoever reads it.
    pub(super) const fn growing(name: &'static str, labels: &'static [&'static str; N], help: &'static str) -> Self {
        Self { about: Metric { name, help, labels }, grows: true }
    }

    /// Has `look` tell what there is to see, each time that somebody asks, until the process ends.
    pub fn observe(&self, look: impl Fn(&mut dyn FnMut([&'static str; N], f64)) + Send + Sync + 'static) {
        let Some(meter) = pipeline::meter() else { return };
        if self.grows { self.count(meter, look) } else { self.gauge(meter, look) }
    }

    fn gauge(&self, meter: &Meter, look: impl Fn(&mut dyn FnMut([&'static str; N], f64)) + Send + Sync + 'static) {
        let Metric { name, help, labels } = self.about;
        let gauge = meter.f64_observable_gauge(name).with_description(help);
        let told = gauge.with_callback(move |observer| {
            look(&mut |values, seen| observer.observe(seen, &labelled(labels, values)));
        });
        told.build();
    }

    fn count(&self, meter: &Meter, look: impl Fn(&mut dyn FnMut([&'static str; N], f64)) + Send + Sync + 'static) {
        let Metric { name, help, labels } = self.about;
        let counter = meter.f64_observable_counter(name).with_description(help);
        let told = counter.with_callback(move |observer| {
            look(&mut |values, seen| observer.observe(seen, &labelled(labels, values)));
        });
        told.build();
    }

    pub(super) const fn describe(&self) -> Description {
        self.about.described(if self.grows { "counter" } else { "gauge" })
    }
}

impl<const N: usize> Metric<N> {
    fn labelled(&self, values: [&'static str; N]) -> [KeyValue; N] {
        labelled(self.labels, values)
    }

    const fn described(&self, kind: &'static str) -> Description {
        Description { name: self.name, kind, help: self.help, labels: self.labels }
    }
}

fn labelled<const N: usize>(labels: &'static [&'static str; N], values: [&'static str; N]) -> [KeyValue; N] {
    let mut labels = labels.iter();
    values.map(|value| KeyValue::new(labels.next().copied().unwrap_or_default(), value))
}
