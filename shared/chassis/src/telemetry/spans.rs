//! Spans on their way to a collector. They are made when they end, of facts that are there already, so that a request
//! whose trace is not sampled pays for none.

use std::borrow::Cow;
use std::time::{Duration, SystemTime};

use http::{HeaderValue, Request, Response};
use mintage_clock::Clock;
use opentelemetry::trace::{Link, SpanContext, SpanId, SpanKind, Status, TraceFlags, TraceId, TraceState};
use opentelemetry::{InstrumentationScope, KeyValue};
use opentelemetry_sdk::trace::{BatchSpanProcessor, SpanData, SpanEvents, SpanLinks, SpanProcessor};

use super::context::{TRACEPARENT, TraceContext};
use super::facts::{Facts, Way};
use super::outcome::{Outcome, code_of};
use super::{observe, pipeline};
use crate::ServiceName;

/// Where spans go.
#[derive(Debug)]
pub(super) struct Spans {
    processor: BatchSpanProcessor,
    scope: InstrumentationScope,
}

/// A span that has ended.
struct Ended {
    context: TraceContext,
    parent: Option<TraceContext>,
    parent_is_remote: bool,
    kind: SpanKind,
    name: Cow<'static, str>,
    took: Duration,
    attributes: Vec<KeyValue>,
    links: Vec<TraceContext>,
    status: Status,
}

impl Spans {
    /// Hands spans to `processor`, which never waits: it drops what it has no room for.
    pub(super) const fn new(processor: BatchSpanProcessor, scope: InstrumentationScope) -> Self {
        Self { processor, scope }
    }

    /// Sends what waits and ends.
    pub(super) fn end(&self, patience: Duration) {
        if let Err(error) = self.processor.shutdown_with_timeout(patience) {
            tracing::warn!(%error, "the last spans were not sent");
        }
    }

    fn export(&self, span: Ended) {
        let Ended { context, parent, parent_is_remote, kind, name, took, attributes, links, status } = span;
        let end_time = now();
        let mut exported = SpanLinks::default();
        exported.links = links.into_iter().map(|linked| Link::with_context(named(linked, true))).collect();
        self.processor.on_end(SpanData {
            span_context: named(context, false),
            parent_span_id: parent.map_or(SpanId::INVALID, |parent| SpanId::from(parent.span_id)),
            parent_span_is_remote: parent_is_remote && parent.is_some(),
            span_kind: kind,
            name,
            start_time: end_time.checked_sub(took).unwrap_or(end_time),
            end_time,
            attributes,
            dropped_attributes_count: 0,
            events: SpanEvents::default(),
            links: exported,
            status,
            instrumentation_scope: self.scope.clone(),
        });
    }
}

/// The span of a request that was answered.
pub(super) fn of_request(facts: &Facts, took: Duration) {
    let Some(spans) = pipeline::spans().filter(|_| facts.context.sampled) else { return };
    let (route, outcome) = (facts.route_or_unknown(), facts.outcome());
    let name = match facts.way {
        Way::Http => Cow::Owned(format!("{} {route}", facts.method)),
        Way::Grpc | Way::InProcess => Cow::Borrowed(route.trim_start_matches('/')),
    };
    let status = match outcome {
        Outcome::Failed | Outcome::Unavailable | Outcome::Shed => Status::error(outcome.as_str()),
        Outcome::Ok | Outcome::Refused | Outcome::Cancelled => Status::Unset,
    };
    spans.export(Ended {
        context: facts.context,
        parent: facts.parent,
        parent_is_remote: facts.way != Way::InProcess,
        kind: SpanKind::Server,
        name,
        took,
        attributes: attributes(facts),
        links: facts.link.into_iter().collect(),
        status,
    });
}

fn attributes(facts: &Facts) -> Vec<KeyValue> {
    let owned = |text: &str| text.to_owned();
    let own = [
        ("mintage.service", facts.service.as_str()),
        ("mintage.way", facts.way.as_str()),
        ("mintage.peer", facts.peer_name()),
        ("mintage.outcome", facts.outcome().as_str()),
        (if facts.way == Way::Http { "http.route" } else { "rpc.method" }, facts.route_or_unknown()),
    ];
    let perhaps = [
        ("http.request.method", Some(facts.method).filter(|method| !method.is_empty()).map(owned)),
        ("rpc.response.status_code", facts.code_name().map(owned)),
        ("error.type", facts.error.or(facts.reason).map(owned)),
        ("mintage.reason", facts.reason.map(owned)),
        ("mintage.auth_failure", facts.failure.map(owned)),
        ("mintage.tenant", facts.tenant.as_ref().map(ToString::to_string)),
        ("mintage.client_id", facts.client_id.as_ref().map(ToString::to_string)),
        ("mintage.user", facts.user.as_deref().map(owned)),
        ("mintage.step", facts.step.map(owned)),
        ("mintage.grant", facts.grant.map(owned)),
        ("mintage.algorithm", facts.algorithm.map(owned)),
        ("client.address", facts.source.map(|source| source.to_string())),
    ];
    let numbers = [
        ("http.response.status_code", facts.status.map(i64::from)),
        ("mintage.items", facts.items.and_then(|items| i64::try_from(items).ok())),
        ("mintage.loads", i64::try_from(facts.loads).ok().filter(|loads| *loads > 0)),
    ];
    let own = own.into_iter().map(|(key, value)| KeyValue::new(key, value));
    let perhaps = perhaps.into_iter().filter_map(|(key, value)| Some(KeyValue::new(key, value?)));
    let numbers = numbers.into_iter().filter_map(|(key, value)| Some(KeyValue::new(key, value?)));
    own.chain(perhaps).chain(numbers).collect()
}

/// A call to a sibling over a network; its span ends when it is dropped.
#[derive(Debug)]
pub(crate) struct Outgoing {
    own: TraceContext,
    parent: TraceContext,
    method: String,
    begun: Duration,
    code: Option<tonic::Code>,
    service: Option<ServiceName>,
}

impl Outgoing {
    /// Writes the trace of the request that is being answered on the one that is sent for it.
    pub(crate) fn of<B>(request: &mut Request<B>) -> Option<Self> {
        let parent = observe::current()?;
        let sampled = parent.sampled && pipeline::spans().is_some();
        let own = if sampled { parent.child() } else { parent };
        write(request, own.header());
        let method = request.uri().path().trim_start_matches('/');
        sampled.then(|| Self {
            own,
            parent,
            method: method.to_owned(),
            begun: Clock::System.monotonic(),
            code: None,
            service: observe::current_service(),
        })
    }

    /// The answer begins; `None` when there is none.
    pub(crate) fn answered<B>(&mut self, response: Option<&Response<B>>) {
        self.code = Some(response.map_or(tonic::Code::Unavailable, |response| code_of(response.headers())));
    }
}

impl Drop for Outgoing {
    fn drop(&mut self) {
        let Some(spans) = pipeline::spans() else { return };
        let outcome = self.code.map_or(Outcome::Cancelled, Outcome::of_code);
        let service = self.service.map(|service| KeyValue::new("mintage.service", service.as_str()));
        spans.export(Ended {
            context: self.own,
            parent: Some(self.parent),
            parent_is_remote: false,
            kind: SpanKind::Client,
            name: std::mem::take(&mut self.method).into(),
            took: Clock::System.monotonic().saturating_sub(self.begun),
            attributes: service.into_iter().chain([KeyValue::new("mintage.outcome", outcome.as_str())]).collect(),
            links: Vec::new(),
            status: if outcome == Outcome::Ok { Status::Unset } else { Status::error(outcome.as_str()) },
        });
    }
}

/// Says within the trace of the request that is being answered that `what` happened at this moment.
pub fn mark(what: &'static str, more: &[(&'static str, &'static str)]) {
    let Some(parent) = observe::current().filter(|parent| parent.sampled) else { return };
    let Some(spans) = pipeline::spans() else { return };
    let more = more.iter().map(|(key, value)| KeyValue::new(*key, *value));
    let service = observe::current_service().map(|service| KeyValue::new("mintage.service", service.as_str()));
    spans.export(Ended {
        context: parent.child(),
        parent: Some(parent),
        parent_is_remote: false,
        kind: SpanKind::Internal,
        name: what.into(),
        took: Duration::ZERO,
        attributes: service.into_iter().chain(more).collect(),
        links: Vec::new(),
        status: Status::Unset,
    });
}

/// The trace of the request that is being answered, to be sent beside an item of a batch; empty unless it is sampled.
#[must_use]
pub fn beside() -> Vec<u8> {
    let sampled = observe::current().filter(|context| context.sampled && pipeline::spans().is_some());
    sampled.map_or_else(Vec::new, TraceContext::to_bytes)
}

/// A batch of things that were asked for in traces of their own: each trace gets a span of its own for it, linked to the
/// batch's. The spans end when it is dropped.
#[derive(Debug)]
pub struct Batch {
    what: &'static str,
    members: Vec<TraceContext>,
    begun: Duration,
}

impl Batch {
    /// `what` is done for those of a batch whose traces are `beside` them.
    pub fn begin<'b>(what: &'static str, beside: impl Iterator<Item = &'b [u8]>) -> Self {
        let wanted = pipeline::spans().is_some();
        let members: Vec<_> = beside.filter(|_| wanted).filter_map(TraceContext::from_bytes).collect();
        if !members.is_empty() {
            // What they are linked to must be there.
            observe::note(|facts| facts.context.sampled = true);
        }
        Self { what, members, begun: Clock::System.monotonic() }
    }
}

impl Drop for Batch {
    fn drop(&mut self) {
        let Some(spans) = pipeline::spans() else { return };
        let (took, batch) = (Clock::System.monotonic().saturating_sub(self.begun), observe::current());
        for member in self.members.drain(..) {
            let service = observe::current_service().map(|service| KeyValue::new("mintage.service", service.as_str()));
            spans.export(Ended {
                context: member.child(),
                parent: Some(member),
                parent_is_remote: true,
                kind: SpanKind::Internal,
                name: self.what.into(),
                took,
                attributes: service.into_iter().collect(),
                links: batch.into_iter().collect(),
                status: Status::Unset,
            });
        }
    }
}

fn write<B>(request: &mut Request<B>, header: Option<HeaderValue>) {
    if let Some(header) = header {
        request.headers_mut().insert(TRACEPARENT, header);
    }
}

fn named(context: TraceContext, is_remote: bool) -> SpanContext {
    let flags = if context.sampled { TraceFlags::SAMPLED } else { TraceFlags::default() };
    let (trace, span) = (TraceId::from(context.trace_id), SpanId::from(context.span_id));
    SpanContext::new(trace, span, flags, is_remote, TraceState::default())
}

#[expect(
    clippy::disallowed_methods,
    reason = "a span is dated by the machine's clock, whatever clock the rules live by"
)]
fn now() -> SystemTime {
    SystemTime::now()
}
