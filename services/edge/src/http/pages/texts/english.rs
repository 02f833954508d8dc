//! English.

use super::{Phrase, Texts, Trouble};

pub(super) const TEXTS: Texts = Texts {
    lang: "en",

    sign_in: "Sign in",
    sign_in_for: Phrase::around("to continue to ", ""),
    email: "E-mail address",
    password: "Password",
    sign_in_refused: "This e-mail address and password do not belong together. Check both, then try again.",
    too_many_attempts: "There were too many attempts. Wait a while, then try again.",

    consent_title: Phrase::around("Let ", " act for you?"),
    by_owner: Phrase::around("by ", ""),
    third_party: Phrase::around("", " does not run this application and does not vouch for it."),
    registered_itself: Phrase::around("This application registered itself; nobody at ", " has checked it."),
    first_party: Phrase::around("An application of ", "."),
    wants_at: Phrase::around("At ", " it would be able to:"),
    wants: "It would be able to:",
    nothing_new: "It asks for nothing that you have not allowed before.",
    optional: "You may leave these out:",
    granted: "You allowed this before:",
    asked_each_time: "You are asked each time, since another program on this device could pose as this application. Go on only \
                      if you have just started it yourself.",
    goes_next: Phrase::around("Whatever you choose, your browser then goes to ", "."),
    goes_next_if_allowed: Phrase::around("If you allow it, your browser then goes to ", "."),
    changed: "What you are asked has changed since you opened this page. Please read it again.",
    on_device: "an application on this device",
    taken_back: Phrase::around("You can take this back at any time under ", "."),
    signed_in_as: Phrase::around("Signed in as ", ""),
    not_you: "Not you?",
    allow: "Allow",
    refuse: "Refuse",
    about: "About this application",
    privacy: "Privacy policy of the application",
    terms: "Terms of service of the application",
    scope_openid: "Know that it is you",
    scope_profile: "See your name",
    scope_email: "See your e-mail address",
    scope_offline_access: "Go on while you are not using it",

    applications: "Applications with access",
    applications_intro: "These applications may act for you. Access that you remove ends at once; the application has to get it anew.",
    applications_none: "No application has access.",
    application_gone: "An application that no longer exists",
    third_party_mark: "Third party",
    registered_itself_mark: "Registered itself",
    stopped: Phrase::around(
        "",
        " has stopped this application: it is given nothing any more, unless that is taken back.",
    ),
    removed: "The access was removed.",
    may_at: Phrase::around("May, at ", ":"),
    may: "May:",
    since: "Since",
    last_used: "Last used",
    never: "never",
    revoke: "Remove access",
    revoke_means: "It is given nothing any more until you let it in again. What it was given last may go on working for a while, \
                   until it runs out.",
    revoke_yes: Phrase::around("Remove access of ", ""),

    one_moment: "One moment",
    being_sent: Phrase::around("You are being sent to ", "."),
    going_on: "If nothing happens, press the button.",
    go_on: "Continue",

    request_refused: "This request was refused",
    request_refused_means: Phrase::around(
        "",
        " asked for something that it cannot have, or in a way that is not allowed. It was given nothing.",
    ),
    user_refused: "You did not allow it",
    user_refused_means: Phrase::around("", " was given nothing."),
    may_go_back: Phrase::around("You may close this window. Only if you know the application, go on to ", "."),
    go_to_application: "Go on to the application",
    it_is_told: "There it is told why:",

    sign_out: "Sign out",
    sign_out_question: "Sign out?",
    sign_out_means: Phrase::around("You will have to sign in again to use applications with ", "."),
    stay: "Stay signed in",
    signed_out: "You are signed out",
    signed_out_means: "You may close this window.",

    back_to: Phrase::around("Back to ", ""),
    reference: "If you ask for help, quote this reference:",
    client_unknown: Trouble {
        title: "This application is not known here",
        advice: "The application that sent you here is not known, or not allowed to any more, so nothing was given to it. Go \
                 back to it and try again; if that does not help, close this window and tell the people who run it.",
    },
    redirect_uri_mismatch: Trouble {
        title: "The way back is not known",
        advice: "The application asked to have you sent to an address that it has not registered, so you stay here. Tell the \
                 people who run it; nothing was given to it.",
    },
    interaction_over: Trouble {
        title: "This page has expired",
        advice: "It was answered already, left for too long, or opened in another browser. Go back to the application and \
                 start again.",
    },
    no_cookies: Trouble {
        title: "Your browser keeps no cookies for this site",
        advice: "It was given one a moment ago and did not show it, and without it you cannot be known again. Allow cookies for \
                 this site, or open the link in the browser in which you began; then go back to the application and start \
                 again. Over a plain http address no browser may keep them.",
    },
    cross_site: Trouble {
        title: "This did not come from our page",
        advice: "Another site may have tried to act in your name, so nothing was done. Go back to the application and start \
                 again.",
    },
    nothing_here: Trouble {
        title: "There is no page here",
        advice: "Nothing can be seen at this address. Go back to where you came from, or to the application that you want to \
                 use.",
    },
    unreadable: Trouble {
        title: "This request cannot be read",
        advice: "Something is missing from it, or too much. Go back to where you came from and try again.",
    },
    unavailable: Trouble { title: "We cannot answer right now", advice: "Wait a moment, then load this page again." },
    too_many_requests: Trouble {
        title: "Too many requests came at once",
        advice: "More came lately than we answer, from where you are or for the same application. Wait a moment, then load \
                 this page again.",
    },
    fault: Trouble {
        title: "Something went wrong on our side",
        advice: "Go back to the application and try again. If it happens again, tell the people who run this site.",
    },

    day: |year, month, day| format!("{day} {month} {year}"),
    months: [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ],
};
