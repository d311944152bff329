//! Every page in both themes, wide and narrow: nothing that axe calls serious, nothing wider than the window, no
//! complaint in the console. Leaves a picture of each look in the download folder.

use e2e::{Person, Rules, Stack, View};

/// Each look changes as little as can be from the one before it, and is audited for what that can have broken.
const VIEWS: [(View, Option<Rules>); 4] = [
    (View { name: "wide-light", width: 1440, height: 900, dark: false }, Some(Rules::All)),
    (View { name: "wide-dark", width: 1440, height: 900, dark: true }, Some(Rules::Contrast)),
    (View { name: "narrow-dark", width: 390, height: 844, dark: true }, None),
    (View { name: "narrow-light", width: 390, height: 844, dark: false }, Some(Rules::All)),
];

/// A page, what is pressed there, and what tells that it is there.
struct Page {
    name: &'static str,
    path: &'static str,
    presses: &'static [&'static str],
    shows: &'static str,
}

const fn page(name: &'static str, path: &'static str, shows: &'static str) -> Page {
    Page { name, path, presses: &[], shows }
}

const PAGES: [Page; 42] = [
    page("overview", "/", "[data-testid=freshness]"),
    page("desktops", "/desktops?state=STOPPED&limit=25", "[data-testid=desktops-table] td"),
    page("desktops-none", "/desktops?q=nobody-at-all", "[data-testid=empty]"),
    // The first desktop of the list, with what AWS's metrics tell of its use, if they were read by now.
    Page {
        name: "desktop",
        path: "/desktops?state=AVAILABLE&account_id=111111111111&limit=25",
        presses: &["desktop-link"],
        shows: "[data-testid=usage-sessions] .lane-track, [data-testid=usage-silent], [data-testid=usage] [data-testid=empty]",
    },
    Page {
        name: "desktop-act",
        path: "/desktops?state=AVAILABLE&account_id=111111111111&limit=25",
        presses: &["desktop-link", "act-reboot"],
        shows: "[data-testid=preview]",
    },
    Page {
        name: "desktop-terminate",
        path: "/desktops?state=AVAILABLE&account_id=111111111111&limit=25",
        presses: &["desktop-link", "act-menu", "act-terminate"],
        shows: "[data-testid=preview]",
    },
    Page {
        name: "desktop-mode",
        path: "/desktops?state=AVAILABLE&account_id=111111111111&limit=25",
        presses: &["desktop-link", "act-menu", "act-set_running_mode"],
        shows: "[data-testid=act-mode]",
    },
    page("costs", "/costs", "[data-testid=asking]"),
    page("costs-days", "/costs?by=day&group_by=region", "[data-testid=asking]"),
    page("ledger", "/savings/ledger", "[data-testid=ledger-table] td, [data-testid=empty]"),
    page("what-if", "/savings/what-if", "[data-testid=what-if]"),
    page("events", "/events?days=90", "[data-testid=actions-table] td, [data-testid=empty]"),
    page("events-calls", "/events/calls?limit=25", "[data-testid=events-table] td, [data-testid=empty]"),
    page("events-none", "/events/calls?actor=nobody-at-all", "[data-testid=empty]"),
    page("operations", "/operations", "[data-testid=operations-table] td, [data-testid=empty]"),
    page("savings", "/savings", "[data-testid=savings-table] td, [data-testid=empty]"),
    page("savings-none", "/savings?user_name=nobody-at-all", "[data-testid=empty]"),
    page("changes", "/changes?limit=25", "[data-testid=changes-table] td"),
    page("ask", "/ask", "[data-testid=suggestion]"),
    page("ask-figure", "/ask?q=How+many+AlwaysOn+desktops%3F", "[data-testid=answer-figure]"),
    page("ask-chart", "/ask?q=How+many+desktops+by+region+and+state%3F", "[data-testid=answer-chart]"),
    page("ask-about", "/ask/about?of=billing", "[data-testid=about-table] td"),
    page("ask-asked-back", "/ask?q=desktops+with+more+than+100+GB", "[data-testid=reading]"),
    page("ask-share", "/ask?q=share+of+cost+by+service", "[data-testid=answer]"),
    Page {
        name: "ask-keep",
        path: "/ask?q=How+many+AlwaysOn+desktops%3F",
        presses: &["view-keep"],
        shows: "[data-testid=view-save]",
    },
    page("ask-refused", "/ask?q=delete+all+desktops", "[data-testid=answer-refused]"),
    page("accounts", "/accounts", "[data-testid=accounts-table] td"),
    Page {
        name: "accounts-new",
        path: "/accounts",
        presses: &["account-new", "account-save"],
        shows: ".field-error",
    },
    Page {
        name: "accounts-access",
        path: "/accounts",
        presses: &["account-test"],
        shows: "[data-testid=access-report] .status",
    },
    page("reports", "/reports", "[data-testid=reports-table] td, [data-testid=empty]"),
    page("users", "/admin/users", "[data-testid=users-table] td"),
    Page {
        name: "users-new",
        path: "/admin/users",
        presses: &["user-new", "user-save"],
        shows: ".field-error",
    },
    page("config", "/admin/config", "[data-testid=config-form]"),
    page("synonyms", "/admin/synonyms", "[data-testid=synonym-form]"),
    page("evaluation", "/admin/evaluation", "[data-testid=evaluate]"),
    page("schedules", "/admin/schedules", "[data-testid=schedules-table] td"),
    page("jobs", "/admin/jobs?limit=25", "[data-testid=jobs-table] td"),
    page("audit", "/admin/audit?limit=25", "[data-testid=audit-table] td"),
    page("statistics", "/admin/statistics", "[data-testid=statistics]"),
    Page {
        name: "palette",
        path: "/reports",
        presses: &["open-palette"],
        shows: "[data-testid=palette-input]",
    },
    Page { name: "menu", path: "/reports", presses: &["user-menu"], shows: "[data-testid=sign-out]" },
    page("nothing", "/no/such/page", "[data-testid=empty]"),
];

#[tokio::test]
async fn every_page_can_be_read_by_everybody_at_every_size() -> anyhow::Result<()> {
    let person = Person::arrive(Stack::from_env()?).await?;
    let outcome = tour(&person).await;
    if outcome.is_err() {
        person.photographs("pages-failed").await?;
    }
    person.leaves().await?;
    outcome
}

async fn tour(person: &Person) -> anyhow::Result<()> {
    let mut wrong = Vec::new();
    person.go("/").await?;
    person.settles("[data-testid=login-submit]").await?;
    look_at(person, "sign-in", &mut wrong).await?;
    // That nobody is signed in yet is asked by a call that is refused.
    person.complaints().await?;

    person.looks(VIEWS[0].0).await?;
    person.signs_in().await?;
    person.syncs().await?;
    person.complaints().await?;
    for page in PAGES {
        person.looks(VIEWS[0].0).await?;
        person.go(page.path).await?;
        for id in page.presses {
            person.presses(id).await?;
        }
        person.settles(page.shows).await?;
        look_at(person, page.name, &mut wrong).await?;
        for complaint in person.complaints().await? {
            wrong.push(format!("{}: the console says: {complaint}", page.name));
        }
    }

    // Swagger's own pages: not ours to make accessible, but under our policy they have to work.
    person.looks(VIEWS[0].0).await?;
    person.go("/api/docs/").await?;
    person.settles(".swagger-ui .opblock").await?;
    person.photographs("docs").await?;
    for complaint in person.complaints().await? {
        wrong.push(format!("docs: the console says: {complaint}"));
    }
    anyhow::ensure!(wrong.is_empty(), "{} findings:\n{}", wrong.len(), wrong.join("\n"));
    Ok(())
}

async fn look_at(person: &Person, name: &str, wrong: &mut Vec<String>) -> anyhow::Result<()> {
    for (view, rules) in VIEWS {
        person.looks(view).await?;
        person.photographs(&format!("{name}-{}", view.name)).await?;
        let overflow = person.overflow().await?;
        if overflow > 0 {
            wrong.push(format!("{name} {}: {overflow} pixels wider than the window", view.name));
        }
        let Some(rules) = rules else { continue };
        for finding in person.audits(rules).await? {
            if finding.is_serious() {
                wrong.push(format!("{name} {}: {} {:#?}", view.name, finding.id, finding.nodes));
            }
        }
    }
    Ok(())
}
