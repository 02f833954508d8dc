//! `/authorize`, and the way back to the client.

use axum::body::Body;
use http::header::{CONTENT_TYPE, COOKIE};
use http::{Method, StatusCode};
use mintage_api::consent::step::Next;
use mintage_api::consent::{
    BeginAuthorizationRequest, BrowserTokens, DecideResponse, Page, Problem, ProblemReason, Redirection, Refused,
    ResponseMode,
};
use mintage_api::token::IssueFrontChannelResponse;
use mintage_api::types::ErrorReason;
use mintage_chassis::status::refusal;
use tonic::{Code, Status};

use crate::browser::{COOKIES, encoded, of_page, posted_elsewhere, set_cookies, visit};
use crate::desk::{CALLBACK, answer, at, holding, refused, step};
use crate::rig::{FORM, RFC_HOST, Rig, request};

const ASKED: &[(&str, &str)] = &[
    ("client_id", "alpha"),
    ("redirect_uri", CALLBACK),
    ("response_type", "code"),
    ("scope", "read:messages openid"),
    ("state", "a b&c=ü"),
    ("audience", "https://api/"),
    ("code_challenge", "abc"),
    ("code_challenge_method", "S256"),
    ("prompt", "consent"),
    ("id_token_hint", "e30.e30.x"),
    ("colour", "red"),
];

#[tokio::test]
async fn a_request_is_passed_on_as_it_came() {
    let rig = Rig::start().await;
    rig.desk.leads_to(step(at(Page::SignIn)));
    let shown = rig.visit(&format!("/authorize?{}", encoded(ASKED))).await;
    assert_eq!(shown.status, StatusCode::SEE_OTHER);
    assert_eq!(shown.header("location"), Some("/u/sign-in?interaction=int_handle"));
    let expected = BeginAuthorizationRequest {
        tenant_id: "rfc".into(),
        issuer: "https://rfc.example/".into(),
        browser: Some(BrowserTokens {
            browser: "brw_secret".into(),
            session: "ses_secret".into(),
            known: String::new(),
        }),
        client_id: "alpha".into(),
        redirect_uri: CALLBACK.into(),
        response_type: "code".into(),
        scope: "read:messages openid".into(),
        state: "a b&c=ü".into(),
        audience: "https://api/".into(),
        code_challenge: "abc".into(),
        code_challenge_method: "S256".into(),
        prompt: "consent".into(),
        id_token_hint: "e30.e30.x".into(),
        ..BeginAuthorizationRequest::default()
    };
    assert!(rig.desk.begin.last() == expected);
}

#[tokio::test]
async fn b7_what_stands_twice_and_what_is_not_served_is_named() {
    let rig = Rig::start().await;
    rig.desk.leads_to(step(at(Page::SignIn)));
    let hostile = "client_id=a&nonce=a&nonce=b&scope=x&scope=x&state=s&request=e30.e30.&request_uri=https%3A%2F%2Fx%2F";
    rig.visit(&format!(
        "/authorize?{hostile}&registration=%7B%7D&claims=%7B%7D&organization=org_1&dpop_jkt=x&colour=1&colour=2"
    ))
    .await;
    let asked = rig.desk.begin.last();
    assert_eq!((asked.nonce.as_str(), asked.scope.as_str(), asked.state.as_str()), ("", "", "s"));
    assert_eq!(asked.repeated_parameters, ["nonce", "scope"]);
    let refused = ["request", "request_uri", "registration", "claims", "organization", "dpop_jkt"];
    assert_eq!(asked.refused_parameters, refused);
}

#[tokio::test]
async fn a_request_that_names_no_client_or_two_cannot_be_read_and_reaches_nobody() {
    let rig = Rig::start().await;
    rig.desk.leads_to(step(at(Page::SignIn)));
    for named in ["", "client_id=", "client_id=a&client_id=b", "client_id=a&client_id=a"] {
        let fields: Vec<_> = named.split('&').filter_map(|pair| pair.split_once('=')).collect();
        let address = format!("/authorize?{named}&redirect_uri=https%3A%2F%2Fevil.example%2F");
        for shown in [rig.visit(&address).await, rig.submit("/authorize", &fields).await] {
            assert_eq!((shown.status, shown.header("location")), (StatusCode::BAD_REQUEST, None), "{named}");
            assert!(shown.body.contains("<h1>This request cannot be read</h1>"), "{named}: {}", shown.body);
            assert!(!shown.body.contains("evil.example"));
        }
    }
    assert_eq!(rig.desk.begin.count(), 0);
}

#[tokio::test]
async fn b18_a_request_beyond_any_bound_reaches_nobody() {
    let rig = Rig::start().await;
    rig.desk.leads_to(step(at(Page::SignIn)));
    let many = (0..65).map(|number| format!("p{number}=1")).collect::<Vec<_>>().join("&");
    let rows = [
        (format!("state={}", "x".repeat(17 << 10)), 414),
        (many, 400),
        ("state=%zz".to_owned(), 400),
        ("state=%ff".to_owned(), 400),
    ];
    for (query, status) in rows {
        let shown = rig.visit(&format!("/authorize?{query}")).await;
        assert_eq!(shown.status.as_u16(), status, "{query:.20}");
        assert_eq!(shown.header("content-type"), Some("text/html; charset=utf-8"));
    }
    assert_eq!(rig.desk.begin.count(), 0);
}

#[tokio::test]
async fn a_request_that_another_site_posts_comes_back_as_an_address_so_that_cookies_come_with_it() {
    let rig = Rig::start().await;
    let asked: Vec<_> = ASKED.iter().copied().filter(|(name, _)| *name != "id_token_hint").collect();
    let back = rig.send(posted_elsewhere("/authorize", &asked)).await;
    assert_eq!((back.status, rig.desk.begin.count()), (StatusCode::SEE_OTHER, 0));
    let location = back.header("location").unwrap().to_owned();
    let query = location.strip_prefix("/authorize?").expect("our own address");
    let read: Vec<_> = form_urlencoded::parse(query.as_bytes()).collect();
    assert!(read.iter().map(|(name, value)| (&**name, &**value)).eq(asked));
    for (content_type, body, status) in [
        ("application/json", "{}", StatusCode::UNSUPPORTED_MEDIA_TYPE),
        ("text/plain", "client_id=a", StatusCode::UNSUPPORTED_MEDIA_TYPE),
        (FORM, "a=%zz", StatusCode::BAD_REQUEST),
    ] {
        let posted = request(Method::POST, "/authorize", RFC_HOST).header(CONTENT_TYPE, content_type);
        assert_eq!(rig.send(posted.body(body.into()).unwrap()).await.status, status, "{content_type} {body}");
    }
    let long = request(Method::POST, "/authorize", RFC_HOST).header(CONTENT_TYPE, FORM);
    let long = long.body(format!("state={}", "x".repeat(20 << 10)).into()).unwrap();
    assert_eq!(rig.send(long).await.status, StatusCode::URI_TOO_LONG);
}

#[tokio::test]
async fn an_id_token_that_is_posted_comes_back_by_a_form_and_stands_in_no_address() {
    let rig = Rig::start().await;
    rig.desk.leads_to(step(at(Page::SignIn)));
    let page = rig.send(posted_elsewhere("/authorize", ASKED)).await;
    assert_eq!((page.status, page.header("location"), rig.desk.begin.count()), (StatusCode::OK, None, 0));
    assert!(page.body.contains(r#"<form method="post" action="/authorize">"#), "{}", page.body);
    assert!(page.body.contains(r#"<input type="hidden" name="id_token_hint" value="e30.e30.x">"#));
    assert!(
        page.body.contains(r#"name="state" value="a b&#38;c=ü""#) && page.body.contains(r#"<button class="primary""#)
    );
    let sent: Vec<_> = ASKED.iter().copied().chain([("again", "1")]).collect();
    let shown = rig.submit("/authorize", &sent).await;
    assert_eq!(shown.header("location"), Some("/u/sign-in?interaction=int_handle"));
    let asked = rig.desk.begin.last();
    assert_eq!((asked.id_token_hint.as_str(), asked.state.as_str()), ("e30.e30.x", "a b&c=ü"));
    assert_eq!(asked.browser.unwrap().session, "ses_secret");
    let forever = rig.send(posted_elsewhere("/authorize", &sent)).await;
    assert_eq!((forever.status, rig.desk.begin.count()), (StatusCode::FORBIDDEN, 1), "it comes back once");
}

#[tokio::test]
async fn whoever_only_looks_at_an_address_begins_and_ends_nothing() {
    let rig = Rig::start().await;
    let glance = async |path: &str| {
        let glance = request(Method::HEAD, path, RFC_HOST).header(COOKIE, COOKIES).body(Body::empty()).unwrap();
        rig.send(glance).await
    };
    for path in ["/u/applications", "/oidc/logout?id_token_hint=e30.e30.x"] {
        let shown = glance(path).await;
        assert_eq!((shown.status, shown.body.as_str(), set_cookies(&shown).len()), (StatusCode::OK, "", 0), "{path}");
        assert_eq!(shown.header("content-type"), Some("text/html; charset=utf-8"));
        assert_eq!(shown.header("cache-control"), Some("no-store"));
    }
    for query in ["", "?client_id=alpha", "?state=%zz"] {
        let shown = glance(&format!("/authorize{query}")).await;
        assert_eq!(
            (shown.status, shown.header("allow")),
            (StatusCode::METHOD_NOT_ALLOWED, Some("GET,POST")),
            "{query}"
        );
        assert_eq!((set_cookies(&shown).len(), shown.header("cache-control")), (0, Some("no-store")));
    }
    assert_eq!((rig.desk.begin.count(), rig.desk.begin_sign_in.count(), rig.desk.deeds()), (0, 0, 0));
}

#[tokio::test]
async fn b26_a_third_party_hears_of_a_refusal_only_if_the_user_goes_there() {
    let rig = Rig::start().await;
    let said =
        "error=invalid_scope&#38;error_description=there%20is%20no%20scope%20CALL-0800&#38;state=a%26b&#38;iss=i";
    for (mode, mark) in [(ResponseMode::Query, '?'), (ResponseMode::Fragment, '#')] {
        rig.desk.leads_to(step(refused(mode, false)));
        let page = rig.visit("/authorize?client_id=a").await;
        assert_eq!((page.status, page.header("location")), (StatusCode::BAD_REQUEST, None));
        assert!(page.body.contains("<h1>This request was refused</h1>") && !page.body.contains("http-equiv"));
        assert!(page.body.contains("<strong><bdi>Sheets</bdi></strong> asked for something"));
        assert!(page.body.contains("does not run this application and does not vouch for it."));
        assert!(page.body.contains("go on to <strong><bdi>https://sheets.example</bdi></strong>."), "{}", page.body);
        assert!(page.body.contains("<code>invalid_scope</code>"));
        let link = page.body.split("<a class=\"button\" href=\"").nth(1).unwrap().split('"').next().unwrap();
        assert_eq!(link, format!("{CALLBACK}{mark}{said}"));
        assert_eq!(page.body.matches("CALL").count(), 1, "no word of the request but in the address");
    }
    rig.desk.leads_to(step(refused(ResponseMode::FormPost, false)));
    let page = rig.visit("/authorize?client_id=a").await;
    assert!(
        page.body.contains(&format!(r#"<form method="post" action="{CALLBACK}">"#)) && !page.body.contains("<script")
    );
    assert!(!page.header("content-security-policy").unwrap().contains("script-src"));
    rig.desk.decide.with(|_| Ok(DecideResponse { step: Some(step(refused(ResponseMode::Query, true))) }));
    let page = rig.submit("/u/consent", &of_page(&[("decision", "refuse")])).await;
    assert_eq!((page.status, page.header("location")), (StatusCode::OK, None));
    assert!(page.body.contains("<h1>You did not allow it</h1>") && !page.body.contains("http-equiv"));
}

#[tokio::test]
async fn a_refusal_brings_nothing_that_is_worth_anything() {
    let rig = Rig::start().await;
    let Next::Refused(sound) = refused(ResponseMode::Query, false) else { unreachable!() };
    let bringing = |redirection| Next::Refused(Refused { redirection: Some(redirection), ..sound.clone() });
    let ticket = Redirection { front_channel_ticket: "t".into(), ..answer(ResponseMode::Fragment, &[("error", "x")]) };
    for wrong in [
        bringing(answer(ResponseMode::Query, &[("code", "cd_1")])),
        bringing(ticket),
        bringing(Redirection { redirect_uri: "javascript:alert(1)".into(), ..answer(ResponseMode::Query, &[]) }),
        Next::Refused(Refused { redirection: None, ..sound.clone() }),
        Next::Refused(Refused { application: None, ..sound.clone() }),
    ] {
        rig.desk.leads_to(step(wrong));
        assert_eq!(rig.visit("/authorize?client_id=a").await.status, StatusCode::INTERNAL_SERVER_ERROR);
    }
}

#[tokio::test]
async fn b26_a_browser_goes_where_the_step_says_and_nowhere_else() {
    let rig = Rig::start().await;
    let parameters = [("code", "cd_1"), ("state", "a b&c#d\r\nX: y"), ("iss", "https://rfc.example/")];
    let written = "code=cd_1&state=a%20b%26c%23d%0D%0AX%3A%20y&iss=https%3A%2F%2Frfc.example%2F";
    for (mode, mark) in [(ResponseMode::Query, '?'), (ResponseMode::Fragment, '#')] {
        rig.desk.leads_to(step(Next::Redirection(answer(mode, &parameters))));
        let shown = rig.visit("/authorize?redirect_uri=https%3A%2F%2Fevil.example%2F&client_id=a").await;
        assert_eq!(shown.status, StatusCode::SEE_OTHER);
        assert_eq!(shown.header("location"), Some(format!("{CALLBACK}{mark}{written}").as_str()));
        assert_eq!(shown.header("referrer-policy"), Some("no-referrer"));
        assert_eq!(shown.header("cache-control"), Some("no-store"));
    }
    for hostile in ["javascript:alert(1)", "data:text/html,x", "//evil.example", "/x", "https://u@evil.example/", ""] {
        let mut redirection = answer(ResponseMode::Query, &parameters);
        redirection.redirect_uri = hostile.to_owned();
        rig.desk.leads_to(step(Next::Redirection(redirection)));
        let shown = rig.visit("/authorize?client_id=a").await;
        assert_eq!(shown.status, StatusCode::INTERNAL_SERVER_ERROR, "{hostile}");
        assert_eq!(shown.header("location"), None);
    }
}

#[tokio::test]
async fn after_a_form_the_way_to_the_client_begins_at_a_page_that_needs_no_script() {
    let rig = Rig::start().await;
    let redirection = answer(ResponseMode::Query, &[("code", "cd_1"), ("state", "\"'><script>")]);
    rig.desk.decide.with(move |_| Ok(DecideResponse { step: Some(step(Next::Redirection(redirection.clone()))) }));
    let shown = rig.submit("/u/consent", &of_page(&[("decision", "allow")])).await;
    assert_eq!((shown.status, shown.header("location")), (StatusCode::OK, None));
    let target = format!("{CALLBACK}?code=cd_1&#38;state=%22%27%3E%3Cscript%3E");
    assert!(shown.body.contains(&format!(r#"<meta http-equiv="refresh" content="0;url={target}">"#)), "{}", shown.body);
    assert!(shown.body.contains(&format!(r#"href="{target}""#)));
    assert!(shown.body.contains("https://sheets.example"));
    assert!(!shown.body.contains("<script"));
}

#[tokio::test]
async fn a_form_that_posts_the_answer_holds_it_escaped_and_works_without_its_script() {
    let rig = Rig::start().await;
    let parameters = [("code", "cd_1"), ("state", "\"><script>alert(1)</script>")];
    rig.desk.leads_to(step(Next::Redirection(answer(ResponseMode::FormPost, &parameters))));
    let shown = rig.visit("/authorize?client_id=a").await;
    assert_eq!(shown.status, StatusCode::OK);
    assert!(shown.body.contains(&format!(r#"<form method="post" action="{CALLBACK}">"#)), "{}", shown.body);
    assert!(shown.body.contains(r#"<input type="hidden" name="code" value="cd_1">"#));
    assert!(!shown.body.contains("<script>") && shown.body.contains(r#"<button class="primary" type="submit">"#));
    let policy = shown.header("content-security-policy").unwrap();
    assert!(policy.contains("script-src 'self';") && !policy.contains("form-action") && !policy.contains("unsafe"));
    let script = shown.body.split("<script src=\"").nth(1).unwrap().split('"').next().unwrap();
    let script = rig.visit(script).await;
    assert_eq!(script.header("content-type"), Some("text/javascript; charset=utf-8"));
    assert!(script.body.contains("submit()"));
}

#[tokio::test]
async fn tokens_go_beside_the_code_and_never_in_a_query() {
    let rig = Rig::start().await;
    *rig.tokens.front_channel.lock().unwrap() = Ok(IssueFrontChannelResponse {
        access_token: "at".into(),
        token_type: "Bearer".into(),
        expires_in: 60,
        scopes: vec!["a".into(), "b".into()],
        id_token: "idt".into(),
    });
    let mut redirection = answer(ResponseMode::Fragment, &[("code", "cd_1"), ("state", "s")]);
    redirection.front_channel_ticket = "ticket".into();
    rig.desk.leads_to(step(Next::Redirection(redirection.clone())));
    let shown = rig.visit("/authorize?client_id=a").await;
    let tokens = "code=cd_1&state=s&access_token=at&token_type=Bearer&expires_in=60&scope=a%20b&id_token=idt";
    assert_eq!(shown.header("location"), Some(format!("{CALLBACK}#{tokens}").as_str()));
    let redeemed = rig.tokens.tickets.lock().unwrap().last().cloned().unwrap();
    assert_eq!((redeemed.ticket.as_str(), redeemed.issuer.as_str()), ("ticket", "https://rfc.example/"));
    redirection.mode = ResponseMode::Query.into();
    rig.desk.leads_to(step(Next::Redirection(redirection)));
    let refused = rig.visit("/authorize?client_id=a").await;
    assert_eq!((refused.status, refused.header("location")), (StatusCode::INTERNAL_SERVER_ERROR, None));
    assert_eq!(rig.tokens.tickets.lock().unwrap().len(), 1, "the ticket stays whole");
}

#[tokio::test]
async fn a_ticket_that_cannot_be_redeemed_gives_the_client_an_error_and_no_half_of_an_answer() {
    let rig = Rig::start().await;
    let mut redirection = answer(ResponseMode::Fragment, &[("code", "cd_1"), ("state", "s"), ("iss", "i")]);
    redirection.front_channel_ticket = "ticket".into();
    rig.desk.leads_to(holding("brw_new", "", Next::Redirection(redirection)));
    for (status, error) in [
        (Status::unavailable("10.0.0.7"), "temporarily_unavailable"),
        (Status::internal("stack trace"), "server_error"),
    ] {
        *rig.tokens.front_channel.lock().unwrap() = Err(status);
        let shown = rig.visit("/authorize?client_id=a").await;
        assert_eq!(shown.header("location"), Some(format!("{CALLBACK}#error={error}&state=s&iss=i").as_str()));
        assert_eq!(set_cookies(&shown).len(), 1);
    }
}

#[tokio::test]
async fn what_the_browser_is_to_hold_becomes_cookies_that_no_script_and_no_other_host_has() {
    let rig = Rig::start().await;
    rig.desk.leads_to(step(at(Page::Consent)));
    assert_eq!(set_cookies(&rig.visit("/authorize?client_id=a").await), Vec::<String>::new(), "what is not said stays");
    rig.desk.leads_to(holding("brw_new", "ses_new", at(Page::Consent)));
    let expected = [("browser", "brw_new"), ("session", "ses_new")]
        .map(|(name, token)| format!("__Host-mintage-{name}={token}; Path=/; Secure; HttpOnly; SameSite=Lax"));
    assert_eq!(set_cookies(&rig.visit("/authorize?client_id=a").await), expected);
    rig.desk.leads_to(holding("", "ses_new; Domain=evil.example", at(Page::Consent)));
    let refused = rig.visit("/authorize?client_id=a").await;
    assert_eq!((refused.status, set_cookies(&refused).len()), (StatusCode::INTERNAL_SERVER_ERROR, 0));
}

#[tokio::test]
async fn b29_a_cookie_that_stands_twice_is_no_cookie() {
    let rig = Rig::start().await;
    rig.desk.leads_to(step(at(Page::SignIn)));
    let twice =
        visit("/authorize?client_id=a").header(COOKIE, "__Host-mintage-session=ses_evil").body(Body::empty()).unwrap();
    rig.send(twice).await;
    let told = rig.desk.begin.last().browser.unwrap();
    assert_eq!((told.browser.as_str(), told.session.as_str()), ("brw_secret", ""));
    rig.visit("/authorize?client_id=a").await;
    assert_eq!(rig.desk.begin.last().browser.unwrap().session, "ses_secret");
}

#[tokio::test]
async fn who_cannot_be_led_back_is_told_why() {
    let rig = Rig::start().await;
    for (reason, title) in [
        (ProblemReason::ClientUnknown, "This application is not known here"),
        (ProblemReason::RedirectUriMismatch, "The way back is not known"),
        (ProblemReason::InteractionOver, "This page has expired"),
    ] {
        rig.desk.leads_to(step(Next::Problem(Problem { reason: reason.into() })));
        let shown = rig.visit("/authorize?client_id=a&redirect_uri=https%3A%2F%2Fevil.example%2F").await;
        assert_eq!((shown.status, shown.header("location")), (StatusCode::BAD_REQUEST, None));
        assert!(shown.body.contains(&format!("<h1>{title}</h1>")), "{}", shown.body);
        assert!(!shown.body.contains("evil.example"));
    }
    let german =
        visit("/authorize?client_id=a&ui_locales=de").header("accept-language", "en").body(Body::empty()).unwrap();
    assert!(rig.send(german).await.body.contains("<html lang=\"de\">"));
}

#[tokio::test]
async fn who_comes_too_often_or_while_nobody_answers_is_told_which_and_when_to_come_back() {
    let rig = Rig::start().await;
    for (reason, status, title) in [
        (ErrorReason::TooManyAttempts, 429, "Too many requests came at once"),
        (ErrorReason::TemporarilyUnavailable, 503, "We cannot answer right now"),
    ] {
        let metadata = [("retry_after_seconds", "9")];
        rig.desk.begin.with(move |_| Err(refusal(Code::ResourceExhausted, reason, "", &metadata)));
        let shown = rig.visit("/authorize?client_id=alpha").await;
        assert_eq!((shown.status.as_u16(), shown.header("retry-after")), (status, Some("9")));
        assert!(shown.body.contains(&format!("<h1>{title}</h1>")), "{}", shown.body);
    }
}

#[tokio::test]
async fn a_handle_stands_in_an_address_only_escaped() {
    let rig = Rig::start().await;
    let Next::Interaction(mut interaction) = at(Page::Consent) else { unreachable!() };
    interaction.handle = "a&b=c#d".to_owned();
    rig.desk.leads_to(step(Next::Interaction(interaction)));
    let shown = rig.visit("/authorize?client_id=a").await;
    assert_eq!(shown.header("location"), Some("/u/consent?interaction=a%26b%3Dc%23d"));
}
