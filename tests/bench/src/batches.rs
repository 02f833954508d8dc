//! What a signature costs key-management by how many share a call. docs/performance.md, "Batches", tells how to read it.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, ensure};
use clap::Parser;
use mintage_api::keys::signing_service_client::SigningServiceClient;
use mintage_api::keys::{KeyRingName, SignItem, SignRequest, SignResult, sign_result};
use mintage_api::types::SigningAlgorithm;
use tokio::task::JoinSet;
use tokio::time::Instant;
use tonic::transport::Channel;

use crate::algorithm::Algorithm;
use crate::running::Running;
use crate::suite::Suite;

/// Measures what a signature costs by how many share a call.
#[derive(Parser)]
#[command(name = "batches", no_binary_name = true)]
struct Arguments {
    /// The server, built as for release.
    #[arg(long, default_value = "target/release/mintage")]
    server: PathBuf,
    /// Only this algorithm, ES256 or RS256.
    #[arg(long)]
    algorithm: Option<Algorithm>,
    /// How many signatures a call asks for; the first is what the others are compared with.
    #[arg(long, value_delimiter = ',', default_values_t = [1, 2, 4, 16, 64, 256], value_parser = clap::value_parser!(u16).range(1..=256))]
    sizes: Vec<u16>,
    /// How many callers there are, each of which waits for its answer.
    #[arg(long, default_value_t = 4, value_parser = clap::value_parser!(u16).range(1..=64))]
    callers: u16,
    /// How often each size is measured, in turn; the medians count.
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..=9))]
    rounds: u32,
    /// How long each measurement lasts, in seconds.
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u64).range(1..=60))]
    seconds: u64,
}

/// One measurement.
#[derive(Clone, Copy)]
struct Cost {
    signatures_a_second: f64,
    /// Of the process of key-management.
    cpu_micros: f64,
}

/// Does what is told.
pub(crate) async fn run(told: impl Iterator<Item = String>) -> anyhow::Result<()> {
    let arguments = Arguments::parse_from(told);
    let suite = Suite::new(&arguments.server, 1)?;
    let running = suite.start(1).await?;
    let door = suite.as_token().await?;
    println!("| algorithm | signatures a call | signatures/s | CPU µs a signature | CPU to that of the first row |");
    println!("| --- | --- | --- | --- | --- |");
    for algorithm in arguments.algorithm.map_or_else(|| Algorithm::ALL.to_vec(), |only| vec![only]) {
        for (size, cost, share) in measured(&arguments, algorithm, &door, &running).await? {
            let Cost { signatures_a_second, cpu_micros } = cost;
            println!("| {algorithm} | {size} | {signatures_a_second:.0} | {cpu_micros:.1} | {share:.2}× |");
        }
    }
    running.stop().await
}

/// The median of each size, and its share of the first one's.
async fn measured(
    arguments: &Arguments,
    algorithm: Algorithm,
    door: &Channel,
    running: &Running,
) -> anyhow::Result<Vec<(u16, Cost, f64)>> {
    let mut rounds: Vec<Vec<Cost>> = vec![Vec::new(); arguments.sizes.len()];
    let time = Duration::from_secs(arguments.seconds);
    // Warm, and no longer-lived tokens than the ring is kept for.
    signed(&arguments.sizes, arguments.callers, algorithm, door, Duration::from_secs(1)).await?;
    for _ in 0..arguments.rounds {
        for (size, costs) in arguments.sizes.iter().zip(&mut rounds) {
            let before = running.used()?;
            let began = Instant::now();
            let count = signed(&[*size], arguments.callers, algorithm, door, time).await? as f64;
            let elapsed = began.elapsed().as_secs_f64();
            let used = running.used()?.since(before);
            let used = used.iter().find(|(name, _)| name == "key-management").context("key-management runs")?.1;
            costs.push(Cost { signatures_a_second: count / elapsed, cpu_micros: used.as_secs_f64() * 1e6 / count });
        }
    }
    let medians: Vec<_> = rounds.into_iter().map(median).collect();
    let first = medians.first().map_or(f64::NAN, |cost| cost.cpu_micros);
    let rows = arguments.sizes.iter().zip(medians).map(|(size, cost)| (*size, cost, cost.cpu_micros / first));
    Ok(rows.collect())
}

/// Lets callers ask for `time`, each for batches of these sizes in turn; how many signatures there were.
async fn signed(
    sizes: &[u16],
    callers: u16,
    algorithm: Algorithm,
    door: &Channel,
    time: Duration,
) -> anyhow::Result<u64> {
    let end = Instant::now() + time;
    let mut asking = JoinSet::new();
    for _ in 0..callers {
        let requests: Vec<_> = sizes.iter().map(|size| request(*size, algorithm)).collect();
        let mut client = SigningServiceClient::new(door.clone());
        asking.spawn(async move {
            let mut signed = 0;
            while Instant::now() < end {
                for request in &requests {
                    let answer = client.sign(request.clone()).await?.into_inner();
                    let made = |one: &SignResult| matches!(one.result, Some(sign_result::Result::Jws(_)));
                    ensure!(answer.results.iter().all(made), "something is not signed");
                    signed += answer.results.len() as u64;
                }
            }
            anyhow::Ok(signed)
        });
    }
    let mut all = 0;
    while let Some(signed) = asking.join_next().await {
        all += signed??;
    }
    Ok(all)
}

/// As many tokens of a usual size.
fn request(size: u16, algorithm: Algorithm) -> SignRequest {
    let algorithm = match algorithm {
        Algorithm::Es256 => SigningAlgorithm::Es256,
        Algorithm::Rs256 => SigningAlgorithm::Rs256,
    };
    let ring = KeyRingName { tenant_id: "default".to_owned(), algorithm: algorithm.into(), ..KeyRingName::default() };
    let item = SignItem {
        ring: Some(ring),
        typ: "at+jwt".to_owned(),
        payload: format!("{{\"a\":\"{}\"}}", "a".repeat(490)).into_bytes(),
        lifetime_seconds: 600,
        ..SignItem::default()
    };
    SignRequest { items: vec![item; usize::from(size)] }
}

fn median(mut costs: Vec<Cost>) -> Cost {
    costs.sort_by(|one, other| one.cpu_micros.total_cmp(&other.cpu_micros));
    let none = Cost { signatures_a_second: f64::NAN, cpu_micros: f64::NAN };
    costs.get(costs.len() / 2).copied().unwrap_or(none)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_of_what_a_signature_costs() {
        let cost = |cpu_micros| Cost { signatures_a_second: 1e6 / cpu_micros, cpu_micros };
        assert!((median([9.0, 20.0, 10.0].map(cost).into()).cpu_micros - 10.0).abs() < f64::EPSILON);
        assert!(median(Vec::new()).cpu_micros.is_nan());
    }

    #[test]
    fn a_batch_asks_for_as_many_tokens_as_it_says() {
        let request = request(256, Algorithm::Es256);
        assert_eq!((request.items.len(), request.items[0].payload.len()), (256, 498));
    }
}
