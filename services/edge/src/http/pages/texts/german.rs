//! German.

use super::{Phrase, Texts, Trouble};

pub(super) const TEXTS: Texts = Texts {
    lang: "de",

    sign_in: "Anmelden",
    sign_in_for: Phrase::around("weiter zu ", ""),
    email: "E-Mail-Adresse",
    password: "Passwort",
    sign_in_refused: "Diese E-Mail-Adresse und dieses Passwort gehören nicht zusammen. Prüfen Sie beides und versuchen Sie \
                      es noch einmal.",
    too_many_attempts: "Das waren zu viele Versuche. Warten Sie eine Weile und versuchen Sie es dann noch einmal.",

    consent_title: Phrase::around("Darf ", " für Sie handeln?"),
    by_owner: Phrase::around("von ", ""),
    third_party: Phrase::around("", " betreibt diese Anwendung nicht und bürgt nicht für sie."),
    registered_itself: Phrase::around("Diese Anwendung hat sich selbst eingetragen; niemand bei ", " hat sie geprüft."),
    first_party: Phrase::around("Eine Anwendung von ", "."),
    wants_at: Phrase::around("Bei ", " könnte sie dann:"),
    wants: "Sie könnte dann:",
    nothing_new: "Sie bittet um nichts, was Sie nicht schon erlaubt haben.",
    optional: "Das können Sie weglassen:",
    granted: "Das haben Sie schon erlaubt:",
    asked_each_time: "Sie werden jedes Mal gefragt, denn ein anderes Programm auf diesem Gerät könnte sich als diese Anwendung \
                      ausgeben. Machen Sie nur weiter, wenn Sie sie gerade selbst gestartet haben.",
    goes_next: Phrase::around("Wie Sie auch antworten: Ihr Browser geht danach zu ", "."),
    goes_next_if_allowed: Phrase::around("Wenn Sie es erlauben, geht Ihr Browser danach zu ", "."),
    changed: "Worum Sie gebeten werden, hat sich geändert, seit Sie diese Seite geöffnet haben. Bitte lesen Sie es noch einmal.",
    on_device: "einer Anwendung auf diesem Gerät",
    taken_back: Phrase::around("Sie können das jederzeit zurücknehmen unter ", "."),
    signed_in_as: Phrase::around("Angemeldet als ", ""),
    not_you: "Nicht Sie?",
    allow: "Erlauben",
    refuse: "Ablehnen",
    about: "Über diese Anwendung",
    privacy: "Datenschutzerklärung der Anwendung",
    terms: "Nutzungsbedingungen der Anwendung",
    scope_openid: "Wissen, dass Sie es sind",
    scope_profile: "Ihren Namen sehen",
    scope_email: "Ihre E-Mail-Adresse sehen",
    scope_offline_access: "Weiterarbeiten, während Sie sie nicht benutzen",

    applications: "Anwendungen mit Zugriff",
    applications_intro: "Diese Anwendungen dürfen für Sie handeln. Zugriff, den Sie entziehen, endet sofort; die Anwendung muss ihn neu erhalten.",
    applications_none: "Keine Anwendung hat Zugriff.",
    application_gone: "Eine Anwendung, die es nicht mehr gibt",
    third_party_mark: "Fremde Anwendung",
    registered_itself_mark: "Selbst eingetragen",
    stopped: Phrase::around("", " hat diese Anwendung gesperrt: Sie bekommt nichts mehr, solange das so bleibt."),
    removed: "Der Zugriff wurde entzogen.",
    may_at: Phrase::around("Darf, bei ", ":"),
    may: "Darf:",
    since: "Seit",
    last_used: "Zuletzt benutzt",
    never: "nie",
    revoke: "Zugriff entziehen",
    revoke_means: "Sie bekommt nichts mehr, bis Sie sie wieder zulassen. Was sie zuletzt bekommen hat, kann noch eine Weile gelten, \
                   bis es abläuft.",
    revoke_yes: Phrase::around("Zugriff entziehen: ", ""),

    one_moment: "Einen Augenblick",
    being_sent: Phrase::around("Sie werden weitergeleitet zu ", "."),
    going_on: "Wenn nichts geschieht, drücken Sie den Knopf.",
    go_on: "Weiter",

    request_refused: "Diese Anfrage wurde abgelehnt",
    request_refused_means: Phrase::around(
        "",
        " hat um etwas gebeten, was sie nicht haben kann, oder auf eine Weise, die nicht erlaubt ist. Sie hat nichts bekommen.",
    ),
    user_refused: "Sie haben es nicht erlaubt",
    user_refused_means: Phrase::around("", " hat nichts bekommen."),
    may_go_back: Phrase::around(
        "Sie können dieses Fenster schließen. Nur wenn Sie die Anwendung kennen, gehen Sie weiter zu ",
        ".",
    ),
    go_to_application: "Weiter zur Anwendung",
    it_is_told: "Dort erfährt sie den Grund:",

    sign_out: "Abmelden",
    sign_out_question: "Abmelden?",
    sign_out_means: Phrase::around("Um Anwendungen mit ", " zu benutzen, müssen Sie sich dann neu anmelden."),
    stay: "Angemeldet bleiben",
    signed_out: "Sie sind abgemeldet",
    signed_out_means: "Sie können dieses Fenster schließen.",

    back_to: Phrase::around("Zurück zu ", ""),
    reference: "Wenn Sie um Hilfe bitten, nennen Sie diese Kennung:",
    client_unknown: Trouble {
        title: "Diese Anwendung ist hier nicht bekannt",
        advice: "Die Anwendung, von der Sie kommen, ist nicht bekannt oder nicht mehr zugelassen; darum hat sie nichts bekommen. \
                 Gehen Sie zurück und versuchen Sie es noch einmal; hilft das nicht, schließen Sie dieses Fenster und sagen \
                 Sie es denen, die sie betreiben.",
    },
    redirect_uri_mismatch: Trouble {
        title: "Der Rückweg ist nicht bekannt",
        advice: "Die Anwendung wollte Sie an eine Adresse schicken lassen, die sie nicht eingetragen hat; darum bleiben Sie \
                 hier. Sagen Sie es denen, die sie betreiben; sie hat nichts bekommen.",
    },
    interaction_over: Trouble {
        title: "Diese Seite ist abgelaufen",
        advice: "Sie wurde schon beantwortet, lag zu lange offen oder stammt aus einem anderen Browser. Gehen Sie zurück zur \
                 Anwendung und beginnen Sie von vorn.",
    },
    no_cookies: Trouble {
        title: "Ihr Browser behält keine Cookies für diese Website",
        advice: "Er hat gerade eines bekommen und nicht vorgezeigt; ohne das erkennen wir Sie nicht wieder. Erlauben Sie Cookies \
                 für diese Website, oder öffnen Sie den Link in dem Browser, in dem Sie begonnen haben; gehen Sie dann zurück \
                 zur Anwendung und beginnen Sie von vorn. Über eine einfache http-Adresse darf kein Browser sie behalten.",
    },
    cross_site: Trouble {
        title: "Das kam nicht von unserer Seite",
        advice: "Vielleicht wollte eine andere Website in Ihrem Namen handeln; darum ist nichts geschehen. Gehen Sie zurück \
                 zur Anwendung und beginnen Sie von vorn.",
    },
    nothing_here: Trouble {
        title: "Hier ist keine Seite",
        advice: "Unter dieser Adresse ist nichts zu sehen. Gehen Sie dorthin zurück, woher Sie kamen, oder zu der Anwendung, die \
                 Sie benutzen möchten.",
    },
    unreadable: Trouble {
        title: "Diese Anfrage ist nicht lesbar",
        advice: "Darin fehlt etwas, oder es ist zu viel. Gehen Sie dorthin zurück, woher Sie kamen, und versuchen Sie es \
                 noch einmal.",
    },
    unavailable: Trouble {
        title: "Wir können gerade nicht antworten",
        advice: "Warten Sie einen Augenblick und laden Sie diese Seite neu.",
    },
    too_many_requests: Trouble {
        title: "Es kamen zu viele Anfragen auf einmal",
        advice: "In letzter Zeit kamen von dort, wo Sie sind, oder für dieselbe Anwendung mehr, als wir beantworten. Warten Sie \
                 einen Augenblick und laden Sie diese Seite neu.",
    },
    fault: Trouble {
        title: "Bei uns ist etwas schiefgegangen",
        advice: "Gehen Sie zurück zur Anwendung und versuchen Sie es noch einmal. Geschieht es wieder, sagen Sie es denen, \
                 die diese Website betreiben.",
    },

    day: |year, month, day| format!("{day}. {month} {year}"),
    months: [
        "Januar",
        "Februar",
        "März",
        "April",
        "Mai",
        "Juni",
        "Juli",
        "August",
        "September",
        "Oktober",
        "November",
        "Dezember",
    ],
};
