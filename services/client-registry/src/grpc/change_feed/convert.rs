//! Events of the feed, for the wire.

use mintage_api::registry::change::Subject as WireSubject;
use mintage_api::registry::watch_response::Event;
use mintage_api::registry::{
    Change as WireChange, ClientChange, ClientGrantChange, Heartbeat, Reset, ResourceServerChange, TenantChange,
    WatchResponse,
};

use crate::domain::change::{Change, Subject};

pub(super) fn change(change: Change) -> WatchResponse {
    let Change { revision, tenant, subject } = change;
    let subject = match subject {
        Subject::Tenant => WireSubject::Tenant(TenantChange {}),
        Subject::Client(client) => WireSubject::Client(ClientChange { client_id: client.to_string() }),
        Subject::ResourceServer(audience) => {
            WireSubject::ResourceServer(ResourceServerChange { identifier: audience.to_string() })
        }
        Subject::ClientGrant { client, audience } => WireSubject::ClientGrant(ClientGrantChange {
            client_id: client.to_string(),
            audience: audience.to_string(),
        }),
    };
    event(Event::Change(WireChange { revision, tenant_id: tenant.to_string(), subject: Some(subject) }))
}

pub(super) fn heartbeat(revision: u64) -> WatchResponse {
    event(Event::Heartbeat(Heartbeat { revision }))
}

pub(super) fn reset(revision: u64) -> WatchResponse {
    event(Event::Reset(Reset { revision }))
}

fn event(event: Event) -> WatchResponse {
    WatchResponse { event: Some(event) }
}
