//! What is good of a family, whoever presents what in whatever order.

use mintage_jose::mac::HmacKey;
use proptest::prelude::*;

use super::*;
use crate::domain::id::SessionId;

const IDLE: Duration = Duration::from_secs(1000);
const LEEWAY: Duration = Duration::from_secs(30);

fn digester() -> Digester {
    Digester::new(HmacKey::new(&[1; 32]))
}

fn token(family: &Family, randomness: &Randomness) -> Digest {
    RefreshToken::generate(family.id.clone(), randomness).digest(&digester())
}

fn family(randomness: &Randomness) -> Family {
    let (id, start) = (FamilyId::generate(randomness), Timestamp::from_unix_millis(0));
    Family {
        id: id.clone(),
        current: RefreshToken::generate(id, randomness).digest(&digester()),
        previous: None,
        grant: UserGrantId::generate(randomness),
        scopes: ScopeSet::default(),
        signed_in: SignedIn { session: Some(SessionId::generate(randomness)), at: start, tell_when: false },
        created_at: start,
        used_at: start,
        idle: IDLE,
        ends_at: start + IDLE + IDLE,
    }
}

fn at(seconds: u64) -> Timestamp {
    Timestamp::from_unix_millis(0) + Duration::from_secs(seconds)
}

#[test]
fn a_token_is_read_back_with_its_family() {
    let randomness = Randomness::seeded(1);
    let token = RefreshToken::generate(FamilyId::generate(&randomness), &randomness);
    let read = RefreshToken::read(&token.expose()).expect("a refresh token");
    assert_eq!(read.family(), token.family());
    assert!(read.digest(&digester()).matches(&token.digest(&digester())));
    for foreign in ["", ".", "mrt_.x", token.secret.expose(), &format!("{}x", *token.expose())] {
        assert!(RefreshToken::read(foreign).is_none(), "{foreign}");
    }
}

#[test]
fn of_a_family_one_token_is_good_and_while_it_lives_any_other_is_a_copy() {
    let randomness = Randomness::seeded(1);
    let family = family(&randomness);
    let (current, other) = (family.current.clone(), token(&family, &randomness));
    let judge = |family: &Family, token, now| family.judge(token, now, LEEWAY);
    assert_eq!(judge(&family, &current, at(0)), Presented::Good);
    assert_eq!(judge(&family, &other, at(0)), Presented::Reused);
    assert_eq!(judge(&family, &current, at(1000)), Presented::Ended, "idle");
    let kept_busy = Family { used_at: at(1999), ..family };
    assert_eq!(judge(&kept_busy, &current, at(2000)), Presented::Ended, "over");
}

#[test]
fn a_used_token_is_heard_again_for_a_moment_that_does_not_begin_anew() {
    let randomness = Randomness::seeded(1);
    let mut family = family(&randomness);
    let first = family.current.clone();
    family.give(token(&family, &randomness), Presented::Good, at(100));
    let lost = family.current.clone();
    assert_eq!(family.judge(&first, at(129), LEEWAY), Presented::Again);
    family.give(token(&family, &randomness), Presented::Again, at(129));
    assert_eq!(family.judge(&first, at(129), LEEWAY), Presented::Again);
    assert_eq!(family.judge(&lost, at(129), LEEWAY), Presented::Reused, "it was replaced");
    assert_eq!(family.judge(&first, at(130), LEEWAY), Presented::Reused, "30 s after its use, not after the last try");
    assert_eq!(family.judge(&first, at(100), Duration::ZERO), Presented::Reused, "strict");
    assert_eq!(family.judge(&first, at(99), Duration::ZERO), Presented::Reused, "strict, whatever the clocks say");
    let second = family.current.clone();
    family.give(token(&family, &randomness), Presented::Good, at(129));
    assert_eq!(family.judge(&second, at(129), LEEWAY), Presented::Again);
    assert_eq!(family.judge(&first, at(129), LEEWAY), Presented::Reused, "what came of it was used");
}

/// What somebody does, of all the tokens that were ever given out.
#[derive(Clone, Debug)]
enum Step {
    /// Presents the n-th of them.
    Present(usize),
    /// Presents the one that was given last, or the one before.
    PresentLatest { before: bool },
    /// Seconds go by.
    Wait(u64),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        1 => (0..20_usize).prop_map(Step::Present),
        6 => any::<bool>().prop_map(|before| Step::PresentLatest { before }),
        3 => (0..20_u64).prop_map(Step::Wait),
    ];
    prop::collection::vec(step, 1..60)
}

/// A token as whoever watches everything remembers it.
struct Seen {
    digest: Digest,
    /// Which one it was given for.
    parent: Option<usize>,
    /// When it was taken first.
    taken_at: Option<Timestamp>,
}

/// By the words of the rule: the last one given out is good; so is, once more, the one that it was given for, until 30 s after
/// that was taken first.
fn is_heard(seen: &[Seen], which: usize, now: Timestamp, leeway: Duration) -> bool {
    let last = seen.len() - 1;
    let in_time = seen[which].taken_at.is_some_and(|at| now < at + leeway);
    which == last || (seen[last].parent == Some(which) && in_time)
}

proptest! {
    /// Replicas take turns at the family's row, so that all that they do at once is some order of single presentations.
    #[test]
    fn whoever_presents_what_in_whatever_order_one_token_is_good_at_every_moment(
        steps in steps(),
        leeway in prop_oneof![Just(LEEWAY), Just(Duration::ZERO)],
    ) {
        let randomness = Randomness::seeded(1);
        let mut family = family(&randomness);
        let mut seen = vec![Seen { digest: family.current.clone(), parent: None, taken_at: None }];
        let mut now = at(0);
        for step in steps {
            let last = seen.len() - 1;
            let which = match step {
                Step::Wait(seconds) => {
                    now = now + Duration::from_secs(seconds);
                    continue;
                }
                Step::Present(which) => which.min(last),
                Step::PresentLatest { before: true } => seen[last].parent.unwrap_or(last),
                Step::PresentLatest { before: false } => last,
            };
            let presented = family.judge(&seen[which].digest, now, leeway);
            let heard = matches!(presented, Presented::Good | Presented::Again);
            prop_assert_eq!(heard, is_heard(&seen, which, now, leeway), "{:?}", presented);
            if !heard {
                // The family is gone, and every token with it.
                break;
            }
            family.give(token(&family, &randomness), presented, now);
            seen[which].taken_at.get_or_insert(now);
            seen.push(Seen { digest: family.current.clone(), parent: Some(which), taken_at: None });
            let good = seen.iter().filter(|seen| family.judge(&seen.digest, now, leeway) == Presented::Good).count();
            prop_assert_eq!(good, 1);
            let heard = (0..seen.len()).filter(|which| is_heard(&seen, *which, now, leeway)).count();
            prop_assert!(heard <= 2, "{} lines grow at once", heard);
        }
    }
}
