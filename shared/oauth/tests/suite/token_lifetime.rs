//! How long tokens may live.

use std::time::Duration;

use mintage_oauth::{ID_TOKEN_LIFETIME, TokenLifetime, TokenLifetimeError};

#[test]
fn a_token_lives_from_a_second_to_thirty_days() {
    assert_eq!(TokenLifetime::from_seconds(0), Err(TokenLifetimeError::TooShort));
    assert_eq!(TokenLifetime::from_seconds(1).unwrap().as_seconds(), 1);
    assert_eq!(TokenLifetime::from_seconds(2_592_000).unwrap(), TokenLifetime::MAX);
    for long in [2_592_001, u64::from(u32::MAX), u64::from(u32::MAX) + 2, u64::MAX] {
        assert_eq!(TokenLifetime::from_seconds(long), Err(TokenLifetimeError::TooLong), "{long}");
    }
}

#[test]
fn a_token_lives_a_day_unless_told_otherwise() {
    assert_eq!(TokenLifetime::default().as_duration(), Duration::from_secs(24 * 60 * 60));
}

#[test]
fn part_of_a_second_is_refused_rather_than_rounded() {
    assert_eq!(TokenLifetime::try_from(Duration::from_millis(1500)), Err(TokenLifetimeError::Fraction));
    assert_eq!(TokenLifetime::try_from(Duration::from_secs(60)).unwrap().as_seconds(), 60);
}

#[test]
fn an_id_token_lives_an_hour() {
    assert_eq!(ID_TOKEN_LIFETIME, TokenLifetime::from_seconds(3600).unwrap());
}
