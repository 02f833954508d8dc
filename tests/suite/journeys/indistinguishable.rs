//! Whether a client exists cannot be told from how it is refused.

use std::time::Duration;

use mintage_api::types::SigningAlgorithm;
use mintage_clock::Clock;

use super::rig::{Known, Rig};

/// Below the limiter's burst for one client and source, so that both kinds are answered by the same rule.
const SAMPLES: usize = 90;

#[tokio::test]
async fn b18_an_unknown_client_and_a_wrong_secret_are_refused_alike_in_body_status_and_time() {
    let rig = Rig::new().await;
    let granted = rig.granted(SigningAlgorithm::Es256).await;
    let (mut known_times, mut unknown_times) = (Vec::new(), Vec::new());
    let mut answers = Vec::new();
    for sample in 0..SAMPLES {
        let mut unknown = granted.known.client.clone();
        unknown.client_id = format!("nobody{sample:026}");
        for (client, times) in [(granted.known.client.clone(), &mut known_times), (unknown, &mut unknown_times)] {
            let wrong = Known { client, secret: granted.known.secret.replace("mcs_", "mcs-") };
            let began = Clock::System.monotonic();
            answers.push(rig.ask(&wrong, &granted.api.identifier).await);
            times.push(Clock::System.monotonic().saturating_sub(began));
        }
    }
    answers.dedup();
    assert_eq!(answers.len(), 1, "{answers:?}");
    let distance = kolmogorov_smirnov(&known_times, &unknown_times);
    assert!(distance < CRITICAL, "the distributions of time are {distance:.2} apart");
}

/// Refuses at a level of one in a million: 2.63 · √(2/90), for a test that runs on noisy machines.
const CRITICAL: f64 = 0.392;

/// The two-sample Kolmogorov–Smirnov statistic, on times rounded to a millisecond.
fn kolmogorov_smirnov(left: &[Duration], right: &[Duration]) -> f64 {
    let share = |times: &[Duration], limit: u128| {
        times.iter().filter(|time| time.as_millis() <= limit).count() as f64 / times.len() as f64
    };
    let all: Vec<u128> = left.iter().chain(right.iter()).map(Duration::as_millis).collect();
    all.into_iter().map(|limit| (share(left, limit) - share(right, limit)).abs()).fold(0.0, f64::max)
}
