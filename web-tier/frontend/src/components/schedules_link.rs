//! The way to the schedules, for those who may change them; for the others, whom to ask.

use contract::auth::Permission;
use yew::prelude::*;

use super::link::Go;
use crate::{routes::Route, session::use_session};

/// See the module.
#[component]
pub fn SchedulesLink() -> Html {
    if !use_session().may(Permission::ConfigManage) {
        return html! { <p class="text-muted">{ "Ask an administrator." }</p> };
    }
    let to = Route::AdminTab { tab: "schedules".to_owned() };
    html! { <Go {to} class="btn btn-sm" testid="to-schedules">{ "Admin → Schedules" }</Go> }
}
