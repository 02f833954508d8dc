//! What the system knows of this process, under the names that Prometheus' own clients give it.

use std::fs;

use mintage_clock::Clock;
use rustix::process::{Resource, getrlimit};

use super::names::{BUILD_INFO, PROCESS_CPU, PROCESS_FILES, PROCESS_FILES_MAX, PROCESS_MEMORY, PROCESS_START};
use super::pipeline::Program;
use crate::ServiceName;

/// Shows what runs, since when, and what it takes.
pub(super) fn show(program: Program) {
    let Program { service, version } = program;
    let started = Clock::System.now().unix_millis() as f64 / 1000.0;
    BUILD_INFO.observe(move |see| see([service.map_or("mintage", ServiceName::as_str), version], 1.0));
    PROCESS_START.observe(move |see| see([], started));
    PROCESS_FILES_MAX.observe(|see| {
        if let Some(most) = getrlimit(Resource::Nofile).current {
            see([], most as f64);
        }
    });
    PROCESS_FILES.observe(|see| {
        if let Ok(open) = fs::read_dir("/proc/self/fd") {
            see([], open.count() as f64);
        }
    });
    PROCESS_CPU.observe(|see| tell(see, cpu_seconds()));
    PROCESS_MEMORY.observe(|see| tell(see, resident_bytes()));
}

fn tell(see: &mut dyn FnMut([&'static str; 0], f64), known: Option<f64>) {
    if let Some(known) = known {
        see([], known);
    }
}

/// proc(5), `/proc/[pid]/stat`: fields 14 and 15, counted behind the name, which may hold anything but its last `)`.
fn cpu_seconds() -> Option<f64> {
    let stat = fs::read_to_string("/proc/self/stat").ok()?;
    let behind = stat.rsplit_once(')')?.1;
    let ticks: u64 = behind.split_whitespace().skip(11).take(2).filter_map(|ticks| ticks.parse::<u64>().ok()).sum();
    Some(ticks as f64 / rustix::param::clock_ticks_per_second() as f64)
}

/// proc(5), `/proc/[pid]/statm`: the second field, in pages.
fn resident_bytes() -> Option<f64> {
    let statm = fs::read_to_string("/proc/self/statm").ok()?;
    let pages: u64 = statm.split_whitespace().nth(1)?.parse().ok()?;
    Some(pages as f64 * rustix::param::page_size() as f64)
}
