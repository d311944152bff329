//! Every address of the application, and what each needs, is called, and looks like in the navigation.

use contract::auth::Permission;
use yew::prelude::*;
use yew_router::prelude::*;

use crate::pages;

#[derive(Debug, Clone, PartialEq, Eq, Routable)]
pub enum Route {
    #[at("/")]
    Overview,
    #[at("/ask")]
    Ask,
    #[at("/ask/about")]
    AskAbout,
    #[at("/desktops")]
    Desktops,
    #[at("/desktops/:id")]
    Desktop { id: String },
    #[at("/costs")]
    Costs,
    #[at("/savings")]
    Savings,
    #[at("/savings/ledger")]
    Ledger,
    #[at("/savings/what-if")]
    WhatIf,
    #[at("/events")]
    Events,
    #[at("/events/calls")]
    EventCalls,
    #[at("/operations")]
    Operations,
    #[at("/operations/:id")]
    Operation { id: String },
    #[at("/changes")]
    Changes,
    #[at("/accounts")]
    Accounts,
    #[at("/reports")]
    Reports,
    #[at("/admin")]
    Admin,
    #[at("/admin/:tab")]
    AdminTab { tab: String },
    #[not_found]
    #[at("/not-found")]
    NotFound,
}

/// An entry of the navigation.
#[derive(Debug)]
pub struct Section {
    pub route: Route,
    pub label: &'static str,
    pub icon: &'static str,
    /// What one needs to see it.
    pub needs: Permission,
}

/// The navigation, in its order.
pub const SECTIONS: [Section; 11] = [
    Section {
        route: Route::Overview,
        label: "Overview",
        icon: "overview",
        needs: Permission::WorkspacesRead,
    },
    Section { route: Route::Ask, label: "Ask", icon: "ask", needs: Permission::QuestionsAsk },
    Section {
        route: Route::Desktops,
        label: "Desktops",
        icon: "desktops",
        needs: Permission::WorkspacesRead,
    },
    Section { route: Route::Costs, label: "Costs", icon: "costs", needs: Permission::BillingRead },
    Section { route: Route::Savings, label: "Savings", icon: "savings", needs: Permission::WorkspacesRead },
    Section { route: Route::Events, label: "Events", icon: "events", needs: Permission::WorkspacesRead },
    Section { route: Route::Changes, label: "Changes", icon: "changes", needs: Permission::WorkspacesRead },
    Section {
        route: Route::Operations,
        label: "Operations",
        icon: "operations",
        needs: Permission::OperationsRead,
    },
    Section { route: Route::Accounts, label: "Accounts", icon: "accounts", needs: Permission::AccountsRead },
    Section { route: Route::Reports, label: "Reports", icon: "reports", needs: Permission::ReportsMake },
    Section { route: Route::Admin, label: "Admin", icon: "admin", needs: Permission::UsersManage },
];

impl Route {
    /// The route of the navigation that this one belongs to.
    #[must_use]
    pub fn section(&self) -> Route {
        match self {
            Route::Desktop { .. } => Route::Desktops,
            Route::AskAbout => Route::Ask,
            Route::Ledger | Route::WhatIf => Route::Savings,
            Route::EventCalls => Route::Events,
            Route::Operation { .. } => Route::Operations,
            Route::AdminTab { .. } => Route::Admin,
            other => other.clone(),
        }
    }

    /// What one needs to see it; `None` for everybody.
    #[must_use]
    pub fn needs(&self) -> Option<Permission> {
        let section = self.section();
        SECTIONS.iter().find(|it| it.route == section).map(|it| it.needs)
    }

    /// The title of the page.
    #[must_use]
    pub fn title(&self) -> String {
        if let Route::Desktop { id } | Route::Operation { id } = self {
            return id.clone();
        }
        let section = self.section();
        SECTIONS.iter().find(|it| it.route == section).map_or("Not found", |it| it.label).to_owned()
    }
}

/// The page at an address.
pub fn switch(route: Route) -> Html {
    match route {
        Route::Overview => html! { <pages::overview::OverviewPage /> },
        Route::Ask => html! { <pages::ask::AskPage /> },
        Route::AskAbout => html! { <pages::ask::AboutPage /> },
        Route::Desktops => html! { <pages::desktops::DesktopsPage /> },
        Route::Desktop { id } => html! { <pages::desktops::DesktopPage key={id.clone()} id={id.clone()} /> },
        Route::Costs => html! { <pages::costs::CostsPage /> },
        Route::Savings => html! { <pages::savings::SavingsPage /> },
        Route::Ledger => html! { <pages::savings::LedgerPage /> },
        Route::WhatIf => html! { <pages::savings::WhatIfPage /> },
        Route::Events => html! { <pages::events::ActionsPage /> },
        Route::EventCalls => html! { <pages::events::CallsPage /> },
        Route::Operations => html! { <pages::operations::OperationsPage /> },
        Route::Operation { id } => {
            html! { <pages::operations::OperationPage key={id.clone()} id={id.clone()} /> }
        }
        Route::Changes => html! { <pages::changes::ChangesPage /> },
        Route::Accounts => html! { <pages::accounts::AccountsPage /> },
        Route::Reports => html! { <pages::reports::ReportsPage /> },
        Route::Admin => html! { <pages::admin::AdminPage tab="users" /> },
        Route::AdminTab { tab } => html! { <pages::admin::AdminPage {tab} /> },
        Route::NotFound => html! { <pages::not_found::NotFoundPage /> },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_page_but_the_missing_one_needs_a_permission() {
        for path in [
            "/",
            "/ask",
            "/desktops",
            "/desktops/ws-1",
            "/costs",
            "/savings",
            "/savings/ledger",
            "/savings/what-if",
            "/events",
            "/events/calls",
            "/operations",
            "/operations/7",
            "/changes",
            "/accounts",
            "/reports",
            "/admin/jobs",
        ] {
            let route = Route::recognize(path).unwrap();
            assert!(route.needs().is_some(), "{path}");
            assert_eq!(route.to_path(), path);
        }
        assert_eq!(Route::recognize("/nothing").unwrap(), Route::NotFound);
    }
}
