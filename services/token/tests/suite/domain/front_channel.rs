//! What goes through the browser beside a code.
#![expect(clippy::unwrap_used, reason = "what a test made up itself is there")]

use mintage_jose::{Algorithm, digest};
use mintage_oauth::{GrantType, Party};
use mintage_token::domain::records::{Client, UserAccess};
use mintage_token::domain::{FrontChannel, FrontChannelRequest, FrontChannelTokens, IssueError, Ticket};

use super::consent::authorization;
use super::fakes::{CLIENT, World};
use super::user_grants::claims;

impl World {
    fn let_implicit(&self, party: Party) {
        let user_access = UserAccess { dangerously_allow_implicit: true, ..UserAccess::default() };
        self.registry.put_client(Client { party, user_access, ..self.client() });
    }

    fn give_ticket(&self, change: impl FnOnce(&mut FrontChannel)) {
        let mut given = FrontChannel {
            authorization: authorization("read:it openid"),
            client_id: CLIENT.parse().unwrap(),
            token: true,
            id_token: true,
            code: Some("code-1".to_owned().into()),
        };
        change(&mut given);
        self.consent.tickets.lock().unwrap().insert("t".to_owned(), given);
    }

    async fn redeem(&self, issuer: Option<&str>) -> Result<FrontChannelTokens, IssueError> {
        let ticket = Ticket("t".to_owned().into());
        let request = FrontChannelRequest { tenant: self.request().tenant, issuer: issuer.map(str::to_owned), ticket };
        self.mint.issue_front_channel(&request).await
    }
}

#[tokio::test]
async fn a_ticket_gives_what_was_asked_for_and_ties_it_together_and_nothing_to_refresh_it_with() {
    let world = World::new();
    world.let_implicit(Party::First);
    world.give_ticket(|_| ());
    let FrontChannelTokens { access, id_token } = world.redeem(None).await.unwrap();
    let (access, id_token) = (access.unwrap(), claims(&id_token.unwrap()));
    assert_eq!(id_token["at_hash"], digest::left_half(Algorithm::Rs256, &access.access_token));
    assert_eq!(id_token["c_hash"], digest::left_half(Algorithm::Rs256, "code-1"));
    assert!(access.refresh_token.is_none() && claims(&access.access_token).get("gty").is_none());
    assert_eq!(world.redeem(None).await.unwrap_err(), IssueError::GrantInvalid, "once");

    world.give_ticket(|given| given.token = false);
    let FrontChannelTokens { access, id_token } = world.redeem(None).await.unwrap();
    assert!(access.is_none() && claims(&id_token.unwrap()).get("at_hash").is_none());

    world.give_ticket(|given| given.id_token = false);
    let FrontChannelTokens { access, id_token } = world.redeem(None).await.unwrap();
    assert!(access.is_some() && id_token.is_none());
}

#[tokio::test]
async fn b30_no_token_goes_through_the_browser_of_a_client_that_was_not_let_or_is_a_third_party() {
    let refused = IssueError::GrantTypeNotAllowed { grant_type: GrantType::Implicit };
    let world = World::new();
    world.give_ticket(|_| ());
    assert_eq!(world.redeem(None).await.unwrap_err(), refused);
    world.let_implicit(Party::Third);
    world.give_ticket(|_| ());
    assert_eq!(world.redeem(None).await.unwrap_err(), refused);
    assert!(world.signer.0.lock().unwrap().is_empty());
}

#[tokio::test]
async fn b32_a_client_that_was_disabled_or_deleted_since_gets_nothing() {
    let world = World::new();
    world.let_implicit(Party::First);
    world.give_ticket(|_| ());
    let client = world.registry.client().unwrap();
    world.registry.put_client(Client { enabled: false, ..client });
    assert_eq!(world.redeem(None).await.unwrap_err(), IssueError::GrantInvalid);
    world.let_implicit(Party::First);
    world.give_ticket(|given| given.client_id = "client-2".parse().unwrap());
    assert_eq!(world.redeem(None).await.unwrap_err(), IssueError::GrantInvalid);
}

#[tokio::test]
async fn b22_a_ticket_is_not_taken_for_an_issuer_that_is_none_of_the_tenants() {
    let world = World::new();
    world.let_implicit(Party::First);
    world.give_ticket(|_| ());
    assert_eq!(world.redeem(Some("https://evil.example/")).await.unwrap_err(), IssueError::IssuerUnknown);
    assert!(world.consent.asked().is_empty());
    assert!(world.redeem(Some("https://login.example:8443/")).await.is_ok());
}
